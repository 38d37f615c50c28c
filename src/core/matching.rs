//! The match of a performance bond with its contract (R7): graded findings, one sentence each.

use serde::{Deserialize, Serialize};

use crate::{
    bond::{BondKind, BondTerms},
    identifier::{ContractId, LotId, PartyCode},
    money::Money,
};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Nothing is wrong.
    Ok,
    /// It can be mended by an update.
    Curable,
    /// It is not this contract's bond.
    Fatal,
}

/// One thing that does not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub grade: Grade,
    /// What, in one sentence.
    pub sentence: String,
}

/// What a contract asks of its bond.
#[derive(Debug, Clone, Copy)]
pub struct Contract<'a> {
    /// Which contract.
    pub contract: &'a ContractId,
    /// The lots it covers; empty is the whole tender.
    pub lots: &'a [LotId],
    /// With whom; unknown where a feed does not tell.
    pub contractor: Option<&'a PartyCode>,
    /// The owner, if known.
    pub owner: Option<&'a PartyCode>,
    /// What must be guaranteed.
    pub amount: &'a Money,
    /// Until when.
    pub last_day: Option<chrono::NaiveDate>,
}

/// What does not match; empty is a match.
pub fn findings(bond: &BondTerms, contract: &Contract<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |grade, sentence: String| found.push(Finding { grade, sentence });
    if bond.kind != BondKind::Performance {
        add(Grade::Fatal, "it is not a performance bond".to_owned());
    }
    let elsewhere = |lot: &&LotId| !contract.lots.is_empty() && !contract.lots.contains(lot);
    if let Some(lot) = bond.lot.as_ref().filter(elsewhere) {
        add(
            Grade::Fatal,
            format!("the bond is for lot {lot}, which the contract does not cover"),
        );
    }
    if contract
        .contractor
        .is_some_and(|contractor| *contractor != bond.principal)
    {
        add(
            Grade::Fatal,
            format!(
                "the bond's principal is {}, not the contractor",
                bond.principal
            ),
        );
    }
    if contract.owner.is_some_and(|owner| *owner != bond.obligee) {
        add(
            Grade::Fatal,
            format!("the bond's obligee is {}, not the owner", bond.obligee),
        );
    }
    if bond.amount.same_currency(contract.amount).is_err() {
        add(
            Grade::Fatal,
            format!("the bond is in {}", bond.amount.currency()),
        );
    } else if bond.amount.amount() < contract.amount.amount() {
        add(
            Grade::Curable,
            format!(
                "{} is guaranteed, {} is required",
                bond.amount, contract.amount
            ),
        );
    }
    if let Some(day) = contract.last_day.filter(|day| bond.period.to() < *day) {
        add(
            Grade::Curable,
            format!(
                "the bond ends on {}, the contract on {day}",
                bond.period.to()
            ),
        );
    }
    found
}

/// Whether a bond with these findings counts as the contract's bond.
///
/// After a contract change the old bond stays in force until the issuer answers (R31): what can be
/// cured is then a change request, not a missing bond.
pub fn fits(findings: &[Finding], changed: bool) -> bool {
    let worst = findings
        .iter()
        .map(|finding| finding.grade)
        .max()
        .unwrap_or(Grade::Ok);
    worst == Grade::Ok || (changed && worst == Grade::Curable)
}

#[cfg(test)]
mod tests;
