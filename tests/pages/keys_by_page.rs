//! Keys without mail: taken on a page, signed at the issuer's desk (R12, R14).

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub::{
    assemble::{DemoIssuer, demo_issuer},
    desk::signing_files::{Signatures, Statements},
};
use bondhub_core::{
    account::Role,
    identifier::PartyCode,
    party::{Language, Role as PartyRole},
};
use chrono::TimeDelta;

use crate::{
    browser::{Page, Site},
    harness::{
        cast::{ISSUER, WINNER, party},
        papers::{CASE, bond, registration, sign, with},
    },
    opening::registered,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_contractor_takes_its_key_as_a_file_and_the_one_before_is_dead() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let before = site.world.live_key(WINNER, "S001/B-1").await;
    let mut contractor = site.just_signed_in(WINNER).await;
    let path = "/my-key/S001/B-1";
    contractor.get(path).await.says("Get the key to bond B-1");
    let unsure = contractor.post(path, &[("as", "file")]).await;
    assert_eq!(unsure.location(), path, "nothing happens without the tick");
    site.world.desk.open(&before).await.unwrap();
    let file = contractor
        .post(path, &[("sure", "yes"), ("as", "file")])
        .await;
    assert!(file.header("content-disposition").contains("attachment"));
    assert_eq!(file.header("cache-control"), "no-store");
    site.world.desk.open(file.body.as_bytes()).await.unwrap();
    assert!(site.world.desk.open(&before).await.is_err());
    let paper = contractor
        .post(path, &[("sure", "yes"), ("as", "paper")])
        .await;
    paper.says("BK1-").says("<svg").says("role=\"img\"");
    assert!(site.world.desk.open(file.body.as_bytes()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_new_gets_no_key() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let before = site.world.live_key(WINNER, "S001/B-1").await;
    let mut contractor = site.just_signed_in(WINNER).await;
    site.world.clock.advance(TimeDelta::minutes(16));
    for way in ["file", "paper"] {
        let page = contractor
            .post("/my-key/S001/B-1", &[("sure", "yes"), ("as", way)])
            .await;
        assert_eq!(page.location(), "/sign-in", "{way}");
        page.says_not("BK1-");
    }
    site.world.desk.open(&before).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_is_none_is_refused_beside_its_field() {
    let site = Site::open().await;
    let mut signer = site.signed_in(Some(ISSUER), &[Role::Signer]);
    signer.get("/sign").await.says("No key waits");
    let empty = signer.upload("/sign", &[], &[]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let broken = ("signatures", "x.json", b"{}".as_slice());
    let page = signer.upload("/sign", &[], &[broken]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let wrong = ("signatures", "x.der", b"hello".as_slice());
    signer
        .upload("/sign", &[], &[wrong])
        .await
        .says("The signature was refused");
    let mut clerk = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    assert_eq!(clerk.get("/sign").await.status, StatusCode::FORBIDDEN);
}

/// An issuer whose token stays at its desk, with two bonds whose keys wait for its signature.
async fn two_keys_wait(site: &Site) -> DemoIssuer {
    let (world, desk) = (&site.world, &site.world.desk);
    let now = world.now();
    let issuer = demo_issuer("Desk Surety", now - TimeDelta::days(30)).unwrap();
    let row = party(DESK, PartyRole::Issuer, Language::En);
    desk.put_party(&row).await.unwrap();
    let code = PartyCode::parse(DESK).unwrap();
    desk.pin(&code, &issuer.certificate_pem).await.unwrap();
    for number in ["D-1", "D-2"] {
        let terms = bond(CASE, "bid", WINNER, 6_000_000);
        let paper = with(registration(number, terms, now), "issuer", DESK);
        desk.document(&sign(paper, &issuer, now)).await.unwrap();
    }
    issuer
}

const DESK: &str = "S002";

/// How often a page says something.
fn told(page: &Page, text: &str) -> usize {
    page.body.matches(text).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_fetched_signed_checked_and_handed_in_and_the_keys_are_mailed() {
    let site = Site::with_hub().await;
    let issuer = two_keys_wait(&site).await;
    let world = &site.world;
    let mut signer = site.signed_in(Some(DESK), &[Role::Signer]);
    let page = signer.get("/sign").await;
    page.says("2 waiting").says("D-1").says("D-2");
    let file = signer.get("/sign/statements").await;
    assert!(
        file.header("content-disposition")
            .contains("statements.json")
    );
    let statements = Statements::read(file.body.as_bytes()).unwrap().statements;
    assert_eq!(statements.len(), 2);
    let blocks = statements
        .iter()
        .map(|text| issuer.sign(text.as_bytes(), world.now()).unwrap());
    let blocks: Vec<Vec<u8>> = blocks.collect();

    let code = PartyCode::parse(DESK).unwrap();
    let json = Signatures::new(code, &blocks).to_text();
    let files = [("signatures", "signatures.json", json.as_bytes())];
    let page = signer
        .upload("/sign", &[("check_only", "yes")], &files)
        .await;
    assert_eq!(told(&page, "The signature fits"), 2, "{}", page.body);
    page.says("2 waiting");
    assert!(world.key_files(WINNER).is_empty(), "nothing is issued");
    assert_eq!(world.ledger().await.holders("S002/D-1"), [""; 0]);

    let pem = |der: &Vec<u8>| {
        let text = STANDARD.encode(der);
        format!("-----BEGIN CMS-----\n{text}\n-----END CMS-----\n")
    };
    let both: String = blocks.iter().map(pem).collect();
    let files = [("signatures", "both.pem", both.as_bytes())];
    let page = signer.upload("/sign", &[], &files).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(told(&page, "The key is issued."), 2, "each of the two");
    page.says("No key waits");
    let mailed = async || world.key_files(WINNER).len() == 2;
    world.eventually("both keys are mailed", mailed).await;
    for number in ["S002/D-1", "S002/D-2"] {
        let key = world.live_key(WINNER, number).await;
        let look = world.desk.open(&key).await.unwrap();
        assert_eq!(look.bond.to_string(), number);
    }
    let again = signer.upload("/sign", &[], &files).await;
    assert_eq!(told(&again, "was there already"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_signatures_with_text_around_them_none_is_taken() {
    let site = Site::with_hub().await;
    let issuer = two_keys_wait(&site).await;
    let mut signer = site.signed_in(Some(DESK), &[Role::Signer]);
    let file = signer.get("/sign/statements").await;
    let statements = Statements::read(file.body.as_bytes()).unwrap().statements;
    let blocks = issuer.sign(statements[0].as_bytes(), site.world.now());
    let text = STANDARD.encode(blocks.unwrap());
    let pem = format!("-----BEGIN CMS-----\n{text}\n-----END CMS-----\nand more\n");
    let files = [("signatures", "one.pem", pem.as_bytes())];
    let page = signer.upload("/sign", &[], &files).await;
    page.says("The signature was refused")
        .says("Text stands before or after the signed block")
        .says("2 waiting");
}
