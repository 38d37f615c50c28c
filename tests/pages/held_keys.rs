//! A key that was shown is held for a quarter of an hour after its last use, and what was met with it counts meanwhile (R15).

use axum::http::StatusCode;
use bondhub::desk::{NewAccount, Welcome};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role},
    identifier::PartyCode,
    key::KeyFile,
    party::Language,
};
use chrono::TimeDelta;
use totp_rs::{Builder, Secret};

use crate::{
    browser::{Browser, Page, Site},
    harness::cast::WINNER,
    opening::registered,
};

const BOND: &str = "S001/B-1";

async fn open(browser: &mut Browser<'_>, key: &[u8]) -> Page {
    browser
        .upload("/open", &[], &[("key_file", "my.bondkey", key)])
        .await
}

/// How long the browser keeps the name of the held key.
fn age(page: &Page) -> Option<&str> {
    let cookies = page.headers.get_all("set-cookie").iter();
    let look = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.starts_with("bondhub-look="))?;
    look.split("Max-Age=").nth(1)?.split(';').next()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_use_of_a_held_key_renews_the_cookie_that_names_it() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let key = site.world.live_key(WINNER, BOND).await;
    let mut browser = site.browser();
    assert_eq!(age(&open(&mut browser, &key).await), Some("900"));
    assert_eq!(age(&browser.get("/open/bond").await), Some("900"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_out_leaves_no_key_behind() {
    let site = Site::with_hub().await;
    registered(&site).await;
    let key = site.world.live_key(WINNER, BOND).await;
    let mut browser = site.signed_in(Some(WINNER), &[Role::Clerk]);
    open(&mut browser, &key).await.says("JPY 6,000,000");
    let (visit, look) = ("bondhub-visit", "bondhub-look");
    let cookies = [visit, look].map(|name| (name, browser.cookie(name).unwrap().clone()));
    browser.post("/sign-out", &[]).await;
    assert_eq!(browser.cookie(look), None);
    let mut next = site.browser();
    for (name, value) in &cookies {
        next.set_cookie(name, value);
    }
    assert_eq!(next.get("/open/bond").await.location(), "/open");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_looks_do_not_make_the_hub_forget_the_key() {
    let site = Site::with_settings("[looking]\nlooks_per_key = 2").await;
    registered(&site).await;
    let key = site.world.live_key(WINNER, BOND).await;
    let mut browser = site.browser();
    open(&mut browser, &key).await;
    browser.get("/open/bond").await.says("JPY 6,000,000");
    let page = browser.get("/open/bond").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    site.world.clock.advance(TimeDelta::minutes(2));
    browser.get("/open/bond").await.says("JPY 6,000,000");
}

/// An account of the contractor; returns the secret of its one-time passwords.
async fn settled(site: &Site) -> String {
    let desk = &site.world.desk;
    let account = NewAccount {
        name: AccountName::parse("jiro").unwrap(),
        party: Some(PartyCode::parse(WINNER).unwrap()),
        roles: [Role::Clerk].into(),
        language: Language::En,
        zone: DEFAULT_ZONE.to_owned(),
    };
    let invitation = desk.add_account(account).await.unwrap();
    let welcome = Welcome {
        name: "jiro",
        code: &invitation.code,
        password: "a long enough pass phrase",
        address: None,
    };
    let offer = desk.welcome(welcome).await.unwrap();
    let code = app(&offer.text, site);
    let chosen = desk.welcome_with(&offer.id, &code, None, None, None).await;
    drop(chosen.unwrap());
    offer.text.to_string()
}

fn app(secret: &str, site: &Site) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(site.world.now().timestamp()).unwrap();
    app.generate(now).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_key_with_a_one_time_password_hands_the_bond_over() {
    let site = Site::with_settings("[accounts]\nusual_way = \"one_time_password\"").await;
    registered(&site).await;
    let secret = settled(&site).await;
    site.world.clock.advance(TimeDelta::seconds(61));
    let file = site.world.live_key(WINNER, BOND).await;
    let typed = KeyFile::parse(&file).unwrap().token.to_text().to_string();
    let mut browser = site.browser();
    let weak = browser.post("/open", &[("key_text", &typed)]).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let code = app(&secret, &site);
    let fields = [("key_text", &typed[..]), ("one_time", &code)];
    browser.post("/open", &fields).await.says("JPY 6,000,000");
    let done = browser.post("/open/hand-over", &[("sure", "yes")]).await;
    assert_eq!(done.location(), "/open/bond", "{}", done.body);
    browser
        .get("/open/bond")
        .await
        .says("The bond was handed over");
    site.world.clock.advance(TimeDelta::minutes(10));
    browser.get("/open/bond").await.says("JPY 6,000,000");
    site.world.clock.advance(TimeDelta::minutes(10));
    let page = browser.get("/open/bond").await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the key is held on, the password not"
    );
    page.says_not("6,000,000");
}
