//! The same events again change nothing, and nothing is sent twice (R34).

use bondhub_core::ports::store::EventState;
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    harness::{
        combination::{Combination, stories},
        papers::{at, event},
        world::World,
    },
    order,
};

stories! { every_event_twice => super::every_event_twice; }

async fn every_event_twice(on: Combination) {
    let world = World::start(on).await;
    let events = order::events(&world);
    let count = u64::try_from(events.len()).unwrap();
    world.play(&events, count).await;
    let (ledger, sent) = (world.ledger().await, world.sink.stored());
    let outbox = world.outbox().await.len();
    for event in &events {
        world.send(event).await;
    }
    // One more event of each case comes after its duplicates, in the same lane: when it is handled,
    // they were. It says what was known before, and so changes nothing itself.
    let past = world.now() - TimeDelta::days(40);
    for case in ["case-bids", "case-works"] {
        let last = json!({"opened_at": at(past)});
        let last = event(case, &format!("last-{case}"), "bid.opened", past, last);
        world.send(&last).await;
    }
    world.quiet(count + 2).await;
    assert_eq!(world.ledger().await, ledger);
    assert_eq!(world.sink.stored(), sent);
    assert_eq!(world.outbox().await.len(), outbox);
    let conflicts = world.events().await;
    assert!(
        conflicts
            .iter()
            .all(|row| row.state != EventState::SetAside),
        "{conflicts:#?}"
    );
}
