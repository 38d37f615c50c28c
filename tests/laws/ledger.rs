//! The ledger's movements add up (R40, R42).

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    bond::BondKind,
    calendar::day_of,
    identifier::{BondId, PartyCode},
    liability::{sharing, split},
    procurement::{BondRecord, CaseFile},
    reconcile::Effect,
};
use chrono::NaiveDate;
use proptest::prelude::*;

use super::{
    play::{config, play, play_as_it_happens},
    tender::{Releases, heard, tender},
};

/// A movement: its bond and holder, from which day on, by how much, and what it does to the counts.
struct Movement {
    bond: BondId,
    holder: PartyCode,
    day: NaiveDate,
    delta: i64,
    bonds: i32,
    held: i32,
}

/// The ledger: movements, as they were posted.
#[derive(Default)]
struct Ledger(Vec<Movement>);

impl Ledger {
    fn post(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Post {
                bond,
                holder,
                effective,
                delta,
                bonds,
                held,
                ..
            } = effect
            {
                self.0.push(Movement {
                    bond: bond.clone(),
                    holder: holder.clone(),
                    day: *effective,
                    delta: *delta,
                    bonds: *bonds,
                    held: *held,
                });
            }
        }
    }

    fn until<'a>(&'a self, bond: &'a BondId, day: NaiveDate) -> impl Iterator<Item = &'a Movement> {
        self.0
            .iter()
            .filter(move |one| one.bond == *bond && one.day <= day)
    }

    fn on(&self, bond: &BondId, day: NaiveDate) -> i64 {
        self.until(bond, day).map(|one| one.delta).sum()
    }

    /// What each holder answers for, and whether the bond counts for it.
    fn held_on(&self, bond: &BondId, day: NaiveDate) -> BTreeMap<PartyCode, (i64, i32)> {
        let mut held: BTreeMap<PartyCode, (i64, i32)> = BTreeMap::new();
        for one in self.until(bond, day) {
            let sum = held.entry(one.holder.clone()).or_default();
            (sum.0, sum.1) = (sum.0 + one.delta, sum.1 + one.held);
        }
        held
    }

    fn days(&self) -> BTreeSet<NaiveDate> {
        self.0.iter().map(|one| one.day).collect()
    }
}

fn stands(record: &BondRecord, day: NaiveDate) -> i64 {
    let mut until = record.outstanding.iter().rev();
    until
        .find(|step| step.day <= day)
        .map_or(0, |step| step.amount)
}

/// What a bond answers for today by itself.
fn counts(record: &BondRecord, today: NaiveDate) -> i64 {
    let counts = record.state.is_outstanding() && record.terms.period.from() <= today;
    if counts {
        record.terms.amount.amount()
    } else {
        0
    }
}

/// What each reservation promises today.
fn reserved(file: &CaseFile, today: NaiveDate) -> BTreeMap<BondId, i64> {
    let all = file.carried.bonds.iter();
    all.filter(|(_, record)| record.terms.kind == BondKind::PerformanceReservation)
        .map(|(id, record)| (id.clone(), counts(record, today)))
        .collect()
}

/// What is in force today, and what of it guarantees something else than a bid bond or the reservation taken over does.
fn in_force(file: &CaseFile, today: NaiveDate) -> i64 {
    let mut bids: BTreeMap<_, i64> = BTreeMap::new();
    let mut reservations: BTreeMap<_, i64> = BTreeMap::new();
    let mut reserved = reserved(file, today);
    let mut others = 0;
    for (id, record) in &file.carried.bonds {
        let amount = counts(record, today);
        let contract = (&id.issuer, &record.terms.principal, &record.terms.lot);
        match record.terms.kind {
            BondKind::Bid => *bids.entry(contract).or_default() += amount,
            BondKind::PerformanceReservation => {
                *reservations.entry(contract).or_default() += amount;
            }
            BondKind::Performance => {
                let taken = record.terms.takes_over.clone().map(|number| BondId {
                    issuer: id.issuer.clone(),
                    number,
                });
                let promise = taken.and_then(|of| reserved.get_mut(&of));
                let covered = promise.map_or(0, |promise| {
                    let covered = amount.min(*promise);
                    *promise -= covered;
                    covered
                });
                others += amount - covered;
            }
        }
    }
    let promised: BTreeSet<_> = bids.keys().chain(reservations.keys()).copied().collect();
    let amount = |of: &BTreeMap<_, i64>, contract| of.get(&contract).copied().unwrap_or_default();
    let larger = |contract| amount(&bids, contract).max(amount(&reservations, contract));
    others + promised.into_iter().map(larger).sum::<i64>()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn movements_up_to_any_day_are_what_stands_on_it_and_never_below_nothing(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        play(&tender, &arrival, |hub, plan| {
            ledger.post(&plan.effects);
            for day in ledger.days() {
                for (id, record) in &hub.file.carried.bonds {
                    let sum = ledger.on(id, day);
                    prop_assert_eq!(sum, stands(record, day), "{} on {}", id, day);
                    prop_assert!(sum >= 0, "{} on {}: {}", id, day, sum);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_the_ledger_says_of_today_is_the_sum_of_the_bonds_in_force_each_yen_once(
        tender in tender(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        play_as_it_happens(&tender, |hub, plan| {
            ledger.post(&plan.effects);
            let today = day_of(hub.now, hub.rules.policy.zone);
            let bonds = hub.file.carried.bonds.keys();
            let sum: i64 = bonds.map(|bond| ledger.on(bond, today)).sum();
            prop_assert_eq!(sum, in_force(&hub.file, today), "on {}", today);
            Ok(())
        })?;
    }

    #[test]
    fn a_joint_venture_counts_by_shares_to_the_last_unit_and_each_bond_once(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        play(&tender, &arrival, |hub, plan| {
            ledger.post(&plan.effects);
            for day in ledger.days() {
                for (id, record) in &hub.file.carried.bonds {
                    let whole = stands(record, day);
                    let held = ledger.held_on(id, day);
                    let parts: i64 = held.values().map(|(amount, _)| amount).sum();
                    prop_assert_eq!(parts, whole, "{} on {}", id, day);
                    for (holder, (amount, count)) in &held {
                        prop_assert!(*amount >= 0, "{} of {} on {}", holder, id, day);
                        prop_assert_eq!(*count, i32::from(*amount != 0), "{} of {}", holder, id);
                    }
                    let counts: i32 = ledger.until(id, day).map(|one| one.bonds).sum();
                    prop_assert_eq!(counts, i32::from(whole != 0), "{} on {}", id, day);
                    let members = sharing(hub.rules.parties.members(&record.terms.principal));
                    let meant: BTreeMap<_, _> = split(whole, &members).into_iter().collect();
                    for (holder, amount) in meant {
                        prop_assert_eq!(held.get(holder).map_or(0, |held| held.0), amount);
                    }
                }
            }
            Ok(())
        })?;
    }
}
