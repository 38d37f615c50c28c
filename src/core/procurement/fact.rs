//! The facts an event can teach about a case.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    bond::BondTerms,
    calendar::{Period, Timestamp},
    document::ClaimOutcome,
    identifier::{AwardId, BondId, ContractId, LotId, PartyCode, ProcurementId},
    money::Money,
    party::Role,
    rules::{Guarantee, RuleOverride},
};

use super::Waiver;

/// One fact, before it is stamped.
///
/// What an event does not say is not a fact: a release without an opening time teaches none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Who the owner is.
    Owner(PartyCode),
    /// The title.
    Title(String),
    /// The lots.
    Lots(Vec<Lot>),
    /// What bidders must hand in.
    BidGuarantee(Guarantee),
    /// The failed procedure this one follows. Its bonds never count here (R2).
    Follows(ProcurementId),
    /// When bids are opened, for the tender or one lot.
    Opening {
        /// Tender or lot.
        scope: Scope,
        /// The opening time.
        at: Timestamp,
    },
    /// A second person says that an opening time brought forward is meant (E2).
    OpeningConfirmed {
        /// Tender or lot.
        scope: Scope,
        /// The announced time.
        at: Timestamp,
    },
    /// What differs in this case from the installation's and the owner's rules.
    OwnRules(RuleOverride),
    /// The procedure ended without an award, or was taken up again.
    Outcome {
        /// Tender or lot.
        scope: Scope,
        /// How.
        outcome: TenderOutcome,
    },
    /// A contractor handed in a bid.
    Bid {
        /// Who.
        contractor: PartyCode,
        /// Tender or lot.
        scope: Scope,
        /// The bonds it names; empty means all it has for this scope.
        bonds: Vec<BondId>,
        /// The price bid.
        amount: Option<Money>,
    },
    /// The bids were opened.
    BidsOpened {
        /// Tender or lot.
        scope: Scope,
        /// When.
        at: Timestamp,
    },
    /// The bidders were asked to bid again.
    Rebid {
        /// Tender or lot.
        scope: Scope,
        /// Counts the rounds; the first re-bid is 1 or 2, as the source counts.
        round: u32,
        /// When the new bids are opened.
        opening_at: Timestamp,
    },
    /// An award and where it stands.
    Award {
        /// Its id.
        award: AwardId,
        /// The lots it covers; empty is the whole tender.
        lots: Vec<LotId>,
        /// To whom; a source that only tells a new state may leave it out.
        contractor: Option<PartyCode>,
        /// Where it stands.
        state: AwardState,
    },
    /// A contract was concluded.
    Contract {
        /// Its id.
        contract: ContractId,
        /// The award it comes of.
        award: Option<AwardId>,
        /// The lots it covers; empty is what the award covers.
        lots: Vec<LotId>,
        /// With whom; a source may leave it to the award.
        contractor: Option<PartyCode>,
        /// What must be guaranteed.
        guarantee: Option<Guarantee>,
    },
    /// A contract's price and period, as concluded (change 0) or changed.
    Terms {
        /// Which contract.
        contract: ContractId,
        /// Number of the change; sources without numbers use the change's name.
        change: String,
        /// The price and period.
        terms: Terms,
    },
    /// A contract ended.
    ContractEnded {
        /// Which contract.
        contract: ContractId,
        /// How.
        how: ContractEnd,
    },
    /// Something about one bond.
    Bond {
        /// Which bond.
        bond: BondId,
        /// What.
        fact: BondFact,
    },
}

/// A fact about one bond: acts of its issuer and of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BondFact {
    /// The issuer registered it.
    Registered(BondTerms),
    /// The issuer updated it.
    Updated(BondTerms),
    /// The issuer deleted it.
    Deleted,
    /// The issuer settled a claim window.
    Settled(ClaimOutcome),
    /// The contractor handed it to the owner (R14).
    HandedOver,
    /// The owner agrees that the issuer may delete it.
    OwnerConsents,
    /// A person waived a finding of the match (R7).
    Waived(Waiver),
    /// The keys of one role stop working; new ones may follow.
    KeysRevoked {
        /// Whose keys.
        role: Role,
        /// Whether new keys are issued at once.
        reissue: bool,
        /// Why, for the holder.
        reason: String,
    },
    /// The keys of one role stop working, and the holder takes the next one by hand, without mail (R14).
    KeyByHand {
        /// Whose keys.
        role: Role,
    },
    /// The issuer signed a key that waited for its signature (R12).
    KeySigned {
        /// In which role the key is held.
        role: Role,
        /// The edition it was asked for in.
        edition: u32,
    },
}

/// The whole tender, or one of its lots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// The whole tender.
    Tender,
    /// One lot.
    Lot(LotId),
}

impl From<Option<LotId>> for Scope {
    fn from(lot: Option<LotId>) -> Self {
        lot.map_or(Self::Tender, Self::Lot)
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl TryFrom<String> for Scope {
    type Error = crate::identifier::IdentifierError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.strip_prefix("lot:") {
            Some(lot) => LotId::parse(lot).map(Self::Lot),
            None => Ok(Self::Tender),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tender => formatter.write_str("tender"),
            Self::Lot(lot) => write!(formatter, "lot:{lot}"),
        }
    }
}

/// A lot's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// Its title; may be empty.
    #[serde(default)]
    pub title: String,
}

/// How a tender or lot ended without an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenderOutcome {
    /// It goes on: a cancellation was taken back.
    Active,
    /// It was cancelled.
    Cancelled,
    /// No award at all.
    Unsuccessful,
}

/// Where an award stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwardState {
    /// On hold, or not yet final.
    Pending,
    /// Decided.
    Decided,
    /// Withdrawn: as if it had never been.
    Cancelled,
    /// The winner refuses to sign.
    Declined,
}

/// How a contract ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractEnd {
    /// Inspected and paid.
    Completed,
    /// Ended early; a claim may follow.
    Terminated,
}

/// A contract's price and period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The price; none where a source tells only the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The period; none where a source tells only the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The day it was signed; none where a source does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<chrono::NaiveDate>,
}
