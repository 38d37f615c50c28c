//! The ledger's movements add up (R40, R42).

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    bond::{BondKind, BondState, BondTerms, Rule},
    calendar::{day_of, start_of},
    event::{EventIdentity, Stamp},
    identifier::{BondId, PartyCode},
    liability::{sharing, split},
    matching::reservation_difference,
    money::Currency,
    procurement::{BondFact, BondRecord, CaseFile, Fact, Lesson},
    reconcile::Effect,
};
use chrono::{Days, NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::{
    play::{Hub, config, play, play_as_it_happens},
    tender::{Releases, Tender, heard, tender},
    vocabulary::party,
};

/// A movement: its bond and holder, towards whom, from which day on, by how much, and what it does to the counts.
struct Movement {
    bond: BondId,
    holder: PartyCode,
    owner: PartyCode,
    currency: Currency,
    day: NaiveDate,
    delta: i64,
    bonds: i32,
    held: i32,
}

/// The ledger: movements, as they were posted.
#[derive(Default)]
struct Ledger(Vec<Movement>);

impl Ledger {
    /// Posts what was carried out, towards the owners that the bonds have now: so the hub keeps movements.
    fn post(&mut self, file: &CaseFile, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Post {
                bond,
                holder,
                effective,
                delta,
                currency,
                bonds,
                held,
            } = effect
            {
                self.0.push(Movement {
                    bond: bond.clone(),
                    holder: holder.clone(),
                    owner: file.carried.bonds[bond].terms.obligee.clone(),
                    currency: *currency,
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

    /// What is owed to each owner of a bond.
    fn owed_on(&self, bond: &BondId, day: NaiveDate) -> BTreeMap<PartyCode, i64> {
        let mut owed: BTreeMap<PartyCode, i64> = BTreeMap::new();
        for one in self.until(bond, day) {
            *owed.entry(one.owner.clone()).or_default() += one.delta;
        }
        owed
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

/// What each reservation promises today, and what it says.
fn reserved(file: &CaseFile, today: NaiveDate) -> BTreeMap<BondId, (&BondTerms, i64)> {
    let all = file.carried.bonds.iter();
    all.filter(|(_, record)| record.terms.kind == BondKind::PerformanceReservation)
        .map(|(id, record)| (id.clone(), (&record.terms, counts(record, today))))
        .collect()
}

/// What is in force today, and what of it guarantees something else than a bid bond or the reservation taken over does.
fn in_force(file: &CaseFile, today: NaiveDate) -> BTreeMap<Currency, i64> {
    let mut bids: BTreeMap<_, i64> = BTreeMap::new();
    let mut reservations: BTreeMap<_, i64> = BTreeMap::new();
    let mut reserved = reserved(file, today);
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for (id, record) in &file.carried.bonds {
        let (terms, amount) = (&record.terms, counts(record, today));
        let currency = terms.amount.currency();
        let contract = (&id.issuer, &terms.principal, &terms.lot, currency);
        match terms.kind {
            BondKind::Bid => *bids.entry(contract).or_default() += amount,
            BondKind::PerformanceReservation => {
                *reservations.entry(contract).or_default() += amount;
            }
            BondKind::Performance => {
                let taken = terms.takes_over.clone().map(|number| BondId {
                    issuer: id.issuer.clone(),
                    number,
                });
                let promise = taken.and_then(|of| reserved.get_mut(&of));
                let promise = promise
                    .filter(|(other, _)| reservation_difference(terms, Some(other)).is_none());
                let covered = promise.map_or(0, |(_, promise)| {
                    let covered = amount.min(*promise);
                    *promise -= covered;
                    covered
                });
                *sums.entry(currency).or_default() += amount - covered;
            }
        }
    }
    let promised: BTreeSet<_> = bids.keys().chain(reservations.keys()).copied().collect();
    let amount = |of: &BTreeMap<_, i64>, contract| of.get(&contract).copied().unwrap_or_default();
    for contract in promised {
        let larger = amount(&bids, contract).max(amount(&reservations, contract));
        *sums.entry(contract.3).or_default() += larger;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// Plays a case as it happens, and lets each day with a lesson pass; `look` sees the hub at the end of it.
fn play_by_days<E>(
    tender: &Tender,
    mut look: impl FnMut(&Hub<'_>, &[Effect], NaiveDate) -> Result<(), E>,
) -> Result<(), E> {
    let mut hub = Hub::new(tender);
    let zone = hub.rules.policy.zone;
    let mut effects = Vec::new();
    for (number, lesson) in tender.lessons.iter().enumerate() {
        hub.now = lesson.stamp.time;
        hub.learn(lesson);
        effects.extend(hub.reconcile().effects);
        let today = day_of(hub.now, zone);
        let next = tender.lessons.get(number + 1);
        if next.is_none_or(|next| day_of(next.stamp.time, zone) > today) {
            hub.now = start_of(today + Days::new(1), zone) - TimeDelta::milliseconds(1);
            effects.extend(hub.reconcile().effects);
            look(&hub, &std::mem::take(&mut effects), today)?;
        }
    }
    Ok(())
}

/// The day from which an ended bond counts no more: that of its cause, or later where releases are held back.
fn ends(record: &BondRecord, hub: &Hub<'_>) -> Option<NaiveDate> {
    let signed = matches!(
        record.cause.rule,
        Rule::DeletedByIssuer | Rule::ClaimSettled
    );
    let by_event = record.state == BondState::Released && !signed;
    let hold = if by_event {
        hub.rules.policy.release_hold
    } else {
        TimeDelta::zero()
    };
    let ended = !record.state.is_outstanding();
    ended.then(|| day_of(record.cause.at + hold, hub.rules.policy.zone))
}

/// Whether a bond counts by itself, and was not signed again after it had ended.
fn is_simple(record: &BondRecord) -> bool {
    let alone = match record.terms.kind {
        BondKind::Bid => true,
        BondKind::Performance => record.terms.takes_over.is_none(),
        BondKind::PerformanceReservation => false,
    };
    alone && record.overruled.is_none()
}

/// A document of now by which the bond would be owed to somebody else.
fn towards_another(hub: &Hub<'_>, bond: &BondId, record: &BondRecord) -> Lesson {
    let terms = BondTerms {
        obligee: party("D"),
        ..record.terms.clone()
    };
    let event = EventIdentity {
        id: format!("other-{bond}-{}", hub.now),
        source: "/laws".into(),
    };
    Lesson {
        stamp: Stamp {
            time: hub.now,
            sequence: 1,
            event,
        },
        facts: vec![Fact::Bond {
            bond: bond.clone(),
            fact: BondFact::Updated(terms),
        }],
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn movements_up_to_any_day_are_what_stands_on_it_and_never_below_nothing(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        play(&tender, &arrival, |hub, plan| {
            ledger.post(&hub.file, &plan.effects);
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
            ledger.post(&hub.file, &plan.effects);
            let today = day_of(hub.now, hub.rules.policy.zone);
            let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
            for (bond, record) in &hub.file.carried.bonds {
                let currency = record.terms.amount.currency();
                *sums.entry(currency).or_default() += ledger.on(bond, today);
            }
            sums.retain(|_, sum| *sum != 0);
            prop_assert_eq!(sums, in_force(&hub.file, today), "on {}", today);
            for one in &ledger.0 {
                let currency = hub.file.carried.bonds[&one.bond].terms.amount.currency();
                prop_assert_eq!(one.currency, currency, "{}", &one.bond);
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_ledger_says_of_every_past_day_what_was_in_force_when_it_ended(
        tender in tender(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        let mut evenings: BTreeMap<(BondId, NaiveDate), i64> = BTreeMap::new();
        let mut last: BTreeMap<BondId, (bool, Option<NaiveDate>)> = BTreeMap::new();
        play_by_days(&tender, |hub, effects, today| {
            ledger.post(&hub.file, effects);
            for (id, record) in &hub.file.carried.bonds {
                evenings.insert((id.clone(), today), counts(record, today));
                last.insert(id.clone(), (is_simple(record), ends(record, hub)));
            }
            Ok::<(), TestCaseError>(())
        })?;
        for ((id, day), counted) in evenings {
            let (simple, ended) = last[&id];
            let over = ended.is_some_and(|end| end <= day);
            if simple {
                let meant = if over { 0 } else { counted };
                prop_assert_eq!(ledger.on(&id, day), meant, "{} on {}", id, day);
            }
        }
    }

    #[test]
    fn no_owner_is_owed_less_than_nothing_and_an_ended_bond_leaves_nothing_with_any(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        play(&tender, &arrival, |hub, plan| {
            ledger.post(&hub.file, &plan.effects);
            let bonds = hub.file.carried.bonds.clone();
            for (id, record) in &bonds {
                let other = towards_another(hub, id, record);
                if hub.file.learn(&other).is_ok() {
                    let plan = hub.reconcile();
                    ledger.post(&hub.file, &plan.effects);
                }
            }
            for (id, record) in &hub.file.carried.bonds {
                let mut owed = BTreeMap::new();
                for day in ledger.days() {
                    owed = ledger.owed_on(id, day);
                    prop_assert!(owed.values().all(|sum| *sum >= 0), "{} on {}: {:?}", id, day, owed);
                }
                let ended = !record.state.is_outstanding();
                prop_assert!(!ended || owed.values().all(|sum| *sum == 0), "{}: {:?}", id, owed);
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_joint_venture_counts_by_shares_to_the_last_unit_and_each_bond_once(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut ledger = Ledger::default();
        play(&tender, &arrival, |hub, plan| {
            ledger.post(&hub.file, &plan.effects);
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
