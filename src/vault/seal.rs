//! Sealing under the master key: envelopes that name the key they lie under.
//!
//! | first byte | what follows |
//! |---|---|
//! | 1 | nonce, ciphertext under the master key itself: how things were sealed before there were several master keys |
//! | 2 | eight bytes that name the master key, length and bytes of a sealing key wrapped by it, nonce, ciphertext under the sealing key |
//! | 3 | nonce, ciphertext under a bond's data key ([`super::DataKey`]) |
//!
//! A sealing key is drawn once for each process, so that a master key in a token is asked once and not
//! for every event; changing the master key wraps it anew and leaves the ciphertext as it is.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use bondhub_core::ports::{
    Randomness, RandomnessError,
    store::SEALED_HEAD,
    wrapping::{WrapError, WrapKey},
};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const NONCE: usize = 12;
const UNDER_MASTER: u8 = 1;
const ENVELOPE: u8 = 2;
/// What sealing keys are wrapped for.
const SEALING: &str = "sealing";

/// How the name of a master key begins what lies under it.
pub(super) type Head = [u8; SEALED_HEAD];

/// One master key.
pub struct Master {
    name: [u8; 8],
    lock: Lock,
}

enum Lock {
    File(Box<Aes256Gcm>),
    Token(Box<dyn WrapKey>),
}

/// The master keys: one that seals, and others that are still, or already, read.
pub struct MasterKey {
    current: Master,
    others: Vec<Master>,
    session: Mutex<Option<Arc<Session>>>,
}

/// The sealing key of this process.
struct Session {
    cipher: Aes256Gcm,
    wrapped: Vec<u8>,
}

/// Why nothing was sealed or unsealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key file is missing, unreadable or of the wrong size.
    #[error("the key file {path} cannot be used: {problem}; `bondhub init` makes one")]
    File {
        /// Which file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No randomness.
    #[error("nothing was sealed")]
    Randomness(#[from] RandomnessError),
    /// Damaged, moved to another place, or sealed under another master key.
    #[error(
        "what is stored as {0} cannot be unsealed: it is damaged or the master key is another one"
    )]
    Damaged(String),
    /// Sealed under a master key this program was not given.
    #[error(
        "what is stored as {place} lies under the master key {name}, which is not configured: \
         add it to vault.other_master_keys"
    )]
    UnknownKey {
        /// What.
        place: String,
        /// The name of its master key.
        name: String,
    },
    /// The token that holds the master key is away.
    #[error("{0}")]
    Token(String),
}

impl SealError {
    /// Whether trying again later may help.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Randomness(_) | Self::Token(_))
    }

    fn of_token(error: WrapError) -> Self {
        match error {
            WrapError::Damaged(place) => Self::Damaged(place),
            WrapError::Unavailable(_) => Self::Token(error.to_string()),
        }
    }
}

impl Master {
    /// Reads the 32 bytes of a key file.
    pub fn file(path: &Path) -> Result<Self, SealError> {
        Ok(Self::bytes(&*read_32(path)?))
    }

    /// The master key with these bytes.
    pub fn bytes(bytes: &[u8; 32]) -> Self {
        Self {
            name: name_of(b"bondhub master key\0", bytes),
            lock: Lock::File(Box::new(Aes256Gcm::new(bytes.into()))),
        }
    }

    /// A master key that stays in a token, named by what finds it there.
    pub fn token(identity: &str, key: Box<dyn WrapKey>) -> Self {
        Self {
            name: name_of(b"bondhub master token\0", identity.as_bytes()),
            lock: Lock::Token(key),
        }
    }

    fn wrap(
        &self,
        place: &str,
        key: &[u8; 32],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealError> {
        match &self.lock {
            Lock::File(cipher) => encrypt(cipher, place, key, randomness),
            Lock::Token(token) => token.wrap(place, key).map_err(SealError::of_token),
        }
    }

    fn unwrap(&self, place: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let cipher = match &self.lock {
            Lock::Token(token) => return token.unwrap(place, wrapped).map_err(SealError::of_token),
            Lock::File(cipher) => cipher,
        };
        let key = decrypt(cipher, place, wrapped)?;
        let sized = key.as_slice().try_into().map(Zeroizing::new);
        sized.map_err(|_| SealError::Damaged(place.to_owned()))
    }
}

impl MasterKey {
    /// Reads the 32 bytes of a key file.
    pub fn read(path: &Path) -> Result<Self, SealError> {
        Ok(Self::of(Master::file(path)?, Vec::new()))
    }

    /// The master key with these bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self::of(Master::bytes(bytes), Vec::new())
    }

    /// Seals under `current`, and reads what lies under `others` too.
    pub fn of(current: Master, others: Vec<Master>) -> Self {
        Self {
            current,
            others,
            session: Mutex::new(None),
        }
    }

    /// Makes the sealing key now: a token that is away is noticed at the start, not at an event.
    pub fn ready(&self, randomness: &dyn Randomness) -> Result<(), SealError> {
        self.session(randomness).map(|_| ())
    }

    /// How everything begins that lies under the current master key.
    pub(super) fn head(&self) -> Head {
        head(self.current.name)
    }

    /// The current master key's name.
    pub fn name(&self) -> String {
        hex(&self.current.name)
    }

    /// Whether a master key of this name, as [`MasterKey::name`] writes it, can be used.
    pub fn knows(&self, name: &str) -> bool {
        self.all().any(|master| hex(&master.name) == name)
    }

    /// Seals `plain` for one `place`: what is sealed for a place cannot be moved to another.
    pub fn seal(
        &self,
        place: &str,
        plain: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealError> {
        let session = self.session(randomness)?;
        let body = encrypt(&session.cipher, place, plain, randomness)?;
        Ok(self.envelope(&session.wrapped, &body))
    }

    /// Unseals what [`MasterKey::seal`] sealed for the same place.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if let Some(body) = sealed.strip_prefix(&[UNDER_MASTER]) {
            return self.unseal_oldest(place, body);
        }
        let envelope = self.parse(place, sealed)?;
        let key = envelope.master.unwrap(SEALING, envelope.wrapped);
        let key = key.map_err(|error| at_place(error, place))?;
        decrypt(&Aes256Gcm::new((&*key).into()), place, envelope.body)
    }

    /// Puts what is sealed under the current master key. The ciphertext stays as it is, but where it
    /// lies under a master key itself.
    pub fn reseal(
        &self,
        place: &str,
        sealed: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealError> {
        if sealed.first() == Some(&UNDER_MASTER) {
            return self.seal(place, &self.unseal(place, sealed)?, randomness);
        }
        let envelope = self.parse(place, sealed)?;
        let key = envelope.master.unwrap(SEALING, envelope.wrapped);
        let key = key.map_err(|error| at_place(error, place))?;
        let wrapped = self.current.wrap(SEALING, &key, randomness)?;
        Ok(self.envelope(&wrapped, envelope.body))
    }

    /// Wraps a data key for a place.
    pub(super) fn wrap(
        &self,
        place: &str,
        key: &[u8; 32],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealError> {
        let wrapped = self.current.wrap(place, key, randomness)?;
        Ok([self.head().as_slice(), &wrapped].concat())
    }

    /// Unwraps what [`MasterKey::wrap`] wrapped for the same place.
    pub(super) fn unwrap(
        &self,
        place: &str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, SealError> {
        let (master, rest) = self.named(place, wrapped)?;
        master.unwrap(place, rest)
    }

    fn all(&self) -> impl Iterator<Item = &Master> {
        std::iter::once(&self.current).chain(&self.others)
    }

    fn session(&self, randomness: &dyn Randomness) -> Result<Arc<Session>, SealError> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = session.as_ref() {
            return Ok(Arc::clone(session));
        }
        let key = random_key(randomness)?;
        let made = Arc::new(Session {
            cipher: Aes256Gcm::new((&*key).into()),
            wrapped: self.current.wrap(SEALING, &key, randomness)?,
        });
        *session = Some(Arc::clone(&made));
        Ok(made)
    }

    fn envelope(&self, wrapped: &[u8], body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(wrapped.len()).unwrap_or(u16::MAX);
        let head = self.head();
        [&head, length.to_be_bytes().as_slice(), wrapped, body].concat()
    }

    fn parse<'a>(&'a self, place: &str, sealed: &'a [u8]) -> Result<Envelope<'a>, SealError> {
        let damaged = || SealError::Damaged(place.to_owned());
        let (master, rest) = self.named(place, sealed)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (wrapped, body) = rest.split_at_checked(length).ok_or_else(damaged)?;
        Ok(Envelope {
            master,
            wrapped,
            body,
        })
    }

    /// The master key that sealed bytes name, and what follows its name.
    fn named<'a>(&self, place: &str, sealed: &'a [u8]) -> Result<(&Master, &'a [u8]), SealError> {
        let damaged = || SealError::Damaged(place.to_owned());
        let rest = sealed.strip_prefix(&[ENVELOPE]).ok_or_else(damaged)?;
        let (name, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
        let master = self.all().find(|master| master.name == *name);
        let master = master.ok_or_else(|| SealError::UnknownKey {
            place: place.to_owned(),
            name: hex(name),
        })?;
        Ok((master, rest))
    }

    /// The oldest form does not say which master key it lies under.
    fn unseal_oldest(&self, place: &str, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let opened = self.all().find_map(|master| match &master.lock {
            Lock::File(cipher) => decrypt(cipher, place, body).ok(),
            Lock::Token(_) => None,
        });
        opened.ok_or_else(|| SealError::Damaged(place.to_owned()))
    }
}

struct Envelope<'a> {
    master: &'a Master,
    wrapped: &'a [u8],
    body: &'a [u8],
}

/// A damaged wrapped key is told as damage of what it belongs to.
fn at_place(error: SealError, place: &str) -> SealError {
    match error {
        SealError::Damaged(_) => SealError::Damaged(place.to_owned()),
        other => other,
    }
}

fn head(name: [u8; 8]) -> Head {
    let mut head = [ENVELOPE; SEALED_HEAD];
    if let Some((_, rest)) = head.split_first_mut() {
        rest.copy_from_slice(&name);
    }
    head
}

/// A name that tells nothing of the key: it has 256 random bits.
fn name_of(label: &[u8], identity: &[u8]) -> [u8; 8] {
    let digest = Sha256::new()
        .chain_update(label)
        .chain_update(identity)
        .finalize();
    digest.first_chunk::<8>().copied().unwrap_or_default()
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn random_key(
    randomness: &dyn Randomness,
) -> Result<Zeroizing<[u8; 32]>, RandomnessError> {
    let mut key = Zeroizing::new([0; 32]);
    randomness.fill(key.as_mut_slice())?;
    Ok(key)
}

/// Nonce and ciphertext, bound to a place.
pub(super) fn encrypt(
    cipher: &Aes256Gcm,
    place: &str,
    plain: &[u8],
    randomness: &dyn Randomness,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE];
    randomness.fill(&mut nonce)?;
    let payload = Payload {
        msg: plain,
        aad: place.as_bytes(),
    };
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| SealError::Damaged(place.to_owned()))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// What [`encrypt`] made for the same place.
pub(super) fn decrypt(
    cipher: &Aes256Gcm,
    place: &str,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let damaged = || SealError::Damaged(place.to_owned());
    let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
    let payload = Payload {
        msg: body,
        aad: place.as_bytes(),
    };
    cipher
        .decrypt(&Nonce::from(*nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| damaged())
}

/// Reads a file of exactly 32 bytes.
pub(super) fn read_32(path: &Path) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let file = |problem: String| SealError::File {
        path: path.display().to_string(),
        problem,
    };
    let bytes = Zeroizing::new(std::fs::read(path).map_err(|error| file(error.to_string()))?);
    let sized = bytes.as_slice().try_into().map(Zeroizing::new);
    sized.map_err(|_| file(format!("it has {} bytes, not 32", bytes.len())))
}

#[cfg(test)]
mod tests;
