//! Balances on pages: charts, and the figures behind them as a file (R40).

use std::collections::BTreeSet;

use bondhub_core::{account::Role, party};

use crate::{
    browser::Site,
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
