//! What the hub tells a party, and what it tells other systems (R33, R51).

use serde::Serialize;

use crate::{
    bond::{BondState, Rule},
    calendar::{Period, Timestamp},
    identifier::{BondId, PartyCode, ProcurementId},
    matching::{Found, Grade, MatchResult},
    money::Money,
    party::Role,
    procurement::Scope,
    task::{Subject, Task, TaskKey},
};

/// A message to one party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// To whom.
    pub to: PartyCode,
    /// The case it is about.
    pub procurement: ProcurementId,
    /// What it says.
    pub content: NoticeContent,
}

/// What a notice says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum NoticeContent {
    /// The bond's state changed: released, frozen, expired, converted, claimed.
    StateChanged {
        /// Which bond.
        bond: BondId,
        /// The new state.
        state: BondState,
        /// The rule that moved it.
        rule: Rule,
    },
    /// The bond was changed; told to its issuer, who holds no key by mail.
    Updated {
        /// Which bond.
        bond: BondId,
        /// Its new version.
        version: u32,
        /// The new amount.
        amount: Money,
        /// The new period.
        period: Period,
        /// The rule that changed it.
        rule: Rule,
    },
    /// The opening moved.
    OpeningMoved {
        /// Tender or lot.
        scope: Scope,
        /// The new opening time.
        opening_at: Timestamp,
    },
    /// The bids were opened.
    BidsOpened {
        /// Tender or lot.
        scope: Scope,
        /// When.
        at: Timestamp,
    },
    /// The party is asked for something.
    TaskOpened {
        /// Which task.
        key: TaskKey,
        /// What it asks for.
        task: Task,
    },
    /// The bond ends soon.
    Expiring {
        /// Which bond.
        bond: BondId,
        /// Its last day.
        last_day: chrono::NaiveDate,
        /// How many days before it the reminder is for.
        days: i64,
    },
}

impl NoticeContent {
    /// The bond it is about, if it is about one.
    pub fn bond(&self) -> Option<&BondId> {
        match self {
            Self::StateChanged { bond, .. }
            | Self::Updated { bond, .. }
            | Self::Expiring { bond, .. } => Some(bond),
            Self::TaskOpened { key, .. } => match &key.subject {
                Subject::Bond(bond) => Some(bond),
                Subject::Contract(_)
                | Subject::Opening(_)
                | Subject::Wait(_)
                | Subject::Trust(_) => None,
            },
            Self::OpeningMoved { .. } | Self::BidsOpened { .. } => None,
        }
    }

    /// The name of the notice, by which its text is found.
    pub fn name(&self) -> &'static str {
        match self {
            Self::StateChanged { .. } => "state_changed",
            Self::Updated { .. } => "updated",
            Self::OpeningMoved { .. } => "opening_moved",
            Self::BidsOpened { .. } => "bids_opened",
            Self::TaskOpened { .. } => "task_opened",
            Self::Expiring { .. } => "expiring",
        }
    }
}

/// An event the hub publishes (R33). No secret is ever in one, and before the opening no amount and no bidder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum HubEvent {
    /// A bond was registered.
    BondRegistered {
        /// Which.
        bond: BondId,
    },
    /// A bond has a new version.
    BondUpdated {
        /// Which.
        bond: BondId,
        /// Its version.
        version: u32,
        /// The rule that changed it.
        rule: Rule,
    },
    /// A bond's state changed.
    BondStateChanged {
        /// Which.
        bond: BondId,
        /// Its state.
        state: BondState,
        /// The rule that moved it.
        rule: Rule,
    },
    /// A key was issued.
    KeyIssued {
        /// For which bond.
        bond: BondId,
        /// For which version.
        version: u32,
        /// For whom; none before the opening, where it would tell who bids (R21).
        #[serde(skip_serializing_if = "Option::is_none")]
        holder: Option<PartyCode>,
        /// In which role.
        role: Role,
    },
    /// Keys stopped working.
    KeysRevoked {
        /// Of which bond.
        bond: BondId,
        /// Whose.
        roles: Vec<Role>,
        /// Why.
        reason: String,
    },
    /// A task was opened.
    TaskOpened {
        /// Which.
        task: TaskKey,
        /// Who is asked; none before the opening, where it would tell who bids (R21).
        #[serde(skip_serializing_if = "Option::is_none")]
        asked: Option<Vec<PartyCode>>,
    },
    /// A task was closed.
    TaskClosed {
        /// Which.
        task: TaskKey,
    },
    /// A bond was matched with its case (R7). No amount is in it, and before the opening nothing that tells of one.
    MatchResult {
        /// Which.
        bond: BondId,
        /// The worst that nobody waived.
        grade: Grade,
        /// What was found.
        findings: Vec<FindingTold>,
    },
    /// What a contractor has outstanding changed; never by how much (R33).
    BalanceChanged {
        /// Whose liability: a principal, or a member of a joint venture.
        contractor: PartyCode,
        /// By which bonds of the case.
        bonds: Vec<BondId>,
    },
}

/// A finding as other systems are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingTold {
    /// Its name.
    pub finding: &'static str,
    /// How bad.
    pub grade: Grade,
    /// Whether a person waived it.
    pub waived: bool,
}

impl HubEvent {
    /// The event about a result.
    pub(crate) fn match_result(bond: &BondId, result: &MatchResult) -> Self {
        let told = |found: &Found| FindingTold {
            finding: found.finding.what.code(),
            grade: found.finding.grade,
            waived: found.waived.is_some(),
        };
        Self::MatchResult {
            bond: bond.clone(),
            grade: result.grade,
            findings: result.findings.iter().map(told).collect(),
        }
    }

    /// The event's type after the prefix; also the routing key it is published with.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BondRegistered { .. } => "bond.registered",
            Self::BondUpdated { .. } => "bond.updated",
            Self::BondStateChanged { state, .. } => match state {
                BondState::Released => "bond.released",
                BondState::Expired => "bond.expired",
                BondState::Frozen => "bond.frozen",
                BondState::Claimed => "bond.claimed",
                BondState::Converted => "bond.converted",
                BondState::Reserved | BondState::InForce => "bond.reinstated",
            },
            Self::KeyIssued { .. } => "key.issued",
            Self::KeysRevoked { .. } => "key.revoked",
            Self::TaskOpened { .. } => "task.opened",
            Self::TaskClosed { .. } => "task.closed",
            Self::MatchResult { .. } => "match.result",
            Self::BalanceChanged { .. } => "balance.changed",
        }
    }
}
