//! Signing and encrypting.

mod recipients;
mod seal;

use std::sync::Arc;

use bondhub_core::{
    calendar::Timestamp,
    ports::openpgp::{Encrypt, EncryptError, Recipient},
};

use crate::hub_key::HubKey;
use recipients::Recipients;

/// Signs with the hub's key and encrypts to one certificate.
///
/// Certificates that were encrypted to are kept parsed, so that a message costs one signature and
/// one encryption only.
pub struct Sealer {
    key: HubKey,
    recipients: Recipients,
}

impl Sealer {
    /// Seals with this key.
    pub fn new(key: HubKey) -> Self {
        Self {
            key,
            recipients: Recipients::default(),
        }
    }

    /// The hub's key.
    pub fn key(&self) -> &HubKey {
        &self.key
    }
}

impl Encrypt for Sealer {
    fn encrypt(
        &self,
        to: &Recipient<'_>,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, EncryptError> {
        let signer = self.key.signer(now).ok_or_else(|| {
            EncryptError::Failed("the hub's signing key is not valid at this time".to_owned())
        })?;
        let recipient: Arc<_> = self
            .recipients
            .get(to, now)
            .map_err(EncryptError::Certificate)?;
        seal::Seal {
            signer,
            recipient: &recipient,
            modern: to.modern,
            now,
        }
        .close(content)
        .map_err(|error| EncryptError::Failed(error.root_cause().to_string()))
    }

    fn own_certificate(&self) -> Result<String, EncryptError> {
        self.key
            .public_armored()
            .map_err(|error| EncryptError::Failed(error.to_string()))
    }
}
