//! The machine's time, moved on by the test: an opening in an hour need not be waited for.

use std::sync::atomic::{AtomicI64, Ordering};

use bondhub::hub::system::SystemClock;
use bondhub_core::{calendar::Timestamp, ports::Clock};
use chrono::TimeDelta;

/// Goes as fast as the machine's clock, ahead of it by what the test asked for.
#[derive(Debug, Default)]
pub(crate) struct MovedClock(AtomicI64);

impl MovedClock {
    /// From now on it is later by this much.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
    }
}
