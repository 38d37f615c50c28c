//! What contractors and issuers decided about figures (R43): consent, and limits.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Commit, StoreError};
use crate::{audit::AuditEntry, calendar::Timestamp, identifier::PartyCode, money::Currency};

/// A contractor lets issuers see what it has outstanding with all of them, or takes that back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// Made from what is said.
    pub id: Uuid,
    /// Who says it.
    pub contractor: PartyCode,
    /// Given, or taken back.
    pub given: bool,
    /// Which account or user wrote it down.
    pub said_by: String,
    /// When.
    pub at: Timestamp,
}

/// Up to where an issuer wants to answer for a contractor. It warns; it refuses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRow {
    /// Made from what is said.
    pub id: Uuid,
    /// Whose limit.
    pub issuer: PartyCode,
    /// For whom.
    pub contractor: PartyCode,
    /// In which currency.
    pub currency: Currency,
    /// Minor units; none lifts the limit.
    pub amount: Option<i64>,
    /// Which account or user wrote it down.
    pub said_by: String,
    /// When.
    pub at: Timestamp,
}

/// A limit that is exceeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceededRow {
    /// Whose limit.
    pub issuer: PartyCode,
    /// For whom.
    pub contractor: PartyCode,
    /// In which currency.
    pub currency: Currency,
    /// The limit when it was noticed, in minor units.
    pub amount: i64,
    /// What was outstanding then.
    pub outstanding: i64,
    /// When it was noticed.
    pub since: Timestamp,
}

/// Keeping them. Nothing is changed: the last word counts. Each is told in the audit log in its own transaction (R70).
#[async_trait]
pub trait Exposures: Send + Sync {
    /// Adds what a contractor said.
    async fn add_consent(&self, row: &ConsentRow, told: &AuditEntry) -> Result<(), StoreError>;

    /// What a contractor said, the last word first.
    async fn consents(&self, contractor: &PartyCode) -> Result<Vec<ConsentRow>, StoreError>;

    /// Adds what an issuer said.
    async fn add_limit(&self, row: &LimitRow, told: &AuditEntry) -> Result<(), StoreError>;

    /// The limits that hold, of one issuer or of all, by issuer, contractor and currency.
    async fn limits(&self, issuer: Option<&PartyCode>) -> Result<Vec<LimitRow>, StoreError>;

    /// Notes that a limit is exceeded, with what tells its issuer and the audit log; false, and nothing is told, if
    /// that was noted before.
    async fn note_exceeded(&self, row: &ExceededRow, with: &Commit) -> Result<bool, StoreError>;

    /// Notes that a limit is kept again; false, and nothing is told, if it was not noted as exceeded.
    async fn end_exceeded(&self, row: &ExceededRow, with: &Commit) -> Result<bool, StoreError>;

    /// The limits that are exceeded, of one issuer or of all, by issuer, contractor and currency.
    async fn exceeded(&self, issuer: Option<&PartyCode>) -> Result<Vec<ExceededRow>, StoreError>;
}
