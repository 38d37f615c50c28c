//! Days to come: what ends before them by its period is not outstanding on them any more (R40).

use bondhub_core::{
    liability::{Span, Step},
    ports::store::BondQuestion,
};

use super::*;
use crate::harness::papers::{CASE, bond, event, registration, reservation, tender, with};

/// A paper bond that gives its guarantee from ten days ago on to so many days from today.
fn lasting(world: &World, number: &str, contractor: &str, amount: i64, days: u64) -> String {
    let today = world.desk.today();
    let (from, to) = (today - Days::new(10), today + Days::new(days));
    format!(
        "{number},performance,bank_guarantee,{contractor},{OWNER},K-{number},{amount},JPY,{from},{to}"
    )
}

/// What is outstanding so many days from today, by contractor.
async fn coming(world: &World, beholder: &Beholder, days: u64) -> Vec<(String, i64, u64)> {
    let figure = Figure {
        as_of: Some(world.desk.today() + Days::new(days)),
        ..figure(BalanceBy::Contractor, Within::default())
    };
    let sums = world.desk.balances(beholder, &figure).await.unwrap();
    let told = sums.into_iter().map(|sum| (sum.of, sum.amount, sum.bonds));
    told.collect()
}

fn sum(of: &str, amount: i64, bonds: u64) -> (String, i64, u64) {
    (of.to_owned(), amount, bonds)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_day_to_come_a_bond_counts_to_the_last_day_of_its_period_in_every_figure() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let rows = [
            lasting(&world, "P-1", WINNER, 100, 30),
            lasting(&world, "P-2", WINNER, 50, 300),
            lasting(&world, "P-3", LOSER, 7, 30),
        ];
        assert_eq!(world.import(ISSUER, &list(&rows), STRICT).await.added, 3);
        let (desk, hub, today) = (&world.desk, Beholder::Hub, world.desk.today());
        for folded in [false, true] {
            if folded {
                desk.snapshot_balances().await.unwrap();
            }
            let all = [sum(WINNER, 150, 2), sum(LOSER, 7, 1)];
            assert_eq!(coming(&world, &hub, 0).await, all);
            assert_eq!(coming(&world, &hub, 30).await, all, "its last day counts");
            assert_eq!(coming(&world, &hub, 31).await, [sum(WINNER, 50, 1)]);
            assert_eq!(coming(&world, &hub, 301).await, []);
        }
        let span = Span::new(today + Days::new(29), today + Days::new(32), Step::Day).unwrap();
        let total = figure(BalanceBy::Total, Within::default());
        let series = desk.balance_series(&hub, &total, &span).await.unwrap();
        let amounts: Vec<i64> = series.iter().map(|point| point.balance.amount).collect();
        assert_eq!(amounts, [157, 157, 50, 50]);
        let later = Figure {
            as_of: Some(today + Days::new(31)),
            ..total
        };
        let ends = desk.expiries(&hub, &later).await.unwrap();
        let ends: Vec<_> = ends.iter().map(|one| (one.amount, one.bonds)).collect();
        assert_eq!(ends, [(50, 1)], "what ends after that day");
        let question = BondQuestion {
            within: Within::default(),
            as_of: today + Days::new(31),
            known_on: None,
            after: None,
            limit: 1,
            without: None,
        };
        let bonds = desk.outstanding_bonds(&hub, &question).await.unwrap();
        let bonds: Vec<_> = bonds.iter().map(|one| one.bond.number.as_str()).collect();
        assert_eq!(
            bonds,
            ["P-2"],
            "a full page, though bonds before it are left out"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn up_to_today_the_ledger_alone_tells_what_has_ended_also_in_a_series_that_goes_on() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let rows = [
        lasting(&world, "P-1", WINNER, 100, 30),
        lasting(&world, "P-2", WINNER, 50, 300),
    ];
    assert_eq!(world.import(ISSUER, &list(&rows), STRICT).await.added, 2);
    // No hub is running that would note the end.
    world.clock.advance(TimeDelta::days(32));
    let (desk, hub, today) = (&world.desk, Beholder::Hub, world.desk.today());
    assert_eq!(coming(&world, &hub, 0).await, [sum(WINNER, 150, 2)]);
    let span = Span::new(today - Days::new(1), today + Days::new(1), Step::Day).unwrap();
    let total = figure(BalanceBy::Total, Within::default());
    let series = desk.balance_series(&hub, &total, &span).await.unwrap();
    let amounts: Vec<i64> = series.iter().map(|point| point.balance.amount).collect();
    assert_eq!(amounts, [150, 150, 50]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_on_an_earlier_day_is_what_the_ledger_had_noted_by_then() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let rows = [lasting(&world, "P-1", WINNER, 100, 30)];
    assert_eq!(world.import(ISSUER, &list(&rows), STRICT).await.added, 1);
    let entered = world.desk.today();
    world.clock.advance(TimeDelta::days(2));
    let asked = async |known_on| {
        let figure = Figure {
            as_of: Some(entered + Days::new(31)),
            known_on: Some(known_on),
            ..figure(BalanceBy::Total, Within::default())
        };
        let sums = world.desk.balances(&Beholder::Hub, &figure).await.unwrap();
        sums.first().map(|sum| sum.amount)
    };
    assert_eq!(
        asked(entered).await,
        Some(100),
        "its end was not noted then"
    );
    assert_eq!(asked(world.desk.today()).await, None, "known today");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bid_under_embargo_is_left_out_once_though_it_ends_before_the_day() {
    let world = World::start(SQLITE_SPOOL).await;
    let rows = [lasting(&world, "P-1", WINNER, 500, 300)];
    assert_eq!(world.import(ISSUER, &list(&rows), STRICT).await.added, 1);
    let now = world.now();
    let opening = now + TimeDelta::days(60);
    let today = world.desk.today();
    let period = json!({"from": today, "to": today + Days::new(20)});
    let bid = with(bond(CASE, "bid", WINNER, 6_000_000), "period", period);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(registration("B-1", bid, now)),
    ];
    world.play(&events, 3).await;
    let (hub, operator) = (Beholder::Hub, Beholder::Operator);
    for (days, whole) in [(0, 6_000_500), (20, 6_000_500), (21, 500)] {
        let bonds = 1 + u64::from(whole > 500);
        assert_eq!(
            coming(&world, &hub, days).await,
            [sum(WINNER, whole, bonds)]
        );
        assert_eq!(coming(&world, &operator, days).await, [sum(WINNER, 500, 1)]);
    }
}

/// The same bond with a period from today to so many days from it.
fn for_days(world: &World, bond: serde_json::Value, days: u64) -> serde_json::Value {
    let today = world.desk.today();
    let period = json!({"from": today, "to": today + Days::new(days)});
    with(bond, "period", period)
}

#[tokio::test(flavor = "multi_thread")]
async fn when_its_bid_bond_is_over_a_reservation_counts_in_full_in_every_figure_of_days_to_come() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::start(on).await;
        let now = world.now();
        let rows = [
            ("B-1", bond(CASE, "bid", WINNER, 6_000_000), 20),
            ("R-1", reservation(CASE, WINNER, 12_000_000), 200),
            ("B-2", bond(CASE, "bid", LOSER, 9_000), 20),
            ("R-2", reservation(CASE, LOSER, 5_000), 200),
        ];
        let mut events = vec![event(
            CASE,
            "t-1",
            "tender.announced",
            now,
            tender(now + TimeDelta::days(60)),
        )];
        for (number, terms, days) in rows {
            let terms = for_days(&world, terms, days);
            events.push(world.signed(registration(number, terms, now)));
        }
        world.play(&events, 5).await;
        let (desk, hub, today) = (&world.desk, Beholder::Hub, world.desk.today());
        for folded in [false, true] {
            if folded {
                desk.snapshot_balances().await.unwrap();
            }
            let with_bids = [sum(WINNER, 12_000_000, 2), sum(LOSER, 9_000, 1)];
            assert_eq!(coming(&world, &hub, 0).await, with_bids);
            assert_eq!(coming(&world, &hub, 20).await, with_bids);
            let after = [sum(WINNER, 12_000_000, 1), sum(LOSER, 5_000, 1)];
            assert_eq!(coming(&world, &hub, 21).await, after);
            assert_eq!(coming(&world, &hub, 200).await, after);
            assert_eq!(coming(&world, &hub, 201).await, []);
        }
        let span = Span::new(today + Days::new(20), today + Days::new(21), Step::Day).unwrap();
        let total = figure(BalanceBy::Total, Within::default());
        let series = desk.balance_series(&hub, &total, &span).await.unwrap();
        let amounts: Vec<i64> = series.iter().map(|point| point.balance.amount).collect();
        assert_eq!(amounts, [12_009_000, 12_005_000]);
        let later = Figure {
            as_of: Some(today + Days::new(21)),
            ..total
        };
        let ends = desk.expiries(&hub, &later).await.unwrap();
        let ends: Vec<_> = ends.iter().map(|one| (one.amount, one.bonds)).collect();
        assert_eq!(
            ends,
            [(12_005_000, 2)],
            "with the last days of the reservations"
        );
        for limit in [1, 100] {
            assert_eq!(
                bonds_then(&world, 21, limit).await,
                [("R-1".to_owned(), 12_000_000), ("R-2".to_owned(), 5_000)]
            );
        }
        let operator = coming(&world, &Beholder::Operator, 21).await;
        assert_eq!(operator, [], "all of them are under embargo");
    }
}

/// The bonds outstanding so many days from today, read in pages of this length.
async fn bonds_then(world: &World, days: u64, limit: u32) -> Vec<(String, i64)> {
    let mut question = BondQuestion {
        within: Within::default(),
        as_of: world.desk.today() + Days::new(days),
        known_on: None,
        after: None,
        limit,
        without: None,
    };
    let mut told = Vec::new();
    loop {
        let page = world.desk.outstanding_bonds(&Beholder::Hub, &question);
        let page = page.await.unwrap();
        let Some(last) = page.last() else {
            return told;
        };
        question.after = Some(last.bond.clone());
        let bonds = page
            .iter()
            .map(|one| (one.bond.number.to_string(), one.amount));
        told.extend(bonds);
    }
}
