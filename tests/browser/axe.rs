//! Accessibility of the page that is open, by axe-core: WCAG 2.2 A and AA (JIS X 8341-3 asks for AA).

use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::Browser;

static SCRIPT: OnceLock<String> = OnceLock::new();

const RUN: &str = "const done = arguments[arguments.length - 1]; \
     axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}) \
     .then((found) => done(found.violations.map((one) => ({ \
         id: one.id, help: one.help, at: one.nodes.map((node) => node.html).slice(0, 5)}))), \
     (error) => done([{id: 'failed', help: String(error), at: []}]));";

fn script() -> &'static str {
    SCRIPT.get_or_init(|| {
        let path = std::env::var("BONDHUB_TEST_AXE")
            .expect("BONDHUB_TEST_AXE names axe.min.js; scripts/test installs it");
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    })
}

/// Fails on any violation, with the rule and the elements.
pub(crate) async fn audit(browser: &Browser, page: &str) {
    let told = violations(browser).await;
    assert!(told.is_empty(), "{page}: {}", told.join("\n"));
}

/// What is violated on the page that is open, each with the rule and the elements.
pub(crate) async fn violations(browser: &Browser) -> Vec<String> {
    browser.run(script(), serde_json::json!([])).await;
    let found = browser.run_until_done(RUN).await;
    let violations = found.as_array().unwrap();
    violations.iter().map(Value::to_string).collect()
}
