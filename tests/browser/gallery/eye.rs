//! What is looked at on the page that is open.

use serde_json::json;

use crate::{axe::violations, browser::Browser};

/// A desk and a phone, in pixels of CSS.
pub(super) const WIDTHS: [u32; 2] = [1280, 390];
/// The languages of the pages. axe looks at the one on the desk and at the other on the phone: the words alone differ.
pub(super) const LANGUAGES: [&str; 2] = ["ja", "en"];

/// What is wrong with the page that is open, whose pictures get this name; it is to be in this language.
pub(super) async fn examine(browser: &Browser, name: &str, language: &str) -> Vec<String> {
    let mut troubles = Vec::new();
    let mut wrong = |what: String| troubles.push(format!("{name}, {language}: {what}"));
    let spoken = browser
        .run("return document.documentElement.lang", json!([]))
        .await;
    if spoken != language {
        wrong(format!("in {spoken}"));
    }
    for (width, looked_at) in WIDTHS.into_iter().zip(LANGUAGES) {
        browser.is_wide(width).await;
        let (shown, over) = widths(browser).await;
        if shown != u64::from(width) || over > 0 {
            wrong(format!("{over} too wide for {width}, shown at {shown}"));
        }
        if looked_at == language {
            violations(browser).await.into_iter().for_each(&mut wrong);
        }
        let picture = format!("{name}-{language}-{width}");
        browser.whole_picture("gallery", &picture).await;
    }
    browser.is_wide(WIDTHS[0]).await;
    troubles
}

/// How wide the page is shown, and how much of it goes beyond that.
async fn widths(browser: &Browser) -> (u64, i64) {
    let script = "const page = document.documentElement; \
                  return [window.innerWidth, page.scrollWidth - page.clientWidth]";
    let found = browser.run(script, json!([])).await;
    (found[0].as_u64().unwrap(), found[1].as_i64().unwrap())
}
