//! What is carried out stays carried out, and nothing happens before it is due.

use bondhub_core::{calendar::Timestamp, procurement::Learned, reconcile::reconcile};
use chrono::TimeDelta;
use proptest::prelude::*;

use super::{
    play::{config, play},
    tender::{Releases, heard},
};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn reconciling_twice_plans_nothing_the_second_time(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| {
            prop_assert_eq!(hub.plan().effects, []);
            Ok(())
        })?;
    }

    #[test]
    fn what_is_heard_again_plans_nothing((tender, arrival) in heard(Releases::AsUsual)) {
        let mut known = Vec::new();
        let mut heard = arrival.iter();
        play(&tender, &arrival, |hub, _| {
            known.extend(heard.next().map(|(lesson, _)| *lesson));
            let before = hub.file.clone();
            for lesson in known.iter().rev() {
                prop_assert_eq!(hub.learn(&tender.lessons[*lesson]), Learned::Overtaken);
            }
            prop_assert_eq!(&hub.file, &before);
            prop_assert_eq!(hub.plan().effects, []);
            Ok(())
        })?;
    }

    #[test]
    fn nothing_changes_before_it_is_due(
        (tender, arrival) in heard(Releases::AsUsual),
        parts in prop::collection::vec(0.0_f64..1.0, 3),
    ) {
        play(&tender, &arrival, |hub, plan| {
            for at in instants(hub.now, plan.next_due_at, &parts) {
                let early = reconcile(&hub.file, hub.rules, at);
                prop_assert_eq!(early.effects, [], "at {}, due {:?}", at, plan.next_due_at);
            }
            Ok(())
        })?;
    }
}

/// The last microsecond before it is due, and some instants before; in ten years where it never is.
fn instants(now: Timestamp, due: Option<Timestamp>, parts: &[f64]) -> Vec<Timestamp> {
    let last = due.unwrap_or(now + TimeDelta::days(3650)) - TimeDelta::microseconds(1);
    let span = (last - now).num_seconds().max(0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a sample"
    )]
    let part = |part: &f64| now + TimeDelta::seconds((span as f64 * part) as i64);
    parts
        .iter()
        .map(part)
        .chain([last])
        .filter(|at| *at >= now && *at <= last)
        .collect()
}
