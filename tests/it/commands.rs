//! The program itself: exit codes, one-line errors, JSON on stdout alone, SIGTERM, the demonstration.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use bondhub_test_support::{gnupg::GnuPg, mail::sealed_part, openpgp::TestParty};
use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{
    cast::{self, LOSER, WINNER},
    combination::{Combination, stories},
    papers::{CASE, bond, event, registration, tender},
    process::Hub,
    world::{World, bondhub},
};

stories! {
    parties_bonds_and_events_by_command => super::by_command;
    a_joint_venture_keeps_its_shares_when_its_name_is_corrected => super::joint_venture;
    accounts_and_tokens_by_command => super::accounts;
    what_fails_says_so_in_one_line => super::failing;
    sigterm_under_load_ends_in_order_and_loses_nothing => super::sigterm;
}

fn succeeded(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("stdout is not JSON alone: {output:?}"))
}

/// The exit code, and the error: one line on stderr, nothing on stdout.
fn failed(output: &Output, code: i32) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.starts_with("bondhub: "), "{error}");
    assert!(output.stdout.is_empty(), "{output:?}");
    error
}

impl World {
    /// Runs a command with JSON output.
    fn run(&self, arguments: &[&str]) -> Output {
        bondhub(self.folder(), &[&["--output", "json"], arguments].concat())
    }

    /// Writes a file into the folder.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }
}

async fn by_command(on: Combination) {
    let world = World::set(on, "").await;
    succeeded(&world.run(&["check-config"]));
    let made = succeeded(&world.run(&["init"]));
    assert!(
        made.as_array()
            .unwrap()
            .iter()
            .all(|one| one["state"] == "kept")
    );
    succeeded(&world.run(&["migrate"]));
    add_a_party(&world);
    register_a_bond(&world);
    let now = world.now();
    let announced = event(
        CASE,
        "t-1",
        "tender.announced",
        now,
        tender(now + TimeDelta::days(9)),
    );
    let file = world.file("event.json", announced.to_string());
    let sent = succeeded(&world.run(&["event", "send", &file]));
    assert_eq!(sent[0]["id"], "t-1");
    let mut hub = Hub::start(&world, &[]);
    hub.open(&world).await;
    world.quiet(2).await;
    hub.tell_to_stop();
    assert!(hub.end(&world).await.success());
    let events = succeeded(&world.run(&["event", "list", "--state", "applied"]));
    assert_eq!(events.as_array().unwrap().len(), 2);
    let balance =
        succeeded(&world.run(&["balance", "--as-of", "2027-01-15", "--by", "contractor"]));
    assert!(balance.to_string().contains("C900"), "{balance}");
    assert!(
        !world.mails_to("C900").is_empty(),
        "what the desk took, the hub sent"
    );
}

async fn accounts(on: Combination) {
    let world = World::set(on, "").await;
    let add = [
        "account", "add", "hanako", "--party", WINNER, "--role", "clerk",
    ];
    let invited = succeeded(&world.run(&add));
    assert_eq!(invited["account"], "hanako");
    assert_eq!(invited["invitation"].as_str().unwrap().len(), 19);
    failed(&world.run(&add), 3);
    let of_the_hub = ["account", "role", "hanako", "--role", "operator"];
    let refused = failed(&world.run(&of_the_hub), 3);
    assert!(refused.contains("role of the hub"), "{refused}");
    failed(&world.run(&["account", "invite", "nobody"]), 4);

    let file = world.file("password", "too short\n");
    let set = ["account", "password", "hanako", "--password-file", &file];
    let refused = failed(&world.run(&set), 3);
    assert!(refused.contains("12 characters"), "{refused}");
    world.file("password", "a long sentence by heart\n");
    succeeded(&world.run(&set));
    let offered = succeeded(&world.run(&["account", "totp", "hanako"]));
    let (offer, secret) = (&offered["offer"], &offered["secret"]);
    let wrong = [
        "account",
        "totp",
        "hanako",
        "--offer",
        offer.as_str().unwrap(),
        "--code",
        "000000",
    ];
    let refused = failed(&world.run(&wrong), 3);
    let again = refused.trim_end().rsplit(' ').next().unwrap();
    let code = crate::accounts::app(secret.as_str().unwrap(), &world);
    let right = [
        "account", "totp", "hanako", "--offer", again, "--code", &code,
    ];
    let confirmed = succeeded(&world.run(&right));
    assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
    let disabled = succeeded(&world.run(&["account", "disable", "hanako"]));
    assert!(disabled["disabled_at"].is_string());
    succeeded(&world.run(&["account", "enable", "hanako"]));
    let listed = world.run(&["account", "list"]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let listed = succeeded(&listed);
    assert_eq!(listed[0]["totp"], true);
    assert!(
        !text.contains("argon2"),
        "never what it signs in with: {text}"
    );

    let add = [
        "account",
        "token",
        "add",
        "hanako",
        "desk",
        "--scope",
        "bonds:read",
        "--days",
        "30",
    ];
    let made = succeeded(&world.run(&add));
    assert!(made["token"].as_str().unwrap().starts_with("bht_"));
    let listed = world.run(&["account", "token", "list"]);
    assert!(!String::from_utf8_lossy(&listed.stdout).contains("bht_"));
    assert_eq!(succeeded(&listed)[0]["label"], "desk");
    succeeded(&world.run(&["account", "token", "revoke", "hanako", "desk"]));
    failed(
        &world.run(&["account", "token", "revoke", "hanako", "desk"]),
        4,
    );
}

fn add_a_party(world: &World) {
    let names = ["--name-ja", "試験株式会社", "--name-en", "Test Ltd."];
    let party = [
        "party",
        "add",
        "C900",
        "--role",
        "contractor",
        "--mail",
        "c900@parties.example",
    ];
    let added = succeeded(&world.run(&[&party[..], &names[..]].concat()));
    assert_eq!(added["code"], "C900");
    let since = world.now() - TimeDelta::days(30);
    let reader = TestParty::new(&cast::address("C900"), since).unwrap();
    let file = world.file("c900.asc", reader.certificate_armored().unwrap());
    let enrolled = succeeded(&world.run(&["party", "cert", "add", "C900", &file]));
    assert_eq!(enrolled["fingerprint"], reader.fingerprint());
    let shown = succeeded(&world.run(&["party", "show", "C900"]));
    assert_eq!(shown["certificates"].as_array().unwrap().len(), 1);
}

fn register_a_bond(world: &World) {
    let statement = registration("B-9", bond(CASE, "bid", "C900", 4_000_000), world.now());
    let statement = world.file("statement.json", statement.to_string());
    let key = world.file("issuer.pem", world.cast.issuer.key_pem.as_slice());
    let signed = world.folder().join("signed.pem").display().to_string();
    let sign = ["bond", "sign", &statement, "--key", &key, "--to", &signed];
    assert!(world.run(&sign).status.success());
    let taken = succeeded(&world.run(&["bond", "register", &signed]));
    assert_eq!(taken["state"], "applied");
    let again = succeeded(&world.run(&["bond", "register", &signed]));
    assert_eq!(again["state"], "duplicate");
    let shown = succeeded(&world.run(&["bond", "show", "S001/B-9"]));
    assert_eq!(shown["state"], "in_force");
    let text = std::fs::read_to_string(&signed).unwrap();
    let other = registration("B-8", bond(CASE, "bid", WINNER, 1), world.now());
    let other = world.file("other.json", other.to_string());
    let unsigned = failed(&world.run(&["bond", "register", &other]), 3);
    assert!(unsigned.contains("sign"), "{unsigned}");
    // The signature itself stands at the end.
    let (head, tail) = text.split_at(text.find("\n-----END").unwrap() - 24);
    let damaged = world.file("damaged.pem", format!("{head}AAAAAAAA{}", &tail[8..]));
    failed(&world.run(&["bond", "register", &damaged]), 3);
}

async fn failing(on: Combination) {
    let world = World::set(on, "").await;
    for unknown in [
        &["party", "show", "C404"][..],
        &["bond", "show", "S001/B-404"],
        &["event", "show", "00000000-0000-0000-0000-000000000000"],
    ] {
        failed(&world.run(unknown), 4);
    }
    let nonsense = world.file("nonsense.asc", "this is no certificate");
    failed(&world.run(&["party", "cert", "add", WINNER, &nonsense]), 3);
    let text = world.file("text.json", "{\"id\":");
    failed(&world.run(&["event", "send", &text]), 3);
    failed(&world.run(&["event", "send", "no-such-file.json"]), 2);
    let names = [
        "--name-ja",
        "試験",
        "--name-en",
        "Test\r\nBcc: x@example.org",
    ];
    let party = ["party", "add", "C901", "--role", "contractor"];
    failed(&world.run(&[&party[..], &names[..]].concat()), 3);
    let usage = world.run(&["party", "add"]);
    assert_eq!(usage.status.code(), Some(2));
    let config = std::fs::read_to_string(world.config()).unwrap();
    world.file(
        "bondhub.toml",
        config.replace("[hub]\n", "[hub]\nlaness = 3\n"),
    );
    let wrong = failed(&world.run(&["check-config"]), 2);
    assert!(
        wrong.contains("hub.laness") && wrong.contains("lanes"),
        "{wrong}"
    );
    world.file(
        "bondhub.toml",
        config.replace("secrets/pepper.key", "secrets/none.key"),
    );
    failed(&world.run(&["bond", "list"]), 1);
}

async fn joint_venture(on: Combination) {
    let world = World::set(on, "").await;
    let add = |english: &str, more: &str| {
        let line = format!(
            "party add J1 --role contractor --name-ja 共同企業体 --name-en {english} {more}"
        );
        world.run(&line.split_whitespace().collect::<Vec<_>>())
    };
    let members = |output: Output| succeeded(&output)["members"].clone();
    let shares = serde_json::json!([{"party": WINNER, "share": 60}, {"party": LOSER, "share": 40}]);
    let given = format!("--member {WINNER}=60 --member {LOSER}=40");
    assert_eq!(members(add("Ventur", &given)), shares);
    assert_eq!(members(add("Venture", "")), shares);
    let none = serde_json::json!([]);
    assert_eq!(members(add("Venture", "--no-members")), none);
    assert_eq!(add("Venture", "--member C101").status.code(), Some(2));
}

async fn sigterm(on: Combination) {
    let world = World::set(on, "batch_size = 4").await;
    let now = world.now();
    let count: u64 = 60;
    for number in 0..count {
        let case = format!("case-{}", number % 7);
        let terms = bond(&case, "bid", WINNER, 1_000_000);
        let event = world.signed(registration(&format!("B-{number}"), terms, now));
        world.send(&event).await;
    }
    let mut hub = Hub::start(&world, &[]);
    let begun = async || world.taken().await > 5;
    world.eventually("the hub has begun", begun).await;
    let told = std::time::Instant::now();
    hub.tell_to_stop();
    assert!(hub.end(&world).await.success());
    assert!(told.elapsed().as_secs() < 30, "{:?}", told.elapsed());
    assert_eq!(world.leased().await, 0);
    let hub = Hub::start(&world, &[]);
    world.quiet(count).await;
    drop(hub);
    assert_eq!(world.ledger().await.bonds.len(), 60);
    for row in world.outbox().await {
        assert_eq!(row.state.as_str(), "sent", "{row:?}");
    }
    assert!(world.sink.stored().values().all(|mail| mail.count == 1));
}

#[test]
fn the_demonstration_plays_and_gnupg_reads_its_mail() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("demo");
    let output = Command::new(env!("CARGO_BIN_EXE_bondhub"))
        .args(["demo", "--exit", "--dir"])
        .arg(&directory)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("P-2026-0001"), "{told}");
    let opened = "key open (O001): S001/B-2026-0001 v1, JPY 6,000,000";
    assert!(told.contains(opened), "the first opening: {told}");
    let gpg = GnuPg::new().unwrap();
    for key in ["C101.secret.asc", "hub.public.asc"] {
        let file = std::fs::read(directory.join("keys").join(key)).unwrap();
        gpg.checked(&["--import"], &file).unwrap();
    }
    let keys = mails(&directory.join("mail"))
        .iter()
        .filter(|mail| {
            let message = sealed_part(mail).unwrap();
            let opened = gpg.run(&["--decrypt"], message).unwrap();
            String::from_utf8_lossy(&opened.stdout).contains("BOND-KEY-FILE: 1")
        })
        .count();
    // Two editions of the bid bond, the reservation, two editions of the performance bond, and the bid bond of the
    // tender that is still closed.
    assert_eq!(keys, 6, "key mails to the contractor");
}

#[test]
fn the_demonstration_is_served_to_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bondhub"))
        .args(["demo", "--exit", "--listen", "0.0.0.0:8080", "--dir"])
        .arg(folder.path().join("demo"))
        .output()
        .unwrap();
    let told = failed(&output, 2);
    assert!(told.contains("expected a loopback address"), "{told}");
    assert!(!folder.path().join("demo").exists(), "nothing was begun");
}

fn mails(folder: &Path) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let mails = paths.filter(|path: &PathBuf| path.extension().is_some_and(|end| end == "eml"));
    mails.map(|path| std::fs::read(path).unwrap()).collect()
}
