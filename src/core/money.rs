//! Amounts as integers in a currency's minor unit (R3). There is no float here on purpose.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code: three capital letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Japanese yen, whose minor unit is the yen itself.
    pub const JPY: Self = Self(*b"JPY");

    /// Reads a code such as `JPY`. `XXX` (no currency) and `XTS` (for tests) of ISO 4217 are no currencies that one can owe.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            b"XXX" | b"XTS" => Err(MoneyError::Currency(text.to_owned())),
            _ => Self::kept(text),
        }
    }

    /// Reads a code that was taken before, also one that is refused by now: what is in the ledger stays readable.
    pub fn kept(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(MoneyError::Currency(text.chars().take(12).collect())),
        }
    }

    /// How many digits the minor unit has (ISO 4217); 2 for codes without a special case.
    pub fn minor_digits(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Self, MoneyError> {
        Self::kept(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an amount cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three capital letters, or a code of no currency.
    #[error("`{0}` is not an ISO 4217 currency code such as JPY")]
    Currency(String),
    /// Below zero.
    #[error("the amount is negative")]
    Negative,
    /// Two currencies where one was expected.
    #[error("the amount is in {found}, expected {expected}")]
    OtherCurrency {
        /// The currency that was expected.
        expected: Currency,
        /// The currency that was found.
        found: Currency,
    },
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    TooLarge,
}

/// A non-negative amount in a currency's minor unit, e.g. yen, or cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "MoneyParts", into = "MoneyParts")]
pub struct Money {
    amount: i64,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
struct MoneyParts {
    amount: i64,
    currency: Currency,
}

impl TryFrom<MoneyParts> for Money {
    type Error = MoneyError;
    fn try_from(parts: MoneyParts) -> Result<Self, MoneyError> {
        Self::new(parts.amount, parts.currency)
    }
}

impl From<Money> for MoneyParts {
    fn from(money: Money) -> Self {
        Self {
            amount: money.amount,
            currency: money.currency,
        }
    }
}

impl Money {
    /// The largest amount a bond may be over, in minor units: sums of many such still fit.
    pub const LARGEST: i64 = 1_000_000_000_000_000;

    /// `amount` minor units of `currency`; refuses what is negative.
    pub fn new(amount: i64, currency: Currency) -> Result<Self, MoneyError> {
        if amount < 0 {
            return Err(MoneyError::Negative);
        }
        Ok(Self { amount, currency })
    }

    /// Nothing, in `currency`.
    pub fn zero(currency: Currency) -> Self {
        Self {
            amount: 0,
            currency,
        }
    }

    /// The number of minor units.
    pub fn amount(&self) -> i64 {
        self.amount
    }

    /// The currency.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Refuses `other` if it is in another currency.
    pub fn same_currency(&self, other: &Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::OtherCurrency {
            expected: self.currency,
            found: other.currency,
        })
    }

    /// The sum of two amounts of one currency.
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let amount = self
            .amount
            .checked_add(other.amount)
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, ..*self })
    }

    /// The larger of two amounts of one currency; `self` where the currencies differ.
    pub fn at_least(self, other: Self) -> Self {
        if self.currency == other.currency && other.amount > self.amount {
            other
        } else {
            self
        }
    }

    /// `rate` of this amount, rounded up to a whole minor unit: a guarantee is never short by rounding.
    pub fn portion(&self, rate: BasisPoints) -> Result<Self, MoneyError> {
        let product = i128::from(self.amount) * i128::from(rate.0);
        let amount = (product + 9_999) / 10_000;
        Ok(Self {
            amount: i64::try_from(amount).map_err(|_| MoneyError::TooLarge)?,
            ..*self
        })
    }

    /// This amount rounded up to a multiple of `unit` minor units; 0 and 1 change nothing.
    pub fn rounded_up_to(&self, unit: i64) -> Result<Self, MoneyError> {
        let rest = if unit > 1 { self.amount % unit } else { 0 };
        if rest == 0 {
            return Ok(*self);
        }
        let amount = self
            .amount
            .checked_add(unit - rest)
            .ok_or(MoneyError::TooLarge)?;
        Ok(Self { amount, ..*self })
    }
}

impl fmt::Display for Money {
    /// `JPY 120,000,000`, `GBP 11,000,000.00`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let unit = 10_i64.pow(digits);
        write!(
            formatter,
            "{} {}",
            self.currency,
            grouped(self.amount / unit)
        )?;
        if digits > 0 {
            write!(
                formatter,
                ".{:0width$}",
                self.amount % unit,
                width = digits as usize
            )?;
        }
        Ok(())
    }
}

fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A rate in hundredths of a per cent: 1000 is 10 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    fn yen(amount: i64) -> Money {
        Money::new(amount, Currency::JPY).unwrap()
    }

    #[test]
    fn a_portion_is_rounded_up_never_down() {
        assert_eq!(yen(101).portion(BasisPoints(1000)).unwrap(), yen(11));
        assert_eq!(
            yen(120_000_000).portion(BasisPoints(1000)).unwrap(),
            yen(12_000_000)
        );
    }

    #[test]
    fn a_guarantee_can_be_rounded_up_to_a_thousand_yen() {
        assert_eq!(
            yen(12_000_001).rounded_up_to(1000).unwrap(),
            yen(12_001_000)
        );
        assert_eq!(
            yen(12_000_000).rounded_up_to(1000).unwrap(),
            yen(12_000_000)
        );
    }

    #[test]
    fn amounts_are_written_with_the_digits_that_iso_4217_gives_their_currency() {
        let written = |code: &str| {
            let currency = Currency::parse(code).unwrap();
            Money::new(12_345, currency).unwrap().to_string()
        };
        assert_eq!(written("JPY"), "JPY 12,345");
        assert_eq!(written("VUV"), "VUV 12,345");
        assert_eq!(written("USD"), "USD 123.45");
        assert_eq!(written("KWD"), "KWD 12.345");
        assert_eq!(written("CLF"), "CLF 1.2345");
    }

    #[test]
    fn a_code_that_stands_for_no_currency_is_refused() {
        for code in ["XXX", "XTS", "yen", "JPYX", ""] {
            let refused = Currency::parse(code);
            assert_eq!(refused, Err(MoneyError::Currency(code.to_owned())));
        }
    }

    #[test]
    fn what_was_taken_in_such_a_code_before_is_read_all_the_same() {
        let money: Money = serde_json::from_str(r#"{"amount":7,"currency":"XTS"}"#).unwrap();
        assert_eq!(money.to_string(), "XTS 0.07");
    }

    #[test]
    fn negative_amounts_and_other_currencies_are_refused() {
        assert_eq!(Money::new(-1, Currency::JPY), Err(MoneyError::Negative));
        let pounds = Money::new(1, Currency::parse("GBP").unwrap()).unwrap();
        assert!(matches!(
            yen(1).plus(&pounds),
            Err(MoneyError::OtherCurrency { .. })
        ));
    }

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(yen(120_000_000).to_string(), "JPY 120,000,000");
        let pounds = Money::new(1_100_000_005, Currency::parse("GBP").unwrap()).unwrap();
        assert_eq!(pounds.to_string(), "GBP 11,000,000.05");
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error_not_a_wrap() {
        assert_eq!(yen(i64::MAX).plus(&yen(1)), Err(MoneyError::TooLarge));
    }
}
