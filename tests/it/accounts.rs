//! Accounts: invited, signed in, signed out; what is wrong is not told, and nothing works twice.

use bondhub::{
    desk::{
        Attempt, Began, Change, DeskError, NewAccount, SignInRefusal, TotpOffer, Welcome,
        WelcomeTrouble,
    },
    vault::{OpenRefusal, Presented},
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Permission, Role, SignedInBy, Viewer},
    audit::Act,
    authentication::Way,
    identifier::PartyCode,
    key::KeyFile,
    party::Language,
    ports::{Clock as _, store::AuditFilter},
};
use chrono::TimeDelta;
use serde_json::json;
use totp_rs::{Builder, Secret};

use crate::harness::{
    cast::{ISSUER, OWNER, WINNER},
    combination::{Combination, stories},
    papers::{CASE, bond, event, registration, tender},
    world::World,
};

mod evidence;
mod guessing;
mod news;

use evidence::ways;
use guessing::{at_once, nameless};

stories! {
    an_invited_person_chooses_everything_and_the_invitation_works_once => super::welcomed;
    whatever_is_wrong_the_answer_is_the_same_and_no_code_works_twice => super::signing_in;
    a_session_has_a_new_id_and_ends_on_the_server => super::sessions;
    whoever_fails_too_often_waits_and_nobody_is_locked_out_for_good => super::patience;
    of_many_guesses_at_once_no_more_are_looked_at_than_may_fail => super::at_once;
    strangers_keep_nobody_out_who_types_no_name => super::nameless;
    a_token_may_do_what_it_was_given_until_it_is_revoked => super::tokens;
    an_account_changes_its_password_and_its_device => super::changing;
    a_bond_asks_for_the_way_its_parties_accept => super::ways;
    each_act_on_an_account_is_told_without_its_name => super::told;
    whoever_answers_for_an_account_is_told_when_a_factor_changes => super::news::told;
    whoever_answers_for_an_account_is_told_when_somebody_guesses => super::news::locked_out;
    a_well_known_password_is_refused => super::news::well_known_passwords;
}

const PASSWORD: &str = "a long sentence by heart";

fn name() -> AccountName {
    AccountName::parse("hanako").unwrap()
}

fn clerk() -> NewAccount {
    clerk_of(OWNER)
}

fn clerk_of(party: &str) -> NewAccount {
    NewAccount {
        name: name(),
        party: Some(PartyCode::parse(party).unwrap()),
        roles: [Role::Clerk].into(),
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
    }
}

/// What an authenticator app shows.
pub(crate) fn app(secret: &str, world: &World) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(world.clock.now().timestamp()).unwrap();
    app.generate(now).to_string()
}

async fn offered(world: &World, code: &str) -> Result<TotpOffer, SignInRefusal> {
    let welcome = Welcome {
        name: "Hanako",
        code,
        password: PASSWORD,
        address: Some("192.0.2.1"),
    };
    world.desk.welcome(welcome).await
}

/// A clerk who has signed in once: the secret of the app, the session's cookie, the recovery codes.
async fn settled(world: &World) -> (String, String, Vec<String>) {
    settled_as(world, OWNER).await
}

async fn settled_as(world: &World, party: &str) -> (String, String, Vec<String>) {
    let invitation = world.desk.add_account(clerk_of(party)).await.unwrap();
    let offer = offered(world, &invitation.code).await.unwrap();
    let shown = app(&offer.text, world);
    let chosen = world
        .desk
        .welcome_with(&offer.id, &shown, None, None, None)
        .await
        .unwrap();
    let codes = chosen.recovery.iter().map(|code| code.to_string());
    (
        offer.text.to_string(),
        chosen.began.cookie.to_string(),
        codes.collect(),
    )
}

fn attempt<'a>(password: &'a str, code: &'a str) -> Attempt<'a> {
    Attempt {
        name: "hanako",
        password,
        code,
        address: Some("192.0.2.1"),
        agent: None,
        replaces: None,
    }
}

/// Signs in when the next one-time password has come.
async fn sign_in(world: &World, secret: &str) -> Began {
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(secret, world);
    world.desk.sign_in(attempt(PASSWORD, &code)).await.unwrap()
}

async fn welcomed(on: Combination) {
    let world = World::set(on, "").await;
    let desk = &world.desk;
    let invitation = desk.add_account(clerk()).await.unwrap();
    let taken = desk.add_account(clerk()).await.map(drop).unwrap_err();
    assert!(taken.to_string().contains("already"), "{taken}");
    let wrong = offered(&world, "AAAA-AAAA-AAAA-AAAA").await.unwrap_err();
    assert!(matches!(wrong, SignInRefusal::Wrong));

    let easy = Welcome {
        name: "hanako",
        code: &invitation.code,
        password: "hanako hanako",
        address: None,
    };
    let easy = desk.welcome(easy).await.unwrap_err();
    assert!(easy.to_string().contains("too easy"), "{easy}");

    // However it was typed, and not used up before all is chosen.
    let typed = invitation.code.to_lowercase().replace('-', " ");
    let offer = offered(&world, &typed).await.unwrap();
    assert!(
        offer.address.starts_with("otpauth://totp/"),
        "an app reads it"
    );
    let again = desk.welcome_with(&offer.id, "000000", None, None, None);
    let WelcomeTrouble::Again(offer) = again.await.map(drop).unwrap_err() else {
        panic!("a wrong one-time password may be typed again");
    };
    let shown = app(&offer.text, &world);
    let chosen = desk.welcome_with(&offer.id, &shown, None, None, None).await;
    let chosen = chosen.unwrap();
    assert_eq!(chosen.recovery.len(), 10);
    let viewer = desk.viewer(&chosen.began.cookie).await.unwrap().unwrap();
    assert_eq!(viewer.account, name());
    assert_eq!(viewer.signed_in_by, SignedInBy::Password);
    assert!(viewer.may(Permission::ActForParty) && !viewer.may(Permission::ManageAccounts));

    let used = offered(&world, &invitation.code).await.unwrap_err();
    assert!(matches!(used, SignInRefusal::Wrong), "used up");
    let late = desk.invite(&name()).await.unwrap();
    world.clock.advance(TimeDelta::hours(73));
    let late = offered(&world, &late.code).await.unwrap_err();
    assert!(matches!(late, SignInRefusal::Wrong), "over");
}

async fn signing_in(on: Combination) {
    let world = World::set(on, "").await;
    let (secret, _, recovery) = settled(&world).await;
    let desk = &world.desk;
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&secret, &world);
    for (password, code) in [
        ("another sentence", code.as_str()),
        (PASSWORD, "000000"),
        (PASSWORD, ""),
        (PASSWORD, "AAAA-AAAA-AAAA-AAAA"),
    ] {
        let refused = desk.sign_in(attempt(password, code)).await;
        let refused = refused.map(drop).unwrap_err();
        assert!(matches!(refused, SignInRefusal::Wrong), "{refused}");
    }
    let unknown = Attempt {
        name: "nobody",
        ..attempt(PASSWORD, &code)
    };
    let unknown = desk.sign_in(unknown).await.map(drop).unwrap_err();
    assert!(matches!(unknown, SignInRefusal::Wrong), "{unknown}");

    let began = desk.sign_in(attempt(PASSWORD, &code)).await.unwrap();
    assert_eq!(began.recovery_left, None);
    let twice = desk.sign_in(attempt(PASSWORD, &code)).await;
    assert!(twice.is_err(), "a one-time password works once");

    // A device a minute slow is still understood; one an hour slow is not.
    world.clock.advance(TimeDelta::seconds(90));
    let slow = app(&secret, &world);
    world.clock.advance(TimeDelta::seconds(30));
    assert!(desk.sign_in(attempt(PASSWORD, &slow)).await.is_ok());
    world.clock.advance(TimeDelta::hours(1));
    assert!(desk.sign_in(attempt(PASSWORD, &slow)).await.is_err());

    let instead = recovery[3].to_lowercase();
    let began = desk.sign_in(attempt(PASSWORD, &instead)).await.unwrap();
    assert_eq!(began.recovery_left, Some(9));
    let twice = desk.sign_in(attempt(PASSWORD, &instead)).await;
    assert!(twice.is_err(), "a recovery code works once");
}

async fn sessions(on: Combination) {
    let world = World::set(on, "").await;
    let (secret, first, _) = settled(&world).await;
    let desk = &world.desk;
    let alive = async |cookie: &str| desk.viewer(cookie).await.unwrap().is_some();
    assert!(alive(&first).await);
    assert!(!alive("planted").await, "nobody's id");

    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&secret, &world);
    let again = Attempt {
        replaces: Some(&first),
        ..attempt(PASSWORD, &code)
    };
    let second = desk.sign_in(again).await.unwrap().cookie;
    assert_ne!(first, *second);
    assert!(!alive(&first).await && alive(&second).await);

    // A planted id is not taken over either.
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&secret, &world);
    let planted = Attempt {
        replaces: Some("planted"),
        ..attempt(PASSWORD, &code)
    };
    let third = desk.sign_in(planted).await.unwrap();
    assert!(!alive("planted").await);
    let listed = desk.sessions(&third.viewer, &third.cookie).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed.iter().filter(|(_, _, own)| *own).count(), 1);
    let other = listed.iter().find(|(_, _, own)| !own).unwrap();
    desk.end_session(&third.viewer, &other.0).await.unwrap();
    assert!(!alive(&second).await && alive(&third.cookie).await);

    desk.sign_out(&third.cookie).await.unwrap();
    assert!(!alive(&third.cookie).await, "dead on the server");

    let idle = sign_in(&world, &secret).await;
    for _ in 0..3 {
        world.clock.advance(TimeDelta::minutes(29));
        assert!(alive(&idle.cookie).await, "whoever works stays signed in");
    }
    world.clock.advance(TimeDelta::minutes(30));
    assert!(!alive(&idle.cookie).await, "half an hour without use");

    let long = sign_in(&world, &secret).await;
    for _ in 0..24 {
        world.clock.advance(TimeDelta::minutes(29));
        assert!(alive(&long.cookie).await);
    }
    world.clock.advance(TimeDelta::minutes(29));
    assert!(!alive(&long.cookie).await, "twelve hours, however busy");

    for change in [
        Change {
            roles: Some([Role::Clerk, Role::PrivilegedViewer].into()),
            ..Change::default()
        },
        Change {
            enabled: Some(false),
            ..Change::default()
        },
    ] {
        let began = sign_in(&world, &secret).await;
        desk.change_account(&name(), change).await.unwrap();
        assert!(!alive(&began.cookie).await, "other rights, signed out");
    }
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&secret, &world);
    let disabled = desk.sign_in(attempt(PASSWORD, &code)).await;
    assert!(disabled.is_err(), "disabled");
}

async fn patience(on: Combination) {
    let world = World::set(on, "").await;
    let (secret, ..) = settled(&world).await;
    let desk = &world.desk;
    world.clock.advance(TimeDelta::seconds(61));
    let mut refusals = Vec::new();
    for _ in 0..11 {
        let refused = desk.sign_in(attempt("wrong", "000000")).await;
        refusals.push(refused.map(drop).unwrap_err());
    }
    assert!(matches!(refusals[9], SignInRefusal::Wrong));
    let SignInRefusal::Later { seconds } = refusals[10] else {
        panic!("the eleventh waits: {}", refusals[10]);
    };
    let code = app(&secret, &world);
    let right = desk.sign_in(attempt(PASSWORD, &code)).await.map(drop);
    assert!(matches!(right, Err(SignInRefusal::Later { .. })));
    world.clock.advance(TimeDelta::seconds(seconds));
    let code = app(&secret, &world);
    let right = desk.sign_in(attempt(PASSWORD, &code)).await;
    assert!(right.is_ok(), "after the wait it is the same as before");
}

async fn tokens(on: Combination) {
    let world = World::set(on, "").await;
    let desk = &world.desk;
    let operator = NewAccount {
        party: None,
        roles: [Role::Operator].into(),
        ..clerk()
    };
    desk.add_account(operator).await.unwrap();
    let over = desk.clock.now() + TimeDelta::days(1);
    let scopes = [Permission::SendEvents].into();
    let made = desk.add_token(&name(), "feed", scopes, Some(over)).await;
    let made = made.unwrap();
    let beyond = [Permission::ReadAudit].into();
    let beyond = desk.add_token(&name(), "audit", beyond, None).await;
    assert!(beyond.is_err(), "an operator does not read the audit log");

    let viewer = desk.viewer_of_token(&made.token).await.unwrap().unwrap();
    assert_eq!(viewer.signed_in_by, SignedInBy::Token);
    assert!(viewer.may(Permission::SendEvents) && !viewer.may(Permission::Operate));
    let of = async |token: &str| desk.viewer_of_token(token).await.unwrap();
    assert!(of(&format!("{}x", *made.token)).await.is_none());
    assert!(of("").await.is_none());
    assert!(
        desk.viewer(&made.token).await.unwrap().is_none(),
        "no session"
    );
    let listed = desk.tokens(Some(&name())).await.unwrap();
    assert!(listed[0].last_used_at.is_some());

    world.clock.advance(TimeDelta::days(1));
    assert!(of(&made.token).await.is_none(), "over");
    let scopes = [Permission::SendEvents].into();
    let made = desk
        .add_token(&name(), "feed 2", scopes, None)
        .await
        .unwrap();
    assert!(of(&made.token).await.is_some());
    desk.revoke_token(&name(), "feed 2").await.unwrap();
    assert!(of(&made.token).await.is_none(), "revoked");
    let twice = desk.revoke_token(&name(), "feed 2").await;
    assert!(matches!(twice, Err(DeskError::NotFound(_))));
}

async fn changing(on: Combination) {
    let world = World::set(on, "").await;
    let (secret, _, old_codes) = settled(&world).await;
    let desk = &world.desk;
    let began = sign_in(&world, &secret).await;
    let new = "another sentence by heart";
    let wrong = desk.change_password(&began.viewer, "guessed", new, None, None);
    assert!(wrong.await.is_err());
    let changed = desk.change_password(&began.viewer, PASSWORD, new, None, None);
    let changed = changed.await.unwrap();
    assert!(desk.viewer(&began.cookie).await.unwrap().is_none());
    assert!(desk.viewer(&changed.cookie).await.unwrap().is_some());

    assert!(desk.is_fresh(&changed.cookie).await.unwrap());
    world.clock.advance(TimeDelta::minutes(16));
    assert!(!desk.is_fresh(&changed.cookie).await.unwrap());

    // A new device: the old one works until the new one has shown a one-time password.
    let offer = desk.offer_totp(&name()).await.unwrap();
    let code = app(&secret, &world);
    assert!(desk.sign_in(attempt(new, &code)).await.is_ok());
    let wrong = desk.confirm_totp(&name(), &offer.id, "000000").await;
    let offer = wrong.unwrap().unwrap_err();
    let shown = app(&offer.text, &world);
    let codes = desk.confirm_totp(&name(), &offer.id, &shown).await;
    assert_eq!(codes.unwrap().unwrap().len(), 10);
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&secret, &world);
    assert!(
        desk.sign_in(attempt(new, &code)).await.is_err(),
        "the old device"
    );
    let old = desk.sign_in(attempt(new, &old_codes[0])).await;
    assert!(old.is_err(), "old recovery codes are void");
    let code = app(&offer.text, &world);
    assert!(desk.sign_in(attempt(new, &code)).await.is_ok());

    // The device is lost, and somebody resets it: only the invitation is left.
    let invitation = desk.reset_factors(&name()).await.unwrap();
    world.clock.advance(TimeDelta::seconds(61));
    let code = app(&offer.text, &world);
    assert!(desk.sign_in(attempt(new, &code)).await.is_err());
    assert!(offered(&world, &invitation.code).await.is_ok());
}

/// R70, R72: the chain names each act; who it was stands beside it.
async fn told(on: Combination) {
    let world = World::set(on, "").await;
    let desk = &world.desk;
    let (secret, cookie, _) = settled(&world).await;
    let refused = desk.sign_in(attempt("wrong", "000000")).await;
    assert!(refused.is_err());
    let began = sign_in(&world, &secret).await;
    desk.sign_out(&cookie).await.unwrap();
    desk.sign_out_everywhere(&began.viewer).await.unwrap();
    let scopes = [Permission::ReadBonds].into();
    desk.add_token(&name(), "desk", scopes, None).await.unwrap();
    desk.revoke_token(&name(), "desk").await.unwrap();
    let change = Change {
        enabled: Some(false),
        ..Change::default()
    };
    desk.change_account(&name(), change).await.unwrap();
    desk.reset_factors(&name()).await.unwrap();

    let filter = AuditFilter {
        limit: 1000,
        ..AuditFilter::default()
    };
    let links = world.store().audit_links(&filter).await.unwrap();
    for act in [
        Act::AccountAdded,
        Act::AccountChanged,
        Act::PasswordChanged,
        Act::FactorChanged,
        Act::SignedIn,
        Act::SignInRefused,
        Act::SignedOut,
        Act::TokenIssued,
        Act::TokenRevoked,
    ] {
        let text = format!("\"act\":\"{}\"", act.as_str());
        let told = links.iter().any(|link| link.entry.contains(&text));
        assert!(told, "{}", act.as_str());
    }
    for link in &links {
        for hidden in ["hanako", "192.0.2.1", PASSWORD, secret.as_str()] {
            assert!(!link.entry.contains(hidden), "{hidden} in {}", link.entry);
        }
    }
}
