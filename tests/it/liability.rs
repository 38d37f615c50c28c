//! Paper bonds, figures, and a second tool that adds up the exported ledger (R40 to R43).

mod another_tool;
mod coming;
mod everywhere;
mod limits;
mod lists;
mod report;
mod sealed;

use std::{collections::BTreeMap, process::Command};

use bondhub::{
    desk::{Figure, ImportMode, ImportReport},
    paper::Fault,
};
use bondhub_core::{
    identifier::{BondId, PartyCode},
    liability::Beholder,
    money::{Currency, Money},
    party::{Language, Role},
    ports::store::{BalanceBy, Within},
};
use chrono::{Days, TimeDelta};
use serde_json::json;

use crate::harness::{
    cast::{ISSUER, LOSER, OWNER, WINNER, party},
    combination::{POSTGRES_SPOOL, SQLITE_SPOOL},
    papers::{CASE, bond, registration, sign},
    world::{World, bondhub},
};

const HEADER: &str = "number,kind,instrument,contractor,owner,contract,amount,currency,from,to";

const STRICT: ImportMode = ImportMode {
    dry_run: false,
    good_rows: false,
    update: false,
};

fn code(text: &str) -> PartyCode {
    PartyCode::parse(text).unwrap()
}

impl World {
    async fn import(&self, issuer: &str, list: &[u8], mode: ImportMode) -> ImportReport {
        let list = list.to_vec();
        let open = || Ok(std::io::Cursor::new(list.clone()));
        self.desk
            .import_paper(&code(issuer), open, mode, "hanako")
            .await
            .unwrap()
    }

    async fn total(&self) -> i64 {
        let figure = figure(BalanceBy::Total, Within::default());
        let sums = self
            .desk
            .balances(&Beholder::Operator, &figure)
            .await
            .unwrap();
        sums.first().map_or(0, |sum| sum.amount)
    }
}

fn figure(by: BalanceBy, within: Within) -> Figure {
    Figure {
        by,
        within,
        as_of: None,
        known_on: None,
    }
}

/// A row of a bond that is in force today.
fn row(world: &World, number: &str, contractor: &str, amount: i64) -> String {
    let (from, to) = (
        world.desk.today() - Days::new(10),
        world.desk.today() + Days::new(300),
    );
    format!(
        "{number},performance,bank_guarantee,{contractor},{OWNER},K-{number},{amount},JPY,{from},{to}"
    )
}

fn list(rows: &[String]) -> Vec<u8> {
    format!("{HEADER}\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_paper_bonds_counts_and_the_same_list_again_changes_nothing() {
    for on in [SQLITE_SPOOL, POSTGRES_SPOOL] {
        let world = World::set(on, "").await;
        let rows = [
            row(&world, "P-1", WINNER, 100),
            row(&world, "P-2", LOSER, 50),
        ];
        let look = ImportMode {
            dry_run: true,
            ..STRICT
        };
        let told = world.import(ISSUER, &list(&rows), look).await;
        assert_eq!(
            (told.added, told.written, world.total().await),
            (2, false, 0)
        );
        let told = world.import(ISSUER, &list(&rows), STRICT).await;
        assert_eq!(
            (told.added, told.written, world.total().await),
            (2, true, 150)
        );
        let told = world.import(ISSUER, &list(&rows), STRICT).await;
        assert_eq!(
            (told.unchanged, told.written, world.total().await),
            (2, false, 150)
        );
        let changed = [rows[0].clone(), row(&world, "P-2", LOSER, 70)];
        let told = world.import(ISSUER, &list(&changed), STRICT).await;
        assert_eq!(
            (told.faulty, told.written, world.total().await),
            (1, false, 150)
        );
        assert_eq!(told.faults[0].fault, Fault::Differs);
        let update = ImportMode {
            update: true,
            ..STRICT
        };
        let told = world.import(ISSUER, &list(&changed), update).await;
        assert_eq!(
            (told.updated, told.unchanged, world.total().await),
            (1, 1, 170)
        );
        let bond = BondId::try_from(format!("{ISSUER}/P-1")).unwrap();
        world
            .desk
            .end_paper(&bond, "returned", "hanako")
            .await
            .unwrap();
        assert_eq!(world.total().await, 70);
        let view = world.store().bond(&bond).await.unwrap().unwrap();
        assert_eq!(view.keys, [], "paper has no keys");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_row_keeps_a_list_out_or_only_itself_and_harms_nothing_else() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let rows = [
        row(&world, "P-1", WINNER, 100),
        row(&world, "P-2", "C-999", 50),
        row(&world, "P-3", LOSER, 7),
    ];
    let told = world.import(ISSUER, &list(&rows), STRICT).await;
    assert_eq!(
        (told.faulty, told.written, world.total().await),
        (1, false, 0)
    );
    let place = &told.faults[0];
    assert_eq!(
        (place.line, place.column, place.name),
        (3, Some(4), Some("contractor"))
    );
    let good = ImportMode {
        good_rows: true,
        ..STRICT
    };
    let told = world.import(ISSUER, &list(&rows), good).await;
    assert_eq!((told.added, told.faulty, told.written), (2, 1, true));
    assert_eq!(world.total().await, 107);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paper_row_can_take_neither_an_electronic_bond_nor_one_of_another_case() {
    let world = World::set(SQLITE_SPOOL, "").await;
    world
        .import(ISSUER, &list(&[row(&world, "P-1", WINNER, 100)]), STRICT)
        .await;
    let with_case = format!(
        "{HEADER},procurement\r\n{},P-9\r\n",
        row(&world, "P-1", WINNER, 100)
    );
    let update = ImportMode {
        update: true,
        ..STRICT
    };
    let told = world.import(ISSUER, with_case.as_bytes(), update).await;
    assert_eq!(
        (told.faulty, told.written, world.total().await),
        (1, false, 100)
    );
    assert_eq!(told.faults[0].fault, Fault::Taken);
    let now = world.now();
    let signed = registration("B-1", bond(CASE, "bid", WINNER, 40), now);
    let document = sign(signed, &world.cast.issuer, now);
    world.desk.document(&document).await.unwrap();
    let before = world.total().await;
    let electronic = format!(
        "{HEADER},procurement\r\n{},{CASE}\r\n",
        row(&world, "B-1", WINNER, 100)
    );
    let told = world.import(ISSUER, electronic.as_bytes(), update).await;
    assert_eq!((told.faulty, told.written), (1, false));
    assert_eq!(told.faults[0].fault, Fault::Taken);
    assert_eq!(world.total().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn parties_see_what_is_theirs_and_issuers_a_contractors_sum_only_if_it_agrees() {
    let world = World::set(SQLITE_SPOOL, "").await;
    world
        .desk
        .put_party(&party("S002", Role::Issuer, Language::Ja))
        .await
        .unwrap();
    world
        .import(ISSUER, &list(&[row(&world, "P-1", WINNER, 100)]), STRICT)
        .await;
    world
        .import("S002", &list(&[row(&world, "P-1", WINNER, 40)]), STRICT)
        .await;
    let issuer = beholder(ISSUER, Role::Issuer);
    let ask = async |beholder: &Beholder, by, within: Within| {
        let sums = world.desk.balances(beholder, &figure(by, within)).await;
        sums.map(|sums| sums.first().map_or(0, |sum| sum.amount))
            .ok()
    };
    let of = |issuer: Option<&str>, contractor: Option<&str>| Within {
        issuer: issuer.map(code),
        contractor: contractor.map(code),
        owner: None,
    };
    assert_eq!(
        ask(&issuer, BalanceBy::Total, Within::default()).await,
        Some(140)
    );
    assert_eq!(
        ask(&issuer, BalanceBy::Issuer, Within::default()).await,
        None
    );
    assert_eq!(
        ask(&issuer, BalanceBy::Contractor, of(Some(ISSUER), None)).await,
        Some(100)
    );
    assert_eq!(
        ask(&issuer, BalanceBy::Total, of(Some("S002"), None)).await,
        None
    );
    let across = of(None, Some(WINNER));
    assert_eq!(ask(&issuer, BalanceBy::Total, across.clone()).await, None);
    world
        .desk
        .set_consent(&code(WINNER), true, "taro")
        .await
        .unwrap();
    assert_eq!(
        ask(&issuer, BalanceBy::Total, across.clone()).await,
        Some(140)
    );
    assert_eq!(
        ask(&issuer, BalanceBy::Issuer, across.clone()).await,
        None,
        "never with whom"
    );
    world
        .desk
        .set_consent(&code(WINNER), false, "taro")
        .await
        .unwrap();
    assert_eq!(ask(&issuer, BalanceBy::Total, across.clone()).await, None);
    let contractor = beholder(WINNER, Role::Contractor);
    assert_eq!(
        ask(&contractor, BalanceBy::Total, across.clone()).await,
        Some(140)
    );
    assert_eq!(
        ask(&contractor, BalanceBy::Total, of(None, Some(LOSER))).await,
        None
    );
    assert_eq!(
        ask(&contractor, BalanceBy::Total, Within::default()).await,
        None
    );
    let owner = owner_of(WINNER);
    let seen = ask(&owner, BalanceBy::Total, across.clone()).await;
    assert_eq!(seen, Some(140), "R22");
    assert_eq!(ask(&owner, BalanceBy::Issuer, across).await, None);
}

fn owner_of(contractor: &str) -> Beholder {
    Beholder::Party {
        code: code(OWNER),
        roles: [Role::Owner].into(),
        contractors: [code(contractor)].into(),
    }
}

fn beholder(who: &str, role: Role) -> Beholder {
    Beholder::Party {
        code: code(who),
        roles: [role].into(),
        contractors: [].into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_warns_when_a_registration_would_exceed_it_and_keeps_nothing_out() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let (issuer, contractor) = (code(ISSUER), code(WINNER));
    world
        .desk
        .set_limit(&issuer, &contractor, Currency::JPY, Some(120), "taro")
        .await
        .unwrap();
    let told = world
        .import(ISSUER, &list(&[row(&world, "P-1", WINNER, 100)]), STRICT)
        .await;
    assert_eq!(told.exceeded, []);
    let more = Money::new(21, Currency::JPY).unwrap();
    let used = world
        .desk
        .would_exceed(&issuer, &contractor, more)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((used.limit, used.outstanding), (120, 121));
    let told = world
        .import(ISSUER, &list(&[row(&world, "P-2", WINNER, 50)]), STRICT)
        .await;
    assert_eq!((told.exceeded[0].outstanding, told.written), (150, true));
    assert!(world.desk.limits(Some(&issuer)).await.unwrap()[0].is_exceeded());
    world
        .desk
        .set_limit(&issuer, &contractor, Currency::JPY, None, "taro")
        .await
        .unwrap();
    assert_eq!(world.desk.limits(Some(&issuer)).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_bonds_are_entered_listed_and_ended_by_command() {
    let world = World::set(SQLITE_SPOOL, "").await;
    let run =
        |arguments: &[&str]| bondhub(world.folder(), &[&["--output", "json"], arguments].concat());
    let json_of = |output: &std::process::Output| -> serde_json::Value {
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
    };
    let rows = [
        row(&world, "甲-1", WINNER, 100),
        row(&world, "甲-2", "C-999", 50),
    ];
    let file = world.folder().join("list.csv");
    std::fs::write(&file, list(&rows)).unwrap();
    let file = file.to_str().unwrap();
    let kept_out = run(&[
        "paper",
        "import",
        "--issuer",
        ISSUER,
        file,
        "--language",
        "ja",
    ]);
    assert_eq!(kept_out.status.code(), Some(3));
    let told = json_of(&kept_out);
    assert_eq!(
        (&told["faulty"], &told["faults"][0]["line"]),
        (&json!(1), &json!(3))
    );
    let taken = run(&["paper", "import", "--issuer", ISSUER, file, "--good-rows"]);
    assert_eq!(json_of(&taken)["added"], 1);
    let listed = json_of(&run(&["paper", "list", "--issuer", ISSUER]));
    assert_eq!(listed[0]["bond"], format!("{ISSUER}/甲-1"));
    let balance = json_of(&run(&["balance", "--by", "bond"]));
    assert_eq!(
        (&balance[0]["amount"], &balance[0]["contractor"]),
        (&json!(100), &json!(WINNER))
    );
    let series = json_of(&run(&[
        "balance",
        "series",
        "--by",
        "issuer",
        "--step",
        "fiscal_year",
    ]));
    let by_day: BTreeMap<String, i64> = series
        .as_array()
        .unwrap()
        .iter()
        .map(|point| {
            (
                point["as_of"].to_string(),
                point["amount"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(by_day.values().last(), Some(&100));
    let ended = run(&["paper", "end", "甲-1", "--issuer", ISSUER]);
    assert!(ended.status.success(), "{ended:?}");
    assert_eq!(json_of(&run(&["balance"])), json!([]));
}
