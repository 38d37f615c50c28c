//! The match by example (R7).

use super::{Contract, Finding, Grade, findings, fits};
use crate::{
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::Period,
    identifier::{ContractId, LotId, PartyCode, ProcurementId},
    money::{Currency, Money},
};

fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, Currency::parse(currency).unwrap()).unwrap()
}

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// A bond of A for OWNER over 100 yen until the end of March.
fn bond() -> BondTerms {
    BondTerms {
        kind: BondKind::Performance,
        instrument: Instrument::BankGuarantee,
        medium: Medium::Electronic,
        principal: party("A"),
        obligee: party("OWNER"),
        procurement: ProcurementId::parse("P-1").unwrap(),
        lot: None,
        contract: ContractId::parse("K-1").ok(),
        amount: money(100, "JPY"),
        period: Period::new(day("2026-07-01"), day("2027-03-31")).unwrap(),
        wording: String::new(),
        opening_at: None,
        forfeitable: false,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    }
}

/// What the bond's contract asks for: exactly the bond.
fn matched(change: impl FnOnce(&mut BondTerms)) -> Vec<Finding> {
    let mut bond = bond();
    change(&mut bond);
    let [contractor, owner] = [party("A"), party("OWNER")];
    let contract = Contract {
        contract: &ContractId::parse("K-1").unwrap(),
        lots: &[LotId::parse("1").unwrap()],
        contractor: Some(&contractor),
        owner: Some(&owner),
        amount: &money(100, "JPY"),
        last_day: Some(day("2027-03-31")),
    };
    findings(&bond, &contract)
}

fn grades(found: &[Finding]) -> Vec<Grade> {
    found.iter().map(|finding| finding.grade).collect()
}

#[test]
fn a_bond_that_is_exactly_what_is_asked_for_has_no_findings() {
    assert_eq!(matched(|_| ()), []);
    assert!(fits(&[], false));
}

#[test]
fn more_than_is_asked_for_is_no_finding() {
    let found = matched(|bond| {
        bond.amount = money(101, "JPY");
        bond.period = bond.period.reaching(day("2027-04-01"));
    });
    assert_eq!(found, []);
}

#[test]
fn a_bond_one_yen_short_or_one_day_short_can_be_cured() {
    let found = matched(|bond| {
        bond.amount = money(99, "JPY");
        bond.period = Period::new(day("2026-07-01"), day("2027-03-30")).unwrap();
    });
    assert_eq!(grades(&found), [Grade::Curable, Grade::Curable]);
    assert_eq!(
        found[0].sentence,
        "JPY 99 is guaranteed, JPY 100 is required"
    );
    assert_eq!(
        found[1].sentence,
        "the bond ends on 2027-03-30, the contract on 2027-03-31"
    );
}

#[test]
fn another_principal_or_obligee_or_currency_is_fatal() {
    assert_eq!(
        grades(&matched(|bond| bond.principal = party("B"))),
        [Grade::Fatal]
    );
    assert_eq!(
        grades(&matched(|bond| bond.obligee = party("CITY"))),
        [Grade::Fatal]
    );
    let found = matched(|bond| bond.amount = money(1_000, "USD"));
    assert_eq!(grades(&found), [Grade::Fatal]);
    assert_eq!(found[0].sentence, "the bond is in USD");
}

#[test]
fn another_kind_or_lot_is_fatal_and_the_whole_tender_covers_each_lot() {
    let found = matched(|bond| bond.kind = BondKind::Bid);
    assert_eq!(grades(&found), [Grade::Fatal]);
    assert_eq!(found[0].sentence, "it is not a performance bond");
    let found = matched(|bond| bond.lot = LotId::parse("2").ok());
    assert_eq!(grades(&found), [Grade::Fatal]);
    assert_eq!(
        found[0].sentence,
        "the bond is for lot 2, which the contract does not cover"
    );
    assert_eq!(matched(|bond| bond.lot = LotId::parse("1").ok()), []);
}

#[test]
fn what_a_feed_does_not_tell_is_not_held_against_the_bond() {
    let contract = Contract {
        contract: &ContractId::parse("K-1").unwrap(),
        lots: &[LotId::parse("1").unwrap()],
        contractor: None,
        owner: None,
        amount: &money(100, "JPY"),
        last_day: None,
    };
    assert_eq!(findings(&bond(), &contract), []);
}

#[test]
fn a_curable_finding_fits_after_a_change_alone_and_a_fatal_one_never() {
    let short = matched(|bond| bond.amount = money(99, "JPY"));
    assert!(!fits(&short, false));
    assert!(
        fits(&short, true),
        "then it is a change request, not a missing bond"
    );
    let wrong = matched(|bond| bond.principal = party("B"));
    assert!(!fits(&wrong, true));
}
