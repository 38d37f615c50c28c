//! Bid bonds and reservations: when they end (R30, columns one and two).

use super::scene::{Scene, Verdict, cause, concluded_at};
use crate::{
    bond::{BondKind, BondState, BondTerms, Rule},
    procurement::{AwardState, Scope, TenderOutcome},
    rules::ReleaseLosers,
};

/// What the case says of a bid-stage bond: it ends when all its scopes have ended for it.
pub(crate) fn verdict(scene: &Scene<'_>, terms: &BondTerms) -> Verdict {
    let verdicts = scene
        .scopes_of_bond(terms)
        .into_iter()
        .map(|scope| in_scope(scene, terms, &scope));
    verdicts.reduce(stricter).unwrap_or(Verdict::Keep)
}

/// Keeping goes before freezing, freezing before ending; of two ends, the later one.
fn stricter(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Keep, _) | (_, Verdict::Keep) => Verdict::Keep,
        (Verdict::Freeze(cause), _) | (_, Verdict::Freeze(cause)) => Verdict::Freeze(cause),
        (Verdict::End(state, one), Verdict::End(_, other)) if one.at >= other.at => {
            Verdict::End(state, one)
        }
        (_, later) => later,
    }
}

fn in_scope(scene: &Scene<'_>, terms: &BondTerms, scope: &Scope) -> Verdict {
    declined(scene, terms, scope)
        .or_else(|| contracted(scene, terms, scope))
        .or_else(|| ended_without_award(scene, scope))
        .or_else(|| lost_at_award(scene, terms, scope))
        .unwrap_or(Verdict::Keep)
}

/// The winner refuses to sign: a forfeitable bond may be claimed, a reservation never is (b.2).
fn declined(scene: &Scene<'_>, terms: &BondTerms, scope: &Scope) -> Option<Verdict> {
    let stamp = scene.award_of(&terms.principal, scope, AwardState::Declined)?;
    if scene
        .award_of(&terms.principal, scope, AwardState::Decided)
        .is_some_and(|won| won > stamp)
    {
        return None;
    }
    let cause = cause(Rule::AwardDeclined, stamp);
    let claimable = terms.kind == BondKind::Bid && terms.forfeitable;
    Some(if claimable {
        Verdict::Freeze(cause)
    } else {
        Verdict::End(BondState::Released, cause)
    })
}

/// A contract is concluded: the winner's bid bond ends, its reservation is converted, and whoever has
/// no award of its own in this scope has lost.
fn contracted(scene: &Scene<'_>, terms: &BondTerms, scope: &Scope) -> Option<Verdict> {
    let mut lost = None;
    for (_, file, concluded) in scene.concluded() {
        if !scene.contract_covers(&concluded.value, scope) {
            continue;
        }
        let stamp = concluded_at(file, concluded);
        match scene.contractor_of(&concluded.value) {
            Some(winner) if *winner == terms.principal => return Some(won(terms.kind, stamp)),
            Some(_) => lost = lost.max(Some(stamp)),
            None => {}
        }
    }
    let own = scene.award_of(&terms.principal, scope, AwardState::Decided);
    lost.filter(|_| own.is_none())
        .map(|stamp| Verdict::End(BondState::Released, cause(Rule::AwardedToAnother, stamp)))
}

fn won(kind: BondKind, stamp: &crate::event::Stamp) -> Verdict {
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
    let own = |state| scene.award_of(&terms.principal, scope, state).is_some();
    if own(AwardState::Decided) || own(AwardState::Pending) {
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
