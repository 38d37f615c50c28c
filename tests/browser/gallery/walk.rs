//! Along the links: whatever is shown to somebody is followed, each route a few times.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::http::Method;
use bondhub::console::routes;
use serde_json::json;

use super::{
    Seen,
    demonstration::Demonstration,
    eye::{LANGUAGES, examine},
};
use crate::browser::Browser;

/// Pages of bonds and cases are as different as these, others are seen once for each set of questions in their addresses.
const OF_A_KIND: usize = 3;

/// Somebody on the way.
pub(super) struct Walk<'a> {
    pub(super) hub: &'a Demonstration,
    pub(super) browser: &'a Browser,
    pub(super) who: Option<&'static str>,
    seen: Seen,
}

impl<'a> Walk<'a> {
    /// Signs in, if it is somebody.
    pub(super) async fn begin(
        hub: &'a Demonstration,
        browser: &'a Browser,
        who: Option<&'static str>,
    ) -> Self {
        match who {
            Some(name) => hub.sign_in(browser, name).await,
            None => browser.go(&hub.at("/")).await,
        }
        Self {
            hub,
            browser,
            who,
            seen: Seen::default(),
        }
    }

    /// What was seen.
    pub(super) fn end(self) -> Seen {
        self.seen
    }

    /// Follows every link in one language, then sees the same pages in the other.
    pub(super) async fn everywhere(&mut self) {
        self.speak(LANGUAGES[0]).await;
        let pages = self.discover().await;
        self.speak(LANGUAGES[1]).await;
        for path in pages {
            self.browser.go(&self.hub.at(&path)).await;
            self.see(&path, LANGUAGES[1], 200).await;
        }
    }

    /// From now on pages are in this language.
    pub(super) async fn speak(&self, language: &str) {
        self.browser.plant("bondhub-language", language).await;
    }

    /// The pages that links lead to, seen in the first language.
    async fn discover(&mut self) -> Vec<String> {
        let (mut pages, mut known) = (Vec::new(), BTreeSet::new());
        let mut of_a_kind: BTreeMap<String, usize> = BTreeMap::new();
        let mut ahead = VecDeque::from(["/".to_owned()]);
        while let Some(path) = ahead.pop_front() {
            let Some(route) = route_of(&path) else {
                self.wrong(&format!("{path}: a link to no page"));
                continue;
            };
            let kind = of_a_kind.entry(kind(route, &path)).or_default();
            if *kind >= most(route) || !known.insert(path.clone()) {
                continue;
            }
            *kind += 1;
            if is_file(route) {
                self.fetch(&path).await;
                continue;
            }
            self.browser.go(&self.hub.at(&path)).await;
            self.see(&path, LANGUAGES[0], 200).await;
            ahead.extend(self.links().await);
            pages.push(path);
        }
        pages
    }

    /// Looks at the page that is open, which came by a link.
    pub(super) async fn see(&mut self, path: &str, language: &str, status: u64) {
        let answered = self
            .browser
            .run(
                "return performance.getEntriesByType('navigation')[0].responseStatus",
                json!([]),
            )
            .await;
        if answered != status {
            self.wrong(&format!("{path}: {answered}"));
        }
        self.look(path, language).await;
    }

    /// Looks at the page that is open, under a name.
    pub(super) async fn look(&mut self, name: &str, language: &str) {
        let open = self.browser.path().await;
        self.seen.routes.extend(route_of(&open));
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = name.chars().take(80).map(plain).collect();
        let name = format!(
            "{}-{}",
            self.who.unwrap_or("nobody"),
            name.trim_matches('-')
        );
        let troubles = examine(self.browser, &name, language).await;
        self.seen.troubles.extend(troubles);
    }

    pub(super) fn wrong(&mut self, what: &str) {
        let who = self.who.unwrap_or("nobody");
        self.seen.troubles.push(format!("{who}: {what}"));
    }

    /// A file that a link leads to comes, and as a file.
    async fn fetch(&mut self, path: &str) {
        let script = "const done = arguments[arguments.length - 1]; \
                      fetch(PATH).then((answer) => done([answer.status, \
                      answer.headers.get('content-disposition')]), (error) => done([String(error)]))";
        let script = script.replace("PATH", &json!(path).to_string());
        let answer = self.browser.run_until_done(&script).await;
        let named = answer[1].as_str().unwrap_or_default();
        if answer[0] != 200 || !named.starts_with("attachment") {
            self.wrong(&format!("{path}: {answer}"));
        }
        self.seen.routes.extend(route_of(path));
    }

    /// Where the links of the page lead, on this hub.
    async fn links(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('a[href]')].map((link) => link.href)";
        let found = self.browser.run(script, json!([])).await;
        let links = found.as_array().unwrap().iter();
        let paths = links.filter_map(|link| self.hub.path_of(link.as_str().unwrap()));
        paths
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// The page of a path: the row of the table of routes, the one with the fewest parameters if several fit.
fn route_of(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap();
    let pages = routes()
        .into_iter()
        .filter(|route| route.method == Method::GET);
    let fitting = pages.filter(|route| fits(route.path, path));
    let fewest = fitting.min_by_key(|route| route.path.matches('{').count());
    fewest.map(|route| route.path)
}

fn fits(route: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with("{*") => return true,
            (Some(part), Some(text)) if part.starts_with('{') || part == text => {}
            _ => return false,
        }
    }
}

/// Pages of one kind: of a route and act, with the same questions in their addresses.
fn kind(route: &str, path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut asked: Vec<&str> = query
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .collect();
    asked.sort_unstable();
    let act = if route.starts_with("/act/") {
        path.split('/').nth(2)
    } else {
        None
    };
    format!("{route} {} {}", act.unwrap_or_default(), asked.join(" "))
}

fn most(route: &str) -> usize {
    let of_one_thing = ["/bonds/{issuer}/{*number}", "/cases/{*procurement}"];
    if of_one_thing.contains(&route) {
        OF_A_KIND
    } else {
        1
    }
}

/// Whether a file is sent, not a page.
fn is_file(route: &str) -> bool {
    let ending = route.rsplit('.').next().unwrap_or_default();
    ["csv", "pdf"].contains(&ending) || route == "/sign/statements"
}
