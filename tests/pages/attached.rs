//! Attachments of bonds on pages (R3): an update keeps them, and nothing is taken while one is bound by no document.

use std::process::Command;

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{account::Role, attachment::Attachment, event::hex_digest};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Page, Site},
    harness::{
        cast::{ISSUER, WINNER},
        papers::{CASE, bond, registration, sign, with},
    },
};

/// The smallest PDF there is, with a comment.
fn pdf(text: &str) -> Vec<u8> {
    let body = format!("%PDF-1.4\n% {text}\n1 0 obj\n<< /Type /Catalog >>\nendobj\n");
    let at = body.len();
    let end = "xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n";
    format!("{body}{end}{at}\n%%EOF\n").into_bytes()
}

fn clerk(site: &Site) -> Browser<'_> {
    site.signed_in(Some(ISSUER), &[Role::Clerk])
}

/// A registration, signed, that binds these files.
fn signed(site: &Site, number: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries = files
        .iter()
        .map(|(name, bytes)| json!(Attachment::of(name, bytes).unwrap()));
    let terms = bond(CASE, "bid", WINNER, 6_000_000);
    let terms = with(terms, "attachments", entries.collect::<Vec<_>>());
    let world = &site.world;
    sign(
        registration(number, terms, world.now()),
        &world.cast.issuer,
        world.now(),
    )
}

/// Every field of the page's form about the bond, with its value.
fn fields(page: &Page) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let references = [("&quot;", "\""), ("&#x3d;", "="), ("&amp;", "&")];
        references
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let form = page
        .body
        .split("action=\"/register/prepare\"")
        .nth(1)
        .unwrap();
    let inputs = form
        .split("<input ")
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap());
    let value = |input: &str, name: &str| {
        let rest = input.split(&format!("{name}=\"")).nth(1)?;
        Some(plain(rest.split('"').next()?))
    };
    let sent = inputs.filter(|input| !input.contains("checkbox") || input.contains(" checked"));
    let mut all: Vec<_> = sent
        .filter_map(|input| Some((value(input, "name")?, value(input, "value")?)))
        .filter(|(name, _)| name != "form_token")
        .collect();
    for choice in ["kind", "instrument"] {
        let select = form
            .split(&format!("<select id=\"{choice}\""))
            .nth(1)
            .unwrap();
        let option = select
            .split(" selected")
            .next()
            .unwrap()
            .rsplit("<option ")
            .next()
            .unwrap();
        all.push((choice.to_owned(), value(option, "value").unwrap()));
    }
    all
}

/// The digests that a prepared statement binds.
fn bound(page: &Page) -> Vec<String> {
    let encoded = page
        .body
        .split("name=\"statement\" value=\"")
        .nth(1)
        .unwrap();
    let encoded = encoded.split('"').next().unwrap().replace("&#x3d;", "=");
    let statement: Value = serde_json::from_slice(&STANDARD.decode(encoded).unwrap()).unwrap();
    let entries = statement["bond"]["attachments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let digests = entries
        .iter()
        .map(|entry| entry["sha256"].as_str().unwrap().to_owned());
    digests.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepared_update_binds_the_attachments_of_the_version_before_unless_they_are_left_out() {
    let site = Site::open().await;
    let mut browser = clerk(&site);
    let file = pdf("terms");
    let document = signed(&site, "B-1", &[("terms.pdf", &file)]);
    let files: [(&str, &str, &[u8]); 2] = [
        ("document", "b.p7m", &document),
        ("attachments", "terms.pdf", &file),
    ];
    browser
        .upload("/register", &[], &files)
        .await
        .says("Taken.");
    let form = browser.get("/register/prepare?number=B-1").await;
    form.says("terms.pdf").says(&hex_digest(&file));
    let fields = fields(&form);
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (&name[..], &value[..]))
        .collect();
    let page = browser.post("/register/prepare", &fields).await;
    assert_eq!(bound(&page), [hex_digest(&file)], "{}", page.body);
    page.says("Send these attachments along").says("terms.pdf");
    let without: Vec<_> = fields
        .iter()
        .copied()
        .filter(|(name, _)| *name != "kept")
        .collect();
    let page = browser.post("/register/prepare", &without).await;
    assert!(bound(&page).is_empty(), "left out on purpose");
    let wrong: Vec<_> = fields
        .iter()
        .copied()
        .filter(|(name, _)| *name != "amount")
        .collect();
    let more = pdf("more");
    let files: [(&str, &str, &[u8]); 1] = [("attachments", "more.pdf", &more)];
    let again = browser.upload("/register/prepare", &wrong, &files).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    again.says("choose the attachments again");
    let kept = again.body.split("id=\"kept-1\"").nth(1).unwrap();
    assert!(
        kept.split('>').next().unwrap().ends_with(" checked"),
        "{kept}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_an_attachment_is_bound_by_no_document_none_is_taken() {
    let site = Site::open().await;
    let document = signed(&site, "B-1", &[]);
    let stray = pdf("stray");
    let files: [(&str, &str, &[u8]); 2] = [
        ("document", "b.p7m", &document),
        ("attachments", "stray.pdf", &stray),
    ];
    let page = clerk(&site).upload("/register", &[], &files).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("No document names this attachment")
        .says_not("Taken.");
    assert_eq!(site.world.taken().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_what_was_taken_before_it_is_told() {
    let site = Site::open().await;
    // The database refuses the second bond, as a full disk would.
    let script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(\
                  \"CREATE TRIGGER full BEFORE INSERT ON bond WHEN NEW.number = 'B-2' \
                  BEGIN SELECT RAISE(ABORT, 'full'); END;\")";
    let database = site.world.folder().join("bondhub.db");
    let made = Command::new("python3")
        .args(["-c", script])
        .arg(database)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let documents = ["B-1", "B-2", "B-3"].map(|number| (number, signed(&site, number, &[])));
    let files = documents
        .each_ref()
        .map(|(number, bytes)| ("document", *number, &bytes[..]));
    let page = clerk(&site).upload("/register", &[], &files).await;
    assert!(page.status.is_server_error(), "{}", page.status);
    let told = |number: &str| {
        let row = page
            .body
            .split(&format!("<strong>{number}</strong>"))
            .nth(1)
            .unwrap();
        row.split("</p>").next().unwrap().to_owned()
    };
    assert!(told("B-1").contains("Taken."), "{}", page.body);
    assert!(told("B-2").contains("Send it again"), "{}", page.body);
    assert!(told("B-3").contains("Not tried"), "{}", page.body);
    let bond = "S001/B-1".to_owned().try_into().unwrap();
    assert!(site.world.store().bond(&bond).await.unwrap().is_some());
}

/// The same as large as this, to the byte.
fn large_pdf(size: usize) -> Vec<u8> {
    let mut padding = size - pdf("").len();
    // The place of the table is written with more digits then.
    padding -= pdf(&"x".repeat(padding)).len() - size;
    let file = pdf(&"x".repeat(padding));
    assert_eq!(file.len(), size);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attachment_of_the_largest_size_is_taken_kept_and_copied_and_one_byte_more_is_not() {
    let site = Site::for_large_files().await;
    let largest = site.world.settings.vault.attachment_max_bytes;
    assert_eq!(largest, 20 * 1024 * 1024, "R3: up to 20 MB");
    let register = async |number: &str, file: &[u8]| {
        let document = signed(&site, number, &[("terms.pdf", file)]);
        let files = [
            ("document", "b.p7m", &document[..]),
            ("attachments", "terms.pdf", file),
        ];
        clerk(&site).upload("/register", &[], &files).await
    };
    let file = large_pdf(largest);
    register("B-1", &file).await.says("Taken.");
    let desk = &site.world.desk;
    let bond = "S001/B-1".to_owned().try_into().unwrap();
    let original = desk.original(&bond, None).await.unwrap();
    assert!(*original.attachments[0].1 == file, "as it was handed in");
    site.world.quiet(1).await;
    let key = site.world.live_key(WINNER, "S001/B-1").await;
    let look = desk.open(&key).await.unwrap();
    let copy = desk.copy(&look).await.unwrap().bytes;
    assert!(copy.starts_with(b"%PDF-") && copy.len() > largest);

    let page = register("B-2", &large_pdf(largest + 1)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.says("It is too large.")
        .says("has 20971521 bytes, at most 20971520 are taken")
        .says_not("Taken.");
    let bond = "S001/B-2".to_owned().try_into().unwrap();
    assert!(site.world.store().bond(&bond).await.unwrap().is_none());
}
