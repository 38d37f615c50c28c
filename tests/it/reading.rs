//! What is read of an arrival before any case is asked: dead letters, binary mode, times ahead, what is sealed (R35, R4).

use std::collections::BTreeMap;

use bondhub::desk::{Deed, DeskError, Happening, Step};
use bondhub::hub::decide::Work;
use bondhub_core::{
    event::{Arrival, Reason},
    ports::{
        queue::DEAD_LETTER_HEADER,
        store::{EventRow, EventState},
    },
};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    combination::{POSTGRES_SPOOL, SQLITE_SPOOL},
    papers::{CASE, at, event, tender, with},
    world::World,
};

fn arrival(bytes: &[u8]) -> Arrival {
    Arrival {
        body: bytes.to_vec(),
        ..Arrival::default()
    }
}

fn announced(world: &World, id: &str) -> Value {
    let opening = world.now() + TimeDelta::days(30);
    event(CASE, id, "tender.announced", world.now(), tender(opening))
}

/// Reads an arrival and does what it says.
async fn take(world: &World, arrival: &Arrival) {
    let desk = &world.desk;
    let directory = desk.directory().await.unwrap();
    for incoming in desk.reader.read(arrival, &directory, world.now()) {
        let work = Work::Event(Box::new(incoming));
        desk.bench.perform(work).await.unwrap();
    }
}

async fn only(world: &World) -> EventRow {
    let mut rows = world.events().await;
    assert_eq!(rows.len(), 1);
    rows.pop().unwrap()
}

async fn body(world: &World, row: &EventRow) -> Vec<u8> {
    world.desk.event(row.id).await.unwrap().body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_set_aside_with_the_brokers_reason_and_teaches_nothing() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let bytes = announced(&world, "t-1").to_string().into_bytes();
        let mut dead = arrival(&bytes);
        let why = "delivery_limit".to_owned();
        dead.headers.insert(DEAD_LETTER_HEADER.to_owned(), why);
        take(&world, &dead).await;
        take(&world, &dead).await;
        let row = only(&world).await;
        assert_eq!(row.state, EventState::SetAside);
        let rejection = row.rejection.clone().unwrap();
        assert_eq!(rejection.reason, Reason::Poison);
        assert_eq!(rejection.message, "dead letter: delivery_limit");
        assert_eq!(body(&world, &row).await, bytes);
        let cases = world.desk.cases(10).await.unwrap();
        assert!(cases.is_empty(), "it teaches nothing");
        take(&world, &arrival(&bytes)).await;
        let state = world.event("t-1").await.state;
        assert_eq!(state, EventState::Applied, "sent anew it is taken");
    }
}

/// An event in binary mode whose time cannot be read.
fn binary(case: &str, body: &[u8]) -> Arrival {
    let attributes = [
        ("specversion", "1.0"),
        ("id", "b-1"),
        ("source", "/feeds/mirai"),
        ("type", "jp.bondhub.tender.unsuccessful"),
        ("time", "yesterday"),
        ("subject", case),
    ];
    let headers = attributes.map(|(name, value)| (format!("ce-{name}"), value.to_owned()));
    Arrival {
        headers: BTreeMap::from(headers),
        ..arrival(body)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_unreadable_events_in_binary_mode_with_one_body_are_two_events_kept_whole() {
    let world = World::set(SQLITE_SPOOL, "").await;
    for case in ["case-1", "case-2", "case-1"] {
        take(&world, &binary(case, b"{}")).await;
    }
    let rows = world.events().await;
    assert_eq!(rows.len(), 2);
    let mut subjects = Vec::new();
    for row in &rows {
        assert_eq!(row.state, EventState::SetAside);
        let kept: Value = serde_json::from_slice(&body(&world, row).await).unwrap();
        assert_eq!(kept["type"], "jp.bondhub.tender.unsuccessful");
        assert_eq!(kept["data"], json!({}));
        subjects.push(kept["subject"].clone());
    }
    assert_eq!(subjects, ["case-1", "case-2"]);
    take(&world, &binary("case-3", b"\xff no JSON")).await;
    let rows = world.events().await;
    let kept: Value = serde_json::from_slice(&body(&world, &rows[2]).await).unwrap();
    assert_eq!(kept["data_base64"], "/yBubyBKU09O");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_lies_sealed_in_the_inbox_for_a_document_may_be_in_it() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let mut envelope = event(
        CASE,
        "d-1",
        "bond.document",
        world.now(),
        json!({"document": "c2VjcmV0"}),
    );
    envelope.as_object_mut().unwrap().remove("time");
    let bytes = envelope.to_string().into_bytes();
    take(&world, &arrival(&bytes)).await;
    let array = json!([envelope, 1]).to_string();
    take(&world, &arrival(array.as_bytes())).await;
    let rows = world.events().await;
    assert_eq!(rows.len(), 2, "the same piece is the same");
    for row in &rows {
        assert!(row.sealed);
        let lies = String::from_utf8_lossy(&row.body).into_owned();
        assert!(!lies.contains("c2VjcmV0"), "{lies}");
    }
    assert_eq!(body(&world, &rows[0]).await, bytes);
    let corrected = announced(&world, "t-1").to_string();
    let again = world.desk.resubmit(rows[0].id, Some(corrected.as_bytes()));
    assert_eq!(again.await.unwrap()[0].state, Some(EventState::Applied));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_or_act_dated_ahead_of_the_hubs_clock_is_refused() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let dated = |id: &str, minutes| {
        let time = world.now() + TimeDelta::minutes(minutes);
        with(announced(&world, id), "time", at(time))
            .to_string()
            .into_bytes()
    };
    take(&world, &arrival(&dated("t-1", 6))).await;
    let row = only(&world).await;
    let rejection = row.rejection.unwrap();
    assert_eq!(rejection.reason, Reason::Invalid);
    assert_eq!(rejection.pointer.as_deref(), Some("/time"));
    take(&world, &arrival(&dated("t-2", 4))).await;
    let state = world.event("t-2").await.state;
    assert_eq!(state, EventState::Applied, "clocks differ a little");
    let deed = Deed {
        procurement: CASE.to_owned().try_into().unwrap(),
        what: Happening::Step(Step::TenderCancelled, json!({})),
        at: Some(world.now() + TimeDelta::days(365)),
        by: "taro".to_owned(),
    };
    let refused = world.desk.deed(&deed).await;
    assert!(
        matches!(refused, Err(DeskError::Rejected(_))),
        "{refused:?}"
    );
    assert!(world.desk.rehearse(&deed).await.is_err());
}
