//! Authentication keys (R10–R13): their file, their secret, their digest.
//!
//! `docs/key-file.md` is the normative text of the format `bondkey/1`. A key has two halves: a
//! [`Token`] (its public name [`Kid`] and its [`KeySecret`]), which opens the bond, and a signed
//! [`Statement`], which says what the token opens and holds only a digest of the secret. A
//! [`KeyFile`] carries both.

mod base32;
mod file;
mod statement;
mod token;

use sha2::{Digest, Sha256};

pub use self::{
    file::{KeyFile, KeyFileError, LONGEST_FILE},
    statement::{Audience, AudienceError, KeyedBond, Statement, StatementError},
    token::{KeySecret, Kid, KidError, Token, TokenError, database_input, secret_digest},
};

/// The first 16 bytes of SHA-256: ids made from what they stand for.
pub fn first_16(bytes: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(bytes);
    let mut id = [0; 16];
    for (target, source) in id.iter_mut().zip(digest.iter()) {
        *target = *source;
    }
    id
}
