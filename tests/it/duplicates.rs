//! The same events again change nothing, and nothing is sent twice (R34).

use std::collections::BTreeMap;

use bondhub_core::ports::store::EventState;
use chrono::TimeDelta;

use crate::{
    harness::{
        cast::WINNER,
        combination::{Combination, stories},
        papers::{contract, event, tender, with},
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
    let (ledger, sent) = (world.ledger().await, counts(&world));
    let outbox = world.outbox().await.len();
    for event in &events {
        world.send(event).await;
    }
    // One more event of each case comes after its duplicates, in the same lane: when it is handled,
    // they were. It is older than what is known, and so changes nothing itself.
    let past = world.now() - TimeDelta::days(40);
    let older = with(contract(90_000_000, "2027-01-31"), "contractor", WINNER);
    for last in [
        event(
            "case-bids",
            "last-1",
            "tender.announced",
            past,
            tender(past),
        ),
        event("case-works", "last-2", "contract.concluded", past, older),
    ] {
        world.send(&last).await;
    }
    world.quiet(count + 2).await;
    assert_eq!(world.ledger().await, ledger);
    assert_eq!(counts(&world), sent);
    assert_eq!(world.outbox().await.len(), outbox);
    let conflicts = world.events().await;
    assert!(
        conflicts
            .iter()
            .all(|row| row.state != EventState::SetAside),
        "{conflicts:#?}"
    );
}

/// How often each mail was taken by the mail server.
fn counts(world: &World) -> BTreeMap<String, u32> {
    let stored = world.sink.stored().into_iter();
    stored.map(|(id, mail)| (id, mail.count)).collect()
}
