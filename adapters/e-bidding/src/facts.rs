//! From the wire types to facts: pure, and without a choice left to make.

use bondhub_core::{
    event::Rejection,
    identifier::ProcurementId,
    procurement::{AwardState, Fact, Lot, Scope, TenderOutcome},
};

use crate::wire::{self, Object};

pub(crate) type Facts = Result<Vec<Fact>, Rejection>;

/// The whole state of a tender: no lots told are no lots.
pub(crate) fn tender(tender: wire::Tender, subject: &ProcurementId) -> Facts {
    let lots = lots(tender.lots.unwrap_or_default())?;
    let follows = tender.related.map(|other| follows(other, subject));
    let opening = Fact::Opening {
        scope: Scope::Tender,
        at: tender.opening_at.0,
    };
    let mut facts = vec![
        Fact::Owner(tender.owner),
        Fact::Title(tender.title.0),
        opening,
        Fact::Lots(lots),
    ];
    facts.extend(tender.bid_guarantee.map(|one| Fact::BidGuarantee(one.0)));
    facts.extend(follows.transpose()?);
    Ok(facts)
}

fn lots(told: Vec<Object<wire::Lot>>) -> Result<Vec<Lot>, Rejection> {
    let mut lots: Vec<Lot> = Vec::with_capacity(told.len());
    for (index, Object(lot)) in told.into_iter().enumerate() {
        if lots.iter().any(|other| other.id == lot.id) {
            let message = format!("the lot `{}` is told twice", lot.id);
            return Err(Rejection::at(format!("/data/lots/{index}/id"), message));
        }
        let title = lot.title.0;
        lots.push(Lot { id: lot.id, title });
    }
    Ok(lots)
}

fn follows(
    Object(other): Object<wire::Related>,
    subject: &ProcurementId,
) -> Result<Fact, Rejection> {
    let wire::Relation::UnsuccessfulProcess = other.kind;
    if other.procurement == *subject {
        return Err(Rejection::at(
            "/data/related/procurement",
            "a procurement cannot follow itself",
        ));
    }
    Ok(Fact::Follows(other.procurement))
}

pub(crate) fn tender_end(end: wire::TenderEnd, outcome: TenderOutcome) -> Vec<Fact> {
    vec![Fact::Outcome {
        scope: end.lot.into(),
        outcome,
    }]
}

pub(crate) fn bid(bid: wire::Bid) -> Vec<Fact> {
    vec![Fact::Bid {
        contractor: bid.contractor,
        scope: bid.lot.into(),
        bonds: bid.bonds.into_iter().flatten().map(Into::into).collect(),
        amount: bid.amount.map(|amount| amount.0),
    }]
}

pub(crate) fn opened(opened: wire::Opened) -> Vec<Fact> {
    vec![Fact::BidsOpened {
        scope: opened.lot.into(),
        at: opened.opened_at.0,
    }]
}

pub(crate) fn rebid(rebid: wire::Rebid) -> Vec<Fact> {
    vec![Fact::Rebid {
        scope: rebid.lot.into(),
        round: rebid.round.get(),
        opening_at: rebid.opening_at.0,
    }]
}

pub(crate) fn award(award: wire::Award, state: AwardState) -> Vec<Fact> {
    vec![Fact::Award {
        award: award.award,
        lots: award.lot.into_iter().collect(),
        contractor: Some(award.contractor),
        state,
    }]
}
