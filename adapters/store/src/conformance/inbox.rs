//! The inbox.

use std::sync::Arc;

use bondhub_core::{
    event::{Reason, Rejection},
    ports::store::{Commit, EventFilter, EventRow, EventState, Store},
};

use super::{Database, samples::*};

async fn take(store: &dyn Store, events: Vec<EventRow>) {
    let taken = Commit {
        events,
        ..commit(Vec::new())
    };
    store.commit(&taken).await.unwrap();
}

async fn listed(store: &dyn Store, filter: EventFilter) -> Vec<String> {
    let found = store.events(&filter).await.unwrap();
    found.into_iter().map(|row| row.identity.id).collect()
}

fn in_state(name: &str, received: i64, state: EventState) -> EventRow {
    EventRow {
        state,
        ..event(name, received)
    }
}

fn waiting(name: &str, received: i64, waits_for: &str) -> EventRow {
    EventRow {
        waits_for: Some(waits_for.to_owned()),
        ..in_state(name, received, EventState::Waiting)
    }
}

pub async fn events_come_newest_first_as_filtered(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut elsewhere = event("elsewhere", 1);
    elsewhere.subject = None;
    let events = vec![
        event("old", 2),
        waiting("cert", 3, "certificate:S1"),
        waiting("party", 4, "party:C9"),
        elsewhere,
    ];
    take(store.as_ref(), events).await;
    let store = store.as_ref();
    let all = listed(store, EventFilter::default()).await;
    assert_eq!(all, ["party", "cert", "old", "elsewhere"]);
    let by_state = EventFilter {
        state: Some(EventState::Waiting),
        ..EventFilter::default()
    };
    assert_eq!(listed(store, by_state).await, ["party", "cert"]);
    let by_wait = EventFilter {
        waits_for: Some("certificate:S1".to_owned()),
        ..EventFilter::default()
    };
    assert_eq!(listed(store, by_wait).await, ["cert"]);
    let by_subject = EventFilter {
        subject: Some(procurement("P-1")),
        limit: 2,
        ..EventFilter::default()
    };
    assert_eq!(listed(store, by_subject).await, ["party", "cert"]);
}

pub async fn events_that_wait_for_something_of_a_kind_come_oldest_first_in_pages(
    database: Arc<dyn Database>,
) {
    let store = database.open().await;
    let aside = in_state("aside", 1, EventState::SetAside);
    let events = vec![
        waiting("third", 4, "signer:S1"),
        waiting("first", 2, "signer:S2"),
        waiting("second", 3, "signer:S1"),
        waiting("party", 1, "party:signer:"),
        aside,
    ];
    take(store.as_ref(), events).await;
    let page = async |after| {
        let rows = store.events_waiting("signer:", after, 2).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.identity.id.clone()).collect();
        (names, rows.last().map(|row| row.id))
    };
    let (first, last) = page(None).await;
    assert_eq!(first, ["first", "second"]);
    let (second, last) = page(last).await;
    assert_eq!(second, ["third"]);
    assert_eq!(page(last).await.0, [""; 0]);
}

pub async fn an_event_reads_back_as_it_was_taken(database: Arc<dyn Database>) {
    let row = EventRow {
        state: EventState::SetAside,
        rejection: Some(Rejection {
            reason: Reason::Invalid,
            pointer: Some("/data/amount".to_owned()),
            message: "金額がありません".to_owned(),
        }),
        body: vec![0, 255, 10],
        sealed: true,
        content_type: None,
        ..event("e1", 3)
    };
    take(database.open().await.as_ref(), vec![row.clone()]).await;
    let store = database.open().await;
    assert_eq!(store.event(row.id).await.unwrap(), Some(row));
}

pub async fn an_event_that_is_not_there_is_none(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.event(id(1)).await.unwrap(), None);
    assert!(!store.mark_resubmitted(id(1), at(1), &[]).await.unwrap());
}

pub async fn an_event_is_resubmitted_once_and_only_if_set_aside(database: Arc<dyn Database>) {
    let store = database.open().await;
    let aside = in_state("aside", 1, EventState::SetAside);
    let applied = event("applied", 2);
    take(store.as_ref(), vec![aside.clone(), applied.clone()]).await;
    assert!(
        !store
            .mark_resubmitted(applied.id, at(9), &[])
            .await
            .unwrap()
    );

    let stores = [database.open().await, database.open().await];
    let mark =
        |store: Arc<dyn Store>| async move { store.mark_resubmitted(aside.id, at(9), &[]).await };
    let both = stores.map(|store| tokio::spawn(mark(store)));
    let mut marked = 0;
    for one in both {
        marked += usize::from(one.await.unwrap().unwrap());
    }
    assert_eq!(marked, 1);
    let state = |row: Option<EventRow>| row.unwrap().state;
    let now = state(store.event(aside.id).await.unwrap());
    assert_eq!(now, EventState::Resubmitted);
    let other = state(store.event(applied.id).await.unwrap());
    assert_eq!(other, EventState::Applied);
}

pub async fn events_are_counted_by_state(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.event_counts().await.unwrap(), []);
    let events = vec![
        event("a", 1),
        event("b", 1),
        in_state("c", 1, EventState::SetAside),
    ];
    take(store.as_ref(), events).await;
    let counts = store.event_counts().await.unwrap();
    let expected = [(EventState::Applied, 2), (EventState::SetAside, 1)];
    assert_eq!(counts, expected);
    let open = store.open_event_counts().await.unwrap();
    assert_eq!(open, [(EventState::SetAside, 1)], "what is done is not");
}

pub async fn an_event_begins_to_wait_and_is_placed(database: Arc<dyn Database>) {
    let store = database.open().await;
    let (waits, aside) = (event("e1", 1), in_state("e2", 1, EventState::SetAside));
    take(store.as_ref(), vec![waits.clone(), aside.clone()]).await;
    let begun = Commit {
        waiting: vec![
            (waits.id, "party:C9".to_owned()),
            (aside.id, "party:C9".to_owned()),
        ],
        ..commit(Vec::new())
    };
    store.commit(&begun).await.unwrap();
    let by_wait = EventFilter {
        waits_for: Some("party:C9".to_owned()),
        ..EventFilter::default()
    };
    let found = store.events(&by_wait).await.unwrap();
    assert_eq!(found, [waiting("e1", 1, "party:C9")]);

    let over = Commit {
        placed: vec![waits.id, aside.id, id(77)],
        ..commit(Vec::new())
    };
    store.commit(&over).await.unwrap();
    assert_eq!(store.event(waits.id).await.unwrap(), Some(waits));
    assert_eq!(store.event(aside.id).await.unwrap(), Some(aside));
}

pub async fn a_waiting_event_handled_at_last_is_replaced(database: Arc<dyn Database>) {
    let store = database.open().await;
    take(store.as_ref(), vec![waiting("e1", 1, "certificate:S1")]).await;
    let handled = event("e1", 1);
    let replacing = Commit {
        events: vec![handled.clone()],
        placed: vec![handled.id],
        ..commit(Vec::new())
    };
    store.commit(&replacing).await.unwrap();
    let all = store.events(&EventFilter::default()).await.unwrap();
    assert_eq!(all, [handled]);
    assert!(is_conflict(&store.commit(&replacing).await), "only once");
}

pub async fn a_waiting_event_refused_at_last_is_set_aside_as_it_came(database: Arc<dyn Database>) {
    let store = database.open().await;
    let (waits, applied) = (waiting("e1", 1, "signer:S1"), event("e2", 2));
    take(store.as_ref(), vec![waits.clone(), applied.clone()]).await;
    let why = Rejection::whole(Reason::NotAllowed, "登録済みです");
    let refused = Commit {
        set_aside: vec![(waits.id, why.clone()), (applied.id, why.clone())],
        ..commit(Vec::new())
    };
    store.commit(&refused).await.unwrap();
    let aside = EventRow {
        state: EventState::SetAside,
        rejection: Some(why),
        waits_for: None,
        ..waits
    };
    assert_eq!(store.event(aside.id).await.unwrap(), Some(aside));
    assert_eq!(store.event(applied.id).await.unwrap(), Some(applied));
}

pub async fn an_event_that_does_not_wait_is_not_replaced(database: Arc<dyn Database>) {
    let store = database.open().await;
    let applied = event("e1", 1);
    take(store.as_ref(), vec![applied.clone()]).await;
    let replacing = Commit {
        events: vec![in_state("e1", 1, EventState::SetAside)],
        placed: vec![applied.id],
        ..commit(Vec::new())
    };
    assert!(is_conflict(&store.commit(&replacing).await));
    assert_eq!(store.event(applied.id).await.unwrap(), Some(applied));
}

pub async fn what_no_database_can_hold_as_text_is_kept_all_the_same(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut odd = event("nul\0name", 1);
    odd.digest = "digest".into();
    odd.kind = "\0".into();
    odd.content_type = Some("a\0b".to_owned());
    odd.body = b"nul\0name".to_vec();
    take(store.as_ref(), vec![odd.clone()]).await;
    let kept = store.event(odd.id).await.unwrap().unwrap();
    assert_eq!(kept.identity.id, "nul\u{fffd}name");
    assert_eq!(kept.body, odd.body);
}
