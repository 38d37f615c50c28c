//! The hub's own key: signs every mail, decrypts nothing.

use std::time::SystemTime;

use bondhub_core::calendar::Timestamp;
use sequoia_openpgp::{
    Cert,
    cert::{CertBuilder, CipherSuite},
    crypto::{KeyPair, Password},
    packet::{Key, key::SecretParts, key::UnspecifiedRole},
    parse::Parse,
    policy::StandardPolicy,
    serialize::Serialize,
    types::KeyFlags,
};
use zeroize::Zeroizing;

use crate::instant::{system_time, timestamp};

/// The hub's key with its secret signing subkey.
///
/// The primary key only certifies; its secret may stay offline, the hub signs with a subkey.
pub struct HubKey {
    cert: Cert,
    pair: KeyPair,
    signs_from: Timestamp,
    signs_until: Option<Timestamp>,
}

/// Why the hub's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HubKeyError {
    /// Not one OpenPGP secret key.
    #[error(
        "the hub's key file is not one OpenPGP secret key; export it with `gpg --armor --export-secret-keys`"
    )]
    Unreadable(#[source] Cause),
    /// The file holds no secret key that may sign now.
    #[error(
        "the hub's key has no secret signing key that is valid now; add one with `gpg --quick-add-key FINGERPRINT ed25519 sign`"
    )]
    NoSigningKey,
    /// The secret key is protected by a password, and none was given.
    #[error("the hub's key is protected by a password; set the password, or a file that holds it")]
    PasswordNeeded,
    /// The password does not open the secret key.
    #[error("the password does not open the hub's key")]
    WrongPassword,
    /// No key could be made.
    #[error("no OpenPGP key could be made")]
    NotMade(#[source] Cause),
    /// The key could not be written out.
    #[error("the hub's key could not be written out")]
    NotWritten(#[source] Cause),
}

type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

impl HubKey {
    /// Makes a key: a v4 certificate whose Ed25519 primary key only certifies, and one Ed25519 subkey
    /// that signs. `GnuPG` 2.2 and RNP can import it. It has no end; replacing it is told in docs/mail.md.
    pub fn generate(user_id: &str, now: Timestamp) -> Result<Self, HubKeyError> {
        let (cert, _revocation) = CertBuilder::new()
            .set_creation_time(system_time(now))
            .set_cipher_suite(CipherSuite::Cv25519)
            .set_primary_key_flags(KeyFlags::empty().set_certification())
            .add_userid(user_id)
            .add_signing_subkey()
            .generate()
            .map_err(|error| HubKeyError::NotMade(error.into()))?;
        Self::of(cert, None, now)
    }

    /// Loads a secret key, armored or binary, and takes its newest signing key that is valid at `now`.
    /// The password is needed only where the secret key is protected by one.
    pub fn load(
        bytes: &[u8],
        password: Option<&Zeroizing<String>>,
        now: Timestamp,
    ) -> Result<Self, HubKeyError> {
        let cert =
            Cert::from_bytes(bytes).map_err(|error| HubKeyError::Unreadable(error.into()))?;
        Self::of(cert, password, now)
    }

    fn of(
        cert: Cert,
        password: Option<&Zeroizing<String>>,
        now: Timestamp,
    ) -> Result<Self, HubKeyError> {
        let (key, until) = signing_key(&cert, now).ok_or(HubKeyError::NoSigningKey)?;
        Ok(Self {
            signs_from: timestamp(key.creation_time()),
            signs_until: until.map(timestamp),
            pair: unlock(key, password)?,
            cert,
        })
    }

    /// Full fingerprint of the certificate, upper-case hexadecimal: what parties compare.
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// Until when the hub can sign with it; none for no end.
    pub fn signs_until(&self) -> Option<Timestamp> {
        self.signs_until
    }

    /// The public certificate, armored.
    pub fn public_armored(&self) -> Result<String, HubKeyError> {
        let mut armored = Vec::new();
        self.cert
            .armored()
            .serialize(&mut armored)
            .map_err(|error| HubKeyError::NotWritten(error.into()))?;
        String::from_utf8(armored).map_err(|error| HubKeyError::NotWritten(error.into()))
    }

    /// The secret key, armored, protected by the password it was loaded with, or not at all: keep
    /// the file to the hub's account (mode 0600).
    pub fn secret_armored(&self) -> Result<Zeroizing<Vec<u8>>, HubKeyError> {
        let mut armored = Zeroizing::new(Vec::with_capacity(16 * 1024));
        let written = self.cert.as_tsk().armored().serialize(&mut *armored);
        written.map_err(|error| HubKeyError::NotWritten(error.into()))?;
        Ok(armored)
    }

    /// The signing key, if it may sign at `now`.
    pub(crate) fn signer(&self, now: Timestamp) -> Option<&KeyPair> {
        let ended = self.signs_until.is_some_and(|until| until <= now);
        (self.signs_from <= now && !ended).then_some(&self.pair)
    }
}

/// The newest secret key that may sign at `now`, and until when.
fn signing_key(
    cert: &Cert,
    now: Timestamp,
) -> Option<(Key<SecretParts, UnspecifiedRole>, Option<SystemTime>)> {
    let at = system_time(now);
    let policy = StandardPolicy::at(at);
    let valid = cert.with_policy(&policy, at).ok()?;
    let primary_end = valid.primary_key().key_expiration_time();
    valid
        .keys()
        .secret()
        .supported()
        .alive()
        .revoked(false)
        .for_signing()
        .max_by_key(|key| key.key().creation_time())
        .map(|key| {
            let ends = [primary_end, key.key_expiration_time()];
            (key.key().clone(), ends.into_iter().flatten().min())
        })
}

fn unlock(
    key: Key<SecretParts, UnspecifiedRole>,
    password: Option<&Zeroizing<String>>,
) -> Result<KeyPair, HubKeyError> {
    let key = match (key.has_unencrypted_secret(), password) {
        (true, _) => key,
        (false, None) => return Err(HubKeyError::PasswordNeeded),
        (false, Some(password)) => key
            .decrypt_secret(&Password::from(password.as_bytes()))
            .map_err(|_| HubKeyError::WrongPassword)?,
    };
    key.into_keypair()
        .map_err(|error| HubKeyError::Unreadable(error.into()))
}
