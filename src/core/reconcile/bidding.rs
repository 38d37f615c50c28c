//! Bid bonds and reservations: when they end (R30, columns one and two).

use super::{
    ending,
    scene::{Scene, Verdict, cause, concluded_at},
};
use crate::{
    bond::{BondKind, BondState, BondTerms, Rule},
    event::Stamp,
    identifier::PartyCode,
    procurement::{AwardState, BondFile, Scope, TenderOutcome},
    rules::ReleaseLosers,
};

/// What the case says of a bid-stage bond: it ends when all its scopes have ended for it, but a
/// claim in one of them concerns the whole bond.
pub(crate) fn verdict(scene: &Scene<'_>, file: &BondFile, terms: &BondTerms) -> Verdict {
    let verdicts = scene
        .scopes_of_bond(terms)
        .into_iter()
        .map(|scope| in_scope(scene, file, terms, &scope));
    verdicts.reduce(stricter).unwrap_or(Verdict::Keep)
}

/// A paid claim uses the bond up; an open one freezes it at once, lest it expire meanwhile; then
/// keeping goes before ending. Of two ends, the later one.
fn stricter(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::End(BondState::Claimed, _) => 3,
        Verdict::Freeze(_) => 2,
        Verdict::Keep => 1,
        Verdict::End(..) => 0,
    };
    if (rank(&one), one.at()) >= (rank(&other), other.at()) {
        one
    } else {
        other
    }
}

fn in_scope(scene: &Scene<'_>, file: &BondFile, terms: &BondTerms, scope: &Scope) -> Verdict {
    declined(scene, file, terms, scope)
        .or_else(|| contracted(scene, terms, scope))
        .or_else(|| ended_without_award(scene, scope))
        .or_else(|| lost_at_award(scene, terms, scope))
        .unwrap_or(Verdict::Keep)
}

/// The winner refuses to sign: a forfeitable bond may be claimed, a reservation never is (b.2). A later
/// award to it, or its contract, overtakes the refusal.
fn declined(
    scene: &Scene<'_>,
    file: &BondFile,
    terms: &BondTerms,
    scope: &Scope,
) -> Option<Verdict> {
    let stamp = scene.award_of(&terms.principal, scope, AwardState::Declined)?;
    let awarded = scene.award_of(&terms.principal, scope, AwardState::Decided);
    let signed = contract_with(scene, terms, scope);
    if awarded.max(signed) > Some(stamp) {
        return None;
    }
    let cause = cause(Rule::AwardDeclined, stamp);
    let claimable = terms.kind == BondKind::Bid && terms.forfeitable;
    Some(if claimable {
        ending::claim(scene, file, terms, cause)
    } else {
        Verdict::End(BondState::Released, cause)
    })
}

/// A contract is concluded: the winner's bid bond ends, its reservation is converted, and whoever has
/// no award of its own in this scope has lost.
fn contracted(scene: &Scene<'_>, terms: &BondTerms, scope: &Scope) -> Option<Verdict> {
    if let Some(stamp) = contract_with(scene, terms, scope) {
        return Some(won(terms.kind, stamp));
    }
    let lost = contracts_in(scene, scope).map(|(_, stamp)| stamp).max()?;
    (!has_award(scene, terms, scope))
        .then(|| Verdict::End(BondState::Released, cause(Rule::AwardedToAnother, lost)))
}

/// The bond's principal has an award in a scope, decided or on hold.
fn has_award(scene: &Scene<'_>, terms: &BondTerms, scope: &Scope) -> bool {
    [AwardState::Decided, AwardState::Pending]
        .into_iter()
        .any(|state| scene.award_of(&terms.principal, scope, state).is_some())
}

/// When the bond's principal concluded its contract in a scope.
fn contract_with<'a>(scene: &Scene<'a>, terms: &BondTerms, scope: &Scope) -> Option<&'a Stamp> {
    contracts_in(scene, scope)
        .filter(|(winner, _)| **winner == terms.principal)
        .map(|(_, stamp)| stamp)
        .min()
}

/// The contracts in a scope: with whom, and when they were concluded.
fn contracts_in<'a>(
    scene: &Scene<'a>,
    scope: &Scope,
) -> impl Iterator<Item = (&'a PartyCode, &'a Stamp)> {
    let covering = scene
        .concluded()
        .filter(|(_, _, concluded)| scene.contract_covers(&concluded.value, scope));
    covering.filter_map(|(_, file, concluded)| {
        let winner = scene.contractor_of(&concluded.value)?;
        Some((winner, concluded_at(file, concluded)))
    })
}

fn won(kind: BondKind, stamp: &Stamp) -> Verdict {
    let state = match kind {
        BondKind::PerformanceReservation => BondState::Converted,
        BondKind::Bid | BondKind::Performance => BondState::Released,
    };
    Verdict::End(state, cause(Rule::ContractConcluded, stamp))
}

fn ended_without_award(scene: &Scene<'_>, scope: &Scope) -> Option<Verdict> {
    let outcome = scene.file.for_scope(&scene.file.outcomes, scope)?;
    let rule = match outcome.value {
        TenderOutcome::Active => return None,
        TenderOutcome::Cancelled => Rule::TenderCancelled,
        TenderOutcome::Unsuccessful => Rule::NoAward,
    };
    Some(Verdict::End(
        BondState::Released,
        cause(rule, &outcome.stamp),
    ))
}

/// Only where the installation releases losers at the award already.
fn lost_at_award(scene: &Scene<'_>, terms: &BondTerms, scope: &Scope) -> Option<Verdict> {
    if scene.policy().release_losers != ReleaseLosers::AtAward {
        return None;
    }
    if has_award(scene, terms, scope) {
        return None;
    }
    let decided = scene
        .awards_in(scope, AwardState::Decided)
        .map(|(_, stamp)| stamp)
        .max()?;
    Some(Verdict::End(
        BondState::Released,
        cause(Rule::AwardedToAnother, decided),
    ))
}
