//! Both business flows as in the demonstration, with what each party can and cannot do at each point.

use bondhub::{
    desk::DeskError,
    vault::{Look, OpenRefusal, Shown},
};
use chrono::TimeDelta;
use serde_json::json;

use crate::harness::{
    cast::{ISSUER, LOSER, OWNER, WINNER},
    combination::{Combination, stories},
    papers::{self, CASE, at, bond, contract, event, registration, tender, with, yen},
    world::World,
};

stories! { bidding_and_contract => super::bidding_and_contract; }

const WINNERS: &str = "S001/B-1";
const LOSERS: &str = "S001/B-2";
const RESERVED: &str = "S001/R-1";
const PERFORMANCE: &str = "S001/P-1";

async fn bidding_and_contract(on: Combination) {
    let world = World::start(on).await;
    announce_and_register(&world).await;
    submit_and_open(&world).await;
    rebid(&world).await;
    award(&world).await;
    conclude(&world).await;
    change(&world).await;
    complete(&world).await;
    every_key_mail_opens_for_its_recipient_alone(&world).await;
}

async fn look(world: &World, key: &[u8]) -> Look {
    world.desk.open(key).await.unwrap()
}

/// What a bond's amount is, as a key shows it; none while only its existence is shown.
async fn amount_shown(world: &World, key: &[u8]) -> Option<i64> {
    match look(world, key).await.shown {
        Shown::Existence { .. } => None,
        Shown::Content(view) => Some(view.bond.terms.amount.amount()),
    }
}

/// Why a key opens nothing any more.
async fn refusal(world: &World, key: &[u8]) -> String {
    match world.desk.open(key).await {
        Err(DeskError::Key(OpenRefusal::Revoked { reason, .. })) => reason,
        other => panic!("expected a revoked key, not {other:?}"),
    }
}

async fn announce_and_register(world: &World) {
    let now = world.now();
    let opening = now + TimeDelta::hours(1);
    let announced = event(CASE, "t-1", "tender.announced", now, tender(opening));
    let bonds = [
        ("B-1", bond(CASE, "bid", WINNER, 6_000_000)),
        ("B-2", bond(CASE, "bid", LOSER, 6_200_000)),
        ("R-1", papers::reservation(CASE, WINNER, 12_000_000)),
    ];
    let mut events = vec![announced];
    for (number, terms) in bonds {
        events.push(world.signed(registration(number, terms, now)));
    }
    events.push(world.signed(papers::instruction(now)));
    world.play(&events, 5).await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.state(WINNERS), "in_force");
    assert_eq!(ledger.state(LOSERS), "in_force");
    assert_eq!(ledger.state(RESERVED), "reserved");
    assert_eq!(ledger.holders(WINNERS), [WINNER]);
    assert_eq!(ledger.holders(LOSERS), [LOSER]);
    // A bid bond and its reservation count once: the larger of the two (R42).
    assert_eq!(ledger.balances[WINNER], 12_000_000);
    assert_eq!(ledger.balances[LOSER], 6_200_000);
}

async fn submit_and_open(world: &World) {
    let now = world.now();
    let bid = |id, contractor| {
        event(
            CASE,
            id,
            "bid.submitted",
            now,
            json!({"contractor": contractor}),
        )
    };
    world
        .play(&[bid("b-1", WINNER), bid("b-2", LOSER)], 7)
        .await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.holders(WINNERS), [WINNER, OWNER]);
    assert_eq!(ledger.holders(LOSERS), [LOSER, OWNER]);
    let key = world.live_key(OWNER, WINNERS).await;
    assert_eq!(
        amount_shown(world, &key).await,
        None,
        "embargoed for the owner (R21)"
    );
    let own = world.live_key(WINNER, WINNERS).await;
    assert_eq!(
        amount_shown(world, &own).await,
        Some(6_000_000),
        "its own bond"
    );
    world.clock.advance(TimeDelta::hours(2));
    assert_eq!(
        amount_shown(world, &key).await,
        Some(6_000_000),
        "opened by the clock"
    );
    let opened = json!({"opened_at": at(world.now())});
    world
        .play(&[event(CASE, "o-1", "bid.opened", world.now(), opened)], 8)
        .await;
}

async fn rebid(world: &World) {
    let old = world.live_key(OWNER, WINNERS).await;
    let opening = world.now() + TimeDelta::hours(1);
    let call = json!({"round": 2, "opening_at": at(opening)});
    world
        .play(&[event(CASE, "r-1", "rebid.called", world.now(), call)], 9)
        .await;
    assert_eq!(amount_shown(world, &old).await, None, "the embargo is back");
    let changed = registration("B-1", bond(CASE, "bid", WINNER, 5_700_000), world.now());
    let update = world.signed(with(changed, "type", "update"));
    world.play(&[update], 10).await;
    assert!(!refusal(world, &old).await.is_empty());
    assert_eq!(world.ledger().await.holders(WINNERS), [WINNER, OWNER]);
    world.clock.advance(TimeDelta::hours(2));
    let new = world.live_key(OWNER, WINNERS).await;
    assert_eq!(amount_shown(world, &new).await, Some(5_700_000));
}

async fn award(world: &World) {
    let data = json!({"award": "A-1", "contractor": WINNER, "amount": yen(114_000_000)});
    world
        .play(
            &[event(CASE, "a-1", "award.decided", world.now(), data)],
            11,
        )
        .await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.state(LOSERS), "in_force", "kept for a second bidder");
}

async fn conclude(world: &World) {
    let data = with(contract(114_000_000, "2027-09-30"), "contractor", WINNER);
    let data = with(data, "award", "A-1");
    world
        .play(
            &[event(CASE, "c-1", "contract.concluded", world.now(), data)],
            12,
        )
        .await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.state(WINNERS), "released");
    assert_eq!(ledger.state(LOSERS), "released");
    assert!(
        ledger.holders(LOSERS).is_empty(),
        "a released bond's keys are dead"
    );
    let terms = papers::performance(CASE, WINNER, 11_400_000);
    let terms = with(terms, "takes_over", "R-1");
    let registered = world.signed(registration("P-1", terms, world.now()));
    world.play(&[registered], 13).await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.state(RESERVED), "converted");
    assert_eq!(ledger.state(PERFORMANCE), "in_force");
    assert_eq!(ledger.balances[WINNER], 11_400_000);
    let key = world.live_key(WINNER, PERFORMANCE).await;
    world.desk.hand_over(&key).await.unwrap();
    world.quiet(14).await;
    assert_eq!(world.ledger().await.holders(PERFORMANCE), [WINNER, OWNER]);
}

async fn change(world: &World) {
    let old = [
        world.live_key(WINNER, PERFORMANCE).await,
        world.live_key(OWNER, PERFORMANCE).await,
    ];
    let data = with(contract(135_000_000, "2027-11-30"), "change", 1);
    world
        .play(
            &[event(CASE, "c-2", "contract.changed", world.now(), data)],
            15,
        )
        .await;
    let ledger = world.ledger().await;
    // 10 % of 135 million, within the standing instruction (R31).
    assert_eq!(
        ledger.cover(PERFORMANCE),
        (13_500_000, "2027-11-30".to_owned())
    );
    assert_eq!(ledger.balances[WINNER], 13_500_000);
    for key in &old {
        assert!(!refusal(world, key).await.is_empty());
    }
    for party in [WINNER, OWNER] {
        let new = world.live_key(party, PERFORMANCE).await;
        assert_eq!(amount_shown(world, &new).await, Some(13_500_000));
    }
}

async fn complete(world: &World) {
    let data = json!({"contract": papers::CONTRACT, "date": "2026-11-30"});
    world
        .play(
            &[event(CASE, "c-3", "contract.completed", world.now(), data)],
            16,
        )
        .await;
    let ledger = world.ledger().await;
    assert_eq!(ledger.state(PERFORMANCE), "released");
    assert!(ledger.keys.is_empty(), "{:?}", ledger.keys);
    assert!(ledger.tasks.is_empty(), "{:?}", ledger.tasks);
}

async fn every_key_mail_opens_for_its_recipient_alone(world: &World) {
    let everybody = [ISSUER, WINNER, LOSER, OWNER];
    let mut keys = 0;
    for row in world.outbox().await.iter().filter(|row| row.name == "key") {
        let to = row.recipient.as_ref().unwrap().as_str();
        let mail = &world.sink.stored()[&row.message_id];
        assert_eq!(mail.count, 1, "sent once");
        for party in everybody {
            assert_eq!(world.opened_by(party, mail).is_some(), party == to);
        }
        keys += 1;
    }
    // B-1: two editions × contractor and owner; B-2: both; R-1: both; P-1: two editions × both.
    assert_eq!(keys, 12);
}
