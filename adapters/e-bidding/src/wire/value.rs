//! Amounts, rates, times and texts as the events write them.
//!
//! Each refuses by itself what it cannot be, so that the rejection points at the member itself.

use bondhub_core::{
    calendar::Timestamp,
    event,
    money::{BasisPoints, Currency, Money},
    rules::Guarantee,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Number;

use super::Object;

/// The longest text taken, in bytes.
const LONGEST_TEXT: usize = 2_000;

/// The most a rate can be: 100 %.
const WHOLE: u32 = 10_000;

/// Schema of every identifier; the core's own types read them.
#[derive(JsonSchema)]
#[schemars(
    transparent,
    inline,
    extend("minLength" = 1, "maxLength" = 200, "pattern" = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$")
)]
pub(crate) struct Identifier(#[expect(dead_code, reason = "only the schema is wanted")] String);

/// A text for people, without control characters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", inline, extend("maxLength" = LONGEST_TEXT, "pattern" = r"^[^\x00-\x1f\x7f-\x9f]*$"))]
pub(crate) struct Text(pub(crate) String);

impl TryFrom<String> for Text {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text.len() > LONGEST_TEXT {
            return Err(format!("is longer than {LONGEST_TEXT} bytes"));
        }
        if text.chars().any(char::is_control) {
            return Err("contains a control character".into());
        }
        Ok(Self(text.trim().to_owned()))
    }
}

/// An instant: RFC 3339 with an offset.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", inline, extend("format" = "date-time"))]
pub(crate) struct Instant(pub(crate) Timestamp);

impl TryFrom<String> for Instant {
    type Error = event::Rejection;
    fn try_from(text: String) -> Result<Self, event::Rejection> {
        event::read_time("", &text).map(Self)
    }
}

/// An amount of money in the currency's minor unit (ISO 4217): yen, or cents.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Object<AmountParts>")]
#[schemars(with = "AmountParts", inline)]
pub(crate) struct Amount(pub(crate) Money);

#[derive(Deserialize, JsonSchema)]
pub(crate) struct AmountParts {
    /// Minor units.
    amount: MinorUnits,
    /// ISO 4217 code, e.g. `JPY`.
    #[schemars(with = "CurrencyCode")]
    currency: Currency,
}

impl TryFrom<Object<AmountParts>> for Amount {
    type Error = bondhub_core::money::MoneyError;
    fn try_from(Object(parts): Object<AmountParts>) -> Result<Self, Self::Error> {
        Money::new(parts.amount.0, parts.currency).map(Self)
    }
}

#[derive(JsonSchema)]
#[schemars(transparent, inline, extend("pattern" = "^[A-Z]{3}$"))]
struct CurrencyCode(#[expect(dead_code, reason = "only the schema is wanted")] String);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Number")]
#[schemars(with = "i64", inline, extend("minimum" = 0, "maximum" = i64::MAX))]
struct MinorUnits(i64);

impl TryFrom<Number> for MinorUnits {
    type Error = String;
    fn try_from(number: Number) -> Result<Self, String> {
        match number.as_i64() {
            Some(amount) if amount >= 0 => Ok(Self(amount)),
            Some(_) => Err(format!("the amount {number} is negative")),
            None => Err(format!("{number} is not a whole number of minor units")),
        }
    }
}

/// A share in basis points: 1000 is 10 %.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Number")]
#[schemars(with = "u32", inline, extend("minimum" = 0, "maximum" = WHOLE))]
struct Rate(BasisPoints);

impl TryFrom<Number> for Rate {
    type Error = String;
    fn try_from(number: Number) -> Result<Self, String> {
        number
            .as_u64()
            .and_then(|rate| u32::try_from(rate).ok())
            .filter(|rate| *rate <= WHOLE)
            .map(|rate| Self(BasisPoints(rate)))
            .ok_or_else(|| format!("the rate {number} is not 0 to {WHOLE} basis points"))
    }
}

/// What must be guaranteed: a share of the price, or a fixed sum.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "Object<GuaranteeParts>")]
#[schemars(with = "GuaranteeParts", inline)]
pub(crate) struct GuaranteeRequired(pub(crate) Guarantee);

#[derive(Deserialize, JsonSchema)]
#[schemars(extend("not" = {"required": ["rate_bp", "amount"]}))]
pub(crate) struct GuaranteeParts {
    /// Whether a guarantee is required at all.
    required: bool,
    /// The share of the price in basis points: 1000 is 10 %.
    rate_bp: Option<Rate>,
    /// A fixed sum instead of a share.
    amount: Option<Amount>,
}

impl TryFrom<Object<GuaranteeParts>> for GuaranteeRequired {
    type Error = &'static str;
    fn try_from(Object(parts): Object<GuaranteeParts>) -> Result<Self, &'static str> {
        if parts.rate_bp.is_some() && parts.amount.is_some() {
            return Err("a guarantee has `rate_bp` or `amount`, not both");
        }
        Ok(Self(Guarantee {
            required: parts.required,
            rate_bp: parts.rate_bp.map(|rate| rate.0),
            amount: parts.amount.map(|amount| amount.0),
        }))
    }
}
