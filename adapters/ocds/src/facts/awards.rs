//! Awards: where each stands, and which lots ended without one.

use bondhub_core::{
    event::Rejection,
    identifier::{AwardId, LotId},
    procurement::{AwardState, Fact, Scope, TenderOutcome},
};

use super::{Facts, Release};
use crate::node::Node;

/// `known` is what the tender's part of the release taught: a status told there goes before.
pub(super) fn facts(release: &Release<'_>, known: &[Fact]) -> Facts {
    let awards = release.root.objects("awards")?;
    let mut facts = Vec::new();
    for award in &awards {
        if let Some(state) = state(release, award) {
            facts.push(award_fact(release, award, state)?);
        }
    }
    let failed = awards.iter().filter(|award| covers_all_it_names(award));
    for scope in failed.flat_map(|award| super::scopes(&super::related_lots(award))) {
        let told = is_told(known, &scope) || is_told(&facts, &scope);
        if !told && !has_other(&awards, &scope) && is_one_scope(release, &scope)? {
            let outcome = TenderOutcome::Unsuccessful;
            facts.push(Fact::Outcome { scope, outcome });
        }
    }
    Ok(facts)
}

/// An award without a state this hub knows teaches nothing.
fn state(release: &Release<'_>, award: &Node<'_>) -> Option<AwardState> {
    match award.text("status") {
        Some("pending") => Some(AwardState::Pending),
        Some("active") => Some(AwardState::Decided),
        Some("cancelled") => Some(AwardState::Cancelled),
        None if release.is_tagged("awardCancellation") => Some(AwardState::Cancelled),
        _ => None,
    }
}

fn award_fact(
    release: &Release<'_>,
    award: &Node<'_>,
    state: AwardState,
) -> Result<Fact, Rejection> {
    Ok(Fact::Award {
        award: award.required_id(AwardId::parse)?,
        lots: super::related_lots(award),
        contractor: super::sole_supplier(release, award)?,
        state,
    })
}

/// An unsuccessful award that is not narrowed to a supplier or to items of no lot told.
fn covers_all_it_names(award: &Node<'_>) -> bool {
    let lists = |name| {
        award
            .member(name)
            .and_then(|list| list.value().as_array().map(|list| !list.is_empty()))
    };
    let by_supplier = lists("suppliers") == Some(true);
    let by_items = lists("items") == Some(true) && super::related_lots(award).is_empty();
    award.text("status") == Some("unsuccessful") && !by_supplier && !by_items
}

fn is_told(facts: &[Fact], wanted: &Scope) -> bool {
    facts
        .iter()
        .any(|fact| matches!(fact, Fact::Outcome { scope, .. } if scope == wanted))
}

/// Whether another award of the release can still be for this scope.
fn has_other(awards: &[Node<'_>], scope: &Scope) -> bool {
    awards
        .iter()
        .filter(|award| !matches!(award.text("status"), Some("unsuccessful" | "cancelled")))
        .any(|award| overlaps(&super::related_lots(award), scope))
}

fn overlaps(lots: &[LotId], scope: &Scope) -> bool {
    match scope {
        Scope::Tender => true,
        Scope::Lot(lot) => lots.is_empty() || lots.contains(lot),
    }
}

/// An award that names no lot says nothing of a tender of several.
fn is_one_scope(release: &Release<'_>, scope: &Scope) -> Result<bool, Rejection> {
    if *scope != Scope::Tender {
        return Ok(true);
    }
    let Some(tender) = release.root.object("tender")? else {
        return Ok(true);
    };
    Ok(tender.objects("lots")?.len() < 2)
}
