//! Consents and limits.

use std::sync::Arc;

use bondhub_core::{
    money::Currency,
    ports::store::{ConsentRow, LimitRow},
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
