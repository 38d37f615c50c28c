//! The ledger and its figures.

pub(super) mod plain;

use std::sync::Arc;

use bondhub_core::{
    bond::BondState,
    money::Currency,
    ports::store::{
        Balance, BalanceBy, BondQuestion, Embargo, MovementRow, Question, SeriesQuestion, Store,
        Within,
    },
};
use chrono::{Days, NaiveDate};

use super::{Database, samples::*};
use plain::{Dice, OPENING, add_up, is_left_out, random, with_bonds};

fn balance(of: &str, amount: i64, bonds: u64) -> Balance {
    Balance {
        of: of.to_owned(),
        amount,
        currency: Currency::JPY,
        bonds,
    }
}

fn question(by: BalanceBy, as_of: NaiveDate) -> Question {
    Question {
        by,
        within: Within::default(),
        as_of,
        known_on: None,
        without: None,
        foreseen_after: None,
    }
}

async fn ask(store: &dyn Store, by: BalanceBy, as_of: u32) -> Vec<Balance> {
    store.balances(&question(by, day(as_of))).await.unwrap()
}

fn reduced(mut row: MovementRow) -> MovementRow {
    (row.bonds, row.held) = (0, 0);
    row
}

pub async fn balances_are_added_up_by_contractor_issuer_owner_and_in_total(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let mut others = movement(3, "B-2", 1, 30);
    (others.principal, others.holder) = (party("C2"), party("C2"));
    others.obligee = party("O2");
    let mut pounds = movement(4, "B-3", 1, 7);
    pounds.currency = Currency::parse("GBP").unwrap();
    let over = [movement(5, "B-4", 1, 900), movement(6, "B-4", 2, -900)];
    commit_to_case(store.as_ref(), |commit| {
        commit.movements = vec![
            movement(1, "B-1", 1, 100),
            reduced(movement(2, "B-1", 2, -40)),
        ];
        commit.movements.extend([others, pounds]);
        commit.movements.extend(over);
    })
    .await;

    let gbp = |of: &str| Balance {
        currency: Currency::parse("GBP").unwrap(),
        ..balance(of, 7, 1)
    };
    let store = store.as_ref();
    assert_eq!(
        ask(store, BalanceBy::Contractor, 30).await,
        [gbp("C1"), balance("C1", 60, 1), balance("C2", 30, 1)]
    );
    assert_eq!(
        ask(store, BalanceBy::Issuer, 30).await,
        [gbp("S1"), balance("S1", 90, 2)]
    );
    assert_eq!(
        ask(store, BalanceBy::Owner, 30).await,
        [gbp("O1"), balance("O1", 60, 1), balance("O2", 30, 1)]
    );
    assert_eq!(
        ask(store, BalanceBy::Total, 30).await,
        [gbp(""), balance("", 90, 2)]
    );

    let mut pair = question(BalanceBy::Contractor, day(30));
    (pair.within.issuer, pair.within.owner) = (Some(party("S1")), Some(party("O2")));
    assert_eq!(store.balances(&pair).await.unwrap(), [balance("C2", 30, 1)]);
}

pub async fn balances_count_only_what_is_effective_by_the_day(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.movements = vec![movement(1, "B-1", 5, 100), movement(2, "B-1", 9, -100)];
    })
    .await;
    let total = async |on| ask(store.as_ref(), BalanceBy::Total, on).await;
    assert_eq!(total(4).await, []);
    assert_eq!(total(5).await, [balance("", 100, 1)]);
    assert_eq!(total(8).await, [balance("", 100, 1)]);
    assert_eq!(total(9).await, []);
}

pub async fn balances_are_told_as_they_were_known_on_a_day(database: Arc<dyn Database>) {
    let store = database.open().await;
    let recorded = |mut row: MovementRow, on| {
        row.recorded = day(on);
        row
    };
    commit_to_case(store.as_ref(), |commit| {
        commit.movements = vec![
            recorded(movement(1, "B-1", 10, 100), 2),
            recorded(reduced(movement(2, "B-1", 10, 20)), 15),
        ];
    })
    .await;
    let known = async |as_of, known_on| {
        let question = Question {
            known_on: Some(day(known_on)),
            ..question(BalanceBy::Total, day(as_of))
        };
        store.balances(&question).await.unwrap()
    };
    assert_eq!(known(10, 1).await, [], "not known yet");
    assert_eq!(known(9, 2).await, [], "known, not effective yet");
    assert_eq!(
        known(10, 2).await,
        [balance("", 100, 1)],
        "known before it took effect"
    );
    assert_eq!(
        known(20, 14).await,
        [balance("", 100, 1)],
        "before the correction"
    );
    assert_eq!(
        known(10, 15).await,
        [balance("", 120, 1)],
        "the past, corrected"
    );
}

pub async fn a_joint_venture_counts_for_its_members_and_as_a_whole(database: Arc<dyn Database>) {
    let store = database.open().await;
    let share = |number, holder: &str, delta, bonds| {
        let mut row = movement(number, "B-1", 1, delta);
        (row.principal, row.holder, row.bonds) = (party("JV"), party(holder), bonds);
        row
    };
    commit_to_case(store.as_ref(), |commit| {
        commit.movements = vec![
            share(1, "C1", 70, 1),
            share(2, "C2", 30, 0),
            movement(3, "B-2", 1, 5),
        ];
    })
    .await;
    let store = store.as_ref();
    assert_eq!(
        ask(store, BalanceBy::Contractor, 30).await,
        [balance("C1", 75, 2), balance("C2", 30, 1)]
    );
    assert_eq!(
        ask(store, BalanceBy::Total, 30).await,
        [balance("", 105, 2)]
    );
    for (code, by, expected) in [
        ("JV", BalanceBy::Total, balance("", 100, 1)),
        ("JV", BalanceBy::Contractor, balance("JV", 100, 1)),
        ("C2", BalanceBy::Contractor, balance("C2", 30, 1)),
        ("C1", BalanceBy::Issuer, balance("S1", 75, 2)),
    ] {
        let mut one = question(by, day(30));
        one.within.contractor = Some(party(code));
        assert_eq!(
            store.balances(&one).await.unwrap(),
            [expected],
            "{code} {by:?}"
        );
    }
}

pub async fn a_series_tells_the_ends_of_its_days(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.movements = vec![movement(1, "B-1", 5, 100), movement(2, "B-2", 9, 10)];
        commit.movements.push(movement(3, "B-1", 12, -100));
    })
    .await;
    let days = [4, 5, 10, 12].map(day).to_vec();
    let series = SeriesQuestion {
        by: BalanceBy::Issuer,
        within: Within::default(),
        days,
        known_on: None,
        without: None,
        foreseen_after: None,
    };
    let points = store.balance_series(&series).await.unwrap();
    let points: Vec<_> = points
        .into_iter()
        .map(|point| (point.day, point.balance))
        .collect();
    let expected = [
        (day(5), balance("S1", 100, 1)),
        (day(10), balance("S1", 110, 2)),
        (day(12), balance("S1", 10, 1)),
    ];
    assert_eq!(points, expected);
    let none = SeriesQuestion {
        days: Vec::new(),
        ..series
    };
    assert_eq!(store.balance_series(&none).await.unwrap(), []);
}

pub async fn outstanding_bonds_come_in_pages_with_their_periods(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![bond("B-1", "P-1")];
        commit.movements = vec![
            movement(1, "B-1", 1, 100),
            movement(2, "B-2", 1, 50),
            movement(3, "B-2", 2, -50),
            movement(4, "B-3", 1, 7),
        ];
    })
    .await;
    let all = BondQuestion {
        within: Within::default(),
        as_of: day(30),
        known_on: None,
        after: None,
        limit: 1,
        without: None,
    };
    let first = store.bond_standings(&all, None).await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!((&first[0].bond, first[0].amount), (&bond_id("B-1"), 100));
    assert_eq!(first[0].terms, Some(terms("P-1")));
    assert_eq!(first[0].state, Some(BondState::InForce));
    let next = BondQuestion {
        after: Some(bond_id("B-1")),
        ..all.clone()
    };
    let next = store.bond_standings(&next, None).await.unwrap();
    assert_eq!(
        (&next[0].bond, next[0].amount, &next[0].terms),
        (&bond_id("B-3"), 7, &None)
    );
    let elsewhere = BondQuestion {
        within: Within {
            contractor: Some(party("C2")),
            ..Within::default()
        },
        ..all
    };
    assert_eq!(store.bond_standings(&elsewhere, None).await.unwrap(), []);
}

pub async fn the_ledger_is_exported_as_it_was_recorded(database: Arc<dyn Database>) {
    let store = database.open().await;
    let rows: Vec<_> = (1..=5)
        .map(|number| movement(number, "B-1", 1, 10))
        .collect();
    commit_to_case(store.as_ref(), |commit| commit.movements.clone_from(&rows)).await;
    let mut read = Vec::new();
    loop {
        let after = read.last().map(|row: &MovementRow| row.id);
        let page = store.movements(after, 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.iter().all(|posted| posted.at == at(0)));
        read.extend(page.into_iter().map(|posted| posted.row));
    }
    assert_eq!(read, rows);
}

pub async fn a_movement_that_exists_is_refused(database: Arc<dyn Database>) {
    let store = database.open().await;
    let moved = |commit: &mut bondhub_core::ports::store::Commit| {
        commit.movements = vec![movement(1, "B-1", 1, 100)];
    };
    commit_to_case(store.as_ref(), moved).await;
    let mut again = commit(vec![case("P-1", 1)]);
    moved(&mut again);
    assert!(is_refused(&store.commit(&again).await));
    let total = ask(store.as_ref(), BalanceBy::Total, 30).await;
    assert_eq!(total, [balance("", 100, 1)]);
}

/// Asks everything on some days and compares with plain sums.
async fn compare(store: &dyn Store, rows: &[MovementRow], dice: &mut Dice) {
    let parts = [
        Within::default(),
        Within {
            contractor: Some(party("C1")),
            ..Within::default()
        },
        Within {
            contractor: Some(party("JV")),
            ..Within::default()
        },
        Within {
            issuer: Some(party("S2")),
            ..Within::default()
        },
        Within {
            owner: Some(party("O1")),
            ..Within::default()
        },
        Within {
            issuer: Some(party("S1")),
            contractor: Some(party("C2")),
            owner: None,
        },
    ];
    let embargo = |seconds, except: Option<&str>| {
        Some(Embargo {
            at: at(seconds),
            except: except.map(party),
        })
    };
    let (before, after) = (OPENING - 1, OPENING);
    let embargoes = [
        None,
        embargo(before, None),
        embargo(before, Some("S1")),
        embargo(after, None),
    ];
    for within in parts {
        for by in BalanceBy::ALL {
            for known in [false, true, true] {
                let any = |dice: &mut Dice| day(1) + Days::new(dice.roll(760)) - Days::new(30);
                let asked = Question {
                    by,
                    within: within.clone(),
                    as_of: any(dice),
                    known_on: known.then(|| any(dice)),
                    without: embargoes[usize::try_from(dice.roll(4)).unwrap()].clone(),
                    foreseen_after: None,
                };
                let rows: Vec<MovementRow> = rows
                    .iter()
                    .filter(|row| !is_left_out(&row.bond, asked.without.as_ref()))
                    .cloned()
                    .collect();
                assert_eq!(
                    store.balances(&asked).await.unwrap(),
                    add_up(&rows, &asked),
                    "{asked:?}"
                );
                compare_series(store, &rows, &asked).await;
            }
        }
    }
}

async fn compare_series(store: &dyn Store, rows: &[MovementRow], asked: &Question) {
    let days: Vec<NaiveDate> = [
        "2026-05-31",
        "2026-06-30",
        "2027-03-31",
        "2027-08-10",
        "2027-12-31",
    ]
    .iter()
    .map(|day| day.parse().unwrap())
    .collect();
    let series = SeriesQuestion {
        by: asked.by,
        within: asked.within.clone(),
        days: days.clone(),
        known_on: asked.known_on,
        without: asked.without.clone(),
        foreseen_after: None,
    };
    let told = store.balance_series(&series).await.unwrap();
    let told: Vec<_> = told
        .into_iter()
        .map(|point| (point.day, point.balance))
        .collect();
    let mut meant = Vec::new();
    for as_of in days {
        let question = Question {
            as_of,
            ..asked.clone()
        };
        meant.extend(
            add_up(rows, &question)
                .into_iter()
                .map(|balance| (as_of, balance)),
        );
    }
    assert_eq!(told, meant, "{series:?}");
}

pub async fn figures_are_the_plain_sums_with_and_without_sums_kept(database: Arc<dyn Database>) {
    let store = database.open().await;
    let (store, mut dice, mut rows) = (store.as_ref(), Dice(7), Vec::new());
    with_bonds(store).await;
    for (round, today) in ["2026-09-10", "2026-09-20", "2027-06-01", "2027-06-02"]
        .iter()
        .enumerate()
    {
        let from = u128::try_from(round).unwrap() * 1000;
        let added: Vec<_> = (from..from + 150)
            .map(|number| random(&mut dice, number))
            .collect();
        commit_to_case(store, |commit| commit.movements.clone_from(&added)).await;
        rows.extend(added);
        compare(store, &rows, &mut dice).await;
        store.fold(today.parse().unwrap()).await.unwrap();
        compare(store, &rows, &mut dice).await;
    }
}

pub async fn sums_kept_while_movements_arrive_lose_and_double_none(database: Arc<dyn Database>) {
    let (writer, folder) = (database.open().await, database.open().await);
    with_bonds(writer.as_ref()).await;
    let today: NaiveDate = "2027-01-10".parse().unwrap();
    let writing = tokio::spawn(async move {
        let (mut dice, mut rows) = (Dice(11), Vec::new());
        for round in 0..30_u128 {
            let added: Vec<_> = (0..5)
                .map(|number| random(&mut dice, round * 10 + number))
                .collect();
            commit_to_case(writer.as_ref(), |commit| {
                commit.movements.clone_from(&added);
            })
            .await;
            rows.extend(added);
        }
        rows
    });
    while !writing.is_finished() {
        folder.fold(today).await.unwrap();
        tokio::task::yield_now().await;
    }
    let rows = writing.await.unwrap();
    compare(folder.as_ref(), &rows, &mut Dice(3)).await;
    folder.fold(today).await.unwrap();
    compare(folder.as_ref(), &rows, &mut Dice(5)).await;
}
