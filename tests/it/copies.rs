//! Copies of originals: marked, recorded, none for an owner before the opening, and checked without
//! telling anything too early (R21, R23).

use std::process::Command;

use bondhub::desk::{CopyCheck, DeskError, GivenCopy};
use bondhub_core::{attachment::Attachment, attachment::Enclosed, event::hex_digest};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    harness::{
        cast::{OWNER, WINNER},
        combination::{Combination, POSTGRES_SPOOL, SQLITE_SPOOL},
        papers::{self, CASE, bond, event, registration, tender, with},
        world::World,
    },
    vault::pdf,
};

const BOND: &str = "S001/B-1";

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_marked_recorded_and_checked_on_sqlite() {
    copied(SQLITE_SPOOL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_marked_recorded_and_checked_on_postgresql() {
    copied(POSTGRES_SPOOL).await;
}

async fn copied(on: Combination) {
    let world = World::start(on).await;
    register(&world).await;
    let contractors = copy(&world, WINNER).await.unwrap();
    let owners = copy(&world, OWNER).await;
    assert!(
        matches!(owners, Err(DeskError::Refused(_))),
        "embargo: {owners:?}"
    );
    // Whoever asks about the contractor's copy is told nothing yet, as about one that never was.
    for id in [contractors.row.id.as_str(), "0123-4567-89AB-CDEF", "x"] {
        let told = world.desk.verify_copy(id, None).await.unwrap();
        assert_eq!(told, CopyCheck::Unconfirmed, "{id}");
    }

    world.clock.advance(TimeDelta::hours(2));
    let owners = copy(&world, OWNER).await.unwrap();
    says_what_it_is(&world, &owners);
    assert_eq!(owners.row.holder.as_str(), OWNER);
    assert_eq!(owners.row.sha256, hex_digest(&owners.bytes));
    assert_ne!(owners.row.id, contractors.row.id);
    let recorded = world.store().copy(&owners.row.id).await.unwrap();
    assert_eq!(recorded.as_ref(), Some(&owners.row));
    assert!(is_current(&world, &contractors).await);

    let changed = with(
        bond(CASE, "bid", WINNER, 7_000_000),
        "wording",
        "保証する。",
    );
    let statement = with(registration("B-1", changed, world.now()), "type", "update");
    let update = papers::sign(statement, &world.cast.issuer, world.now());
    world.desk.document(&update).await.unwrap();
    assert!(!is_current(&world, &owners).await, "of an earlier version");
}

/// A bid bond with an attachment, handed over; the opening is in an hour.
async fn register(world: &World) {
    let now = world.now();
    let opening = now + TimeDelta::hours(1);
    let announced = event(CASE, "t-1", "tender.announced", now, tender(opening));
    world.play(&[announced], 1).await;
    let file = pdf("an attachment without pages");
    let entry = Attachment::of("保証書.pdf", &file).unwrap();
    let terms = with(
        bond(CASE, "bid", WINNER, 6_000_000),
        "attachments",
        json!([entry]),
    );
    let cms = papers::sign(registration("B-1", terms, now), &world.cast.issuer, now);
    let mut enclosed = Enclosed::default();
    enclosed.add(file);
    world.desk.document_with(&cms, enclosed).await.unwrap();
    let bid = json!({"contractor": WINNER});
    let handed_over = event(CASE, "b-1", "bid.submitted", now, bid);
    world.play(&[handed_over], 3).await;
}

async fn copy(world: &World, party: &str) -> Result<GivenCopy, DeskError> {
    let key = world.live_key(party, BOND).await;
    let look = world.desk.open(&key).await.unwrap();
    world.desk.copy(&look).await
}

async fn is_current(world: &World, copy: &GivenCopy) -> bool {
    match world.desk.verify_copy(&copy.row.id, None).await.unwrap() {
        CopyCheck::Genuine {
            is_current, sha256, ..
        } => {
            assert_eq!(sha256, copy.row.sha256);
            is_current
        }
        CopyCheck::Unconfirmed => panic!("the copy is genuine"),
    }
}

/// Read by other programs.
fn says_what_it_is(world: &World, copy: &GivenCopy) {
    let path = world.folder().join("copy.pdf");
    std::fs::write(&path, &copy.bytes).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(world.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    run("qpdf", &["--check", "copy.pdf"]);
    let text = run("pdftotext", &["-layout", "copy.pdf", "-"]);
    let letters = copy.row.id.as_str();
    let id = [
        &letters[..4],
        &letters[4..8],
        &letters[8..12],
        &letters[12..],
    ]
    .join("-");
    for expected in [
        "写し COPY",
        "S001/B-1",
        "version 1",
        OWNER,
        "6,000,000",
        id.as_str(),
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let listed = run("pdfdetach", &["-list", "copy.pdf"]);
    assert!(listed.contains("保証書.pdf"), "{listed}");
}
