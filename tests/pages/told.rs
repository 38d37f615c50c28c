//! What is done on a page is told in the audit log as done by the account that did it (R70).

use bondhub_core::{account::Role, audit::Act, ports::store::AuditFilter};
use serde_json::{Value, json};

use crate::{
    browser::Site,
    harness::{
        cast::{ISSUER, OWNER, WINNER},
        papers::CASE,
    },
};

/// A paper bond, as it is typed.
const PAPER: &[(&str, &str)] = &[
    ("number", "P-1"),
    ("kind", "bid"),
    ("instrument", "surety_bond"),
    ("contractor", WINNER),
    ("owner", OWNER),
    ("procurement", CASE),
    ("opening_at", "2026-07-01T10:00"),
    ("amount", "1000"),
    ("currency", "JPY"),
    ("from", "2026-04-01"),
    ("to", "2027-09-30"),
];

/// The newest entry of an act.
async fn last(site: &Site, act: Act) -> Value {
    let filter = AuditFilter {
        limit: 10_000,
        ..AuditFilter::default()
    };
    let links = site.world.store().audit_links(&filter).await.unwrap();
    let entries = links.iter().rev().map(|link| &link.entry);
    let mut entries = entries.map(|text| serde_json::from_str::<Value>(text).unwrap());
    let of_act = entries.find(|entry| entry["act"] == act.as_str());
    of_act.unwrap_or_else(|| panic!("no {}", act.as_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_limit_and_paper_bonds_are_told_as_done_by_the_account() {
    let site = Site::open().await;
    let by = |party: &str| json!({"kind": "account", "party": party});
    let mut contractor = site.signed_in(Some(WINNER), &[Role::Clerk]);
    contractor
        .post("/balances/consent", &[("given", "yes")])
        .await;
    let told = last(&site, Act::FiguresConsented).await;
    assert_eq!(told["actor"], by(WINNER));
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let limit = [("contractor", WINNER), ("amount", "1000")];
    issuer.post("/balances/limits", &limit).await;
    assert_eq!(last(&site, Act::LimitSet).await["actor"], by(ISSUER));
    let page = issuer.post("/paper", PAPER).await;
    assert_eq!(page.location(), "/paper", "{}", page.body);
    assert_eq!(last(&site, Act::PapersImported).await["actor"], by(ISSUER));
    let names: Vec<_> = PAPER.iter().map(|(name, _)| *name).collect();
    let values = PAPER.iter().map(|(_, value)| *value);
    // Another bond for the days after: the same guarantee twice for one day would be at fault.
    let other = |value| match value {
        "P-1" => "P-2",
        "2026-04-01" => "2027-10-01",
        "2027-09-30" => "2028-09-30",
        value => value,
    };
    let values: Vec<_> = values.map(other).collect();
    let list = format!("{}\n{}\n", names.join(","), values.join(","));
    let entries = site.world.store().audit_head().await.unwrap().sequence;
    let files = [("list", "list.csv", list.as_bytes())];
    issuer
        .upload("/paper/import", &[("how", "all")], &files)
        .await;
    let told = last(&site, Act::PapersImported).await;
    assert_eq!(told["actor"], by(ISSUER));
    assert!(told["sequence"].as_u64().unwrap() > entries, "a new entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_paper_bond_no_signed_document_is_prepared() {
    let site = Site::open().await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    issuer.post("/paper", PAPER).await;
    let page = issuer.get("/bonds/S001/P-1").await;
    page.says("P-1").says_not("/register/prepare");
    let page = issuer.get("/register/prepare?number=P-1").await;
    assert_eq!(page.status, axum::http::StatusCode::UNPROCESSABLE_ENTITY);
    page.says("This bond is on paper");
}
