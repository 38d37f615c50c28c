//! What the parts of a release teach (docs/events.md).

mod of_awards;
mod of_bids;
mod of_contracts;
mod of_the_tender;

use bondhub_core::{
    identifier::{AwardId, ContractId, LotId, PartyCode, ProcurementId},
    money::Money,
    procurement::{AwardState, ContractEnd, Fact, Lot, Scope, TenderOutcome},
};
use serde_json::{Value, json};

use crate::learn;

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn lot(id: &str) -> LotId {
    LotId::parse(id).unwrap()
}

fn opening(scope: Scope, at: &str) -> Fact {
    let at = at.parse().unwrap();
    Fact::Opening { scope, at }
}

fn outcome(scope: Scope, outcome: TenderOutcome) -> Fact {
    Fact::Outcome { scope, outcome }
}

fn tender(tender: &Value) -> Vec<Fact> {
    learn(json!({"tender": tender})).unwrap()
}

fn outcomes(parts: Value) -> Vec<Fact> {
    let mut facts = learn(parts).unwrap();
    facts.retain(|fact| matches!(fact, Fact::Outcome { .. }));
    facts
}
