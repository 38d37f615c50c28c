//! How often somebody may do something: a limit that is pure, bounded, and takes the time as an argument.
//!
//! Each subject (an address, a key, an account) may do `count` things in a window, at once or spread out; what
//! is used up comes back evenly (GCRA). Only subjects that used something lately are remembered, and at
//! most so many: whoever floods the hub with names makes it forget, not grow.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::calendar::Timestamp;

/// How often each of many subjects may do something.
#[derive(Debug, Clone)]
pub struct Pace {
    /// One thing is worth so much time.
    step: TimeDelta,
    /// So far ahead of the clock somebody may be.
    room: TimeDelta,
    remembered: usize,
    /// Until when what a subject used is used up.
    used: BTreeMap<String, Timestamp>,
    /// The same, the earliest first.
    order: BTreeSet<(Timestamp, String)>,
}

impl Pace {
    /// `count` things (at least 1) in `window`, of at most `remembered` subjects (at least 1) at a time.
    pub fn new(count: u32, window: TimeDelta, remembered: usize) -> Self {
        let count = i32::try_from(count.max(1)).unwrap_or(i32::MAX);
        let step = (window / count).max(TimeDelta::microseconds(1));
        Self {
            step,
            room: window - step,
            remembered: remembered.max(1),
            used: BTreeMap::new(),
            order: BTreeSet::new(),
        }
    }

    /// How long a subject must wait; none if it need not.
    pub fn wait(&self, subject: &str, now: Timestamp) -> Option<TimeDelta> {
        let ahead = *self.used.get(subject)? - now - self.room;
        (ahead > TimeDelta::zero()).then_some(ahead)
    }

    /// Counts one thing of a subject, or tells how long it must wait; then nothing is counted.
    pub fn take(&mut self, subject: &str, now: Timestamp) -> Result<(), TimeDelta> {
        if let Some(wait) = self.wait(subject, now) {
            return Err(wait);
        }
        let used = self.used.get(subject).copied().unwrap_or(now).max(now);
        self.remember(subject, used + self.step, now);
        Ok(())
    }

    /// Takes back one thing that was counted: it does not matter after all.
    pub fn give_back(&mut self, subject: &str, now: Timestamp) {
        if let Some(used) = self.used.get(subject).copied() {
            self.remember(subject, used - self.step, now);
        }
    }

    /// How many subjects are remembered.
    pub fn len(&self) -> usize {
        self.used.len()
    }

    /// Whether nobody is remembered.
    pub fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    fn remember(&mut self, subject: &str, until: Timestamp, now: Timestamp) {
        if let Some(before) = self.used.insert(subject.to_owned(), until) {
            self.order.remove(&(before, subject.to_owned()));
        }
        self.order.insert((until, subject.to_owned()));
        while let Some((until, _)) = self.order.first() {
            if *until > now && self.used.len() <= self.remembered {
                break;
            }
            if let Some((_, subject)) = self.order.pop_first() {
                self.used.remove(&subject);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        let noon: Timestamp = "2026-04-01T03:00:00Z".parse().unwrap();
        noon + TimeDelta::seconds(seconds)
    }

    fn three_a_minute() -> Pace {
        Pace::new(3, TimeDelta::seconds(60), 10)
    }

    #[test]
    fn so_many_at_once_and_then_one_by_one_as_time_passes() {
        let mut pace = three_a_minute();
        for _ in 0..3 {
            assert_eq!(pace.take("a", at(0)), Ok(()));
        }
        assert_eq!(pace.take("a", at(0)), Err(TimeDelta::seconds(20)));
        assert_eq!(pace.take("a", at(19)), Err(TimeDelta::seconds(1)));
        assert_eq!(pace.take("a", at(20)), Ok(()));
        assert_eq!(pace.take("a", at(20)), Err(TimeDelta::seconds(20)));
        assert_eq!(pace.take("b", at(20)), Ok(()), "each has its own");
    }

    #[test]
    fn whoever_waits_as_told_is_let_in() {
        let mut pace = three_a_minute();
        for _ in 0..3 {
            pace.take("a", at(0)).unwrap();
        }
        let wait = pace.take("a", at(7)).unwrap_err();
        assert_eq!(pace.take("a", at(7) + wait), Ok(()));
    }

    #[test]
    fn what_is_given_back_was_never_used() {
        let mut pace = three_a_minute();
        for _ in 0..3 {
            pace.take("a", at(0)).unwrap();
        }
        pace.give_back("a", at(0));
        assert_eq!(pace.take("a", at(0)), Ok(()));
        assert_eq!(pace.take("a", at(0)), Err(TimeDelta::seconds(20)));
        pace.give_back("b", at(0));
        for _ in 0..3 {
            pace.take("b", at(0)).unwrap();
        }
        assert!(pace.take("b", at(0)).is_err(), "nothing was lent to b");
        for _ in 0..3 {
            pace.give_back("b", at(0));
        }
        assert_eq!(pace.len(), 1, "whoever used nothing is not remembered");
    }

    #[test]
    fn a_flood_of_names_is_forgotten_and_does_not_grow() {
        let mut pace = three_a_minute();
        for number in 0..1000 {
            pace.take(&number.to_string(), at(0)).unwrap();
        }
        assert_eq!(pace.len(), 10);
        pace.take("a", at(120)).unwrap();
        assert_eq!(pace.len(), 1, "what has come back is not remembered");
    }

    proptest! {
        #[test]
        fn nobody_does_more_than_twice_the_count_in_any_window(
            gaps in prop::collection::vec(0_i64..40, 1..80)
        ) {
            let (mut pace, mut now, mut taken) = (three_a_minute(), at(0), Vec::new());
            for gap in gaps {
                now += TimeDelta::seconds(gap);
                if pace.take("a", now).is_ok() {
                    taken.push(now);
                }
            }
            for first in &taken {
                let window = *first..*first + TimeDelta::seconds(60);
                prop_assert!(taken.iter().filter(|one| window.contains(one)).count() <= 6);
            }
        }
    }
}
