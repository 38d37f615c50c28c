//! Authentication keys (R10–R13): their file, their secret, their digest.

use sha2::{Digest, Sha256};

/// The first 16 bytes of SHA-256: ids made from what they stand for.
pub fn first_16(bytes: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(bytes);
    let mut id = [0; 16];
    for (target, source) in id.iter_mut().zip(digest.iter()) {
        *target = *source;
    }
    id
}
