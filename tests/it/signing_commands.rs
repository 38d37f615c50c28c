//! `bondhub key sign` and `key issue`, as an issuer, an operator and a desk without a hub run them.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use bondhub::assemble::DemoIssuer;
use bondhub_core::key::KeyFile;
use serde_json::Value;

use crate::{
    harness::{
        cast::WINNER,
        combination::SQLITE_SPOOL,
        papers::{self, CASE, bond, registration, with},
        world::World,
    },
    signing::{DESK, desk_issuer, document},
};

const BOND: &str = "S002/D-1";
const OTHER: &str = "S002/D-2";
const PIN: &str = "2468";

/// The program with its output as JSON, run in the world's folder.
fn program(world: &World, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bondhub"));
    command
        .arg("--config")
        .arg(world.config())
        .args(["--output", "json"])
        .args(arguments)
        .current_dir(world.folder());
    command
}

fn run(world: &World, arguments: &[&str]) -> Output {
    program(world, arguments).output().unwrap()
}

fn succeeded(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn failed(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A world with a bond of the issuer at its desk, and the issuer's key in a file.
async fn begin() -> (World, DemoIssuer) {
    let world = World::set(SQLITE_SPOOL, "").await;
    let issuer = desk_issuer(&world).await;
    document(&world, &issuer, "registration", 6_000_000).await;
    std::fs::write(world.folder().join("desk.pem"), &issuer.key_pem).unwrap();
    std::fs::write(world.folder().join("desk.crt"), &issuer.certificate_pem).unwrap();
    (world, issuer)
}

/// A registration of the issuer at its desk.
fn of_desk(number: &str, world: &World) -> Value {
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    with(registration(number, terms, world.now()), "issuer", DESK)
}

async fn register(world: &World, issuer: &DemoIssuer, number: &str) {
    let cms = papers::sign(of_desk(number, world), issuer, world.now());
    world.desk.document(&cms).await.unwrap();
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_lists_what_waits_and_signs_all_of_it_with_one_command() {
    let (world, _) = begin().await;
    let sign = ["key", "sign", "--issuer", DESK];
    let listed = succeeded(&run(&world, &sign));
    assert_eq!(rows(&listed).len(), 1);
    assert_eq!(rows(&listed)[0]["holder"], WINNER);
    let with_key = [&sign[..], &["--key", "desk.pem"]].concat();
    let dry = succeeded(&run(&world, &[&with_key[..], &["--dry-run"]].concat()));
    assert_eq!(dry, listed, "a dry run signs nothing");
    let signed = succeeded(&run(&world, &with_key));
    assert_eq!(rows(&signed)[0]["outcome"], "issued");
    assert_eq!(world.ledger().await.holders(BOND), [WINNER]);
    let nothing = succeeded(&run(&world, &with_key));
    assert!(rows(&nothing).is_empty());
    let whose = failed(&run(&world, &["key", "sign"]), 2);
    assert!(whose.contains("--issuer"), "{whose}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_without_a_hub_signs_a_file_and_its_signatures_are_taken_in_any_order_and_again() {
    let (world, _) = begin().await;
    let export = ["key", "sign", "--issuer", DESK, "--export", "waiting.json"];
    assert_eq!(succeeded(&run(&world, &export))["waiting"], 1);
    let offline = |more: &[&str]| {
        let arguments = [&["key", "sign", "--from", "waiting.json"], more].concat();
        let mut command = program(&world, &arguments);
        command.args(["--config", "/nowhere/bondhub.toml"]);
        Command::new(command.get_program())
            .args(["--output", "json"])
            .args(&arguments)
            .current_dir(world.folder())
            .output()
            .unwrap()
    };
    let listed = succeeded(&offline(&[]));
    assert_eq!(rows(&listed)[0]["bond"], BOND);
    let stranger = failed(&offline(&["--issuer", "S001"]), 3);
    assert!(stranger.contains("it is for S002"), "{stranger}");
    let signed = succeeded(&offline(&["--key", "desk.pem", "--to", "signed.json"]));
    assert_eq!(signed["signed"], 1);
    let import = ["key", "sign", "--import", "signed.json"];
    let dry = succeeded(&run(&world, &[&import[..], &["--dry-run"]].concat()));
    assert_eq!(rows(&dry)[0]["outcome"], "fits");
    for outcome in ["issued", "duplicate"] {
        let taken = succeeded(&run(&world, &import));
        assert_eq!(rows(&taken)[0]["outcome"], outcome);
    }
    assert_eq!(world.ledger().await.holders(BOND), [WINNER]);
    a_foreign_statement_is_not_signed(&world, &offline);
}

/// Whoever writes the file cannot have a registration signed with it.
fn a_foreign_statement_is_not_signed(world: &World, offline: &dyn Fn(&[&str]) -> Output) {
    let path = world.folder().join("waiting.json");
    let mut file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    file["statements"][0] = "{\"typ\":\"registration\"}".into();
    std::fs::write(&path, file.to_string()).unwrap();
    let refused = failed(&offline(&["--key", "desk.pem", "--to", "more.json"]), 3);
    assert!(refused.contains("nothing is signed"), "{refused}");
    assert!(!world.folder().join("more.json").exists());
}

/// Where Debian and others put SoftHSM.
fn module() -> PathBuf {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm2.so",
    ];
    let mut places = places.iter().map(PathBuf::from);
    let found = places.find(|path| path.exists());
    found.expect("SoftHSM2 is installed (Debian: softhsm2)")
}

/// A token with the issuer's key in it.
fn token(folder: &Path) {
    std::fs::create_dir(folder.join("tokens")).unwrap();
    let text = format!(
        "directories.tokendir = {}\n",
        folder.join("tokens").display()
    );
    std::fs::write(folder.join("softhsm2.conf"), text).unwrap();
    let key = std::fs::read_to_string(folder.join("desk.pem")).unwrap();
    let (_, key) = key.split_once("-----END CERTIFICATE-----\n").unwrap();
    std::fs::write(folder.join("desk.key"), key).unwrap();
    let init = [
        "--init-token",
        "--free",
        "--label",
        "desk",
        "--so-pin",
        "1357",
        "--pin",
        PIN,
    ];
    let import = [
        "--import", "desk.key", "--token", "desk", "--label", "keys", "--id", "01", "--pin", PIN,
    ];
    for arguments in [&init[..], &import[..]] {
        let output = Command::new("softhsm2-util")
            .args(arguments)
            .env("SOFTHSM2_CONF", folder.join("softhsm2.conf"))
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_signs_what_waits_with_one_pin_entry_and_a_wrong_pin_signs_nothing() {
    let (world, issuer) = begin().await;
    token(world.folder());
    document(&world, &issuer, "update", 7_000_000).await;
    register(&world, &issuer, "D-2").await;
    let uri = format!(
        "pkcs11:token=desk;object=keys?module-path={}",
        module().display()
    );
    let with_pin = |pin: &str| {
        let sign = [
            "key",
            "sign",
            "--issuer",
            DESK,
            "--key",
            &uri,
            "--certificate",
            "desk.crt",
        ];
        program(&world, &sign)
            .env("SOFTHSM2_CONF", world.folder().join("softhsm2.conf"))
            .env("BONDHUB_TOKEN_PIN", pin)
            .output()
            .unwrap()
    };
    let wrong = failed(&with_pin("0000"), 3);
    assert!(
        wrong.contains("PIN is wrong") && !wrong.contains("0000"),
        "{wrong}"
    );
    assert_eq!(world.ledger().await.keys.len(), 0);
    let signed = succeeded(&with_pin(PIN));
    let signed: Vec<_> = rows(&signed)
        .iter()
        .map(|one| {
            (
                one["bond"].as_str().unwrap(),
                one["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(signed, [(BOND, "issued"), (OTHER, "issued")]);
    for bond in [BOND, OTHER] {
        assert_eq!(world.ledger().await.holders(bond), [WINNER]);
    }
}

/// The issuer's key as PKCS#12, as authorities hand it out; the passwords in files.
fn pkcs12(folder: &Path) {
    let pack = "pkcs12 -export -in desk.pem -out desk.p12 -name desk -passout pass:naisho-2468";
    let packed = Command::new("openssl")
        .args(pack.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(packed.status.success(), "{packed:?}");
    std::fs::write(folder.join("right"), "naisho-2468\n").unwrap();
    std::fs::write(folder.join("wrong"), "naisho-1357\n").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pkcs12_file_signs_keys_and_documents_with_its_password_alone() {
    let (world, issuer) = begin().await;
    register(&world, &issuer, "D-2").await;
    pkcs12(world.folder());
    let statement = of_desk("D-3", &world).to_string();
    std::fs::write(world.folder().join("statement.json"), statement).unwrap();
    let keys = ["key", "sign", "--issuer", DESK, "--key", "desk.p12"];
    let document = [
        "bond",
        "sign",
        "statement.json",
        "--key",
        "desk.p12",
        "--to",
        "signed.pem",
    ];
    for sign in [&keys[..], &document[..]] {
        let wrong = [sign, &["--password-file", "wrong"]].concat();
        for refused in [&wrong[..], sign] {
            let told = failed(&run(&world, refused), 3);
            assert!(told.contains("password"), "{told}");
            assert!(!told.contains("naisho"), "{told}");
        }
    }
    assert!(!world.folder().join("signed.pem").exists());
    assert_eq!(world.ledger().await.keys.len(), 0, "nothing was signed");
    let with_right = |sign: &[&str]| {
        let output = run(&world, &[sign, &["--password-file", "right"]].concat());
        assert!(output.status.success(), "{output:?}");
        output
    };
    let signed = succeeded(&with_right(&keys));
    let outcomes = rows(&signed).iter().map(|one| one["outcome"].clone());
    assert_eq!(outcomes.collect::<Vec<_>>(), ["issued", "issued"]);
    with_right(&document);
    let taken = succeeded(&run(&world, &["bond", "register", "signed.pem"]));
    assert_eq!(taken["state"], "applied");
    let shown = succeeded(&run(&world, &["bond", "show", "S002/D-3"]));
    assert_eq!(shown["amount"], "JPY 6,000,000");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_stands_in_a_statement_goes_unsigned_nor_is_signed_and_ignored() {
    let (world, issuer) = begin().await;
    let statement = of_desk("D-4", &world);
    let sign = [
        "bond",
        "sign",
        "statement.json",
        "--key",
        "desk.pem",
        "--to",
        "signed.pem",
    ];
    let signing = |text: String| {
        std::fs::write(world.folder().join("statement.json"), text).unwrap();
        run(&world, &sign)
    };
    let misspelt = |member: &str| {
        let mut statement = statement.clone();
        statement["bond"][member] = "2027-05-20T01:00:00Z".into();
        statement.to_string()
    };
    for member in ["opening_At", "takes_ovr"] {
        let told = failed(&signing(misspelt(member)), 3);
        let place = format!("/bond/{member}");
        assert!(told.contains(&place), "{told}");
    }
    let twice = statement
        .to_string()
        .replacen('{', "{\"number\":\"D-5\",", 1);
    let told = failed(&signing(twice), 3);
    assert!(told.contains("`number` stands twice"), "{told}");
    assert!(!world.folder().join("signed.pem").exists());
    // Signed with another tool, which knows nothing of what the hub reads.
    let other = issuer.sign(misspelt("opening_At").as_bytes(), world.now());
    let refused = world.desk.document(&other.unwrap()).await.unwrap_err();
    assert!(refused.to_string().contains("`opening_At`"), "{refused}");
    assert!(signing(misspelt("opening_at")).status.success());
    let registered = run(&world, &["bond", "register", "signed.pem"]);
    assert_eq!(succeeded(&registered)["state"], "applied");
    let bond = "S002/D-4".to_owned().try_into().unwrap();
    let view = world.store().bond(&bond).await.unwrap().unwrap();
    let opening = view.bond.terms.opening_at.unwrap();
    assert_eq!(opening.to_rfc3339(), "2027-05-20T01:00:00+00:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_into_a_folder_with_instructions_and_the_certificate_that_checks_it() {
    let (world, _) = begin().await;
    let issue = ["key", "issue", BOND, "--role", "contractor", "--to", "disc"];
    let waits = succeeded(&run(&world, &issue));
    assert_eq!(waits["state"], "waiting for the issuer's signature");
    let sign = ["key", "sign", "--issuer", DESK, "--key", "desk.pem"];
    assert_eq!(rows(&succeeded(&run(&world, &sign)))[0]["outcome"], "kept");
    let issued = succeeded(&run(&world, &issue));
    assert_eq!(
        (&issued["state"], &issued["version"]),
        (&"issued".into(), &1.into())
    );
    let disc = world.folder().join("disc");
    let file = std::fs::read(disc.join("D-1.bondkey")).unwrap();
    let text = std::fs::read_to_string(disc.join("README.txt")).unwrap();
    assert!(text.contains("認証キー") && text.contains("Authentication key"));
    let verified = Command::new("openssl")
        .args([
            "cms",
            "-verify",
            "-cades",
            "-binary",
            "-nointern",
            "-inform",
            "PEM",
        ])
        .args([
            "-in",
            "D-1.bondkey",
            "-certfile",
            "issuer.pem",
            "-CAfile",
            "issuer.pem",
        ])
        .args(["-partial_chain", "-purpose", "any"])
        .current_dir(&disc)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let key = disc.join("D-1.bondkey").display().to_string();
    let certificate = disc.join("issuer.pem").display().to_string();
    let checked = succeeded(&run(
        &world,
        &["key", "verify", &key, "--certificate", &certificate],
    ));
    assert_eq!(checked["trust"], "signed by the given certificate");
    assert_eq!(
        succeeded(&run(&world, &["key", "open", &key]))["role"],
        "contractor"
    );
    let kid = KeyFile::parse(&file).unwrap().token.kid().to_string();
    assert_eq!(checked["kid"], kid);
    let again = failed(&run(&world, &issue), 2);
    assert!(again.contains("is not empty"), "{again}");
    assert!(
        world.desk.open(&file).await.is_ok(),
        "nothing was issued, so the key lives"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_without_a_role_ends_everybodys_keys_with_the_reason() {
    let (world, _) = begin().await;
    let sign = ["key", "sign", "--issuer", DESK, "--key", "desk.pem"];
    succeeded(&run(&world, &sign));
    let revoke = ["key", "revoke", BOND, "--reason", "the office was robbed"];
    let revoked = succeeded(&run(&world, &revoke));
    assert!(revoked[0]["role"].is_string(), "one document: {revoked}");
    assert_eq!(world.ledger().await.holders(BOND), [""; 0]);
    let nobody = failed(&run(&world, &revoke), 3);
    assert!(nobody.contains("nobody holds a key"), "{nobody}");
}
