//! Every page, in both languages, on a desk and on a phone (WCAG 2.2 AA, R63): the demonstration is walked through by each of its
//! people, along every link that is shown to them. axe looks at each page, none may be wider than a phone, and a picture of each is
//! left in `target/tmp/browser/gallery` for whoever wants to see them all.
//!
//! | file | concern |
//! |---|---|
//! | `demonstration` | the program's demonstration, and how its people sign in |
//! | `eye` | what is looked at on a page, and the pictures |
//! | `walk` | along the links, each route a few times |
//! | `answers` | the pages that forms lead to, and those that tell of trouble |

mod answers;
mod demonstration;
mod eye;
mod walk;

use std::collections::BTreeSet;

use axum::http::Method;
use bondhub::console::routes;
use futures::{StreamExt as _, stream};

use crate::browser::{Browser, Scripts};
use demonstration::Demonstration;
use walk::Walk;

/// Who walks: an account of the demonstration, or nobody.
const PEOPLE: [Option<&str>; 6] = [
    None,
    Some("aozora"),
    Some("midori"),
    Some("mirai"),
    Some("operator"),
    Some("auditor"),
];
/// So many browsers at a time: each keeps a core busy.
const AT_ONCE: usize = 3;
/// Pages that nobody comes to in the demonstration, and why.
const UNSEEN: [(&str, &str); 1] = [(
    "/sign/statements",
    "a file, and the issuer entrusts its key to the hub; `tests/pages/keys_by_page.rs` tells of one that does not",
)];

/// What a person saw: the routes, and what was not as it should be.
#[derive(Default)]
struct Seen {
    routes: BTreeSet<&'static str>,
    troubles: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_page_is_accessible_and_fits_a_phone_in_both_languages_for_everybody() {
    let hub = Demonstration::play().await;
    let walks = stream::iter(PEOPLE).map(|who| walk(&hub, who));
    let mut seen: Vec<Seen> = walks.buffer_unordered(AT_ONCE).collect().await;
    hub.end_a_contract_early();
    seen.push(settle(&hub).await);
    let troubles: Vec<&String> = seen.iter().flat_map(|one| &one.troubles).collect();
    assert!(troubles.is_empty(), "{troubles:#?}");
    let routes: BTreeSet<&str> = seen.iter().flat_map(|one| one.routes.clone()).collect();
    each_page_was_seen(&routes);
}

async fn walk(hub: &Demonstration, who: Option<&'static str>) -> Seen {
    let browser = Browser::open(Scripts::Run).await;
    let mut walk = Walk::begin(hub, &browser, who).await;
    walk.everywhere().await;
    answers::look(&mut walk).await;
    let seen = walk.end();
    browser.close().await;
    seen
}

/// The issuer of a bond that a claim may be made on.
async fn settle(hub: &Demonstration) -> Seen {
    let browser = Browser::open(Scripts::Run).await;
    let mut walk = Walk::begin(hub, &browser, Some("aozora")).await;
    answers::look_at_a_claim(&mut walk).await;
    let seen = walk.end();
    browser.close().await;
    seen
}

fn each_page_was_seen(seen: &BTreeSet<&str>) {
    for route in routes().iter().filter(|route| route.method == Method::GET) {
        let excused = UNSEEN.iter().any(|(path, _)| *path == route.path);
        assert_eq!(
            seen.contains(route.path),
            !excused,
            "{}: seen by nobody, or seen and in the list of those that are not",
            route.path
        );
    }
}
