//! Certificates that wait for the proof that their party has the private key; warnings given once.

use async_trait::async_trait;

use super::{Commit, StoreError};
use crate::{
    audit::AuditEntry, calendar::Timestamp, identifier::PartyCode, party::OpenPgpCertificate,
};

/// A certificate that is not used before its code has come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// The certificate as it will be enrolled.
    pub certificate: OpenPgpCertificate,
    /// Keyed digest of the code in the mail; empty once the code has come back and an operator has to confirm.
    pub code: Vec<u8>,
    /// How many more codes may be tried.
    pub tries_left: u32,
    /// After this instant no code counts.
    pub ends_at: Timestamp,
}

impl EnrolmentRow {
    /// Whether the code has come back: it waits for an operator.
    pub fn is_proven(&self) -> bool {
        self.code.is_empty()
    }
}

/// Enrolling certificates in two steps (R50).
///
/// Of the commits that go with the steps only `now`, `outbox` and `audit` count; they are written in the
/// step's own transaction.
#[async_trait]
pub trait Enrolments: Send + Sync {
    /// Begins an enrolment; one of the same party that waited is replaced.
    async fn begin_enrolment(&self, row: &EnrolmentRow, with: &Commit) -> Result<(), StoreError>;

    /// What waits, by party.
    async fn enrolments(&self) -> Result<Vec<EnrolmentRow>, StoreError>;

    /// Takes one try, and returns the enrolment with what is left; none if nothing waits, has ended or
    /// has no try left. The try is gone before the code is compared, so that nobody can try side by
    /// side, and `told`, at whose time it is, tells it.
    async fn try_enrolment(
        &self,
        party: &PartyCode,
        told: &AuditEntry,
    ) -> Result<Option<EnrolmentRow>, StoreError>;

    /// Enrols the certificate of this very enrolment, and stops using the party's others; mails under
    /// way to those are still sent. False, and nothing is changed, if it is not this enrolment that waits any more, or
    /// the certificate was enrolled otherwise and revoked meanwhile.
    async fn finish_enrolment(&self, row: &EnrolmentRow, with: &Commit)
    -> Result<bool, StoreError>;

    /// Whether a warning about `subject` was given so many days before.
    async fn warned(&self, subject: &str, days: i64) -> Result<bool, StoreError>;

    /// Ends this very enrolment, or puts another in its place: the same one, proven. False if it is not this enrolment that
    /// waits any more, and then nothing is written.
    async fn replace_enrolment(
        &self,
        row: &EnrolmentRow,
        by: Option<&EnrolmentRow>,
        with: &Commit,
    ) -> Result<bool, StoreError>;

    /// Notes that a warning about `subject` was given so many days before; false if it was already, and
    /// then nothing is written.
    async fn warn_once(&self, subject: &str, days: i64, with: &Commit) -> Result<bool, StoreError>;
}
