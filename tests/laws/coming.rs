//! A figure of a day to come is what the ledger will say of that day, if nothing happens until then (R40, R42).

use std::collections::BTreeMap;

use bondhub_core::{
    calendar::{day_of, start_of},
    identifier::BondId,
    liability::amount_on,
    procurement::BondRecord,
    reconcile::reconcile,
};
use chrono::{Days, NaiveDate, TimeDelta};
use proptest::prelude::*;

use super::{
    play::{Hub, config, play_as_it_happens},
    tender::{Releases, tender},
};

/// What figures foresee of a bond for a day to come: what the ledger says, less what ends by its period, and what comes back.
fn foreseen(record: &BondRecord, day: NaiveDate) -> i64 {
    let is_over = record.state.ends_by_date() && record.terms.period.to() < day;
    let noted = if is_over {
        0
    } else {
        amount_on(&record.outstanding, day)
    };
    let postings = record.foreseen.iter().filter(|one| one.day <= day);
    noted + postings.map(|one| one.delta).sum::<i64>()
}

fn each(hub: &Hub<'_>, say: impl Fn(&BondRecord) -> i64) -> BTreeMap<BondId, i64> {
    let bonds = hub.file.carried.bonds.iter();
    bonds
        .map(|(id, record)| (id.clone(), say(record)))
        .collect()
}

/// Nothing happens until the evening of a day.
fn pass(hub: &mut Hub<'_>, day: NaiveDate) {
    let zone = hub.rules.policy.zone;
    let evening = start_of(day + Days::new(1), zone) - TimeDelta::milliseconds(1);
    loop {
        let due = hub.plan().next_due_at.filter(|due| *due < evening);
        let next = due.map_or(evening, |due| due.max(hub.now));
        let stands_still = next == hub.now;
        hub.now = next;
        hub.reconcile();
        if next == evening || stands_still {
            hub.now = evening;
            hub.reconcile();
            return;
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_figure_of_a_day_to_come_is_what_the_ledger_will_say_of_it_if_nothing_happens(
        tender in tender(Releases::AsUsual),
        ahead in prop::sample::select(vec![1_u64, 20, 60, 150, 400]),
    ) {
        play_as_it_happens(&tender, |hub, _| {
            let today = day_of(hub.now, hub.rules.policy.zone);
            let day = today + Days::new(ahead);
            let (before, now) = (hub.file.clone(), hub.now);
            let told = each(hub, |record| foreseen(record, day));
            pass(hub, day);
            let noted = each(hub, |record| amount_on(&record.outstanding, day));
            prop_assert_eq!(told, noted, "{} as of {}", today, day);
            (hub.file, hub.now) = (before, now);
            let again = reconcile(&hub.file, hub.rules, hub.now);
            prop_assert!(again.effects.is_empty());
            Ok(())
        })?;
    }
}
