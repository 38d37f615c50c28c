//! Status inquiry (R24): each party lists its own bonds, and an owner no bidder's bond before the opening (R21).

use axum::http::StatusCode;
use bondhub::desk::ImportMode;
use bondhub_core::{account::Role, identifier::PartyCode};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    browser::Site,
    harness::{
        cast::{ISSUER, LOSER, OWNER, WINNER},
        papers::{CASE, bond, event, registration},
    },
    opening::registered,
};

async fn handed_over(site: &Site) {
    registered(site).await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn issuer_and_contractor_see_their_own_bond_and_others_do_not_know_of_it() {
    let site = Site::with_hub().await;
    handed_over(&site).await;
    for party in [ISSUER, WINNER] {
        let mut browser = site.signed_in(Some(party), &[Role::Clerk]);
        browser
            .get("/bonds")
            .await
            .says("/bonds/S001/B-1")
            .says("JPY 6,000,000");
        let page = browser.get("/bonds/S001/B-1").await;
        page.says("The issuer registered the bond").says("Works");
    }
    let mut stranger = site.signed_in(Some(LOSER), &[Role::Clerk]);
    stranger.get("/bonds").await.says_not("B-1");
    for bond in ["/bonds/S001/B-1", "/bonds/S001/B-9", "/bonds/%20/B-1"] {
        let page = stranger.get(bond).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{bond}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_opening_an_owner_lists_that_a_bond_exists_and_nothing_else() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let mut owner = site.signed_in(Some(OWNER), &[Role::Clerk]);
    owner
        .get("/bonds")
        .await
        .says("There are no such bonds")
        .says_not(CASE);
    let now = site.world.now();
    let bid = event(
        CASE,
        "b-1",
        "bid.submitted",
        now,
        json!({"contractor": WINNER}),
    );
    site.world.play(&[bid], 3).await;
    let listed = [
        owner.get("/bonds").await,
        owner.get("/bonds?order=number").await,
        owner.get("/bonds.csv").await,
    ];
    for page in listed {
        page.says(CASE);
        for content in ["B-1", "S001", "6,000,000", "6000000", "in_force"] {
            // The choices of the filter name states, not bonds.
            let body = page.body.replace("value=\"in_force\"", "");
            assert!(!body.contains(content), "{content} in:\n{body}");
        }
    }
    owner.get("/bonds?state=in_force").await.says_not(CASE);
    owner.get("/bonds?kind=bid").await.says_not(CASE);
    let page = owner.get("/bonds/S001/B-1").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    site.world.clock.advance(TimeDelta::hours(1));
    owner.get("/bonds").await.says("/bonds/S001/B-1");
    let page = owner.get("/bonds/S001/B-1").await;
    page.says("JPY 6,000,000")
        .says_not("S001 Ltd. (contractor)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_more_rows_than_one_page_of_the_store_is_exported_whole() {
    let site = Site::open().await;
    let world = &site.world;
    let today = world.desk.today();
    let row = |number: u32| {
        format!(
            "P-{number},performance,bank_guarantee,{WINNER},{OWNER},K-{number},100,JPY,{today},{today}"
        )
    };
    let head = "number,kind,instrument,contractor,owner,contract,amount,currency,from,to";
    let rows: Vec<String> = (0..1100).map(row).collect();
    let list = format!("{head}\n{}\n", rows.join("\n"));
    let mode = ImportMode {
        dry_run: false,
        good_rows: false,
        update: false,
    };
    let issuer = PartyCode::parse(ISSUER).unwrap();
    let open = || Ok(std::io::Cursor::new(list.clone().into_bytes()));
    let told = world.desk.import_paper(&issuer, open, mode, "taro").await;
    assert_eq!(told.unwrap().added, 1100);
    let page = site
        .signed_in(Some(ISSUER), &[Role::Clerk])
        .get("/bonds.csv")
        .await;
    let numbers: std::collections::BTreeSet<_> = page.body.lines().skip(1).collect();
    assert_eq!(numbers.len(), 1100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_exported_with_the_same_filter() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let page = issuer.get("/bonds.csv?state=in_force").await;
    assert!(page.header("content-type").starts_with("text/csv"));
    page.says("issuer,number,kind")
        .says("S001,B-1,bid,in_force");
    let page = issuer.get("/bonds.csv?state=released").await;
    page.says("issuer,number,kind").says_not("B-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_in_the_order_of_numbers_which_no_change_meanwhile_disturbs() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let world = &site.world;
    world.clock.advance(TimeDelta::minutes(1));
    let terms = bond(CASE, "bid", LOSER, 1_000_000);
    let later = registration("A-9", terms.clone(), world.now());
    world.play(&[world.signed(later)], 3).await;
    world.clock.advance(TimeDelta::minutes(1));
    let last = registration("C-1", terms, world.now());
    world.play(&[world.signed(last)], 4).await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let page = issuer.get("/bonds.csv").await;
    let numbers = page
        .body
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(1));
    assert_eq!(numbers.collect::<Vec<_>>(), ["A-9", "B-1", "C-1"]);
}
