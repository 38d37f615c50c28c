//! How long to wait before the next attempt to connect.

use std::{sync::Arc, time::Duration};

use bondhub_core::ports::Randomness;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// 200 ms, doubled up to 5 s, each with up to a quarter on top so that many hubs do not come at once.
pub(crate) struct Backoff {
    next: Duration,
    randomness: Arc<dyn Randomness>,
}

impl Backoff {
    pub(crate) fn new(randomness: Arc<dyn Randomness>) -> Self {
        Self {
            next: FIRST,
            randomness,
        }
    }

    /// The next attempt is the first one again.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// How long to wait now.
    pub(crate) fn delay(&mut self) -> Duration {
        let base = self.next;
        self.next = (base * 2).min(LONGEST);
        base + (base / 4).mul_f64(self.fraction())
    }

    /// In 0..1; a machine without randomness waits without jitter.
    fn fraction(&self) -> f64 {
        let mut byte = [0];
        match self.randomness.fill(&mut byte) {
            Ok(()) => f64::from(u8::from_be_bytes(byte)) / 256.0,
            Err(_) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use bondhub_core::ports::RandomnessError;

    use super::*;

    struct Constant(u8);

    impl Randomness for Constant {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn the_wait_doubles_from_200_ms_to_5_s_and_begins_anew_after_success() {
        let mut backoff = Backoff::new(Arc::new(Constant(0)));
        let waits: Vec<u128> = (0..7).map(|_| backoff.delay().as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 5000, 5000]);
        backoff.reset();
        assert_eq!(backoff.delay().as_millis(), 200);
    }

    #[test]
    fn jitter_only_adds_and_at_most_a_quarter() {
        let mut backoff = Backoff::new(Arc::new(Constant(255)));
        let wait = backoff.delay();
        assert!(wait > FIRST && wait < FIRST * 5 / 4, "{wait:?}");
    }
}
