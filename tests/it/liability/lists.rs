//! Lists of paper bonds: compared as a whole, accepted as a whole, taken to the end.

use std::io::{self, BufReader, Read};

use bondhub::paper::Fault;

use super::*;

/// Rows of bonds of different contracts, from one number on.
fn rows(world: &World, numbers: std::ops::Range<u32>) -> Vec<String> {
    let row = |number| row(world, &format!("P-{number:04}"), WINNER, 1);
    numbers.map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_guarantees_what_an_outstanding_bond_does_is_at_fault_and_names_it() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let first = row(&world, "P-1", WINNER, 100);
        world
            .import(ISSUER, &list(std::slice::from_ref(&first)), STRICT)
            .await;
        let second = first.replacen("P-1", "P-2", 1);
        let told = world
            .import(ISSUER, &list(std::slice::from_ref(&second)), STRICT)
            .await;
        let number = "P-1".to_owned();
        assert_eq!((told.faulty, told.written), (1, false));
        assert_eq!(told.faults[0].fault, Fault::OverlapsBond { number });
        assert_eq!(
            (told.faults[0].line, told.faults[0].column),
            (2, Some(9)),
            "the column of the period's first day"
        );
        let bond = BondId::try_from(format!("{ISSUER}/P-1")).unwrap();
        world.desk.end_paper(&bond, "returned", "h").await.unwrap();
        let told = world.import(ISSUER, &list(&[second]), STRICT).await;
        assert_eq!((told.added, told.faulty), (1, 0), "the other one has ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_hundreds_of_rows_later_is_found_with_its_line() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let mut all = rows(&world, 0..600);
        let number = all[590].replacen("P-0590,", "P-0001,", 1);
        let guarantee = all[595].replacen("K-P-0595", "K-P-0002", 1);
        all[590] = number;
        all[595] = guarantee;
        let told = world.import(ISSUER, &list(&all), STRICT).await;
        assert_eq!(
            (told.faulty, told.written, world.total().await),
            (2, false, 0)
        );
        let found = told.faults.iter().map(|place| (place.line, &place.fault));
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                (592, &Fault::Twice { line: 3 }),
                (597, &Fault::Overlaps { line: 4 })
            ]
        );
        let good = ImportMode {
            good_rows: true,
            ..STRICT
        };
        let told = world.import(ISSUER, &list(&all), good).await;
        assert_eq!((told.added, world.total().await), (598, 598));
    }
}

/// A list that cannot be read to its end.
struct Torn(io::Cursor<Vec<u8>>);

impl Read for Torn {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_leaves_nothing_in_either_database() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let bytes = list(&rows(&world, 0..600));
        let open = || Ok(BufReader::new(Torn(io::Cursor::new(bytes.clone()))));
        let issuer = code(ISSUER);
        let refused = world.desk.import_paper(&issuer, open, STRICT, "h");
        assert!(refused.await.unwrap_err().is_refusal());
        assert_eq!(world.total().await, 0);
        let later = world.desk.clock.now() + TimeDelta::days(1);
        let left = world.store().drop_lists(later).await.unwrap();
        assert_eq!(left, 0, "nothing is left of it");
        let told = world.import(ISSUER, &bytes, STRICT).await;
        assert_eq!((told.added, world.total().await), (600, 600));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_list_whose_taker_is_killed_is_finished_by_whoever_comes_next() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let bytes = list(&rows(&world, 0..600));
        let file = world.folder().join("list.csv");
        std::fs::write(&file, &bytes).unwrap();
        let killed = Command::new(env!("CARGO_BIN_EXE_bondhub"))
            .env("BONDHUB_FAULT", "committed:2:abort")
            .arg("--config")
            .arg(world.folder().join("bondhub.toml"))
            .args(["paper", "import", "--issuer", ISSUER])
            .arg(&file)
            .current_dir(world.folder())
            .output()
            .unwrap();
        assert!(!killed.status.success(), "{killed:?}");
        assert_eq!(world.total().await, 500, "two batches are committed");
        let told = world.import(ISSUER, &bytes, STRICT).await;
        assert_eq!((told.unchanged, told.faulty), (600, 0));
        assert_eq!(world.total().await, 600, "none is lost, none counts twice");
        let now = world.desk.clock.now();
        assert_eq!(world.store().lists_left(now).await.unwrap(), []);
    }
}
