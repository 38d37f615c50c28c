//! What is under embargo, in all figures (R21).

use std::sync::Arc;

use bondhub_core::{
    bond::BondKind,
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{
        BalanceBy, BondQuestion, BondRow, Embargo, Question, SeriesQuestion, Store, Within,
    },
};

use super::{Database, samples::*};

fn bid(number: &str, case: &str, opening: Option<Timestamp>) -> BondRow {
    let mut row = bond(number, case);
    row.terms.opening_at = opening;
    row
}

/// Bonds of four cases: opened at 100 and at 50, with no time known, and one that is no bid; each with a digit of its own in sums.
async fn four_bonds(store: &dyn Store) {
    let mut later = bid("B-4", "P-4", Some(at(100)));
    later.terms.kind = BondKind::Performance;
    let rows = vec![
        bid("B-1", "P-1", Some(at(100))),
        bid("B-2", "P-2", Some(at(50))),
        bid("B-3", "P-3", None),
        later,
    ];
    let cases = rows
        .iter()
        .map(|row| knowing(row.terms.procurement.as_str(), 0, row));
    let mut write = commit(cases.collect());
    for (number, amount) in [(1, 1), (2, 10), (3, 100), (4, 1000)] {
        let mut made = version(&format!("B-{number}"), 1);
        made.terms = rows[number - 1].terms.clone();
        write.versions.push(made);
        let id = u128::try_from(number).unwrap();
        write
            .movements
            .push(movement(id, &format!("B-{number}"), 1, amount));
    }
    write.bonds = rows;
    store.commit(&write).await.unwrap();
}

fn question(within: Within, at: Timestamp, except: Option<&str>) -> Question {
    Question {
        by: BalanceBy::Contractor,
        within,
        as_of: day(20),
        known_on: None,
        without: Some(Embargo {
            at,
            except: except.map(party),
        }),
        foreseen_after: None,
    }
}

/// The same sum, in every way it can be asked for.
async fn sum(store: &dyn Store, question: &Question) -> i64 {
    let balances = store.balances(question).await.unwrap();
    let told = balances.iter().map(|one| one.amount).sum::<i64>();
    let series = SeriesQuestion {
        by: BalanceBy::Total,
        within: question.within.clone(),
        days: vec![day(1).pred_opt().unwrap(), day(1), day(19), day(20)],
        known_on: None,
        without: question.without.clone(),
        foreseen_after: None,
    };
    let series = store.balance_series(&series).await.unwrap();
    let series = series.iter().map(|one| one.balance.amount);
    let expected = if told == 0 { vec![] } else { vec![told; 3] };
    assert_eq!(series.collect::<Vec<_>>(), expected);
    let bonds = BondQuestion {
        within: question.within.clone(),
        as_of: question.as_of,
        known_on: None,
        without: question.without.clone(),
        after: None,
        limit: 0,
    };
    let bonds = store.bond_standings(&bonds, None).await.unwrap();
    assert_eq!(bonds.iter().map(|one| one.amount).sum::<i64>(), told);
    for before in [None, Some(at(1000))] {
        let ends = store.expiries(question, before).await.unwrap();
        let months = ends.iter().map(|one| one.amount);
        assert_eq!(months.sum::<i64>(), told, "{before:?}");
    }
    let foreseen = async |as_of| {
        let question = Question {
            as_of,
            foreseen_after: Some(day(20)),
            ..question.clone()
        };
        let balances = store.balances(&question).await.unwrap();
        balances.iter().map(|one| one.amount).sum::<i64>()
    };
    assert_eq!(foreseen(day(30)).await, told, "all end on the 30th");
    assert_eq!(foreseen(day(30).succ_opt().unwrap()).await, 0);
    told
}

pub async fn what_is_under_embargo_is_in_no_figure_until_the_opening(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    four_bonds(store).await;
    let towards = |owner: &str| Within {
        owner: Some(party(owner)),
        ..Within::default()
    };
    for folded in [false, true] {
        if folded {
            store.fold(day(20)).await.unwrap();
        }
        for within in [Within::default(), towards("O1")] {
            let asked = async |seconds, except| {
                sum(store, &question(within.clone(), at(seconds), except)).await
            };
            assert_eq!(asked(49, None).await, 1000, "bids are not open yet");
            assert_eq!(asked(50, None).await, 1010, "from the instant on");
            assert_eq!(asked(100, None).await, 1011);
            assert_eq!(asked(1_000_000, None).await, 1011, "no opening is known");
            assert_eq!(asked(49, Some("S1")).await, 1111, "an issuer's own");
            assert_eq!(asked(49, Some("S2")).await, 1000);
        }
    }
    let elsewhere = question(towards("O9"), at(49), None);
    assert_eq!(sum(store, &elsewhere).await, 0);
}

pub async fn an_embargo_moves_with_the_opening_and_ends_for_good_with_the_bid_stage(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let store = store.as_ref();
    let mut row = bid("B-1", "P-1", Some(at(50)));
    let mut write = commit(vec![knowing("P-1", 0, &row)]);
    write.bonds = vec![row.clone()];
    write.versions = vec![version("B-1", 1)];
    write.movements = vec![movement(1, "B-1", 1, 7)];
    store.commit(&write).await.unwrap();
    store.fold(day(20)).await.unwrap();
    let told = async || {
        let shown: Vec<PartyCode> = store.contractors_of(&party("O1"), at(60)).await.unwrap();
        let of_owner = Within {
            owner: Some(party("O1")),
            ..Within::default()
        };
        for within in [Within::default(), of_owner] {
            let asked = question(within, at(60), None);
            assert_eq!(shown.len(), usize::from(sum(store, &asked).await > 0));
        }
        shown
    };
    assert_eq!(told().await, [party("C1")], "open");
    // The bond itself is not written again: its case says it.
    row.terms.opening_at = Some(at(100));
    store
        .commit(&commit(vec![knowing("P-1", 1, &row)]))
        .await
        .unwrap();
    assert_eq!(told().await, [], "postponed");
    row.terms.kind = BondKind::Performance;
    let mut write = commit(vec![knowing("P-1", 2, &row)]);
    write.bonds = vec![row];
    store.commit(&write).await.unwrap();
    assert_eq!(told().await, [party("C1")], "no bid any more");
    store.fold(day(20)).await.unwrap();
    assert_eq!(told().await, [party("C1")], "with sums kept anew");
}
