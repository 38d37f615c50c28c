//! Signing with keys that issuers entrusted to the hub (R12).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bondhub_core::{
    calendar::Timestamp,
    ports::signing::{CertificateDetails, EntrustedKey, ImportedKey, Sign, SignError, TokenKey},
};
use openssl::pkey::PKey;
use zeroize::Zeroizing;

use crate::{
    Pin, TokenSigner, TokenUri,
    certificate::{self, KeyUsageRule},
    import,
    signed_data::writing::Signer,
    trust::{Trust, TrustError, TrustRules},
};

/// Parsed keys held at most; a hub serves far fewer issuers.
const MOST_KEYS: usize = 256;

/// Verifies and makes CMS signatures with OpenSSL.
#[derive(Default)]
pub struct Signatures {
    /// Parsed keys by fingerprint: parsing a key costs more than a signature.
    keys: Mutex<BTreeMap<String, Arc<ParsedKey>>>,
    /// What is asked of signers' certificates beyond being pinned, if anything.
    pub(crate) trust: Option<Trust>,
    pub(crate) key_usage: KeyUsageRule,
}

enum ParsedKey {
    /// In memory.
    Here {
        details: CertificateDetails,
        signer: Signer,
    },
    /// In a token that is open.
    InToken(TokenSigner),
}

impl Signatures {
    /// Without any key yet; a signer's certificate must be pinned, and no more.
    pub fn new() -> Self {
        Self::default()
    }

    /// A signer's certificate must be pinned, and fit these rules.
    pub fn trusting(rules: &TrustRules) -> Result<Self, TrustError> {
        Ok(Self {
            trust: Trust::read(rules)?,
            key_usage: rules.key_usage,
            ..Self::default()
        })
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
        let parsed = Arc::new(ParsedKey::read(key, self.key_usage)?);
        if keys.len() >= MOST_KEYS {
            keys.pop_first();
        }
        keys.insert(key.fingerprint.to_owned(), Arc::clone(&parsed));
        Ok(parsed)
    }
}

impl ParsedKey {
    fn read(key: &EntrustedKey<'_>, rule: KeyUsageRule) -> Result<Self, SignError> {
        let certificate = certificate::read_der(key.certificate)?;
        certificate::check_suitable(&certificate, rule)
            .map_err(|error| SignError::Unsuitable(error.to_string()))?;
        let details = certificate::details(&certificate)?;
        if details.fingerprint != key.fingerprint {
            let message = "the fingerprint is not that of the certificate";
            return Err(SignError::Unsuitable(message.to_owned()));
        }
        if let Some((uri, pin)) = token_of(key.private_key) {
            return Ok(Self::InToken(open(uri, pin, Some(key.certificate))?));
        }
        let private_key = PKey::private_key_from_pkcs8(key.private_key)
            .map_err(|error| certificate::unreadable("not a private key in PKCS#8", &error))?;
        import::check_pair(&certificate, &private_key)?;
        let signer = Signer::new(&details.der, private_key)
            .ok_or_else(|| SignError::Unsuitable("its kind of key cannot sign here".to_owned()))?;
        Ok(Self::Here { details, signer })
    }

    fn sign(&self, content: &[u8], now: Timestamp) -> Result<Vec<u8>, SignError> {
        match self {
            Self::InToken(signer) => signer.sign(content, now),
            Self::Here { details, signer } => {
                certificate::check_valid_now(details, now)?;
                signer
                    .sign(content, now)
                    .map_err(|error| SignError::Failed(certificate::reason(&error)))
            }
        }
    }
}

/// A key in a token is entrusted as its URI, a line end, and the PIN where one is kept.
fn token_of(private_key: &[u8]) -> Option<(&str, Option<&str>)> {
    let text = std::str::from_utf8(private_key).ok()?;
    let (uri, pin) = text.split_once('\n')?;
    TokenUri::is_meant(uri).then_some((uri, Some(pin).filter(|pin| !pin.is_empty())))
}

fn open(
    uri: &str,
    pin: Option<&str>,
    certificate: Option<&[u8]>,
) -> Result<TokenSigner, SignError> {
    let uri = TokenUri::parse(uri).map_err(|error| SignError::Unreadable(error.to_string()))?;
    Ok(TokenSigner::open(&uri, pin.map(Pin::new), certificate)?)
}

impl Sign for Signatures {
    fn sign(
        &self,
        key: &EntrustedKey<'_>,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, SignError> {
        let signed = self.parsed(key)?.sign(content, now);
        if let Err(SignError::Unavailable(_)) = signed {
            // A token that went away is opened anew the next time.
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.remove(key.fingerprint);
        }
        signed
    }

    fn import_token(&self, token: &TokenKey<'_>) -> Result<ImportedKey, SignError> {
        let opened = open(token.uri, token.pin, token.certificate)?;
        if token.pin.is_some_and(|pin| pin.contains(['\n', '\0'])) {
            let message = "a PIN is one line without NUL";
            return Err(SignError::Unreadable(message.to_owned()));
        }
        let kept = format!("{}\n{}", token.uri, token.pin.unwrap_or_default());
        Ok(ImportedKey {
            certificate: opened.certificate().clone(),
            private_key: Zeroizing::new(kept.into_bytes()),
        })
    }

    fn import(&self, file: &[u8], password: Option<&str>) -> Result<ImportedKey, SignError> {
        import::read(file, password, self.key_usage)
    }

    fn read_certificate(&self, bytes: &[u8]) -> Result<CertificateDetails, SignError> {
        let certificate = certificate::read(bytes)?;
        certificate::check_suitable(&certificate, self.key_usage)
            .map_err(|error| SignError::Unsuitable(error.to_string()))?;
        certificate::details(&certificate)
    }
}
