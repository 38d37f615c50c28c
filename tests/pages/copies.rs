//! What an owner sees beside a bond after the opening, copies of originals, and what is told of a copy (R21, R22, R23).

use axum::http::StatusCode;
use bondhub_core::{
    account::Role,
    ports::store::{LookFilter, ShownAs},
    view::Ground,
};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    browser::{Browser, Page, Site},
    harness::{
        cast::{ISSUER, LOSER, OWNER, WINNER},
        papers::{CASE, bond, event, registration, reservation},
    },
    opening::{BOND, open, registered},
};

async fn handed_over(site: &Site) {
    registered(site).await;
    let now = site.world.now();
    let data = json!({"contractor": WINNER});
    let bid = event(CASE, "b-1", "bid.submitted", now, data);
    site.world.play(&[bid], 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contractors_liability_is_shown_to_its_owner_from_the_opening_on_and_to_nobody_else() {
    let site = Site::with_hub().await;
    handed_over(&site).await;
    let world = &site.world;
    let (owners, contractors) = (
        world.live_key(OWNER, BOND).await,
        world.live_key(WINNER, BOND).await,
    );
    let mut owner = site.browser();
    let page = open(&mut owner, &owners).await;
    page.says(CASE).says_not("id=\"liability\"");
    world.clock.advance(TimeDelta::hours(1));
    let page = open(&mut owner, &owners).await;
    page.says("Outstanding liability of the contractor")
        .says("JPY 6,000,000")
        .says("<svg class=\"chart\"");
    owner.language = "ja";
    owner.get("/open/bond").await.says("受注者の保証債務残高");
    let mut contractor = site.browser();
    let page = open(&mut contractor, &contractors).await;
    page.says("JPY 6,000,000").says_not("id=\"liability\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_liability_leaves_out_tenders_that_are_not_open_yet() {
    let site = Site::with_hub().await;
    handed_over(&site).await;
    let world = &site.world;
    let now = world.now();
    let other = "ocds-jp0001-R8-0099";
    let opening = now + TimeDelta::hours(5);
    let tender = crate::harness::papers::tender(opening);
    let secret = world.signed(registration(
        "B-2",
        bond(other, "bid", WINNER, 1_234_567),
        now,
    ));
    let events = [event(other, "t-9", "tender.announced", now, tender), secret];
    world.play(&events, 5).await;
    world.clock.advance(TimeDelta::hours(1));
    let key = world.live_key(OWNER, BOND).await;
    let page = open(&mut site.browser(), &key).await;
    page.says("id=\"liability\"")
        .says_not("1,234,567")
        .says_not("7,234,567");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_had_on_the_page_of_the_key_and_is_recorded_as_a_look() {
    let site = Site::with_hub().await;
    handed_over(&site).await;
    let world = &site.world;
    let key = world.live_key(OWNER, BOND).await;
    let mut owner = site.browser();
    open(&mut owner, &key).await.says_not("copy-button");
    let page = owner.post("/open/copy", &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "embargo");
    page.says(
        "before the opening there is no copy"
            .replacen('b', "B", 1)
            .as_str(),
    );
    world.clock.advance(TimeDelta::hours(1));
    open(&mut owner, &key).await.says("copy-button");
    let before = contents(&site).await;
    let page = owner.post("/open/copy", &[]).await;
    assert!(is_pdf(&page), "{}", page.status);
    assert_eq!(contents(&site).await, before + 1, "R20");
    assert_eq!(
        site.browser().post("/open/copy", &[]).await.location(),
        "/open"
    );
}

/// How many looks showed the owner the content.
async fn contents(site: &Site) -> usize {
    let looks = site.world.desk.looks(&LookFilter::default()).await.unwrap();
    let content = |shown| shown == ShownAs::Content(Ground::Opened);
    looks.iter().filter(|look| content(look.shown)).count()
}

fn is_pdf(page: &Page) -> bool {
    page.status == StatusCode::OK
        && page.header("content-type") == "application/pdf"
        && page
            .header("content-disposition")
            .starts_with("attachment; filename=\"copy-")
        && page.body.starts_with("%PDF-")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_gets_a_copy_of_its_bond_with_the_key_and_not_without() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let key = world.live_key(WINNER, BOND).await;
    let mut clerk = site.signed_in(Some(WINNER), &[Role::Clerk]);
    clerk.get("/bonds/S001/B-1").await.says("/copy/S001/B-1");
    let page = clerk.post("/copy/S001/B-1", &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "R20");
    page.says("href=\"#key_file\"")
        .says("details class=\"card no-print\" id=\"copy\" open");
    let page = upload(&mut clerk, "/copy/S001/B-1", &key).await;
    assert!(is_pdf(&page), "{}", page.body);
    let looks = world.desk.looks(&LookFilter::default()).await.unwrap();
    assert_eq!(looks[0].account.as_deref(), Some("hanako"), "R20");

    // An issuer has no key of its own here; a stranger is told of no bond, whatever key it shows.
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    issuer
        .get("/bonds/S001/B-1")
        .await
        .says_not("/copy/S001/B-1");
    let mut stranger = site.signed_in(Some(LOSER), &[Role::Clerk]);
    let page = upload(&mut stranger, "/copy/S001/B-1", &key).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_another_bond_of_ones_own_brings_no_copy() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let other = reservation(CASE, WINNER, 12_000_000);
    let other = registration("R-1", other, world.now());
    world.play(&[world.signed(other)], 3).await;
    let others = world.live_key(WINNER, "S001/R-1").await;
    let mut clerk = site.signed_in(Some(WINNER), &[Role::Clerk]);
    let page = upload(&mut clerk, "/copy/S001/B-1", &others).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("This key opens another bond.")
        .says("href=\"#key_file\"");
    let page = upload(&mut clerk, "/copy/S001/R-1", &others).await;
    assert!(is_pdf(&page), "its own: {}", page.body);
}

async fn upload(browser: &mut Browser<'_>, path: &str, key: &[u8]) -> Page {
    browser
        .upload(path, &[], &[("key_file", "my.bondkey", key)])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_a_copy_is_told_whether_it_is_genuine_and_current_and_nothing_more() {
    let site = Site::with_hub().await;
    handed_over(&site).await;
    let world = &site.world;
    let key = world.live_key(WINNER, BOND).await;
    let look = world.desk.open(&key).await.unwrap();
    let copy = world.desk.copy(&look).await.unwrap();
    let path = format!("/verify/{}", copy.row.id);
    let mut anybody = site.browser();

    // Before the opening: as about a number that was never given out.
    let hidden = anybody.get(&path).await;
    let unknown = anybody.get("/verify/0123456789ABCDEF").await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let number = |page: &Page, id: &str| page.body.replace(id, "NUMBER");
    assert_eq!(
        number(&hidden, &copy.row.id),
        number(&unknown, "0123456789ABCDEF"),
        "R21"
    );

    world.clock.advance(TimeDelta::hours(1));
    let page = anybody.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("S001/B-1")
        .says("Its version is the current one")
        .says(&copy.row.sha256);
    for more in ["6,000,000", WINNER, OWNER, CASE, "2027", "Ltd."] {
        page.says_not(more);
    }
    let asked = anybody
        .get(&format!("/verify?number={}", copy.row.id))
        .await;
    assert_eq!(asked.location(), path);
    let asked = anybody.get("/verify?number=nonsense").await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pdf_in_hand_is_compared_byte_by_byte() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let key = world.live_key(WINNER, BOND).await;
    world.clock.advance(TimeDelta::hours(1));
    let look = world.desk.open(&key).await.unwrap();
    let copy = world.desk.copy(&look).await.unwrap();
    let path = format!("/verify/{}", copy.row.id);
    let mut anybody = site.browser();
    let page = anybody
        .upload(&path, &[], &[("pdf", "copy.pdf", &copy.bytes)])
        .await;
    page.says("is the copy as it was given out");
    let mut changed = copy.bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    let page = anybody
        .upload(&path, &[], &[("pdf", "copy.pdf", &changed)])
        .await;
    page.says("it was changed, or is another one");
    let page = anybody.post(&path, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("href=\"#pdf\"");
}

#[tokio::test]
async fn whoever_guesses_numbers_of_copies_must_wait() {
    let site = Site::open().await;
    let from = Some([203, 0, 113, 9].into());
    let mut waits = 0;
    for number in 0..40 {
        let id = format!("{number:016}");
        waits += usize::from(site.world.desk.verify_copy(&id, from).await.is_err());
    }
    assert_eq!(waits, 10, "30 a minute");
}
