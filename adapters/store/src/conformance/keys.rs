//! Keys (R11, R13).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bondhub_core::{
    party::Role,
    ports::store::{KeyState, KeyView, Store},
};

use super::{Database, samples::*};

fn over(seconds: i64, reason: &str) -> KeyState {
    KeyState::Ended {
        at: at(seconds),
        reason: reason.to_owned(),
    }
}

async fn state(store: &dyn Store, kid: &str) -> KeyState {
    store.key(kid).await.unwrap().unwrap().state
}

pub async fn a_key_is_found_by_its_name_and_works(database: Arc<dyn Database>) {
    let store = database.open().await;
    let issued = key("KID1", "B-1", 1, Role::Owner);
    commit_to_case(store.as_ref(), |commit| {
        commit.bonds = vec![bond("B-1", "P-1")];
        commit.keys = vec![issued.clone()];
    })
    .await;
    let found = KeyView {
        key: issued,
        state: KeyState::Live,
    };
    let store = database.open().await;
    assert_eq!(store.key("KID1").await.unwrap(), Some(found.clone()));
    let view = store.bond(&bond_id("B-1")).await.unwrap().unwrap();
    assert_eq!(view.keys, [found]);
}

pub async fn a_key_that_is_not_there_is_none(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.key("KID1").await.unwrap(), None);
}

pub async fn ended_keys_say_since_when_and_why(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.keys = vec![key("KID1", "B-1", 1, Role::Contractor)];
    })
    .await;
    commit_to_case(store.as_ref(), |commit| {
        commit.now = at(9);
        commit.keys = vec![key("KID2", "B-1", 2, Role::Contractor)];
        commit.ended_keys = vec![ended("B-1", None, 1)];
    })
    .await;
    assert_eq!(state(store.as_ref(), "KID1").await, over(9, "updated"));
    assert_eq!(state(store.as_ref(), "KID2").await, KeyState::Live);
}

pub async fn only_the_named_role_and_editions_end(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.keys = vec![
            key("CONTRACTOR2", "B-1", 2, Role::Contractor),
            key("OWNER2", "B-1", 2, Role::Owner),
            key("OWNER3", "B-1", 3, Role::Owner),
            key("OTHER2", "B-2", 2, Role::Owner),
        ];
    })
    .await;
    commit_to_case(store.as_ref(), |commit| {
        commit.now = at(9);
        commit.ended_keys = vec![ended("B-1", Some(Role::Owner), 2)];
    })
    .await;
    let store = store.as_ref();
    assert_eq!(state(store, "OWNER2").await, over(9, "updated"));
    for alive in ["CONTRACTOR2", "OWNER3", "OTHER2"] {
        assert_eq!(state(store, alive).await, KeyState::Live, "{alive}");
    }
}

pub async fn of_two_endings_of_a_key_in_one_commit_the_first_counts(database: Arc<dyn Database>) {
    let store = database.open().await;
    for (first, second) in [("revoked", "updated"), ("updated", "revoked")] {
        let (number, kid) = (format!("B-{first}"), format!("KID-{first}"));
        commit_to_case(store.as_ref(), |commit| {
            commit.keys = vec![key(&kid, &number, 1, Role::Owner)];
        })
        .await;
        commit_to_case(store.as_ref(), |commit| {
            commit.now = at(9);
            let mut one = ended(&number, Some(Role::Owner), 1);
            let mut other = ended(&number, None, 2);
            (one.reason, other.reason) = (first.to_owned(), second.to_owned());
            commit.ended_keys = vec![one, other];
        })
        .await;
        assert_eq!(state(store.as_ref(), &kid).await, over(9, first));
    }
}

pub async fn a_key_that_ended_stays_as_it_ended(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.keys = vec![key("KID1", "B-1", 1, Role::Contractor)];
    })
    .await;
    for now in [5, 6] {
        commit_to_case(store.as_ref(), |commit| {
            commit.now = at(now);
            commit.ended_keys = vec![ended("B-1", None, 1)];
            commit.ended_keys[0].reason = format!("at {now}");
        })
        .await;
    }
    assert_eq!(state(store.as_ref(), "KID1").await, over(5, "at 5"));
}

pub async fn a_key_name_used_twice_is_refused(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        commit.keys = vec![key("KID1", "B-1", 1, Role::Contractor)];
    })
    .await;
    let mut again = commit(vec![case("P-1", 1)]);
    again.keys = vec![key("KID1", "B-2", 1, Role::Contractor)];
    assert!(is_refused(&store.commit(&again).await));
    let kept = store.key("KID1").await.unwrap().unwrap();
    assert_eq!(kept.key.bond, bond_id("B-1"));
}

/// Sees a bond's keys again and again until told to stop; tells the first moment at which not
/// exactly one worked, or it was not the one of the bond's version.
async fn watch(store: Arc<dyn Store>, stop: Arc<AtomicBool>) -> (u32, Option<String>) {
    let mut looks = 0;
    while !stop.load(Ordering::Relaxed) || looks < 20 {
        let view = store.bond(&bond_id("B-1")).await.unwrap().unwrap();
        let alive = view.keys.iter().filter(|key| key.state == KeyState::Live);
        let versions: Vec<u32> = alive.map(|key| key.key.version).collect();
        if versions != [view.bond.version] {
            return (looks, Some(format!("{} {versions:?}", view.bond.version)));
        }
        looks += 1;
    }
    (looks, None)
}

pub async fn keys_of_two_editions_never_work_at_the_same_moment(database: Arc<dyn Database>) {
    let store = database.open().await;
    let update = async |edition: u32| {
        commit_to_case(store.as_ref(), |commit| {
            let mut updated = bond("B-1", "P-1");
            updated.version = edition;
            commit.bonds = vec![updated];
            commit.keys = vec![key(&format!("KID{edition}"), "B-1", edition, Role::Owner)];
            commit.ended_keys = vec![ended("B-1", None, edition - 1)];
        })
        .await;
    };
    update(1).await;
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = tokio::spawn(watch(database.open().await, Arc::clone(&stop)));
    for edition in 2..40 {
        update(edition).await;
    }
    stop.store(true, Ordering::Relaxed);
    let (looks, broken) = watcher.await.unwrap();
    assert_eq!(broken, None, "after {looks} looks");
}
