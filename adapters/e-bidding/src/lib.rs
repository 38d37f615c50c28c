//! Native events of e-bidding systems into facts (CONTRACT §1, R30, R32).
#![warn(missing_docs)]

mod facts;
mod schemas;
mod wire;

use bondhub_core::{
    event::{Envelope, Rejection, read_data},
    identifier::ProcurementId,
    ports::feed::Feed,
    procurement::{AwardState, Fact, TenderOutcome},
};
use serde::de::DeserializeOwned;

pub use schemas::schemas;

/// The feed of e-bidding systems: tenders, bids, openings, re-bids and awards.
#[derive(Debug, Clone, Copy, Default)]
pub struct EBidding;

impl Feed for EBidding {
    fn name(&self) -> &'static str {
        "e-bidding"
    }

    fn facts(&self, envelope: &Envelope) -> Option<Result<Vec<Fact>, Rejection>> {
        Some(match envelope.kind.as_str() {
            "tender.announced" | "tender.changed" => tender(envelope),
            "tender.cancelled" => tender_end(envelope, TenderOutcome::Cancelled),
            "tender.unsuccessful" => tender_end(envelope, TenderOutcome::Unsuccessful),
            "bid.submitted" => read(envelope, facts::bid),
            "bid.opened" => read(envelope, facts::opened),
            "rebid.called" => read(envelope, facts::rebid),
            "award.pending" => award(envelope, AwardState::Pending),
            "award.decided" => award(envelope, AwardState::Decided),
            "award.cancelled" => award(envelope, AwardState::Cancelled),
            "award.declined" => award(envelope, AwardState::Declined),
            _ => return None,
        })
    }
}

fn tender(envelope: &Envelope) -> facts::Facts {
    let subject = subject(envelope)?;
    let wire::Object(tender) = read_data(&envelope.data)?;
    facts::tender(tender, subject)
}

fn tender_end(envelope: &Envelope, outcome: TenderOutcome) -> facts::Facts {
    read(envelope, |end| facts::tender_end(end, outcome))
}

fn award(envelope: &Envelope, state: AwardState) -> facts::Facts {
    read(envelope, |award| facts::award(award, state))
}

fn read<T: DeserializeOwned>(
    envelope: &Envelope,
    convert: impl FnOnce(T) -> Vec<Fact>,
) -> facts::Facts {
    subject(envelope)?;
    read_data(&envelope.data).map(|wire::Object(data)| convert(data))
}

fn subject(envelope: &Envelope) -> Result<&ProcurementId, Rejection> {
    let missing = || Rejection::at("/subject", "`subject`, the procurement id, is missing");
    envelope.subject.as_ref().ok_or_else(missing)
}
