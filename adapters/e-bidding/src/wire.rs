//! The data of e-bidding events as they are written (CONTRACT §1). Unknown members are ignored.

mod object;
mod value;

use bondhub_core::identifier::{AwardId, BondId, BondNumber, LotId, PartyCode, ProcurementId};
use schemars::JsonSchema;
use serde::Deserialize;

pub(crate) use object::Object;
pub(crate) use value::{Amount, GuaranteeRequired, Identifier, Instant, Text};

/// A tender as it is announced or changed: its whole state each time.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Tender {
    /// Code of the owner (発注者).
    #[schemars(with = "Identifier")]
    pub(crate) owner: PartyCode,
    /// Title of the works.
    pub(crate) title: Text,
    /// When the bids are opened (開札日時).
    pub(crate) opening_at: Instant,
    /// The lots; without it the tender has none.
    pub(crate) lots: Option<Vec<Object<Lot>>>,
    /// What bidders must hand in.
    pub(crate) bid_guarantee: Option<GuaranteeRequired>,
    /// The failed procedure this one follows.
    pub(crate) related: Option<Object<Related>>,
}

/// A lot.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Lot {
    /// Its id within the procurement.
    #[schemars(with = "Identifier")]
    pub(crate) id: LotId,
    /// Its title; may be empty.
    pub(crate) title: Text,
}

/// Another procurement and how this one relates to it.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Related {
    /// The other procurement's id.
    #[schemars(with = "Identifier")]
    pub(crate) procurement: ProcurementId,
    /// How.
    pub(crate) kind: Relation,
}

/// How two procurements relate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Relation {
    /// The other one ended without an award; its bonds never count here.
    UnsuccessfulProcess,
}

/// The end of a tender, or of one lot, without an award.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct TenderEnd {
    /// The lot; without it the whole tender.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) lot: Option<LotId>,
    /// Why, for people; it stays in the event's history.
    #[serde(rename = "reason")]
    pub(crate) _reason: Option<Text>,
}

/// A bid that was handed in; with it its bonds are handed to the owner (R14).
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Bid {
    /// Code of the bidder.
    #[schemars(with = "Identifier")]
    pub(crate) contractor: PartyCode,
    /// The lot; without it the whole tender.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) lot: Option<LotId>,
    /// The bonds it names; without it all the bidder has for the lot or tender.
    pub(crate) bonds: Option<Vec<Object<BondName>>>,
    /// The price bid.
    pub(crate) amount: Option<Amount>,
}

/// A bond by its issuer and the issuer's number.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct BondName {
    /// Code of the issuer.
    #[schemars(with = "Identifier")]
    issuer: PartyCode,
    /// The bond's number at the issuer.
    #[schemars(with = "Identifier")]
    number: BondNumber,
}

impl From<Object<BondName>> for BondId {
    fn from(Object(name): Object<BondName>) -> Self {
        Self::new(name.issuer, name.number)
    }
}

/// Bids were opened (開札).
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Opened {
    /// The lot; without it the whole tender.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) lot: Option<LotId>,
    /// When.
    pub(crate) opened_at: Instant,
}

/// The bidders are asked to bid again (再入札).
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Rebid {
    /// The lot; without it the whole tender.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) lot: Option<LotId>,
    /// Counts the rounds, from 1 or 2 as the source counts.
    pub(crate) round: std::num::NonZeroU32,
    /// When the new bids are opened.
    pub(crate) opening_at: Instant,
}

/// An award; the event's type tells where it stands.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Award {
    /// The award's id within the procurement.
    #[schemars(with = "Identifier")]
    pub(crate) award: AwardId,
    /// The lot; without it the whole tender.
    #[schemars(with = "Option<Identifier>")]
    pub(crate) lot: Option<LotId>,
    /// Code of the successful bidder.
    #[schemars(with = "Identifier")]
    pub(crate) contractor: PartyCode,
    /// The price awarded; it stays in the event's history.
    #[serde(rename = "amount")]
    pub(crate) _amount: Option<Amount>,
}
