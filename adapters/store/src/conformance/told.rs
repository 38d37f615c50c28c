//! Each change is told in the audit log in its own transaction (R70): neither is there without the other.

use std::sync::Arc;

use bondhub_core::{
    account::SignedInBy,
    audit::SignedHead,
    money::Currency,
    party::Role,
    ports::store::{
        AuditFilter, CodeKind, Commit, ConsentRow, Credentials, EventFilter, EventRow, EventState,
        LimitRow, LookFilter, MailFilter, NewCodes, Resealed, Resolution, SealedKind, SessionRow,
        Settled, ShownAs, Store, StoreError, TotpRow, Verdict,
    },
};

use super::{Database, accounts, enrolments, looks, samples::*, sign_ins, vault};

/// The one change whose entry cannot be written: whoever may, moved the table away.
const AWAY: &str = "ALTER TABLE audit_entry RENAME TO audit_entry_away";
const BACK: &str = "ALTER TABLE audit_entry_away RENAME TO audit_entry";

/// What there is to change.
async fn prepare(store: &dyn Store) {
    let (told, with) = (told(at(0)), telling(at(0)));
    let account = accounts::account("hanako");
    assert!(store.add_account(&account, &told).await.unwrap());
    let session = accounts::session(1, SignedInBy::Password);
    store.add_session(&session, None, &told).await.unwrap();
    let token = sign_ins::token("feed", 1);
    assert!(store.add_token(&token, &told).await.unwrap());
    let passkey = accounts::passkey(1);
    assert!(store.add_passkey(&passkey, &with).await.unwrap());
    let codes = accounts::codes(CodeKind::Recovery);
    store.replace_codes(&codes, &with).await.unwrap();
    store.put_party(&a_party("S1"), at(1), &[]).await.unwrap();
    store.put_party(&a_party("C1"), at(1), &[]).await.unwrap();
    let certificate = certificate("C1", "AAAA");
    assert!(store.add_certificate(&certificate, &[]).await.unwrap());
    store.put_signing(&entrusted(), &[]).await.unwrap();
    store
        .add_grant(&looks::grant(1, "hanako"), &told)
        .await
        .unwrap();
    let waiting = enrolments::enrolment("C1", "BBBB", 1);
    let with = enrolment_with(told.clone());
    store.begin_enrolment(&waiting, &with).await.unwrap();
    commit_to_case(store, |commit| {
        commit.bonds = vec![bond("B-1", "P-1")];
        commit.versions = vec![version("B-1", 1)];
        commit.keys = vec![key("KID1", "B-1", 1, Role::Owner)];
        commit.events = vec![aside()];
        commit.outbox = vec![mail(1)];
        commit.lease = Some(claim(5, 60));
    })
    .await;
    let failed = Settled {
        id: id(1),
        verdict: Verdict::Failed("550 no".to_owned()),
    };
    store.advance(id(5), &[failed], &[], at(1)).await.unwrap();
}

fn aside() -> EventRow {
    EventRow {
        state: EventState::SetAside,
        ..event("aside", 1)
    }
}

fn entrusted() -> bondhub_core::party::SigningCertificate {
    let mut entrusted = signing("S1", "ff");
    entrusted.entrusted_key = Some(b"sealed before".to_vec());
    entrusted
}

fn enrolment_with(told: bondhub_core::audit::AuditEntry) -> Commit {
    Commit {
        now: at(2),
        audit: vec![told],
        ..Commit::default()
    }
}

fn totp() -> TotpRow {
    TotpRow {
        sealed: vec![1, 2, 3],
        confirmed_at: Some(at(2)),
        last_step: 7,
    }
}

fn credentials() -> Credentials {
    Credentials {
        account: accounts::name("hanako"),
        invitation: None,
        password: "$argon2id$y".to_owned(),
        totp: totp(),
        recovery: accounts::codes(CodeKind::Recovery),
    }
}

fn session(digest: u8) -> SessionRow {
    accounts::session(digest, SignedInBy::Password)
}

fn consent() -> ConsentRow {
    ConsentRow {
        id: id(1),
        contractor: party("C1"),
        given: true,
        said_by: "hanako".to_owned(),
        at: at(2),
    }
}

fn limit() -> LimitRow {
    LimitRow {
        id: id(2),
        issuer: party("S1"),
        contractor: party("C1"),
        currency: Currency::JPY,
        amount: Some(9),
        said_by: "hanako".to_owned(),
        at: at(2),
    }
}

fn resealed() -> Resealed {
    Resealed {
        key: ("S1".to_owned(), "ff".to_owned()),
        before: b"sealed before".to_vec(),
        after: b"sealed after".to_vec(),
    }
}

fn no_codes() -> NewCodes {
    NewCodes {
        digests: Vec::new(),
        ..accounts::codes(CodeKind::Invitation)
    }
}

/// Change number `number`, each of which changes something when they are done in order; none after the last.
async fn change(store: &dyn Store, number: usize) -> Option<Result<bool, StoreError>> {
    let (told, with) = (told(at(2)), telling(at(2)));
    let entries = [told.clone()];
    let hanako = &accounts::name("hanako");
    let done = match number {
        0 => store.end_session(&[1; 32], &told).await,
        1 => {
            let begun = store.add_session(&session(2), Some(&[1; 32]), &told).await;
            begun.map(|()| true)
        }
        2 => {
            let ended = store.end_sessions(hanako, None, &told).await;
            ended.map(|ended| ended > 0)
        }
        3 => store.add_token(&sign_ins::token("more", 2), &told).await,
        4 => store.revoke_token(hanako, "feed", &told).await,
        5 => store.add_account(&accounts::account("aiko"), &told).await,
        6 => {
            let mut changed = accounts::account("hanako");
            changed.disabled_at = Some(at(3));
            let hanako = accounts::account("hanako");
            store.change_account(&hanako, &changed, true, &told).await
        }
        7 => store.set_totp(hanako, Some(&totp()), &with).await,
        8 => store.add_passkey(&accounts::passkey(2), &with).await,
        9 => store.remove_passkey(hanako, &[1; 16], &with).await,
        10 => {
            let used = store.use_code(hanako, CodeKind::Recovery, &[1; 32], &with);
            used.await
        }
        11 => store.replace_codes(&no_codes(), &with).await.map(|()| true),
        12 => store.set_password(hanako, "$argon2id$x", &with).await,
        13 => store.set_credentials(&credentials(), &with).await,
        14 => store.reset_factors(hanako, &with).await,
        15 => store.add_consent(&consent(), &told).await.map(|()| true),
        16 => store.add_limit(&limit(), &told).await.map(|()| true),
        17 => store
            .add_copy(&vault::copy("C1"), &told)
            .await
            .map(|()| true),
        18 => {
            let items = [resealed()];
            let done = store.reseal(SealedKind::Entrusted, &items, &told).await;
            done.map(|done| done > 0)
        }
        _ => return of_others(store, number, &entries).await,
    };
    Some(done)
}

/// Changes that took their entries along before accounts did.
async fn of_others(
    store: &dyn Store,
    number: usize,
    told: &[bondhub_core::audit::AuditEntry; 1],
) -> Option<Result<bool, StoreError>> {
    let done = match number {
        19 => store
            .put_party(&a_party("C2"), at(2), told)
            .await
            .map(|()| true),
        20 => {
            store
                .add_certificate(&certificate("C1", "CCCC"), told)
                .await
        }
        21 => {
            let party = party("C1");
            store.revoke_certificate(&party, "AAAA", at(2), told).await
        }
        22 => store.put_signing(&signing("S1", "ee"), told).await,
        23 => store.revoke_signing(&party("S1"), "ff", at(2), told).await,
        24 => store.mark_resubmitted(aside().id, at(2), told).await,
        25 => store.resolve(id(1), Resolution::Resend, at(2), told).await,
        26 => {
            let again = enrolments::enrolment("C1", "BBBB", 1);
            let with = enrolment_with(told[0].clone());
            store.finish_enrolment(&again, &with).await
        }
        27 => {
            let begun = enrolments::enrolment("C1", "DDDD", 2);
            let with = enrolment_with(told[0].clone());
            store.begin_enrolment(&begun, &with).await.map(|()| true)
        }
        28 => {
            let look = looks::look(7, 3, ShownAs::Existence);
            store.record_looks(&[look]).await.map(|()| true)
        }
        29 => {
            let grant = looks::grant(2, "hanako");
            store.add_grant(&grant, &told[0]).await.map(|()| true)
        }
        30 => store.revoke_grant(id(1), "chief", &told[0]).await,
        31 => {
            let head = SignedHead {
                head: store.audit_head().await.ok()?,
                day: day(1),
                at: at(2),
                signature: String::new(),
            };
            store.keep_signed_head(&head, &told[0]).await
        }
        32 => {
            let commit = Commit {
                audit: told.to_vec(),
                ..commit(vec![case("P-9", 0)])
            };
            store.commit(&commit).await.map(|()| true)
        }
        33 => {
            let mut changed = a_party("S1");
            changed.mail.clear();
            store
                .change_party(&a_party("S1"), &changed, at(2), told)
                .await
        }
        _ => return None,
    };
    Some(done)
}

/// Everything the changes change, as text.
async fn everything(store: &dyn Store) -> String {
    let hanako = &accounts::name("hanako");
    let mut all = vec![
        format!("{:?}", store.accounts().await),
        format!("{:?}", store.sessions(hanako).await),
        format!("{:?}", store.tokens(None).await),
        format!("{:?}", store.passkeys(hanako).await),
        format!("{:?}", store.consents(&party("C1")).await),
        format!("{:?}", store.limits(None).await),
        format!("{:?}", store.copy("C1").await),
        format!("{:?}", store.book().await),
        format!("{:?}", store.enrolments().await),
        format!("{:?}", store.looks(&LookFilter::default()).await),
        format!("{:?}", store.grants(None).await),
        format!("{:?}", store.signed_heads().await),
        format!("{:?}", store.cases(0).await),
        format!("{:?}", store.events(&EventFilter::default()).await),
        format!("{:?}", store.outbox(&MailFilter::default()).await),
    ];
    for kind in [CodeKind::Invitation, CodeKind::Recovery] {
        all.push(format!("{:?}", store.codes_left(hanako, kind, at(2)).await));
    }
    all.join("\n")
}

pub async fn a_change_whose_entry_cannot_be_written_does_not_happen(database: Arc<dyn Database>) {
    let store = database.open().await;
    prepare(store.as_ref()).await;
    let before = everything(store.as_ref()).await;
    database.run(AWAY).await;
    let mut number = 0;
    while let Some(outcome) = change(store.as_ref(), number).await {
        assert!(outcome.is_err(), "change {number}: {outcome:?}");
        number += 1;
    }
    assert_eq!(number, 34, "each was tried");
    database.run(BACK).await;
    assert_eq!(everything(store.as_ref()).await, before);
}

pub async fn each_change_is_told_with_it_and_once(database: Arc<dyn Database>) {
    let store = database.open().await;
    prepare(store.as_ref()).await;
    let mut entries = store.audit_head().await.unwrap().sequence;
    let mut number = 0;
    while let Some(outcome) = change(store.as_ref(), number).await {
        assert!(outcome.unwrap(), "change {number}");
        entries += 1;
        let told = store.audit_head().await.unwrap().sequence;
        assert_eq!(told, entries, "change {number}");
        number += 1;
    }
    let links = store.audit_links(&AuditFilter::default()).await.unwrap();
    let text: String = links.into_iter().map(|link| link.entry).collect();
    assert!(text.contains(r#""sessions":1"#), "how many sessions ended");
    assert!(text.contains(r#""kind":"entrusted_key","resealed":1"#));
}

pub async fn what_changes_nothing_is_not_told(database: Arc<dyn Database>) {
    let store = database.open().await;
    prepare(store.as_ref()).await;
    let (told, with) = (told(at(2)), telling(at(2)));
    let nobody = &accounts::name("nobody");
    let before = store.audit_head().await.unwrap();
    let hanako = accounts::account("hanako");
    let account = accounts::account("nobody");
    let mut invited = credentials();
    invited.invitation = Some(vec![9; 32]);
    let outcomes = [
        store.add_account(&hanako, &told).await,
        store.change_account(&account, &account, true, &told).await,
        store.set_password(nobody, "$argon2id$x", &with).await,
        store.set_totp(nobody, None, &with).await,
        store
            .use_code(&hanako.name, CodeKind::Recovery, &[9; 32], &with)
            .await,
        store.set_credentials(&invited, &with).await,
        store.reset_factors(nobody, &with).await,
        store.add_passkey(&accounts::passkey(1), &with).await,
        store.remove_passkey(&hanako.name, &[9; 16], &with).await,
        store.end_session(&[9; 32], &told).await,
        store.add_token(&sign_ins::token("feed", 9), &told).await,
        store.revoke_token(&hanako.name, "none", &told).await,
        store.revoke_grant(id(9), "chief", &told).await,
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        assert!(!outcome.unwrap(), "{number}");
    }
    assert_eq!(store.end_sessions(nobody, None, &told).await.unwrap(), 0);
    let other = Resealed {
        before: b"another".to_vec(),
        ..resealed()
    };
    let resealed = store.reseal(SealedKind::Entrusted, &[other], &told).await;
    assert_eq!(resealed.unwrap(), 0);
    assert_eq!(store.audit_head().await.unwrap(), before);
    let row = store.account(&hanako.name).await.unwrap().unwrap();
    assert_eq!(
        row.password, None,
        "an invitation that does not work sets nothing"
    );
}
