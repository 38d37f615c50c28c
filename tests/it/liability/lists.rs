//! Lists of paper bonds: compared as a whole, accepted as a whole, taken to the end.

use std::io::{self, BufReader, Read};

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

const UPDATE: ImportMode = ImportMode {
    update: true,
    ..STRICT
};

/// A row like another one, of another number and of the same guarantee.
fn beside(row: &str, from: &str, to: &str) -> String {
    row.replacen(&format!("{from},"), &format!("{to},"), 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_makes_another_bond_of_it_keeps_the_whole_list_out_in_a_dry_run_too() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let owner = party("O-2", Role::Owner, Language::Ja);
        world.desk.put_party(&owner).await.unwrap();
        let known = [
            row(&world, "P-1", WINNER, 100),
            row(&world, "P-2", WINNER, 50),
        ];
        world.import(ISSUER, &list(&known), STRICT).await;
        for (from, to, column, what) in [
            (WINNER, LOSER, 4, "contractor"),
            (OWNER, "O-2", 5, "owner"),
            ("performance", "bid", 2, "kind"),
            ("JPY", "USD", 8, "currency"),
        ] {
            let changed = [
                known[0].replacen(",100,", ",120,", 1),
                known[1].replacen(from, to, 1),
            ];
            for dry_run in [true, false] {
                let mode = ImportMode { dry_run, ..UPDATE };
                let told = world.import(ISSUER, &list(&changed), mode).await;
                assert_eq!((told.faulty, told.written), (1, false), "{what}");
                let place = &told.faults[0];
                assert_eq!((place.line, place.column), (3, Some(column)));
                assert_eq!(place.fault, Fault::OtherBond { what });
                assert_eq!(world.total().await, 150, "{what}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_at_fault_lets_nothing_else_overlap_the_bond_it_names() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let known = row(&world, "P-1", WINNER, 100);
        world
            .import(ISSUER, &list(std::slice::from_ref(&known)), STRICT)
            .await;
        let other = row(&world, "P-9", WINNER, 7);
        let rows = [
            other.clone(),
            known.replacen("K-P-1", "K-P-9", 1),
            beside(&known, "P-1", "P-2"),
        ];
        let good = ImportMode {
            good_rows: true,
            ..UPDATE
        };
        let told = world.import(ISSUER, &list(&rows), good).await;
        let found = told.faults.iter().map(|place| (place.line, &place.fault));
        let number = "P-1".to_owned();
        assert_eq!(
            found.collect::<Vec<_>>(),
            [
                (3, &Fault::Overlaps { line: 2 }),
                (4, &Fault::OverlapsBond { number })
            ]
        );
        assert_eq!((told.added, world.total().await), (1, 107));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_does_not_count_is_in_no_other_rows_way() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let known = row(&world, "P-1", WINNER, 100);
        world
            .import(ISSUER, &list(std::slice::from_ref(&known)), STRICT)
            .await;
        let differs = known.replacen("K-P-1", "K-P-2", 1);
        let rows = [differs, row(&world, "P-2", WINNER, 7)];
        let good = ImportMode {
            good_rows: true,
            ..STRICT
        };
        let told = world.import(ISSUER, &list(&rows), good).await;
        assert_eq!((told.added, told.faulty), (1, 1));
        assert_eq!(told.faults[0].fault, Fault::Differs);
        let bond = BondId::try_from(format!("{ISSUER}/P-1")).unwrap();
        world.desk.end_paper(&bond, "returned", "h").await.unwrap();
        let replaced = [known.clone(), beside(&known, "P-1", "P-3")];
        let told = world.import(ISSUER, &list(&replaced), STRICT).await;
        assert_eq!(
            (told.unchanged, told.added, told.faulty),
            (1, 1, 0),
            "the first has ended"
        );
        assert_eq!(world.total().await, 107);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_may_take_the_place_of_a_bond_that_a_later_row_changes() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let known = row(&world, "P-1", WINNER, 1);
        world
            .import(ISSUER, &list(std::slice::from_ref(&known)), STRICT)
            .await;
        let mut all = vec![beside(&known, "P-1", "P-2")];
        all.extend(rows(&world, 0..300));
        let told = world.import(ISSUER, &list(&all), UPDATE).await;
        let number = "P-1".to_owned();
        assert_eq!(told.faults[0].fault, Fault::OverlapsBond { number });
        assert_eq!((told.faults[0].line, told.written), (2, false));
        all.push(known.replacen("K-P-1", "K-P-99", 1));
        let told = world.import(ISSUER, &list(&all), UPDATE).await;
        assert_eq!((told.faulty, told.added, told.updated), (0, 301, 1));
        assert_eq!(world.total().await, 302);
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
        let taken = world.total().await;
        assert!(taken >= 500, "two batches are committed: {taken}");
        let told = world.import(ISSUER, &bytes, STRICT).await;
        assert_eq!((told.unchanged, told.faulty), (600, 0));
        assert_eq!(world.total().await, 600, "none is lost, none counts twice");
        let now = world.desk.clock.now();
        assert_eq!(world.store().lists_left(now).await.unwrap(), []);
    }
}
