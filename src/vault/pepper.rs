//! Digests of authentication keys: HMAC-SHA-256 with a pepper, compared in constant time (R13).
//!
//! A key's secret has 256 random bits, so a slow hash would protect nothing and invite denial of
//! service; the pepper keeps somebody who can write to the database from minting keys.

use std::path::Path;

use bondhub_core::key::{KeySecret, Kid, database_input};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use uuid::Uuid;
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
        self.mac(&database_input(kid, secret))
    }

    /// A name for a mail that tells nothing of what caused it: the id of its row is made from the case
    /// and could be guessed; with the pepper it is another one in every installation.
    pub fn mail_name(&self, row: Uuid) -> String {
        let mac = self.mac(&[b"bondhub-mail-v1\0", row.as_bytes().as_slice()].concat());
        let half = mac.first_chunk::<16>().copied().unwrap_or_default();
        Uuid::from_bytes(half).simple().to_string()
    }

    /// What proves that a page of ours handed a text out (form tokens, messages between pages); for one
    /// purpose each.
    pub fn page_mac(&self, purpose: &str, text: &str) -> Vec<u8> {
        self.mac(format!("bondhub-page-v1\0{purpose}\0{text}").as_bytes())
    }

    /// The name authenticators and the audit log know an account by: tells nothing of the person.
    pub fn account_handle(&self, account: &str) -> Vec<u8> {
        self.mac(format!("bondhub-account-v1\0{account}").as_bytes())
    }

    fn mac(&self, input: &[u8]) -> Vec<u8> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            return Vec::new();
        };
        mac.update(input);
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
    fn a_mail_has_the_same_name_at_each_attempt_and_another_one_in_another_installation() {
        let (row, pepper) = (Uuid::from_u128(7), Pepper::new([9; 32]));
        assert_eq!(pepper.mail_name(row), pepper.mail_name(row));
        assert_ne!(pepper.mail_name(row), pepper.mail_name(Uuid::from_u128(8)));
        assert_ne!(pepper.mail_name(row), Pepper::new([8; 32]).mail_name(row));
        assert!(!pepper.mail_name(row).contains(&row.simple().to_string()));
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
