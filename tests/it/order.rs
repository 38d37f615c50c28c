//! The same events in reverse order of arrival end with the same bonds, keys, tasks and balances (R34).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::{LOSER, WINNER},
    combination::{Combination, stories},
    papers::{self, bond, contract, event, registration, tender, with},
    world::World,
};

stories! { reversed => super::reversed; }

/// Two cases in which nothing final happens: bids before the opening, and a contract changed twice.
pub(crate) fn events(world: &World) -> Vec<Value> {
    let start = world.now() - TimeDelta::hours(10);
    let after = |minutes| start + TimeDelta::minutes(minutes);
    let opening = world.now() + TimeDelta::days(30);
    let (bids, works) = ("case-bids", "case-works");
    let bid = |id, minutes, who| {
        event(
            bids,
            id,
            "bid.submitted",
            after(minutes),
            json!({"contractor": who}),
        )
    };
    let concluded = with(contract(100_000_000, "2027-09-30"), "contractor", WINNER);
    let change = |number: i64, amount| with(contract(amount, "2027-10-31"), "change", number);
    vec![
        world.signed(papers::instruction(after(0))),
        event(bids, "t-1", "tender.announced", after(1), tender(opening)),
        world.signed(registration(
            "B-1",
            bond(bids, "bid", WINNER, 6_000_000),
            after(2),
        )),
        world.signed(registration(
            "B-2",
            bond(bids, "bid", LOSER, 6_200_000),
            after(3),
        )),
        bid("b-1", 4, WINNER),
        bid("b-2", 5, LOSER),
        event(
            bids,
            "t-2",
            "tender.changed",
            after(6),
            tender(opening + TimeDelta::days(3)),
        ),
        event(works, "w-1", "contract.concluded", after(7), concluded),
        world.signed(registration(
            "P-1",
            papers::performance(works, WINNER, 10_000_000),
            after(8),
        )),
        event(
            works,
            "w-2",
            "contract.changed",
            after(9),
            change(1, 110_000_000),
        ),
        event(
            works,
            "w-3",
            "contract.changed",
            after(10),
            change(2, 120_000_000),
        ),
    ]
}

async fn reversed(on: Combination) {
    let forwards = World::start(on).await;
    let mut events = events(&forwards);
    one_by_one(&forwards, &events).await;
    let expected = forwards.ledger().await;
    // 10 % of the last price, until the last period's end.
    assert_eq!(
        expected.cover("S001/P-1"),
        (12_000_000, "2027-10-31".to_owned())
    );
    assert_eq!(expected.keys.len(), 5, "{:?}", expected.keys);
    events.reverse();
    let mut backwards = World::start(on).await;
    backwards.trust(&forwards).await;
    one_by_one(&backwards, &events).await;
    backwards.close().await;
    assert_eq!(backwards.ledger().await, expected);
}

/// Each event is handled before the next one comes.
async fn one_by_one(world: &World, events: &[Value]) {
    for (number, event) in events.iter().enumerate() {
        world.send(event).await;
        world.quiet(u64::try_from(number).unwrap() + 1).await;
    }
}
