//! What ends when, by the versions of then, and what may be under embargo.

use std::sync::Arc;

use bondhub_core::{
    bond::BondState,
    calendar::Period,
    event::{EventIdentity, Stamp},
    money::Currency,
    ports::store::{
        BalanceBy, BondQuestion, CaseWrite, Expiry, Question, Store, VersionRow, Within,
    },
    procurement::{BondFact, Fact, Lesson},
};
use chrono::Days;

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
    };
    for (before, made) in [(21, ending("B-2", 2, later)), (20, ending("B-2", 1, now))] {
        let page = store.bond_standings(&all, Some(at(before))).await.unwrap();
        assert_eq!(page[0].terms, Some(made.terms), "{before}");
    }
}

pub async fn bonds_of_cases_that_may_be_sealed_come_with_their_movements(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let mut write = commit(vec![
        opened_at("P-1", 100),
        opened_at("P-2", 50),
        case("P-3", 0),
    ]);
    write.bonds = vec![bond("B-1", "P-1"), bond("B-2", "P-2"), bond("B-3", "P-3")];
    write.movements = vec![
        movement(1, "B-1", 1, 100),
        movement(2, "B-2", 1, 50),
        movement(3, "B-1", 2, -100),
        movement(4, "B-3", 1, 7),
    ];
    store.commit(&write).await.unwrap();
    let sealed = async |within: &Within, now| {
        let found = store.sealed(within, at(now), Some(at(0))).await.unwrap();
        let told = found.iter().map(|one| {
            let sum: Vec<i64> = one.movements.iter().map(|row| row.delta).collect();
            (one.bond.number.to_string(), one.state, one.ends, sum)
        });
        told.collect::<Vec<_>>()
    };
    let told = |number: &str, sums: &[i64]| {
        let number = number.to_owned();
        (number, BondState::InForce, day(30), sums.to_vec())
    };
    let everything = Within::default();
    assert_eq!(
        sealed(&everything, 49).await,
        [told("B-1", &[100, -100]), told("B-2", &[50])]
    );
    assert_eq!(sealed(&everything, 50).await, [told("B-1", &[100, -100])]);
    assert_eq!(sealed(&everything, 100).await, []);
    let elsewhere = Within {
        owner: Some(party("O9")),
        ..Within::default()
    };
    assert_eq!(sealed(&elsewhere, 0).await, []);
    let of_owner = store.contractors_of(&party("O1")).await.unwrap();
    assert_eq!(of_owner, [(party("C1"), 3)]);
    assert_eq!(store.contractors_of(&party("O9")).await.unwrap(), []);
}

/// A case with a bid bond whose bids are opened then.
fn opened_at(name: &str, seconds: i64) -> CaseWrite {
    let mut write = case(name, 0);
    let mut bid = terms(name);
    bid.opening_at = Some(at(seconds));
    let stamp = Stamp {
        time: at(0),
        sequence: 0,
        event: EventIdentity {
            id: name.to_owned(),
            source: "/issuer".to_owned(),
        },
    };
    let fact = Fact::Bond {
        bond: bond_id(&format!("of-{name}")),
        fact: BondFact::Registered(bid),
    };
    let lesson = Lesson {
        stamp,
        facts: vec![fact],
    };
    write.file.learn(&lesson).unwrap();
    write
}
