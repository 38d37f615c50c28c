//! Parties and their certificates.

use std::sync::Arc;

use bondhub_core::{
    identifier::ProcurementId,
    party::Party,
    ports::store::{Store, StoreError},
};

use super::{Database, samples::*};

async fn generation(store: &dyn Store) -> i64 {
    store.book().await.unwrap().generation
}

pub async fn the_book_begins_empty(database: Arc<dyn Database>) {
    let book = database.open().await.book().await.unwrap();
    assert_eq!((book.generation, book.parties), (0, vec![]));
    assert!(book.certificates.is_empty() && book.signing.is_empty());
    assert_eq!(book.instructions, []);
}

pub async fn a_party_is_added_and_replaced(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.put_party(&a_party("C2"), at(1), &[]).await.unwrap();
    store.put_party(&a_party("C1"), at(1), &[]).await.unwrap();
    let mut changed = a_party("C2");
    changed.mail.clear();
    store.put_party(&changed, at(2), &[]).await.unwrap();
    let book = database.open().await.book().await.unwrap();
    assert_eq!(book.parties, [a_party("C1"), changed]);
    assert_eq!(book.generation, 3);
}

pub async fn a_party_that_was_changed_meanwhile_is_left_as_it_is(database: Arc<dyn Database>) {
    let store = database.open().await;
    let read = a_party("C1");
    let mut changed = read.clone();
    changed.mail.clear();
    let change = async |before: &Party, now: i64| {
        let done = store.change_party(before, &changed, at(now), &[]);
        done.await.unwrap()
    };
    assert!(!change(&read, 1).await, "there is none yet");
    store.put_party(&read, at(1), &[]).await.unwrap();
    assert!(change(&read, 2).await);
    assert!(!change(&read, 3).await, "it is not what was read");
    let book = store.book().await.unwrap();
    assert_eq!((book.parties, book.generation), (vec![changed], 2));
}

pub async fn a_certificate_is_enrolled_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.put_party(&a_party("C1"), at(1), &[]).await.unwrap();
    let first = certificate("C1", "AAAA");
    assert!(store.add_certificate(&first, &[]).await.unwrap());
    let mut again = first.clone();
    again.bytes = vec![9];
    assert!(!store.add_certificate(&again, &[]).await.unwrap());
    let book = database.open().await.book().await.unwrap();
    assert_eq!((book.certificates, book.generation), (vec![first], 2));
}

pub async fn a_certificate_of_an_unknown_party_is_refused(database: Arc<dyn Database>) {
    let store = database.open().await;
    let outcome = store.add_certificate(&certificate("C9", "AAAA"), &[]).await;
    assert!(
        matches!(outcome, Err(StoreError::Refused { .. })),
        "{outcome:?}"
    );
    assert!(is_refused(
        &store.put_signing(&signing("C9", "ff"), &[]).await.map(drop)
    ));
    assert_eq!(generation(store.as_ref()).await, 0);
}

pub async fn a_certificate_is_revoked_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.put_party(&a_party("C1"), at(1), &[]).await.unwrap();
    let (first, second) = (certificate("C1", "AAAA"), certificate("C1", "BBBB"));
    store.add_certificate(&first, &[]).await.unwrap();
    store.add_certificate(&second, &[]).await.unwrap();
    let before = generation(store.as_ref()).await;
    let revoke = async |code: &str, fingerprint: &str| {
        let code = party(code);
        let revoked = store.revoke_certificate(&code, fingerprint, at(7), &[]);
        revoked.await.unwrap()
    };
    assert!(!revoke("C1", "CCCC").await);
    assert!(!revoke("C2", "AAAA").await);
    assert!(revoke("C1", "AAAA").await);
    assert!(!revoke("C1", "AAAA").await);
    let book = store.book().await.unwrap();
    let mut revoked = first;
    revoked.revoked_at = Some(at(7));
    assert_eq!(book.certificates, [revoked, second]);
    assert_eq!(book.generation, before + 1);
}

pub async fn an_entrusted_key_is_added_to_a_pinned_certificate(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.put_party(&a_party("S1"), at(1), &[]).await.unwrap();
    let pinned = signing("S1", "ff");
    let put = async |certificate| store.put_signing(certificate, &[]).await.unwrap();
    assert!(put(&pinned).await);
    let mut entrusted = pinned.clone();
    entrusted.entrusted_key = Some(vec![7; 40]);
    assert!(put(&entrusted).await);
    assert!(!put(&pinned).await, "it is pinned");
    let book = store.book().await.unwrap();
    assert_eq!(book.signing, [entrusted], "pinning again takes no key away");
    assert_eq!(book.generation, 3, "and changes nothing");
}

pub async fn a_signing_certificate_is_revoked_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.put_party(&a_party("S1"), at(1), &[]).await.unwrap();
    store.put_signing(&signing("S1", "ff"), &[]).await.unwrap();
    let issuer = party("S1");
    assert!(
        !store
            .revoke_signing(&issuer, "ee", at(7), &[])
            .await
            .unwrap()
    );
    assert!(
        store
            .revoke_signing(&issuer, "ff", at(7), &[])
            .await
            .unwrap()
    );
    assert!(
        !store
            .revoke_signing(&issuer, "ff", at(8), &[])
            .await
            .unwrap()
    );
    let mut revoked = signing("S1", "ff");
    revoked.revoked_at = Some(at(7));
    assert_eq!(store.book().await.unwrap().signing, [revoked.clone()]);
    let mut entrusted = signing("S1", "ff");
    entrusted.entrusted_key = Some(vec![7; 40]);
    let before = generation(store.as_ref()).await;
    for again in [signing("S1", "ff"), entrusted] {
        assert!(!store.put_signing(&again, &[]).await.unwrap());
    }
    let book = store.book().await.unwrap();
    assert_eq!(book.signing, [revoked], "revoked for good");
    assert_eq!(book.generation, before);
}

async fn waits(store: &dyn Store, name: &str, waits: &[&str]) {
    let mut write = case(name, stored_version(store, name).await);
    write.waits = waits.iter().map(|&wait| wait.to_owned()).collect();
    store.commit(&commit(vec![write])).await.unwrap();
}

async fn due(store: &dyn Store, now: i64) -> Vec<ProcurementId> {
    store.due(at(now), 10).await.unwrap()
}

pub async fn a_change_makes_the_cases_due_that_wait_for_the_party(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    waits(store, "P-1", &["party:C1"]).await;
    waits(store, "P-2", &["bond:S1/B-1", "certificate:C1"]).await;
    waits(store, "P-3", &["signature:C1"]).await;
    waits(store, "P-4", &["party:C12"]).await;
    store.put_party(&a_party("C1"), at(5), &[]).await.unwrap();
    assert_eq!(due(store, 4).await, []);
    assert_eq!(due(store, 5).await, ["P-1", "P-2", "P-3"].map(procurement));

    waits(store, "P-1", &["certificate:C1"]).await;
    assert!(
        store
            .add_certificate(&certificate("C1", "AAAA"), &[])
            .await
            .unwrap()
    );
    assert!(due(store, 5).await.contains(&procurement("P-1")));
    waits(store, "P-1", &["signature:C1"]).await;
    store.put_signing(&signing("C1", "ff"), &[]).await.unwrap();
    assert!(due(store, 5).await.contains(&procurement("P-1")));
    waits(store, "P-1", &["certificate:C1"]).await;
    let revoked = store
        .revoke_certificate(&party("C1"), "AAAA", at(6), &[])
        .await;
    assert!(revoked.unwrap());
    assert!(due(store, 6).await.contains(&procurement("P-1")));
    waits(store, "P-1", &["signature:C1"]).await;
    assert!(
        store
            .revoke_signing(&party("C1"), "ff", at(7), &[])
            .await
            .unwrap()
    );
    assert!(due(store, 7).await.contains(&procurement("P-1")));
}

pub async fn a_case_that_stopped_waiting_is_not_made_due(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    waits(store, "P-1", &["party:C1", "party:C2"]).await;
    waits(store, "P-1", &["party:C2"]).await;
    store.put_party(&a_party("C1"), at(5), &[]).await.unwrap();
    assert_eq!(due(store, 9).await, []);
    store.put_party(&a_party("C2"), at(6), &[]).await.unwrap();
    assert_eq!(due(store, 9).await, [procurement("P-1")]);
}

pub async fn a_case_made_due_must_be_loaded_again(database: Arc<dyn Database>) {
    let store = database.open().await;
    let store = store.as_ref();
    waits(store, "P-1", &["party:C1"]).await;
    store.put_party(&a_party("C1"), at(5), &[]).await.unwrap();
    let late = commit(vec![case("P-1", 1)]);
    assert!(
        is_conflict(&store.commit(&late).await),
        "its wake-up would be lost"
    );
    assert_eq!(stored_version(store, "P-1").await, 2);
    let mut earlier = case("P-1", 2);
    earlier.due_at = Some(at(1));
    earlier.waits = vec!["party:C1".to_owned()];
    store.commit(&commit(vec![earlier])).await.unwrap();
    store.put_party(&a_party("C1"), at(6), &[]).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(1)), "not put off");
}

/// A case begins to wait for a party while that party is put: either the case is made due, or its
/// commit is told to decide again.
pub async fn no_wake_up_is_lost_between_a_commit_and_a_change(database: Arc<dyn Database>) {
    let (store, other) = (database.open().await, database.open().await);
    for round in 0..40 {
        let name = format!("P-{round}");
        let mut begins = case(&name, 0);
        begins.waits = vec!["party:C1".to_owned()];
        let mut begun = commit(vec![begins]);
        begun.generation = Some(generation(store.as_ref()).await);
        let (changer, committer) = (Arc::clone(&other), Arc::clone(&store));
        let change =
            tokio::spawn(async move { changer.put_party(&a_party("C1"), at(1), &[]).await });
        let outcome = tokio::spawn(async move { committer.commit(&begun).await });
        change.await.unwrap().unwrap();
        let outcome = outcome.await.unwrap();
        let woken = store.due(at(1), 100).await.unwrap();
        let woken = woken.contains(&procurement(&name));
        assert_eq!(woken, outcome.is_ok(), "round {round}: {outcome:?}");
    }
}

pub async fn concurrent_changes_are_all_counted(database: Arc<dyn Database>) {
    let stores = [database.open().await, database.open().await];
    let mut tasks = Vec::new();
    for number in 0..10_usize {
        let store = Arc::clone(&stores[number % 2]);
        let added = a_party(&format!("C{number}"));
        tasks.push(tokio::spawn(async move {
            store.put_party(&added, at(1), &[]).await
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(generation(stores[0].as_ref()).await, 10);
}
