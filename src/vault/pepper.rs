//! Digests of authentication keys: HMAC-SHA-256 with a pepper, compared in constant time (R13).
//!
//! A key's secret has 256 random bits, so a slow hash would protect nothing and invite denial of
//! service; the pepper keeps somebody who can write to the database from minting keys.

use std::path::Path;

use bondhub_core::key::{KeySecret, Kid, database_input};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::seal::{SealError, read_32};

/// The key of the digests.
pub struct Pepper(Zeroizing<[u8; 32]>);

impl Pepper {
    /// Reads the 32 bytes of a key file.
    pub fn read(path: &Path) -> Result<Self, SealError> {
        read_32(path).map(Self)
    }

    /// The pepper with these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What is stored of a key.
    pub fn digest(&self, kid: &Kid, secret: &KeySecret) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            return Vec::new();
        };
        mac.update(&database_input(kid, secret));
        mac.finalize().into_bytes().to_vec()
    }

    /// Whether a secret has the stored digest. Takes the same time whatever the answer.
    pub fn matches(&self, kid: &Kid, secret: &KeySecret, stored: &[u8]) -> bool {
        let digest = self.digest(kid, secret);
        !digest.is_empty() && bool::from(digest.ct_eq(stored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> KeySecret {
        KeySecret::take(&mut [byte; 32])
    }

    #[test]
    fn only_the_same_key_under_the_same_pepper_matches() {
        let kid = Kid::from_bytes([1; 10]);
        let stored = Pepper::new([9; 32]).digest(&kid, &secret(1));
        assert_eq!(stored.len(), 32);
        assert!(Pepper::new([9; 32]).matches(&kid, &secret(1), &stored));
        assert!(!Pepper::new([9; 32]).matches(&kid, &secret(2), &stored));
        assert!(!Pepper::new([9; 32]).matches(&Kid::from_bytes([2; 10]), &secret(1), &stored));
        assert!(!Pepper::new([8; 32]).matches(&kid, &secret(1), &stored));
        assert!(!Pepper::new([9; 32]).matches(&kid, &secret(1), &[]));
    }
}
