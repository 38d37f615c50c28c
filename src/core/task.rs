//! Tasks: what a person must do, because the hub may not or cannot (R30, R31, R34).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Period, Timestamp},
    identifier::{BondId, ContractId, IdentifierError, PartyCode},
    matching::Finding,
    money::Money,
    procurement::{Scope, WaitFor},
};

/// What kind of work a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// The bond would end too soon after the opening: the issuer should extend it.
    ExtensionNeeded,
    /// A re-bid was called: the issuer should send the changed bond.
    RebidBondNeeded,
    /// The winner refused to sign: the owner decides whether it claims.
    ForfeitureProposed,
    /// A release was given that a later fact contradicts: the issuer decides.
    ReinstatementNeeded,
    /// The contract is concluded: the issuer should send the performance bond it promised.
    PerformanceBondNeeded,
    /// The contract is concluded and no performance bond matches it.
    BondMissing,
    /// A contract change beyond the standing instruction waits for the issuer's signed update.
    ChangeRequest,
    /// The contract was reduced; the issuer may reduce the bond.
    DecreaseProposed,
    /// A claim may follow: issuer and owner settle it.
    ClaimWindow,
    /// The issuer wants to delete a bond the owner holds a key to: the owner must agree.
    OwnerConsentNeeded,
    /// A key cannot be mailed: its holder has no usable OpenPGP certificate.
    CertificateNeeded,
    /// A key cannot be signed: the issuer has entrusted no signing key.
    SignatureNeeded,
    /// A bid bond or reservation does not match its case: the issuer mends it, or a person waives it.
    MatchFailed,
    /// An opening was brought forward: a second person must confirm it before the embargo follows.
    OpeningBroughtForward,
    /// The bond ended before its contract was completed.
    ExpiredUncovered,
    /// Something has waited too long.
    Unplaced,
    /// A revocation list is missing or late: signatures cannot be checked with it (R5). The hub's own, of no case.
    RevocationListNeeded,
}

impl TaskKind {
    /// The kinds of no case: what the hub itself needs.
    pub const OWN: [Self; 1] = [Self::RevocationListNeeded];

    /// All kinds that cases open.
    pub const ALL: [Self; 16] = [
        Self::ExtensionNeeded,
        Self::RebidBondNeeded,
        Self::ForfeitureProposed,
        Self::ReinstatementNeeded,
        Self::PerformanceBondNeeded,
        Self::BondMissing,
        Self::ChangeRequest,
        Self::DecreaseProposed,
        Self::ClaimWindow,
        Self::OwnerConsentNeeded,
        Self::CertificateNeeded,
        Self::SignatureNeeded,
        Self::MatchFailed,
        Self::OpeningBroughtForward,
        Self::ExpiredUncovered,
        Self::Unplaced,
    ];

    /// The kind as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExtensionNeeded => "extension_needed",
            Self::RebidBondNeeded => "rebid_bond_needed",
            Self::ForfeitureProposed => "forfeiture_proposed",
            Self::ReinstatementNeeded => "reinstatement_needed",
            Self::PerformanceBondNeeded => "performance_bond_needed",
            Self::BondMissing => "bond_missing",
            Self::ChangeRequest => "change_request",
            Self::DecreaseProposed => "decrease_proposed",
            Self::ClaimWindow => "claim_window",
            Self::OwnerConsentNeeded => "owner_consent_needed",
            Self::CertificateNeeded => "certificate_needed",
            Self::SignatureNeeded => "signature_needed",
            Self::MatchFailed => "match_failed",
            Self::OpeningBroughtForward => "opening_brought_forward",
            Self::ExpiredUncovered => "expired_uncovered",
            Self::Unplaced => "unplaced",
            Self::RevocationListNeeded => "revocation_list_needed",
        }
    }

    /// Reads what [`TaskKind::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().chain(Self::OWN);
        all.find(|kind| kind.as_str() == text)
    }
}

/// What a task is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A bond.
    Bond(BondId),
    /// A contract.
    Contract(ContractId),
    /// The opening of the tender or a lot.
    Opening(Scope),
    /// A key holder's or issuer's missing means.
    Wait(WaitFor),
    /// An authority, or a party's certificate, of which a revocation list tells.
    Trust(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bond(bond) => write!(formatter, "bond:{bond}"),
            Self::Contract(contract) => write!(formatter, "contract:{contract}"),
            Self::Opening(scope) => write!(formatter, "opening:{scope}"),
            Self::Wait(wait) => write!(formatter, "wait:{wait}"),
            Self::Trust(name) => write!(formatter, "trust:{name}"),
        }
    }
}

/// Where tasks of the hub's own stand, which belong to no case.
pub const OF_THE_HUB: &str = "bondhub:hub";

/// A task's identity within its case: the same need is one task, however often it is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TaskKey {
    /// The kind.
    pub kind: TaskKind,
    /// What it is about.
    pub subject: Subject,
}

impl fmt::Display for TaskKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}|{}", self.kind.as_str(), self.subject)
    }
}

impl From<TaskKey> for String {
    fn from(key: TaskKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for TaskKey {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        let (kind, subject) = text.split_once('|').ok_or(IdentifierError::Empty)?;
        let (what, name) = subject.split_once(':').ok_or(IdentifierError::Empty)?;
        let subject = match what {
            "bond" => Subject::Bond(BondId::try_from(name.to_owned())?),
            "contract" => Subject::Contract(ContractId::parse(name)?),
            "opening" => Subject::Opening(Scope::try_from(name.to_owned())?),
            "trust" => Subject::Trust(name.to_owned()),
            _ => Subject::Wait(WaitFor::try_from(name.to_owned())?),
        };
        Ok(Self {
            kind: TaskKind::parse(kind).ok_or(IdentifierError::Empty)?,
            subject,
        })
    }
}

/// What a task asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Task {
    /// Who is asked; nobody means the operator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<PartyCode>,
    /// The amount that is needed or proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The period that is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// The opening time it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening_at: Option<Timestamp>,
    /// The findings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Finding>,
    /// Other systems are not told of it before the opening: that it is there would tell of an amount or of a bidder (R21).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    /// Why, where no finding says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Task {
    /// Whether those who are asked are asked for the same.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        let told = |task: &Self| Self {
            withheld: false,
            ..task.clone()
        };
        told(self) == told(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{BondNumber, PartyCode};

    #[test]
    fn a_task_reads_back_from_its_key() {
        let bond = BondId::new(
            PartyCode::parse("S:1").unwrap(),
            BondNumber::parse("B|2/3").unwrap(),
        );
        for kind in TaskKind::ALL.into_iter().chain(TaskKind::OWN) {
            for subject in [
                Subject::Trust("C=JP, O=Root | CA".to_owned()),
                Subject::Bond(bond.clone()),
                Subject::Contract(ContractId::parse("K:1|2").unwrap()),
                Subject::Opening(Scope::Tender),
                Subject::Opening(Scope::try_from("lot:L:1".to_owned()).unwrap()),
                Subject::Wait(WaitFor::Bond(bond.clone())),
                Subject::Wait(WaitFor::Signature(PartyCode::parse("S").unwrap())),
            ] {
                let key = TaskKey { kind, subject };
                assert_eq!(TaskKey::try_from(key.to_string()).unwrap(), key);
            }
        }
    }
}
