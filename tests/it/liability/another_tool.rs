//! A second tool adds up the exported ledger and must agree, to the yen (R40).

use bondhub_core::{
    liability::{Span, Step},
    party::Member,
};
use chrono::NaiveDate;

use super::*;

/// Paper bonds of ten months, changed, ended and recorded at different times, some of a joint venture, some in dollars; then another tool
/// adds up the exported ledger.
#[tokio::test(flavor = "multi_thread")]
async fn another_tool_adds_up_the_exported_ledger_to_the_same_figures() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let mut venture = party("JV1", Role::Contractor, Language::Ja);
        let member = |who: &str, share| Member {
            party: code(who),
            share,
        };
        venture.members = vec![member(WINNER, 2), member(LOSER, 1)];
        world.desk.put_party(&venture).await.unwrap();
        let first = world.desk.today();
        let update = ImportMode {
            update: true,
            ..STRICT
        };
        let amount = |month: i64, number: i64| 1_000_003 + number * 77_777 + month;
        for month in 0..10_i64 {
            let rows: Vec<String> = (0..12)
                .map(|number| {
                    let contractor =
                        [WINNER, LOSER, "JV1"][usize::try_from((number + month) % 3).unwrap()];
                    let name = format!("P-{month}-{number}");
                    let row = row(&world, &name, contractor, amount(month, number));
                    // Every fourth is in dollars.
                    let currency = if number % 4 == 0 { ",USD," } else { ",JPY," };
                    row.replace(",JPY,", currency)
                })
                .collect();
            assert_eq!(world.import(ISSUER, &list(&rows), STRICT).await.added, 12);
            let was = amount(month, 3);
            let changed = rows[3].replace(&was.to_string(), &(was + 1_000_000).to_string());
            let told = world.import(ISSUER, &list(&[changed]), update).await;
            assert_eq!(told.updated, 1);
            let ended = BondId::try_from(format!("{ISSUER}/P-{month}-5")).unwrap();
            world.clock.advance(TimeDelta::days(30));
            world
                .desk
                .end_paper(&ended, "returned", "hanako")
                .await
                .unwrap();
            world.desk.snapshot_balances().await.unwrap();
        }
        let figures = figures(&world, first).await;
        let asked = world.folder().join("figures.json");
        std::fs::write(&asked, serde_json::to_vec(&figures).unwrap()).unwrap();
        let ledger = world.folder().join("ledger.csv");
        let exported = bondhub(
            world.folder(),
            &["balance", "export", "--csv", ledger.to_str().unwrap()],
        );
        assert!(exported.status.success(), "{exported:?}");
        let python = std::env::var("BONDHUB_TEST_DUCKDB_PYTHON")
            .or_else(|_| std::env::var("BONDHUB_TEST_PYTHON"))
            .unwrap_or_else(|_| "python3".to_owned());
        let check = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/ledger_check.py");
        let told = Command::new(python)
            .args([check.as_ref(), ledger.as_os_str(), asked.as_os_str()])
            .output();
        let told = told.unwrap();
        let (agrees, said) = (told.status.success(), String::from_utf8_lossy(&told.stdout));
        assert!(agrees, "{said}");
        if std::env::var_os("BONDHUB_TEST_DUCKDB_PYTHON").is_some() {
            assert!(said.contains("DuckDB"), "another tool was meant: {said}");
        }
    }
}

async fn figures(world: &World, first: NaiveDate) -> Vec<serde_json::Value> {
    let mut told = Vec::new();
    for by in BalanceBy::ALL {
        for month in 0..11 {
            // Of days to come the hub foresees ends that the ledger does not hold yet.
            let as_of = (first + Days::new(month * 30 + 4)).min(world.desk.today());
            for known_on in [None, Some(as_of), Some(first + Days::new(95))] {
                let figure = Figure {
                    as_of: Some(as_of),
                    known_on,
                    ..figure(by, Within::default())
                };
                let rows = world
                    .desk
                    .balances(&Beholder::Operator, &figure)
                    .await
                    .unwrap();
                told.push(json!({"by": by, "as_of": as_of, "known_on": known_on, "rows": rows}));
            }
        }
    }
    told.extend(points(world, first).await);
    let with_rows = told
        .iter()
        .filter(|figure| figure["rows"] != json!([]))
        .count();
    assert!(with_rows > 100, "{with_rows} figures with anything in them");
    let text = json!(told).to_string();
    assert!(text.contains("USD") && text.contains("JPY"));
    told
}

/// A series of months over the whole time, each point as a figure of its own.
async fn points(world: &World, first: NaiveDate) -> Vec<serde_json::Value> {
    let mut told = Vec::new();
    let (by, today) = (BalanceBy::Contractor, world.desk.today());
    for known_on in [None, Some(first + Days::new(150))] {
        let asked = Figure {
            known_on,
            ..figure(by, Within::default())
        };
        let span = Span::new(first, today, Step::Month).unwrap();
        let series = world
            .desk
            .balance_series(&Beholder::Hub, &asked, &span)
            .await
            .unwrap();
        for as_of in span.days() {
            let rows = series.iter().filter(|point| point.day == as_of);
            let rows: Vec<_> = rows.map(|point| &point.balance).collect();
            told.push(json!({"by": by, "as_of": as_of, "known_on": known_on, "rows": rows}));
        }
    }
    told
}
