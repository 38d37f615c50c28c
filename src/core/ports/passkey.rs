//! Passkeys (R15 ④): what a browser answers, verified (W3C Web Authentication, Level 3).

/// The site passkeys are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The relying party's id: the host name, without scheme and port.
    pub id: String,
    /// The origin pages are served from, e.g. `https://bonds.example.jp`.
    pub origin: String,
}

/// What a browser answers when a passkey is made.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// What the browser says it did: JSON.
    pub client_data: &'a [u8],
    /// What the authenticator made: CBOR.
    pub attestation_object: &'a [u8],
}

/// What a browser answers when a passkey is used.
#[derive(Debug, Clone, Copy)]
pub struct Assertion<'a> {
    /// What the browser says it did: JSON.
    pub client_data: &'a [u8],
    /// What the authenticator says.
    pub authenticator_data: &'a [u8],
    /// Its signature over both.
    pub signature: &'a [u8],
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadePasskey {
    /// The credential's id.
    pub id: Vec<u8>,
    /// The public key, COSE.
    pub public_key: Vec<u8>,
    /// The authenticator's counter; 0 if it has none.
    pub counter: u32,
}

/// Why an answer is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefusal {
    /// The answer cannot be read.
    #[error("the passkey's answer cannot be read: {0}")]
    Unreadable(&'static str),
    /// It answers something else: another challenge, site or act.
    #[error("the passkey answered another question: {0}")]
    OtherQuestion(&'static str),
    /// Nobody was there, or the holder was not verified by biometrics or the device's PIN.
    #[error("the passkey did not verify its holder")]
    HolderNotVerified,
    /// A kind of key that was not offered.
    #[error("the passkey uses an algorithm that is not offered here")]
    OtherAlgorithm,
    /// The signature is not the key's.
    #[error("the passkey's signature is wrong")]
    WrongSignature,
}

/// The algorithms that are offered, by their COSE numbers: ES256, `EdDSA`, RS256.
pub const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// Verifies what browsers answer.
pub trait VerifyPasskey: Send + Sync {
    /// A passkey that was made for this challenge. Its holder was verified.
    fn registered(
        &self,
        site: &Site,
        challenge: &[u8],
        answer: &Registration<'_>,
    ) -> Result<MadePasskey, PasskeyRefusal>;

    /// A use of the passkey with this public key for this challenge: its counter. Its holder was verified.
    fn used(
        &self,
        site: &Site,
        challenge: &[u8],
        public_key: &[u8],
        answer: &Assertion<'_>,
    ) -> Result<u32, PasskeyRefusal>;
}
