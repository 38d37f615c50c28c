//! What is overtaken within one batch is neither made nor told (R34).

use bondhub::hub::decide::Work;
use bondhub_core::event::Arrival;
use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{
    cast::WINNER,
    combination::SQLITE_SPOOL,
    papers::{self, CASE, bond, contract, event, registration, with},
    world::World,
};

/// Takes events in one transaction, and lets the hub send what follows: the events it tells other systems, by type.
async fn told(world: &mut World, events: &[Value]) -> Vec<String> {
    let desk = &world.desk;
    let directory = desk.directory().await.unwrap();
    let mut works = Vec::new();
    for event in events {
        let arrival = Arrival {
            body: event.to_string().into_bytes(),
            ..Arrival::default()
        };
        let read = desk.reader.read(&arrival, &directory, world.now());
        works.extend(read.into_iter().map(|one| Work::Event(Box::new(one))));
    }
    let count = u64::try_from(works.len()).unwrap();
    desk.bench.perform_all(works).await.unwrap();
    world.open().await;
    world.quiet(count).await;
    let heard = world.heard().await;
    let kind = |event: &Value| event["type"].as_str().unwrap_or_default().to_owned();
    heard.iter().map(kind).collect()
}

fn count(told: &[String], kind: &str) -> usize {
    let kind = format!("jp.bondhub.{kind}");
    told.iter().filter(|one| **one == kind).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bond_that_comes_in_the_batch_of_its_contract_was_never_missing() {
    let mut world = World::set(SQLITE_SPOOL, "").await;
    let start = world.now() - TimeDelta::hours(1);
    let concluded = with(contract(100_000_000, "2027-09-30"), "contractor", WINNER);
    let terms = papers::performance(CASE, WINNER, 10_000_000);
    let events = [
        event(CASE, "c-1", "contract.concluded", start, concluded),
        world.signed(registration("P-1", terms, start)),
    ];
    let told = told(&mut world, &events).await;
    assert_eq!(count(&told, "bond.registered"), 1);
    assert_eq!(count(&told, "task.opened"), 0, "{told:?}");
    assert_eq!(count(&told, "task.closed"), 0, "{told:?}");
    let outbox = world.outbox().await;
    let names: Vec<&str> = outbox.iter().map(|row| row.name.as_str()).collect();
    assert!(!names.contains(&"task_opened"), "{names:?}");
    assert!(world.ledger().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_key_that_ended_in_its_batch_nobody_hears() {
    let mut world = World::set(SQLITE_SPOOL, "").await;
    let start = world.now() - TimeDelta::hours(1);
    let first = registration("B-1", bond(CASE, "bid", WINNER, 6_000_000), start);
    let later = start + TimeDelta::minutes(1);
    let update = registration("B-1", bond(CASE, "bid", WINNER, 7_000_000), later);
    let events = [
        world.signed(first),
        world.signed(with(update, "type", "update")),
    ];
    let told = told(&mut world, &events).await;
    assert_eq!(count(&told, "bond.updated"), 1, "{told:?}");
    assert_eq!(count(&told, "key.issued"), 1, "{told:?}");
    assert_eq!(count(&told, "key.revoked"), 0, "{told:?}");
    assert_eq!(world.ledger().await.holders("S001/B-1"), [WINNER]);
}
