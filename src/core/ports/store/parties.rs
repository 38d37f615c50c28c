//! Parties, their certificates and standing instructions.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::PartyCode,
    party::{OpenPgpCertificate, Party, SigningCertificate},
    rules::StandingInstruction,
};

/// Everything known of the parties, read at once; small enough to be kept in memory.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Counts the changes; a reader whose number is older must read again.
    pub generation: i64,
    /// The parties, by code.
    pub parties: Vec<Party>,
    /// Their OpenPGP certificates, by party and time of enrolment, revoked ones too.
    pub certificates: Vec<OpenPgpCertificate>,
    /// The issuers' signing certificates, revoked ones too.
    pub signing: Vec<SigningCertificate>,
    /// The issuers' standing instructions.
    pub instructions: Vec<InstructionRow>,
}

/// A standing instruction as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstructionRow {
    /// Whose.
    pub issuer: PartyCode,
    /// What it allows.
    pub instruction: StandingInstruction,
    /// Digest of the signed document behind it.
    pub document: String,
}

/// Reading and changing parties.
///
/// Each change raises [`Book::generation`] and, in the same transaction, makes the cases due that
/// wait for `party:CODE`, `certificate:CODE` or `signature:CODE`, and appends `told` to the audit log
/// (nothing if nothing changed).
#[async_trait]
pub trait Parties: Send + Sync {
    /// Everything.
    async fn book(&self) -> Result<Book, StoreError>;

    /// Adds a party, or replaces it.
    async fn put_party(
        &self,
        party: &Party,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<(), StoreError>;

    /// Replaces a party; false, and nothing is changed, if it is not what it was `before` any more.
    async fn change_party(
        &self,
        before: &Party,
        party: &Party,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    /// Enrols a certificate; false if the party has it already.
    async fn add_certificate(
        &self,
        certificate: &OpenPgpCertificate,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    /// Stops using a certificate; mails encrypted to it that were not sent are overtaken. False if
    /// there is no such certificate in use.
    async fn revoke_certificate(
        &self,
        party: &PartyCode,
        fingerprint: &str,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    /// Pins a signing certificate, or adds the entrusted key to a pinned one. False, and nothing is changed, if it is
    /// pinned with no key to add, or was revoked.
    async fn put_signing(
        &self,
        certificate: &SigningCertificate,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;

    /// Stops accepting a signing certificate; false if there is no such certificate in use.
    async fn revoke_signing(
        &self,
        party: &PartyCode,
        fingerprint: &str,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError>;
}
