//! Bonds (R3) and their life.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Period, Timestamp},
    identifier::{ContractId, LotId, PartyCode, ProcurementId},
    money::Money,
};

/// What a bond guarantees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BondKind {
    /// That the winner signs the contract.
    Bid,
    /// A promise to issue the performance bond; handled like a bid bond until the contract (R6).
    PerformanceReservation,
    /// That the contract is carried out.
    Performance,
}

impl BondKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Bid, Self::PerformanceReservation, Self::Performance];

    /// Reads what [`BondKind::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bid => "bid",
            Self::PerformanceReservation => "performance_reservation",
            Self::Performance => "performance",
        }
    }

    /// Whether the bond belongs to the bidding, not to the contract.
    pub fn is_bid_stage(self) -> bool {
        self != Self::Performance
    }
}

/// The legal form of a bond; its consequences are data of the bond, not code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instrument {
    /// A surety bond.
    SuretyBond,
    /// Guarantee insurance.
    Insurance,
    /// A bank's guarantee.
    BankGuarantee,
    /// A guarantee company's contract guarantee.
    ContractGuarantee,
}

impl Instrument {
    /// The instrument as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SuretyBond => "surety_bond",
            Self::Insurance => "insurance",
            Self::BankGuarantee => "bank_guarantee",
            Self::ContractGuarantee => "contract_guarantee",
        }
    }
}

/// Whether the original is in the hub's vault or on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// The hub holds the one original.
    #[default]
    Electronic,
    /// A paper bond, entered so that it counts (R41).
    Paper,
}

impl Medium {
    /// The medium as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Electronic => "electronic",
            Self::Paper => "paper",
        }
    }
}

/// What a bond says: the content of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BondTerms {
    /// What it guarantees.
    pub kind: BondKind,
    /// Its legal form.
    pub instrument: Instrument,
    /// Vault or paper.
    #[serde(default)]
    pub medium: Medium,
    /// The contractor.
    pub principal: PartyCode,
    /// The owner.
    pub obligee: PartyCode,
    /// The case it is for.
    pub procurement: ProcurementId,
    /// The lot it is for; none is the whole tender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<LotId>,
    /// The contract, for a performance bond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractId>,
    /// What is guaranteed.
    pub amount: Money,
    /// From when until when.
    pub period: Period,
    /// The text of the guarantee.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub wording: String,
    /// The opening time the issuer was told; it governs the embargo until the case's is known (R8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_at: Option<Timestamp>,
    /// Whether it pays when the winner refuses to sign. Never for a reservation.
    #[serde(default)]
    pub forfeitable: bool,
    /// What becomes of it at the contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub converts_to: Option<BondKind>,
    /// A performance bond that was promised: the number of the reservation it takes over (R6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<crate::identifier::BondNumber>,
    /// The files that belong to it, bound by their digests (R3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<crate::attachment::Attachment>,
}

/// Where a bond is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BondState {
    /// A reservation, promised.
    Reserved,
    /// A bond in force.
    InForce,
    /// A claim may follow; nobody may end the bond but issuer and owner.
    Frozen,
    /// The normal end.
    Released,
    /// Its period is over.
    Expired,
    /// It was paid on.
    Claimed,
    /// A reservation whose contract was concluded.
    Converted,
}

impl BondState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Reserved,
        Self::InForce,
        Self::Frozen,
        Self::Released,
        Self::Expired,
        Self::Claimed,
        Self::Converted,
    ];

    /// The state as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::InForce => "in_force",
            Self::Frozen => "frozen",
            Self::Released => "released",
            Self::Expired => "expired",
            Self::Claimed => "claimed",
            Self::Converted => "converted",
        }
    }

    /// Reads what [`BondState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The state a bond of this kind has while nothing ended it.
    pub fn alive(kind: BondKind) -> Self {
        match kind {
            BondKind::PerformanceReservation => Self::Reserved,
            BondKind::Bid | BondKind::Performance => Self::InForce,
        }
    }

    /// Whether somebody is still bound by the bond.
    pub fn is_outstanding(self) -> bool {
        matches!(self, Self::Reserved | Self::InForce | Self::Frozen)
    }

    /// Whether a bond in this state is over when its period is: a claim that came in time keeps it.
    pub fn ends_by_date(self) -> bool {
        matches!(self, Self::Reserved | Self::InForce)
    }

    /// Whether the bond's keys open it. A frozen bond can be read: the owner decides on a claim.
    pub fn has_keys(self) -> bool {
        self.is_outstanding()
    }
}

impl fmt::Display for BondState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why a bond's state is what it is: the rule that was applied, and the fact it was applied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The rule.
    pub rule: Rule,
    /// Business time of the fact.
    pub at: Timestamp,
    /// The event or document that taught it, or the day that passed.
    pub source: String,
}

/// The rules that move a bond (R30, R31, R6, R8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The issuer registered it.
    Registered,
    /// The issuer updated it.
    UpdatedByIssuer,
    /// A contract change within the issuer's standing instruction (R31).
    ContractChanged,
    /// The tender was cancelled.
    TenderCancelled,
    /// The procedure ended without an award.
    NoAward,
    /// The contract was concluded with this contractor.
    ContractConcluded,
    /// The contract was concluded with somebody else.
    AwardedToAnother,
    /// The winner refused to sign.
    AwardDeclined,
    /// The works were inspected and paid.
    ContractCompleted,
    /// The contract ended early.
    ContractTerminated,
    /// The issuer deleted it.
    DeletedByIssuer,
    /// Its period is over.
    PeriodOver,
    /// A performance bond took the reservation over.
    TakenOver,
    /// Issuer and owner settled a claim window.
    ClaimSettled,
}

impl Rule {
    /// The rule as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::UpdatedByIssuer => "updated_by_issuer",
            Self::ContractChanged => "contract_changed",
            Self::TenderCancelled => "tender_cancelled",
            Self::NoAward => "no_award",
            Self::ContractConcluded => "contract_concluded",
            Self::AwardedToAnother => "awarded_to_another",
            Self::AwardDeclined => "award_declined",
            Self::ContractCompleted => "contract_completed",
            Self::ContractTerminated => "contract_terminated",
            Self::DeletedByIssuer => "deleted_by_issuer",
            Self::PeriodOver => "period_over",
            Self::TakenOver => "taken_over",
            Self::ClaimSettled => "claim_settled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_from_its_name() {
        for state in BondState::ALL {
            assert_eq!(BondState::parse(state.as_str()), Some(state));
        }
    }

    #[test]
    fn what_is_over_counts_no_more_and_opens_no_more() {
        for state in [
            BondState::Released,
            BondState::Expired,
            BondState::Claimed,
            BondState::Converted,
        ] {
            assert!(!state.is_outstanding() && !state.has_keys(), "{state}");
        }
    }
}
