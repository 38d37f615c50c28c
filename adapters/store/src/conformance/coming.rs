//! What the ledger will note of bonds, for figures of days to come (R40).

use std::sync::Arc;

use bondhub_core::{
    liability::Posting,
    money::Currency,
    ports::store::{BondRow, Coming, Embargo, Within},
    procurement::BondRecord,
    reconcile::Effect,
};

use super::{Database, samples::*};

/// The bond counts for so much more from the fifth day on.
fn more(amount: i64) -> Posting {
    Posting {
        holder: party("C1"),
        day: day(5),
        delta: amount,
        currency: Currency::JPY,
        bonds: 0,
        held: 0,
    }
}

pub async fn what_is_foreseen_of_a_bond_is_told_as_its_case_says_it_last(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let store = store.as_ref();
    let mut row = bond("B-1", "P-1");
    row.terms.opening_at = Some(at(50));
    let (id, last_day) = (row.bond.clone(), row.terms.period.to());
    let says = |version, postings: Vec<Posting>| {
        let mut write = knowing("P-1", version, &row);
        let record = BondRecord {
            foreseen: postings,
            ..carried(&row)
        };
        write.file.carried.bonds.insert(id.clone(), record);
        let mut write = commit(vec![write]);
        write.bonds = vec![row.clone()];
        write
    };
    let told = async |issuer: &str, owner: Option<&str>, seconds| {
        let within = Within {
            issuer: Some(party(issuer)),
            owner: owner.map(party),
            ..Within::default()
        };
        let without = Embargo {
            at: at(seconds),
            except: None,
        };
        store.coming(&within, Some(&without)).await.unwrap()
    };
    let one = Coming {
        bond: id.clone(),
        principal: party("C1"),
        obligee: party("O1"),
        last_day: Some(last_day),
        postings: vec![more(7)],
    };
    store.commit(&says(0, vec![more(7)])).await.unwrap();
    let opened = told("S1", None, 50).await;
    assert_eq!(opened, std::slice::from_ref(&one));
    assert_eq!(told("S1", Some("O1"), 50).await, [one]);
    assert_eq!(told("S1", None, 49).await, [], "under embargo");
    assert_eq!(told("S2", None, 50).await, [], "another issuer's");
    assert_eq!(
        told("S1", Some("O9"), 50).await,
        [],
        "towards another owner"
    );
    store.commit(&says(1, vec![more(9)])).await.unwrap();
    assert_eq!(told("S1", None, 50).await[0].postings, [more(9)]);
    store.commit(&says(2, vec![])).await.unwrap();
    assert_eq!(told("S1", None, 50).await, [], "it has come");
}

/// The bond, as a case carries it.
fn carried(row: &BondRow) -> BondRecord {
    let mut file = knowing("P-1", 0, row).file;
    let registered = Effect::Register {
        bond: row.bond.clone(),
        terms: row.terms.clone(),
        cause: row.cause.clone(),
        basis: event("e-1", 0).identity,
    };
    file.carry_out(&registered, at(0));
    file.carried.bonds.remove(&row.bond).unwrap()
}
