//! What the domain asks of the outside: small traits, each named for a business step.
//!
//! A port speaks the types of this crate (and plain value types of `chrono` and `serde_json`); what
//! a library calls things stays in the adapter that owns the library.

pub mod feed;
pub mod mail;
pub mod openpgp;
pub mod paper;
pub mod passkey;
pub mod queue;
pub mod signing;
pub mod store;
pub mod wrapping;

use crate::calendar::Timestamp;

/// Tells the time, cut to microseconds.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Draws from the operating system's cryptographic random source.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`. There is no weak fallback: a machine without randomness issues no keys.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError>;
}

/// The machine gave no random bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct RandomnessError(pub String);

/// The cause behind an adapter's error.
pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;
