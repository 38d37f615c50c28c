//! The events that are under way when something breaks, and what they must lead to.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    identifier::BondId,
    ports::store::{Channel, EventState, KeyState, OutboxState},
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::{OWNER, WINNER},
    papers::{self, bond, contract, event, registration, tender, with},
    world::World,
};

/// How many tenders there are, with a bid bond each.
const TENDERS: usize = 3;

/// So many events are in the inbox when everything is done.
pub(crate) const TOTAL: u64 = 2 + 3 * 3 + 3;

/// What the desk takes before the hub is started: its mails were handed to nobody.
pub(crate) async fn prepare(world: &World) {
    let now = world.now();
    let terms = bond("case-desk", "bid", WINNER, 5_000_000);
    let cms = papers::sign(registration("D-1", terms, now), &world.cast.issuer, now);
    world.desk.document(&cms).await.unwrap();
}

/// Tenders with a bond that is handed over, and a contract whose bond is changed.
pub(crate) async fn send(world: &World) {
    for event in events(world) {
        world.send(&event).await;
    }
}

fn events(world: &World) -> Vec<Value> {
    let start = world.now() - TimeDelta::hours(10);
    let opening = world.now() + TimeDelta::days(30);
    let mut events = vec![world.signed(papers::instruction(start))];
    for number in 1..=TENDERS {
        let case = format!("case-{number}");
        let terms = bond(&case, "bid", WINNER, 6_000_000);
        let bid = json!({"contractor": WINNER});
        events.extend([
            event(
                &case,
                &format!("t-{number}"),
                "tender.announced",
                start,
                tender(opening),
            ),
            world.signed(registration(&format!("B-{number}"), terms, start)),
            event(&case, &format!("b-{number}"), "bid.submitted", start, bid),
        ]);
    }
    let works = "case-works";
    let concluded = with(contract(100_000_000, "2027-09-30"), "contractor", WINNER);
    let changed = with(contract(120_000_000, "2027-10-31"), "change", 1);
    let terms = papers::performance(works, WINNER, 10_000_000);
    let later = start + TimeDelta::hours(1);
    events.extend([
        event(works, "w-1", "contract.concluded", start, concluded),
        world.signed(registration("P-1", terms, start)),
        event(works, "w-2", "contract.changed", later, changed),
    ]);
    events
}

/// Nothing is lost and nothing done twice. `uncertain` tells whether mails may have an unknown fate.
pub(crate) async fn check(world: &World, uncertain: bool) {
    check_inbox(world).await;
    check_ledger(world).await;
    check_mails(world, uncertain).await;
    check_keys(world, uncertain).await;
    check_own_events(world).await;
}

/// Every event is in exactly one state, and none was set aside.
async fn check_inbox(world: &World) {
    let rows = world.events().await;
    let identities: BTreeSet<_> = rows.iter().map(|row| &row.identity).collect();
    assert_eq!(identities.len(), rows.len());
    assert_eq!(rows.len(), usize::try_from(TOTAL).unwrap());
    for row in rows {
        assert_eq!(
            row.state,
            EventState::Applied,
            "{} {}",
            row.kind,
            row.identity
        );
    }
}

async fn check_ledger(world: &World) {
    let ledger = world.ledger().await;
    assert_eq!(
        ledger.cover("S001/P-1"),
        (12_000_000, "2027-10-31".to_owned())
    );
    assert_eq!(
        ledger.cover("S001/D-1"),
        (5_000_000, "2027-09-30".to_owned())
    );
    assert_eq!(ledger.holders("S001/P-1"), [WINNER]);
    for number in 1..=TENDERS {
        let name = format!("S001/B-{number}");
        assert_eq!(ledger.cover(&name), (6_000_000, "2027-09-30".to_owned()));
        assert_eq!(ledger.holders(&name), [WINNER, OWNER]);
    }
    assert!(ledger.bonds.values().all(|(state, ..)| state == "in_force"));
    assert_eq!(
        ledger.balances,
        BTreeMap::from([(WINNER.to_owned(), 35_000_000)])
    );
    assert!(ledger.tasks.is_empty(), "{:?}", ledger.tasks);
}

/// Nothing is leased or waits; what is sent was accepted once, what is uncertain at most once.
async fn check_mails(world: &World, uncertain: bool) {
    let stored = world.sink.stored();
    let mut known = BTreeSet::new();
    for row in world.outbox().await {
        let taken = stored.get(&row.message_id).map_or(0, |mail| mail.count);
        match (row.channel, row.state) {
            (Channel::Mail, OutboxState::Sent) => assert_eq!(taken, 1, "{row:?}"),
            (Channel::Mail, OutboxState::Uncertain) if uncertain => assert!(taken <= 1, "{row:?}"),
            (Channel::Mail, OutboxState::Overtaken) => assert_eq!(taken, 0, "{row:?}"),
            (Channel::Event, OutboxState::Sent) => {}
            _ => panic!("unexpected: {row:?}"),
        }
        known.insert(row.message_id);
    }
    for id in stored.keys() {
        assert!(known.contains(id), "a mail that is not in the outbox: {id}");
    }
}

/// The mail of every live key arrived, or its fate is shown as unknown.
async fn check_keys(world: &World, uncertain: bool) {
    let unknown = world
        .outbox()
        .await
        .into_iter()
        .filter(|row| uncertain && row.name == "key" && row.state == OutboxState::Uncertain);
    let unknown: BTreeSet<String> = unknown
        .map(|row| row.recipient.unwrap().to_string())
        .collect();
    let ledger = world.ledger().await;
    for (bond, _, holder) in &ledger.keys {
        let id = BondId::try_from(bond.clone()).unwrap();
        let view = world.store().bond(&id).await.unwrap().unwrap();
        let live = view
            .keys
            .iter()
            .find(|key| key.state == KeyState::Live && key.key.holder.as_str() == holder);
        let kid = &live.unwrap().key.kid;
        let arrived = world.key_files(holder).contains_key(kid);
        assert!(
            arrived || unknown.contains(holder),
            "{holder}'s key to {bond} is lost"
        );
    }
}

/// Each of the hub's own events was published at least once.
async fn check_own_events(world: &World) {
    let heard = world.heard().await;
    let ids: BTreeSet<&str> = heard
        .iter()
        .filter_map(|event| event["id"].as_str())
        .collect();
    let rows = world.outbox().await;
    let rows = rows.iter().filter(|row| row.channel == Channel::Event);
    for row in rows {
        let first = format!("{}-0", row.message_id);
        assert!(ids.contains(first.as_str()), "never published: {row:?}");
    }
}
