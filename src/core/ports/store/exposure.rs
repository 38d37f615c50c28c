//! What contractors and issuers decided about figures (R43): consent, and limits.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
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
}
