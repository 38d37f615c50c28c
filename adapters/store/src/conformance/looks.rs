//! Looks and grants (R20, R21).

use std::sync::Arc;

use bondhub_core::{
    account::AccountName,
    audit::{Act, Actor, AuditEntry},
    party::Role,
    ports::store::{AuditFilter, KeyState, LookFilter, LookRow, ShownAs, Sighting, Store},
    view::{Grant, Ground, Seen},
};

use super::{Database, samples::*};

pub(super) fn look(number: u128, seconds: i64, shown: ShownAs) -> LookRow {
    LookRow {
        id: id(number),
        at: at(seconds),
        kid: "KID1".to_owned(),
        bond: bond_id("B-1"),
        version: 1,
        holder: party("C1"),
        role: Role::Owner,
        account: Some("hanako".to_owned()),
        address: Some("192.0.2.1".to_owned()),
        shown,
        round: "tender#2".to_owned(),
        opening_at: Some(at(1000)),
        grant: None,
    }
}

const OPENED: ShownAs = ShownAs::Content(Ground::Opened);

pub(super) fn grant(number: u128, account: &str) -> Grant {
    Grant {
        id: id(number),
        account: AccountName::parse(account).unwrap(),
        party: party("O1"),
        procurement: Some(procurement("P-1")),
        reason: "低入札価格の調査".to_owned(),
        granted_by: "chief".to_owned(),
        granted_at: at(i64::try_from(number).unwrap()),
        until: at(100),
        revoked: None,
    }
}

async fn with_key(store: &dyn Store) {
    commit_to_case(store, |commit| {
        commit.bonds = vec![bond("B-1", "P-1")];
        commit.versions = vec![version("B-1", 1)];
        commit.keys = vec![key("KID1", "B-1", 1, Role::Owner)];
    })
    .await;
}

async fn all(store: &dyn Store) -> Vec<LookRow> {
    store.looks(&LookFilter::default()).await.unwrap()
}

/// The acts the audit log tells, in order.
async fn acts(store: &dyn Store) -> Vec<String> {
    let links = store.audit_links(&AuditFilter::default()).await.unwrap();
    let acts = links.iter().map(|link| {
        let entry: serde_json::Value = serde_json::from_str(&link.entry).unwrap();
        entry["act"].as_str().unwrap().to_owned()
    });
    acts.collect()
}

pub async fn a_sighting_is_key_bond_and_case_at_one_moment(database: Arc<dyn Database>) {
    let store = database.open().await;
    with_key(store.as_ref()).await;
    let Sighting {
        key: found,
        bond: view,
        case,
        seen,
    } = store.sighting("KID1").await.unwrap().unwrap();
    assert_eq!(found.key, key("KID1", "B-1", 1, Role::Owner));
    assert_eq!(found.state, KeyState::Live);
    assert_eq!(store.presented("KID1").await.unwrap(), Some(found));
    assert_eq!(Some(view), store.bond(&bond_id("B-1")).await.unwrap());
    assert_eq!(case, store.case(&procurement("P-1")).await.unwrap());
    assert_eq!(seen, None);
}

pub async fn what_no_key_opens_is_no_sighting(database: Arc<dyn Database>) {
    let store = database.open().await;
    assert_eq!(store.presented("KID1").await.unwrap(), None);
    assert_eq!(store.sighting("KID1").await.unwrap(), None);
    commit_to_case(store.as_ref(), |commit| {
        commit.keys = vec![key("KID1", "B-1", 1, Role::Owner)];
    })
    .await;
    let without_bond = store.sighting("KID1").await.unwrap();
    assert_eq!(without_bond, None);
}

pub async fn a_look_reads_back_after_a_restart_newest_first(database: Arc<dyn Database>) {
    let store = database.open().await;
    let mut bare = look(2, 20, ShownAs::Existence);
    (bare.account, bare.address, bare.opening_at) = (None, None, None);
    let mut granted = look(3, 15, ShownAs::Content(Ground::Granted));
    (granted.grant, granted.kid) = (Some(id(9)), "KID2".to_owned());
    let first = look(1, 10, OPENED);
    let rows = [first.clone(), bare.clone(), granted.clone()];
    store.record_looks(&rows).await.unwrap();
    store.record_looks(&[]).await.unwrap();
    let store = database.open().await;
    let store = store.as_ref();
    assert_eq!(all(store).await, [bare.clone(), granted.clone(), first]);
    let filter = |change: fn(&mut LookFilter)| {
        let mut filter = LookFilter::default();
        change(&mut filter);
        filter
    };
    let newest = filter(|filter| filter.limit = 1);
    assert_eq!(store.looks(&newest).await.unwrap(), [bare]);
    let by_grant = filter(|filter| filter.grant = Some(id(9)));
    let by_kid = filter(|filter| filter.kid = Some("KID2".to_owned()));
    for filter in [by_grant, by_kid] {
        assert_eq!(store.looks(&filter).await.unwrap(), [granted.clone()]);
    }
    let elsewhere = filter(|filter| filter.bond = Some(bond_id("B-2")));
    assert_eq!(store.looks(&elsewhere).await.unwrap(), []);
}

pub async fn the_same_look_again_is_one_look(database: Arc<dyn Database>) {
    let store = database.open().await;
    let first = look(1, 10, OPENED);
    store
        .record_looks(std::slice::from_ref(&first))
        .await
        .unwrap();
    let again = look(1, 11, ShownAs::Existence);
    store.record_looks(&[again]).await.unwrap();
    assert_eq!(all(store.as_ref()).await, [first]);
    assert_eq!(
        acts(store.as_ref()).await,
        ["bond_looked"],
        "told once (R70)"
    );
}

pub async fn every_way_to_show_reads_back(database: Arc<dyn Database>) {
    let store = database.open().await;
    let rows: Vec<LookRow> = (1..)
        .zip(ShownAs::ALL)
        .map(|(number, shown)| look(number, i64::try_from(number).unwrap(), shown))
        .collect();
    store.record_looks(&rows).await.unwrap();
    let mut found = all(store.as_ref()).await;
    found.reverse();
    assert_eq!(found, rows);
}

pub async fn only_what_an_owner_was_shown_after_an_opening_was_seen(database: Arc<dyn Database>) {
    let store = database.open().await;
    with_key(store.as_ref()).await;
    let others = [
        look(1, 90, ShownAs::Existence),
        look(2, 91, ShownAs::Content(Ground::Granted)),
        look(3, 92, ShownAs::Revoked),
        LookRow {
            role: Role::Contractor,
            ..look(4, 93, ShownAs::Content(Ground::Own))
        },
        LookRow {
            holder: party("O2"),
            ..look(5, 94, OPENED)
        },
        LookRow {
            bond: bond_id("B-2"),
            ..look(6, 95, OPENED)
        },
    ];
    store.record_looks(&others).await.unwrap();
    let seen = async || store.sighting("KID1").await.unwrap().unwrap().seen;
    assert_eq!(seen().await, None);
    let looks = [
        look(7, 10, OPENED),
        look(8, 20, ShownAs::Content(Ground::Seen)),
    ];
    store.record_looks(&looks).await.unwrap();
    let last = Seen {
        at: at(20),
        version: 1,
        round: "tender#2".to_owned(),
    };
    assert_eq!(seen().await, Some(last));
}

pub async fn a_grant_reads_back_and_is_taken_back_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    let (mut first, mut second) = (grant(1, "hanako"), grant(2, "taro"));
    second.procurement = None;
    let told = |act, seconds| AuditEntry::new(at(seconds), Actor::Hub, act, "party:O1");
    let given = told(Act::GrantGiven, 1);
    for one in [&first, &second] {
        store.add_grant(one, &given).await.unwrap();
    }
    assert!(
        is_refused(&store.add_grant(&first, &given).await),
        "an id is used once"
    );
    let store = database.open().await;
    assert_eq!(
        store.grants(None).await.unwrap(),
        [second.clone(), first.clone()]
    );
    assert_eq!(store.grants(Some("taro")).await.unwrap(), [second]);
    let back = |seconds| told(Act::GrantRevoked, seconds);
    assert!(store.revoke_grant(id(1), "chief", &back(50)).await.unwrap());
    assert!(!store.revoke_grant(id(1), "other", &back(60)).await.unwrap());
    assert!(!store.revoke_grant(id(7), "chief", &back(60)).await.unwrap());
    assert_eq!(
        acts(store.as_ref()).await,
        ["grant_given", "grant_given", "grant_revoked"]
    );
    first.revoked = Some((at(50), "chief".to_owned()));
    assert_eq!(store.grants(Some("hanako")).await.unwrap(), [first]);
}
