//! An issuer prepares, signs and registers a bond (R5).

use std::sync::Arc;

use axum::http::StatusCode;
use bondhub::{
    assemble::{self, demo_issuer},
    cli::Cli,
    desk::Desk,
    settings::Settings,
};
use bondhub_core::{account::Role, party};
use chrono::TimeDelta;
use clap::Parser as _;
use serde_json::json;

use crate::{
    browser::{Browser, Page, Site},
    harness::{
        cast::{self, ISSUER, OWNER, WINNER},
        papers::{CASE, bond, event, registration, sign, with},
    },
    opening::registered,
};

const FORM: &[(&str, &str)] = &[
    ("act", "registration"),
    ("number", "B-7/2026"),
    ("kind", "bid"),
    ("instrument", "surety_bond"),
    ("principal", WINNER),
    ("obligee", OWNER),
    ("procurement", CASE),
    ("amount", "６,000,000"),
    ("currency", "JPY"),
    ("from", "2026-04-01"),
    ("to", "2027-09-30"),
    ("forfeitable", "yes"),
    ("wording", "発行機関は\r\n保証する。"),
];

fn clerk(site: &Site) -> Browser<'_> {
    site.signed_in(Some(ISSUER), &[Role::Clerk])
}

/// The prepared statement, as the page hands it out.
async fn statement(browser: &mut Browser<'_>) -> Vec<u8> {
    let page = browser.post("/register/prepare", FORM).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page.says("bondhub bond sign bond-B-7-2026.json");
    let command = page.body.split("<pre id=\"command\">").nth(1).unwrap();
    let command = command.split('<').next().unwrap().split_whitespace();
    Cli::try_parse_from(command).expect("the command is one of ours");
    let encoded = page
        .body
        .split("name=\"statement\" value=\"")
        .nth(1)
        .unwrap();
    let encoded = encoded.split('"').next().unwrap().replace("&#x3d;", "=");
    let fields = [("statement", encoded.as_str()), ("number", "B-7/2026")];
    let file = browser.post("/register/statement", &fields).await;
    assert!(
        file.header("content-disposition")
            .contains("bond-B-7-2026.json")
    );
    file.body.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_form_prepares_is_signed_and_registered() {
    let site = Site::open().await;
    let mut browser = clerk(&site);
    let prepared = statement(&mut browser).await;
    let signed = site
        .world
        .cast
        .issuer
        .sign(&prepared, site.world.now())
        .unwrap();
    let page = browser
        .upload("/register", &[], &[("document", "b7.p7m", &signed)])
        .await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("Taken.");
    browser
        .get("/bonds/S001/B-7/2026")
        .await
        .says("JPY 6,000,000");
    let again = browser
        .upload("/register", &[], &[("document", "b7.p7m", &signed)])
        .await;
    again.says("had been taken before");
    let update = browser.get("/register/prepare?number=B-7%2F2026").await;
    update.says("value=\"6000000\"").says("Prepare an update");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_beside_its_field_and_what_was_typed_stays() {
    let site = Site::open().await;
    let mut browser = clerk(&site);
    let fields = [
        ("act", "registration"),
        ("number", "<B>"),
        ("kind", "performance"),
        ("amount", "many"),
    ];
    let page = browser.post("/register/prepare", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["principal", "amount", "from", "contract"] {
        page.says(&format!("href=\"#{field}\""))
            .says(&format!("id=\"{field}-error\""));
    }
    page.says("value=\"&lt;B&gt;\"").says("value=\"many\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_another_issuer_and_other_things_are_refused_with_the_reason() {
    let site = Site::open().await;
    let world = &site.world;
    let mut other = cast::party("S002", party::Role::Issuer, party::Language::En);
    other.mail.clear();
    world.desk.put_party(&other).await.unwrap();
    let mut browser = site.signed_in(Some("S002"), &[Role::Clerk]);
    let terms = bond(CASE, "bid", WINNER, 1_000_000);
    let good = sign(
        registration("B-1", terms.clone(), world.now()),
        &world.cast.issuer,
        world.now(),
    );
    let page = browser
        .upload("/register", &[], &[("document", "x.p7m", &good)])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("not one of S002");
    let stranger = demo_issuer("Stranger", world.now() - TimeDelta::days(1)).unwrap();
    let forged = sign(
        registration("B-1", terms, world.now()),
        &stranger,
        world.now(),
    );
    let files = [
        ("document", "<i>forged.p7m", forged.as_slice()),
        ("document", "text.txt", b"hello".as_slice()),
    ];
    let page = clerk(&site).upload("/register", &[], &files).await;
    page.says("&lt;i&gt;forged.p7m")
        .says("text.txt")
        .says_not("<i>forged")
        .says_not("Taken.");
    assert_eq!(world.taken().await, 0);
}

/// A desk that asks for revocation lists where there are none, and takes what cannot be checked.
async fn lenient_desk(site: &Site) -> Arc<Desk> {
    let world = &site.world;
    let folder = world.folder();
    let root = folder.join("root.pem").display().to_string();
    let lists = folder.join("lists").display().to_string();
    std::fs::write(&root, &world.cast.issuer.authority_pem).unwrap();
    std::fs::create_dir(&lists).unwrap();
    let plain = std::fs::read_to_string(world.config()).unwrap();
    let trust = format!(
        "[trust]\nroots_files = [{root:?}]\ncrl_directory = {lists:?}\nrevocation = \"report\"\n"
    );
    let file = folder.join("lenient.toml");
    std::fs::write(&file, format!("{plain}{trust}")).unwrap();
    let settings = Settings::load(Some(&file), std::iter::empty()).unwrap();
    let clock = Arc::clone(&world.clock) as _;
    assemble::desk_at(&settings, clock).await.unwrap()
}

/// R5: what could not be checked is marked wherever it is shown.
#[tokio::test(flavor = "multi_thread")]
async fn that_nobody_could_tell_whether_a_signer_was_revoked_stands_on_its_issuers_and_the_operators_page()
 {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let bid = event(
        CASE,
        "b-1",
        "bid.submitted",
        world.now(),
        json!({"contractor": WINNER}),
    );
    world.play(&[bid], 3).await;
    world.clock.advance(TimeDelta::hours(1));
    let (bond_page, case_page) = ("/bonds/S001/B-1", format!("/cases/{CASE}"));
    let told = (
        "had been revoked could not be checked",
        "失効していないかどうか",
    );
    let mut issuer = clerk(&site);
    let mut operator = site.signed_in(None, &[Role::Operator]);
    issuer.get(bond_page).await.says("B-1").says_not(told.0);
    operator.get(&case_page).await.says("B-1").says_not(told.0);

    let changed = with(bond(CASE, "bid", WINNER, 6_100_000), "wording", "changed");
    let changed = with(registration("B-1", changed, world.now()), "type", "update");
    let changed = sign(changed, &world.cast.issuer, world.now());
    let desk = lenient_desk(&site).await;
    desk.document(&changed).await.unwrap();
    world.quiet(4).await;
    for (browser, page) in [
        (&mut issuer, bond_page),
        (&mut operator, case_page.as_str()),
    ] {
        let shown = browser.get(page).await;
        shown.says(told.0).says("no revocation list of");
        browser.post("/language", &[("language", "ja")]).await;
        browser.get(page).await.says(told.1);
    }
    for (party, page) in [
        (WINNER, bond_page),
        (OWNER, bond_page),
        (OWNER, case_page.as_str()),
    ] {
        let mut other = site.signed_in(Some(party), &[Role::Clerk]);
        other.get(page).await.says("B-1").says_not(told.0);
    }
}

/// The statement that a page hands out, signed by the issuer.
async fn signed(browser: &mut Browser<'_>, site: &Site, page: &Page, number: &str) -> Vec<u8> {
    let encoded = page.body.split("name=\"statement\" value=\"").nth(1);
    let encoded = encoded.unwrap().split('"').next().unwrap();
    let encoded = encoded.replace("&#x3d;", "=");
    let fields = [("statement", encoded.as_str()), ("number", number)];
    let file = browser.post("/register/statement", &fields).await;
    let world = &site.world;
    let signed = world.cast.issuer.sign(file.body.as_bytes(), world.now());
    signed.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_claim_was_settled_is_prepared_signed_and_handed_in_by_the_issuer() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let now = world.now();
    let mut issuer = clerk(&site);
    let path = "/register/settlement?number=B-1";
    issuer.get("/bonds/S001/B-1").await.says_not(path);
    let early = issuer.get(path).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    early.says("No claim on this bond waits");
    // The winner declines to sign: its bid bond is kept for a claim.
    let later = TimeDelta::hours(2);
    world.clock.advance(later);
    let award = json!({"award": "A-1", "contractor": WINNER});
    let events = [
        event(
            CASE,
            "b-1",
            "bid.submitted",
            now,
            json!({"contractor": WINNER}),
        ),
        event(CASE, "a-1", "award.decided", world.now(), award.clone()),
        event(
            CASE,
            "a-2",
            "award.declined",
            world.now() + TimeDelta::seconds(1),
            award,
        ),
    ];
    world.play(&events, 5).await;
    assert_eq!(world.ledger().await.state("S001/B-1"), "frozen");
    world.clock.advance(later);
    issuer.get("/bonds/S001/B-1").await.says(path);
    let fields = [("number", "B-1"), ("outcome", "")];
    let page = issuer.post("/register/settlement", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("href=\"#outcome\"").says("id=\"outcome-error\"");
    let fields = [("number", "B-1"), ("outcome", "paid")];
    let page = issuer.post("/register/settlement", &fields).await;
    page.says("release_consent");
    let document = signed(&mut issuer, &site, &page, "B-1").await;
    let files = [("document", "b.p7m", document.as_slice())];
    let page = issuer.upload("/register", &[], &files).await;
    page.says("Taken.");
    assert_eq!(world.ledger().await.state("S001/B-1"), "claimed");
}
