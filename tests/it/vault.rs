//! Originals at rest: attachments that fit what was signed, one data key for each bond, and another
//! master key (R3, R4, R5).

mod by_http;
mod token;

use std::{ops::ControlFlow, path::Path, process::Command, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub::{
    assemble,
    desk::{Desk, DeskError, Original},
    settings::{KeyPlace, Settings},
    vault::{OriginalError, SealError},
};
use bondhub_core::{
    attachment::{Attachment, Enclosed},
    event::hex_digest,
    identifier::BondId,
    ports::store::SealedKind,
};
use serde_json::{Value, json};

use crate::harness::{
    cast::WINNER,
    combination::{Combination, POSTGRES_SPOOL, SQLITE_SPOOL},
    papers::{self, CASE, bond, registration, with},
    world::{World, bondhub},
};
use crate::http::Server;

/// A small PDF that says something.
pub(crate) fn pdf(text: &str) -> Vec<u8> {
    let body = format!(
        "%PDF-1.4\n% {text}\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    );
    let at = body.len();
    let trailer = format!(
        "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"
    );
    format!("{body}{trailer}").into_bytes()
}

fn entry(name: &str, bytes: &[u8]) -> Value {
    json!(Attachment::of(name, bytes).unwrap())
}

fn terms(attachments: Vec<Value>) -> Value {
    with(
        bond(CASE, "bid", WINNER, 6_000_000),
        "attachments",
        attachments,
    )
}

fn update(number: &str, bond: Value, world: &World) -> Value {
    let now = world.now();
    with(registration(number, bond, now), "type", "update")
}

fn sign(statement: Value, world: &World) -> Vec<u8> {
    papers::sign(statement, &world.cast.issuer, world.now())
}

fn enclosed(files: &[&[u8]]) -> Enclosed {
    let mut enclosed = Enclosed::default();
    for bytes in files {
        enclosed.add(bytes.to_vec());
    }
    enclosed
}

fn bond_id(number: &str) -> BondId {
    BondId::try_from(format!("S001/{number}")).unwrap()
}

fn bytes_of(original: &Original) -> Vec<(String, Vec<u8>)> {
    let files = original.attachments.iter();
    files
        .map(|(entry, bytes)| (entry.name.clone(), bytes.to_vec()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_comes_by_the_queue_and_lies_in_the_vault_once_on_sqlite() {
    by_the_queue(SQLITE_SPOOL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_comes_by_the_queue_and_lies_in_the_vault_once_on_postgresql() {
    by_the_queue(POSTGRES_SPOOL).await;
}

async fn by_the_queue(on: Combination) {
    let world = World::start(on).await;
    let (first, second) = (pdf("first"), pdf("second"));
    let statement = registration("B-1", terms(vec![entry("保証書.pdf", &first)]), world.now());
    let cms = sign(statement, &world);
    let mut event = papers::document(&cms, world.now());
    event["data"]["attachments"] =
        json!([{"sha256": hex_digest(&first), "content": STANDARD.encode(&first)}]);
    world.play(&[event.clone()], 1).await;
    let original = world.desk.original(&bond_id("B-1"), None).await.unwrap();
    assert_eq!(
        bytes_of(&original),
        [("保証書.pdf".to_owned(), first.clone())]
    );
    assert_eq!(original.cms.as_slice(), cms);
    // In the inbox lies the document, without a second copy of the attachment.
    let row = &world.events().await[0];
    let kept = world.desk.event(row.id).await.unwrap();
    let kept: Value = serde_json::from_slice(&kept.body).unwrap();
    assert_eq!(kept["data"]["document"], event["data"]["document"]);
    assert_eq!(kept["data"].get("attachments"), None);

    // The update brings another file; the earlier version stays as history (R4).
    let statement = update("B-1", terms(vec![entry("changed.pdf", &second)]), &world);
    let taken = world
        .desk
        .document_with(&sign(statement, &world), enclosed(&[&second]))
        .await
        .unwrap();
    assert_eq!(taken.state.unwrap().as_str(), "applied");
    let now = world.desk.original(&bond_id("B-1"), None).await.unwrap();
    assert!(now.is_current && now.version.version == 2);
    assert_eq!(bytes_of(&now), [("changed.pdf".to_owned(), second)]);
    let before = world.desk.original(&bond_id("B-1"), Some(1)).await.unwrap();
    assert!(!before.is_current);
    assert_eq!(bytes_of(&before), [("保証書.pdf".to_owned(), first)]);
    assert_eq!(before.document.digest, original.document.digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_what_was_signed_is_refused_and_changes_nothing() {
    let world = World::start(SQLITE_SPOOL).await;
    let (file, other) = (pdf("file"), pdf("other"));
    let html = b"<html><script>alert(1)</script>".to_vec();
    let named = |name: &str| with(entry("x.pdf", &file), "name", name);
    let html_entry = json!({"name": "x.pdf", "media_type": "application/pdf",
                            "size": html.len(), "sha256": hex_digest(&html)});
    let cases: [(&str, Value, Vec<&[u8]>); 9] = [
        ("is missing", entry("x.pdf", &file), vec![]),
        ("was not signed", entry("x.pdf", &file), vec![&file, &other]),
        ("was not signed", entry("x.pdf", &file), vec![&other]),
        ("is no PDF", html_entry, vec![&html]),
        ("full stop", named("../../etc/passwd"), vec![&file]),
        ("markup", named("<b>x</b>.pdf"), vec![&file]),
        ("control", named("a\r\nb.pdf"), vec![&file]),
        ("size", with(entry("x.pdf", &file), "size", 1), vec![&file]),
        (
            "only `application/pdf`",
            with(entry("x.pdf", &file), "media_type", "text/html"),
            vec![&file],
        ),
    ];
    for (expected, listed, files) in cases {
        let statement = registration("B-1", terms(vec![listed]), world.now());
        let cms = sign(statement, &world);
        let outcome = world.desk.document_with(&cms, enclosed(&files)).await;
        let Err(DeskError::Rejected(rejection)) = outcome else {
            panic!("{expected}: {outcome:?}");
        };
        let told = format!(
            "{} {rejection}",
            rejection.pointer.clone().unwrap_or_default()
        );
        assert!(told.contains(expected), "{expected}: {told}");
        assert!(world.store().bond(&bond_id("B-1")).await.unwrap().is_none());
    }
    assert_eq!(world.taken().await, 0);
    // By the queue, what was sent under another digest.
    let statement = registration("B-1", terms(vec![entry("x.pdf", &file)]), world.now());
    let mut event = papers::document(&sign(statement, &world), world.now());
    event["data"]["attachments"] =
        json!([{"sha256": hex_digest(&file), "content": STANDARD.encode(&other)}]);
    world.play(&[event], 1).await;
    assert_eq!(world.events().await[0].state.as_str(), "set_aside");
    assert!(world.store().bond(&bond_id("B-1")).await.unwrap().is_none());
}

/// Changes the database behind the hub's back.
fn tamper(world: &World, sql: &str) {
    let triggers = "DROP TRIGGER IF EXISTS attachment_no_update; \
                    DROP TRIGGER IF EXISTS document_no_update;";
    let done = Command::new("sqlite3")
        .args(["-cmd", ".timeout 5000"])
        .arg(world.folder().join("bondhub.db"))
        .arg(format!("{triggers}{sql}"))
        .output()
        .unwrap();
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_and_a_swapped_original_are_noticed() {
    let mut world = World::start(SQLITE_SPOOL).await;
    let files = [pdf("one"), pdf("two")];
    for (number, file) in ["B-1", "B-2"].iter().zip(&files) {
        let statement = registration(number, terms(vec![entry("x.pdf", file)]), world.now());
        let cms = sign(statement, &world);
        world
            .desk
            .document_with(&cms, enclosed(&[file]))
            .await
            .unwrap();
    }
    world.close().await;
    let refused = async |number: &str| {
        let outcome = world.desk.original(&bond_id(number), None).await;
        let damaged = matches!(
            outcome,
            Err(DeskError::Original(OriginalError::Seal(
                SealError::Damaged(_)
            )))
        );
        assert!(damaged, "{number}: {:?}", outcome.err());
    };
    assert!(world.desk.original(&bond_id("B-1"), None).await.is_ok());
    let swap = |table: &str| {
        format!(
            "CREATE TABLE t AS SELECT sealed FROM {table} WHERE number = 'B-2'; \
             UPDATE {table} SET sealed = (SELECT sealed FROM t) WHERE number = 'B-1'; DROP TABLE t;"
        )
    };
    tamper(&world, &swap("attachment"));
    refused("B-1").await;
    assert!(world.desk.original(&bond_id("B-2"), None).await.is_ok());
    tamper(&world, &swap("document"));
    refused("B-1").await;
    let flip = "UPDATE attachment SET sealed = CAST(substr(sealed, 1, 40) \
                || CASE substr(sealed, 41, 1) WHEN x'00' THEN x'01' ELSE x'00' END \
                || substr(sealed, 42) AS BLOB) WHERE number = 'B-2';";
    tamper(&world, flip);
    refused("B-2").await;
}

/// A desk with these master keys: the one that seals, and others that are read.
pub(crate) async fn desk_with(
    world: &World,
    key: &Path,
    others: &[&Path],
) -> anyhow::Result<Arc<Desk>> {
    let mut settings = Settings::load(Some(&world.config()), std::iter::empty()).unwrap();
    settings.vault.master_key_file = key.to_owned();
    let others = others.iter().map(|path| KeyPlace::File((*path).to_owned()));
    settings.vault.other_master_keys = others.collect();
    assemble::desk_at(&settings, Arc::clone(&world.clock) as _).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_stopped_after_any_batch_goes_on_and_nothing_is_ever_unreadable_on_sqlite() {
    rotation(SQLITE_SPOOL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_stopped_after_any_batch_goes_on_and_nothing_is_ever_unreadable_on_postgresql() {
    rotation(POSTGRES_SPOOL).await;
}

async fn rotation(on: Combination) {
    let mut world = World::start(on).await;
    let file = pdf("file");
    for number in ["B-1", "B-2", "B-3"] {
        let statement = registration(number, terms(vec![entry("x.pdf", &file)]), world.now());
        let cms = sign(statement, &world);
        world
            .desk
            .document_with(&cms, enclosed(&[&file]))
            .await
            .unwrap();
    }
    let instruction = sign(papers::instruction(world.now()), &world);
    world.desk.document(&instruction).await.unwrap();
    world.close().await;
    let old = world.settings.vault.master_key_file.clone();
    let new = world.folder().join("new.key");
    std::fs::write(&new, [42; 32]).unwrap();
    let sealed = sealed_original(&world).await;

    let both = desk_with(&world, &new, &[&old]).await.unwrap();
    let to_do: u64 = counts(&both).await.iter().map(|(_, _, count)| count).sum();
    // Three bonds' keys and the issuer's own; four events; one entrusted key.
    assert_eq!(to_do, 9);
    let mut stops = 0;
    loop {
        let mut stop = |_| ControlFlow::Break(());
        let rotated = both.rotation(1).run(&mut stop).await.unwrap();
        assert_eq!(rotated.failed, 0, "{rotated:?}");
        readable(&both, &file).await;
        if !rotated.stopped {
            break;
        }
        stops += 1;
    }
    assert_eq!(stops, to_do);
    let new_only = desk_with(&world, &new, &[]).await.unwrap();
    readable(&new_only, &file).await;
    for (kind, key, _) in counts(&new_only).await {
        assert_eq!(key, Some(new_only.master.name()), "{kind:?}");
    }
    assert_eq!(
        sealed_original(&world).await,
        sealed,
        "originals are not touched"
    );
    let old_only = desk_with(&world, &old, &[]).await.unwrap();
    let outcome = old_only.original(&bond_id("B-1"), None).await;
    let unknown = matches!(
        outcome,
        Err(DeskError::Original(OriginalError::Seal(
            SealError::UnknownKey { .. }
        )))
    );
    assert!(unknown, "{:?}", outcome.err());
}

async fn sealed_original(world: &World) -> Vec<u8> {
    let original = world.store().bond(&bond_id("B-1")).await.unwrap().unwrap();
    let source = &original.versions[0].cause.source;
    let digest = source.strip_prefix("document#").unwrap();
    let row = world.store().document(digest).await.unwrap().unwrap();
    row.sealed
}

async fn counts(desk: &Desk) -> Vec<(SealedKind, Option<String>, u64)> {
    let status = desk.rotation(1).status().await.unwrap();
    let rows = status.into_iter();
    rows.map(|one| (one.kind, one.key, one.count)).collect()
}

/// Everything sealed can be read: originals, events, and the entrusted key (it signs the keys).
async fn readable(desk: &Desk, file: &[u8]) {
    for number in ["B-1", "B-2", "B-3"] {
        let original = desk.original(&bond_id(number), None).await.unwrap();
        assert_eq!(bytes_of(&original), [("x.pdf".to_owned(), file.to_vec())]);
    }
    let filter = bondhub_core::ports::store::EventFilter::default();
    for row in desk.store.events(&filter).await.unwrap() {
        desk.event(row.id).await.unwrap();
    }
    let newest = desk.directories.newest();
    assert_eq!(newest.entrusted.len(), 1, "the entrusted key can be used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_killed_with_the_process_goes_on_where_it_was() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let file = pdf("file");
    for number in ["B-1", "B-2", "B-3"] {
        let statement = registration(number, terms(vec![entry("x.pdf", &file)]), world.now());
        let cms = sign(statement, &world);
        let taken = world.desk.document_with(&cms, enclosed(&[&file])).await;
        taken.unwrap();
    }
    let old = world.settings.vault.master_key_file.clone();
    let new = world.folder().join("new.key");
    std::fs::write(&new, [42; 32]).unwrap();
    let both = desk_with(&world, &new, &[&old]).await.unwrap();
    let config = std::fs::read_to_string(world.config()).unwrap();
    let line = |key: &Path| format!("master_key_file = {key:?}");
    let lines = format!("{}\nother_master_keys = [{old:?}]", line(&new));
    std::fs::write(world.config(), config.replace(&line(&old), &lines)).unwrap();
    let (mut kills, mut left) = (0, open_things(&both).await);
    assert_eq!(left, 7);
    while kill_after_a_batch(&world) {
        kills += 1;
        let now = open_things(&both).await;
        assert!(now < left, "{now} of {left} left");
        left = now;
        for number in ["B-1", "B-2", "B-3"] {
            both.original(&bond_id(number), None).await.unwrap();
        }
    }
    assert!(kills > 0 && open_things(&both).await == 0);
}

async fn open_things(desk: &Desk) -> u64 {
    let status = desk.rotation(1).status().await.unwrap();
    let open = status.iter().filter(|one| !one.current);
    open.map(|one| one.count).sum()
}

/// Starts a rotation and kills it (SIGKILL) when it tells of its first batch; false if there was none.
fn kill_after_a_batch(world: &World) -> bool {
    use std::io::{BufRead as _, BufReader};
    let mut child = Command::new(env!("CARGO_BIN_EXE_bondhub"))
        .args([
            "--config",
            "bondhub.toml",
            "vault",
            "rotate",
            "--batch",
            "1",
        ])
        .current_dir(world.folder())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    let stderr = child.stderr.take().unwrap();
    BufReader::new(stderr).read_line(&mut told).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(told.is_empty() || told.contains(" of "), "{told}");
    !told.is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_originals_and_the_master_key_by_command() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let run = |arguments: &[&str]| {
        let output = bondhub(world.folder(), &[&["--output", "json"], arguments].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), value, error)
    };
    let put = |name: &str, bytes: &[u8]| std::fs::write(world.folder().join(name), bytes).unwrap();
    put("保証書.pdf", &pdf("by command"));
    put("other.pdf", &pdf("another"));
    put("issuer.pem", &world.cast.issuer.key_pem);
    let statement = registration("B-1", bond(CASE, "bid", WINNER, 1_000), world.now());
    put("statement.json", statement.to_string().as_bytes());
    let sign = [
        "bond",
        "sign",
        "statement.json",
        "--key",
        "issuer.pem",
        "--to",
        "signed.pem",
    ];
    let (code, _, error) = run(&[&sign[..], &["--attach", "保証書.pdf"]].concat());
    assert_eq!(code, Some(0), "{error}");
    let (code, _, error) = run(&["bond", "register", "signed.pem"]);
    assert!(code == Some(3) && error.contains("is missing"), "{error}");
    let (code, ..) = run(&["bond", "register", "signed.pem", "--attach", "other.pdf"]);
    assert_eq!(code, Some(3));
    let (code, taken, error) = run(&["bond", "register", "signed.pem", "--attach", "保証書.pdf"]);
    assert!(code == Some(0) && taken["state"] == "applied", "{error}");

    let (code, _, error) = run(&["vault", "new-key", "new.key"]);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(
        run(&["vault", "new-key", "new.key"]).0,
        Some(3),
        "kept as it is"
    );
    let config = std::fs::read_to_string(world.config()).unwrap();
    let old = world
        .folder()
        .join("secrets/master.key")
        .display()
        .to_string();
    let new = world.folder().join("new.key").display().to_string();
    let line = |key: &str| format!("master_key_file = {key:?}");
    let both = format!("{}\nother_master_keys = [{old:?}]", line(&new));
    put(
        "bondhub.toml",
        config.replace(&line(&old), &both).as_bytes(),
    );
    let (_, planned, _) = run(&["vault", "rotate", "--dry-run"]);
    assert!(planned.to_string().contains("readable"), "{planned}");
    let (code, rotated, error) = run(&["vault", "rotate"]);
    assert!(code == Some(0) && rotated["failed"] == 0, "{error}");
    assert!(error.contains("data_key: 1 of 1"), "progress: {error}");
    put(
        "bondhub.toml",
        config.replace(&line(&old), &line(&new)).as_bytes(),
    );
    let (code, status, error) = run(&["vault", "status"]);
    assert_eq!(code, Some(0), "{error}");
    let rows = status.as_array().unwrap();
    assert!(rows.iter().all(|row| row["is"] == "current"), "{status}");

    by_command_again(&run, &world);
}

fn by_command_again(run: &impl Fn(&[&str]) -> (Option<i32>, Value, String), world: &World) {
    let (code, original, error) = run(&["bond", "original", "S001/B-1", "--to", "out"]);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(original["files"], json!(["document.p7m", "保証書.pdf"]));
    let written = std::fs::read(world.folder().join("out/保証書.pdf")).unwrap();
    assert_eq!(written, pdf("by command"));
    assert_eq!(
        run(&[
            "bond",
            "original",
            "S001/B-1",
            "--version",
            "2",
            "--to",
            "x"
        ])
        .0,
        Some(4)
    );
}
