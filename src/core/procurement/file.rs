//! The case file: registers of facts beside what was carried out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AwardState, Carried, ContractEnd, Lot, OpeningHistory, Register, Scope, TenderOutcome, Terms,
    register::newer,
};
use crate::{
    bond::BondTerms,
    calendar::{Period, Timestamp},
    document::ClaimOutcome,
    event::Stamp,
    identifier::{AwardId, BondId, ContractId, LotId, PartyCode, ProcurementId},
    matching::Discrepancy,
    money::Money,
    party::Role,
    rules::{Guarantee, RuleOverride},
};

/// A procurement case: what is known of it, and what the hub has done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CaseFile {
    /// Its id.
    pub id: ProcurementId,
    /// The owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Register<PartyCode>>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Register<String>>,
    /// The lots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lots: Option<Register<Vec<Lot>>>,
    /// What bidders must hand in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bid_guarantee: Option<Register<Guarantee>>,
    /// The failed procedure before this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<Register<ProcurementId>>,
    /// Everything announced of openings, re-bids too, and what was confirmed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub opening_history: BTreeMap<Scope, OpeningHistory>,
    /// What differs from the installation's and the owner's rules for this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_rules: Option<Register<RuleOverride>>,
    /// Every such difference that was told, by business time: what a contract asked for then was asked by it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules_told: Vec<Register<RuleOverride>>,
    /// Ends without award.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<Scope, OutcomeFact>,
    /// Openings that took place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub opened: BTreeMap<Scope, Register<Timestamp>>,
    /// Re-bids.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rebids: BTreeMap<Scope, RebidFact>,
    /// Bids, by contractor and scope.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bids: BTreeMap<PartyCode, BTreeMap<Scope, Register<BidFact>>>,
    /// Awards.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub awards: BTreeMap<AwardId, AwardFact>,
    /// Contracts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contracts: BTreeMap<ContractId, ContractFile>,
    /// What is known of each bond.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bonds: BTreeMap<BondId, BondFile>,
    /// What the hub has carried out.
    pub carried: Carried,
}

/// How a tender or lot ended.
pub type OutcomeFact = Register<TenderOutcome>;
/// The latest re-bid: its round and opening time.
pub type RebidFact = Register<(u32, Timestamp)>;
/// How a contract ended.
pub type EndFact = Register<ContractEnd>;

/// A bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BidFact {
    /// The bonds it names; empty means all the contractor has for the scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonds: Vec<BondId>,
    /// The price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// An award: who and what for are told once, the state changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AwardFact {
    /// To whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contractor: Option<Register<PartyCode>>,
    /// The lots; empty is the whole tender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lots: Option<Register<Vec<LotId>>>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Register<AwardState>>,
}

/// What a contract was concluded with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractFact {
    /// The award it comes of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub award: Option<AwardId>,
    /// The lots; empty is what the award covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<LotId>,
    /// With whom; none leaves it to the award.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contractor: Option<PartyCode>,
    /// What must be guaranteed; none leaves it to the rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guarantee: Option<Guarantee>,
}

/// A contract and its changes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContractFile {
    /// The conclusion; none while only changes or the end are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concluded: Option<Register<ContractFact>>,
    /// Everything that was said of price and period, by business time.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "told_terms"
    )]
    pub terms: Vec<Register<ToldTerms>>,
    /// What the conclusion said must be guaranteed, each time it was told, by business time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guarantees: Vec<Register<Option<Guarantee>>>,
    /// The end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndFact>,
}

/// What was said of a contract's price and period. A change that is told again, corrected, does not undo what was said
/// before: a bond may have been raised after it, and nothing is lowered but by a signed document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldTerms {
    /// Number or name of the change.
    pub change: String,
    /// Its price and period.
    #[serde(flatten)]
    pub terms: Terms,
}

/// What one signed document said of amount and period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedTerms {
    /// When it was signed, and by which document.
    pub stamp: Stamp,
    /// The amount.
    pub amount: Money,
    /// The period.
    pub period: Period,
}

/// What is known of a bond from its issuer and from people.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BondFile {
    /// The newest terms the issuer signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<Register<BondTerms>>,
    /// Every document with terms, by when it was signed: what the ledger's past is read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<SignedTerms>,
    /// The registration's digest, once there was one: a second, different one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Register<()>>,
    /// The issuer deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Register<()>>,
    /// The issuer settled a claim window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Register<ClaimOutcome>>,
    /// The contractor handed it over by its own act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<Register<()>>,
    /// The owner agrees to a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_consents: Option<Register<()>>,
    /// The last revocation by hand, by role: whether a new key follows, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub revocations: BTreeMap<Role, Register<(bool, String)>>,
    /// The last key taken by hand, by role: a revocation with the same stamp goes with it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub by_hand: BTreeMap<Role, Register<()>>,
    /// The newest edition of a key that its issuer signed at its desk, by role. Editions only grow, and
    /// so does this: the order in which signatures come does not matter.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signatures: BTreeMap<Role, u32>,
    /// Findings of the match that a person waived, by their code (R7).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waivers: BTreeMap<String, Register<Waiver>>,
}

/// That a person waived a finding: this one, and no other that may come in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// What is waived.
    pub what: Discrepancy,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl CaseFile {
    /// An empty file for a case nothing is known of.
    pub fn new(id: ProcurementId) -> Self {
        Self {
            id,
            owner: None,
            title: None,
            lots: None,
            bid_guarantee: None,
            follows: None,
            opening_history: BTreeMap::new(),
            own_rules: None,
            rules_told: Vec::new(),
            outcomes: BTreeMap::new(),
            opened: BTreeMap::new(),
            rebids: BTreeMap::new(),
            bids: BTreeMap::new(),
            awards: BTreeMap::new(),
            contracts: BTreeMap::new(),
            bonds: BTreeMap::new(),
            carried: Carried::default(),
        }
    }

    /// The newer of what is known for the lot and for the whole tender.
    pub fn for_scope<'a, T>(
        &self,
        registers: &'a BTreeMap<Scope, Register<T>>,
        scope: &Scope,
    ) -> Option<&'a Register<T>> {
        let own = registers.get(scope);
        let whole = (*scope != Scope::Tender)
            .then(|| registers.get(&Scope::Tender))
            .flatten();
        newer(own, whole)
    }

    /// The scopes a bond for `lot` answers for: its lot, or each lot of the tender, or the tender.
    pub fn scopes_of(&self, lot: Option<&LotId>) -> Vec<Scope> {
        if let Some(lot) = lot {
            return vec![Scope::Lot(lot.clone())];
        }
        match self.lots.as_ref().map(|register| register.value.as_slice()) {
            None | Some([]) => vec![Scope::Tender],
            Some(lots) => lots.iter().map(|lot| Scope::Lot(lot.id.clone())).collect(),
        }
    }
}

/// Files that were stored before kept the newest word on each change only.
fn told_terms<'de, D: serde::Deserializer<'de>>(
    stored: D,
) -> Result<Vec<Register<ToldTerms>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Told(Vec<Register<ToldTerms>>),
        Newest(BTreeMap<String, Register<Terms>>),
    }
    let newest = match Stored::deserialize(stored)? {
        Stored::Told(told) => return Ok(told),
        Stored::Newest(newest) => newest,
    };
    let told = newest.into_iter().map(|(change, register)| Register {
        value: ToldTerms {
            change,
            terms: register.value,
        },
        stamp: register.stamp,
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by(|one, other| one.stamp.cmp(&other.stamp));
    Ok(told)
}

impl Default for CaseFile {
    /// Only for reading stored files: every stored file has an id.
    fn default() -> Self {
        Self::new(nameless())
    }
}

fn nameless() -> ProcurementId {
    ProcurementId::parse("?").unwrap_or_else(|_| unreachable!("a question mark is an identifier"))
}
