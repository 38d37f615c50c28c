//! The same events again change nothing, and nothing is sent twice (R34).

use std::collections::BTreeMap;

use bondhub::assemble::demo_issuer;
use bondhub_core::{event::Reason, ports::store::EventState};
use chrono::TimeDelta;

use crate::{
    harness::{
        cast::WINNER,
        combination::{Combination, stories},
        papers::{self, CASE, bond, contract, event, registration, tender, with},
        world::World,
    },
    order,
};

stories! {
    every_event_twice => super::every_event_twice;
    another_document_under_a_known_name_is_kept_as_it_came => super::another_document;
}

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

/// Documents are sealed in the inbox, and whoever decides about the second one must be able to read it.
async fn another_document(on: Combination) {
    let world = World::start(on).await;
    let now = world.now();
    let stranger = demo_issuer("Another Surety", now - TimeDelta::days(30)).unwrap();
    let signed = |amount: i64| {
        let statement = registration("X-1", bond(CASE, "bid", WINNER, amount), now);
        let cms = papers::sign(with(statement, "issuer", "S900"), &stranger, now);
        papers::document(&cms, now)
    };
    let first = signed(6_000_000);
    let second = with(signed(7_000_000), "id", first["id"].clone());
    world.play(std::slice::from_ref(&first), 1).await;
    world.play(std::slice::from_ref(&second), 2).await;
    let rows = world.events().await;
    let aside = rows.iter().find(|row| row.state == EventState::SetAside);
    let aside = aside.expect("the second is set aside");
    assert_eq!(aside.rejection.as_ref().unwrap().reason, Reason::Conflict);
    let kept = world.desk.event(aside.id).await.unwrap().body;
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["data"], second["data"], "as it came");
    let waits = rows.iter().find(|row| row.id != aside.id).unwrap();
    let kept = world.desk.event(waits.id).await.unwrap().body;
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["data"], first["data"]);
}

/// How often each mail was taken by the mail server.
fn counts(world: &World) -> BTreeMap<String, u32> {
    let stored = world.sink.stored().into_iter();
    stored.map(|(id, mail)| (id, mail.count)).collect()
}
