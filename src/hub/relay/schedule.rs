//! When an attempt that was refused for now is made again.

use std::time::Duration;

use bondhub_core::{
    calendar::Timestamp,
    ports::store::{LeasedItem, Verdict},
};

/// A schedule of delays; each is only ever lengthened, by up to a tenth.
#[derive(Debug, Clone)]
pub struct RetrySchedule {
    /// Delay after the first attempt, the second, …; the last one repeats.
    pub delays: Vec<Duration>,
    /// How long after it was prepared a row is given up.
    pub give_up_after: Duration,
}

/// How long a row is left alone while what lies behind is down.
pub(super) const GIVEN_BACK: Duration = Duration::from_secs(2);

impl RetrySchedule {
    /// Again later, or given up when it is too old.
    pub fn again(&self, item: &LeasedItem, reply: String, now: Timestamp) -> Verdict {
        let due = self.due(item, now);
        if due > item.row.created_at + self.give_up_after {
            return Verdict::Failed(format!(
                "given up after {} attempts: {reply}",
                item.attempts + 1
            ));
        }
        Verdict::Retry(due, reply)
    }

    /// Again later, however old it is.
    pub fn later(&self, item: &LeasedItem, reply: String, now: Timestamp) -> Verdict {
        Verdict::Retry(self.due(item, now), reply)
    }

    fn due(&self, item: &LeasedItem, now: Timestamp) -> Timestamp {
        let delay = self.delay(item.attempts);
        now + delay + jitter(item, delay)
    }

    fn delay(&self, attempts: u32) -> Duration {
        let index = usize::try_from(attempts).unwrap_or(usize::MAX);
        let delay = self.delays.get(index).or(self.delays.last());
        delay.copied().unwrap_or(Duration::from_mins(1))
    }
}

/// Spreads rows that failed together: made from the row's id, so that it needs no randomness.
fn jitter(item: &LeasedItem, delay: Duration) -> Duration {
    let [.., last] = item.row.id.into_bytes();
    delay.mul_f64(f64::from(last) / 2560.0)
}
