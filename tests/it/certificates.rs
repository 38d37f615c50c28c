//! Whom the hub believes: enrolment with proof of possession, warnings before an end, keys in tokens,
//! chains and revocation by the settings (R5, R12, R50).

use std::{path::Path, process::Command, sync::Arc};

use bondhub::{assemble, desk::DeskError, settings::Settings};
use bondhub_core::{
    identifier::PartyCode,
    ports::store::{EventState, KeyState},
};
use bondhub_test_support::{mail::sealed_part, openpgp::TestParty};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::{self, ISSUER, WINNER},
    combination::{Combination, stories},
    papers::{CASE, bond, document, registration, sign},
    world::World,
};

mod letters;
mod own_access;
mod unchecked;
mod unusable;
mod watched;

use letters::body;
pub(crate) use letters::{code_in, mail};
use unusable::{revoked_again, unusable};

stories! {
    a_certificate_is_used_when_the_code_came_back_and_the_old_ones_holder_is_told => super::enrolment;
    a_party_replaces_its_certificate_once_an_operator_has_confirmed_it => super::own_access::told;
    the_end_of_a_certificate_is_told_once_at_30_14_and_3_days => super::warnings;
    an_unusable_certificate_keeps_no_warning_back => super::unusable;
    a_revoked_certificate_is_not_taken_again => super::revoked_again;
    a_key_in_a_token_signs_documents_and_is_entrusted => super::token;
    roots_are_asked_for_beside_the_pin => super::roots;
    a_replayed_old_registration_changes_nothing => super::replay;
    a_hub_that_serves_tells_of_an_end_by_itself => super::watched::by_itself;
    after_a_revocation_nothing_new_is_taken_and_what_was_taken_stays => super::revoked;
}

fn winner() -> PartyCode {
    PartyCode::parse(WINNER).unwrap()
}

fn refusal<T: std::fmt::Debug>(result: Result<T, DeskError>) -> String {
    let error = result.expect_err("refused");
    assert!(error.is_refusal(), "{error}");
    error.to_string()
}

async fn enrolment(on: Combination) {
    let world = World::start(on).await;
    let since = world.now() - TimeDelta::days(1);
    let new = TestParty::new(&cast::address(WINNER), since).unwrap();
    let old = &world.cast.readers[WINNER];
    let bytes = new.certificate().unwrap();
    let begun = world
        .desk
        .begin_enrolment(&winner(), &bytes, false)
        .await
        .unwrap();
    assert_eq!(begun.facts.fingerprint, new.fingerprint());
    let in_use = async || {
        let book = world.store().book().await.unwrap();
        let mut own: Vec<_> = book
            .certificates
            .into_iter()
            .filter(|one| one.party == winner())
            .collect();
        own.retain(|one| one.revoked_at.is_none());
        own.into_iter()
            .map(|one| one.fingerprint)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        in_use().await,
        [old.fingerprint()],
        "not used before it is proven"
    );
    let letter = mail(&world, "enrolment", &new).await;
    assert!(letter.contains("登録"), "{letter}");
    let code = code_in(&letter);
    for sealed in world.mails_to(WINNER).values() {
        assert!(
            !String::from_utf8_lossy(&sealed.bytes).contains(&code),
            "in the clear"
        );
        let readable = old.open_mail(&sealed.bytes, &world.hub_certificate, world.now());
        let opened = readable.map(|mail| body(&mail)).unwrap_or_default();
        assert!(!opened.contains(&code), "the old key opens it not");
        assert!(sealed_part(&sealed.bytes).is_some());
    }
    let desk = &world.desk;
    let other = "0000-0000-0000-0000";
    let wrong = refusal(desk.finish_enrolment(&winner(), other).await);
    assert_eq!(wrong, "the code is wrong; 4 more may be tried");
    assert!(refusal(desk.finish_enrolment(&winner(), "hello").await).contains("16 letters"));
    let stranger = PartyCode::parse(ISSUER).unwrap();
    assert!(refusal(desk.finish_enrolment(&stranger, &code).await).contains("begin again"));
    let typed = code.to_lowercase().replace('-', " ");
    let enrolled = desk.finish_enrolment(&winner(), &typed).await.unwrap();
    assert_eq!(enrolled.fingerprint, new.fingerprint());
    assert_eq!(in_use().await, [new.fingerprint()]);
    assert!(
        refusal(desk.finish_enrolment(&winner(), &code).await).contains("begin again"),
        "once"
    );
    let told = mail(&world, "certificate_replaced", old).await;
    let shown = new.fingerprint();
    let flat: String = told.split_whitespace().collect();
    assert!(flat.contains(&shown), "{told}");
    let again = desk.begin_enrolment(&winner(), &bytes, false).await;
    assert!(refusal(again).contains("already"));
    too_often(&world).await;
}

/// Five wrong codes, and the right one counts no more; nor after seven days.
async fn too_often(world: &World) {
    let (desk, since) = (&world.desk, world.now() - TimeDelta::days(1));
    let third = TestParty::new(&cast::address(WINNER), since).unwrap();
    let bytes = third.certificate().unwrap();
    desk.begin_enrolment(&winner(), &bytes, false)
        .await
        .unwrap();
    let mut last = String::new();
    for _ in 0..5 {
        last = refusal(
            desk.finish_enrolment(&winner(), "0000-0000-0000-0000")
                .await,
        );
    }
    assert!(last.contains("the last that could be tried"), "{last}");
    let locked = refusal(
        desk.finish_enrolment(&winner(), "0000-0000-0000-0000")
            .await,
    );
    assert!(locked.contains("begin again"), "{locked}");
    desk.begin_enrolment(&winner(), &bytes, false)
        .await
        .unwrap();
    world.clock.advance(TimeDelta::days(8));
    let late = refusal(
        desk.finish_enrolment(&winner(), "0000-0000-0000-0000")
            .await,
    );
    assert!(late.contains("begin again"), "{late}");
}

async fn warnings(on: Combination) {
    let world = World::start(on).await;
    let told = async || {
        let warnings = world.desk.check_certificates().await.unwrap();
        let signing = warnings.into_iter().find(|one| one.kind == "signing");
        signing.map(|one| (one.days, one.new))
    };
    assert_eq!(told().await, None);
    // The demonstration's issuer has a certificate for ten years, of which thirty days are over.
    world.clock.advance(TimeDelta::days(3650 - 30 - 20));
    assert_eq!(told().await, Some((30, true)));
    assert_eq!(told().await, Some((30, false)), "once");
    world.clock.advance(TimeDelta::days(10));
    assert_eq!(told().await, Some((14, true)));
    world.clock.advance(TimeDelta::days(8));
    assert_eq!(told().await, Some((3, true)));
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(
        told().await,
        Some((0, true)),
        "it has ended: told to the operator"
    );
    let rows = world.outbox().await;
    let mails = rows.iter().filter(|row| row.name == "certificate_expiring");
    assert_eq!(mails.count(), 3);
}

/// Runs the program with a token of its own.
fn with_token(world: &World, arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_bondhub"))
        .arg("--config")
        .arg(world.config())
        .args(["--output", "json"])
        .args(arguments)
        .current_dir(world.folder())
        .env("SOFTHSM2_CONF", world.folder().join("softhsm2.conf"))
        .env("BONDHUB_TOKEN_PIN", "2468")
        .output()
        .unwrap()
}

fn softhsm(folder: &Path, arguments: &[&str]) {
    let output = Command::new("softhsm2-util")
        .args(arguments)
        .env("SOFTHSM2_CONF", folder.join("softhsm2.conf"))
        .output()
        .expect("SoftHSM2 is installed (Debian: softhsm2)");
    assert!(output.status.success(), "{output:?}");
}

fn json_of(output: &std::process::Output) -> Value {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Writes a file into a folder and tells its path.
fn written(folder: &Path, name: &str, content: &[u8]) -> String {
    std::fs::write(folder.join(name), content).unwrap();
    folder.join(name).display().to_string()
}

/// Makes a token with the key of an issuer in it, and tells the path of the certificate.
fn filled_token(folder: &Path, issuer: &assemble::DemoIssuer) -> String {
    let tokens = folder.join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let settings = format!("directories.tokendir = {}\n", tokens.display());
    written(folder, "softhsm2.conf", settings.as_bytes());
    let made = "--init-token --free --label desk --so-pin 1357 --pin 2468";
    softhsm(folder, &made.split(' ').collect::<Vec<_>>());
    let pem = String::from_utf8(issuer.key_pem.to_vec()).unwrap();
    let start = pem.find("-----BEGIN PRIVATE KEY").unwrap();
    let key = written(folder, "key.pem", &pem.as_bytes()[start..]);
    let imported = format!("--import {key} --token desk --label S1 --id 01 --pin 2468");
    softhsm(folder, &imported.split(' ').collect::<Vec<_>>());
    written(folder, "certificate.pem", &issuer.certificate_pem)
}

async fn token(on: Combination) {
    let world = World::set(on, "").await;
    let folder = world.folder();
    let issuer = assemble::demo_issuer("Token Surety", world.now() - TimeDelta::days(1)).unwrap();
    let certificate = filled_token(folder, &issuer);
    let uri = "pkcs11:token=desk;object=S1?module-path=/usr/lib/softhsm/libsofthsm2.so";
    let entrusted = with_token(
        &world,
        &[
            "party",
            "cert",
            "add",
            ISSUER,
            &certificate,
            "--entrust",
            "--token",
            uri,
        ],
    );
    assert_eq!(json_of(&entrusted)["entrusted"], true);
    let statement = registration("B-11", bond(CASE, "bid", WINNER, 1_000_000), world.now());
    let statement = written(folder, "statement.json", statement.to_string().as_bytes());
    let signed = folder.join("signed.pem").display().to_string();
    let sign = [
        "bond",
        "sign",
        &statement,
        "--key",
        uri,
        "--certificate",
        &certificate,
        "--to",
        &signed,
    ];
    let output = with_token(&world, &sign);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let taken = json_of(&with_token(&world, &["bond", "register", &signed]));
    assert_eq!(
        taken["state"], "applied",
        "the hub signed the key with its token"
    );
    let shown = json_of(&with_token(&world, &["bond", "show", "S001/B-11"]));
    assert_eq!(shown["keys"][0]["state"], "live");
    let inside = format!("{uri}&pin-value=2468");
    let refused = with_token(
        &world,
        &[
            "bond",
            "sign",
            &statement,
            "--key",
            &inside,
            "--certificate",
            &certificate,
        ],
    );
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(3), "{said}");
    assert!(
        said.contains("pin-source") && !said.replace(&inside, "").contains("2468"),
        "{said}"
    );
}

async fn roots(on: Combination) {
    let world = World::set(on, "").await;
    let issuer = &world.cast.issuer;
    let statement =
        |number: &str| registration(number, bond(CASE, "bid", WINNER, 1_000_000), world.now());
    let folder = world.folder();
    let other = assemble::demo_issuer("Other", world.now() - TimeDelta::days(9)).unwrap();
    std::fs::write(folder.join("own.pem"), &issuer.authority_pem).unwrap();
    std::fs::write(folder.join("other.pem"), &other.authority_pem).unwrap();
    std::fs::create_dir(folder.join("crl")).unwrap();
    let plain = std::fs::read_to_string(world.config()).unwrap();
    let desk = async |trust: &str| {
        std::fs::write(world.config(), format!("{plain}[trust]\n{trust}\n")).unwrap();
        let settings = Settings::load(Some(&world.config()), std::iter::empty()).unwrap();
        assemble::desk_at(&settings, Arc::clone(&world.clock) as _)
            .await
            .unwrap()
    };
    let root = |name: &str| {
        format!(
            "roots_files = [{:?}]",
            folder.join(name).display().to_string()
        )
    };
    let send = async |trust: &str, number: &str| {
        let cms = sign(statement(number), issuer, world.now());
        desk(trust).await.document(&cms).await
    };
    let foreign = refusal(send(&root("other.pem"), "B-1").await);
    assert!(foreign.contains("no chain leads"), "{foreign}");
    send(&root("own.pem"), "B-1").await.unwrap();
    let crl = folder.join("crl").display().to_string();
    let strict = format!(
        "{}\ncrl_directory = {crl:?}\nrevocation = \"require\"",
        root("own.pem")
    );
    let unchecked = refusal(send(&strict, "B-2").await);
    assert!(unchecked.contains("no revocation list of"), "{unchecked}");
    let profile = folder.join("profiles.toml");
    std::fs::write(
        &profile,
        "[[profile]]\nname = \"S\"\nissuers = [\"S001\"]\nsubject = { O = \"\" }\n",
    )
    .unwrap();
    let profiled = format!(
        "{}\nprofiles_file = {:?}",
        root("own.pem"),
        profile.display().to_string()
    );
    let unfit = refusal(send(&profiled, "B-2").await);
    assert!(unfit.contains("its subject has no O"), "{unfit}");
    let nothing = refusal(desk(&root("own.pem")).await.document(b"0").await);
    assert!(!nothing.is_empty());
    assert_eq!(
        json!(
            world
                .store()
                .bond(&"S001/B-2".to_owned().try_into().unwrap())
                .await
                .unwrap()
                .is_none()
        ),
        true
    );
    let lenient = strict.replace("require", "report");
    let cms = sign(statement("B-3"), issuer, world.now());
    unchecked::is_marked(&world, &*desk(&lenient).await, &cms).await;
}

/// What an issuer once signed stays signed; sent again after an update, it must not bring the old terms
/// back.
async fn replay(on: Combination) {
    let mut world = World::set(on, "").await;
    world.open().await;
    let early = world.now() - TimeDelta::hours(2);
    let first = registration("B-21", bond(CASE, "bid", WINNER, 1_000_000), early);
    let first = sign(first, &world.cast.issuer, world.now());
    world.desk.document(&first).await.unwrap();
    let mut update = registration("B-21", bond(CASE, "bid", WINNER, 2_000_000), world.now());
    update["type"] = json!("update");
    let update = sign(update, &world.cast.issuer, world.now());
    world.desk.document(&update).await.unwrap();
    let amount = async || {
        let id = "S001/B-21".to_owned().try_into().unwrap();
        let view = world.store().bond(&id).await.unwrap().unwrap();
        (view.bond.version, view.bond.terms.amount.to_string())
    };
    let updated = amount().await;
    assert!(
        updated.0 == 2 && updated.1 == "JPY 2,000,000",
        "{updated:?}"
    );
    let again = world.desk.document(&first).await.unwrap();
    assert_eq!(again.state, None, "a duplicate");
    // Signed again by the thief of nothing: other bytes, the same old statement.
    let older = registration(
        "B-21",
        bond(CASE, "bid", WINNER, 3_000_000),
        early - TimeDelta::hours(1),
    );
    let keys = async || {
        let id = "S001/B-21".to_owned().try_into().unwrap();
        let view = world.store().bond(&id).await.unwrap().unwrap();
        let live = view
            .keys
            .into_iter()
            .filter(|key| key.state == KeyState::Live);
        live.map(|key| key.key.kid).collect::<Vec<_>>()
    };
    let live = keys().await;
    assert_eq!(live.len(), 1, "the contractor's");
    let older = sign(older, &world.cast.issuer, world.now());
    let refused = refusal(world.desk.document(&older).await);
    assert!(refused.contains("registered already"), "{refused}");
    let mut stale = registration(
        "B-21",
        bond(CASE, "bid", WINNER, 4_000_000),
        early + TimeDelta::hours(1),
    );
    stale["type"] = json!("update");
    let stale = sign(stale, &world.cast.issuer, world.now());
    let taken = world.desk.document(&stale).await.unwrap();
    // It is kept among what the issuer said, and governs nothing.
    assert_eq!(taken.state, Some(EventState::Applied));
    assert_eq!(amount().await, updated, "the later statement stays");
    assert_eq!(keys().await, live, "and so does its key");
}

/// The thief of a revoked key claims to have signed before (R5).
async fn revoked(on: Combination) {
    let world = World::start(on).await;
    let issuer = PartyCode::parse(ISSUER).unwrap();
    let signed = |number: &str, at| {
        let terms = bond(CASE, "bid", WINNER, 1_000_000);
        sign(registration(number, terms, at), &world.cast.issuer, at)
    };
    let early = world.now() - TimeDelta::hours(2);
    let honest = signed("B-31", early);
    world.desk.document(&honest).await.unwrap();
    let pins = world.store().book().await.unwrap().signing;
    let pin = pins.iter().find(|one| one.party == issuer).unwrap();
    let revoking = world.desk.revoke_certificate(&issuer, &pin.fingerprint);
    revoking.await.unwrap();
    let backdated = signed("B-32", early);
    let refused = refusal(world.desk.document(&backdated).await);
    assert!(refused.contains("no longer accepted since"), "{refused}");
    let again = world.desk.document(&honest).await.unwrap();
    assert_eq!(again.state, None, "a duplicate");
    let taken = world.taken().await;
    let (again, stolen) = (
        document(&honest, world.now()),
        document(&backdated, world.now()),
    );
    world.play(&[again, stolen], taken + 1).await;
    let rows = world.events().await;
    let aside = rows.iter().filter(|row| row.state == EventState::SetAside);
    assert_eq!(aside.count(), 1, "the backdated one alone: {rows:#?}");
    assert!(
        world
            .store()
            .bond(&"S001/B-32".to_owned().try_into().unwrap())
            .await
            .unwrap()
            .is_none()
    );
}
