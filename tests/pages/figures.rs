//! Balances on pages: charts, and the figures behind them as a file (R40).

use std::collections::BTreeSet;

use axum::http::StatusCode;
use bondhub_core::{account::Role, party};
use chrono::{Days, TimeDelta};

use crate::{
    browser::{Page, Site},
    harness::cast::{self, ISSUER, OWNER},
};

/// The issuer's paper bonds: one for each of 25 contractors, the last in dollars.
async fn entered(site: &Site) {
    let desk = &site.world.desk;
    let head =
        "number,kind,instrument,contractor,owner,contract,amount,currency,from,to".to_owned();
    let mut lines = vec![head];
    for number in 1..=25 {
        let code = format!("C{}", 300 + number);
        let contractor = cast::party(&code, party::Role::Contractor, party::Language::En);
        desk.put_party(&contractor).await.unwrap();
        let currency = if number == 25 { "USD" } else { "JPY" };
        let amount = 1000 * number;
        lines.push(format!(
            "P-{number},performance,surety_bond,{code},{OWNER},K-{number},{amount},{currency},2026-04-01,2029-09-30"
        ));
    }
    let list = lines.join("\n");
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let files = [("list", "list.csv", list.as_bytes())];
    let page = issuer
        .upload("/paper/import", &[("how", "all")], &files)
        .await;
    assert!(page.status.is_success(), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_figures_has_every_contractor_with_code_amount_currency_and_bonds() {
    let site = Site::open().await;
    entered(&site).await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let file = issuer
        .get("/balances/figures.csv?section=contractors")
        .await;
    let mut lines = file.body.trim_start_matches('\u{feff}').lines();
    assert_eq!(lines.next(), Some("of,amount,currency,bonds"));
    let rows: BTreeSet<_> = lines.collect();
    assert_eq!(rows.len(), 25, "{}", file.body);
    assert!(
        rows.contains("C301,1000,JPY,1") && rows.contains("C325,25000,USD,1"),
        "{rows:?}"
    );
    let file = issuer.get("/balances/figures.csv?section=history").await;
    file.says("day,of,amount,currency,bonds");
    let today = site.world.desk.today();
    let early = issuer
        .get("/balances/figures.csv?section=expiries&as_of=2020-01-01")
        .await;
    assert_eq!(
        early.body.trim_start_matches('\u{feff}').trim_end(),
        "month,amount,currency,bonds",
        "nothing was outstanding then"
    );
    let file = issuer.get("/balances/figures.csv?section=expiries").await;
    let named = format!("expiries-{today}.csv");
    assert!(
        file.header("content-disposition").contains(&named),
        "named by the day of its figures"
    );
    file.says("2029-09,300000,JPY,24")
        .says("2029-09,25000,USD,1");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_currencies_are_two_charts_and_no_id_is_there_twice() {
    let site = Site::open().await;
    entered(&site).await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let page = issuer.get("/balances").await;
    let ids: Vec<_> = page
        .body
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let once: BTreeSet<_> = ids.iter().collect();
    assert_eq!(once.len(), ids.len(), "{ids:?}");
    assert!(
        once.iter().any(|id| id.starts_with("contractors-USD")),
        "{ids:?}"
    );
}

/// A chart's table: its caption, and its rows cell by cell, the head first.
struct Table {
    caption: String,
    rows: Vec<Vec<String>>,
}

/// The tables of a page, one beside each chart.
fn tables(page: &Page) -> Vec<Table> {
    let charts: Vec<&str> = page.body.split("<svg class=\"chart\"").skip(1).collect();
    assert!(!charts.is_empty(), "no chart in:\n{}", page.body);
    let table = |chart: &&str| {
        let beside = chart.split_once("</svg>").unwrap().1;
        assert!(
            beside
                .trim_start()
                .trim_start_matches("</div>")
                .trim_start()
                .starts_with("<details>"),
            "no table beside a chart: {beside}"
        );
        let table = beside.split("</table>").next().unwrap();
        let caption = table.split("<caption>").nth(1).unwrap();
        let rows = table.split("<tr>").skip(1).map(cells);
        Table {
            caption: caption.split("</caption>").next().unwrap().to_owned(),
            rows: rows.collect(),
        }
    };
    charts.iter().map(table).collect()
}

fn cells(row: &str) -> Vec<String> {
    let cells = row.split("</t").filter_map(|cell| cell.rsplit_once('>'));
    let cells = cells.filter(|(tag, _)| tag.contains("<th") || tag.contains("<td"));
    cells.map(|(_, text)| text.to_owned()).collect()
}

/// Head and first row of the table with this caption.
fn first(page: &Page, caption: &str) -> Vec<(String, String)> {
    let table = tables(page).into_iter().find(|one| one.caption == caption);
    let rows = table.unwrap_or_else(|| panic!("no {caption}")).rows;
    rows[0]
        .iter()
        .cloned()
        .zip(rows[1].clone())
        .skip(1)
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    expected.iter().map(owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sees_its_figures_drawn_with_a_table_of_the_right_amounts_beside_each_chart() {
    let site = Site::open().await;
    entered(&site).await;
    let other = cast::party("S002", party::Role::Issuer, party::Language::En);
    site.world.desk.put_party(&other).await.unwrap();
    let row = format!(
        "number,kind,instrument,contractor,owner,contract,amount,currency,from,to\n\
         Q-1,performance,insurance,C301,{OWNER},K-1,500,JPY,2026-04-01,2029-09-30\n"
    );
    let files = [("list", "list.csv", row.as_bytes())];
    let mut issuer = site.signed_in(Some("S002"), &[Role::Clerk]);
    let told = issuer
        .upload("/paper/import", &[("how", "all")], &files)
        .await;
    assert!(told.status.is_success(), "{}", told.body);

    // Who runs the hub: everybody's, stacked by issuer.
    let page = site
        .signed_in(None, &[Role::Auditor])
        .get("/balances")
        .await;
    let history = pairs(&[("S001 Ltd.", "JPY 300,000"), ("S002 Ltd.", "JPY 500")]);
    assert_eq!(first(&page, "History [JPY]"), history);
    page.says("<dd>JPY 300,500 / USD 250.00</dd>");

    // The owner: what is owed to it, by contractor, and never by issuer.
    let page = site
        .signed_in(Some(OWNER), &[Role::Clerk])
        .get("/balances")
        .await;
    let history = pairs(&[("Total", "JPY 300,500")]);
    assert_eq!(first(&page, "History [JPY]"), history);
    let largest = pairs(&[
        ("Outstanding", "JPY 24,000"),
        ("Share", "7.9%"),
        ("Bonds", "1"),
    ]);
    assert_eq!(first(&page, "By contractor [JPY]"), largest);
    page.says_not("S001 Ltd.");

    // A contractor: itself, stacked by issuer, and nobody beside it.
    let page = site
        .signed_in(Some("C301"), &[Role::Clerk])
        .get("/balances")
        .await;
    let history = pairs(&[("S001 Ltd.", "JPY 1,000"), ("S002 Ltd.", "JPY 500")]);
    assert_eq!(first(&page, "History [JPY]"), history);
    let ends = pairs(&[("Ends", "JPY 1,500")]);
    assert_eq!(first(&page, "What ends when [JPY]"), ends);
    page.says_not("C302").says_not("By contractor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_set_in_the_currency_that_the_form_asks_for() {
    let site = Site::open().await;
    entered(&site).await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    issuer
        .get("/balances")
        .await
        .says("name=\"currency\" type=\"text\" value=\"JPY\"");
    let limit = [
        ("contractor", "C325"),
        ("amount", "20000"),
        ("currency", "USD"),
    ];
    issuer.post("/balances/limits", &limit).await;
    let page = issuer.get("/balances").await;
    page.says("USD 200.00").says("USD 250.00").says("Exceeded");
    let wrong = [("contractor", "C325"), ("amount", "1"), ("currency", "yen")];
    let refused = issuer.post("/balances/limits", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_figures_leave_out_is_said_beside_them() {
    let site = Site::open().await;
    entered(&site).await;
    let sealed = "Without bonds of bids that are not open yet";
    let foreseen = "A day to come: bonds whose period ends before it";
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let mut owner = site.signed_in(Some(OWNER), &[Role::Clerk]);
    let mut operator = site.signed_in(None, &[Role::Operator]);
    let today = issuer.get("/balances").await;
    today.says("JPY").says_not(sealed).says_not(foreseen);
    let counted = |page: &Page| page.body.matches(sealed).count();
    let page = owner.get("/balances").await;
    assert_eq!(counted(&page), tables(&page).len(), "in every figure");
    let page = operator.get("/balances").await;
    assert_eq!(counted(&page), 2, "of contractors, in yen and in dollars");
    let before = issuer.get("/balances?as_of=2029-09-30").await;
    before.says(foreseen).says("By contractor [JPY]");
    let after = issuer.get("/balances?as_of=2029-10-01").await;
    after.says_not("By contractor");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_when_as_of_a_day_gone_by_is_added_up_for_an_operator_when_it_is_asked_for() {
    let site = Site::open().await;
    entered(&site).await;
    site.world.clock.advance(TimeDelta::days(40));
    let entry = site.world.desk.today() - Days::new(40);
    let (ends, offer) = ("What ends when [JPY]", "Add up what ended when");
    let mut operator = site.signed_in(None, &[Role::Operator]);
    operator.get("/balances").await.says(ends).says_not(offer);
    for asked in [format!("as_of={entry}"), format!("known_on={entry}")] {
        let page = operator.get(&format!("/balances?{asked}")).await;
        page.says("JPY 300").says(offer).says_not(ends);
        let page = operator.get(&format!("/balances?{asked}&all=yes")).await;
        page.says(ends).says("2029-09").says_not(offer);
    }
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let page = issuer.get(&format!("/balances?as_of={entry}")).await;
    page.says(ends).says_not(offer);
}
