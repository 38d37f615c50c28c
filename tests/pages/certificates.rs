//! A party sees its certificates and hands in another one (R50).

use axum::http::StatusCode;
use bondhub_core::account::Role;
use bondhub_test_support::openpgp::TestParty;
use chrono::TimeDelta;

use crate::{
    browser::{Browser, Page, Site},
    harness::cast::{self, ISSUER, WINNER},
};

async fn hand_in(browser: &mut Browser<'_>, file: &[u8]) -> Page {
    browser
        .upload("/certificates", &[], &[("certificate", "c.asc", file)])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_sees_its_certificates_and_what_waits() {
    let site = Site::open().await;
    let world = &site.world;
    let mut clerk = site.just_signed_in(WINNER).await;
    let old = world.cast.readers[WINNER].fingerprint();
    clerk
        .get("/certificates")
        .await
        .says(&old[..4])
        .says("In use");
    let new = TestParty::new(&cast::address(WINNER), world.now() - TimeDelta::days(1)).unwrap();

    let refused = hand_in(&mut clerk, &new.secret_armored().unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("SECRET").says("href=\"#certificate\"");
    assert_eq!(world.desk.enrolments().await.unwrap(), [], "not kept");
    clerk.language = "ja";
    clerk.post("/language", &[("language", "ja")]).await;
    let refused = hand_in(&mut clerk, &new.secret_armored().unwrap()).await;
    refused.says("秘密鍵");

    let taken = hand_in(&mut clerk, &new.certificate().unwrap()).await;
    assert_eq!(taken.location(), "/certificates");
    clerk.get("/certificates").await.says("確認待ちの証明書");
    let wrong = clerk
        .post("/certificates/code", &[("code", "0000-0000-0000-0000")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.says("あと4回").says("href=\"#code\"");
    let own = world.desk.enrolments().await.unwrap();
    assert_eq!(own[0].certificate.fingerprint, new.fingerprint());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_new_hands_in_nothing() {
    let site = Site::open().await;
    let world = &site.world;
    let mut clerk = site.just_signed_in(WINNER).await;
    world.clock.advance(TimeDelta::minutes(16));
    let new = TestParty::new(&cast::address(WINNER), world.now() - TimeDelta::days(1)).unwrap();
    let page = hand_in(&mut clerk, &new.certificate().unwrap()).await;
    assert_eq!(page.location(), "/sign-in");
    let page = clerk
        .post("/certificates/code", &[("code", "0000-0000-0000-0000")])
        .await;
    assert_eq!(page.location(), "/sign-in");
    assert_eq!(world.desk.enrolments().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_sees_its_signing_certificates_too() {
    let site = Site::open().await;
    let mut clerk = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    clerk
        .get("/certificates")
        .await
        .says("Signing certificates");
    let mut clerk = site.signed_in(Some(WINNER), &[Role::Clerk]);
    clerk
        .get("/certificates")
        .await
        .says_not("Signing certificates");
}
