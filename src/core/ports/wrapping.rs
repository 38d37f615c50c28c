//! Keys that protect keys: a data key is kept wrapped, and only who holds the master key unwraps it (R4).

use zeroize::Zeroizing;

/// Wraps data keys under a master key that may never leave its token.
pub trait WrapKey: Send + Sync {
    /// Wraps `key` for one `place`: what is wrapped for a place does not unwrap at another.
    fn wrap(&self, place: &str, key: &[u8; 32]) -> Result<Vec<u8>, WrapError>;

    /// Unwraps what [`WrapKey::wrap`] wrapped for the same place.
    fn unwrap(&self, place: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, WrapError>;
}

/// Why a key was not wrapped or unwrapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// Damaged, of another place, or wrapped under another master key: trying again changes nothing.
    #[error(
        "what is stored as {0} cannot be unwrapped: it is damaged or the master key is another one"
    )]
    Damaged(String),
    /// The token is away or failed: worth trying again.
    #[error("the token with the master key does not answer: {0}")]
    Unavailable(String),
}
