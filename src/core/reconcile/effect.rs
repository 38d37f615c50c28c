//! The plan: effects in the order in which they are carried out.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    bond::{BondState, BondTerms, Cause},
    calendar::Timestamp,
    event::EventIdentity,
    identifier::{BondId, ContractId, PartyCode},
    liability::{Era, Posting},
    matching::MatchResult,
    money::Currency,
    notice::{HubEvent, Notice},
    party::Role,
    procurement::{RateInForce, Scope, Step, WaitFor},
    task::{Task, TaskKey},
};

/// What must be done for a case, and when to ask again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// In this order.
    pub effects: Vec<Effect>,
    /// The next instant at which the plan may differ without a new fact.
    pub next_due_at: Option<Timestamp>,
}

/// One thing to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// A bond exists: its version 1.
    Register {
        /// Which.
        bond: BondId,
        /// Its content.
        terms: BondTerms,
        /// Why.
        cause: Cause,
        /// The document it stands on.
        basis: EventIdentity,
    },
    /// A bond has a new version; all its earlier keys are dead (R11).
    Revise {
        /// Which.
        bond: BondId,
        /// Its new version.
        version: u32,
        /// Its content.
        terms: BondTerms,
        /// Why.
        cause: Cause,
        /// The document it stands on.
        basis: EventIdentity,
    },
    /// A bond's state changes.
    Move {
        /// Which.
        bond: BondId,
        /// To.
        state: BondState,
        /// Why.
        cause: Cause,
    },
    /// Keys stop working.
    EndKeys {
        /// Of which bond.
        bond: BondId,
        /// Of which role; none is all.
        role: Option<Role>,
        /// Up to which edition.
        edition: u32,
        /// Why, for the holder.
        reason: String,
    },
    /// A key is drawn and sealed, and its statement waits for the issuer's signature (R12).
    AskSignature {
        /// For which bond.
        bond: BondId,
        /// For which version.
        version: u32,
        /// In which edition.
        edition: u32,
        /// In which role.
        role: Role,
        /// For whom.
        holder: PartyCode,
        /// After which revocation by hand.
        after: Option<Timestamp>,
        /// Why, for the holder.
        reason: KeyReason,
    },
    /// A key is issued.
    IssueKey {
        /// For which bond.
        bond: BondId,
        /// For which version.
        version: u32,
        /// In which edition.
        edition: u32,
        /// In which role.
        role: Role,
        /// For whom.
        holder: PartyCode,
        /// After which revocation by hand.
        after: Option<Timestamp>,
        /// How its statement is signed.
        signing: Signing,
        /// How it reaches its holder.
        delivery: Delivery,
        /// Why, for the holder.
        reason: KeyReason,
    },
    /// The match of a bond has another result (R7).
    Matched {
        /// Which bond.
        bond: BondId,
        /// The result.
        result: MatchResult,
        /// What other systems are told of it.
        told: MatchResult,
    },
    /// The ledger moves.
    Post {
        /// For which bond.
        bond: BondId,
        /// Whose liability it is: the principal, or a member of a joint venture.
        holder: PartyCode,
        /// From which day on.
        effective: NaiveDate,
        /// Minor units.
        delta: i64,
        /// Their currency.
        currency: Currency,
        /// By how much the number of bonds outstanding changes: -1, 0 or 1.
        bonds: i32,
        /// By how much the number of bonds changes that the holder answers for.
        held: i32,
    },
    /// What the ledger now says of a bond.
    Stand {
        /// Which bond.
        bond: BondId,
        /// The steps.
        steps: Vec<Step>,
        /// The shares they are posted by.
        shares: Vec<Era>,
    },
    /// What the ledger will note of a bond by time alone, beside the end of its period: it counts for more once its bid bond is over
    /// (R42), or a release that is held back comes into effect. For figures of days to come.
    Foresee {
        /// Which bond.
        bond: BondId,
        /// All of it.
        postings: Vec<Posting>,
    },
    /// Whose balances changed by a bond, of which other systems are told after the opening only.
    KeepBalances {
        /// Which bond.
        bond: BondId,
        /// Whose; nobody's once they were told.
        holders: BTreeSet<PartyCode>,
    },
    /// A task is opened, or an open one asks for something else now.
    OpenTask {
        /// Which.
        key: TaskKey,
        /// What it asks for.
        task: Task,
    },
    /// A task is closed: its reason is gone.
    CloseTask {
        /// Which.
        key: TaskKey,
    },
    /// The case waits.
    Wait {
        /// For what.
        on: WaitFor,
        /// The events that wait.
        events: BTreeSet<EventIdentity>,
    },
    /// The wait is over.
    Placed {
        /// For what it was.
        on: WaitFor,
    },
    /// The opening time of a scope is known to the parties.
    OpeningTold {
        /// Tender or lot.
        scope: Scope,
        /// The opening time.
        at: Timestamp,
    },
    /// That the bids of a scope were opened is known to the parties.
    OpenedTold {
        /// Tender or lot.
        scope: Scope,
        /// When.
        at: Timestamp,
    },
    /// What the installation asks of a contract is kept: the configuration may change, the contract stays.
    RateKept {
        /// Which.
        contract: ContractId,
        /// What is asked.
        rate: RateInForce,
    },
    /// Reminders were given, or are not needed any more.
    Reminded {
        /// Of which bond.
        bond: BondId,
        /// How many days before its end.
        days: BTreeSet<i64>,
    },
    /// A party is told something.
    Tell(Notice),
    /// Other systems are told something.
    Publish(HubEvent),
}

/// How a key's statement is signed (R12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// By the hub, with the key that the issuer entrusted to it.
    Entrusted,
    /// By the issuer at its desk: secret and signature lie in the signing queue.
    AtDesk,
}

/// How a key reaches its holder (R14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// By encrypted mail.
    Mail,
    /// Into the hands of the holder, who is there now.
    Hand,
}

/// Why a key is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyReason {
    /// The bond was registered (R10).
    Registered,
    /// The bond was updated (R10).
    Updated,
    /// The contractor handed the bond over (R14).
    HandedOver,
    /// The one before was revoked by hand.
    Reissued,
}
