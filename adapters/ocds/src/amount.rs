//! OCDS amounts: decimal numbers of major units, made exact integers of minor units.

use bondhub_core::{
    event::Rejection,
    money::{Currency, Money},
};
use serde_json::{Number, Value};

use crate::node::Node;

/// A decimal of more digits does not survive the binary number that JSON readers make of it.
const EXACT: i64 = 1_000_000_000_000_000;

/// Why a number is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum AmountError {
    #[error("the amount is negative")]
    Negative,
    #[error("the amount has more decimals than its currency")]
    TooPrecise,
    #[error("the amount is too large to be exact")]
    TooLarge,
}

/// The amount of an OCDS `Value`; none where it names no sum.
///
/// A sum that is there but is not an exact amount of a known currency is refused.
pub(crate) fn money(value: &Node<'_>) -> Result<Option<Money>, Rejection> {
    let Some(amount) = value.member("amount") else {
        return Ok(None);
    };
    let Value::Number(number) = amount.value() else {
        return Err(amount.refuse("`amount` is not a number"));
    };
    let Some(code) = value.text("currency") else {
        return Err(value.refuse_member("currency", "`currency` is missing"));
    };
    let currency = Currency::parse(code)
        .map_err(|error| value.refuse_member("currency", error.to_string()))?;
    let units = minor_units(number, currency.minor_digits())
        .map_err(|error| amount.refuse(error.to_string()))?;
    Money::new(units, currency)
        .map(Some)
        .map_err(|error| amount.refuse(error.to_string()))
}

fn minor_units(number: &Number, digits: u32) -> Result<i64, AmountError> {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) if whole < 0 => Err(AmountError::Negative),
        (Some(whole), _) => 10_i64
            .checked_pow(digits)
            .and_then(|unit| whole.checked_mul(unit))
            .ok_or(AmountError::TooLarge),
        (None, Some(decimal)) if decimal < 0.0 => Err(AmountError::Negative),
        (None, Some(decimal)) => decimal_units(&decimal.abs().to_string(), digits as usize),
        (None, None) => Err(AmountError::TooLarge),
    }
}

/// Reads the shortest decimal text of a binary number, such as `11000000.5`.
fn decimal_units(text: &str, digits: usize) -> Result<i64, AmountError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > digits {
        return Err(AmountError::TooPrecise);
    }
    format!("{whole}{fraction:0<digits$}")
        .parse()
        .ok()
        .filter(|units| *units < EXACT)
        .ok_or(AmountError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Option<String>, String> {
        money(&Node::new(value, ""))
            .map(|sum| sum.map(|sum| format!("{} {}", sum.amount(), sum.currency())))
            .map_err(|rejection| format!("{} {}", rejection.pointer.unwrap(), rejection.message))
    }

    fn pounds(text: &str) -> Result<Option<String>, String> {
        let amount: Value = serde_json::from_str(text).unwrap();
        read(&json!({"amount": amount, "currency": "GBP"}))
    }

    #[test]
    fn major_units_become_exact_minor_units() {
        for (text, pence) in [
            ("11000000", "1100000000 GBP"),
            ("11000000.0", "1100000000 GBP"),
            ("0.1", "10 GBP"),
            ("0.29", "29 GBP"),
            ("1.15", "115 GBP"),
            ("8.41e6", "841000000 GBP"),
            ("9999999999999.99", "999999999999999 GBP"),
            ("0", "0 GBP"),
            ("-0.0", "0 GBP"),
        ] {
            assert_eq!(pounds(text).unwrap().unwrap(), pence, "{text}");
        }
    }

    #[test]
    fn a_currency_has_the_decimals_that_its_minor_unit_has() {
        let sum = |amount: f64, currency| read(&json!({"amount": amount, "currency": currency}));
        assert_eq!(sum(417_343_000.0, "PYG").unwrap().unwrap(), "417343000 PYG");
        assert_eq!(sum(1.5, "BHD").unwrap().unwrap(), "1500 BHD");
        assert!(sum(1.5, "JPY").unwrap_err().contains("more decimals"));
    }

    #[test]
    fn what_cannot_be_exact_is_refused_at_its_place() {
        for (text, why) in [
            ("1.005", "/amount the amount has more decimals"),
            ("-1", "/amount the amount is negative"),
            ("-0.5", "/amount the amount is negative"),
            ("1e300", "/amount the amount is too large"),
            ("1e-300", "/amount the amount has more decimals"),
            ("18446744073709551615", "/amount the amount is too large"),
            ("9223372036854775807", "/amount the amount is too large"),
            ("10000000000000.01", "/amount the amount is too large"),
            ("\"5\"", "/amount `amount` is not a number"),
        ] {
            let refusal = pounds(text).unwrap_err();
            assert!(refusal.starts_with(why), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_sum_needs_a_currency_and_no_sum_needs_none() {
        assert_eq!(read(&json!({"currency": "GBP"})), Ok(None));
        assert_eq!(read(&json!({"amount": null})), Ok(None));
        let refusal = read(&json!({"amount": 5})).unwrap_err();
        assert_eq!(refusal, "/currency `currency` is missing");
        let refusal = read(&json!({"amount": 5, "currency": "gs"})).unwrap_err();
        assert!(refusal.starts_with("/currency `gs`"), "{refusal}");
    }
}
