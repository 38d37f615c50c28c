//! Keys without mail: taken on a page, signed at the issuer's desk (R12, R14).

use axum::http::StatusCode;
use bondhub_core::account::Role;

use crate::{
    browser::Site,
    harness::cast::{ISSUER, WINNER},
    opening::registered,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_contractor_takes_its_key_as_a_file_and_the_one_before_is_dead() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let before = site.world.live_key(WINNER, "S001/B-1").await;
    let mut contractor = site.signed_in(Some(WINNER), &[Role::Clerk]);
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
