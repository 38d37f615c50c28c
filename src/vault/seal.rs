//! Sealing under the master key: AES-256-GCM with a nonce drawn for each sealing.

use std::path::Path;

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use bondhub_core::ports::{Randomness, RandomnessError};
use zeroize::Zeroizing;

const NONCE: usize = 12;
/// First byte of what is sealed: the way of sealing, so that it can change later.
const VERSION: u8 = 1;

/// The key under which entrusted signing keys and signed documents are stored.
pub struct MasterKey(Aes256Gcm);

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
}

impl MasterKey {
    /// Reads the 32 bytes of a key file.
    pub fn read(path: &Path) -> Result<Self, SealError> {
        let bytes = read_32(path)?;
        Ok(Self::new(&bytes))
    }

    /// The master key with these bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(bytes.into()))
    }

    /// Seals `plain` for one `place`: what is sealed for a place cannot be moved to another.
    pub fn seal(
        &self,
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
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| SealError::Damaged(place.to_owned()))?;
        Ok([&[VERSION], nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Unseals what [`MasterKey::seal`] sealed for the same place.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let damaged = || SealError::Damaged(place.to_owned());
        let rest = sealed.strip_prefix(&[VERSION]).ok_or_else(damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let payload = Payload {
            msg: body,
            aad: place.as_bytes(),
        };
        self.0
            .decrypt(&Nonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| damaged())
    }
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
mod tests {
    use super::*;

    struct Counting;

    impl Randomness for Counting {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
            bytes.fill(7);
            Ok(())
        }
    }

    #[test]
    fn what_is_sealed_unseals_in_its_place_only() {
        let key = MasterKey::new(&[1; 32]);
        let sealed = key.seal("document:1", b"a bond", &Counting).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"a bond"));
        assert_eq!(
            key.unseal("document:1", &sealed).unwrap().as_slice(),
            b"a bond"
        );
        assert!(key.unseal("document:2", &sealed).is_err());
        assert!(
            MasterKey::new(&[2; 32])
                .unseal("document:1", &sealed)
                .is_err()
        );
    }

    #[test]
    fn a_changed_bit_or_a_cut_off_end_is_noticed() {
        let key = MasterKey::new(&[1; 32]);
        let sealed = key.seal("x", b"a bond", &Counting).unwrap();
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(key.unseal("x", &damaged).is_err(), "bit at {place}");
            assert!(key.unseal("x", &sealed[..place]).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn a_key_file_of_the_wrong_size_is_refused_with_advice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        std::fs::write(&path, [0; 31]).unwrap();
        let error = MasterKey::read(&path).err().unwrap().to_string();
        assert!(
            error.contains("31 bytes, not 32") && error.contains("bondhub init"),
            "{error}"
        );
    }
}
