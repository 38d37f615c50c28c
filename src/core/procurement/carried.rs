//! What the hub has carried out for a case: the *is* that reconciling compares with the *ought*.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Scope;
use crate::{
    bond::{BondState, BondTerms, Cause},
    calendar::Timestamp,
    event::EventIdentity,
    identifier::{BondId, ContractId, IdentifierError, PartyCode},
    liability::{Era, Posting},
    matching::MatchResult,
    money::Currency,
    party::Role,
    reconcile::KeyReason,
    rules::Guarantee,
    task::{Task, TaskKey},
};

/// The state of a case as carried out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Carried {
    /// The bonds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bonds: BTreeMap<BondId, BondRecord>,
    /// Open tasks.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: BTreeMap<TaskKey, Task>,
    /// Opening times the parties were told, by scope.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub told_opening: BTreeMap<Scope, Timestamp>,
    /// Openings whose taking place the parties were told.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub told_opened: BTreeMap<Scope, Timestamp>,
    /// What the case waits for.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub waits: BTreeMap<WaitFor, Wait>,
    /// What the installation asked of contracts when it heard of them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<ContractId, RateInForce>,
}

/// What an installation asks of contracts of an owner where neither event nor case says (R7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateInForce {
    /// Whose contracts; none while the case's owner is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<PartyCode>,
    /// What they must be guaranteed with.
    pub guarantee: Guarantee,
    /// Required amounts are rounded up to a multiple of this many minor units.
    pub round_up_to: i64,
}

/// A bond as carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BondRecord {
    /// Counts the versions, from 1.
    pub version: u32,
    /// The content of this version.
    pub terms: BondTerms,
    /// Where it is in its life.
    pub state: BondState,
    /// Why.
    pub cause: Cause,
    /// The issuer's document this version stands on.
    pub basis: EventIdentity,
    /// When the hub carried this version out; none where it was before the hub kept that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When the hub carried out a final end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Business time up to which ends were overruled by a document the issuer signed afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled: Option<Timestamp>,
    /// Live keys, by holder's role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<Role, LiveKey>,
    /// Keys that wait for their issuer's signature, or signed ones for their holder (R12).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub asked: BTreeMap<Role, AskedKey>,
    /// Counts keys asked for, issued and ended: whatever has a number up to an ended one is dead (R11).
    #[serde(default)]
    pub edition: u32,
    /// What was outstanding from which day on (R40).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outstanding: Vec<Step>,
    /// How it matched its case last (R7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<MatchResult>,
    /// What other systems were told of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_told: Option<MatchResult>,
    /// Whose it is, where the principal is a joint venture: the shares as they were posted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Era>,
    /// What the ledger will note of it by time alone, beside the end of its period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreseen: Vec<Posting>,
    /// Whose balances changed by it, of which other systems are told after the opening only (R21).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub balances_untold: BTreeSet<PartyCode>,
    /// Reminders given for this version's end, in days before it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reminded: BTreeSet<i64>,
}

/// From `day` on, `amount` is outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    /// First day.
    pub day: NaiveDate,
    /// Minor units.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
}

/// A key that works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveKey {
    /// Who holds it.
    pub holder: PartyCode,
    /// The bond's version it opens.
    pub version: u32,
    /// The bond's edition it was issued in.
    pub edition: u32,
    /// The revocation by hand after which it was issued, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
}

/// A key whose statement lies in the signing queue: its secret is drawn and sealed, it opens nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedKey {
    /// Who will hold it.
    pub holder: PartyCode,
    /// The bond's version it will open.
    pub version: u32,
    /// The bond's edition it was asked for in, and will be issued in.
    pub edition: u32,
    /// The revocation by hand after which it was asked for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Timestamp>,
    /// Why it is issued.
    pub reason: KeyReason,
}

/// Something outside a case that it needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WaitFor {
    /// A party that is not known.
    Party(PartyCode),
    /// A bond that a bid names.
    Bond(BondId),
    /// The conclusion of a contract of which only changes are known.
    Contract(ContractId),
    /// An OpenPGP certificate of a key's holder (R50).
    Certificate(PartyCode),
    /// An issuer's signature under a key (R12).
    Signature(PartyCode),
}

impl fmt::Display for WaitFor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Party(party) => write!(formatter, "party:{party}"),
            Self::Bond(bond) => write!(formatter, "bond:{bond}"),
            Self::Contract(contract) => write!(formatter, "contract:{contract}"),
            Self::Certificate(party) => write!(formatter, "certificate:{party}"),
            Self::Signature(party) => write!(formatter, "signature:{party}"),
        }
    }
}

impl From<WaitFor> for String {
    fn from(wait: WaitFor) -> Self {
        wait.to_string()
    }
}

impl TryFrom<String> for WaitFor {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        let (what, name) = text.split_once(':').ok_or(IdentifierError::Empty)?;
        match what {
            "party" => PartyCode::parse(name).map(Self::Party),
            "bond" => BondId::try_from(name.to_owned()).map(Self::Bond),
            "contract" => ContractId::parse(name).map(Self::Contract),
            "certificate" => PartyCode::parse(name).map(Self::Certificate),
            _ => PartyCode::parse(name).map(Self::Signature),
        }
    }
}

/// Since when something is missing, and which events it keeps from taking full effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// When the hub noticed.
    pub since: Timestamp,
    /// The events that wait.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub events: BTreeSet<EventIdentity>,
}
