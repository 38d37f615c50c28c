//! What ends when, by the versions of then, and what may be under embargo.

use std::sync::Arc;

use bondhub_core::{
    bond::BondState,
    calendar::Period,
    money::Currency,
    ports::store::{BalanceBy, BondQuestion, Expiry, Question, Store, VersionRow, Within},
};
use chrono::{Datelike as _, Days};

use super::{Database, samples::*};

/// A commit of versions at a time of its own.
async fn commit_versions(store: &dyn Store, seconds: i64, of_case: i64, rows: Vec<VersionRow>) {
    let mut write = commit(vec![case("P-1", of_case)]);
    write.now = at(seconds);
    write.versions = rows;
    store.commit(&write).await.unwrap();
}

fn ending(number: &str, made: u32, last: Days) -> VersionRow {
    let mut row = version(number, made);
    row.terms.period = Period::new(day(1), day(30) + last).unwrap();
    row
}

pub async fn what_ends_when_is_told_by_month_and_by_the_version_of_then(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let mut write = commit(vec![case("P-1", 0)]);
    write.bonds = vec![bond("B-1", "P-1"), bond("B-2", "P-1")];
    write.movements = vec![movement(1, "B-1", 1, 100), movement(2, "B-2", 1, 50)];
    store.commit(&write).await.unwrap();
    let (now, later) = (Days::new(0), Days::new(31));
    let first = vec![ending("B-1", 1, now), ending("B-2", 1, now)];
    commit_versions(store.as_ref(), 10, 1, first).await;
    commit_versions(store.as_ref(), 20, 2, vec![ending("B-2", 2, later)]).await;
    let expiry = |month: &str, amount, bonds| Expiry {
        month: month.parse().unwrap(),
        amount,
        currency: Currency::JPY,
        bonds,
    };
    let question = Question {
        by: BalanceBy::Total,
        within: Within::default(),
        as_of: day(15),
        known_on: None,
        without: None,
        foreseen_after: None,
    };
    let told = async |before: Option<i64>| store.expiries(&question, before.map(at)).await.unwrap();
    let after = [expiry("2026-04-01", 100, 1), expiry("2026-05-01", 50, 1)];
    assert_eq!(told(Some(21)).await, after);
    assert_eq!(told(Some(20)).await, [expiry("2026-04-01", 150, 2)]);
    assert_eq!(
        told(Some(5)).await,
        [expiry("2026-04-01", 150, 2)],
        "the first tells of before"
    );
    // The bonds say now what the last versions say.
    let mut write = commit(vec![case("P-1", 3)]);
    let mut changed = bond("B-2", "P-1");
    changed.terms = ending("B-2", 2, later).terms;
    write.bonds = vec![changed];
    store.commit(&write).await.unwrap();
    assert_eq!(told(None).await, after);
    store.fold(day(20)).await.unwrap();
    assert_eq!(told(None).await, after, "with sums kept too");
    let unknown = Question {
        known_on: Some(day(1) - Days::new(400)),
        ..question.clone()
    };
    assert_eq!(store.expiries(&unknown, Some(at(21))).await.unwrap(), []);
    let all = BondQuestion {
        within: Within::default(),
        as_of: day(15),
        known_on: None,
        after: Some(bond_id("B-1")),
        limit: 1,
        without: None,
    };
    for (before, made) in [(21, ending("B-2", 2, later)), (20, ending("B-2", 1, now))] {
        let page = store.bond_standings(&all, Some(at(before))).await.unwrap();
        assert_eq!(page[0].terms, Some(made.terms), "{before}");
    }
}

pub async fn a_bond_whose_last_day_moves_ends_in_its_new_month_whatever_is_kept(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let store = store.as_ref();
    let told = async || {
        let question = Question {
            by: BalanceBy::Total,
            within: Within::default(),
            as_of: day(20),
            known_on: None,
            without: None,
            foreseen_after: None,
        };
        let ends = store.expiries(&question, None).await.unwrap();
        let told = ends
            .iter()
            .map(|one| (one.month.month(), one.amount, one.bonds));
        told.collect::<Vec<_>>()
    };
    // A version of B-2 that lasts so many days longer, with a movement or without one.
    let moves = async |made: u32, later, amount: Option<i64>| {
        let mut write = commit(vec![case("P-1", i64::from(made))]);
        let version = ending("B-2", made + 1, Days::new(later));
        let mut changed = bond("B-2", "P-1");
        changed.terms = version.terms.clone();
        (write.bonds, write.versions) = (vec![changed], vec![version]);
        if let Some(amount) = amount {
            let mut more = movement(u128::from(10 + made), "B-2", 2, amount);
            (more.bonds, more.held) = (0, 0);
            write.movements = vec![more];
        }
        store.commit(&write).await.unwrap();
    };
    let mut write = commit(vec![case("P-1", 0)]);
    write.bonds = vec![bond("B-1", "P-1"), bond("B-2", "P-1")];
    let now = Days::new(0);
    write.versions = vec![ending("B-1", 1, now), ending("B-2", 1, now)];
    write.movements = vec![movement(1, "B-1", 1, 100), movement(2, "B-2", 1, 50)];
    store.commit(&write).await.unwrap();
    store.fold(day(20)).await.unwrap();
    assert_eq!(told().await, [(4, 150, 2)]);
    moves(1, 31, None).await;
    assert_eq!(told().await, [(4, 100, 1), (5, 50, 1)], "extended");
    moves(2, 61, Some(5)).await;
    let extended = [(4, 100, 1), (6, 55, 1)];
    assert_eq!(told().await, extended, "and again, over more");
    store.fold(day(20)).await.unwrap();
    assert_eq!(told().await, extended, "with sums kept anew");
    moves(3, 0, None).await;
    assert_eq!(told().await, [(4, 155, 2)], "back");
    store.fold(day(20)).await.unwrap();
    assert_eq!(told().await, [(4, 155, 2)]);
}

/// Bonds of which some end before day 20, some not, and one is frozen; one is a venture's.
async fn endings(store: &dyn Store) {
    let mut write = commit(vec![case("P-1", 0)]);
    let lasting = |number: &str, last: u64, state| {
        let mut row = bond(number, "P-1");
        row.terms.period = Period::new(day(1), day(10) + Days::new(last)).unwrap();
        row.state = state;
        row
    };
    write.bonds = vec![
        lasting("B-1", 5, BondState::InForce),
        lasting("B-2", 5, BondState::Reserved),
        lasting("B-3", 9, BondState::InForce),
        lasting("B-4", 5, BondState::Frozen),
        lasting("B-5", 5, BondState::Released),
        lasting("B-6", 2, BondState::InForce),
    ];
    let (mut venture, mut partner) = (movement(3, "B-3", 1, 60), movement(4, "B-3", 1, 40));
    for share in [&mut venture, &mut partner] {
        share.principal = party("JV");
    }
    (partner.holder, partner.bonds) = (party("C2"), 0);
    write.movements = vec![
        movement(1, "B-1", 1, 100),
        movement(2, "B-2", 1, 50),
        venture,
        partner,
        movement(5, "B-4", 1, 7),
        movement(6, "B-5", 1, 9),
        movement(7, "B-5", 2, -9),
        movement(8, "B-6", 30, 3),
    ];
    store.commit(&write).await.unwrap();
}

pub async fn what_ends_before_a_day_to_come_is_in_no_figure_of_it(database: Arc<dyn Database>) {
    let store = database.open().await;
    endings(store.as_ref()).await;
    let asked = async |by, within: &Within, as_of| {
        let question = Question {
            by,
            within: within.clone(),
            as_of,
            known_on: None,
            without: None,
            foreseen_after: Some(day(2)),
        };
        let sums = store.balances(&question).await.unwrap().into_iter();
        let told = sums.map(|sum| (sum.of, sum.amount, sum.bonds));
        told.collect::<Vec<_>>()
    };
    let told = |of: &str, amount, bonds| (of.to_owned(), amount, bonds);
    let everything = Within::default();
    for folded in [false, true] {
        if folded {
            store.fold(day(2)).await.unwrap();
        }
        let total = async |as_of| asked(BalanceBy::Total, &everything, as_of).await;
        assert_eq!(
            total(day(15)).await,
            [told("", 257, 4)],
            "a last day counts in full"
        );
        assert_eq!(total(day(16)).await, [told("", 107, 2)]);
        let frozen = [told("", 7, 1)];
        assert_eq!(
            total(day(20)).await,
            frozen,
            "what is frozen does not end by date"
        );
        assert_eq!(
            total(day(30)).await,
            frozen,
            "what begins after its bond has ended is not outstanding"
        );
        let by_contractor = asked(BalanceBy::Contractor, &everything, day(19)).await;
        assert_eq!(by_contractor, [told("C1", 67, 2), told("C2", 40, 1)]);
        let by_contractor = asked(BalanceBy::Contractor, &everything, day(20)).await;
        assert_eq!(
            by_contractor,
            [told("C1", 7, 1)],
            "all shares of a venture end"
        );
        let of_partner = Within {
            contractor: Some(party("C2")),
            ..Within::default()
        };
        assert_eq!(
            asked(BalanceBy::Total, &of_partner, day(19)).await,
            [told("", 40, 1)]
        );
        assert_eq!(asked(BalanceBy::Total, &of_partner, day(20)).await, []);
    }
}
