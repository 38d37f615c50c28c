//! Limits: a warning in the answer, a letter once, and kept again (R43).

use bondhub_core::{audit::Act, party::Member, ports::store::AuditFilter};

use super::*;
use crate::harness::papers::{contract, event, performance, with, yen};

impl World {
    async fn limit(&self, amount: Option<i64>) {
        let (issuer, contractor) = (code(ISSUER), code(WINNER));
        let set = self
            .desk
            .set_limit(&issuer, &contractor, Currency::JPY, amount, "taro");
        set.await.unwrap();
    }

    /// Limits that are noted as exceeded, and how often the audit log tells that something was noticed.
    async fn noticed(&self) -> (Vec<(String, i64, i64)>, usize) {
        let rows = self.store().exceeded(None).await.unwrap();
        let rows = rows
            .into_iter()
            .map(|row| (row.contractor.to_string(), row.amount, row.outstanding));
        let filter = AuditFilter {
            limit: 10_000,
            ..AuditFilter::default()
        };
        let links = self.store().audit_links(&filter).await.unwrap();
        let told = links.iter().filter(|link| {
            link.entry
                .contains(&format!("\"{}\"", Act::LimitWatched.as_str()))
        });
        (rows.collect(), told.count())
    }

    async fn letters(&self) -> usize {
        let all = self.outbox().await;
        all.iter()
            .filter(|mail| mail.name == "limit_exceeded")
            .count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_registration_beyond_a_limit_is_taken_warned_of_and_told_once() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        world.limit(Some(10_000)).await;
        let now = world.now();
        let cms = |number: &str, amount| {
            let said = registration(number, bond(CASE, "bid", WINNER, amount), now);
            sign(said, &world.cast.issuer, now)
        };
        let within = cms("B-1", 6_000);
        world.desk.document(&within).await.unwrap();
        assert_eq!(world.desk.exceeded_by(&within).await.unwrap(), []);
        assert_eq!(world.noticed().await, (vec![], 0));
        let beyond = cms("B-2", 5_000);
        world.desk.document(&beyond).await.unwrap();
        let warned = world.desk.exceeded_by(&beyond).await.unwrap();
        assert_eq!((warned[0].limit, warned[0].outstanding), (10_000, 11_000));
        let first = vec![(WINNER.to_owned(), 10_000, 11_000)];
        assert_eq!(world.noticed().await, (first.clone(), 1));
        let more = cms("B-3", 5_000);
        world.desk.document(&more).await.unwrap();
        world.desk.exceeded_by(&more).await.unwrap();
        world.desk.watch_limits(None).await.unwrap();
        assert_eq!(world.noticed().await, (first, 1), "once per exceeding");
        assert_eq!(world.letters().await, 1);
        let shown = world.desk.limits(Some(&code(ISSUER))).await.unwrap();
        assert_eq!(
            (shown[0].outstanding, shown[0].since.is_some()),
            (16_000, true)
        );
        world.limit(Some(20_000)).await;
        assert_eq!(world.noticed().await, (vec![], 2), "another limit is kept");
        world.limit(Some(15_000)).await;
        assert_eq!(world.letters().await, 2, "a new exceeding is told anew");
        world.limit(None).await;
        assert_eq!(
            world.noticed().await,
            (vec![], 4),
            "no limit, nothing exceeded"
        );
    }
}

/// The list's answer tells what is outstanding by then of the one contractor that has a limit; none is no warning.
async fn warned(world: &World, rows: &[String], update: bool) -> Option<i64> {
    let mode = ImportMode { update, ..STRICT };
    let told = world.import(ISSUER, &list(rows), mode).await;
    assert!(told.written, "a limit keeps nothing out: {told:?}");
    let exceeded = told.exceeded.iter();
    let of = exceeded.map(|one| (one.contractor.as_str(), one.outstanding));
    let of: Vec<_> = of.collect();
    assert!(of.iter().all(|(code, _)| *code == WINNER), "{of:?}");
    of.first().map(|(_, outstanding)| *outstanding)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joint_ventures_row_and_an_update_are_warned_of_by_what_they_add_for_each_member() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let mut venture = party("JV1", Role::Contractor, Language::Ja);
    let member = |who: &str, share| Member {
        party: code(who),
        share,
    };
    venture.members = vec![member(WINNER, 2), member(LOSER, 1)];
    world.desk.put_party(&venture).await.unwrap();
    world.limit(Some(120)).await;
    let first = row(&world, "P-1", "JV1", 150);
    assert_eq!(warned(&world, &[first], false).await, None, "100 of 150");
    let second = row(&world, "P-2", "JV1", 60);
    assert_eq!(warned(&world, &[second], false).await, Some(140));
    world.limit(Some(150)).await;
    let more = row(&world, "P-2", "JV1", 90);
    assert_eq!(warned(&world, &[more], true).await, Some(160));
    let less = row(&world, "P-2", "JV1", 30);
    assert_eq!(warned(&world, &[less], true).await, None);
    let own = row(&world, "P-3", WINNER, 25);
    assert_eq!(warned(&world, &[own], false).await, None, "120 and 25");
    let over = row(&world, "P-3", WINNER, 31);
    assert_eq!(warned(&world, &[over], true).await, Some(151));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_events_do_to_a_limit_is_noticed_by_the_next_look() {
    let world = World::start(SQLITE_SPOOL).await;
    world.limit(Some(14_000_000)).await;
    let now = world.now();
    let events = [
        event(CASE, "k-1", "contract.concluded", now, with_contractor()),
        world.signed(registration(
            "P-1",
            performance(CASE, WINNER, 15_000_000),
            now,
        )),
    ];
    world.play(&events, 2).await;
    assert_eq!(world.desk.watch_limits(None).await.unwrap(), 1);
    assert_eq!(world.desk.watch_limits(None).await.unwrap(), 0);
    let noticed = vec![(WINNER.to_owned(), 14_000_000, 15_000_000)];
    assert_eq!(world.noticed().await.0, noticed);
    let done = json!({"contract": crate::harness::papers::CONTRACT, "date": "2026-11-25"});
    let completed = event(CASE, "k-2", "contract.completed", world.now(), done);
    world.play(&[completed], 3).await;
    assert_eq!(world.desk.watch_limits(None).await.unwrap(), 1);
    assert_eq!(world.noticed().await.0, []);
}

fn with_contractor() -> serde_json::Value {
    let mut data = contract(150_000_000, "2027-03-31");
    data["contractor"] = json!(WINNER);
    data["performance_guarantee"] = json!({"required": true, "amount": yen(15_000_000)});
    data
}

#[tokio::test(flavor = "multi_thread")]
async fn bonds_that_begin_later_are_warned_of_when_they_are_entered() {
    let world = World::set(SQLITE_SPOOL, "").await;
    world.limit(Some(100)).await;
    let later = |number: &str| {
        let from = world.desk.today() + Days::new(40);
        let to = from + Days::new(300);
        format!(
            "{number},performance,bank_guarantee,{WINNER},{OWNER},K-{number},80,JPY,{from},{to}"
        )
    };
    assert_eq!(warned(&world, &[later("P-1")], false).await, None);
    assert_eq!(warned(&world, &[later("P-2")], false).await, Some(160));
    assert_eq!(
        world.noticed().await.0,
        [(WINNER.to_owned(), 100, 160)],
        "and its issuer is told now, not when both have begun"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bond_that_begins_when_the_one_before_is_over_exceeds_no_limit() {
    let world = World::set(SQLITE_SPOOL, "").await;
    world.limit(Some(100)).await;
    let now = world.now();
    let registered = |number: &str, from: u64, to: u64| {
        let day = |days| world.desk.today() + Days::new(days);
        let period = json!({"from": day(from), "to": day(to)});
        let terms = with(performance(CASE, WINNER, 80), "period", period);
        let said = registration(number, terms, now);
        sign(said, &world.cast.issuer, now)
    };
    for (number, from, to) in [("P-1", 0, 60), ("P-2", 61, 400)] {
        let cms = registered(number, from, to);
        world.desk.document(&cms).await.unwrap();
        assert_eq!(world.desk.exceeded_by(&cms).await.unwrap(), [], "{number}");
    }
    let cms = registered("P-3", 90, 400);
    world.desk.document(&cms).await.unwrap();
    let warned = world.desk.exceeded_by(&cms).await.unwrap();
    assert_eq!(warned[0].outstanding, 160, "signed, though not begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_a_bid_bond_and_its_reservation_is_warned_of_by_the_larger() {
    let world = World::set(SQLITE_SPOOL, "").await;
    world.limit(Some(12_000)).await;
    let (from, to) = (world.desk.today(), world.desk.today() + Days::new(300));
    let row = |number: &str, kind: &str, tender: &str, amount: i64| {
        format!(
            "{number},{kind},bank_guarantee,{WINNER},{OWNER},,{amount},JPY,{from},{to},{tender},2030-01-01 10:00"
        )
    };
    let list = |rows: &[String]| format!("{HEADER},procurement,opening_at\n{}\n", rows.join("\n"));
    let both = list(&[
        row("B-1", "bid", "T-1", 6_000),
        row("R-1", "performance_reservation", "T-1", 10_000),
    ]);
    let told = world.import(ISSUER, both.as_bytes(), STRICT).await;
    assert_eq!((told.added, told.exceeded), (2, vec![]));
    let more = list(&[row("B-2", "bid", "T-2", 2_001)]);
    let told = world.import(ISSUER, more.as_bytes(), STRICT).await;
    let told = told.exceeded.iter().map(|one| one.outstanding);
    assert_eq!(
        told.collect::<Vec<_>>(),
        [12_001],
        "10,000 of the first tender"
    );
}
