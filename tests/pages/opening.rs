//! A bond is opened with its key, handed over, and seen by its owner (R14, R20, R21, R11).

use axum::http::StatusCode;
use bondhub_core::{
    account::Role,
    key::{KeyFile, KeySecret, Kid, Token},
};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    browser::{Browser, Page, Site},
    harness::{
        cast::{ISSUER, OWNER, WINNER},
        papers::{CASE, at, bond, event, registration, tender, with},
    },
};

pub(crate) const BOND: &str = "S001/B-1";

/// A case whose title is markup, and a bid bond of six million.
pub(crate) async fn registered(site: &Site) {
    let world = &site.world;
    let now = world.now();
    let title = "<b>市道</b> & 橋";
    let announced = with(tender(now + TimeDelta::hours(1)), "title", title);
    let events = [
        event(CASE, "t-1", "tender.announced", now, announced),
        world.signed(registration(
            "B-1",
            bond(CASE, "bid", WINNER, 6_000_000),
            now,
        )),
    ];
    world.play(&events, 2).await;
}

pub(crate) async fn open(browser: &mut Browser<'_>, key: &[u8]) -> Page {
    browser
        .upload("/open", &[], &[("key_file", "my.bondkey", key)])
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contractor_hands_its_bond_over_and_the_owner_sees_it_from_the_opening_on() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let key = world.live_key(WINNER, BOND).await;
    let mut contractor = site.browser();
    let page = open(&mut contractor, &key).await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("JPY 6,000,000")
        .says("&lt;b&gt;市道&lt;/b&gt; &amp; 橋")
        .says_not("<b>市道");
    let page = contractor.post("/open/hand-over", &[]).await;
    assert_eq!(page.location(), "/open/bond");
    contractor.get("/open/bond").await.says("tick the box");
    assert!(world.key_files(OWNER).is_empty());
    contractor.post("/open/hand-over", &[("sure", "yes")]).await;
    contractor
        .get("/open/bond")
        .await
        .says("The bond was handed over");
    world.quiet(3).await;
    let key = world.live_key(OWNER, BOND).await;
    let mut owner = site.browser();
    owner.language = "ja";
    let page = open(&mut owner, &key).await;
    assert_eq!(page.status, StatusCode::OK);
    page.says("開札日時").says(CASE);
    for content in ["6,000,000", "B-1", "S001", "2027"] {
        page.says_not(content);
    }
    world.clock.advance(TimeDelta::hours(1));
    let page = open(&mut owner, &key).await;
    page.says("￥6,000,000").says("B-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_agrees_to_a_deletion_before_the_opening_and_sees_no_more_for_it() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let now = world.now();
    let bid = event(
        CASE,
        "b-1",
        "bid.submitted",
        now,
        json!({"contractor": WINNER}),
    );
    world.play(&[bid], 3).await;
    let key = world.live_key(OWNER, BOND).await;
    let mut owner = site.browser();
    let page = open(&mut owner, &key).await;
    page.says("existence is shown").says_not("consent-button");

    let deletion = json!({"v": 1, "issuer": ISSUER, "signed_at": at(world.now()), "type": "deletion",
                          "number": "B-1", "procurement": CASE, "reason": "withdrawn"});
    world.play(&[world.signed(deletion)], 4).await;
    let page = owner.get("/open/bond").await;
    page.says("consent-button");
    for content in ["6,000,000", "B-1", ISSUER, "2027", "withdrawn"] {
        page.says_not(content);
    }
    owner.post("/open/consent", &[]).await;
    owner.get("/open/bond").await.says("consent-button");
    let done = owner.post("/open/consent", &[("sure", "yes")]).await;
    assert_eq!(done.location(), "/open");
    assert_eq!(world.ledger().await.bonds[BOND].0, "released");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_reads_the_wording_with_its_key_and_not_with_its_account() {
    let wording = "入札保証金に代わる保証";
    let site = Site::with_hub().await;
    let world = &site.world;
    let now = world.now();
    let terms = with(bond(CASE, "bid", WINNER, 6_000_000), "wording", wording);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(now)),
        world.signed(registration("B-1", terms, now)),
        event(
            CASE,
            "b-1",
            "bid.submitted",
            now,
            json!({"contractor": WINNER}),
        ),
    ];
    world.play(&events, 3).await;
    let path = "/bonds/S001/B-1";
    for party in [ISSUER, WINNER] {
        let mut own = site.signed_in(Some(party), &[Role::Clerk]);
        own.get(path).await.says(wording);
    }
    let mut owner = site.signed_in(Some(OWNER), &[Role::Clerk]);
    let page = owner.get(path).await;
    page.says("JPY 6,000,000").says_not(wording);
    let key = world.live_key(OWNER, BOND).await;
    open(&mut owner, &key).await.says(wording);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_dies_is_dead_on_the_page_that_is_open() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let key = site.world.live_key(WINNER, BOND).await;
    let mut browser = site.browser();
    open(&mut browser, &key).await.says("JPY 6,000,000");
    let bond = BOND.to_owned().try_into().unwrap();
    let role = bondhub_core::party::Role::Contractor;
    let desk = &site.world.desk;
    desk.revoke_keys(&bond, role, false, "lost").await.unwrap();
    let page = browser.get("/open/bond").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("stopped working")
        .says("lost")
        .says_not("6,000,000");
    assert_eq!(browser.get("/open/bond").await.location(), "/open");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_while_the_owner_is_looking_shows_it_nothing_of_the_new_version() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    let bid = json!({"contractor": WINNER});
    let bid = event(CASE, "b-1", "bid.submitted", world.now(), bid);
    world.play(&[bid], 3).await;
    world.clock.advance(TimeDelta::hours(1));
    let key = world.live_key(OWNER, BOND).await;
    let mut owner = site.browser();
    let page = open(&mut owner, &key).await;
    page.says("JPY 6,000,000").says("copy-button");

    let changed = bond(CASE, "bid", WINNER, 7_654_321);
    let changed = registration("B-1", changed, world.now());
    let update = world.signed(with(changed, "type", "update"));
    world.play(&[update], 4).await;
    for path in ["/open/copy", "/open/consent"] {
        let mut same = site.browser();
        for name in ["bondhub-visit", "bondhub-look"] {
            same.set_cookie(name, owner.cookie(name).unwrap());
        }
        let page = same.post(path, &[("sure", "yes")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        page.says("stopped working").says_not("7,654,321");
    }
    let page = owner.get("/open/bond").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("stopped working")
        .says_not("7,654,321")
        .says_not("6,000,000");
    let key = world.live_key(OWNER, BOND).await;
    let page = open(&mut site.browser(), &key).await;
    page.says("JPY 7,654,321");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hub_forgets_a_key_after_a_while_and_when_it_is_told_to() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let key = site.world.live_key(WINNER, BOND).await;
    let mut browser = site.browser();
    open(&mut browser, &key).await;
    site.world.clock.advance(TimeDelta::minutes(16));
    assert_eq!(browser.get("/open/bond").await.location(), "/open");
    open(&mut browser, &key).await;
    let mut thief = site.browser();
    thief.set_cookie("bondhub-look", browser.cookie("bondhub-look").unwrap());
    assert_eq!(
        thief.get("/open/bond").await.location(),
        "/open",
        "another visit"
    );
    browser.post("/open/close", &[]).await;
    assert_eq!(browser.get("/open/bond").await.location(), "/open");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_page_nor_address_ever_holds_the_key() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let key = site.world.live_key(WINNER, BOND).await;
    let text = String::from_utf8(key.clone()).unwrap();
    let token = text.lines().find_map(|line| line.strip_prefix("Key: "));
    let secret = token.unwrap().split('-').nth(8).unwrap().to_owned();
    let mut browser = site.browser();
    let pages = [
        open(&mut browser, &key).await,
        browser.get("/open").await,
        browser.get("/open/bond").await,
        browser
            .upload("/open", &[("key_text", &text.replace("BK1", "BK2"))], &[])
            .await,
    ];
    for page in pages {
        page.says_not(&secret);
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_opens_nothing_is_told_beside_its_field() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let empty = browser.post("/open", &[("key_text", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    empty.says("href=\"#key_file\"").says("<title>Error: ");
    let typed = browser.post("/open", &[("key_text", "BK1-AAAA")]).await;
    typed
        .says("href=\"#key_text\"")
        .says("aria-invalid=\"true\"");
    let file = open(&mut browser, b"not a key").await;
    file.says("href=\"#key_file\"");
}

/// A page without what its fields hold: the token of a form differs from one to the next.
fn without_values(page: &Page) -> String {
    let mut parts = page.body.split("value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('"').map_or("", |(_, rest)| rest)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_an_unknown_key_a_wrong_secret_and_a_dead_key_of_somebody_else_alike() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let own = site.world.live_key(WINNER, BOND).await;
    let file = KeyFile::parse(&own).unwrap();
    let forged = |kid: &Kid| {
        let token = Token::new(kid.clone(), KeySecret::take(&mut [7; 32]));
        KeyFile::assemble(&file.bond, file.revision, &token, &file.cms).to_vec()
    };
    let unknown = forged(&Kid::from_bytes([7; 10]));
    let wrong = forged(file.token.kid());
    let mut browser = site.browser();
    let mut pages = vec![
        open(&mut browser, &unknown).await,
        open(&mut browser, &wrong).await,
    ];
    let bond = BOND.to_owned().try_into().unwrap();
    let role = bondhub_core::party::Role::Contractor;
    let desk = &site.world.desk;
    desk.revoke_keys(&bond, role, false, "lost").await.unwrap();
    pages.push(open(&mut browser, &wrong).await);
    for page in &pages {
        page.says("opens nothing").says_not("lost");
        assert_eq!(page.status, pages[0].status);
        assert_eq!(without_values(page), without_values(&pages[0]));
    }
    open(&mut browser, &own).await.says("lost");
}
