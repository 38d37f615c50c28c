//! Consents and limits.

use std::sync::Arc;

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    money::Currency,
    ports::store::{AuditFilter, ConsentRow, ExceededRow, LimitRow},
};

use super::{Database, samples::*};

pub async fn of_what_a_contractor_said_the_last_word_comes_first(database: Arc<dyn Database>) {
    let store = database.open().await;
    let said = |number, contractor: &str, given, seconds| ConsentRow {
        id: id(number),
        contractor: party(contractor),
        given,
        said_by: "hanako".to_owned(),
        at: at(seconds),
    };
    let words = [
        said(1, "C1", true, 1),
        said(2, "C2", true, 2),
        said(3, "C1", false, 3),
    ];
    for word in &words {
        store.add_consent(word, &told(word.at)).await.unwrap();
    }
    let told = store.consents(&party("C1")).await.unwrap();
    assert_eq!(told, [words[2].clone(), words[0].clone()]);
    assert_eq!(store.consents(&party("C9")).await.unwrap(), []);
}

pub async fn of_each_limit_the_last_word_counts_and_none_lifts_it(database: Arc<dyn Database>) {
    let store = database.open().await;
    let said = |number, contractor: &str, amount, seconds| LimitRow {
        id: id(number),
        issuer: party("S1"),
        contractor: party(contractor),
        currency: Currency::JPY,
        amount,
        said_by: "taro".to_owned(),
        at: at(seconds),
    };
    let other = LimitRow {
        issuer: party("S2"),
        ..said(5, "C1", Some(9), 5)
    };
    let words = [
        said(1, "C1", Some(100), 1),
        said(2, "C2", Some(50), 2),
        said(3, "C1", Some(70), 3),
        said(4, "C2", None, 4),
        other.clone(),
    ];
    for word in &words {
        store.add_limit(word, &told(word.at)).await.unwrap();
    }
    let held = store.limits(Some(&party("S1"))).await.unwrap();
    assert_eq!(held, [words[2].clone()]);
    assert_eq!(store.limits(None).await.unwrap(), [words[2].clone(), other]);
}

pub async fn a_limit_is_noted_as_exceeded_once_until_it_is_kept_again(database: Arc<dyn Database>) {
    let store = database.open().await;
    let row = |contractor: &str, seconds| ExceededRow {
        issuer: party("S1"),
        contractor: party(contractor),
        currency: Currency::JPY,
        amount: 100,
        outstanding: 120,
        since: at(seconds),
    };
    let mut with = commit(Vec::new());
    with.audit = vec![AuditEntry::new(at(0), Actor::Hub, Act::LimitWatched, "C1")];
    let (first, again) = (row("C1", 1), row("C1", 2));
    assert!(store.note_exceeded(&first, &with).await.unwrap());
    assert!(!store.note_exceeded(&again, &with).await.unwrap());
    assert!(store.note_exceeded(&row("C2", 3), &with).await.unwrap());
    let of = async |issuer: &str| store.exceeded(Some(&party(issuer))).await.unwrap();
    assert_eq!(of("S1").await, [first.clone(), row("C2", 3)]);
    assert_eq!(of("S2").await, []);
    assert!(store.end_exceeded(&again, &with).await.unwrap());
    assert!(!store.end_exceeded(&again, &with).await.unwrap());
    assert_eq!(store.exceeded(None).await.unwrap(), [row("C2", 3)]);
    assert!(store.note_exceeded(&row("C1", 9), &with).await.unwrap());
    let told = store.audit_links(&AuditFilter::default()).await.unwrap();
    assert_eq!(told.len(), 4, "told only where something changed");
}
