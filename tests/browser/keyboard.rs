//! *Open a bond* without a mouse (WCAG 2.2: 2.1.1, 2.4.1, 2.4.3, 3.3.1): by Tab, Enter, Space and letters alone.

use chrono::TimeDelta;
use serde_json::json;

use crate::{
    browser::{Browser, tell},
    harness::{
        cast::WINNER,
        papers::{CASE, bond, event, registration, tender},
    },
    stage::Stage,
};

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const SPACE: char = ' ';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bond_is_opened_by_the_keyboard_alone() {
    tell("keyboard", async |browser| {
        let stage = Stage::open(browser).await;
        let key = registered(&stage).await;
        stage.visit("/open").await;

        // Past the navigation in one step.
        browser.press(TAB).await;
        assert_eq!(focus(browser).await, "a.skip");
        browser.press(ENTER).await;
        assert_eq!(focus(browser).await, "main#content");
        browser.press(TAB).await;
        assert_eq!(focus(browser).await, "input#key_file", "the first field");

        // Sent without a key: what is wrong has the focus, and leads to its field.
        tab_to(browser, "button#open").await;
        leaves(browser, ENTER).await;
        assert_eq!(focus(browser).await, "div#errors");
        stage.look().await;
        browser.press(TAB).await;
        browser.press(ENTER).await;
        assert_eq!(focus(browser).await, "input#key_file");

        tab_to(browser, "textarea#key_text").await;
        browser.type_keys(&key).await;
        tab_to(browser, "button#open").await;
        leaves(browser, SPACE).await;
        stage.reads("JPY 6,000,000").await;
        stage.look().await;

        // And handed over: the box is ticked by the keyboard too.
        tab_to(browser, "input#sure").await;
        browser.press(SPACE).await;
        tab_to(browser, "button#hand-over-button").await;
        leaves(browser, ENTER).await;
        stage.reads("The bond was handed over").await;
    })
    .await;
}

/// A bond, and its contractor's key file as it is typed: line by line.
async fn registered(stage: &Stage<'_>) -> String {
    let world = &stage.world;
    let now = world.now();
    let announced = tender(now + TimeDelta::hours(1));
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let events = [
        event(CASE, "t-1", "tender.announced", now, announced),
        world.signed(registration("B-1", terms, now)),
    ];
    world.play(&events, 2).await;
    let file = world.live_key(WINNER, "S001/B-1").await;
    let text = String::from_utf8(file).unwrap();
    text.replace('\n', &ENTER.to_string())
}

/// What has the focus: its kind, with its id, or else its class.
async fn focus(browser: &Browser) -> String {
    let script = "const one = document.activeElement; const kind = one.tagName.toLowerCase(); \
                  return kind + (one.id ? '#' + one.id : one.className ? '.' + one.className : '')";
    let found = browser.run(script, json!([])).await;
    found.as_str().unwrap().to_owned()
}

/// Tab after Tab, until this has the focus, which must be seen on its way (2.4.7).
async fn tab_to(browser: &Browser, wanted: &str) {
    let mut passed = Vec::new();
    for _ in 0..30 {
        browser.press(TAB).await;
        let now = focus(browser).await;
        let script = "const shown = getComputedStyle(document.activeElement); \
                      return shown.outlineStyle !== 'none' || shown.boxShadow !== 'none'";
        let is_seen = browser.run(script, json!([])).await;
        assert_eq!(is_seen, true, "the focus cannot be seen on {now}");
        if now == wanted {
            return;
        }
        passed.push(now);
    }
    panic!("no {wanted} among {passed:?}");
}

/// Presses a key that leads to another page, and waits until that is there.
async fn leaves(browser: &Browser, key: char) {
    browser.leaves(async || browser.press(key).await).await;
}
