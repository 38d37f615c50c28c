//! What happened is told in a chain that anybody can check, and tampering with it is found (R70, R72).

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Output},
};

use bondhub::{assemble::head_signer, audit::HeadError};
use bondhub_core::{
    audit::{Act, head_text},
    identifier::BondId,
    party::Role,
    ports::store::AuditFilter,
};
use bondhub_test_support::gnupg::GnuPg;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{
    cast::WINNER,
    combination::{Combination, stories},
    papers::{self, CASE, bond, event, registration, tender},
    world::{World, bondhub},
};

stories! {
    what_happened_is_told_with_its_rule_and_event => super::told;
    an_export_is_checked_without_hub_and_database => super::exported;
    the_head_is_signed_daily_and_gpg_checks_it => super::signed;
    a_head_that_could_not_be_written_is_written_later => super::written_later;
}

const WINNERS: &str = "S001/B-1";

/// A bond is registered, handed over and its key revoked; a bad event is set aside.
async fn play(world: &World) {
    let now = world.now();
    let opening = now + TimeDelta::hours(1);
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let events = [
        event(CASE, "t-1", "tender.announced", now, tender(opening)),
        world.signed(papers::instruction(now)),
        world.signed(registration("B-1", terms, now)),
        event(
            CASE,
            "b-1",
            "bid.submitted",
            now,
            json!({"contractor": WINNER}),
        ),
        event(CASE, "u-1", "tender.exploded", now, json!({})),
    ];
    world.play(&events, 5).await;
    let bond = BondId::try_from(WINNERS.to_owned()).unwrap();
    let desk = &world.desk;
    let reason = "lost by 山田";
    desk.revoke_keys(&bond, Role::Contractor, true, reason)
        .await
        .unwrap();
    world.quiet(6).await;
}

async fn entries(world: &World) -> Vec<Value> {
    let filter = AuditFilter {
        limit: 10_000,
        ..AuditFilter::default()
    };
    let links = world.store().audit_links(&filter).await.unwrap();
    let read = |text: &str| serde_json::from_str(text).unwrap();
    links.iter().map(|link| read(&link.entry)).collect()
}

async fn told(on: Combination) {
    let world = World::start(on).await;
    play(&world).await;
    let entries = entries(&world).await;
    let acts: BTreeSet<&str> = entries
        .iter()
        .map(|one| one["act"].as_str().unwrap())
        .collect();
    for act in [
        Act::EventTaken,
        Act::EventSetAside,
        Act::DocumentKept,
        Act::InstructionTaken,
        Act::BondRegistered,
        Act::MatchChanged,
        Act::KeyIssued,
        Act::KeysEnded,
        Act::KeysRevoked,
        Act::LedgerPosted,
        Act::OpeningTold,
        Act::PartyPut,
        Act::CertificateEnrolled,
        Act::KeyEntrusted,
        Act::HeadSigned,
    ] {
        assert!(acts.contains(act.as_str()), "{} of {acts:?}", act.as_str());
    }
    let of = |act: Act| entries.iter().filter(move |one| one["act"] == act.as_str());
    let registered = of(Act::BondRegistered).next().unwrap();
    assert_eq!(registered["subject"], format!("bond:{WINNERS}"));
    assert_eq!(registered["actor"], json!({"kind": "hub"}));
    assert_eq!(registered["details"]["rule"], "registered");
    assert!(registered["details"]["event"].is_string());
    let issued: Vec<_> = of(Act::KeyIssued)
        .map(|one| one["details"]["role"].clone())
        .collect();
    assert_eq!(issued, ["contractor", "owner", "contractor"]);
    let revoked = of(Act::KeysRevoked).next().unwrap();
    assert_eq!(revoked["actor"], json!({"kind": "command_line"}));
    let mut events = of(Act::EventTaken);
    let announced = events.find(|one| one["details"]["type"] == "tender.announced");
    let announced = announced.unwrap();
    assert_eq!(
        announced["actor"],
        json!({"kind": "feed", "source": "/feeds/mirai"})
    );
    // Neither amounts nor people stand in the chain itself (R21, R72).
    let text = serde_json::to_string(&entries).unwrap();
    for hidden in ["6000000", "山田"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let report = run(world.folder(), &["audit", "verify"]);
    assert_eq!(report["whole"], true, "{report}");
    assert_eq!(report["signatures_good"], 1, "{report}");
}

fn output(folder: &Path, arguments: &[&str]) -> Output {
    bondhub(folder, &[&["--output", "json"], arguments].concat())
}

fn run(folder: &Path, arguments: &[&str]) -> Value {
    let output = output(folder, arguments);
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Verifies an export where there is neither hub nor database nor settings.
fn verify(export: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bondhub"))
        .args(["--output", "json", "audit", "verify", "--from"])
        .arg(export)
        .args(more)
        .current_dir(nowhere.path())
        .output()
        .unwrap();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), report)
}

async fn exported(on: Combination) {
    let mut world = World::start(on).await;
    play(&world).await;
    world.close().await;
    let export = world.folder().join("audit.jsonl");
    let made = bondhub(
        world.folder(),
        &["audit", "export", export.to_str().unwrap()],
    );
    assert!(made.status.success(), "{made:?}");
    let (code, report) = verify(&export, &[]);
    assert_eq!(
        (code, &report["whole"]),
        (Some(0), &json!(true)),
        "{report}"
    );
    assert_eq!(report["signatures_unchecked"], 1);
    tampered(&export);
    // Details are purged, and the chain holds (R72).
    run(
        world.folder(),
        &["audit", "purge", "--before", "2200-01-01"],
    );
    let report = run(world.folder(), &["audit", "verify"]);
    assert_eq!(report["whole"], true, "{report}");
    assert!(report["details_purged"].as_u64().unwrap() > 5, "{report}");
}

/// Each way to tamper with an export, and that it is found.
fn tampered(export: &Path) {
    let text = std::fs::read_to_string(export).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (first, last) = (3, lines.len() - 2);
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        change(&mut lines);
        let path = export.with_extension("tampered");
        std::fs::write(&path, lines.join("\n")).unwrap();
        verify(&path, &[])
    };
    let found = |change: &dyn Fn(&mut Vec<String>), finding: &str| {
        let (code, report) = with(change);
        assert_eq!(code, Some(1), "{report}");
        assert!(report["findings"].to_string().contains(finding), "{report}");
    };
    assert_eq!(with(&|_| ()).0, Some(0));
    found(
        &|lines| {
            lines[first] = lines[first]
                .replace("2026", "2025")
                .replace("2027", "2025")
                .replace("hub", "bub");
        },
        "was changed",
    );
    found(&|lines| drop(lines.remove(first)), "missing");
    found(&|lines| drop(lines.remove(last)), "missing");
    found(&|lines| lines.swap(first, first + 1), "after a later one");
    found(&|lines| lines.insert(first, lines[first].clone()), "twice");
    // Cut off at the end, the last line too: no export any more.
    assert_eq!(with(&|lines| lines.truncate(last)).0, Some(3));
}

async fn signed(on: Combination) {
    let mut world = World::start(on).await;
    play(&world).await;
    let head = async || !world.store().signed_heads().await.unwrap().is_empty();
    world.eventually("the head is signed", head).await;
    let heads = world.store().signed_heads().await.unwrap();
    assert_eq!(heads.len(), 1, "one a day");
    world.close().await;
    run(world.folder(), &["audit", "head", "--write", "heads"]);
    let name = format!("audit-head-{}.txt", heads[0].day);
    let text = world.folder().join("heads").join(name);
    let signature = text.with_extension("txt.asc");
    let gpg = GnuPg::new().unwrap();
    gpg.import(world.hub_certificate.as_bytes()).unwrap();
    gpg.checked(&["--verify", path(&signature), path(&text)], b"")
        .unwrap();
    // A head kept elsewhere is met; a forged one is not, and its signature is bad.
    let report = run(world.folder(), &["audit", "verify", "--head", path(&text)]);
    assert_eq!(
        (&report["whole"], &report["heads_met"]),
        (&json!(true), &json!(3)),
        "{report}"
    );
    let forged = std::fs::read_to_string(&text).unwrap();
    let forged = forged.trim_end();
    let turned = if forged.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{turned}\n", &forged[..forged.len() - 1]);
    std::fs::write(&text, forged).unwrap();
    assert!(
        !gpg.run(&["--verify", path(&signature), path(&text)], b"")
            .unwrap()
            .success
    );
    let refused = output(world.folder(), &["audit", "verify", "--head", path(&text)]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
}

async fn written_later(on: Combination) {
    let world = World::set(on, "").await;
    let folder = world.folder().join("heads");
    let signer = async || {
        let mut signer = head_signer(&world.settings).await.unwrap();
        signer.folder = Some(folder.clone());
        signer
    };
    let (now, first) = (world.now(), signer().await);
    std::fs::write(&folder, "no folder").unwrap();
    let refused = first.run_once(now).await;
    assert!(
        matches!(refused, Err(HeadError::Written(..))),
        "{refused:?}"
    );
    let heads = world.store().signed_heads().await.unwrap();
    assert_eq!(heads.len(), 1, "signed all the same");
    std::fs::remove_file(&folder).unwrap();
    let text = folder.join(format!("audit-head-{}.txt", heads[0].day));
    // The hub that signed it, and another one with a folder of its own.
    for signer in [first, signer().await] {
        assert_eq!(signer.run_once(now).await.unwrap(), None, "one a day");
        let written = std::fs::read_to_string(&text).unwrap();
        assert_eq!(written, head_text(&heads[0].head, heads[0].day));
        let signature = std::fs::read_to_string(text.with_extension("txt.asc")).unwrap();
        assert_eq!(signature, heads[0].signature);
        std::fs::remove_file(&text).unwrap();
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
