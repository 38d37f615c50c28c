//! The audit log: appended to, read in order, its head signed daily (R70, R72).

use async_trait::async_trait;

use super::StoreError;
use crate::{
    audit::{AuditEntry, Head, Link, SignedHead},
    calendar::Timestamp,
};

/// Which entries to list.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only on this subject.
    pub subject: Option<String>,
    /// Only from this time on.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub to: Option<Timestamp>,
    /// Only with a number above this one; 0 begins with the first.
    pub after: u64,
    /// At most so many, in order of their numbers; 0 means 100.
    pub limit: u32,
}

/// Appending to and reading the one chain of the installation.
///
/// What a commit changes is told by its own [`super::Commit::audit`], in the same transaction.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends entries of what changes nothing by itself: something was read out, or refused. A method that changes
    /// something takes its entry and writes it in its own transaction.
    async fn record(&self, entries: &[AuditEntry]) -> Result<(), StoreError>;

    /// Where the chain ends.
    async fn audit_head(&self) -> Result<Head, StoreError>;

    /// Entries in order of their numbers, with what is kept beside them.
    async fn audit_links(&self, filter: &AuditFilter) -> Result<Vec<Link>, StoreError>;

    /// Keeps a signed head and tells it; false, and nothing told, if there is one for the day already.
    async fn keep_signed_head(
        &self,
        head: &SignedHead,
        told: &AuditEntry,
    ) -> Result<bool, StoreError>;

    /// The signed heads, oldest first.
    async fn signed_heads(&self) -> Result<Vec<SignedHead>, StoreError>;

    /// Removes what is kept beside entries older than `before` (R72), and tells how much that was; the
    /// chain stays whole. `told` is appended in the same transaction if there was anything.
    async fn purge_details(&self, before: Timestamp, told: &AuditEntry) -> Result<u64, StoreError>;
}
