//! The store: cases, the inbox, the outbox, parties, and what is read for people.
//!
//! Each method is one business step and one transaction. Two adapters implement all of it, and one
//! conformance suite tells what that means. Times and ids always come from the caller: the database
//! makes neither.

mod accounts;
mod audit;
mod enrolments;
mod exposure;
mod inbox;
mod inquiry;
mod liability;
mod looks;
mod outbox;
mod papers;
mod parties;
mod path;
mod queue;
mod reading;
mod vault;

use super::Cause;

pub use accounts::{
    AccountRow, Accounts, ChallengeRow, CodeKind, Credentials, NewCodes, PasskeyRow, SessionRow,
    SignIns, TokenRow, TotpRow,
};
pub use audit::{AuditFilter, AuditLog};
pub use enrolments::{EnrolmentRow, Enrolments};
pub use exposure::{ConsentRow, ExceededRow, Exposures, LimitRow};
pub use inbox::{EventFilter, EventRow, EventState, Inbox};
pub use inquiry::{Inquiries, ListMark, ListOrder, ListedBond, Listing};
pub use liability::{
    Balance, BalanceBy, BondQuestion, BondStanding, Coming, Embargo, Expiry, Folded, Ledgers,
    Posted, Question, SeriesPoint, SeriesQuestion, Within,
};
pub use looks::{LookFilter, LookRow, Looks, ShownAs, Sighting};
pub use outbox::{
    Channel, Claim, KeyName, LeasedItem, MailFilter, Outbox, OutboxRow, OutboxState, OutboxView,
    Resolution, Settled, Swept, Verdict,
};
pub use papers::{
    AcceptedList, Clash, ClashWith, PaperDeed, PaperList, PaperLists, PaperRow, guarantee,
};
pub use parties::{Book, InstructionRow, Parties};
pub use path::{
    BondRow, CaseWrite, Cases, Commit, DocumentRow, EndedKeys, KeyRow, KeyState, Loaded,
    MovementRow, StoredCase, TaskRow, VersionRow, Wanted,
};
pub use queue::{ClosedRequest, RequestSignature, RequestState, SigningQueue, SigningRequest};
pub use reading::{BondFilter, BondView, CaseListing, CaseView, KeyView, Readings, TaskView};

pub use vault::{
    AttachmentRow, Compartment, CopyRow, DataKeyRow, Resealed, SEALED_HEAD, SealedCount,
    SealedItem, SealedKind, Vault,
};

/// How many rows a list has at most if its filter does not say: 0 means 100.
pub const fn rows_at_most(limit: u32) -> u32 {
    if limit == 0 { 100 } else { limit }
}

/// Everything a store can do.
pub trait Store:
    Accounts
    + AuditLog
    + Cases
    + Exposures
    + Enrolments
    + Inbox
    + Inquiries
    + Ledgers
    + Looks
    + Outbox
    + PaperLists
    + Parties
    + Readings
    + SignIns
    + Vault
    + SigningQueue
{
}

impl<T> Store for T where
    T: Accounts
        + AuditLog
        + Cases
        + Exposures
        + Enrolments
        + Inbox
        + Inquiries
        + Ledgers
        + Looks
        + Outbox
        + PaperLists
        + Parties
        + Readings
        + SignIns
        + Vault
        + SigningQueue
{
}

/// Why a step failed. Nothing of a failed step is in the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed a case or took an event meanwhile: load and decide again.
    #[error("changed by somebody else meanwhile")]
    Conflict,
    /// The database cannot be reached, or is too busy: pause and probe.
    #[error("the database is not available: {what}")]
    Down {
        /// What was being done.
        what: &'static str,
        /// The cause.
        #[source]
        source: Cause,
    },
    /// The database refused the data; trying again will not help.
    #[error("the database refused: {what}")]
    Refused {
        /// What was being done.
        what: &'static str,
        /// The cause.
        #[source]
        source: Cause,
    },
    /// A stored row cannot be read back.
    #[error("{table} {row}: {problem}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        problem: String,
    },
}
