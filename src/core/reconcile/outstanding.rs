//! What ought to stand in the ledger for each bond (R40), each yen once (R42).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{ending::Standing, ought::OughtBond, performance::Course, scene::Scene};
use crate::{
    bond::{BondKind, BondTerms},
    identifier::{BondId, LotId, PartyCode},
    liability::{self, Era, Posting, Standings, amount_on},
    matching::reservation_difference,
    money::Currency,
    procurement::{BondRecord, Step},
};

/// The steps of one bond by itself: from its first day, through each change, to its end.
///
/// A bond counts to the end of the day before it ends: released on a day, it is not outstanding that
/// evening; a last day of its period still counts in full.
pub(crate) fn steps(scene: &Scene<'_>, course: &Course, standing: &Standing) -> Vec<Step> {
    let currency = course.amount.currency();
    let changes = course.steps.iter().map(|(day, amount)| Step {
        day: *day,
        amount: amount.amount(),
        currency,
    });
    let end = standing.ended.map(|ended| scene.day(ended));
    until(end, tidy(changes.collect()), currency)
}

/// The steps up to a day from which on nothing counts, if there is one.
fn until(end: Option<NaiveDate>, mut steps: Vec<Step>, currency: Currency) -> Vec<Step> {
    if let Some(day) = end {
        steps.retain(|step| step.day < day);
        steps.push(Step {
            day,
            amount: 0,
            currency,
        });
    }
    tidy(steps)
}

/// In order of days, one step a day (the last said), without steps that change nothing.
fn tidy(steps: Vec<Step>) -> Vec<Step> {
    let by_day: BTreeMap<_, _> = steps.into_iter().map(|step| (step.day, step)).collect();
    let mut tidy: Vec<Step> = Vec::new();
    for step in by_day.into_values() {
        let before = tidy.last().map_or(0, |step| step.amount);
        if step.amount != before {
            tidy.push(step);
        }
    }
    tidy
}

/// A bond, what it counts for by itself, and what the ledger says of it if it has ended for good.
struct Counted<'a> {
    terms: &'a BondTerms,
    steps: Vec<Step>,
    closed: Option<&'a Vec<Step>>,
}

type Counts<'a> = BTreeMap<&'a BondId, Counted<'a>>;

/// What guarantees one contract counts once (R42): a reservation with what it exceeds its bid bond by, a
/// performance bond with what it exceeds the reservation by that it takes over, as long as that stands. And what will
/// count once time alone has ended what it will end.
pub(crate) fn count_once(scene: &Scene<'_>, bonds: &mut BTreeMap<BondId, OughtBond>) {
    let now = counted(bonds, |bond| bond.outstanding.clone());
    let foretold = |bond: &OughtBond| own_until(bond, foreseen_end(scene, bond));
    let differs = bonds
        .values()
        .any(|bond| shares_with_others(bond) || foreseen_end(scene, bond) != end_of_period(bond));
    let foreseen = differs.then(|| counted(bonds, foretold));
    let mut foreseen = foreseen.into_iter().flatten();
    for (bond, steps) in bonds.values_mut().zip(now) {
        bond.outstanding = steps;
        bond.foreseen = foreseen.next();
        bond.closed = None;
    }
}

/// What counts of each bond, in their order, where each counts by itself for this much.
fn counted(
    bonds: &BTreeMap<BondId, OughtBond>,
    alone: impl Fn(&OughtBond) -> Vec<Step>,
) -> Vec<Vec<Step>> {
    let count = |bond| Counted {
        steps: alone(bond),
        terms: &bond.terms,
        closed: bond.closed.as_ref(),
    };
    let mut counts: Counts<'_> = bonds.iter().map(|(id, bond)| (id, count(bond))).collect();
    take_over(&mut counts);
    count_beside_bids(&mut counts);
    let told = counts.into_values();
    told.map(|count| count.closed.cloned().unwrap_or(count.steps))
        .collect()
}

/// Only a reservation shares what it guarantees with others.
fn shares_with_others(bond: &OughtBond) -> bool {
    bond.terms.kind == BondKind::PerformanceReservation
}

/// From which day on a bond counts no more because its period is over, if that ends it: its last day still counts.
fn end_of_period(bond: &OughtBond) -> Option<NaiveDate> {
    let end = bond.terms.period.to().succ_opt();
    end.filter(|_| bond.standing.state.ends_by_date())
}

/// The same of whatever end is the first: a release that is held back comes before.
fn foreseen_end(scene: &Scene<'_>, bond: &OughtBond) -> Option<NaiveDate> {
    let next = bond.standing.next.map(|next| scene.day(next));
    let end = end_of_period(bond)?;
    Some(next.map_or(end, |next| next.min(end)))
}

/// What a bond says it counts for, up to an end.
fn own_until(bond: &OughtBond, end: Option<NaiveDate>) -> Vec<Step> {
    let currency = bond.terms.amount.currency();
    until(end, bond.outstanding.clone(), currency)
}

/// A performance bond's period may begin before the contract is concluded, and with it before the reservation ends.
/// Only what it may take over (R6) is counted with it: the same that converts the reservation.
fn take_over(bonds: &mut Counts<'_>) {
    let mut promised: BTreeMap<BondId, (&BondTerms, Vec<Step>)> = bonds
        .iter()
        .filter(|(_, bond)| is(bond, BondKind::PerformanceReservation))
        .map(|(id, bond)| ((*id).clone(), (bond.terms, bond.steps.clone())))
        .collect();
    let heirs = bonds
        .iter_mut()
        .filter(|(_, bond)| is(bond, BondKind::Performance));
    for (id, heir) in heirs {
        let Some(number) = heir.terms.takes_over.clone() else {
            continue;
        };
        let taken = promised.get_mut(&BondId::new(id.issuer.clone(), number));
        let Some((reservation, promise)) = taken else {
            continue;
        };
        if reservation_difference(heir.terms, Some(reservation)).is_none() {
            let whole = std::mem::take(&mut heir.steps);
            heir.steps = beyond(&whole, promise);
            *promise = beyond(promise, &whole);
        }
    }
}

/// Of one issuer, contractor, lot and currency, reservations count only with what they exceed the bid bonds by.
fn count_beside_bids(bonds: &mut Counts<'_>) {
    let mut promised: BTreeMap<Group, Vec<Step>> = BTreeMap::new();
    for (id, bond) in bonds.iter().filter(|(_, bond)| is(bond, BondKind::Bid)) {
        let sum = promised.entry(group(id, bond)).or_default();
        let ledger = bond.closed.unwrap_or(&bond.steps);
        *sum = combine(sum, ledger, i64::saturating_add);
    }
    let reservations = bonds
        .iter_mut()
        .filter(|(_, bond)| is(bond, BondKind::PerformanceReservation));
    for (id, reservation) in reservations {
        if let Some(bids) = promised.get_mut(&group(id, reservation)) {
            let whole = std::mem::take(&mut reservation.steps);
            reservation.steps = beyond(&whole, bids);
            *bids = beyond(bids, &whole);
        }
    }
}

fn is(bond: &Counted<'_>, kind: BondKind) -> bool {
    bond.terms.kind == kind
}

/// What guarantees one contract.
type Group = (PartyCode, PartyCode, Option<LotId>, Currency);

fn group(id: &BondId, bond: &Counted<'_>) -> Group {
    let terms = bond.terms;
    let parties = (id.issuer.clone(), terms.principal.clone());
    (
        parties.0,
        parties.1,
        terms.lot.clone(),
        terms.amount.currency(),
    )
}

/// By how much the first series exceeds the second, day by day.
fn beyond(one: &[Step], other: &[Step]) -> Vec<Step> {
    combine(one, other, |one, other| (one - other).max(0))
}

/// Two series made one, day by day.
fn combine(one: &[Step], other: &[Step], amount: impl Fn(i64, i64) -> i64) -> Vec<Step> {
    let days = one.iter().chain(other);
    let steps = days.map(|step| Step {
        amount: amount(amount_on(one, step.day), amount_on(other, step.day)),
        ..*step
    });
    tidy(steps.collect())
}

/// What the ledger will note of a bond by time alone, beside the end of its own period.
pub(crate) fn foreseen(ought: &OughtBond, shares: &[Era]) -> Vec<Posting> {
    let Some(steps) = &ought.foreseen else {
        return Vec::new();
    };
    let by_itself = own_until(ought, end_of_period(ought));
    let stand = |steps: &[Step]| Standings::new(&ought.terms.principal, steps, shares);
    liability::movements(&stand(&by_itself), &stand(steps))
}

/// The shares a bond is posted by, if its principal is a joint venture (R42).
///
/// Shares are fixed when they are posted: what a day once said, it goes on saying. The first shares
/// the hub learns hold from the beginning, since the bond was posted to the venture as a whole only
/// for want of them; other shares hold from the day on which the hub learns of them. A bond that has
/// ended keeps its shares.
pub(crate) fn shares(
    scene: &Scene<'_>,
    ought: &OughtBond,
    record: Option<&BondRecord>,
) -> Vec<Era> {
    let mut eras = record.map_or_else(Vec::new, |record| record.shares.clone());
    let ended = record.is_some_and(|record| !record.state.is_outstanding());
    if ended && !ought.standing.reinstated {
        return eras;
    }
    let members = liability::sharing(scene.rules.parties.members(&ought.terms.principal));
    if eras.last().map_or(&[][..], |era| &era.members) == members.as_slice() {
        return eras;
    }
    let from = (!eras.is_empty()).then(|| scene.day(scene.now));
    eras.retain(|era| era.from.is_none() || era.from != from);
    eras.push(Era { from, members });
    eras
}
