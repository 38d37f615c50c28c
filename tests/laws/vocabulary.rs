//! Short names for what lessons are made of.

use bondhub_core::{
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::{Period, Timestamp},
    identifier::{AwardId, BondId, BondNumber, ContractId, LotId, PartyCode, ProcurementId},
    money::{Currency, Money},
    procurement::Scope,
};
use chrono::{NaiveDate, TimeDelta};

pub(crate) const CASE: &str = "P-1";
pub(crate) const OWNER: &str = "OWNER";
pub(crate) const ISSUERS: [&str; 2] = ["S1", "S2"];
pub(crate) const CONTRACTORS: [&str; 4] = ["A", "B", "C", "D"];

/// The first day of every generated case.
pub(crate) fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 4, 1).unwrap()
}

/// Nine in the morning of the first day, in Tokyo.
pub(crate) fn start() -> Timestamp {
    first_day().and_hms_opt(0, 0, 0).unwrap().and_utc()
}

pub(crate) fn hours(count: i64) -> TimeDelta {
    TimeDelta::hours(count)
}

pub(crate) fn case_id() -> ProcurementId {
    ProcurementId::parse(CASE).unwrap()
}

pub(crate) fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

pub(crate) fn lot(number: u8) -> LotId {
    LotId::parse(&format!("L{number}")).unwrap()
}

/// Lot 0 is the whole tender.
pub(crate) fn scope(number: u8) -> Scope {
    if number == 0 {
        Scope::Tender
    } else {
        Scope::Lot(lot(number))
    }
}

pub(crate) fn award(number: u8) -> AwardId {
    AwardId::parse(&format!("W-{number}")).unwrap()
}

pub(crate) fn contract(number: u8) -> ContractId {
    ContractId::parse(&format!("K-{number}")).unwrap()
}

pub(crate) fn million_yen(amount: i64) -> Money {
    Money::new(amount * 1_000_000, Currency::JPY).unwrap()
}

/// As many million minor units of the currency that some bonds are in.
pub(crate) fn million_of(amount: i64, currency: Currency) -> Money {
    Money::new(amount * 1_000_000, currency).unwrap()
}

pub(crate) fn dollars() -> Currency {
    Currency::parse("USD").unwrap()
}

/// From the first day for so many days.
pub(crate) fn lasting(days: i64) -> Period {
    lasting_from(0, days)
}

/// From so many days after the first one, until so many days after it.
pub(crate) fn lasting_from(from: i64, days: i64) -> Period {
    let day = |days| first_day() + TimeDelta::days(days);
    Period::new(day(from), day(days)).unwrap()
}

/// A bond of a generated case.
#[derive(Debug, Clone)]
pub(crate) struct Bond {
    pub(crate) id: BondId,
    pub(crate) terms: BondTerms,
}

pub(crate) fn bond_id(issuer: &str, number: usize) -> BondId {
    let number = BondNumber::parse(&number_of(number)).unwrap();
    BondId::new(party(issuer), number)
}

pub(crate) fn number_of(number: usize) -> String {
    format!("N-{number}")
}

pub(crate) fn terms(kind: BondKind, principal: &str, amount: i64, days: i64) -> BondTerms {
    BondTerms {
        kind,
        instrument: Instrument::SuretyBond,
        medium: Medium::Electronic,
        principal: party(principal),
        obligee: party(OWNER),
        procurement: case_id(),
        lot: None,
        contract: None,
        amount: million_yen(amount),
        period: lasting(days),
        wording: String::new(),
        opening_at: None,
        forfeitable: false,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    }
}
