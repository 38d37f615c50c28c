//! The master key in a token that never gives it out (R4), here SoftHSM's.

use std::process::Command;

use bondhub_core::attachment::Attachment;
use serde_json::{Value, json};

use super::pdf;
use crate::harness::{
    cast::WINNER,
    combination::SQLITE_SPOOL,
    papers::{CASE, bond, registration, with},
    world::World,
};

const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// A token of the test's own.
fn make_token(world: &World) -> String {
    let folder = world.folder();
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let tokens = folder.join("tokens").display().to_string();
    let conf = format!("directories.tokendir = {tokens}\nobjectstore.backend = file\n");
    std::fs::write(folder.join("softhsm2.conf"), conf).unwrap();
    std::fs::write(folder.join("pin"), "1234\n").unwrap();
    let init = [
        "--init-token",
        "--free",
        "--label",
        "bondhub",
        "--so-pin",
        "12345678",
        "--pin",
        "1234",
    ];
    let done = command(world, "softhsm2-util", &init).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let pin = folder.join("pin").display().to_string();
    format!("pkcs11:token=bondhub;object=master?module-path={MODULE}&pin-source={pin}")
}

fn command(world: &World, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(world.folder())
        .env("SOFTHSM2_CONF", world.folder().join("softhsm2.conf"));
    command
}

/// Runs the program; it must succeed.
fn run(world: &World, arguments: &[&str]) -> Value {
    let start = ["--config", "bondhub.toml", "--output", "json"];
    let output = command(world, env!("CARGO_BIN_EXE_bondhub"), &start)
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}

fn register(world: &World, number: &str) {
    let put = |name: &str, bytes: &[u8]| std::fs::write(world.folder().join(name), bytes).unwrap();
    let file = pdf(number);
    let entry = Attachment::of("x.pdf", &file).unwrap();
    let terms = with(
        bond(CASE, "bid", WINNER, 1_000),
        "attachments",
        json!([entry]),
    );
    put("x.pdf", &file);
    put("issuer.pem", &world.cast.issuer.key_pem);
    let statement = registration(number, terms, world.now());
    put("statement.json", statement.to_string().as_bytes());
    run(
        world,
        &[
            "bond",
            "sign",
            "statement.json",
            "--key",
            "issuer.pem",
            "--to",
            "signed.pem",
        ],
    );
    run(
        world,
        &["bond", "register", "signed.pem", "--attach", "x.pdf"],
    );
}

fn original(world: &World, number: &str, to: &str) {
    run(
        world,
        &["bond", "original", &format!("S001/{number}"), "--to", to],
    );
    let file = std::fs::read(world.folder().join(to).join("x.pdf")).unwrap();
    assert_eq!(file, pdf(number));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_master_key_moves_from_a_file_into_a_token() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let uri = make_token(&world);
    register(&world, "B-1");
    run(&world, &["vault", "new-key", &uri]);
    let config = std::fs::read_to_string(world.config()).unwrap();
    let old = world.folder().join("secrets/master.key");
    let set = |others: &str| {
        let lines = format!("[vault]\nmaster_key = {uri:?}\nother_master_keys = [{others}]\n");
        std::fs::write(world.config(), config.replace("[vault]\n", &lines)).unwrap();
    };
    set(&format!("{:?}", old.display().to_string()));
    register(&world, "B-2");
    let rotated = run(&world, &["vault", "rotate"]);
    assert_eq!(rotated["failed"], 0, "{rotated}");
    set("");
    std::fs::remove_file(old).unwrap();
    original(&world, "B-1", "one");
    original(&world, "B-2", "two");
    let status = run(&world, &["vault", "status"]);
    let rows = status.as_array().unwrap();
    assert!(rows.iter().all(|row| row["is"] == "current"), "{status}");
}
