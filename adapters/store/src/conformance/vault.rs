//! Data keys, originals, attachments, copies, and sealing anew.

use std::sync::Arc;

use bondhub_core::{
    identifier::BondId,
    party::Role,
    ports::signing::Revocation,
    ports::store::{
        AttachmentRow, Commit, Compartment, CopyRow, DataKeyRow, DocumentRow, Resealed,
        SealedCount, SealedKind, Store, StoreError, TotpRow, Wanted,
    },
};

use super::{Database, samples::*};

const START: (String, String) = (String::new(), String::new());

/// Sealed bytes as they begin: a way of sealing, eight bytes that name a master key, the rest.
fn sealed(way: u8, master: u8, rest: &[u8]) -> Vec<u8> {
    [&[way], [master; 8].as_slice(), rest].concat()
}

fn head(way: u8, master: u8) -> Vec<u8> {
    sealed(way, master, &[])
}

fn data_key(number: &str, master: u8) -> DataKeyRow {
    DataKeyRow {
        compartment: Compartment::from(&bond_id(number)),
        wrapped: sealed(2, master, number.as_bytes()),
    }
}

fn own_key(master: u8) -> DataKeyRow {
    DataKeyRow {
        compartment: Compartment::of(&party("S1"), None),
        wrapped: sealed(2, master, b"own"),
    }
}

fn document(digest: &str, bond: Option<BondId>, bytes: Vec<u8>) -> DocumentRow {
    DocumentRow {
        digest: digest.to_owned(),
        issuer: party("S1"),
        bond,
        kind: "registration".to_owned(),
        signed_at: at(-10),
        signer: "f1".to_owned(),
        revocation: None,
        sealed: bytes,
    }
}

fn attachment(number: &str, letter: &str, bytes: &[u8]) -> AttachmentRow {
    AttachmentRow {
        bond: bond_id(number),
        sha256: letter.repeat(64),
        sealed: bytes.to_vec(),
    }
}

pub(super) fn copy(id: &str) -> CopyRow {
    CopyRow {
        id: id.to_owned(),
        bond: bond_id("B-1"),
        version: 2,
        document: "d1".to_owned(),
        holder: party("O1"),
        role: Role::Owner,
        sha256: "c".repeat(64),
        made_at: at(3),
    }
}

fn keys(keys: Vec<DataKeyRow>) -> Commit {
    Commit {
        data_keys: keys,
        ..commit(vec![])
    }
}

pub async fn a_document_an_attachment_and_their_key_read_back(database: Arc<dyn Database>) {
    let written = Commit {
        documents: vec![
            document("d1", Some(bond_id("B-1")), sealed(3, 0, b"one")),
            document("d2", None, sealed(3, 0, b"two")),
        ],
        data_keys: vec![data_key("B-1", 1), own_key(1)],
        attachments: vec![attachment("B-1", "a", &vec![7; 300_000])],
        ..commit(vec![case("P-1", 0)])
    };
    database.open().await.commit(&written).await.unwrap();
    let store = database.open().await;
    for row in &written.documents {
        let found = store.document(&row.digest).await.unwrap();
        assert_eq!(found.as_ref(), Some(row));
    }
    for row in &written.data_keys {
        let found = store.data_key(&row.compartment).await.unwrap();
        assert_eq!(found.as_ref(), Some(row));
    }
    let row = &written.attachments[0];
    let found = store.attachment(&row.bond, &row.sha256).await.unwrap();
    assert_eq!(found.as_ref(), Some(row));
}

pub async fn what_is_not_in_the_vault_is_none(database: Arc<dyn Database>) {
    let store = database.open().await;
    let own = Compartment::of(&party("S1"), None);
    let digest = "a".repeat(64);
    assert_eq!(store.document("d1").await.unwrap(), None);
    assert_eq!(store.data_key(&own).await.unwrap(), None);
    assert_eq!(store.copy("C1").await.unwrap(), None);
    let found = store.attachment(&bond_id("B-1"), &digest).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(store.sealed_counts().await.unwrap(), []);
    for kind in SealedKind::ALL {
        let found = store.sealed_otherwise(kind, &head(2, 1), &START, 10).await;
        assert_eq!(found.unwrap(), [], "{kind:?}");
    }
}

pub async fn of_two_data_keys_for_one_bond_the_second_is_a_conflict_and_leaves_nothing(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    store.commit(&keys(vec![data_key("B-1", 1)])).await.unwrap();
    let second = Commit {
        documents: vec![document("d9", Some(bond_id("B-1")), vec![3])],
        data_keys: vec![data_key("B-2", 1), data_key("B-1", 2)],
        ..commit(vec![])
    };
    let outcome = store.commit(&second).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    let key = |number: &str| Compartment::from(&bond_id(number));
    let kept = store.data_key(&key("B-1")).await.unwrap();
    assert_eq!(kept, Some(data_key("B-1", 1)));
    assert_eq!(store.data_key(&key("B-2")).await.unwrap(), None);
    assert_eq!(store.document("d9").await.unwrap(), None);
}

pub async fn a_data_key_is_loaded_for_a_bond_and_for_an_issuers_own(database: Arc<dyn Database>) {
    let store = database.open().await;
    let rows = vec![data_key("B-1", 1), data_key("B-2", 1), own_key(1)];
    store.commit(&keys(rows.clone())).await.unwrap();
    let wanted = Wanted {
        compartments: vec![
            rows[0].compartment.clone(),
            rows[2].compartment.clone(),
            Compartment::from(&bond_id("B-none")),
        ],
        ..Wanted::default()
    };
    let loaded = store.load(&wanted).await.unwrap();
    let found: Vec<_> = loaded.data_keys.into_values().collect();
    assert_eq!(found, [rows[2].clone(), rows[0].clone()]);
}

pub async fn an_attachment_that_two_versions_share_is_kept_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    for bytes in [b"first".as_slice(), b"second"] {
        let shared = Commit {
            attachments: vec![attachment("B-1", "a", bytes)],
            ..commit(vec![])
        };
        store.commit(&shared).await.unwrap();
    }
    let other = Commit {
        attachments: vec![attachment("B-2", "a", b"of another bond")],
        ..commit(vec![])
    };
    store.commit(&other).await.unwrap();
    let digest = "a".repeat(64);
    let read = async |number: &str| {
        let found = store.attachment(&bond_id(number), &digest).await.unwrap();
        found.unwrap().sealed
    };
    assert_eq!(read("B-1").await, b"first");
    assert_eq!(read("B-2").await, b"of another bond");
}

pub async fn what_could_be_told_of_a_signers_revocation_is_kept_with_its_document(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let told = [
        None,
        Some(Revocation::NotAsked),
        Some(Revocation::Checked),
        Some(Revocation::Unchecked(
            "there is no revocation list of `CN=Root`".to_owned(),
        )),
    ];
    let documents = told.iter().enumerate().map(|(number, revocation)| {
        let bond = Some(bond_id("B-1"));
        let mut document = document(&format!("d{number}"), bond, sealed(3, 0, b"cms"));
        document.revocation.clone_from(revocation);
        document
    });
    let written = Commit {
        documents: documents.collect(),
        ..commit(vec![])
    };
    store.commit(&written).await.unwrap();
    let again = database.open().await;
    for (number, revocation) in told.into_iter().enumerate() {
        let found = again.document(&format!("d{number}")).await.unwrap();
        assert_eq!(found.unwrap().revocation, revocation);
    }
}

pub async fn a_copy_reads_back_and_its_name_is_used_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.add_copy(&copy("C1"), &told(at(1))).await.unwrap();
    assert!(is_refused(&store.add_copy(&copy("C1"), &told(at(1))).await));
    let found = database.open().await.copy("C1").await.unwrap();
    assert_eq!(found, Some(copy("C1")));
    assert_eq!(store.copy("C2").await.unwrap(), None);
}

/// Seals something of each kind under `master`.
async fn fill(store: &dyn Store, master: u8) {
    store.put_party(&a_party("S1"), at(1), &[]).await.unwrap();
    for fingerprint in ["aa", "bb", "cc"] {
        let mut signing = signing("S1", fingerprint);
        signing.entrusted_key = Some(sealed(2, master, fingerprint.as_bytes()));
        store.put_signing(&signing, &[]).await.unwrap();
    }
    store.put_signing(&signing("S1", "dd"), &[]).await.unwrap();
    for name in ["a.one", "b.two", "c.three", "d.none"] {
        let account = super::accounts::account(name);
        assert!(store.add_account(&account, &told(at(1))).await.unwrap());
        let totp = TotpRow {
            sealed: sealed(2, master, name.as_bytes()),
            confirmed_at: None,
            last_step: 0,
        };
        let totp = Some(&totp).filter(|_| name != "d.none");
        assert!(
            store
                .set_totp(&account.name, totp, &telling(at(1)))
                .await
                .unwrap()
        );
    }
    let mut rows = vec![event("open", 0)];
    for name in ["e1", "e2", "e3"] {
        let mut row = event(name, 0);
        (row.sealed, row.body) = (true, sealed(2, master, name.as_bytes()));
        rows.push(row);
    }
    let requests = [("K1", 1), ("K2", 2), ("K3", 3)];
    let written = Commit {
        requests: requests
            .map(|(kid, edition)| {
                super::queue::sealed_request(kid, edition, sealed(2, master, kid.as_bytes()))
            })
            .into(),
        events: rows,
        documents: vec![
            document("d1", Some(bond_id("B-1")), sealed(2, master, b"d1")),
            document("d2", Some(bond_id("B-1")), sealed(2, master, b"d2")),
            document("d3", None, sealed(1, master, b"d3")),
            document("d4", None, sealed(3, 0, b"d4")),
        ],
        data_keys: vec![
            data_key("B-1", master),
            data_key("B-2", master),
            own_key(master),
        ],
        ..commit(vec![])
    };
    store.commit(&written).await.unwrap();
}

pub async fn what_lies_under_another_master_key_is_found_in_pages(database: Arc<dyn Database>) {
    let store = database.open().await;
    fill(store.as_ref(), 1).await;
    for kind in SealedKind::ALL {
        let (mut after, mut seen) = (START, Vec::new());
        loop {
            let page = store.sealed_otherwise(kind, &head(2, 9), &after, 2).await;
            let Some(last) = page.as_ref().unwrap().last() else {
                break;
            };
            after = last.key.clone();
            seen.extend(page.unwrap());
        }
        assert_eq!(seen.len(), 3, "{kind:?}");
        let mut keys: Vec<_> = seen.iter().map(|item| item.key.clone()).collect();
        keys.dedup();
        assert_eq!(keys.len(), 3, "{kind:?}");
        let same = store.sealed_otherwise(kind, &head(2, 1), &START, 9).await;
        let rest = usize::from(kind == SealedKind::Document);
        assert_eq!(same.unwrap().len(), rest, "{kind:?}");
    }
}

pub async fn what_changed_meanwhile_is_not_sealed_anew(database: Arc<dyn Database>) {
    let store = database.open().await;
    fill(store.as_ref(), 1).await;
    for kind in SealedKind::ALL {
        let found = store.sealed_otherwise(kind, &head(2, 9), &START, 10).await;
        let mut anew: Vec<Resealed> = found
            .unwrap()
            .into_iter()
            .map(|item| Resealed {
                after: sealed(2, 9, item.key.0.as_bytes()),
                before: item.bytes,
                key: item.key,
            })
            .collect();
        anew[0].before.push(0);
        let changed = store.reseal(kind, &anew, &told(at(5))).await.unwrap();
        assert_eq!(changed, 2, "{kind:?}");
        let left = store.sealed_otherwise(kind, &head(2, 9), &START, 10).await;
        let left: Vec<_> = left.unwrap().into_iter().map(|item| item.key).collect();
        assert_eq!(left, [anew[0].key.clone()], "{kind:?}");
    }
}

pub async fn only_documents_from_before_data_keys_are_sealed_anew(database: Arc<dyn Database>) {
    let store = database.open().await;
    fill(store.as_ref(), 1).await;
    let anew = Resealed {
        key: ("d4".to_owned(), String::new()),
        before: sealed(3, 0, b"d4"),
        after: sealed(2, 9, b"d4"),
    };
    let outcome = store
        .reseal(SealedKind::Document, &[anew], &told(at(5)))
        .await;
    assert!(is_refused(&outcome.map(|_| ())));
    let kept = store.document("d4").await.unwrap().unwrap();
    assert_eq!(kept.sealed, sealed(3, 0, b"d4"));
}

pub async fn what_is_sealed_is_counted_by_its_head(database: Arc<dyn Database>) {
    let store = database.open().await;
    fill(store.as_ref(), 1).await;
    store.commit(&keys(vec![data_key("B-9", 2)])).await.unwrap();
    let mut counts = store.sealed_counts().await.unwrap();
    counts.sort();
    let count = |kind, head, count| SealedCount { kind, head, count };
    let expected = [
        count(SealedKind::DataKey, head(2, 1), 3),
        count(SealedKind::DataKey, head(2, 2), 1),
        count(SealedKind::Event, head(2, 1), 3),
        count(SealedKind::Entrusted, head(2, 1), 3),
        count(SealedKind::OneTimePassword, head(2, 1), 3),
        count(SealedKind::Request, head(2, 1), 3),
        count(SealedKind::Document, vec![1], 1),
        count(SealedKind::Document, head(2, 1), 2),
    ];
    assert_eq!(counts, expected);
}
