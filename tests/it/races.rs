//! Keys while bonds change (R11): on real databases, many at once; dead keys and unknown ones (R20).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bondhub::{
    assemble,
    desk::{ByHand, Desk, DeskError},
    vault::{OpenRefusal, Shown},
};
use bondhub_core::{
    account::Viewer,
    identifier::BondId,
    key::{KeyFile, KeySecret, Kid, Token},
    party::Role,
    ports::store::{BondView, KeyState},
};
use chrono::TimeDelta;

use crate::harness::{
    cast::WINNER,
    combination::{Combination, POSTGRES_SPOOL, SQLITE_SPOOL},
    papers::{self, CASE, bond, registration, with},
    world::World,
};

const NUMBER: &str = "B-1";
const BOND: &str = "S001/B-1";
const LOOKERS: usize = 50;

/// A test for each database.
macro_rules! on_both {
    ($($name:ident => $test:path;)+) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                $test(super::SQLITE_SPOOL).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgresql() {
                $test(super::POSTGRES_SPOOL).await;
            }
        }
    )+};
}

on_both! {
    fifty_looks_with_the_old_key_are_refused_from_the_commit_on => super::looks_during_an_update;
    two_updates_at_once_come_in_one_order_with_one_winner_for_each_version => super::two_updates;
    a_dead_key_of_somebody_else_is_as_unknown_as_one_that_never_was => super::dead_or_unknown;
}

fn id() -> BondId {
    BondId::try_from(BOND.to_owned()).unwrap()
}

/// A document of the issuer about the bond, signed so many seconds from now.
fn paper(world: &World, kind: &str, amount: i64, after: i64) -> Vec<u8> {
    let signed_at = world.now() + TimeDelta::seconds(after);
    let paper = registration(NUMBER, bond(CASE, "bid", WINNER, amount), signed_at);
    papers::sign(with(paper, "type", kind), &world.cast.issuer, world.now())
}

/// A key to the bond as it is now, put into the contractor's hands.
async fn take_key(desk: &Desk) -> Vec<u8> {
    match desk
        .issue_by_hand(
            &Viewer::at_the_command_line("keiko"),
            &id(),
            Role::Contractor,
        )
        .await
        .unwrap()
    {
        ByHand::Issued { key, .. } => key.file.to_vec(),
        ByHand::WaitsForSignature { issuer } => panic!("{issuer} signs here"),
    }
}

/// A further desk on the same database, as another process would have it.
async fn another_desk(world: &World) -> Arc<Desk> {
    let clock = Arc::clone(&world.clock) as _;
    assemble::desk_at(&world.settings, clock).await.unwrap()
}

/// The versions whose keys work, at one moment.
fn live_versions(view: &BondView) -> Vec<u32> {
    let live = view.keys.iter().filter(|key| key.state == KeyState::Live);
    live.map(|key| key.key.version).collect()
}

/// What one look with a key gave.
#[derive(Debug, PartialEq)]
enum Looked {
    /// It showed this version.
    Version(u32),
    /// It was refused as dead.
    Dead,
}

async fn look(desk: &Desk, key: &[u8]) -> Looked {
    match desk.open(key).await {
        Ok(look) => match look.shown {
            Shown::Content(content) => Looked::Version(content.view.bond.version),
            Shown::Existence { .. } => panic!("the contractor sees its own bond"),
        },
        Err(DeskError::Key(OpenRefusal::Revoked { .. })) => Looked::Dead,
        Err(other) => panic!("{other}"),
    }
}

/// Looks with the old key until told to stop: never more than its own version, and once dead it stays dead.
async fn look_on(desk: Arc<Desk>, key: Arc<Vec<u8>>, version: u32, stop: Arc<AtomicBool>) -> usize {
    let (mut looks, mut dead) = (0, false);
    while !stop.load(Ordering::SeqCst) {
        match look(&desk, &key).await {
            Looked::Version(shown) => {
                assert!(!dead, "a dead key works again");
                assert_eq!(shown, version, "the old key shows the new version");
            }
            Looked::Dead => dead = true,
        }
        looks += 1;
    }
    looks
}

/// Watches the bond: at no moment do keys of two versions work, nor two of one role.
async fn watch(desk: Arc<Desk>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        let view = desk.store.bond(&id()).await.unwrap().unwrap();
        let live = live_versions(&view);
        assert!(live.len() <= 1, "{live:?}");
        assert!(
            live.iter().all(|version| *version == view.bond.version),
            "{live:?} of {}",
            view.bond.version
        );
    }
}

async fn looks_during_an_update(on: Combination) {
    let world = World::set(on, "\n[looking]\nlooks_per_key = 1000000\n").await;
    let desk = Arc::clone(&world.desk);
    let registered = paper(&world, "registration", 6_000_000, -60);
    desk.document(&registered).await.unwrap();
    let mut seen = 0;
    for version in 1..=3 {
        let key = Arc::new(take_key(&desk).await);
        assert_eq!(look(&desk, &key).await, Looked::Version(version));
        let stop = Arc::new(AtomicBool::new(false));
        let watcher = tokio::spawn(watch(another_desk(&world).await, Arc::clone(&stop)));
        let lookers: Vec<_> = (0..LOOKERS)
            .map(|_| {
                let (desk, key) = (Arc::clone(&desk), Arc::clone(&key));
                tokio::spawn(look_on(desk, key, version, Arc::clone(&stop)))
            })
            .collect();
        let update = paper(&world, "update", 6_000_000 + i64::from(version), 0);
        another_desk(&world).await.document(&update).await.unwrap();
        // The commit has returned: from here on, every look that begins is refused.
        let late = (0..LOOKERS).map(|_| {
            let (desk, key) = (Arc::clone(&desk), Arc::clone(&key));
            tokio::spawn(async move { look(&desk, &key).await })
        });
        for late in late.collect::<Vec<_>>() {
            assert_eq!(late.await.unwrap(), Looked::Dead);
        }
        stop.store(true, Ordering::SeqCst);
        for looker in lookers {
            seen += looker.await.unwrap();
        }
        watcher.await.unwrap();
        let view = desk.store.bond(&id()).await.unwrap().unwrap();
        assert_eq!(
            live_versions(&view),
            [version + 1],
            "the new key works from the same commit"
        );
    }
    assert!(seen >= LOOKERS, "{seen} looks");
}

async fn two_updates(on: Combination) {
    let world = World::set(on, "").await;
    let registered = paper(&world, "registration", 6_000_000, -600);
    world.desk.document(&registered).await.unwrap();
    let (one, other) = (another_desk(&world).await, another_desk(&world).await);
    for round in 0..6 {
        let before = world.store().bond(&id()).await.unwrap().unwrap();
        let earlier = paper(&world, "update", 7_000_000 + round, -9);
        let later = paper(&world, "update", 8_000_000 + round, -3);
        let stop = Arc::new(AtomicBool::new(false));
        let watcher = tokio::spawn(watch(Arc::clone(&world.desk), Arc::clone(&stop)));
        let (first, second) = tokio::join!(one.document(&earlier), other.document(&later));
        first.unwrap();
        second.unwrap();
        stop.store(true, Ordering::SeqCst);
        watcher.await.unwrap();
        world.clock.advance(TimeDelta::seconds(20));
        let view = world.store().bond(&id()).await.unwrap().unwrap();
        assert_eq!(
            view.bond.terms.amount.amount(),
            8_000_000 + round,
            "what was signed last counts"
        );
        let grown = view.bond.version - before.bond.version;
        assert!((1..=2).contains(&grown), "{grown} versions of two updates");
        let numbers: Vec<u32> = view.versions.iter().map(|one| one.version).collect();
        let expected: Vec<u32> = (1..=view.bond.version).collect();
        assert_eq!(numbers, expected, "each version once, none is missing");
        assert_eq!(live_versions(&view), [view.bond.version]);
        let mut issued: Vec<u32> = view.keys.iter().map(|key| key.key.version).collect();
        issued.sort_unstable();
        assert_eq!(issued, expected, "one key for each version");
    }
}

/// The refusal of a key file, as whoever shows it reads it.
async fn refusal(world: &World, file: &[u8]) -> String {
    world.desk.open(file).await.unwrap_err().to_string()
}

/// A key file with the name of another key and a secret of its own.
fn forged(kid: &Kid, like: &KeyFile) -> Vec<u8> {
    let token = Token::new(kid.clone(), KeySecret::take(&mut [7; 32]));
    KeyFile::assemble(&like.bond, like.revision, &token, &like.cms).to_vec()
}

async fn dead_or_unknown(on: Combination) {
    let world = World::set(on, "").await;
    let registered = paper(&world, "registration", 6_000_000, -60);
    world.desk.document(&registered).await.unwrap();
    let own = take_key(&world.desk).await;
    let key = KeyFile::parse(&own).unwrap();
    let reason = "the disc was lost";
    let id = id();
    let lost = world.desk.revoke_keys(&id, Role::Contractor, false, reason);
    lost.await.unwrap();
    let told = refusal(&world, &own).await;
    assert!(
        told.contains("the disc was lost"),
        "the holder is told: {told}"
    );
    let dead = refusal(&world, &forged(key.token.kid(), &key)).await;
    let never = refusal(&world, &forged(&Kid::from_bytes([9; 10]), &key)).await;
    assert_eq!(dead, never);
    assert!(
        !dead.contains("lost") && !dead.contains("revoked"),
        "{dead}"
    );
    let again = world
        .desk
        .issue_by_hand(&Viewer::at_the_command_line("keiko"), &id, Role::Contractor)
        .await;
    let reason = again.err().unwrap().to_string();
    assert!(reason.contains("the disc was lost"), "{reason}");
}
