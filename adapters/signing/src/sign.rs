//! Signing with keys that issuers entrusted to the hub (R12).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bondhub_core::{
    calendar::Timestamp,
    ports::signing::{CertificateDetails, EntrustedKey, ImportedKey, Sign, SignError},
};
use openssl::pkey::PKey;

use crate::{certificate, import, signed_data::writing::Signer};

/// Parsed keys held at most; a hub serves far fewer issuers.
const MOST_KEYS: usize = 256;

/// Verifies and makes CMS signatures with OpenSSL.
#[derive(Default)]
pub struct Signatures {
    /// Parsed keys by fingerprint: parsing a key costs more than a signature.
    keys: Mutex<BTreeMap<String, Arc<ParsedKey>>>,
}

struct ParsedKey {
    details: CertificateDetails,
    signer: Signer,
}

impl Signatures {
    /// Without any key yet.
    pub fn new() -> Self {
        Self::default()
    }

    #[cfg(test)]
    pub(crate) fn held_keys(&self) -> usize {
        self.keys.lock().map_or(0, |keys| keys.len())
    }

    fn parsed(&self, key: &EntrustedKey<'_>) -> Result<Arc<ParsedKey>, SignError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = keys.get(key.fingerprint) {
            return Ok(Arc::clone(parsed));
        }
        let parsed = Arc::new(ParsedKey::read(key)?);
        if keys.len() >= MOST_KEYS {
            keys.pop_first();
        }
        keys.insert(key.fingerprint.to_owned(), Arc::clone(&parsed));
        Ok(parsed)
    }
}

impl ParsedKey {
    fn read(key: &EntrustedKey<'_>) -> Result<Self, SignError> {
        let certificate = certificate::read_der(key.certificate)?;
        certificate::check_suitable(&certificate)
            .map_err(|error| SignError::Unsuitable(error.to_string()))?;
        let details = certificate::details(&certificate)?;
        if details.fingerprint != key.fingerprint {
            let message = "the fingerprint is not that of the certificate";
            return Err(SignError::Unsuitable(message.to_owned()));
        }
        let private_key = PKey::private_key_from_pkcs8(key.private_key)
            .map_err(|error| certificate::unreadable("not a private key in PKCS#8", &error))?;
        import::check_pair(&certificate, &private_key)?;
        let signer = Signer::new(&details.der, private_key)
            .ok_or_else(|| SignError::Unsuitable("its kind of key cannot sign here".to_owned()))?;
        Ok(Self { details, signer })
    }

    fn check_valid(&self, now: Timestamp) -> Result<(), SignError> {
        let (from, until) = (self.details.valid_from, self.details.valid_until);
        if from <= now && now <= until {
            return Ok(());
        }
        let message = format!("it is valid from {from} until {until}, and it is {now}");
        Err(SignError::Unsuitable(message))
    }
}

impl Sign for Signatures {
    fn sign(
        &self,
        key: &EntrustedKey<'_>,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, SignError> {
        let key = self.parsed(key)?;
        key.check_valid(now)?;
        key.signer
            .sign(content, now)
            .map_err(|error| SignError::Failed(certificate::reason(&error)))
    }

    fn import(&self, file: &[u8], password: Option<&str>) -> Result<ImportedKey, SignError> {
        import::read(file, password)
    }

    fn read_certificate(&self, bytes: &[u8]) -> Result<CertificateDetails, SignError> {
        let certificate = certificate::read(bytes)?;
        certificate::check_suitable(&certificate)
            .map_err(|error| SignError::Unsuitable(error.to_string()))?;
        certificate::details(&certificate)
    }
}
