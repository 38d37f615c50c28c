//! The outbox: what must leave the hub, and how far it got (DESIGN §2.9).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    party::{MailAddress, Role},
};

/// Which way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By mail.
    Mail,
    /// The hub's own events, to the broker.
    Event,
}

impl Channel {
    /// The channel as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Event => "event",
        }
    }

    /// Reads what [`Channel::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Mail, Self::Event]
            .into_iter()
            .find(|one| one.as_str() == text)
    }
}

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Can be taken.
    Ready,
    /// Somebody has it.
    Leased,
    /// Will be tried again at its due time.
    Retry,
    /// Accepted by the mail server or confirmed by the broker.
    Sent,
    /// Given up, with the reason.
    Failed,
    /// A mail whose fate nobody knows: a person decides.
    Uncertain,
    /// A later fact made it pointless before it was sent (R34).
    Overtaken,
}

impl OutboxState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::Leased,
        Self::Retry,
        Self::Sent,
        Self::Failed,
        Self::Uncertain,
        Self::Overtaken,
    ];

    /// The state as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Retry => "retry",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
            Self::Overtaken => "overtaken",
        }
    }

    /// Reads what [`OutboxState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The key a mail carries, by its place: role and edition within its bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName {
    /// The bond.
    pub bond: BondId,
    /// The holder's role.
    pub role: Role,
    /// The bond's edition the key was issued in.
    pub edition: u32,
}

/// Something to send, written in the transaction that caused it.
///
/// The store writes it as `leased` by `lease` if the commit names one, else as `ready`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Made from what caused it: the same cause never sends twice.
    pub id: Uuid,
    /// Which way out.
    pub channel: Channel,
    /// The case.
    pub procurement: ProcurementId,
    /// Which text or event, e.g. `key`, `state_changed`, `bond.updated`.
    pub name: String,
    /// To whom, for a mail.
    pub recipient: Option<PartyCode>,
    /// The envelope's recipients, for a mail.
    pub to: Vec<MailAddress>,
    /// Message-ID with angle brackets, or the id of the event.
    pub message_id: String,
    /// The finished mail (encrypted), or the events as a JSON array.
    pub body: Vec<u8>,
    /// The key it carries: when that ends before the mail is sent, the mail is overtaken.
    pub carries: Option<KeyName>,
    /// The recipient certificate it is encrypted to; when that is revoked, the mail is overtaken.
    pub encrypted_to: Option<String>,
    /// When it was prepared.
    pub created_at: Timestamp,
}

/// A lease: who may send until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Fences: whoever comes with another token changes nothing.
    pub token: Uuid,
    /// The end of the lease.
    pub until: Timestamp,
}

/// A leased row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedItem {
    /// What to send.
    pub row: OutboxRow,
    /// How often sending it was tried before.
    pub attempts: u32,
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Which row.
    pub id: Uuid,
    /// What became of it.
    pub verdict: Verdict,
}

/// The outcome of an attempt, as the relay decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Done; the server's reply.
    Sent(String),
    /// Again at this time; counts as an attempt.
    Retry(Timestamp, String),
    /// Given back untried: the neighbour is down. Counts as no attempt.
    GiveBack(Timestamp, String),
    /// Given up.
    Failed(String),
    /// Nobody knows.
    Uncertain(String),
}

/// What looking for ended leases found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Rows nobody had begun to send: ready again.
    pub returned: u64,
    /// Mails that were being sent when their sender was lost: uncertain.
    pub uncertain: u64,
}

/// A person's decision about an uncertain or failed row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Send the same bytes again.
    Resend,
    /// It arrived; count it as sent.
    MarkSent,
}

/// Which rows to list.
#[derive(Debug, Clone, Default)]
pub struct MailFilter {
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only of this state.
    pub state: Option<OutboxState>,
    /// Only to this party.
    pub recipient: Option<PartyCode>,
    /// Only of this case.
    pub procurement: Option<ProcurementId>,
    /// At most so many, newest first; 0 means 100.
    pub limit: u32,
}

/// A row as people see it: without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutboxView {
    /// The row.
    pub id: Uuid,
    /// Which way out.
    pub channel: Channel,
    /// The case.
    pub procurement: ProcurementId,
    /// Which text or event.
    pub name: String,
    /// To whom.
    pub recipient: Option<PartyCode>,
    /// Message-ID or event id.
    pub message_id: String,
    /// How far it got.
    pub state: OutboxState,
    /// Attempts that counted.
    pub attempts: u32,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// The last reply or error.
    pub last_reply: Option<String>,
    /// When it was prepared.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub changed_at: Timestamp,
}

/// Leasing, settling and looking at what leaves the hub.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Leases up to `limit` rows that are ready, or due to be retried, oldest due first.
    ///
    /// No row is ever leased to two callers at once.
    async fn claim(
        &self,
        channel: Channel,
        claim: Claim,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedItem>, StoreError>;

    /// One transaction of the relay: settles what was sent, then marks `calling` as being sent.
    ///
    /// Returns those of `calling` that may be sent: still leased by `token`, the lease not over, and
    /// not overtaken. A settlement by another token than the row's is ignored.
    async fn advance(
        &self,
        token: Uuid,
        settled: &[Settled],
        calling: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<Uuid>, StoreError>;

    /// Ends leases that are over: rows not being sent are ready again; mails being sent are
    /// uncertain; events being published are ready again, since their consumers know their ids.
    async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError>;

    /// Rows without bodies, newest first.
    async fn outbox(&self, filter: &MailFilter) -> Result<Vec<OutboxView>, StoreError>;

    /// A person decides about an uncertain or failed row, and that is told; false, and nothing told, if
    /// it is in another state.
    async fn resolve(
        &self,
        id: Uuid,
        resolution: Resolution,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    /// How many rows there are by channel and state.
    async fn outbox_counts(&self) -> Result<Vec<(Channel, OutboxState, u64)>, StoreError>;

    /// The same of the rows that are neither sent nor overtaken, however many are.
    async fn open_outbox_counts(&self) -> Result<Vec<(Channel, OutboxState, u64)>, StoreError>;
}
