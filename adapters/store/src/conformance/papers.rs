//! Lists of paper bonds on their way in.

use std::sync::Arc;

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    bond::{BondState, BondTerms, Medium},
    calendar::Period,
    identifier::{BondNumber, ContractId},
    ports::store::{
        AuditFilter, Clash, ClashWith, PaperDeed, PaperList, PaperRow, Store, guarantee,
    },
};

use super::{Database, samples::*};

fn list(number: u128) -> PaperList {
    PaperList {
        id: id(number),
        issuer: party("S1"),
        entered_by: "hanako".to_owned(),
        begun_at: at(1),
    }
}

/// A bond of contract `contract` for some days of the samples' month.
fn row(line: u64, number: &str, contract: &str, from: u32, to: u32) -> PaperRow {
    let terms = BondTerms {
        medium: Medium::Paper,
        contract: Some(ContractId::parse(contract).unwrap()),
        period: Period::new(day(from), day(to)).unwrap(),
        ..terms(&format!("paper:S1/{number}"))
    };
    PaperRow {
        line,
        number: BondNumber::parse(number).unwrap(),
        deed: PaperDeed::Add,
        guarantee: guarantee(&terms),
        terms,
    }
}

fn told() -> AuditEntry {
    AuditEntry::new(at(5), Actor::Hub, Act::PapersImported, "S1")
}

async fn begun(store: &dyn Store, number: u128, rows: &[PaperRow]) -> PaperList {
    let list = list(number);
    store.begin_list(&list).await.unwrap();
    store.note_rows(list.id, rows).await.unwrap();
    list
}

pub async fn rows_clash_with_rows_noted_before_and_with_nothing_of_another_list(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let other = row(2, "P-9", "K-9", 1, 20);
    begun(store.as_ref(), 1, &[other]).await;
    let noted = [row(2, "P-1", "K-1", 1, 9), row(3, "P-2", "K-2", 1, 9)];
    let list = begun(store.as_ref(), 2, &noted).await;
    let rows = [
        row(4, "P-1", "K-4", 1, 9),
        row(5, "P-5", "K-2", 9, 12),
        row(6, "P-6", "K-2", 10, 12),
        row(7, "P-9", "K-9", 1, 20),
    ];
    let mut clashes = store.clashes(&list, &rows).await.unwrap();
    clashes.sort_by_key(|clash| clash.line);
    let clash = |line, with| Clash { line, with };
    assert_eq!(
        clashes,
        [
            clash(4, ClashWith::Number(2)),
            clash(5, ClashWith::Guarantee(3))
        ]
    );
}

pub async fn rows_clash_with_an_outstanding_bond_of_the_issuer_that_the_list_does_not_name(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let given = row(1, "P-1", "K-1", 5, 20).terms;
    let mut held = bond("P-1", "paper:S1/P-1");
    held.terms = given.clone();
    let mut released = bond("P-3", "paper:S1/P-3");
    released.terms = row(1, "P-3", "K-3", 5, 20).terms;
    released.state = BondState::Released;
    let mut write = commit(vec![case("paper:S1/P-1", 0)]);
    write.bonds = vec![held, released];
    store.commit(&write).await.unwrap();
    let list = list(1);
    store.begin_list(&list).await.unwrap();
    let clashes = async |rows: &[PaperRow]| store.clashes(&list, rows).await.unwrap();
    let number = BondNumber::parse("P-1").unwrap();
    assert_eq!(
        clashes(&[row(2, "P-2", "K-1", 20, 25)]).await,
        [Clash {
            line: 2,
            with: ClashWith::Bond(number)
        }]
    );
    assert_eq!(clashes(&[row(2, "P-2", "K-1", 21, 25)]).await, []);
    assert_eq!(clashes(&[row(2, "P-4", "K-3", 5, 20)]).await, []);
    assert_eq!(clashes(&[row(2, "P-1", "K-1", 5, 20)]).await, []);
    let both = [row(2, "P-1", "K-1", 5, 9), row(3, "P-2", "K-1", 10, 20)];
    assert_eq!(clashes(&both).await, []);
    store.note_rows(list.id, &both[..1]).await.unwrap();
    assert_eq!(clashes(&both[1..]).await, []);
}

pub async fn an_accepted_list_is_left_for_anybody_and_told_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    let nothing = PaperRow {
        deed: PaperDeed::Nothing,
        ..row(3, "P-2", "K-2", 1, 9)
    };
    let rows = [
        row(2, "P-1", "K-1", 1, 9),
        nothing,
        row(4, "P-3", "K-3", 1, 9),
    ];
    let list = begun(store.as_ref(), 1, &rows).await;
    assert_eq!(store.lists_left(at(100)).await.unwrap(), []);
    store.accept_list(list.id, at(5), &told()).await.unwrap();
    store.accept_list(list.id, at(6), &told()).await.unwrap();
    let store = database.open().await;
    assert_eq!(store.lists_left(at(4)).await.unwrap(), []);
    let left = store.lists_left(at(5)).await.unwrap();
    assert_eq!((left.len(), &left[0].list), (1, &list));
    assert_eq!((left[0].accepted_at, left[0].taken), (at(5), 0));
    let taken = store.rows_after(list.id, 0, 10).await.unwrap();
    assert_eq!(taken, [rows[0].clone(), rows[2].clone()]);
    assert_eq!(
        store.rows_after(list.id, 0, 1).await.unwrap(),
        rows[..1].to_vec()
    );
    store.rows_taken(list.id, 4, at(7)).await.unwrap();
    store.rows_taken(list.id, 2, at(8)).await.unwrap();
    assert_eq!(store.lists_left(at(8)).await.unwrap()[0].taken, 4);
    store.end_list(list.id).await.unwrap();
    assert_eq!(store.lists_left(at(100)).await.unwrap(), []);
    assert_eq!(store.rows_after(list.id, 0, 10).await.unwrap(), []);
    let entries = store.audit_links(&AuditFilter::default()).await.unwrap();
    assert_eq!(entries.len(), 1, "accepted once");
}

pub async fn lists_that_were_never_accepted_are_dropped_with_their_rows(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let rows = [row(2, "P-1", "K-1", 1, 9)];
    let forgotten = begun(store.as_ref(), 1, &rows).await;
    let accepted = begun(store.as_ref(), 2, &rows).await;
    store
        .accept_list(accepted.id, at(5), &told())
        .await
        .unwrap();
    assert_eq!(store.drop_lists(at(1)).await.unwrap(), 0);
    assert_eq!(store.drop_lists(at(2)).await.unwrap(), 1);
    assert_eq!(store.rows_after(forgotten.id, 0, 10).await.unwrap(), []);
    assert_eq!(store.rows_after(accepted.id, 0, 10).await.unwrap(), rows);
}
