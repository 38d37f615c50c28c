//! Who may come in: each route, for each kind of visitor.

use axum::http::{Method, StatusCode};
use bondhub::console::{Access, Route, routes};
use bondhub_core::account::Role;

use crate::{
    browser::{Browser, Page, Site},
    harness::cast::{ISSUER, OWNER, WINNER},
};

/// Every route and whom it lets in: issuer, contractor, owner (each with every role of a party), the hub's
/// people (with every role of theirs), anybody. A route that is not here fails.
const DOORS: &[(&str, &str, &str)] = &[
    ("GET", "/", "everybody"),
    ("POST", "/language", "everybody"),
    ("GET", "/sign-in", "everybody"),
    ("POST", "/sign-in", "everybody"),
    ("POST", "/sign-in/passkey/ask", "everybody"),
    ("POST", "/sign-in/passkey", "everybody"),
    ("POST", "/sign-out", "everybody"),
    ("GET", "/welcome", "everybody"),
    ("POST", "/welcome", "everybody"),
    ("POST", "/welcome/confirm", "everybody"),
    ("GET", "/account", "issuer contractor owner hub"),
    ("POST", "/account/display", "issuer contractor owner hub"),
    ("GET", "/account/password", "issuer contractor owner hub"),
    ("POST", "/account/password", "issuer contractor owner hub"),
    ("POST", "/account/one-time", "issuer contractor owner hub"),
    (
        "POST",
        "/account/one-time/confirm",
        "issuer contractor owner hub",
    ),
    (
        "POST",
        "/account/recovery-codes",
        "issuer contractor owner hub",
    ),
    (
        "POST",
        "/account/passkeys/ask",
        "issuer contractor owner hub",
    ),
    ("POST", "/account/passkeys", "issuer contractor owner hub"),
    (
        "POST",
        "/account/passkeys/remove",
        "issuer contractor owner hub",
    ),
    (
        "POST",
        "/account/sessions/end",
        "issuer contractor owner hub",
    ),
    (
        "POST",
        "/account/sessions/end-all",
        "issuer contractor owner hub",
    ),
    ("GET", "/certificates", "issuer contractor owner"),
    ("POST", "/certificates", "issuer contractor owner"),
    ("POST", "/certificates/code", "issuer contractor owner"),
    ("GET", "/balances", "issuer contractor owner hub"),
    (
        "GET",
        "/balances/figures.csv",
        "issuer contractor owner hub",
    ),
    ("GET", "/balances/report.pdf", "issuer contractor owner hub"),
    ("POST", "/balances/consent", "contractor"),
    ("POST", "/balances/limits", "issuer"),
    ("GET", "/paper", "issuer"),
    ("POST", "/paper", "issuer"),
    ("GET", "/paper/template.csv", "issuer"),
    ("POST", "/paper/import", "issuer"),
    ("GET", "/open", "everybody"),
    ("POST", "/open", "everybody"),
    ("GET", "/open/bond", "everybody"),
    ("POST", "/open/hand-over", "everybody"),
    ("POST", "/open/consent", "everybody"),
    ("POST", "/open/copy", "everybody"),
    ("POST", "/open/close", "everybody"),
    ("GET", "/verify", "everybody"),
    ("GET", "/verify/{id}", "everybody"),
    ("POST", "/verify/{id}", "everybody"),
    (
        "POST",
        "/copy/{issuer}/{*number}",
        "issuer contractor owner",
    ),
    ("GET", "/bonds", "issuer contractor owner"),
    ("GET", "/bonds.csv", "issuer contractor owner"),
    (
        "GET",
        "/bonds/{issuer}/{*number}",
        "issuer contractor owner",
    ),
    ("GET", "/to-do", "issuer contractor owner"),
    ("GET", "/cases", "owner hub"),
    ("GET", "/cases/{*procurement}", "owner hub"),
    ("GET", "/announce", "owner hub"),
    ("POST", "/announce", "owner hub"),
    ("GET", "/act/{act}/{*procurement}", "contractor owner hub"),
    ("POST", "/act/{act}/{*procurement}", "contractor owner hub"),
    ("GET", "/waive/{finding}/{issuer}/{*number}", "owner hub"),
    ("POST", "/waive/{finding}/{issuer}/{*number}", "owner hub"),
    ("GET", "/register", "issuer"),
    ("GET", "/register/deletion", "issuer"),
    ("POST", "/register/deletion", "issuer"),
    ("GET", "/register/settlement", "issuer"),
    ("POST", "/register/settlement", "issuer"),
    ("POST", "/register", "issuer"),
    ("GET", "/register/prepare", "issuer"),
    ("POST", "/register/prepare", "issuer"),
    ("POST", "/register/statement", "issuer"),
    ("GET", "/sign", "issuer"),
    ("GET", "/sign/statements", "issuer"),
    ("POST", "/sign", "issuer"),
    (
        "GET",
        "/my-key/{issuer}/{*number}",
        "issuer contractor owner",
    ),
    (
        "POST",
        "/my-key/{issuer}/{*number}",
        "issuer contractor owner",
    ),
];

const VISITORS: [(&str, Option<&str>); 5] = [
    ("issuer", Some(ISSUER)),
    ("contractor", Some(WINNER)),
    ("owner", Some(OWNER)),
    ("hub", None),
    ("stranger", None),
];

/// Every role an account of this party, or of the hub, can have.
pub(crate) fn every_role(party: Option<&str>) -> Vec<Role> {
    let fits = |role: &Role| role.is_of_a_party() == party.is_some();
    Role::ALL.iter().copied().filter(fits).collect()
}

/// A path with something for each parameter.
pub(crate) fn sample(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "X-1" } else { part }.to_owned();
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn visitor<'a>(site: &'a Site, who: &str, party: Option<&str>) -> Browser<'a> {
    if who == "stranger" {
        return site.browser();
    }
    site.signed_in(party, &every_role(party))
}

async fn knock(route: &Route, browser: &mut Browser<'_>) -> Page {
    let path = sample(route.path);
    if route.method == Method::GET {
        browser.get(&path).await
    } else {
        browser.post(&path, &[]).await
    }
}

/// Turned away: asked to sign in, or told that it may not.
fn is_turned_away(page: &Page) -> bool {
    let to_sign_in = page.location().starts_with("/sign-in?");
    to_sign_in
        || matches!(
            page.status,
            StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED
        )
}

#[tokio::test]
async fn each_route_lets_in_whom_the_table_names_and_nobody_else() {
    let site = Site::open().await;
    for route in routes() {
        let row = DOORS
            .iter()
            .find(|(method, path, _)| route.method == *method && *path == route.path);
        let (_, _, who_may) =
            row.unwrap_or_else(|| panic!("{} {} has no row", route.method, route.path));
        for (who, party) in VISITORS {
            let mut browser = visitor(&site, who, party);
            let page = knock(&route, &mut browser).await;
            let may = *who_may == "everybody" || who_may.split(' ').any(|one| one == who);
            assert_eq!(
                !is_turned_away(&page),
                may,
                "{} {} as {who}: {}",
                route.method,
                route.path,
                page.status
            );
        }
    }
}

#[test]
fn each_row_is_a_route() {
    let routes = routes();
    for (method, path, _) in DOORS {
        let found = routes
            .iter()
            .any(|route| route.method == *method && route.path == *path);
        assert!(found, "{method} {path}");
    }
}

#[test]
fn what_anyone_may_enter_needs_no_account() {
    for route in routes() {
        let row = DOORS
            .iter()
            .find(|(_, path, _)| *path == route.path)
            .unwrap();
        assert_eq!(
            route.access == Access::Anyone,
            row.2 == "everybody",
            "{}",
            route.path
        );
    }
}
