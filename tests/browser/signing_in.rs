//! Invitation, password and one-time password, passkey, sign-out: told in a browser.

use bondhub_core::account::Role;
use serde_json::Value;

use crate::{
    axe::audit,
    browser::{Browser, tell},
    harness::cast::OWNER,
    site::Site,
};

const PASSWORD: &str = "a long sentence by heart";

/// Somebody who was invited chooses everything; ends signed in, with the secret of the app.
async fn arrive(site: &Site, browser: &Browser, name: &str) -> String {
    let invitation = site.world.invite(name, Some(OWNER), Role::Clerk).await;
    browser.go(&site.page("/welcome")).await;
    audit(browser, "welcome").await;
    browser.fill("#name", name).await;
    browser.fill("#invitation", &invitation.code).await;
    browser.fill("#password", PASSWORD).await;
    browser.fill("#password_again", PASSWORD).await;
    browser.submit("main form button").await;
    audit(browser, "one-time").await;
    let secret = browser.find("#secret").await.text().await;
    browser.fill("#code", &site.app(&secret, 0)).await;
    browser.submit("main form button").await;
    audit(browser, "recovery codes").await;
    assert!(browser.has("#recovery-codes li").await);
    secret
}

fn session(cookies: &[Value]) -> Option<&Value> {
    cookies
        .iter()
        .find(|cookie| cookie["name"] == "bondhub-session")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_person_signs_in_with_password_and_one_time_password() {
    let site = Site::open().await;
    tell("password", async |browser| {
        let secret = arrive(&site, browser, "hanako").await;
        let first = browser.cookies().await;
        let first = session(&first).expect("signed in").clone();
        assert_eq!(first["httpOnly"], true);
        assert_eq!(first["sameSite"], "Strict");
        browser.go(&site.page("/account")).await;
        audit(browser, "account").await;
        assert!(browser.has("#sessions").await);

        // Signed out, the old cookie is dead even if somebody kept it.
        browser
            .submit("header form[action='/sign-out'] button")
            .await;
        browser.arrives("/sign-in").await;
        assert!(session(&browser.cookies().await).is_none());
        browser
            .plant("bondhub-session", first["value"].as_str().unwrap())
            .await;
        browser.go(&site.page("/account")).await;
        browser.arrives("/sign-in").await;

        // The cookie that was planted is not the one signed in with.
        audit(browser, "sign-in").await;
        browser.fill("#name", "hanako").await;
        browser.fill("#password", "wrong").await;
        browser.fill("#code", "000000").await;
        browser.submit("main form button").await;
        assert!(browser.body().await.contains("is not right"));
        audit(browser, "sign-in with an error").await;
        browser.fill("#password", PASSWORD).await;
        browser.fill("#code", &site.app(&secret, 1)).await;
        browser.submit("main form button").await;
        browser.arrives("/account").await;
        let second = browser.cookies().await;
        let second = session(&second).expect("signed in");
        assert_ne!(second["value"], first["value"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passkey_is_registered_and_signs_in_if_its_holder_is_verified() {
    let site = Site::open().await;
    tell("passkey", async |browser| {
        let authenticator = browser.authenticator(true).await;
        arrive(&site, browser, "hanako").await;
        browser.go(&site.page("/account")).await;
        browser.fill("#passkey-label", "office PC").await;
        browser.submit("#passkey-register").await;
        assert!(
            browser
                .find("#passkeys li")
                .await
                .text()
                .await
                .contains("office PC")
        );
        audit(browser, "account with a passkey").await;

        // A device that holds one already is not asked for another.
        browser.click("#passkey-register").await;
        browser
            .find("[data-passkey=register] [data-passkey-error]:not(:empty)")
            .await;

        browser
            .submit("header form[action='/sign-out'] button")
            .await;
        browser.arrives("/sign-in").await;
        browser.verifies(&authenticator, false).await;
        browser.click("#passkey-sign-in").await;
        browser
            .find("[data-passkey=sign-in] [data-passkey-error]:not(:empty)")
            .await;
        assert!(session(&browser.cookies().await).is_none(), "not verified");

        browser.verifies(&authenticator, true).await;
        browser.submit("#passkey-sign-in").await;
        assert!(session(&browser.cookies().await).is_some());
        browser.go(&site.page("/account")).await;
        let sessions = browser.find("#sessions").await.text().await;
        assert!(sessions.contains("Passkey"), "{sessions}");

        // Without the passkey the session begun with it is over.
        browser.submit("#passkeys form button").await;
        browser.arrives("/sign-in").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_speak_japanese_and_fit_a_phone() {
    let site = Site::open().await;
    tell("japanese", async |browser| {
        arrive(&site, browser, "hanako").await;
        browser.resize(360, 780).await;
        for path in ["/account", "/account/password", "/sign-in", "/welcome"] {
            browser.go(&site.page(path)).await;
            let other = "header form.language button[lang=ja]";
            if browser.has(other).await {
                browser.submit(other).await;
            }
            assert_eq!(browser.run("return document.documentElement.lang", Value::Array(vec![])).await, "ja");
            audit(browser, path).await;
            let wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
            let wide = browser.run(wide, Value::Array(vec![])).await;
            assert_eq!(wide, 0, "{path} is wider than the phone");
            let name = path.trim_start_matches('/').replace('/', "-");
            browser.picture(&format!("japanese-{name}")).await;
        }
    })
    .await;
}
