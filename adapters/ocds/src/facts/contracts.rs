//! Contracts: concluded, with which price and period, and how they ended.

use bondhub_core::{
    calendar::Period,
    event::Rejection,
    identifier::{AwardId, ContractId, PartyCode},
    money::Money,
    procurement::{Fact, Terms},
};

use super::{Facts, Release, ending};
use crate::{amount, node::Node};

/// Change 0: the terms a contract was concluded with.
const CONCLUSION: &str = "0";

pub(super) fn facts(release: &Release<'_>) -> Facts {
    let contracts = release.root.objects("contracts")?;
    let mut facts = Vec::new();
    for contract in &contracts {
        if is_in_force_or_ended(contract) {
            facts.extend(contract_facts(release, contract, contracts.len() == 1)?);
        }
    }
    Ok(facts)
}

/// A proposed contract, one cancelled before it was signed, and a status this hub does not know
/// teach nothing; a release about a known contract may leave the status out.
fn is_in_force_or_ended(contract: &Node<'_>) -> bool {
    matches!(
        contract.text("status"),
        None | Some("active" | "terminated")
    )
}

fn contract_facts(release: &Release<'_>, contract: &Node<'_>, alone: bool) -> Facts {
    let id = contract.required_id(ContractId::parse)?;
    let terms = terms(contract)?;
    let mut facts = Vec::new();
    if is_concluded(contract) {
        facts.push(conclusion(release, contract, &id)?);
    }
    facts.extend(ending::end(release, contract, &terms, alone)?.map(|how| {
        let contract = id.clone();
        Fact::ContractEnded { contract, how }
    }));
    if terms.amount.is_some() || terms.period.is_some() {
        let change = change(release, contract)?;
        let told = Fact::Terms {
            contract: id,
            change,
            terms,
        };
        facts.insert(usize::from(is_concluded(contract)), told);
    }
    Ok(facts)
}

/// Signed: by its status, or by the day of its signature where the status is left out.
fn is_concluded(contract: &Node<'_>) -> bool {
    contract.text("status").is_some() || contract.text("dateSigned").is_some()
}

fn conclusion(
    release: &Release<'_>,
    contract: &Node<'_>,
    id: &ContractId,
) -> Result<Fact, Rejection> {
    let award = contract.reference("awardID", AwardId::parse);
    let contractor = match super::sole_supplier(release, contract)? {
        None => awarded(release, award.as_ref())?,
        own => own,
    };
    Ok(Fact::Contract {
        contract: id.clone(),
        award,
        lots: super::related_lots(contract),
        contractor,
        guarantee: None,
    })
}

/// The supplier of the contract's award, where the release tells the award too.
fn awarded(release: &Release<'_>, award: Option<&AwardId>) -> Result<Option<PartyCode>, Rejection> {
    let Some(award) = award else {
        return Ok(None);
    };
    let awards = release.root.objects("awards")?;
    awards
        .iter()
        .find(|one| one.id(AwardId::parse).as_ref() == Some(award))
        .map_or(Ok(None), |award| super::sole_supplier(release, award))
}

fn terms(contract: &Node<'_>) -> Result<Terms, Rejection> {
    Ok(Terms {
        amount: price(contract)?,
        period: period(contract)?,
        signed_at: contract.day("dateSigned")?,
    })
}

fn price(contract: &Node<'_>) -> Result<Option<Money>, Rejection> {
    contract
        .object("value")?
        .map_or(Ok(None), |value| amount::money(&value))
}

/// Both ends are needed; a release with one of them tells no period.
fn period(contract: &Node<'_>) -> Result<Option<Period>, Rejection> {
    let Some(period) = contract.object("period")? else {
        return Ok(None);
    };
    let (from, to) = (period.day("startDate")?, period.day("endDate")?);
    from.zip(to)
        .map(|(from, to)| Period::new(from, to).map_err(|error| period.refuse(error.to_string())))
        .transpose()
}

/// The name of the change: its latest amendment, or else the release, unless it is the conclusion.
fn change(release: &Release<'_>, contract: &Node<'_>) -> Result<String, Rejection> {
    let amendments = contract.objects("amendments")?;
    let latest = amendments.iter().max_by_key(|one| one.text("date"));
    let named =
        latest.and_then(|one| one.id(|id| bondhub_core::identifier::check(id).map(str::to_owned)));
    if let Some(name) = named {
        return Ok(name);
    }
    if latest.is_none() && release.is_tagged("contract") {
        return Ok(CONCLUSION.to_owned());
    }
    release
        .root
        .required_id(|id| bondhub_core::identifier::check(id).map(str::to_owned))
}
