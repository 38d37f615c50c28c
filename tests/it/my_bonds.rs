//! Lists of a party's own bonds (R24): the length of a page tells nothing of what it hides (R21).

use bondhub::desk::{MyBonds, MyPage, MyRow};
use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role as Office, SignedInBy, Viewer},
    bond::{BondKind, BondState, BondTerms, Cause, Instrument, Medium, Rule},
    calendar::Period,
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    money::{Currency, Money},
    party::{Language, Role},
    ports::store::{BondRow, CaseWrite, Commit, ListOrder},
    procurement::CaseFile,
};
use chrono::{NaiveDate, TimeDelta};

use crate::harness::{
    cast::{ISSUER, OWNER, WINNER},
    combination::{Combination, stories},
    world::World,
};

stories! {
    an_owners_pages_are_as_long_as_if_nothing_were_hidden => super::pages;
}

fn code(text: &str) -> PartyCode {
    PartyCode::parse(text).unwrap()
}

/// A bond on paper: an owner sees a performance bond, and of a bid bond nothing before the opening.
fn on_paper(world: &World, number: &str, kind: BondKind) -> BondRow {
    let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
    BondRow {
        bond: BondId::new(code(ISSUER), BondNumber::parse(number).unwrap()),
        terms: BondTerms {
            kind,
            instrument: Instrument::SuretyBond,
            medium: Medium::Paper,
            principal: code(WINNER),
            obligee: code(OWNER),
            procurement: ProcurementId::parse("P-1").unwrap(),
            lot: None,
            contract: None,
            amount: Money::new(1, Currency::JPY).unwrap(),
            period: Period::new(day, day).unwrap(),
            wording: String::new(),
            opening_at: Some(world.now() + TimeDelta::days(30)),
            forfeitable: false,
            converts_to: None,
            takes_over: None,
            attachments: Vec::new(),
        },
        version: 1,
        state: BondState::InForce,
        cause: Cause {
            rule: Rule::Registered,
            at: world.now(),
            source: "//e-bidding#1".to_owned(),
        },
    }
}

/// Puts bonds into the store, all of one moment: they are listed by number, the last first.
async fn put(world: &World, bonds: Vec<BondRow>) {
    let case = CaseWrite {
        file: CaseFile::new(ProcurementId::parse("P-1").unwrap()),
        version: 0,
        due_at: None,
        waits: Vec::new(),
    };
    let commit = Commit {
        now: world.now(),
        cases: vec![case],
        bonds,
        ..Commit::default()
    };
    world.store().commit(&commit).await.unwrap();
}

async fn page(world: &World, limit: u32, after: Option<String>) -> MyPage {
    let viewer = Viewer {
        account: AccountName::parse("taro").unwrap(),
        party: Some(code(OWNER)),
        roles: [Office::Clerk].into(),
        scopes: None,
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        signed_in_by: SignedInBy::Password,
    };
    let asked = MyBonds {
        role: Role::Owner,
        order: ListOrder::LastChanged,
        state: None,
        kind: None,
        procurement: None,
        after,
        limit,
    };
    world.desk.my_bonds(&viewer, &asked).await.unwrap()
}

fn number(row: &MyRow) -> &str {
    match row {
        MyRow::Content(bond) => bond.row.bond.number.as_str(),
        MyRow::Existence { .. } => "?",
    }
}

fn numbers(page: &MyPage) -> Vec<&str> {
    page.rows.iter().map(number).collect()
}

async fn pages(on: Combination) {
    let world = World::set(on, "").await;
    let bonds = (1..=9).map(|number| {
        // Hidden: 2, 3, 6, 8, 9; seen: 7, 5, 4, 1.
        let kind = match number {
            2 | 3 | 6 | 8 | 9 => BondKind::Bid,
            _ => BondKind::Performance,
        };
        on_paper(&world, &format!("B-{number}"), kind)
    });
    put(&world, bonds.collect()).await;
    let first = page(&world, 3, None).await;
    assert_eq!(numbers(&first), ["B-7", "B-5", "B-4"], "as long as asked");
    let second = page(&world, 3, first.next.clone()).await;
    assert_eq!(numbers(&second), ["B-1"]);
    assert!(second.next.is_none());
    let two = page(&world, 2, None).await;
    assert_eq!(numbers(&two), ["B-7", "B-5"]);
    let rest = page(&world, 2, two.next).await;
    assert_eq!(numbers(&rest), ["B-4", "B-1"]);
    assert!(rest.next.is_none(), "what is hidden behind is no next page");
    let all = page(&world, 4, None).await;
    assert_eq!((all.rows.len(), all.next), (4, None));
}
