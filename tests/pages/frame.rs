//! What every page has.

use axum::http::{Method, StatusCode};
use bondhub_core::{
    account::Role,
    party::{Language, Name, Role as PartyRole},
};

use crate::{
    browser::Site,
    harness::cast::{ISSUER, OWNER, WINNER, party},
};

#[tokio::test]
async fn a_page_is_in_the_language_the_browser_asks_for_until_the_visitor_switches() {
    let site = Site::open().await;
    let mut browser = site.browser();
    browser.language = "ja";
    browser.get("/").await.says("<html lang=\"ja\">");
    let switched = browser
        .post("/language", &[("language", "en"), ("back", "/")])
        .await;
    assert_eq!(switched.status, StatusCode::SEE_OTHER);
    assert_eq!(switched.location(), "/");
    browser.get("/").await.says("<html lang=\"en\">");
    let away = [("language", "ja"), ("back", "//evil.example/")];
    assert_eq!(browser.post("/language", &away).await.location(), "/");
}

#[tokio::test]
async fn nothing_inline_nothing_framed_nothing_kept() {
    let site = Site::at(Some("https://hub.example")).await;
    let page = site.browser().get("/").await;
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("strict-transport-security").contains("max-age"));
    let cookie = page.header("set-cookie");
    for part in [
        "__Host-bondhub-visit=",
        "Secure",
        "HttpOnly",
        "SameSite=Strict",
        "Path=/",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test]
async fn style_and_script_have_their_digest_in_their_name_and_are_kept_for_good() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let page = browser.get("/").await;
    let style = page.body.split("href=\"/static/style.").nth(1).unwrap();
    let style = format!("/static/style.{}", style.split('"').next().unwrap());
    let style = browser.get(&style).await;
    assert_eq!(style.status, StatusCode::OK);
    assert!(style.header("cache-control").contains("immutable"));
    let old = browser.get("/static/style.0000000000000000.css").await;
    assert_eq!(old.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_planted_visit_is_replaced_unless_it_could_be_ours() {
    let site = Site::open().await;
    let mut browser = site.browser();
    browser.set_cookie("bondhub-visit", "planted");
    browser.get("/").await;
    assert_ne!(browser.cookie("bondhub-visit").unwrap(), "planted");
}

#[tokio::test]
async fn html_in_a_name_is_text_on_the_page() {
    let site = Site::open().await;
    let mut party = party(ISSUER, PartyRole::Issuer, Language::En);
    party.name_en = Name::parse("<script>alert('x')</script>").unwrap();
    site.world.desk.put_party(&party).await.unwrap();
    let page = site.signed_in(Some(ISSUER), &[Role::Clerk]).get("/").await;
    page.says("&lt;script&gt;alert(").says_not("<script>alert");
}

#[tokio::test]
async fn a_form_with_files_is_read_like_one_without() {
    let site = Site::open().await;
    let mut browser = site.browser();
    let fields = [("language", "ja"), ("back", "/open")];
    let file = ("anything", "../../x.bin", [0_u8, 255, 13, 10].as_slice());
    let page = browser.upload("/language", &fields, &[file]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.location(), "/open");
}

/// Where the switch of languages leads back to.
fn back(page: &crate::browser::Page) -> String {
    let after = page.body.split("name=\"back\" value=\"").nth(1);
    let value = after.unwrap().split('"').next().unwrap();
    value.replace("&#x3d;", "=").replace("&amp;", "&")
}

#[tokio::test]
async fn the_switch_of_languages_comes_back_to_the_same_question() {
    let site = Site::open().await;
    let mut issuer = site.signed_in(Some(ISSUER), &[Role::Clerk]);
    let path = "/bonds?as=issuer&state=in_force";
    let page = issuer.get(path).await;
    assert_eq!(back(&page), path);
    let fields = [("language", "ja"), ("back", path)];
    assert_eq!(issuer.post("/language", &fields).await.location(), path);
}

#[tokio::test]
async fn after_a_form_the_switch_of_languages_leads_to_a_page_that_is_there() {
    let site = Site::open().await;
    for route in bondhub::console::routes() {
        if route.method != Method::POST {
            continue;
        }
        let path = crate::doors::sample(route.path);
        for party in [Some(ISSUER), Some(WINNER), Some(OWNER), None] {
            let roles = crate::doors::every_role(party);
            let mut browser = site.signed_in(party, &roles);
            let page = browser.post(&path, &[]).await;
            if !page.header("content-type").starts_with("text/html") {
                continue;
            }
            let again = browser.get(&back(&page)).await;
            assert_ne!(
                again.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{path}: {}",
                back(&page)
            );
        }
    }
}
