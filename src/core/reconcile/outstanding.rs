//! What ought to stand in the ledger for each bond (R40), each yen once (R42).

use std::collections::BTreeMap;

use super::{ending::Standing, ought::OughtBond, performance::Course, scene::Scene};
use crate::{bond::BondKind, identifier::BondId, procurement::Step};

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
    let mut steps = tidy(changes.collect());
    if let Some(ended) = standing.ended {
        let end = scene.day(ended);
        steps.retain(|step| step.day < end);
        steps.push(Step {
            day: end,
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

/// A bid bond and the reservation that goes with it guarantee one contract: the reservation counts
/// only with what it exceeds the bid bond of the same issuer, contractor and lot by.
pub(crate) fn count_once(bonds: &mut BTreeMap<BondId, OughtBond>) {
    let bids: Vec<(BondId, Vec<Step>)> = bonds
        .iter()
        .filter(|(_, bond)| bond.terms.kind == BondKind::Bid)
        .map(|(id, bond)| (id.clone(), bond.outstanding.clone()))
        .collect();
    for (bid, steps) in bids {
        if let Some(reservation) = companion(bonds, &bid) {
            reservation.outstanding = beyond(&reservation.outstanding, &steps);
        }
    }
}

fn companion<'a>(
    bonds: &'a mut BTreeMap<BondId, OughtBond>,
    bid: &BondId,
) -> Option<&'a mut OughtBond> {
    let terms = bonds.get(bid)?.terms.clone();
    bonds
        .iter_mut()
        .find(|(id, other)| {
            id.issuer == bid.issuer
                && !other.closed
                && other.terms.kind == BondKind::PerformanceReservation
                && other.terms.principal == terms.principal
                && other.terms.lot == terms.lot
                && other.terms.amount.same_currency(&terms.amount).is_ok()
        })
        .map(|(_, other)| other)
}

/// By how much the first series exceeds the second, day by day.
fn beyond(reservation: &[Step], bid: &[Step]) -> Vec<Step> {
    let days = reservation
        .iter()
        .chain(bid)
        .map(|step| (step.day, step.currency));
    let exceeding = days.map(|(day, currency)| {
        let amount = (amount_on(reservation, day) - amount_on(bid, day)).max(0);
        Step {
            day,
            amount,
            currency,
        }
    });
    tidy(exceeding.collect())
}

/// What a series says of a day.
pub(crate) fn amount_on(steps: &[Step], day: chrono::NaiveDate) -> i64 {
    steps
        .iter()
        .take_while(|step| step.day <= day)
        .last()
        .map_or(0, |step| step.amount)
}
