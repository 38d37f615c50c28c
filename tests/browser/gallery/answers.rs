//! Pages that no link leads to: what forms are answered with, and what tells of trouble.

use std::process::Command;

use bondhub_core::key::Token;
use serde_json::json;

use super::{eye::LANGUAGES, walk::Walk};

/// Sees them, whoever may.
pub(super) async fn look(walk: &mut Walk<'_>) {
    for language in LANGUAGES {
        walk.speak(language).await;
        match walk.who {
            None => for_anybody(walk, language).await,
            Some("aozora") => for_the_issuer(walk, language).await,
            Some("midori") => for_the_contractor(walk, language).await,
            Some("mirai") => for_the_owner(walk, language).await,
            Some(_) => {}
        }
    }
}

/// A claim may be made on a bond: what its issuer sees, and how it says what became of it.
pub(super) async fn look_at_a_claim(walk: &mut Walk<'_>) {
    for language in LANGUAGES {
        walk.speak(language).await;
        go(walk, "/bonds/S001/P-2026-0002").await;
        walk.see("frozen", language, 200).await;
        let link = "a[href^='/register/settlement?number=']";
        walk.browser.submit(link).await;
        walk.see("settlement", language, 200).await;
        without_a_look_at_it_first(walk).await;
        walk.browser.submit("main form button").await;
        walk.see("settlement-without-outcome", language, 422).await;
    }
}

async fn for_anybody(walk: &mut Walk<'_>, language: &str) {
    for (key, name) in [
        ("owner-before-opening", "opened-before-the-opening"),
        ("owner-performance", "opened"),
    ] {
        go(walk, "/open").await;
        walk.browser.attach("#key_file", &walk.hub.key(key)).await;
        walk.browser.submit("#open").await;
        walk.see(name, language, 200).await;
        go(walk, "/open/bond").await;
        walk.see(&format!("{name}-again"), language, 200).await;
        go(walk, "/open").await;
        walk.see("open-while-a-key-is-held", language, 200).await;
        go(walk, "/open/bond").await;
        walk.browser.submit("#close").await;
        walk.look("closed", language).await;
    }
    walk.browser.submit("#open").await;
    walk.see("open-without-a-key", language, 422).await;
    go(walk, "/nothing-is-here").await;
    walk.see("not-found", language, 404).await;
    go(walk, "/verify").await;
    walk.see("verify", language, 200).await;
    go(walk, "/verify/0123456789ABCDEF").await;
    walk.see("verify-unknown", language, 404).await;
    go(walk, "/bonds").await;
    walk.look("sign-in-needed", language).await;
    without_a_look_at_it_first(walk).await;
    walk.browser.submit("main form button").await;
    walk.look("sign-in-refused", language).await;
}

/// The form is sent as it is, whatever the browser thinks of it.
async fn without_a_look_at_it_first(walk: &Walk<'_>) {
    let unchecked = "document.querySelector('main form').noValidate = true";
    walk.browser.run(unchecked, json!([])).await;
}

async fn for_the_issuer(walk: &mut Walk<'_>, language: &str) {
    go(walk, "/register/prepare?number=P-2026-0002").await;
    walk.browser.submit("#prepare").await;
    walk.see("prepared", language, 200).await;
    go(walk, "/register/prepare").await;
    walk.browser.submit("#prepare").await;
    walk.see("prepared-with-errors", language, 422).await;
    let list = walk.browser.downloads().join("list.csv");
    std::fs::write(&list, "number,kind\nP-1,bid\n").unwrap();
    go(walk, "/paper").await;
    walk.browser.attach("#list", &list).await;
    walk.browser
        .submit("form[action='/paper/import'] button")
        .await;
    walk.look("paper-at-fault", language).await;
}

async fn for_the_contractor(walk: &mut Walk<'_>, language: &str) {
    go(walk, "/my-key/S001/B-2026-0003").await;
    walk.browser.click("#sure").await;
    walk.browser.submit("#as-paper").await;
    walk.see("key-sheet", language, 200).await;
    the_code_is_the_key(walk).await;
    go(walk, "/register").await;
    walk.see("not-allowed", language, 403).await;
}

/// What a scanner reads off the printed sheet is the key that stands beside it.
async fn the_code_is_the_key(walk: &Walk<'_>) {
    let browser = walk.browser;
    let printed = browser.find("#key").await.text().await;
    let file = browser.downloads().join("code.png");
    browser
        .find(".key-sheet .qr svg")
        .await
        .picture(&file)
        .await;
    let read = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(&file)
        .output()
        .expect("zbarimg (package zbar-tools)");
    let scanned = String::from_utf8(read.stdout).unwrap();
    assert!(read.status.success(), "no code in the picture of the sheet");
    let key = |text: &str| {
        let token = Token::parse(text.trim());
        let token = token.unwrap_or_else(|error| panic!("{error}"));
        token.to_text().to_string()
    };
    assert!(key(&scanned) == key(&printed), "another key");
    assert!(
        key(&printed) == printed.trim(),
        "printed otherwise than written"
    );
}

async fn for_the_owner(walk: &mut Walk<'_>, language: &str) {
    go(walk, "/act/tender.cancelled/ocds-jp0001-R8-0043").await;
    walk.browser.submit("#rehearse").await;
    walk.see("rehearsed", language, 200).await;
    go(walk, "/announce").await;
    walk.browser.submit("#rehearse").await;
    walk.see("announced-with-errors", language, 422).await;
}

async fn go(walk: &Walk<'_>, path: &str) {
    walk.browser.go(&walk.hub.at(path)).await;
}
