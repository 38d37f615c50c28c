//! From the wire types to facts: pure, and without a choice left to make.

use bondhub_core::procurement::{ContractEnd, Fact, Terms};

use crate::wire;

/// The change that is none: the terms the contract was concluded with.
const CONCLUSION: &str = "0";

pub(crate) fn concluded(contract: wire::Concluded) -> Vec<Fact> {
    let terms = terms(&contract.amount, &contract.period, contract.signed_at);
    vec![
        Fact::Contract {
            contract: contract.contract.clone(),
            award: contract.award,
            lots: contract.lot.into_iter().collect(),
            contractor: Some(contract.contractor),
            guarantee: contract.performance_guarantee.map(|one| one.0),
        },
        Fact::Terms {
            contract: contract.contract,
            change: CONCLUSION.to_owned(),
            terms,
        },
    ]
}

pub(crate) fn changed(change: wire::Changed) -> Vec<Fact> {
    vec![Fact::Terms {
        terms: terms(&change.amount, &change.period, change.signed_at),
        contract: change.contract,
        change: change.change.0.to_string(),
    }]
}

fn terms(amount: &wire::Amount, period: &wire::Span, signed_at: wire::Day) -> Terms {
    Terms {
        amount: Some(amount.0),
        period: Some(period.0),
        signed_at: Some(signed_at.0),
    }
}

pub(crate) fn ended(end: wire::Ended, how: ContractEnd) -> Vec<Fact> {
    vec![Fact::ContractEnded {
        contract: end.contract,
        how,
    }]
}
