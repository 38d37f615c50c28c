//! The data of e-contract events as they are written (CONTRACT §1). Unknown members are ignored.

mod object;
mod value;

use bondhub_core::identifier::{AwardId, ContractId, LotId, PartyCode};
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use object::Object;
pub(crate) use value::{Amount, Day, GuaranteeRequired, Identifier, Span, Text};

/// A contract as it was concluded (契約締結).
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Concluded {
    /// The contract's id within the procurement.
    #[schemars(with = "Identifier")]
    pub(crate) contract: ContractId,
    /// The award it comes of.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) award: Option<AwardId>,
    /// The lot; without it what the award covers.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) lot: Option<LotId>,
    /// Code of the contractor.
    #[schemars(with = "Identifier")]
    pub(crate) contractor: PartyCode,
    /// The price.
    pub(crate) amount: Amount,
    /// The period of the works (工期).
    pub(crate) period: Span,
    /// The day it was signed.
    pub(crate) signed_at: Day,
    /// What must be guaranteed; without it the hub's own rule holds.
    pub(crate) performance_guarantee: Option<GuaranteeRequired>,
}

/// A contract's price and period after a change (契約変更).
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Changed {
    /// The contract's id within the procurement.
    #[schemars(with = "Identifier")]
    pub(crate) contract: ContractId,
    /// Number of the change, from 1.
    pub(crate) change: ChangeNumber,
    /// The whole price after the change.
    pub(crate) amount: Amount,
    /// The whole period after the change.
    pub(crate) period: Span,
    /// The day the change was signed.
    pub(crate) signed_at: Day,
}

/// Number of a change; 0 would be the conclusion.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "serde_json::Number")]
#[schemars(with = "u32", inline, extend("minimum" = 1, "maximum" = u32::MAX))]
pub(crate) struct ChangeNumber(pub(crate) u32);

impl TryFrom<serde_json::Number> for ChangeNumber {
    type Error = String;
    fn try_from(number: serde_json::Number) -> Result<Self, String> {
        number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| format!("the change {number} is not numbered 1, 2, 3 and so on"))
    }
}

/// The end of a contract; the event's type tells which.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Ended {
    /// The contract's id within the procurement.
    #[schemars(with = "Identifier")]
    pub(crate) contract: ContractId,
    /// The day it ended; it stays in the event's history.
    #[serde(rename = "date")]
    pub(crate) _date: Day,
    /// Why, for people; it stays in the event's history.
    #[serde(rename = "reason")]
    pub(crate) _reason: Option<Text>,
}
