//! The order of arrival does not matter (R34).

use std::collections::BTreeMap;

use bondhub_core::{
    bond::{BondState, BondTerms},
    identifier::{BondId, PartyCode},
    party::Role,
    procurement::{CaseFile, Step, WaitFor},
    reconcile::Effect,
    task::{Task, TaskKey},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::{
    play::{Hub, config},
    tender::{Arrival, Releases, Tender, heard, last_time},
};

type Bonds = BTreeMap<BondId, (BondState, BondTerms, Vec<Step>, Vec<(Role, PartyCode)>)>;

/// What must not depend on the order.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    bonds: Bonds,
    tasks: BTreeMap<TaskKey, Task>,
    waits: Vec<WaitFor>,
}

pub(crate) fn outcome(file: &CaseFile) -> Outcome {
    let bonds = file.carried.bonds.iter().map(|(id, record)| {
        let keys = record
            .keys
            .iter()
            .map(|(role, key)| (*role, key.holder.clone()));
        let steps = record.outstanding.clone();
        (
            id.clone(),
            (record.state, record.terms.clone(), steps, keys.collect()),
        )
    });
    Outcome {
        bonds: bonds.collect(),
        tasks: file.carried.tasks.clone(),
        waits: file.carried.waits.keys().cloned().collect(),
    }
}

/// Learns everything in the order of business time, then reconciles once.
fn at_once(tender: &Tender) -> Hub<'_> {
    let mut hub = Hub::new(tender);
    hub.now = last_time(tender);
    for lesson in &tender.lessons {
        hub.learn(lesson);
    }
    hub.reconcile();
    hub
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn everything_heard_in_any_order_and_then_reconciled_is_the_same_case(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut hub = Hub::new(&tender);
        hub.now = last_time(&tender);
        for (lesson, _) in &arrival {
            hub.learn(&tender.lessons[*lesson]);
        }
        hub.reconcile();
        prop_assert_eq!(hub.file, at_once(&tender).file);
    }
}

/// Reconciles after each lesson, as heard; tells whether a final effect came before the last one.
fn one_by_one<'a>(tender: &'a Tender, arrival: &Arrival) -> (Hub<'a>, bool) {
    let mut hub = Hub::new(tender);
    hub.now = last_time(tender);
    let (mut is_final, mut met_final) = (false, false);
    for (lesson, _) in arrival {
        let new = hub.learn(&tender.lessons[*lesson]);
        met_final |= is_final && new == bondhub_core::procurement::Learned::New;
        let plan = hub.reconcile();
        is_final |= plan.effects.iter().any(ends);
    }
    (hub, met_final)
}

pub(crate) fn ends(effect: &Effect) -> bool {
    matches!(effect, Effect::Move { state, .. } if !state.is_outstanding())
}

/// For laws over some of the cases that are drawn: a quarter as many as usual, however many are drawn for them.
pub(crate) fn choosing(source_file: &'static str) -> Config {
    let usual = config();
    Config {
        source_file: Some(source_file),
        cases: usual.cases.div_ceil(4),
        max_global_rejects: usual.cases.saturating_mul(20),
        ..usual
    }
}

/// Runs the law over cases that reach no final effect in between.
fn holds_for(releases: Releases) {
    let mut runner = TestRunner::new(choosing(file!()));
    let result = runner.run(&heard(releases), |(tender, arrival)| {
        let (hub, met_final) = one_by_one(&tender, &arrival);
        prop_assume!(!met_final);
        prop_assert_eq!(outcome(&hub.file), outcome(&at_once(&tender).file));
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn any_order_ends_in_the_same_bonds_keys_tasks_balances_and_waits() {
    holds_for(Releases::AsUsual);
}

#[test]
fn any_order_of_releases_that_are_held_ends_in_the_same_case() {
    holds_for(Releases::HeldForever);
}
