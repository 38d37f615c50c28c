//! The machine's clock and random source: the only place that asks for either.

use bondhub_core::{
    calendar::Timestamp,
    ports::{Clock, Randomness, RandomnessError},
};
use chrono::SubsecRound as _;

/// The machine's clock, cut to microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everything else asks"
    )]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().trunc_subsecs(6)
    }
}

/// The operating system's cryptographic random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        getrandom::fill(bytes).map_err(|error| RandomnessError(error.to_string()))
    }
}

/// A fresh random id, for lease tokens.
pub fn random_id(randomness: &dyn Randomness) -> Result<uuid::Uuid, RandomnessError> {
    let mut bytes = [0; 16];
    randomness.fill(&mut bytes)?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
}
