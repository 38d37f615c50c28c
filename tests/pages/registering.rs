//! An issuer prepares, signs and registers a bond (R5).

use axum::http::StatusCode;
use bondhub::{assemble::demo_issuer, cli::Cli};
use bondhub_core::{account::Role, party};
use chrono::TimeDelta;
use clap::Parser as _;

use crate::{
    browser::{Browser, Site},
    harness::{
        cast::{self, ISSUER, OWNER, WINNER},
        papers::{CASE, bond, registration, sign},
    },
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
