//! Reading what was typed into forms: each field by itself, so that what is wrong is told beside it.

use bondhub_core::{
    calendar::{Period, Timestamp},
    identifier::IdentifierError,
    money::{BasisPoints, Currency, Money},
};
use chrono::{NaiveDate, NaiveDateTime, TimeZone as _, Utc};

use super::{Visit, parts::Mistake};

/// Reads fields and gathers what is wrong with them.
pub(super) struct Reading<'a> {
    visit: &'a Visit,
    mistakes: Vec<Mistake>,
}

impl<'a> Reading<'a> {
    /// Nothing is wrong yet.
    pub(super) fn new(visit: &'a Visit) -> Self {
        let mistakes = Vec::new();
        Self { visit, mistakes }
    }

    /// What was found wrong.
    pub(super) fn mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// Whether anything is wrong.
    pub(super) fn is_sound(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// A field is wrong, in words that are there already.
    pub(super) fn note(&mut self, field: &str, text: String) {
        self.mistakes.push(Mistake::new(field, text));
    }

    /// A field is wrong, as the sentence of this key says.
    pub(super) fn wrong(&mut self, field: &str, key: &str) {
        self.mistakes
            .push(Mistake::new(field, self.visit.text(key)));
    }

    pub(super) fn name<T>(
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

    pub(super) fn optional<T>(
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

    pub(super) fn one_of<T: Copy, const N: usize>(
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

    pub(super) fn money(&mut self, amount: &str, currency: &str) -> Option<Money> {
        self.money_in("amount", amount, currency)
    }

    /// An amount in a field of another name.
    pub(super) fn money_in(&mut self, field: &str, amount: &str, currency: &str) -> Option<Money> {
        let code = if currency.is_empty() { "JPY" } else { currency };
        let Ok(currency) = Currency::parse(code) else {
            self.wrong("currency", "draft.currency");
            return None;
        };
        let money = minor(amount, currency).and_then(|minor| Money::new(minor, currency).ok());
        if money.is_none() {
            self.wrong(field, "draft.amount");
        }
        money
    }

    /// A share in per cent, as basis points.
    pub(super) fn rate(&mut self, field: &str, text: &str) -> Option<BasisPoints> {
        let plain = text.trim_end_matches(['%', '％']);
        let points = scaled(plain, 2).and_then(|points| u32::try_from(points).ok());
        let rate = points.filter(|points| *points <= 10_000).map(BasisPoints);
        if rate.is_none() {
            self.wrong(field, "draft.rate");
        }
        rate
    }

    /// A number that counts from 1.
    pub(super) fn number(&mut self, field: &str, text: &str) -> Option<u32> {
        let number = scaled(text, 0).and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| *number > 0);
        if number.is_none() {
            self.wrong(field, "draft.number");
        }
        number
    }

    pub(super) fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        let day = text.parse().ok();
        if day.is_none() {
            self.wrong(field, "draft.day");
        }
        day
    }

    pub(super) fn period(&mut self, from: &str, to: &str) -> Option<Period> {
        let (from, to) = (self.day("from", from), self.day("to", to));
        let period = Period::new(from?, to?).ok();
        if period.is_none() {
            self.wrong("to", "draft.backwards");
        }
        period
    }

    /// A time of the visitor's zone, as a field of the kind `datetime-local` writes it.
    pub(super) fn instant(&mut self, field: &str, text: &str) -> Option<Timestamp> {
        if text.is_empty() {
            return None;
        }
        let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
        let mut local = forms
            .iter()
            .filter_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        let zone = self.visit.words().zone;
        let at = local
            .next()
            .and_then(|local| zone.from_local_datetime(&local).single());
        if at.is_none() {
            self.wrong(field, "draft.instant");
        }
        at.map(|at| at.with_timezone(&Utc))
    }
}

/// `1234567` or `1,234,567.00` in minor units; full-width digits and commas are taken too.
fn minor(text: &str, currency: Currency) -> Option<i64> {
    scaled(text, usize::try_from(currency.minor_digits()).ok()?)
}

/// A number with at most so many digits behind the point, as a whole number of the last of them.
fn scaled(text: &str, digits: usize) -> Option<i64> {
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
pub(super) fn decimal(money: &Money) -> String {
    let written = money.to_string();
    let amount = written
        .split_once(' ')
        .map_or(written.as_str(), |(_, amount)| amount);
    amount.replace(',', "")
}

/// A time as a field of the kind `datetime-local` shows it.
pub(super) fn local(visit: &Visit, at: Timestamp) -> String {
    let local = at.with_timezone(&visit.words().zone);
    local.format("%Y-%m-%dT%H:%M").to_string()
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
    fn a_rate_is_read_in_per_cent_to_the_basis_point() {
        for (text, points) in [("5", 500), ("2.5", 250), ("１０．０５", 1005)] {
            assert_eq!(scaled(text, 2), Some(points));
        }
        assert_eq!(scaled("2.555", 2), None);
    }

    #[test]
    fn an_amount_reads_back_as_it_is_shown_in_the_form() {
        let money = Money::new(1_234_567, Currency::JPY).unwrap();
        assert_eq!(decimal(&money), "1234567");
    }
}
