//! The signing queue: keys that wait for the signature of an issuer whose token stays at its desk (R12).

use async_trait::async_trait;

use super::{KeyName, StoreError};
use crate::{
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    party::Role,
};

/// A key whose statement waits for its issuer's signature. It opens nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRequest {
    /// The public name of the key.
    pub kid: String,
    /// In which case.
    pub procurement: ProcurementId,
    /// To which bond; its issuer signs.
    pub bond: BondId,
    /// To which version of it.
    pub version: u32,
    /// In which edition the key is asked for, and will be issued.
    pub edition: u32,
    /// In which role it is held.
    pub role: Role,
    /// By whom.
    pub holder: PartyCode,
    /// HMAC-SHA-256 of kid and secret (R13).
    pub digest: Vec<u8>,
    /// The exact bytes to be signed; they hold no secret.
    pub statement: Vec<u8>,
    /// The secret, sealed under the master key; empty once the key is issued or overtaken.
    pub sealed: Vec<u8>,
    /// The issuer's signature, CMS DER, once there is one.
    pub signature: Option<Vec<u8>>,
    /// Where it is.
    pub state: RequestState,
    /// Since when it waits.
    pub requested_at: Timestamp,
}

impl SigningRequest {
    /// The key's name within its bond.
    pub fn name(&self) -> KeyName {
        KeyName {
            bond: self.bond.clone(),
            role: self.role,
            edition: self.edition,
        }
    }
}

/// Where a key of the signing queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestState {
    /// It waits for its issuer's signature.
    Waiting,
    /// It is signed, and waits for its holder: for a certificate, or to be taken by hand.
    Signed,
    /// The key was issued.
    Issued,
    /// A new version, a revocation or the bond's end came first.
    Overtaken,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Signed, Self::Issued, Self::Overtaken];

    /// The state as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Signed => "signed",
            Self::Issued => "issued",
            Self::Overtaken => "overtaken",
        }
    }

    /// Reads what [`RequestState::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the key can still be issued: its sealed secret is there.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Signed)
    }
}

/// An issuer's signature under a key that waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestSignature {
    /// The public name of the key.
    pub kid: String,
    /// The signed statement, CMS DER.
    pub cms: Vec<u8>,
}

/// A key leaves the signing queue; its sealed secret is destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedRequest {
    /// Which.
    pub name: KeyName,
    /// Issued or overtaken.
    pub state: RequestState,
}

/// Reading the signing queue; what changes it is part of a [`super::Commit`].
#[async_trait]
pub trait SigningQueue: Send + Sync {
    /// What waits for an issuer's signature, oldest first.
    async fn requests_waiting(
        &self,
        issuer: &PartyCode,
        limit: u32,
    ) -> Result<Vec<SigningRequest>, StoreError>;

    /// The keys of a case that can still be issued: waiting and signed ones.
    async fn requests_of(&self, case: &ProcurementId) -> Result<Vec<SigningRequest>, StoreError>;

    /// One of the queue by the public name of its key, whatever became of it.
    async fn request(&self, kid: &str) -> Result<Option<SigningRequest>, StoreError>;
}
