//! The inbox: every event that ever came, with what became of it (R35: nothing is dropped).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use crate::{
    audit::AuditEntry,
    calendar::Timestamp,
    event::{EventIdentity, Rejection},
    identifier::ProcurementId,
};

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Its facts were learned.
    Applied,
    /// Its facts were older than what is known: kept as history.
    Overtaken,
    /// It is known and teaches nothing.
    Nothing,
    /// It waits for something (R34).
    Waiting,
    /// It was set aside (R35).
    SetAside,
    /// It was set aside and a corrected one was sent in its place.
    Resubmitted,
}

impl EventState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Applied,
        Self::Overtaken,
        Self::Nothing,
        Self::Waiting,
        Self::SetAside,
        Self::Resubmitted,
    ];

    /// The state as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Overtaken => "overtaken",
            Self::Nothing => "nothing",
            Self::Waiting => "waiting",
            Self::SetAside => "set_aside",
            Self::Resubmitted => "resubmitted",
        }
    }

    /// Reads what [`EventState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Made from the identity (and, for a conflicting or unreadable one, its content): see
    /// [`EventRow::key`].
    pub id: Uuid,
    /// `source` and `id`; for bytes without an identity, the source is empty and the id their digest.
    pub identity: EventIdentity,
    /// The type without prefix; empty for unreadable bytes.
    pub kind: String,
    /// The case.
    pub subject: Option<ProcurementId>,
    /// Business time; the time of arrival for unreadable bytes.
    pub time: Timestamp,
    /// Digest of the content, lower-case hexadecimal SHA-256.
    pub digest: String,
    /// What became of it.
    pub state: EventState,
    /// Why it was set aside.
    pub rejection: Option<Rejection>,
    /// What it waits for, as text, e.g. `party:C-77`.
    pub waits_for: Option<String>,
    /// The event in structured mode, or the original bytes of what could not be read; sealed
    /// under the master key where `sealed`.
    pub body: Vec<u8>,
    /// Whether `body` is sealed: signed documents carry bonds (R4).
    pub sealed: bool,
    /// The content type it came with.
    pub content_type: Option<String>,
    /// When the hub took it.
    pub received_at: Timestamp,
}

impl EventRow {
    /// The row id for an identity; `variant` is empty but for conflicts, where it is the digest.
    pub fn key(identity: &EventIdentity, variant: &str) -> Uuid {
        let text = format!("{}\n{}\n{variant}", identity.source, identity.id);
        Uuid::from_bytes(crate::key::first_16(text.as_bytes()))
    }
}

/// Which events to list.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only of this state.
    pub state: Option<EventState>,
    /// Only of this case.
    pub subject: Option<ProcurementId>,
    /// Only what waits for this, e.g. `certificate:S1`.
    pub waits_for: Option<String>,
    /// At most so many, newest first; 0 means 100.
    pub limit: u32,
}

/// Reading and correcting events.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Events, newest arrival first.
    async fn events(&self, filter: &EventFilter) -> Result<Vec<EventRow>, StoreError>;

    /// Events that wait for something whose name begins so, e.g. `signer:`: oldest arrival first, those after the
    /// event `after`.
    async fn events_waiting(
        &self,
        on: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<EventRow>, StoreError>;

    /// One event.
    async fn event(&self, id: Uuid) -> Result<Option<EventRow>, StoreError>;

    /// Marks a set-aside event as resubmitted and tells it; false, and nothing told, if it is in
    /// another state.
    async fn mark_resubmitted(
        &self,
        id: Uuid,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    /// How many events there are by state; all of them are counted.
    async fn event_counts(&self) -> Result<Vec<(EventState, u64)>, StoreError>;

    /// The same of the events that wait or were set aside, however many are done.
    async fn open_event_counts(&self) -> Result<Vec<(EventState, u64)>, StoreError>;
}
