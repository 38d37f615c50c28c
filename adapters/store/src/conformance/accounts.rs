//! Accounts and what they sign in with.

use std::sync::Arc;

use bondhub_core::{
    account::{Account, AccountName, DEFAULT_ZONE, Role, SignedInBy},
    calendar::Timestamp,
    identifier::PartyCode,
    party::Language,
    ports::store::{
        AccountRow, CodeKind, MailFilter, NewCodes, PasskeyRow, SessionRow, Store, TotpRow,
    },
};
use chrono::TimeDelta;

use super::{
    Database,
    enrolments::with,
    samples::{at, telling, told},
};

pub(super) fn name(text: &str) -> AccountName {
    AccountName::parse(text).unwrap()
}

pub(super) fn account(text: &str) -> Account {
    Account {
        name: name(text),
        party: Some(PartyCode::parse("C-77").unwrap()),
        roles: [Role::Clerk].into(),
        language: Language::En,
        zone: DEFAULT_ZONE.to_owned(),
        created_at: at(0),
        disabled_at: None,
    }
}

/// A store with the account `hanako`.
pub(super) async fn with_account(database: &Arc<dyn Database>) -> (Arc<dyn Store>, AccountName) {
    let store = database.open().await;
    assert!(
        store
            .add_account(&account("hanako"), &told(at(0)))
            .await
            .unwrap()
    );
    (store, name("hanako"))
}

pub(super) fn session(digest: u8, way: SignedInBy) -> SessionRow {
    SessionRow {
        digest: vec![digest; 32],
        account: name("hanako"),
        signed_in_by: way,
        created_at: at(1),
        last_seen_at: at(1),
        expires_at: at(1) + TimeDelta::hours(12),
        address: Some("192.0.2.7".to_owned()),
        agent: None,
    }
}

pub async fn an_account_is_added_once_and_read_back_after_a_restart(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    assert!(
        !store
            .add_account(&account("hanako"), &told(at(0)))
            .await
            .unwrap()
    );
    assert!(
        store
            .add_account(&account("aiko"), &told(at(0)))
            .await
            .unwrap()
    );
    let again = database.open().await;
    let found = again.account(&hanako).await.unwrap().unwrap();
    let expected = AccountRow {
        account: account("hanako"),
        password: None,
        totp: None,
    };
    assert_eq!(found, expected);
    let all = again.accounts().await.unwrap();
    let names: Vec<_> = all.iter().map(|row| row.account.name.as_str()).collect();
    assert_eq!(names, ["aiko", "hanako"]);
    assert_eq!(again.account(&name("nobody")).await.unwrap(), None);
    let mut elsewhere = account("emi");
    elsewhere.party = Some(PartyCode::parse("C-78").unwrap());
    assert!(again.add_account(&elsewhere, &told(at(1))).await.unwrap());
    let of = PartyCode::parse("C-77").unwrap();
    let own = again.accounts_of(&of).await.unwrap();
    let names: Vec<_> = own.iter().map(|row| row.account.name.as_str()).collect();
    assert_eq!(names, ["aiko", "hanako"]);
}

pub async fn a_changed_account_signs_its_sessions_out_if_asked(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let row = session(1, SignedInBy::Password);
    store.add_session(&row, None, &told(at(1))).await.unwrap();
    let mut changed = account("hanako");
    changed.language = Language::Ja;
    assert!(
        store
            .change_account(&account("hanako"), &changed, false, &told(at(2)))
            .await
            .unwrap()
    );
    assert_eq!(store.sessions(&hanako).await.unwrap().len(), 1);
    let before = changed.clone();
    changed.disabled_at = Some(at(3));
    assert!(
        store
            .change_account(&before, &changed, true, &told(at(3)))
            .await
            .unwrap()
    );
    assert_eq!(store.sessions(&hanako).await.unwrap(), []);
    let found = store.account(&hanako).await.unwrap().unwrap();
    assert_eq!(found.account, changed);
    let nobody = account("nobody");
    assert!(
        !store
            .change_account(&nobody, &nobody, true, &told(at(3)))
            .await
            .unwrap()
    );
}

/// Whoever read the account before it was disabled does not undo it.
pub async fn of_two_changes_of_an_account_one_wins_and_none_is_lost(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let other = database.open().await;
    let read = account("hanako");
    let (mut disabled, mut japanese) = (read.clone(), read.clone());
    disabled.disabled_at = Some(at(2));
    japanese.language = Language::Ja;
    let told = told(at(2));
    let (one, two) = tokio::join!(
        store.change_account(&read, &disabled, true, &told),
        other.change_account(&read, &japanese, false, &told)
    );
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one, two, "what was read is true for one of them");
    let found = store.account(&hanako).await.unwrap().unwrap().account;
    assert_eq!(found, if one { disabled } else { japanese });
    let late = store.change_account(&read, &read, false, &told).await;
    assert!(!late.unwrap(), "whoever read long ago changes nothing");
}

pub async fn a_new_password_ends_sessions_and_invitations(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let row = session(1, SignedInBy::Password);
    store.add_session(&row, None, &told(at(1))).await.unwrap();
    store
        .replace_codes(&codes(CodeKind::Invitation), &telling(at(1)))
        .await
        .unwrap();
    store
        .replace_codes(&codes(CodeKind::Recovery), &telling(at(1)))
        .await
        .unwrap();
    assert!(
        store
            .set_password(&hanako, "$argon2id$x", &telling(at(2)))
            .await
            .unwrap()
    );
    let found = store.account(&hanako).await.unwrap().unwrap();
    assert_eq!(found.password.as_deref(), Some("$argon2id$x"));
    assert_eq!(store.sessions(&hanako).await.unwrap(), []);
    let left = |kind| store.codes_left(&hanako, kind, at(2));
    assert_eq!(left(CodeKind::Invitation).await.unwrap(), 0);
    assert_eq!(left(CodeKind::Recovery).await.unwrap(), 2);
    let nobody = store
        .set_password(&name("nobody"), "$argon2id$x", &telling(at(2)))
        .await;
    assert!(!nobody.unwrap());
}

pub async fn a_one_time_password_secret_is_set_confirmed_and_taken_away(
    database: Arc<dyn Database>,
) {
    let (store, hanako) = with_account(&database).await;
    for confirmed_at in [None, Some(at(2))] {
        let totp = TotpRow {
            sealed: vec![1, 2, 3],
            confirmed_at,
            last_step: 7,
        };
        assert!(
            store
                .set_totp(&hanako, Some(&totp), &telling(at(2)))
                .await
                .unwrap()
        );
        let found = store.account(&hanako).await.unwrap().unwrap();
        assert_eq!(found.totp, Some(totp));
    }
    assert!(
        store
            .set_totp(&hanako, None, &telling(at(3)))
            .await
            .unwrap()
    );
    let found = store.account(&hanako).await.unwrap().unwrap();
    assert_eq!(found.totp, None);
    let nobody = store.set_totp(&name("nobody"), None, &telling(at(3))).await;
    assert!(!nobody.unwrap());
}

pub async fn of_two_uses_of_a_time_step_one_wins_and_none_goes_back(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let other = database.open().await;
    let (one, two) = tokio::join!(
        store.take_totp_step(&hanako, 100),
        other.take_totp_step(&hanako, 100)
    );
    assert_ne!(one.unwrap(), two.unwrap());
    assert!(!store.take_totp_step(&hanako, 99).await.unwrap());
    assert!(store.take_totp_step(&hanako, 101).await.unwrap());
}

pub(super) fn codes(kind: CodeKind) -> NewCodes {
    NewCodes {
        account: name("hanako"),
        kind,
        digests: vec![vec![1; 32], vec![2; 32]],
        created_at: at(1),
        expires_at: (kind == CodeKind::Invitation).then(|| at(60)),
    }
}

pub async fn a_code_works_once_and_not_after_its_end(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    store
        .replace_codes(&codes(CodeKind::Recovery), &telling(at(1)))
        .await
        .unwrap();
    store
        .replace_codes(&codes(CodeKind::Invitation), &telling(at(1)))
        .await
        .unwrap();
    let recovery = |when: Timestamp| {
        let (store, hanako) = (&store, &hanako);
        async move {
            let used = store
                .use_code(hanako, CodeKind::Recovery, &[1; 32], &telling(when))
                .await;
            used.unwrap()
        }
    };
    let works = store.code_works(&hanako, CodeKind::Recovery, &[1; 32], at(2));
    assert!(works.await.unwrap(), "not used up by asking");
    assert!(recovery(at(2)).await);
    let works = store.code_works(&hanako, CodeKind::Recovery, &[1; 32], at(3));
    assert!(!works.await.unwrap(), "used");
    let works = store.code_works(&hanako, CodeKind::Invitation, &[1; 32], at(60));
    assert!(!works.await.unwrap(), "over");
    assert!(!recovery(at(3)).await, "used twice");
    let late = store
        .use_code(&hanako, CodeKind::Invitation, &[2; 32], &telling(at(60)))
        .await;
    assert!(!late.unwrap(), "used after its end");
    let wrong = store
        .use_code(&hanako, CodeKind::Recovery, &[9; 32], &telling(at(2)))
        .await;
    assert!(!wrong.unwrap(), "never given out");
    let left = store.codes_left(&hanako, CodeKind::Recovery, at(3)).await;
    assert_eq!(left.unwrap(), 1);
    store
        .replace_codes(&codes(CodeKind::Recovery), &telling(at(1)))
        .await
        .unwrap();
    let left = store.codes_left(&hanako, CodeKind::Recovery, at(3)).await;
    assert_eq!(left.unwrap(), 2, "new ones replace the old");
}

pub(super) fn passkey(id: u8) -> PasskeyRow {
    PasskeyRow {
        id: vec![id; 16],
        account: name("hanako"),
        label: "USB".to_owned(),
        public_key: vec![7; 77],
        counter: 0,
        added_at: at(i64::from(id)),
        last_used_at: None,
    }
}

pub async fn a_passkey_is_added_once_used_and_forgotten(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    assert!(
        store
            .add_passkey(&passkey(1), &telling(at(1)))
            .await
            .unwrap()
    );
    assert!(
        store
            .add_passkey(&passkey(2), &telling(at(1)))
            .await
            .unwrap()
    );
    assert!(
        !store
            .add_passkey(&passkey(1), &telling(at(1)))
            .await
            .unwrap()
    );
    let found = store.passkeys(&hanako).await.unwrap();
    assert_eq!(found, [passkey(1), passkey(2)]);
    assert!(store.use_passkey(&[1; 16], 5, at(9)).await.unwrap());
    let found = store.passkey(&[1; 16]).await.unwrap().unwrap();
    assert_eq!((found.counter, found.last_used_at), (5, Some(at(9))));
    for way in [SignedInBy::Password, SignedInBy::Passkey] {
        let row = session(way as u8, way);
        store.add_session(&row, None, &told(at(1))).await.unwrap();
    }
    assert!(
        store
            .remove_passkey(&hanako, &[1; 16], &telling(at(9)))
            .await
            .unwrap()
    );
    assert!(
        !store
            .remove_passkey(&hanako, &[1; 16], &telling(at(9)))
            .await
            .unwrap()
    );
    assert_eq!(store.passkey(&[1; 16]).await.unwrap(), None);
    let left = store.sessions(&hanako).await.unwrap();
    let ways: Vec<_> = left.iter().map(|row| row.signed_in_by).collect();
    assert_eq!(ways, [SignedInBy::Password]);
}

pub async fn a_passkey_whose_counter_does_not_rise_is_refused(database: Arc<dyn Database>) {
    let (store, _) = with_account(&database).await;
    store
        .add_passkey(&passkey(1), &telling(at(1)))
        .await
        .unwrap();
    let used = |counter| {
        let store = &store;
        async move { store.use_passkey(&[1; 16], counter, at(9)).await.unwrap() }
    };
    assert!(used(0).await, "it has no counter");
    assert!(used(0).await);
    assert!(used(5).await);
    assert!(!used(5).await, "a copy");
    assert!(!used(0).await);
}

pub async fn a_change_of_a_factor_takes_its_mail_along(database: Arc<dyn Database>) {
    let (store, hanako) = with_account(&database).await;
    let before = store.audit_head().await.unwrap().sequence;
    let told = async || {
        let mails = store.outbox(&MailFilter::default()).await.unwrap().len();
        (mails, store.audit_head().await.unwrap().sequence - before)
    };
    let nobody = name("nobody");
    let totp = TotpRow {
        sealed: vec![1, 2, 3],
        confirmed_at: None,
        last_step: 7,
    };
    let changes = [
        store
            .set_password(&hanako, "$argon2id$x", &with(1, 2))
            .await,
        store.set_totp(&hanako, Some(&totp), &with(2, 2)).await,
        store.add_passkey(&passkey(1), &with(3, 2)).await,
        store.remove_passkey(&hanako, &[1; 16], &with(4, 2)).await,
        store.reset_factors(&hanako, &with(5, 2)).await,
    ];
    assert!(changes.into_iter().all(|done| done.unwrap()));
    let renewed = codes(CodeKind::Recovery);
    store.replace_codes(&renewed, &with(6, 2)).await.unwrap();
    let used = store
        .use_code(&hanako, CodeKind::Recovery, &[1; 32], &with(7, 2))
        .await;
    assert!(used.unwrap());
    assert_eq!(told().await, (7, 7));
    let nothing = [
        store
            .set_password(&nobody, "$argon2id$x", &with(8, 3))
            .await,
        store.set_totp(&nobody, None, &with(9, 3)).await,
        store.remove_passkey(&hanako, &[1; 16], &with(10, 3)).await,
        store
            .use_code(&hanako, CodeKind::Recovery, &[1; 32], &with(11, 3))
            .await,
        store.reset_factors(&nobody, &with(12, 3)).await,
    ];
    assert!(nothing.into_iter().all(|done| !done.unwrap()));
    assert_eq!(told().await, (7, 7), "nothing changed, nothing is told");
}
