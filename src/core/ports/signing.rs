//! Electronic signatures: CMS (CAdES-BES) by X.509 certificates of issuers (R5, R12).

use crate::{calendar::Timestamp, event::Rejection, identifier::PartyCode};

/// Verifies documents that issuers signed.
pub trait VerifyDocument: Send + Sync {
    /// Verifies a CMS block (DER, attached content) made with one of the pinned certificates and
    /// returns what was signed.
    ///
    /// The signer must be *exactly* one of `pinned` (a valid chain is not enough), the block must
    /// have one signer, SHA-256 or stronger, the ESS signing-certificate attribute, and the
    /// certificate must be valid at `signed_at` of the signature and allow signing (key usage). Where the
    /// hub is given roots, the certificate must also chain to one, not be revoked, and fit its profile.
    ///
    /// A pin revoked at or before `now` signs nothing any more, whatever signing time a block claims.
    fn verify(
        &self,
        cms: &[u8],
        pinned: &[PinnedCertificate<'_>],
        now: Timestamp,
    ) -> Result<SignedContent, Rejection>;

    /// The revocation lists the hub has, each newest of its authority and scope or not.
    fn revocation_lists(&self, _now: Timestamp) -> Vec<ListDetails> {
        Vec::new()
    }

    /// What the authorities' lists tell *now* of a certificate (DER) that signs for an issuer: a reason where a list is
    /// missing or stale. Nothing is asked where the hub has no roots.
    fn revocation_of(&self, _certificate: &PinnedCertificate<'_>, _now: Timestamp) -> Revocation {
        Revocation::NotAsked
    }

    /// What a block says it signs, *unverified*: only good for finding out who claims to have signed.
    fn claimed_content(&self, _cms: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// A certificate the hub accepts for an issuer.
#[derive(Debug, Clone, Copy)]
pub struct PinnedCertificate<'a> {
    /// Whose.
    pub party: &'a PartyCode,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub fingerprint: &'a str,
    /// The certificate, DER.
    pub der: &'a [u8],
    /// From when on the hub takes nothing more that it signed, if it was revoked here.
    pub revoked_at: Option<Timestamp>,
}

/// What a valid signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedContent {
    /// The signed bytes.
    pub content: Vec<u8>,
    /// The fingerprint of the pinned certificate that signed.
    pub signer: String,
    /// The signing time the signature claims.
    pub signed_at: Option<Timestamp>,
    /// Whether the certificate's revocation was checked.
    pub revocation: Revocation,
}

/// A revocation list of an authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDetails {
    /// The authority, one line.
    pub issuer: String,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one comes.
    pub next_update: Option<Timestamp>,
}

/// What is known of the revocation of a signer's certificate by its authority.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Revocation {
    /// The hub asks no authority: pinning alone decides.
    #[default]
    NotAsked,
    /// Current lists of every authority of the chain say that it was not revoked.
    Checked,
    /// It could not be checked, and the rules let that pass: why.
    Unchecked(String),
}

impl Revocation {
    /// The word it is stored and shown by.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::Checked => "checked",
            Self::Unchecked(_) => "unchecked",
        }
    }

    /// Why it could not be checked.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::NotAsked | Self::Checked => None,
            Self::Unchecked(why) => Some(why),
        }
    }

    /// Reads what [`Revocation::as_str`] and [`Revocation::why`] wrote.
    pub fn parse(word: &str, why: Option<String>) -> Option<Self> {
        match (word, why) {
            ("not_asked", None) => Some(Self::NotAsked),
            ("checked", None) => Some(Self::Checked),
            ("unchecked", Some(why)) => Some(Self::Unchecked(why)),
            _ => None,
        }
    }
}

/// Signs with keys that issuers entrusted to the hub, and reads those keys.
pub trait Sign: Send + Sync {
    /// Makes an attached CAdES-BES block (DER) over `content` with SHA-256.
    ///
    /// `key` is what [`Sign::import`] returned. The parsed key may be kept in memory under
    /// `key.fingerprint`.
    fn sign(
        &self,
        key: &EntrustedKey<'_>,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, SignError>;

    /// Reads a PKCS#12 file, or PEM with certificate and private key, and normalises it.
    fn import(&self, file: &[u8], password: Option<&str>) -> Result<ImportedKey, SignError>;

    /// Takes a key that stays in a PKCS#11 token: opens it once, so that a wrong PIN is told now, and
    /// gives it the form in which [`Sign::sign`] takes it.
    fn import_token(&self, token: &TokenKey<'_>) -> Result<ImportedKey, SignError>;

    /// Reads an X.509 certificate, PEM or DER, and checks that it may sign documents.
    fn read_certificate(&self, bytes: &[u8]) -> Result<CertificateDetails, SignError>;
}

/// A signing key in the form the adapter gave it.
#[derive(Clone, Copy)]
pub struct EntrustedKey<'a> {
    /// SHA-256 of the certificate's DER, lower-case hexadecimal.
    pub fingerprint: &'a str,
    /// The certificate, DER.
    pub certificate: &'a [u8],
    /// The private key (PKCS#8 DER), or where it lies in a token and the token's PIN: never logged,
    /// never stored unsealed.
    pub private_key: &'a [u8],
}

/// A signing key in a PKCS#11 token.
#[derive(Clone, Copy)]
pub struct TokenKey<'a> {
    /// Where it lies: a `pkcs11:` URI (RFC 7512) without a PIN.
    pub uri: &'a str,
    /// The PIN; none if the URI names a file with it (`pin-source`).
    pub pin: Option<&'a str>,
    /// Its certificate, PEM or DER; none if the token holds it too.
    pub certificate: Option<&'a [u8]>,
}

/// A key read from an issuer's file, or found in its token.
pub struct ImportedKey {
    /// Its certificate.
    pub certificate: CertificateDetails,
    /// What [`EntrustedKey::private_key`] takes.
    pub private_key: zeroize::Zeroizing<Vec<u8>>,
}

/// What is shown and pinned of an X.509 certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDetails {
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub fingerprint: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// The subject, one line.
    pub subject: String,
    /// The certificate authority, one line.
    pub issuer: String,
    /// First instant of validity.
    pub valid_from: Timestamp,
    /// Last instant of validity.
    pub valid_until: Timestamp,
}

/// Why signing or reading a key failed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Not a key or certificate, or a wrong password.
    #[error("the key or certificate cannot be read: {0}")]
    Unreadable(String),
    /// A certificate that may not sign, an algorithm that is too weak.
    #[error("the certificate cannot be used: {0}")]
    Unsuitable(String),
    /// The token that holds the key is away for the moment: a later try may succeed.
    #[error("the key cannot be reached: {0}")]
    Unavailable(String),
    /// The library failed.
    #[error("signing failed: {0}")]
    Failed(String),
}
