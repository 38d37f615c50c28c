//! The draft of a registration or update: fields of a form, read into the statement that is signed.

use bondhub_core::{
    attachment::Attachment,
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::{Period, Timestamp},
    document::{Act, Statement},
    identifier::{BondNumber, ContractId, IdentifierError, LotId, PartyCode, ProcurementId},
    money::{Currency, Money},
};
use chrono::{NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use serde::Serialize;

use super::{
    Posted, Upload, Visit,
    parts::{Choice, Mistake},
};
use crate::desk::MyBond;

/// What stands in the form, as it was typed.
#[derive(Clone, Default, Serialize)]
pub(super) struct Draft {
    act: String,
    number: String,
    kind: String,
    instrument: String,
    principal: String,
    obligee: String,
    procurement: String,
    lot: String,
    contract: String,
    amount: String,
    currency: String,
    from: String,
    to: String,
    opening_at: String,
    takes_over: String,
    converts_to: String,
    forfeitable: bool,
    wording: String,
    #[serde(skip)]
    files: Vec<Upload>,
}

const KINDS: [BondKind; 3] = [
    BondKind::Bid,
    BondKind::PerformanceReservation,
    BondKind::Performance,
];
const INSTRUMENTS: [Instrument; 4] = [
    Instrument::SuretyBond,
    Instrument::Insurance,
    Instrument::BankGuarantee,
    Instrument::ContractGuarantee,
];

/// The kinds to choose from.
pub(super) fn kinds(visit: &Visit) -> Vec<Choice> {
    let choice = |kind: BondKind| {
        Choice::new(
            kind.as_str(),
            visit.text(&format!("bond_kind.{}", kind.as_str())),
        )
    };
    KINDS.map(choice).to_vec()
}

/// The instruments to choose from.
pub(super) fn instruments(visit: &Visit) -> Vec<Choice> {
    let choice = |one: Instrument| {
        Choice::new(
            one.as_str(),
            visit.text(&format!("instrument.{}", one.as_str())),
        )
    };
    INSTRUMENTS.map(choice).to_vec()
}

/// What a bond may become at the contract.
pub(super) fn converts(visit: &Visit) -> Vec<Choice> {
    let performance = BondKind::Performance;
    let text = visit.text(&format!("bond_kind.{}", performance.as_str()));
    vec![
        Choice::new("", visit.text("draft.converts_nothing")),
        Choice::new(performance.as_str(), text),
    ]
}

impl Draft {
    /// What a form sent.
    pub(super) fn posted(form: &Posted) -> Self {
        let text = |field: &str| form.text(field).to_owned();
        Self {
            act: text("act"),
            number: text("number"),
            kind: text("kind"),
            instrument: text("instrument"),
            principal: text("principal"),
            obligee: text("obligee"),
            procurement: text("procurement"),
            lot: text("lot"),
            contract: text("contract"),
            amount: text("amount"),
            currency: text("currency"),
            from: text("from"),
            to: text("to"),
            opening_at: text("opening_at"),
            takes_over: text("takes_over"),
            converts_to: text("converts_to"),
            forfeitable: form.has("forfeitable"),
            wording: text("wording").replace("\r\n", "\n"),
            files: form.files("attachments").cloned().collect(),
        }
    }

    /// What a bond says now, changed as a task about it asks.
    pub(super) fn of(visit: &Visit, mine: &MyBond) -> Self {
        let terms = &mine.bond.terms;
        let or_empty = |value: Option<String>| value.unwrap_or_default();
        let asked = mine.tasks.iter().map(|view| &view.task);
        let amount = asked.clone().find_map(|task| task.amount);
        let period = asked.clone().find_map(|task| task.period);
        let amount = amount.unwrap_or(terms.amount);
        let period = period.unwrap_or(terms.period);
        let local = |at: Timestamp| {
            let local = at.with_timezone(&visit.words().zone);
            local.format("%Y-%m-%dT%H:%M").to_string()
        };
        Self {
            act: "update".to_owned(),
            number: mine.bond.bond.number.to_string(),
            kind: terms.kind.as_str().to_owned(),
            instrument: terms.instrument.as_str().to_owned(),
            principal: terms.principal.to_string(),
            obligee: terms.obligee.to_string(),
            procurement: terms.procurement.to_string(),
            lot: or_empty(terms.lot.as_ref().map(ToString::to_string)),
            contract: or_empty(terms.contract.as_ref().map(ToString::to_string)),
            amount: decimal(&amount),
            currency: amount.currency().to_string(),
            from: period.from().to_string(),
            to: period.to().to_string(),
            opening_at: or_empty(terms.opening_at.map(local)),
            takes_over: or_empty(terms.takes_over.as_ref().map(ToString::to_string)),
            converts_to: or_empty(terms.converts_to.map(|kind| kind.as_str().to_owned())),
            forfeitable: terms.forfeitable,
            wording: terms.wording.clone(),
            files: Vec::new(),
        }
    }

    pub(super) fn is_update(&self) -> bool {
        self.act == "update"
    }

    pub(super) fn number(&self) -> &str {
        &self.number
    }

    /// The statement of an issuer, or what is wrong with the form.
    pub(super) fn statement(
        &self,
        visit: &Visit,
        issuer: PartyCode,
        now: Timestamp,
    ) -> Result<Statement, Vec<Mistake>> {
        let mut reading = Reading {
            visit,
            mistakes: Vec::new(),
        };
        let number = reading.name("number", &self.number, BondNumber::parse);
        let bond = self.terms(&mut reading);
        let (Some(number), Some(bond), true) = (number, bond, reading.mistakes.is_empty()) else {
            return Err(reading.mistakes);
        };
        let act = if self.is_update() {
            Act::Update { number, bond }
        } else {
            Act::Registration { number, bond }
        };
        let statement = Statement {
            v: 1,
            issuer,
            signed_at: now,
            act,
        };
        match Statement::read(&statement.to_bytes()) {
            Ok(statement) => Ok(statement),
            Err(rejection) => Err(vec![Mistake::new("number", rejection.to_string())]),
        }
    }

    fn terms(&self, reading: &mut Reading<'_>) -> Option<BondTerms> {
        let kind = reading.one_of("kind", &self.kind, KINDS, BondKind::as_str);
        let instrument = reading.one_of(
            "instrument",
            &self.instrument,
            INSTRUMENTS,
            Instrument::as_str,
        );
        let principal = reading.name("principal", &self.principal, PartyCode::parse);
        let obligee = reading.name("obligee", &self.obligee, PartyCode::parse);
        let procurement = reading.name("procurement", &self.procurement, ProcurementId::parse);
        let lot = reading.optional("lot", &self.lot, LotId::parse);
        let contract = reading.optional("contract", &self.contract, ContractId::parse);
        let takes_over = reading.optional("takes_over", &self.takes_over, BondNumber::parse);
        let amount = reading.money(&self.amount, &self.currency);
        let period = reading.period(&self.from, &self.to);
        let opening_at = reading.instant(&self.opening_at);
        let attachments = reading.attachments(&self.files);
        let kind = kind?;
        if kind == BondKind::Performance && self.contract.is_empty() {
            reading.wrong("contract", "draft.contract_needed");
        }
        if kind == BondKind::PerformanceReservation && self.forfeitable {
            reading.wrong("forfeitable", "draft.never_forfeitable");
        }
        Some(BondTerms {
            kind,
            instrument: instrument?,
            medium: Medium::Electronic,
            principal: principal?,
            obligee: obligee?,
            procurement: procurement?,
            lot,
            contract,
            amount: amount?,
            period: period?,
            wording: self.wording.clone(),
            opening_at,
            forfeitable: self.forfeitable,
            converts_to: KINDS
                .into_iter()
                .find(|kind| kind.as_str() == self.converts_to),
            takes_over,
            attachments,
        })
    }
}

/// Reads fields and gathers what is wrong with them.
struct Reading<'a> {
    visit: &'a Visit,
    mistakes: Vec<Mistake>,
}

impl Reading<'_> {
    fn wrong(&mut self, field: &str, key: &str) {
        self.mistakes
            .push(Mistake::new(field, self.visit.text(key)));
    }

    fn name<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl Fn(&str) -> Result<T, IdentifierError>,
    ) -> Option<T> {
        let key = match parse(text) {
            Ok(name) => return Some(name),
            Err(IdentifierError::Empty) => "draft.empty",
            Err(IdentifierError::TooLong) => "draft.too_long",
            Err(IdentifierError::Control) => "draft.control",
        };
        self.wrong(field, key);
        None
    }

    fn optional<T>(
        &mut self,
        field: &str,
        text: &str,
        parse: impl Fn(&str) -> Result<T, IdentifierError>,
    ) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        self.name(field, text, parse)
    }

    fn one_of<T: Copy, const N: usize>(
        &mut self,
        field: &str,
        text: &str,
        all: [T; N],
        name: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let found = all.into_iter().find(|one| name(*one) == text);
        if found.is_none() {
            self.wrong(field, "draft.choose");
        }
        found
    }

    fn money(&mut self, amount: &str, currency: &str) -> Option<Money> {
        let code = if currency.is_empty() { "JPY" } else { currency };
        let Ok(currency) = Currency::parse(code) else {
            self.wrong("currency", "draft.currency");
            return None;
        };
        let money = minor(amount, currency).and_then(|minor| Money::new(minor, currency).ok());
        if money.is_none() {
            self.wrong("amount", "draft.amount");
        }
        money
    }

    fn attachments(&mut self, files: &[Upload]) -> Vec<Attachment> {
        let mut attachments = Vec::new();
        for file in files {
            match Attachment::of(&file.name, &file.bytes) {
                Ok(attachment) => attachments.push(attachment),
                Err(rejection) => {
                    let text = self.visit.text("draft.attachment");
                    let text = format!("{text} ({}: {rejection})", file.name);
                    self.mistakes.push(Mistake::new("attachments", text));
                }
            }
        }
        attachments
    }

    fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        let day = text.parse().ok();
        if day.is_none() {
            self.wrong(field, "draft.day");
        }
        day
    }

    fn period(&mut self, from: &str, to: &str) -> Option<Period> {
        let (from, to) = (self.day("from", from), self.day("to", to));
        let period = Period::new(from?, to?).ok();
        if period.is_none() {
            self.wrong("to", "draft.backwards");
        }
        period
    }

    /// A time of the visitor's zone, as a field of the kind `datetime-local` writes it.
    fn instant(&mut self, text: &str) -> Option<Timestamp> {
        if text.is_empty() {
            return None;
        }
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M"));
        let zone = self.visit.words().zone;
        let at = local
            .ok()
            .and_then(|local| zone.from_local_datetime(&local).single());
        if at.is_none() {
            self.wrong("opening_at", "draft.instant");
        }
        at.map(|at| at.with_timezone(&Utc))
    }
}

/// `1234567` or `1,234,567.00` in minor units; full-width digits and commas are taken too.
fn minor(text: &str, currency: Currency) -> Option<i64> {
    let digits = usize::try_from(currency.minor_digits()).ok()?;
    let plain: String = text.chars().filter_map(half_width).collect();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let sound = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !sound(whole) || !sound(part) || part.len() > digits {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse().ok()
}

fn half_width(c: char) -> Option<char> {
    match c {
        ',' | '，' | ' ' | '\u{3000}' | '￥' | '¥' | '円' => None,
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')),
        '．' => Some('.'),
        other => Some(other),
    }
}

/// An amount as one types it.
fn decimal(money: &Money) -> String {
    let written = money.to_string();
    let amount = written
        .split_once(' ')
        .map_or(written.as_str(), |(_, amount)| amount);
    amount.replace(',', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them_and_never_rounded() {
        let yen = |text| minor(text, Currency::JPY);
        assert_eq!(yen("12,000,000"), Some(12_000_000));
        assert_eq!(yen("￥１２，０００"), Some(12_000));
        assert_eq!(yen("12000円"), Some(12_000));
        for wrong in ["", "-1", "1.5", "1e3", "12 000 x", "99999999999999999999"] {
            assert_eq!(yen(wrong), None, "{wrong}");
        }
        let pounds = Currency::parse("GBP").unwrap();
        assert_eq!(minor("11.5", pounds), Some(1150));
        assert_eq!(minor("11", pounds), Some(1100));
        assert_eq!(minor("11.555", pounds), None);
    }

    #[test]
    fn an_amount_reads_back_as_it_is_shown_in_the_form() {
        let money = Money::new(1_234_567, Currency::JPY).unwrap();
        assert_eq!(decimal(&money), "1234567");
    }
}
