//! A row of a list, and what it says as a bond.

use std::collections::BTreeMap;

use bondhub_core::{
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::{Period, Timestamp},
    identifier::{BondId, BondNumber, ContractId, LotId, PartyCode, ProcurementId},
    money::{Currency, Money},
    party::Role,
};
use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime};

use super::fault::{Fault, Place};

/// The largest amount, as of any bond; programs that count in floating point keep it exactly.
pub const LARGEST: i64 = Money::LARGEST;

/// The columns, by name in English and Japanese; those that must be there first.
const NAMES: [(&str, &str); 13] = [
    ("number", "証券番号"),
    ("kind", "種別"),
    ("instrument", "証書の種類"),
    ("contractor", "建設会社"),
    ("owner", "発注者"),
    ("amount", "保証金額"),
    ("from", "保証期間開始"),
    ("to", "保証期間終了"),
    ("currency", "通貨"),
    ("procurement", "案件番号"),
    ("contract", "契約番号"),
    ("lot", "ロット"),
    ("opening_at", "開札日時"),
];
const REQUIRED: usize = 8;

const KINDS: [(BondKind, &str, &str); 3] = [
    (BondKind::Bid, "bid", "入札ボンド"),
    (
        BondKind::PerformanceReservation,
        "performance_reservation",
        "履行ボンドの予約",
    ),
    (BondKind::Performance, "performance", "履行ボンド"),
];
const KIND_WORDS: &str =
    "bid 入札ボンド, performance_reservation 履行ボンドの予約, performance 履行ボンド";

const INSTRUMENTS: [(Instrument, &str, &str); 4] = [
    (
        Instrument::SuretyBond,
        "surety_bond",
        "公共工事履行保証証券",
    ),
    (Instrument::Insurance, "insurance", "履行保証保険"),
    (Instrument::BankGuarantee, "bank_guarantee", "銀行保証"),
    (
        Instrument::ContractGuarantee,
        "contract_guarantee",
        "契約保証",
    ),
];
const INSTRUMENT_WORDS: &str = "surety_bond 公共工事履行保証証券, insurance 履行保証保険, bank_guarantee 銀行保証, contract_guarantee 契約保証";

/// Where each column stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    places: BTreeMap<&'static str, usize>,
    count: usize,
}

/// A row that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its line.
    pub line: u64,
    /// The bond.
    pub bond: BondId,
    /// What it says.
    pub terms: BondTerms,
}

/// Who is known. Nothing of the rows is kept: rows are compared with one another where it is known of each what is done
/// about it ([`Beside`](super::Beside)).
#[derive(Debug)]
pub struct Known {
    parties: BTreeMap<PartyCode, Vec<Role>>,
    zone: FixedOffset,
}

impl Known {
    /// Knows the parties, and the zone of times that name none.
    pub fn new(
        parties: impl IntoIterator<Item = (PartyCode, Vec<Role>)>,
        zone: FixedOffset,
    ) -> Self {
        Self {
            parties: parties.into_iter().collect(),
            zone,
        }
    }

    fn has(&self, party: &PartyCode, role: Role) -> bool {
        self.parties
            .get(party)
            .is_some_and(|roles| roles.contains(&role))
    }
}

impl Columns {
    /// Reads the header: names in English or Japanese, in any order.
    pub fn read(line: u64, cells: &[String]) -> Result<Self, Vec<Place>> {
        let (mut places, mut faults) = (BTreeMap::new(), Vec::new());
        for (place, cell) in cells.iter().enumerate() {
            let known = NAMES
                .iter()
                .find(|(en, ja)| cell.eq_ignore_ascii_case(en) || cell == ja);
            let taken = known.and_then(|(name, _)| places.insert(*name, place));
            if known.is_none() || taken.is_some() {
                let column = cell.chars().take(40).collect();
                faults.push(at(line, Some(place), None, Fault::OddColumn { column }));
            }
        }
        for (name, _) in NAMES.iter().take(REQUIRED) {
            if !places.contains_key(name) {
                faults.push(at(line, None, None, Fault::NoColumn { column: name }));
            }
        }
        let count = cells.len();
        if faults.is_empty() {
            Ok(Self { places, count })
        } else {
            Err(faults)
        }
    }

    /// Something wrong in a column of a row.
    pub fn fault(&self, line: u64, name: &'static str, fault: Fault) -> Place {
        at(line, self.places.get(name).copied(), Some(name), fault)
    }

    /// Reads a row of this issuer's; tells everything that is wrong with it.
    pub fn entry(
        &self,
        issuer: &PartyCode,
        line: u64,
        cells: &[String],
        known: &Known,
    ) -> Result<Entry, Vec<Place>> {
        if cells.len() != self.count {
            let (expected, found) = (self.count, cells.len());
            return Err(vec![at(line, None, None, Fault::Cells { expected, found })]);
        }
        let mut row = Row {
            columns: self,
            line,
            cells,
            faults: Vec::new(),
        };
        let entry = row.entry(issuer, known);
        entry.filter(|_| row.faults.is_empty()).ok_or(row.faults)
    }
}

fn at(line: u64, place: Option<usize>, name: Option<&'static str>, fault: Fault) -> Place {
    Place {
        line,
        column: place.map(|place| place + 1),
        name,
        fault,
    }
}

struct Row<'a> {
    columns: &'a Columns,
    line: u64,
    cells: &'a [String],
    faults: Vec<Place>,
}

impl Row<'_> {
    fn fail<T>(&mut self, name: &'static str, fault: Fault) -> Option<T> {
        let place = self.columns.fault(self.line, name, fault);
        self.faults.push(place);
        None
    }

    fn cell(&self, name: &str) -> &str {
        let place = self.columns.places.get(name);
        place
            .and_then(|place| self.cells.get(*place))
            .map_or("", String::as_str)
    }

    fn optional<T, E>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let cell = self.cell(name);
        if cell.is_empty() {
            return None;
        }
        let parsed = parse(cell).ok();
        if parsed.is_none() {
            self.fail::<()>(name, Fault::Name);
        }
        parsed
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let cell = self.cell(name);
        if cell.is_empty() {
            return self.fail(name, Fault::Missing);
        }
        match parse(cell) {
            Ok(value) => Some(value),
            Err(fault) => self.fail(name, fault),
        }
    }

    fn party(&mut self, name: &'static str, role: Role, known: &Known) -> Option<PartyCode> {
        let code = self.required(name, |cell| PartyCode::parse(cell).map_err(|_| Fault::Name))?;
        if known.has(&code, role) {
            return Some(code);
        }
        self.fail(name, Fault::Unknown { role: name })
    }

    fn entry(&mut self, issuer: &PartyCode, known: &Known) -> Option<Entry> {
        let number = self.required("number", |cell| {
            BondNumber::parse(cell).map_err(|_| Fault::Name)
        });
        let kind = self.required("kind", |cell| word(cell, &KINDS, KIND_WORDS));
        let instrument = self.required("instrument", |cell| {
            word(cell, &INSTRUMENTS, INSTRUMENT_WORDS)
        });
        let principal = self.party("contractor", Role::Contractor, known);
        let obligee = self.party("owner", Role::Owner, known);
        let amount = self.amount();
        let period = self.period();
        let procurement = self.optional("procurement", ProcurementId::parse);
        let contract = self.optional("contract", ContractId::parse);
        let lot = self.optional("lot", LotId::parse);
        let opening_at = self.time("opening_at", known.zone);
        let (number, kind) = (number?, kind?);
        let Some(procurement) = procurement.or_else(|| own_case(issuer, &number)) else {
            return self.fail("number", Fault::Name);
        };
        let terms = BondTerms {
            kind,
            instrument: instrument?,
            medium: Medium::Paper,
            principal: principal?,
            obligee: obligee?,
            procurement,
            lot,
            contract,
            amount: amount?,
            period: period?,
            wording: String::new(),
            attachments: Vec::new(),
            opening_at,
            forfeitable: kind == BondKind::Bid,
            converts_to: (kind == BondKind::PerformanceReservation)
                .then_some(BondKind::Performance),
            takes_over: None,
        };
        Some(Entry {
            line: self.line,
            bond: BondId::new(issuer.clone(), number),
            terms,
        })
    }

    fn time(&mut self, name: &'static str, zone: FixedOffset) -> Option<Timestamp> {
        let cell = self.cell(name);
        if cell.is_empty() {
            return None;
        }
        let time = instant(cell, zone);
        time.or_else(|| self.fail(name, Fault::Time))
    }

    fn amount(&mut self) -> Option<Money> {
        let amount = self.required("amount", amount);
        let currency = match self.cell("currency") {
            "" => Ok(Currency::JPY),
            code => Currency::parse(code),
        };
        let Ok(currency) = currency else {
            return self.fail("currency", Fault::Currency);
        };
        Money::new(amount?, currency).ok()
    }

    fn period(&mut self) -> Option<Period> {
        let (from, to) = (self.required("from", day), self.required("to", day));
        match Period::new(from?, to?) {
            Ok(period) => Some(period),
            Err(_) => self.fail("to", Fault::Reversed),
        }
    }
}

/// A paper bond without a procurement id stands in a case of its own.
fn own_case(issuer: &PartyCode, number: &BondNumber) -> Option<ProcurementId> {
    ProcurementId::parse(&format!("paper:{issuer}/{number}")).ok()
}

fn word<T: Copy>(
    cell: &str,
    words: &[(T, &str, &str)],
    expected: &'static str,
) -> Result<T, Fault> {
    let found = words
        .iter()
        .find(|(_, en, ja)| cell.eq_ignore_ascii_case(en) || cell == *ja);
    found
        .map(|(value, ..)| *value)
        .ok_or(Fault::Word { expected })
}

/// Digits, with or without commas between thousands.
fn amount(cell: &str) -> Result<i64, Fault> {
    let digits: String = cell.chars().filter(|letter| *letter != ',').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Amount);
    }
    match digits.parse::<i64>() {
        Ok(0) => Err(Fault::Amount),
        Ok(amount) if amount <= LARGEST => Ok(amount),
        Ok(_) | Err(_) => Err(Fault::TooLarge),
    }
}

/// A time with its offset, or one of the hub's zone.
fn instant(cell: &str, zone: FixedOffset) -> Option<Timestamp> {
    if let Ok(time) = DateTime::parse_from_rfc3339(cell) {
        return Some(time.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M"];
    let mut read = forms
        .iter()
        .filter_map(|form| NaiveDateTime::parse_from_str(cell, form).ok());
    let time = read.next()?.and_local_timezone(zone).single()?;
    Some(time.to_utc())
}

fn day(cell: &str) -> Result<NaiveDate, Fault> {
    let day = ["%Y-%m-%d", "%Y/%m/%d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(cell, form).ok());
    let day = day.ok_or(Fault::Day)?;
    (1950..=2200)
        .contains(&day.year())
        .then_some(day)
        .ok_or(Fault::Implausible)
}

#[cfg(test)]
mod tests;
