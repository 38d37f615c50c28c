//! Who is signed in: sessions, challenges, tokens.

use std::sync::Arc;

use bondhub_core::{
    account::{Permission, SignedInBy},
    ports::store::{ChallengeRow, CodeKind, NewCodes, TokenRow},
};
use chrono::TimeDelta;

use super::{
    Database,
    accounts::{account, name, session, with_account},
    samples::{at, telling, told},
};

pub async fn a_session_is_found_with_its_account_and_touched(database: Arc<dyn Database>) {
    let (store, _) = with_account(&database).await;
    let mut row = session(1, SignedInBy::Passkey);
    store.add_session(&row, None, &told(at(1))).await.unwrap();
    store.touch_session(&row.digest, at(30)).await.unwrap();
    store.touch_session(&row.digest, at(20)).await.unwrap();
    row.last_seen_at = at(30);
    let again = database.open().await;
    let found = again.session(&row.digest).await.unwrap();
    assert_eq!(found, Some((row, account("hanako"))));
    assert_eq!(again.session(&[9; 32]).await.unwrap(), None);
}

pub async fn a_session_that_is_replaced_is_dead(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let (old, new) = (
        session(1, SignedInBy::Password),
        session(2, SignedInBy::Password),
    );
    store.add_session(&old, None, &told(at(1))).await.unwrap();
    store
        .add_session(&new, Some(&old.digest), &told(at(2)))
        .await
        .unwrap();
    assert_eq!(store.session(&old.digest).await.unwrap(), None);
    assert_eq!(store.sessions(&hanako).await.unwrap(), [new]);
}

pub async fn sessions_end_one_by_one_or_all_but_one(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    for digest in 1..=4 {
        let row = session(digest, SignedInBy::Password);
        store.add_session(&row, None, &told(at(1))).await.unwrap();
    }
    assert!(store.end_session(&[1; 32], &told(at(2))).await.unwrap());
    assert!(!store.end_session(&[1; 32], &told(at(2))).await.unwrap());
    let ended = store
        .end_sessions(&hanako, Some(&[2; 32]), &told(at(3)))
        .await
        .unwrap();
    assert_eq!(ended, 2);
    assert_eq!(store.sessions(&hanako).await.unwrap().len(), 1);
    assert_eq!(
        store
            .end_sessions(&hanako, None, &told(at(4)))
            .await
            .unwrap(),
        1
    );
}

pub async fn a_challenge_is_taken_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    let challenge = ChallengeRow {
        id: vec![1; 32],
        account: Some(name("hanako")),
        content: "{}".to_owned(),
        expires_at: at(5),
    };
    store.add_challenge(&challenge).await.unwrap();
    let other = database.open().await;
    let (one, two) = tokio::join!(
        store.take_challenge(&challenge.id),
        other.take_challenge(&challenge.id)
    );
    let taken: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken, [challenge]);
}

pub async fn what_ended_is_thrown_away_and_nothing_else(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let mut over = session(1, SignedInBy::Password);
    over.expires_at = at(10);
    store.add_session(&over, None, &told(at(1))).await.unwrap();
    store
        .add_session(&session(2, SignedInBy::Password), None, &told(at(1)))
        .await
        .unwrap();
    for (id, expires_at) in [(1, at(10)), (2, at(11))] {
        let challenge = ChallengeRow {
            id: vec![id; 32],
            account: None,
            content: "{}".to_owned(),
            expires_at,
        };
        store.add_challenge(&challenge).await.unwrap();
    }
    for (kind, expires_at) in [
        (CodeKind::Invitation, Some(at(10))),
        (CodeKind::Recovery, None),
    ] {
        let codes = NewCodes {
            account: hanako.clone(),
            kind,
            digests: vec![vec![1; 32]],
            created_at: at(1),
            expires_at,
        };
        store.replace_codes(&codes, &telling(at(1))).await.unwrap();
    }
    assert_eq!(store.purge_sign_ins(at(10)).await.unwrap(), 3);
    assert_eq!(store.purge_sign_ins(at(10)).await.unwrap(), 0);
    assert_eq!(store.sessions(&hanako).await.unwrap().len(), 1);
    let left = store.codes_left(&hanako, CodeKind::Recovery, at(10)).await;
    assert_eq!(left.unwrap(), 1);
    assert!(store.take_challenge(&[2; 32]).await.unwrap().is_some());
}

pub(super) fn token(label: &str, digest: u8) -> TokenRow {
    TokenRow {
        account: name("hanako"),
        label: label.to_owned(),
        digest: vec![digest; 32],
        scopes: [Permission::SendEvents, Permission::ReadBonds].into(),
        created_at: at(1),
        expires_at: Some(at(1) + TimeDelta::days(1)),
        last_used_at: None,
        revoked_at: None,
    }
}

pub async fn a_token_is_added_once_found_touched_and_revoked(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let mut feed = token("feed", 1);
    assert!(store.add_token(&feed, &told(at(1))).await.unwrap());
    assert!(
        !store
            .add_token(&token("feed", 2), &told(at(1)))
            .await
            .unwrap()
    );
    assert!(
        store
            .add_token(&token("another", 3), &told(at(1)))
            .await
            .unwrap()
    );
    store.touch_token(&feed.digest, at(9)).await.unwrap();
    feed.last_used_at = Some(at(9));
    let found = store.token(&feed.digest).await.unwrap();
    assert_eq!(found, Some((feed.clone(), account("hanako"))));
    assert!(
        store
            .revoke_token(&hanako, "feed", &told(at(10)))
            .await
            .unwrap()
    );
    assert!(
        !store
            .revoke_token(&hanako, "feed", &told(at(11)))
            .await
            .unwrap()
    );
    feed.revoked_at = Some(at(10));
    let listed = store.tokens(Some(&hanako)).await.unwrap();
    assert_eq!(listed, [token("another", 3), feed]);
    assert_eq!(store.tokens(None).await.unwrap().len(), 2);
    let nobody = store.tokens(Some(&name("nobody"))).await.unwrap();
    assert_eq!(nobody, []);
    assert_eq!(store.token(&[9; 32]).await.unwrap(), None);
}
