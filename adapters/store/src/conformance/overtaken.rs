//! What a later fact made pointless is not sent (R34).

use std::sync::Arc;

use bondhub_core::{
    party::Role,
    ports::store::{
        Channel, Claim, Commit, OutboxRow, OutboxState, Resolution, Settled, Store, Verdict,
    },
};

use super::{Database, outbox::state, samples::*};

async fn put(store: &dyn Store, rows: Vec<OutboxRow>, lease: Option<Claim>) {
    commit_to_case(store, |commit| {
        commit.outbox = rows;
        commit.lease = lease;
    })
    .await;
}

/// The owner's keys of `B-1` up to edition 1 end.
fn end(commit: &mut Commit) {
    commit.now = at(5);
    commit.ended_keys = vec![ended("B-1", Some(Role::Owner), 1)];
}

fn owners(row: u128) -> OutboxRow {
    key_mail(row, "B-1", Role::Owner, 1)
}

async fn call(store: &dyn Store, number: u128) -> bool {
    let granted = store.advance(id(5), &[], &[id(number)], at(6)).await;
    granted.unwrap() == [id(number)]
}

async fn settle(store: &dyn Store, number: u128, verdict: Verdict) {
    let settled = Settled {
        id: id(number),
        verdict,
    };
    store.advance(id(5), &[settled], &[], at(7)).await.unwrap();
}

fn retry() -> Verdict {
    Verdict::Retry(at(8), "421 later".to_owned())
}

pub async fn a_mail_with_an_ended_key_is_not_sent(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), vec![owners(1)], None).await;
    put(
        store.as_ref(),
        vec![owners(2), owners(3), owners(4)],
        Some(claim(5, 60)),
    )
    .await;
    settle(store.as_ref(), 3, retry()).await;
    settle(store.as_ref(), 4, Verdict::Failed("550".to_owned())).await;
    commit_to_case(store.as_ref(), end).await;
    for number in 1..=4 {
        let now = state(store.as_ref(), number).await;
        assert_eq!(now, OutboxState::Overtaken, "{number}");
    }
    assert!(!call(store.as_ref(), 2).await, "its holder may not send it");
    let claimed = store.claim(Channel::Mail, claim(6, 90), at(60), 10).await;
    assert_eq!(claimed.unwrap(), []);
}

pub async fn a_mail_of_the_commit_that_ends_its_key_is_not_sent(database: Arc<dyn Database>) {
    let store = database.open().await;
    commit_to_case(store.as_ref(), |commit| {
        end(commit);
        commit.outbox = vec![owners(1), key_mail(2, "B-1", Role::Owner, 2)];
        commit.lease = Some(claim(5, 60));
    })
    .await;
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Overtaken);
    assert_eq!(state(store.as_ref(), 2).await, OutboxState::Leased);
}

pub async fn a_mail_with_a_living_key_is_sent(database: Arc<dyn Database>) {
    let store = database.open().await;
    let rows = vec![
        key_mail(1, "B-1", Role::Owner, 2),
        key_mail(2, "B-1", Role::Contractor, 1),
        key_mail(3, "B-2", Role::Owner, 1),
        mail(4),
    ];
    put(store.as_ref(), rows, None).await;
    commit_to_case(store.as_ref(), end).await;
    let claimed = store.claim(Channel::Mail, claim(6, 90), at(60), 10).await;
    assert_eq!(claimed.unwrap().len(), 4);
}

pub async fn a_mail_being_sent_is_let_go_on_but_not_tried_again(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(
        store.as_ref(),
        vec![owners(1), owners(2)],
        Some(claim(5, 60)),
    )
    .await;
    assert!(call(store.as_ref(), 1).await && call(store.as_ref(), 2).await);
    commit_to_case(store.as_ref(), end).await;
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Leased);
    settle(store.as_ref(), 1, Verdict::Sent("250 ok".to_owned())).await;
    settle(store.as_ref(), 2, retry()).await;
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Sent);
    assert_eq!(state(store.as_ref(), 2).await, OutboxState::Overtaken);
}

pub async fn a_mail_already_sent_stays_sent(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), vec![owners(1)], Some(claim(5, 60))).await;
    settle(store.as_ref(), 1, Verdict::Sent("250 ok".to_owned())).await;
    commit_to_case(store.as_ref(), end).await;
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Sent);
}

pub async fn a_dead_key_is_not_sent_again_by_hand(database: Arc<dyn Database>) {
    let store = database.open().await;
    put(store.as_ref(), vec![owners(1)], Some(claim(5, 60))).await;
    settle(store.as_ref(), 1, Verdict::Uncertain("lost".to_owned())).await;
    commit_to_case(store.as_ref(), end).await;
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Uncertain);
    let decided = store.resolve(id(1), Resolution::Resend, at(9), &[]).await;
    assert!(decided.unwrap());
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Overtaken);
}

pub async fn a_mail_to_a_revoked_certificate_is_not_sent(database: Arc<dyn Database>) {
    let store = database.open().await;
    store.put_party(&a_party("C1"), at(0), &[]).await.unwrap();
    for fingerprint in ["AAAA", "BBBB"] {
        let enrolled = certificate("C1", fingerprint);
        assert!(store.add_certificate(&enrolled, &[]).await.unwrap());
    }
    let mut other = mail(2);
    other.encrypted_to = Some("BBBB".to_owned());
    put(store.as_ref(), vec![owners(1), other, mail(3)], None).await;
    put(store.as_ref(), vec![owners(4)], Some(claim(5, 60))).await;
    assert!(call(store.as_ref(), 4).await);

    let revoked = store
        .revoke_certificate(&party("C1"), "AAAA", at(9), &[])
        .await;
    assert!(revoked.unwrap());
    assert_eq!(state(store.as_ref(), 1).await, OutboxState::Overtaken);
    for number in [2, 3] {
        assert_eq!(state(store.as_ref(), number).await, OutboxState::Ready);
    }
    settle(store.as_ref(), 4, retry()).await;
    assert_eq!(state(store.as_ref(), 4).await, OutboxState::Overtaken);
}
