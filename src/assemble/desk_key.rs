//! The key with which an issuer signs at its desk: a file, or in a PKCS#11 token.

use anyhow::Context as _;
use bondhub_core::{
    calendar::Timestamp,
    ports::signing::{CertificateDetails, EntrustedKey, ImportedKey, Sign as _},
};
use bondhub_signing::{Pin, Signatures, TokenSigner, TokenUri};

/// An issuer's key, opened once for any number of signatures.
pub enum DeskKey {
    /// Of a PKCS#12 or PEM file.
    File(Box<(Signatures, ImportedKey)>),
    /// In a token, which is logged in to.
    Token(Box<TokenSigner>),
}

impl DeskKey {
    /// Reads a PKCS#12 or PEM file.
    pub fn file(bytes: &[u8], password: Option<&str>) -> anyhow::Result<Self> {
        let signatures = Signatures::new();
        let key = signatures.import(bytes, password)?;
        Ok(Self::File(Box::new((signatures, key))))
    }

    /// Whether a `--key` names a token and not a file.
    pub fn is_token(key: &str) -> bool {
        TokenUri::is_meant(key)
    }

    /// Logs in to the token that a `pkcs11:` URI names, with one try of the PIN.
    pub fn token(uri: &str, pin: Option<&str>, certificate: Option<&[u8]>) -> anyhow::Result<Self> {
        let uri = TokenUri::parse(uri).context("--key")?;
        let signer = TokenSigner::open(&uri, pin.map(Pin::new), certificate)?;
        Ok(Self::Token(Box::new(signer)))
    }

    /// The certificate that goes with the key.
    pub fn certificate(&self) -> &CertificateDetails {
        match self {
            Self::File(file) => &file.1.certificate,
            Self::Token(token) => token.certificate(),
        }
    }

    /// Signs: a CMS block, DER.
    pub fn sign(&self, content: &[u8], now: Timestamp) -> anyhow::Result<Vec<u8>> {
        let (signatures, key) = match self {
            Self::Token(token) => return Ok(token.sign(content, now)?),
            Self::File(file) => file.as_ref(),
        };
        let key = EntrustedKey {
            fingerprint: &key.certificate.fingerprint,
            certificate: &key.certificate.der,
            private_key: &key.private_key,
        };
        Ok(signatures.sign(&key, content, now)?)
    }
}
