//! The match of a bond with its case (R7): typed findings, each graded, one sentence each in Japanese and English.
//!
//! What a case does not tell is not held against a bond. What can be cured can be waived by a person; a waiver is
//! about one finding exactly as it is, and void when that changes.

mod sentence;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    bond::{BondKind, BondTerms},
    calendar::Timestamp,
    identifier::{BondNumber, ContractId, LotId, PartyCode},
    money::{BasisPoints, Currency, Money},
    procurement::{Lot, Waiver},
};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Nothing is wrong.
    #[default]
    Ok,
    /// It can be mended by an update, or waived.
    Curable,
    /// It is not this case's bond.
    Fatal,
}

impl Grade {
    /// The grade as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Curable => "curable",
            Self::Fatal => "fatal",
        }
    }
}

/// One thing that does not match, and how bad it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad.
    pub grade: Grade,
    /// What.
    #[serde(flatten)]
    pub what: Discrepancy,
}

/// What does not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Discrepancy {
    /// A contract is guaranteed by performance bonds only.
    WrongKind {
        /// What it is.
        kind: BondKind,
    },
    /// The contract does not cover the bond's lot.
    LotNotCovered {
        /// The bond's lot.
        lot: LotId,
    },
    /// The tender has no such lot.
    UnknownLot {
        /// The bond's lot.
        lot: LotId,
    },
    /// The bond's principal is not the contractor.
    OtherPrincipal {
        /// The bond's principal.
        principal: PartyCode,
    },
    /// The bids were opened, and the bond's principal has none.
    NoBid {
        /// The bond's principal.
        principal: PartyCode,
    },
    /// The bond's obligee is not the owner.
    OtherObligee {
        /// The bond's obligee.
        obligee: PartyCode,
    },
    /// The bond is in another currency than what is required.
    OtherCurrency {
        /// The bond's currency.
        currency: Currency,
    },
    /// Less is guaranteed than is required.
    AmountShort {
        /// What is guaranteed.
        guaranteed: Money,
        /// What is required.
        required: Money,
    },
    /// The bond ends before the contract.
    EndsBeforeContract {
        /// The bond's last day.
        ends: NaiveDate,
        /// The contract's last day.
        needed: NaiveDate,
    },
    /// The bond ends before the opening and the time to accept a bid are over.
    EndsBeforeAcceptance {
        /// The bond's last day.
        ends: NaiveDate,
        /// The last day it must reach.
        needed: NaiveDate,
    },
    /// The registration names an opening time that was never announced (R8).
    OtherOpening {
        /// What the registration says.
        registered: Timestamp,
        /// What was announced.
        announced: Timestamp,
    },
    /// The bond says that it takes a reservation over which it does not continue (R6).
    NotTheReservation {
        /// The number of the reservation.
        number: BondNumber,
        /// In what they differ.
        differs: ReservationDifference,
    },
}

/// In what a performance bond differs from the reservation it takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReservationDifference {
    /// No bond of this number is known.
    Unknown,
    /// It is no reservation.
    Kind,
    /// It is another contractor's.
    Principal,
    /// It is for another owner.
    Obligee,
    /// It is for another lot.
    Lot,
    /// It is in another currency.
    Currency,
}

impl Discrepancy {
    /// The finding's name, as it is stored, shown and waived by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKind { .. } => "wrong_kind",
            Self::LotNotCovered { .. } => "lot_not_covered",
            Self::UnknownLot { .. } => "unknown_lot",
            Self::OtherPrincipal { .. } => "other_principal",
            Self::NoBid { .. } => "no_bid",
            Self::OtherObligee { .. } => "other_obligee",
            Self::OtherCurrency { .. } => "other_currency",
            Self::AmountShort { .. } => "amount_short",
            Self::EndsBeforeContract { .. } => "ends_before_contract",
            Self::EndsBeforeAcceptance { .. } => "ends_before_acceptance",
            Self::OtherOpening { .. } => "other_opening",
            Self::NotTheReservation { .. } => "not_the_reservation",
        }
    }

    /// Whether it tells something of the bond's amount, or of the price bid: not before the opening (R21).
    pub fn tells_amount(&self) -> bool {
        matches!(self, Self::AmountShort { .. } | Self::OtherCurrency { .. })
    }

    fn fatal(self) -> Finding {
        Finding {
            grade: Grade::Fatal,
            what: self,
        }
    }

    fn curable(self) -> Finding {
        Finding {
            grade: Grade::Curable,
            what: self,
        }
    }
}

/// A finding, and whether somebody waived it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Who waived it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
}

/// Who waived a finding, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The result of a match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MatchResult {
    /// The worst that nobody waived.
    pub grade: Grade,
    /// Everything that was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Found>,
}

impl MatchResult {
    /// Findings, less what was waived. A fatal finding is never waived (R7).
    pub fn of<'a>(findings: Vec<Finding>, waiver: impl Fn(&str) -> Option<&'a Waiver>) -> Self {
        let found = |finding: Finding| Found {
            waived: waived(&finding, waiver(finding.what.code())),
            finding,
        };
        let findings: Vec<Found> = findings.into_iter().map(found).collect();
        let open = findings.iter().filter(|found| found.waived.is_none());
        Self {
            grade: open
                .map(|found| found.finding.grade)
                .max()
                .unwrap_or_default(),
            findings,
        }
    }

    /// The findings that nobody waived.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        let open = self.findings.iter().filter(|found| found.waived.is_none());
        open.map(|found| &found.finding)
    }

    /// Without what tells of amounts, graded by what is left.
    #[must_use]
    pub fn without_amounts(&self) -> Self {
        let told = |found: &&Found| !found.finding.what.tells_amount();
        let findings: Vec<Found> = self.findings.iter().filter(told).cloned().collect();
        let open = findings.iter().filter(|found| found.waived.is_none());
        Self {
            grade: open
                .map(|found| found.finding.grade)
                .max()
                .unwrap_or_default(),
            findings,
        }
    }
}

fn waived(finding: &Finding, waiver: Option<&Waiver>) -> Option<Waived> {
    let waiver =
        waiver.filter(|waiver| finding.grade == Grade::Curable && waiver.what == finding.what)?;
    Some(Waived {
        by: waiver.by.clone(),
        reason: waiver.reason.clone(),
    })
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
    pub last_day: Option<NaiveDate>,
    /// A shortfall of more than this share of what is required is fatal.
    pub fatal_shortfall: BasisPoints,
}

/// What a tender asks of a bid bond or reservation.
#[derive(Debug, Clone, Copy)]
pub struct Tender<'a> {
    /// The owner, if known.
    pub owner: Option<&'a PartyCode>,
    /// The tender's lots; empty where it has none, or none are known.
    pub lots: &'a [Lot],
    /// The bids of the bond's scopes were opened, and its principal is not among the bidders.
    pub did_not_bid: bool,
    /// What must be guaranteed, if that is known.
    pub amount: Option<Money>,
    /// Until when: the opening and the time to accept a bid.
    pub last_day: Option<NaiveDate>,
    /// The announced opening, where the registration names another that was never announced.
    pub other_opening: Option<Timestamp>,
    /// A shortfall of more than this share of what is required is fatal.
    pub fatal_shortfall: BasisPoints,
}

/// What does not match the contract; empty is a match.
pub fn findings(bond: &BondTerms, contract: &Contract<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if bond.kind != BondKind::Performance {
        found.push(Discrepancy::WrongKind { kind: bond.kind }.fatal());
    }
    let elsewhere = |lot: &&LotId| !contract.lots.is_empty() && !contract.lots.contains(lot);
    if let Some(lot) = bond.lot.as_ref().filter(elsewhere) {
        found.push(Discrepancy::LotNotCovered { lot: lot.clone() }.fatal());
    }
    if contract
        .contractor
        .is_some_and(|contractor| *contractor != bond.principal)
    {
        let principal = bond.principal.clone();
        found.push(Discrepancy::OtherPrincipal { principal }.fatal());
    }
    found.extend(obligee(bond, contract.owner));
    found.extend(amount(bond, contract.amount, contract.fatal_shortfall));
    let ends = bond.period.to();
    if let Some(needed) = contract.last_day.filter(|day| ends < *day) {
        found.push(Discrepancy::EndsBeforeContract { ends, needed }.curable());
    }
    found
}

/// What does not match the tender; empty is a match.
pub fn bid_findings(bond: &BondTerms, tender: &Tender<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = obligee(bond, tender.owner).into_iter().collect();
    let known = |lot: &LotId| tender.lots.iter().any(|one| one.id == *lot);
    let unknown = |lot: &&LotId| !tender.lots.is_empty() && !known(lot);
    if let Some(lot) = bond.lot.as_ref().filter(unknown) {
        found.push(Discrepancy::UnknownLot { lot: lot.clone() }.fatal());
    }
    if tender.did_not_bid {
        let principal = bond.principal.clone();
        found.push(Discrepancy::NoBid { principal }.curable());
    }
    if let Some(required) = &tender.amount {
        found.extend(amount(bond, required, tender.fatal_shortfall));
    }
    let ends = bond.period.to();
    if let Some(needed) = tender.last_day.filter(|day| ends < *day) {
        found.push(Discrepancy::EndsBeforeAcceptance { ends, needed }.curable());
    }
    let differs = bond.opening_at.zip(tender.other_opening);
    if let Some((registered, announced)) = differs {
        let other = Discrepancy::OtherOpening {
            registered,
            announced,
        };
        found.push(other.curable());
    }
    found
}

/// In what a performance bond differs from the reservation it says it takes over (R6); none is known under this
/// number where `reservation` is none.
pub fn reservation_difference(
    bond: &BondTerms,
    reservation: Option<&BondTerms>,
) -> Option<ReservationDifference> {
    use ReservationDifference as Differs;
    let Some(reservation) = reservation else {
        return Some(Differs::Unknown);
    };
    let checks = [
        (
            reservation.kind == BondKind::PerformanceReservation,
            Differs::Kind,
        ),
        (reservation.principal == bond.principal, Differs::Principal),
        (reservation.obligee == bond.obligee, Differs::Obligee),
        (
            reservation.lot.is_none() || bond.lot.is_none() || reservation.lot == bond.lot,
            Differs::Lot,
        ),
        (
            reservation.amount.same_currency(&bond.amount).is_ok(),
            Differs::Currency,
        ),
    ];
    let differs = checks.into_iter().find(|(same, _)| !same);
    differs.map(|(_, difference)| difference)
}

/// The finding about a reservation that is not continued: curable while it may still be registered.
pub fn reservation_finding(number: &BondNumber, differs: ReservationDifference) -> Finding {
    let what = Discrepancy::NotTheReservation {
        number: number.clone(),
        differs,
    };
    match differs {
        ReservationDifference::Unknown => what.curable(),
        _ => what.fatal(),
    }
}

fn obligee(bond: &BondTerms, owner: Option<&PartyCode>) -> Option<Finding> {
    let obligee = bond.obligee.clone();
    let other = owner.is_some_and(|owner| *owner != obligee);
    other.then(|| Discrepancy::OtherObligee { obligee }.fatal())
}

fn amount(bond: &BondTerms, required: &Money, fatal_shortfall: BasisPoints) -> Option<Finding> {
    if required.amount() <= 0 {
        return None;
    }
    if bond.amount.same_currency(required).is_err() {
        let currency = bond.amount.currency();
        return Some(Discrepancy::OtherCurrency { currency }.fatal());
    }
    let short = required.amount() - bond.amount.amount();
    if short <= 0 {
        return None;
    }
    let what = Discrepancy::AmountShort {
        guaranteed: bond.amount,
        required: *required,
    };
    let tolerated = required.portion(fatal_shortfall);
    let fatal = tolerated.is_ok_and(|tolerated| short > tolerated.amount());
    Some(if fatal { what.fatal() } else { what.curable() })
}

/// Whether a bond with these open findings counts as the contract's bond.
///
/// After a contract change the old bond stays in force until the issuer answers (R31): what can be
/// cured is then a change request, not a missing bond.
pub fn fits(result: &MatchResult, changed: bool) -> bool {
    result.grade == Grade::Ok || (changed && result.grade == Grade::Curable)
}

#[cfg(test)]
mod tests;
