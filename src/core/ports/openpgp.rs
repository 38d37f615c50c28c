//! OpenPGP: certificates of parties, and messages signed by the hub and encrypted to one of them.

use crate::{calendar::Timestamp, party::MailAddress};

/// Reads certificates that parties enrol (R1, R50).
pub trait ReadCertificate: Send + Sync {
    /// Reads one certificate, armored or binary, and checks that it can be used at `now` for a party
    /// with these addresses. Secret key material is refused and not kept.
    fn read(
        &self,
        bytes: &[u8],
        addresses: &[MailAddress],
        now: Timestamp,
    ) -> Result<CertificateFacts, CertificateRefusal>;
}

/// What is kept of an enrolled certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Full fingerprint, upper-case hexadecimal.
    pub fingerprint: String,
    /// The certificate, minimised to what encryption needs, binary.
    pub bytes: Vec<u8>,
    /// Until when it can be encrypted to; none for no end.
    pub usable_until: Option<Timestamp>,
    /// The user id whose address matched.
    pub user_id: String,
}

/// Why a certificate cannot be used; each with the advice its owner needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateRefusal {
    /// Not an OpenPGP certificate.
    #[error("this is not an OpenPGP certificate: {0}; send the output of `gpg --armor --export`")]
    Unreadable(String),
    /// More than one certificate.
    #[error("there is more than one certificate in the file; send exactly one")]
    Several,
    /// Larger than 64 KiB.
    #[error(
        "the certificate has {0} bytes, at most 65536 are taken; export it with `--export-options export-minimal`"
    )]
    TooLarge(usize),
    /// A secret key.
    #[error(
        "this is a SECRET key; it was not kept. Consider it exposed, revoke it, and send the public certificate"
    )]
    Secret,
    /// Expired.
    #[error("the certificate expired on {0}; extend it with `gpg --quick-set-expire`")]
    Expired(Timestamp),
    /// Revoked by its owner.
    #[error("the certificate is revoked by its owner; send its successor")]
    Revoked,
    /// No subkey that can receive mail.
    #[error(
        "the certificate has no usable subkey for encryption; add one with `gpg --quick-add-key FINGERPRINT cv25519 encr`"
    )]
    NoEncryptionKey,
    /// No user id with one of the party's addresses.
    #[error(
        "no user id of the certificate has the address {0}; add one with `gpg --quick-add-uid`"
    )]
    OtherAddress(String),
    /// Algorithms that are too weak, e.g. SHA-1 signatures, RSA below 2048 bits.
    #[error(
        "the certificate relies on an algorithm that is no longer safe: {0}; renew it, e.g. with `gpg --quick-set-expire`"
    )]
    Weak(String),
}

/// Signs and encrypts. There is no way to get a message that is not encrypted.
pub trait Encrypt: Send + Sync {
    /// Signs `content` as the hub and encrypts it to one certificate: armored ASCII, CRLF or LF lines
    /// of at most 76 characters, ready to be the second part of an RFC 3156 mail.
    fn encrypt(
        &self,
        to: &Recipient<'_>,
        content: &[u8],
        now: Timestamp,
    ) -> Result<Vec<u8>, EncryptError>;

    /// The hub's own public certificate, armored, for parties to import.
    fn own_certificate(&self) -> Result<String, EncryptError>;
}

/// Signs short texts as the hub: for what anybody may read and must be able to check.
pub trait SignText: Send + Sync {
    /// A detached signature over the text's bytes, armored: `gpg --verify` checks it.
    fn sign_text(&self, text: &str, now: Timestamp) -> Result<String, EncryptError>;
}

/// Checks detached signatures.
pub trait CheckSignature: Send + Sync {
    /// Checks a signature of [`SignText`] by this certificate (armored or binary), as of `at`.
    fn check(
        &self,
        certificate: &[u8],
        text: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<(), SignatureRefusal>;
}

/// Why a signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold: {0}")]
pub struct SignatureRefusal(pub String);

/// Whom to encrypt to.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// The pinned fingerprint; the certificate must have it.
    pub fingerprint: &'a str,
    /// The certificate, binary, as [`CertificateFacts::bytes`] gave it.
    pub certificate: &'a [u8],
    /// SEIPDv2 may be used. False (SEIPDv1) reads everywhere, GnuPG 2.2 and RNP included.
    pub modern: bool,
}

/// Why nothing was encrypted.
#[derive(Debug, thiserror::Error)]
pub enum EncryptError {
    /// The certificate cannot be used (any more): a task, not a retry.
    #[error("the recipient's certificate cannot be used")]
    Certificate(#[source] CertificateRefusal),
    /// The hub's own key, or the library, failed.
    #[error("signing or encrypting failed: {0}")]
    Failed(String),
}
