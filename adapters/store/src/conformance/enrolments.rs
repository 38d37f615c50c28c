//! Enrolments of certificates, and warnings given once.

use std::sync::Arc;

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    ports::store::{Commit, EnrolmentRow, MailFilter, Store},
};

use super::{Database, samples::*};

pub(super) fn enrolment(code: &str, fingerprint: &str, digest: u8) -> EnrolmentRow {
    EnrolmentRow {
        certificate: certificate(code, fingerprint),
        code: vec![digest; 32],
        tries_left: 3,
        ends_at: at(100),
    }
}

/// A mail and an entry of the audit log that go with a step.
pub(super) fn with(number: u128, now: i64) -> Commit {
    Commit {
        now: at(now),
        outbox: vec![mail(number)],
        audit: vec![AuditEntry::new(
            at(now),
            Actor::Hub,
            Act::EnrolmentBegun,
            "party:C1",
        )],
        ..Commit::default()
    }
}

async fn mails(store: &dyn Store) -> usize {
    store.outbox(&MailFilter::default()).await.unwrap().len()
}

async fn with_party(database: &Arc<dyn Database>) -> Arc<dyn Store> {
    let store = database.open().await;
    store.put_party(&a_party("C1"), at(1), &[]).await.unwrap();
    store.put_party(&a_party("C2"), at(1), &[]).await.unwrap();
    store
}

pub async fn an_enrolment_waits_and_is_replaced(database: Arc<dyn Database>) {
    let store = with_party(&database).await;
    let (first, second) = (enrolment("C1", "AAAA", 1), enrolment("C1", "BBBB", 2));
    let other = enrolment("C2", "CCCC", 3);
    store.begin_enrolment(&first, &with(1, 2)).await.unwrap();
    store
        .begin_enrolment(&other, &Commit::default())
        .await
        .unwrap();
    store.begin_enrolment(&second, &with(2, 3)).await.unwrap();
    let again = database.open().await;
    assert_eq!(again.enrolments().await.unwrap(), [second, other]);
    assert_eq!(mails(again.as_ref()).await, 2);
    assert_eq!(again.audit_head().await.unwrap().sequence, 2);
    assert!(
        again.book().await.unwrap().certificates.is_empty(),
        "not used before it is proven"
    );
}

pub async fn tries_of_an_enrolment_are_counted_and_end(database: Arc<dyn Database>) {
    let store = with_party(&database).await;
    let row = enrolment("C1", "AAAA", 1);
    store
        .begin_enrolment(&row, &Commit::default())
        .await
        .unwrap();
    let party = party("C1");
    assert_eq!(
        store.try_enrolment(&party, &told(at(101))).await.unwrap(),
        None,
        "it has ended"
    );
    for left in [2, 1, 0] {
        let tried = store.try_enrolment(&party, &told(at(100))).await.unwrap();
        let expected = EnrolmentRow {
            tries_left: left,
            ..row.clone()
        };
        assert_eq!(tried, Some(expected));
    }
    assert_eq!(
        store.try_enrolment(&party, &told(at(50))).await.unwrap(),
        None,
        "no try is left"
    );
}

pub async fn concurrent_tries_never_get_more_than_there_are(database: Arc<dyn Database>) {
    let store = with_party(&database).await;
    let row = enrolment("C1", "AAAA", 1);
    store
        .begin_enrolment(&row, &Commit::default())
        .await
        .unwrap();
    let mut tasks = Vec::new();
    for _ in 0..12 {
        let store = Arc::clone(&store);
        tasks.push(tokio::spawn(async move {
            store
                .try_enrolment(&party("C1"), &told(at(5)))
                .await
                .unwrap()
        }));
    }
    let mut taken = 0;
    for task in tasks {
        taken += usize::from(task.await.unwrap().is_some());
    }
    assert_eq!(taken, 3);
}

pub async fn a_proven_certificate_takes_the_place_of_the_others(database: Arc<dyn Database>) {
    let store = with_party(&database).await;
    let old = certificate("C1", "AAAA");
    store.add_certificate(&old, &[]).await.unwrap();
    let row = enrolment("C1", "BBBB", 1);
    store
        .begin_enrolment(&row, &Commit::default())
        .await
        .unwrap();
    let before = store.book().await.unwrap().generation;
    let stale = enrolment("C1", "BBBB", 9);
    assert!(!store.finish_enrolment(&stale, &with(1, 7)).await.unwrap());
    assert_eq!(
        (
            mails(store.as_ref()).await,
            store.enrolments().await.unwrap().len()
        ),
        (0, 1)
    );
    assert!(store.finish_enrolment(&row, &with(1, 7)).await.unwrap());
    assert!(
        !store.finish_enrolment(&row, &with(2, 8)).await.unwrap(),
        "once"
    );
    let book = database.open().await.book().await.unwrap();
    let mut superseded = old;
    superseded.revoked_at = Some(at(7));
    let mut enrolled = row.certificate;
    enrolled.added_at = at(7);
    assert_eq!(book.certificates, [superseded, enrolled]);
    assert_eq!(book.generation, before + 1);
    assert_eq!(mails(store.as_ref()).await, 1);
    assert_eq!(store.audit_head().await.unwrap().sequence, 1);
    assert!(store.enrolments().await.unwrap().is_empty());
}

pub async fn a_certificate_that_was_revoked_meanwhile_takes_nobodys_place(
    database: Arc<dyn Database>,
) {
    let store = with_party(&database).await;
    let (old, revoked) = (certificate("C1", "AAAA"), certificate("C1", "BBBB"));
    store.add_certificate(&old, &[]).await.unwrap();
    let row = enrolment("C1", "BBBB", 1);
    store
        .begin_enrolment(&row, &Commit::default())
        .await
        .unwrap();
    store.add_certificate(&revoked, &[]).await.unwrap();
    let code = party("C1");
    let done = store.revoke_certificate(&code, "BBBB", at(5), &[]).await;
    assert!(done.unwrap());
    let before = store.book().await.unwrap();
    assert!(!store.finish_enrolment(&row, &with(1, 7)).await.unwrap());
    let book = store.book().await.unwrap();
    assert_eq!(book.certificates, before.certificates);
    assert_eq!(book.generation, before.generation);
    assert_eq!(mails(store.as_ref()).await, 0);
}

pub async fn a_proven_enrolment_waits_on_or_is_dropped(database: Arc<dyn Database>) {
    let store = with_party(&database).await;
    let row = enrolment("C1", "AAAA", 1);
    let nothing = Commit::default();
    store.begin_enrolment(&row, &nothing).await.unwrap();
    let proven = EnrolmentRow {
        code: Vec::new(),
        ends_at: at(200),
        ..row.clone()
    };
    assert!(proven.is_proven());
    let done = store
        .replace_enrolment(&row, Some(&proven), &with(1, 5))
        .await;
    assert!(done.unwrap());
    let waits = store.enrolments().await.unwrap();
    assert_eq!(waits, std::slice::from_ref(&proven));
    let late = store.replace_enrolment(&row, Some(&row), &with(2, 6)).await;
    assert!(!late.unwrap(), "it is another enrolment that waits");
    assert_eq!(mails(store.as_ref()).await, 1);
    let dropped = store.replace_enrolment(&proven, None, &with(3, 7)).await;
    assert!(dropped.unwrap());
    assert_eq!(store.enrolments().await.unwrap(), []);
    assert_eq!(mails(store.as_ref()).await, 2);
}

pub async fn a_warning_is_given_once(database: Arc<dyn Database>) {
    let store = with_party(&database).await;
    let known = async |days| store.warned("openpgp:C1:AAAA", days).await.unwrap();
    assert!(!known(30).await);
    assert!(
        store
            .warn_once("openpgp:C1:AAAA", 30, &with(1, 5))
            .await
            .unwrap()
    );
    assert!(
        !store
            .warn_once("openpgp:C1:AAAA", 30, &with(2, 6))
            .await
            .unwrap()
    );
    assert!(known(30).await);
    assert!(!known(14).await, "of other days");
    assert!(
        store
            .warn_once("openpgp:C1:AAAA", 14, &with(3, 7))
            .await
            .unwrap()
    );
    assert!(
        store
            .warn_once("openpgp:C1:BBBB", 30, &with(4, 8))
            .await
            .unwrap()
    );
    assert_eq!(mails(store.as_ref()).await, 3);
}
