//! Looks at bonds: what is shown, what is recorded, and what nobody can tell apart (R20–R22).

use std::sync::Mutex;

use async_trait::async_trait;
use bondhub::{
    desk::{DeskError, EarlyGrant},
    vault::{Door, Look, OpenRefusal, Presented, PresentedKey, Shown},
};
use bondhub_core::{
    account::{AccountName, Role as Office, SignedInBy, Viewer},
    audit::AuditEntry,
    authentication::Way,
    identifier::{BondId, PartyCode},
    key::{KeyFile, KeySecret, Kid, Token},
    party::{Language, Role},
    ports::store::{KeyView, LookFilter, LookRow, Looks, ShownAs, Sighting, Store, StoreError},
    view::{Grant, Ground},
};
use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use crate::harness::{
    cast::{OWNER, WINNER},
    combination::{Combination, stories},
    papers::{CASE, bond, event, registration, tender},
    world::World,
};

mod by_http;

stories! {
    what_was_seen_is_not_hidden_by_a_postponement_and_every_look_is_recorded => super::postponed;
    a_named_account_sees_more_before_the_opening_and_its_use_is_shown => super::granted;
    unknown_wrong_and_forged_keys_are_refused_alike => super::refused;
    over_http_too_they_are_refused_alike => super::by_http::alike;
    fifty_looks_with_an_old_key_are_all_refused_from_the_commit_on => super::dead_at_once;
}

const BOND: &str = "S001/B-1";

/// A bid bond of the winner, handed over; the opening is in an hour.
async fn handed_over(on: Combination) -> World {
    let world = World::start(on).await;
    let now = world.now();
    let opening = now + TimeDelta::hours(1);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(registration(
            "B-1",
            bond(CASE, "bid", WINNER, 6_000_000),
            now,
        )),
        event(
            CASE,
            "b-1",
            "bid.submitted",
            now,
            json!({"contractor": WINNER}),
        ),
    ];
    world.play(&events, 3).await;
    world
}

async fn shown(world: &World, key: &[u8]) -> Look {
    world.desk.open(key).await.unwrap()
}

fn amount(look: &Look) -> Option<i64> {
    match &look.shown {
        Shown::Existence { .. } => None,
        Shown::Content(content) => Some(content.bond.terms.amount.amount()),
    }
}

async fn recorded(world: &World) -> Vec<LookRow> {
    let filter = LookFilter {
        bond: Some(BondId::try_from(BOND.to_owned()).unwrap()),
        ..LookFilter::default()
    };
    let mut looks = world.desk.looks(&filter).await.unwrap();
    looks.reverse();
    looks
}

async fn postponed(on: Combination) {
    let world = handed_over(on).await;
    let owner = world.live_key(OWNER, BOND).await;
    let contractor = world.live_key(WINNER, BOND).await;
    assert_eq!(amount(&shown(&world, &owner).await), None);
    assert_eq!(amount(&shown(&world, &contractor).await), Some(6_000_000));
    world.clock.advance(TimeDelta::hours(2));
    let look = shown(&world, &owner).await;
    assert_eq!(amount(&look), Some(6_000_000));
    let Shown::Content(content) = look.shown else {
        panic!("content")
    };
    assert!(content.liability, "R22");
    let later = world.now() + TimeDelta::hours(5);
    let moved = event(CASE, "t-2", "tender.changed", world.now(), tender(later));
    world.play(&[moved], 4).await;
    let again = shown(&world, &owner).await;
    assert_eq!(amount(&again), Some(6_000_000), "not hidden again");
    let ways: Vec<ShownAs> = recorded(&world)
        .await
        .iter()
        .map(|look| look.shown)
        .collect();
    let content = |ground| ShownAs::Content(ground);
    assert_eq!(
        ways,
        [
            ShownAs::Existence,
            content(Ground::Own),
            content(Ground::Opened),
            content(Ground::Seen)
        ]
    );
    assert_eq!(recorded(&world).await[3].id, again.id);
}

fn official(account: &str, roles: &[Office]) -> Viewer {
    Viewer {
        account: AccountName::parse(account).unwrap(),
        party: Some(PartyCode::parse(OWNER).unwrap()),
        roles: roles.iter().copied().collect(),
        scopes: None,
        language: Language::Ja,
        zone: "Asia/Tokyo".to_owned(),
        signed_in_by: SignedInBy::Password,
    }
}

async fn granted(on: Combination) {
    let world = handed_over(on).await;
    let key = world.live_key(OWNER, BOND).await;
    let named = official("hanako", &[Office::PrivilegedViewer]);
    let clerk = official("hanako", &[Office::Clerk]);
    let other = official("taro", &[Office::PrivilegedViewer]);
    let look = async |viewer: &Viewer| {
        let presented = Presented {
            viewer: Some(viewer),
            from: Some([192, 0, 2, 7].into()),
            ..Presented::file(&key)
        };
        world.desk.look(&presented).await.unwrap()
    };
    assert_eq!(
        amount(&look(&named).await),
        None,
        "the role alone shows nothing"
    );
    let asked = EarlyGrant {
        account: named.account.clone(),
        party: PartyCode::parse(OWNER).unwrap(),
        procurement: None,
        reason: "低入札価格調査".to_owned(),
        until: world.now() + TimeDelta::minutes(30),
    };
    world
        .invite("hanako", Some(OWNER), Office::PrivilegedViewer)
        .await;
    world.invite("jiro", Some(WINNER), Office::Clerk).await;
    for nobody in ["hanaka", "jiro"] {
        let account = AccountName::parse(nobody).unwrap();
        let asked = EarlyGrant {
            account,
            ..asked.clone()
        };
        let refused = world.desk.grant(asked, "chief").await;
        assert!(
            matches!(refused, Err(DeskError::NotFound(_))),
            "{nobody} is nobody of the owner's"
        );
    }
    let grant = world.desk.grant(asked, "chief").await.unwrap();
    let early = look(&named).await;
    assert_eq!(amount(&early), Some(6_000_000));
    assert_eq!(
        early.grant.as_ref(),
        Some(&grant),
        "shown under which grant"
    );
    assert_eq!(
        amount(&look(&clerk).await),
        None,
        "the grant needs the role"
    );
    assert_eq!(
        amount(&look(&other).await),
        None,
        "the grant names one account"
    );
    let uses = LookFilter {
        grant: Some(grant.id),
        ..LookFilter::default()
    };
    let uses = world.desk.looks(&uses).await.unwrap();
    let told: Vec<_> = uses
        .iter()
        .map(|look| (look.account.as_deref(), look.address.as_deref()))
        .collect();
    assert_eq!(told, [(Some("hanako"), Some("192.0.2.7"))]);
    world.desk.revoke_grant(grant.id, "chief").await.unwrap();
    assert_eq!(amount(&look(&named).await), None);
    assert_eq!(
        amount(&shown(&world, &key).await),
        None,
        "without an account as ever"
    );
}

fn refusal(outcome: Result<Look, DeskError>) -> String {
    match outcome {
        Err(DeskError::Key(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

/// The key file with another secret, or another name, well formed.
fn forged(file: &KeyFile, kid: &Kid, secret: u8) -> Vec<u8> {
    let token = Token::new(kid.clone(), KeySecret::take(&mut [secret; 32]));
    KeyFile::assemble(&file.bond, file.revision, &token, &file.cms).to_vec()
}

/// A store that tells what it was asked.
struct Told<'a> {
    store: &'a dyn Store,
    asked: Mutex<Vec<&'static str>>,
}

impl Told<'_> {
    fn heard(&self, question: &'static str) {
        self.asked.lock().unwrap().push(question);
    }
}

#[async_trait]
impl Looks for Told<'_> {
    async fn presented(&self, kid: &str) -> Result<Option<KeyView>, StoreError> {
        self.heard("presented");
        self.store.presented(kid).await
    }

    async fn sighting(&self, kid: &str) -> Result<Option<Sighting>, StoreError> {
        self.heard("sighting");
        self.store.sighting(kid).await
    }

    async fn record_looks(&self, looks: &[LookRow]) -> Result<(), StoreError> {
        self.heard("record_looks");
        self.store.record_looks(looks).await
    }

    async fn looks(&self, filter: &LookFilter) -> Result<Vec<LookRow>, StoreError> {
        self.heard("looks");
        self.store.looks(filter).await
    }

    async fn add_grant(&self, grant: &Grant, told: &AuditEntry) -> Result<(), StoreError> {
        self.heard("add_grant");
        self.store.add_grant(grant, told).await
    }

    async fn revoke_grant(
        &self,
        id: Uuid,
        by: &str,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        self.heard("revoke_grant");
        self.store.revoke_grant(id, by, told).await
    }

    async fn grants(&self, account: Option<&str>) -> Result<Vec<Grant>, StoreError> {
        self.heard("grants");
        self.store.grants(account).await
    }
}

/// What a look with a key file asks of the store; its record, which only an answered look has, is not among it.
async fn asked(world: &World, key: &[u8]) -> Vec<&'static str> {
    let told = Told {
        store: world.store(),
        asked: Mutex::new(Vec::new()),
    };
    let desk = &world.desk;
    let door = Door {
        looks: &told,
        book: &desk.looking.book,
        pepper: &desk.pepper,
        limits: &desk.looking.limits,
        verifier: desk.reader.verifier.as_ref(),
        directory: &desk.directories.newest(),
        demand: desk.looking.demand,
        one_time: desk.as_ref(),
        randomness: desk.randomness.as_ref(),
        now: world.now(),
    };
    let _answer = door.look(&Presented::file(key)).await;
    told.asked.into_inner().unwrap()
}

async fn refused(on: Combination) {
    let world = handed_over(on).await;
    let owner = world.live_key(OWNER, BOND).await;
    let file = KeyFile::parse(&owner).unwrap();
    let wrong = forged(&file, file.token.kid(), 7);
    let unknown = forged(&file, &Kid::from_bytes([7; 10]), 7);
    let bond = BondId::try_from(BOND.to_owned()).unwrap();
    let revoke = world
        .desk
        .revoke_keys(&bond, Role::Contractor, true, "lost");
    let dead = world.live_key(WINNER, BOND).await;
    revoke.await.unwrap();
    let dead_file = KeyFile::parse(&dead).unwrap();
    let somebody_elses = forged(&dead_file, dead_file.token.kid(), 7);
    for key in [&wrong, &unknown, &somebody_elses] {
        assert_eq!(
            refusal(world.desk.open(key).await),
            "this key opens nothing"
        );
        assert_eq!(asked(&world, key).await, ["presented"], "the same work");
    }
    assert_eq!(asked(&world, &owner).await, ["presented", "sighting"]);
    let own = refusal(world.desk.open(&dead).await);
    assert!(
        own.starts_with("this key was revoked at ") && own.ends_with(": lost"),
        "{own}"
    );
    let text = String::from_utf8_lossy(&owner).into_owned();
    let other_revision = text.replace("Revision: 1", "Revision: 2");
    let other_bond = text.replace("Bond: B-1", "Bond: B-2");
    assert!(
        refusal(world.desk.open(other_revision.as_bytes()).await).contains("`Revision` differs")
    );
    assert!(refusal(world.desk.open(other_bond.as_bytes()).await).contains("`Bond` differs"));
    let swapped = KeyFile::assemble(&file.bond, file.revision, &file.token, &dead_file.cms);
    assert!(
        refusal(world.desk.open(&swapped).await)
            .contains("is not the one this key was issued with")
    );
    let token = file.token.to_text();
    let typed = Presented::token(&token);
    assert!(matches!(
        world.desk.look(&typed).await,
        Err(DeskError::Key(OpenRefusal::TooWeak(weak))) if weak.required == Way::SignedKeyFile
    ));
    let stranger = Presented {
        key: PresentedKey::File(&unknown),
        from: Some([192, 0, 2, 9].into()),
        ..Presented::file(&unknown)
    };
    let mut answers = Vec::new();
    for _ in 0..40 {
        answers.push(refusal(world.desk.look(&stranger).await));
    }
    let let_in = answers
        .iter()
        .filter(|answer| *answer == "this key opens nothing")
        .count();
    assert_eq!(let_in, 30, "then the door is closed for a while");
    assert_eq!(answers[39], "too many looks; try again in 2 s");
}

async fn dead_at_once(on: Combination) {
    let world = handed_over(on).await;
    let old = world.live_key(WINNER, BOND).await;
    assert_eq!(amount(&shown(&world, &old).await), Some(6_000_000));
    let bond = BondId::try_from(BOND.to_owned()).unwrap();
    world
        .desk
        .revoke_keys(&bond, Role::Contractor, true, "lost")
        .await
        .unwrap();
    let looks = (0..50).map(|_| world.desk.open(&old));
    for outcome in futures::future::join_all(looks).await {
        assert!(refusal(outcome).starts_with("this key was revoked"));
    }
    let revoked = recorded(&world).await;
    let revoked = revoked.iter().filter(|look| look.shown == ShownAs::Revoked);
    assert_eq!(revoked.count(), 50, "each is recorded");
}
