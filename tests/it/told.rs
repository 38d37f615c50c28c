//! Each act is told, by enumeration (R70): a new one that nobody tells fails here.

use std::path::{Path, PathBuf};

use bondhub_core::audit::Act;

/// What changes rows and is no change of state by itself: a challenge drawn, a use noted, a step of a sign-in that is
/// told as a whole, what has ended anyway thrown away, sums kept to be quick, lists of paper bonds before they are
/// accepted and after they are taken, and the leases of the outbox, whose rows
/// tell their own life.
const NO_ACTS: &[&str] = &[
    "add_challenge",
    "take_challenge",
    "purge_sign_ins",
    "touch_session",
    "touch_token",
    "take_totp_step",
    "use_passkey",
    "fold",
    "begin_list",
    "note_rows",
    "rows_taken",
    "end_list",
    "drop_lists",
    "claim",
    "advance",
    "sweep",
];

/// How a method that only reads begins its name, or is named.
const READS: &[&str] = &[
    "account",
    "accounts",
    "attachment",
    "audit_",
    "balance",
    "bond",
    "book",
    "case",
    "clashes",
    "code_works",
    "codes_left",
    "coming",
    "consents",
    "contractors_of",
    "copy",
    "data_key",
    "document",
    "due",
    "enrolments",
    "event",
    "exceeded",
    "expiries",
    "grants",
    "key",
    "limits",
    "lists_left",
    "load",
    "looks",
    "movements",
    "next_due",
    "open_",
    "outbox",
    "passkey",
    "ping",
    "presented",
    "request",
    "rows_after",
    "sealed",
    "session",
    "sighting",
    "signed_heads",
    "tasks",
    "token",
    "warned",
];

pub(crate) fn files(below: &str) -> Vec<(PathBuf, String)> {
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
        .filter(|act| !told(act))
        .map(|act| act.name())
        .collect();
    assert!(untold.is_empty(), "{untold:?}");
}

/// The methods of the store's ports: name, and the head up to the semicolon.
fn methods() -> Vec<(String, String)> {
    let mut methods = Vec::new();
    for (_, text) in files("src/core/ports/store") {
        for method in text.split("async fn ").skip(1) {
            let name = method.split('(').next().unwrap_or_default();
            let head = method.split(';').next().unwrap_or_default();
            methods.push((name.to_owned(), head.to_owned()));
        }
    }
    methods
}

#[test]
fn whatever_changes_the_store_takes_its_entry_along() {
    let methods = methods();
    assert!(methods.len() > 90, "{}", methods.len());
    let brings = |head: &str| {
        let bringers = ["AuditEntry", "Commit", "LookRow"];
        bringers.iter().any(|bringer| {
            head.contains(&format!("&{bringer}")) || head.contains(&format!("&[{bringer}]"))
        })
    };
    let reads = |name: &str| READS.iter().any(|read| name.starts_with(read));
    let untold: Vec<_> = methods
        .iter()
        .filter(|(name, head)| !brings(head) && !reads(name) && !NO_ACTS.contains(&name.as_str()))
        .map(|(name, _)| name)
        .collect();
    assert!(untold.is_empty(), "{untold:?}");
}

#[test]
fn nothing_is_told_apart_from_its_change() {
    // Entries of what changes nothing: read out, refused, summed up.
    let allowed = ["desk/audit.rs", "desk/vault.rs", "accounts/sign_in.rs"];
    for (path, text) in files("src/desk") {
        let place = path.display().to_string();
        let may = allowed.iter().any(|end| place.ends_with(end));
        assert!(may || !text.contains(".record(&["), "{place}");
    }
}

/// The public functions of an impl block.
pub(crate) fn functions_of(text: &str, block: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut within = false;
    for line in text.lines() {
        match line {
            _ if line.starts_with(block) => within = true,
            "}" => within = false,
            _ => {}
        }
        let head = line.strip_prefix("    pub ").filter(|_| within);
        let head = head.map(|head| head.strip_prefix("async ").unwrap_or(head));
        if let Some(head) = head.and_then(|head| head.strip_prefix("fn ")) {
            let name = head.split(['(', '<']).next().unwrap_or_default();
            names.push(name.to_owned());
        }
    }
    names
}
