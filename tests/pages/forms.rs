//! Forms from elsewhere are refused, and nothing happens (CSRF).

use axum::http::{Method, StatusCode};
use bondhub::console::routes;
use bondhub_core::account::Role;

use crate::{
    browser::Site,
    harness::cast::{ISSUER, OWNER, WINNER},
};

#[tokio::test]
async fn no_form_is_taken_without_its_token() {
    let site = Site::open().await;
    for route in routes() {
        if route.method != Method::POST {
            continue;
        }
        let path = crate::doors::sample(route.path);
        for party in [Some(ISSUER), Some(WINNER), Some(OWNER), None] {
            let roles = crate::doors::every_role(party);
            let mut browser = site.signed_in(party, &roles);
            browser.get("/").await;
            let page = browser.send(&path, &[("language", "ja")], &[]).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} as {party:?}");
        }
    }
}

#[tokio::test]
async fn a_token_of_another_visit_or_from_before_signing_in_is_refused() {
    let site = Site::open().await;
    let strange = site.browser().token().await;
    let mut browser = site.browser();
    let before = browser.token().await;
    let fields = |token| [("language", "ja"), ("form_token", token)];
    let page = browser.send("/language", &fields(&strange), &[]).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let page = browser.send("/language", &fields(&before), &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let mut signed_in = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    signed_in.set_cookie("bondhub-visit", browser.cookie("bondhub-visit").unwrap());
    let page = signed_in.send("/language", &fields(&before), &[]).await;
    assert_eq!(
        page.status,
        StatusCode::FORBIDDEN,
        "the session is part of it"
    );
}

#[tokio::test]
async fn a_form_that_says_it_comes_from_elsewhere_is_refused_even_with_its_token() {
    let site = Site::at(Some("https://hub.example")).await;
    let mut browser = site.browser();
    let token = browser.token().await;
    let fields = [("language", "ja"), ("form_token", token.as_str())];
    for elsewhere in [
        ("origin", "https://evil.example"),
        ("origin", "http://hub.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let page = browser.send("/language", &fields, &[elsewhere]).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{elsewhere:?}");
    }
    let hidden = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let page = browser.send("/language", &fields, &hidden).await;
    assert_eq!(
        page.status,
        StatusCode::FORBIDDEN,
        "our pages hide no origin"
    );
    let here = [
        ("origin", "https://hub.example"),
        ("sec-fetch-site", "same-origin"),
    ];
    let page = browser.send("/language", &fields, &here).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_is_too_long_is_refused() {
    let site = Site::open().await;
    let long = "x".repeat(300 * 1024);
    let page = site.browser().post("/language", &[("back", &long)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
}
