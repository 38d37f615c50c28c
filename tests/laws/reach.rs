//! The laws are worth what the generated cases come to: every state, task, wait and effect.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::BondState,
    procurement::WaitFor,
    reconcile::{Effect, Plan},
    task::TaskKind,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::{
    play::{Hub, config, play, play_as_it_happens},
    tender::{Releases, heard},
};

/// What cases came to, by name.
type Seen = BTreeSet<String>;

fn see(seen: &mut Seen, hub: &Hub<'_>, plan: &Plan) {
    let carried = &hub.file.carried;
    seen.extend(
        carried
            .bonds
            .values()
            .map(|record| record.state.to_string()),
    );
    seen.extend(carried.tasks.keys().map(|key| key.kind.as_str().to_owned()));
    seen.extend(carried.waits.keys().map(wait));
    seen.extend(plan.effects.iter().map(name));
    let overruled = carried
        .bonds
        .values()
        .any(|record| record.overruled.is_some());
    seen.extend(overruled.then(|| "reinstated".to_owned()));
}

fn wait(wait: &WaitFor) -> String {
    let text = wait.to_string();
    text.split(':')
        .next()
        .map(|what| format!("wait for {what}"))
        .unwrap_or_default()
}

fn name(effect: &Effect) -> String {
    match effect {
        Effect::Tell(notice) => notice.content.name().to_owned(),
        Effect::Publish(event) => event.kind().to_owned(),
        _ => String::new(),
    }
}

fn expected() -> Seen {
    let waits = ["party", "bond", "contract", "certificate", "signature"];
    let notices = [
        "state_changed",
        "updated",
        "opening_moved",
        "bids_opened",
        "expiring",
    ];
    let states = BondState::ALL.map(BondState::as_str).into_iter();
    let tasks = TaskKind::ALL.map(TaskKind::as_str).into_iter();
    states
        .chain(tasks)
        .chain(notices)
        .chain(["reinstated", "bond.reinstated"])
        .map(str::to_owned)
        .chain(waits.map(|what| format!("wait for {what}")))
        .collect()
}

#[test]
fn generated_cases_come_to_every_state_task_wait_and_notice() {
    let mut seen = Seen::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..config().cases.max(1024) {
        let case = heard(Releases::AsUsual)
            .new_tree(&mut runner)
            .expect("a case")
            .current();
        let looked: Result<(), ()> = play(&case.0, &case.1, |hub, plan| {
            see(&mut seen, hub, plan);
            Ok(())
        });
        let again: Result<(), ()> = play_as_it_happens(&case.0, |hub, plan| {
            see(&mut seen, hub, plan);
            Ok(())
        });
        assert_eq!((looked, again), (Ok(()), Ok(())));
    }
    let missing: Vec<_> = expected().difference(&seen).cloned().collect();
    assert_eq!(missing, [""; 0]);
}
