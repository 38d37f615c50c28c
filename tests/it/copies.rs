//! Copies of originals: marked, recorded, none for an owner before the opening, and checked without
//! telling anything too early (R21, R23).

use std::process::Command;

use bondhub::{
    desk::{CopyCheck, DeskError, EarlyGrant, GivenCopy, Refusal},
    vault::{Look, Presented, Shown},
};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role, SignedInBy, Viewer},
    attachment::{Attachment, Enclosed},
    bond::Medium,
    event::hex_digest,
    identifier::PartyCode,
    party::Language,
};
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

    update(&world).await;
    assert!(!is_current(&world, &owners).await, "of an earlier version");
}

async fn update(world: &World) {
    let changed = with(
        bond(CASE, "bid", WINNER, 7_000_000),
        "wording",
        "保証する。",
    );
    let statement = with(registration("B-1", changed, world.now()), "type", "update");
    let update = papers::sign(statement, &world.cast.issuer, world.now());
    world.desk.document(&update).await.unwrap();
}

/// Why no copy is made.
async fn why_not(world: &World, look: &Look) -> Refusal {
    match world.desk.copy(look).await {
        Err(DeskError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_copy_is_made_under_a_grant_nor_of_what_has_changed_nor_of_paper() {
    let world = World::start(SQLITE_SPOOL).await;
    register(&world).await;
    let key = world.live_key(OWNER, BOND).await;
    let examiner = Viewer {
        account: AccountName::parse("hanako").unwrap(),
        party: Some(PartyCode::parse(OWNER).unwrap()),
        roles: [Role::PrivilegedViewer].into(),
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    };
    let asked = EarlyGrant {
        account: examiner.account.clone(),
        party: PartyCode::parse(OWNER).unwrap(),
        procurement: None,
        reason: "低入札価格調査".to_owned(),
        until: world.now() + TimeDelta::minutes(30),
    };
    world
        .invite("hanako", Some(OWNER), Role::PrivilegedViewer)
        .await;
    world.desk.grant(asked, "chief").await.unwrap();
    let early = Presented {
        viewer: Some(&examiner),
        ..Presented::file(&key)
    };
    let early = world.desk.look(&early).await.unwrap();
    assert!(matches!(early.shown, Shown::Content(_)), "{early:?}");
    let why = why_not(&world, &early).await;
    assert!(matches!(why, Refusal::CopyUnderGrant), "{why:?}");

    let key = world.live_key(WINNER, BOND).await;
    let look = world.desk.open(&key).await.unwrap();
    let mut of_paper = look.clone();
    if let Shown::Content(content) = &mut of_paper.shown {
        content.view.bond.terms.medium = Medium::Paper;
    }
    let why = why_not(&world, &of_paper).await;
    assert!(matches!(why, Refusal::CopyOfPaper), "{why:?}");
    update(&world).await;
    let why = why_not(&world, &look).await;
    assert!(matches!(why, Refusal::CopyOfChanged), "{why:?}");
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
