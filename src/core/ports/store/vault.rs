//! The vault's things: data keys, sealed originals and attachments, copies that were given out.
//!
//! Everything here is sealed before it comes: a store never sees a bond's document in the clear.

use std::fmt;

use async_trait::async_trait;

use super::{DocumentRow, StoreError};
use crate::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::{BondId, BondNumber, PartyCode},
    party::Role,
};

/// What shares one data key: everything of a bond, or what an issuer signed that is about none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compartment {
    /// The issuer.
    pub issuer: PartyCode,
    /// The bond; none for standing instructions.
    pub number: Option<BondNumber>,
}

impl Compartment {
    /// The compartment of a document: its bond's, or its issuer's own.
    pub fn of(issuer: &PartyCode, bond: Option<&BondId>) -> Self {
        match bond {
            Some(bond) => Self::from(bond),
            None => Self {
                issuer: issuer.clone(),
                number: None,
            },
        }
    }

    /// The number as it is stored: empty for the issuer's own.
    pub fn number(&self) -> &str {
        self.number.as_ref().map_or("", BondNumber::as_str)
    }
}

impl From<&BondId> for Compartment {
    fn from(bond: &BondId) -> Self {
        Self {
            issuer: bond.issuer.clone(),
            number: Some(bond.number.clone()),
        }
    }
}

impl fmt::Display for Compartment {
    /// As a bond is written; a bond's number is never empty, so an issuer's own is not mistaken.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuer = self.issuer.as_str().replace('%', "%25").replace('/', "%2F");
        write!(formatter, "{issuer}/{}", self.number())
    }
}

/// A data key, wrapped by a master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataKeyRow {
    /// Whose.
    pub compartment: Compartment,
    /// The wrapped key; it names the master key that wrapped it.
    pub wrapped: Vec<u8>,
}

/// An attachment of a bond, sealed under the bond's data key. Versions that share it share its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// Of which bond.
    pub bond: BondId,
    /// Lower-case hexadecimal SHA-256 of its bytes.
    pub sha256: String,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

/// A copy of an original that was given out (R23).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyRow {
    /// Its name, printed on it: 16 letters of Crockford's base 32, drawn at random.
    pub id: String,
    /// Of which bond.
    pub bond: BondId,
    /// Of which version.
    pub version: u32,
    /// Digest of the signed document behind that version.
    pub document: String,
    /// For whom.
    pub holder: PartyCode,
    /// In which role.
    pub role: Role,
    /// Lower-case hexadecimal SHA-256 of the copy's bytes as they were given out.
    pub sha256: String,
    /// When.
    pub made_at: Timestamp,
}

/// What is sealed under a master key itself, not under a bond's data key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealedKind {
    /// Data keys.
    DataKey,
    /// Signed documents in the inbox.
    Event,
    /// Signing keys that issuers entrusted.
    Entrusted,
    /// Secrets of accounts' one-time passwords.
    OneTimePassword,
    /// Secrets of keys that wait for their issuer's signature.
    Request,
    /// Documents from before there were data keys.
    Document,
}

impl SealedKind {
    /// All kinds, in the order in which a rotation takes them.
    pub const ALL: [Self; 6] = [
        Self::DataKey,
        Self::Entrusted,
        Self::OneTimePassword,
        Self::Request,
        Self::Event,
        Self::Document,
    ];

    /// The kind as it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataKey => "data_key",
            Self::Event => "event",
            Self::Entrusted => "entrusted_key",
            Self::OneTimePassword => "one_time_password",
            Self::Request => "signing_request",
            Self::Document => "document",
        }
    }
}

/// One thing that is sealed under a master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedItem {
    /// Its row's key: two texts, the second empty where one is enough.
    pub key: (String, String),
    /// What is sealed.
    pub bytes: Vec<u8>,
}

/// A thing sealed anew: only if it still is what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// Its row's key.
    pub key: (String, String),
    /// What was read.
    pub before: Vec<u8>,
    /// What it becomes.
    pub after: Vec<u8>,
}

/// How many things of a kind begin with the same bytes, and so lie under the same master key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealedCount {
    /// Of which kind.
    pub kind: SealedKind,
    /// The first [`SEALED_HEAD`] bytes of each.
    pub head: Vec<u8>,
    /// How many.
    pub count: u64,
}

/// So many bytes at the beginning of what is sealed tell how, and under which master key.
pub const SEALED_HEAD: usize = 9;

/// Reading originals, recording copies, and changing the master key.
#[async_trait]
pub trait Vault: Send + Sync {
    /// A signed document by the digest of its content.
    async fn document(&self, digest: &str) -> Result<Option<DocumentRow>, StoreError>;

    /// An attachment of a bond by its digest.
    async fn attachment(
        &self,
        bond: &BondId,
        sha256: &str,
    ) -> Result<Option<AttachmentRow>, StoreError>;

    /// A data key.
    async fn data_key(&self, compartment: &Compartment) -> Result<Option<DataKeyRow>, StoreError>;

    /// Records a copy before it is given out, and tells it.
    async fn add_copy(&self, copy: &CopyRow, told: &AuditEntry) -> Result<(), StoreError>;

    /// A copy by its name.
    async fn copy(&self, id: &str) -> Result<Option<CopyRow>, StoreError>;

    /// Things of a kind that do not begin with `head`, by key, after `after`.
    async fn sealed_otherwise(
        &self,
        kind: SealedKind,
        head: &[u8],
        after: &(String, String),
        limit: u32,
    ) -> Result<Vec<SealedItem>, StoreError>;

    /// Replaces sealed bytes in one transaction; what has changed meanwhile is left as it is.
    /// Returns how many were replaced, and tells them with kind and number in the audit log, if there were any.
    async fn reseal(
        &self,
        kind: SealedKind,
        items: &[Resealed],
        told: &AuditEntry,
    ) -> Result<u64, StoreError>;

    /// How much lies under which master key.
    async fn sealed_counts(&self) -> Result<Vec<SealedCount>, StoreError>;
}
