//! Each act is told, by enumeration (R70): a new one that nobody tells fails here.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use bondhub_core::audit::Act;

/// Acts whose use cases are still to come.
const TO_COME: &[Act] = &[Act::EnrolmentBegun, Act::VaultRotated];

/// What changes rows and is no act of anybody by itself: a challenge drawn, a use noted, a step of a
/// sign-in that is told as a whole.
const NO_ACTS: &[&str] = &[
    "add_challenge",
    "code_works",
    "purge_sign_ins",
    "codes_left",
    "touch_session",
    "touch_token",
    "take_totp_step",
    "use_code",
    "use_passkey",
];

/// Functions that only tidy up: a session that is over ends when it is met.
const TIDY: &[&str] = &["live_session"];

fn files(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(below)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn each_act_is_told_somewhere() {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/core/audit");
    let sources = files("src")
        .into_iter()
        .filter(|(path, _)| !path.starts_with(&log));
    let text: String = sources.map(|(_, text)| text).collect();
    let told = |act: &Act| text.contains(&format!("Act::{}", act.name()));
    let untold: Vec<_> = Act::ALL
        .iter()
        .filter(|act| !told(act) && !TO_COME.contains(act))
        .map(|act| act.name())
        .collect();
    assert!(untold.is_empty(), "{untold:?}");
}

/// The methods of the store that change something: they return nothing, whether they did, or how much.
fn changing() -> BTreeSet<String> {
    let mut methods = BTreeSet::new();
    for (_, text) in files("src/core/ports/store") {
        for method in text.split("async fn ").skip(1) {
            let name = method.split('(').next().unwrap_or_default();
            let head = method.split(';').next().unwrap_or_default();
            let changes = ["Result<()", "Result<bool", "Result<u64"]
                .iter()
                .any(|returned| head.contains(returned));
            if changes && name != "ping" && !NO_ACTS.contains(&name) {
                methods.insert(name.to_owned());
            }
        }
    }
    methods
}

/// The functions of a file, roughly: from one head to the next.
fn functions(text: &str) -> Vec<String> {
    let mut functions = vec![String::new()];
    for line in text
        .split("#[cfg(test)]")
        .next()
        .unwrap_or_default()
        .lines()
    {
        let head = line.trim_start();
        let head = head.strip_prefix("pub ").unwrap_or(head);
        let head = head.strip_prefix("pub(super) ").unwrap_or(head);
        if head.starts_with("fn ") || head.starts_with("async fn ") {
            functions.push(String::new());
        }
        if let Some(last) = functions.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    functions
}

#[test]
fn whatever_at_the_desk_changes_the_store_tells_it() {
    let changing = changing();
    assert!(changing.contains("put_party") && changing.contains("resolve"));
    let mut untold = Vec::new();
    for (path, text) in files("src/desk") {
        for function in functions(&text) {
            let is_change = |method: &&String| function.contains(&format!(".{method}("));
            let changed: Vec<_> = changing.iter().filter(is_change).collect();
            let tells = ["told", "record(", "self.tell_"]
                .iter()
                .any(|word| function.contains(word));
            let tidies = TIDY
                .iter()
                .any(|name| function.contains(&format!("fn {name}(")));
            if !changed.is_empty() && function.contains("store") && !tells && !tidies {
                let head = function
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned();
                untold.push((path.clone(), head, format!("{changed:?}")));
            }
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
}
