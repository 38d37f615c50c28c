//! Keys that somebody has just shown, kept for a quarter of an hour so that they need not be sent with every form.
//!
//! They are in the memory of this process only, and are wiped when they go. A held key opens nothing by itself: every use asks the store
//! again, so that a key that dies is dead here too. Another hub of the installation does not know it and asks for the key once more.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bondhub_core::{calendar::Timestamp, event::hex_digest};
use chrono::TimeDelta;
use zeroize::Zeroizing;

use crate::vault::PresentedKey;

/// How long a key is held after it was last used.
pub(super) const MINUTES: i64 = 15;
/// No more keys are held at a time; the oldest goes first.
const MOST: usize = 10_000;

/// A key as it was shown.
#[derive(Clone)]
pub(super) enum HeldKey {
    /// The file.
    File(Zeroizing<Vec<u8>>),
    /// The token.
    Token(Zeroizing<String>),
}

impl HeldKey {
    /// The key as it is presented.
    pub(super) fn presented(&self) -> PresentedKey<'_> {
        match self {
            Self::File(bytes) => PresentedKey::File(bytes),
            Self::Token(text) => PresentedKey::Token(text),
        }
    }
}

/// A key that was taken up, and what was shown with it.
pub(super) struct TakenUp {
    /// The key.
    pub(super) key: HeldKey,
    /// Whether a one-time password shown with it still counts.
    pub(super) one_time_met: bool,
}

impl TakenUp {
    /// A key as it is shown now.
    pub(super) fn shown(key: HeldKey) -> Self {
        let one_time_met = false;
        Self { key, one_time_met }
    }
}

struct Held {
    key: HeldKey,
    visit: String,
    until: Timestamp,
    /// A one-time password used up with it counts until then: a quarter of an hour, however often the key is used.
    one_time_until: Option<Timestamp>,
}

/// The keys that are held, by the digest of the cookie's value.
#[derive(Default)]
pub(super) struct HeldKeys(Mutex<BTreeMap<String, Held>>);

impl HeldKeys {
    /// Holds a key for whoever has this cookie on this visit, and that a one-time password was used up with it.
    pub(super) fn hold(
        &self,
        name: &str,
        visit: &str,
        key: HeldKey,
        one_time_used: bool,
        now: Timestamp,
    ) {
        self.wipe(now);
        let mut all = self.all();
        while all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, held)| held.until);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                break;
            };
            all.remove(&oldest);
        }
        let until = now + TimeDelta::minutes(MINUTES);
        let held = Held {
            key,
            visit: visit.to_owned(),
            until,
            one_time_until: one_time_used.then_some(until),
        };
        all.insert(hex_digest(name.as_bytes()), held);
    }

    /// The key, if it is this visit's and the time is not over; the time begins anew.
    pub(super) fn take_up(&self, name: &str, visit: &str, now: Timestamp) -> Option<TakenUp> {
        self.wipe(now);
        let mut all = self.all();
        let held = all.get_mut(&hex_digest(name.as_bytes()))?;
        if held.visit != visit {
            return None;
        }
        held.until = now + TimeDelta::minutes(MINUTES);
        Some(TakenUp {
            key: held.key.clone(),
            one_time_met: held.one_time_until.is_some_and(|until| now < until),
        })
    }

    /// Wipes every key whose time is over.
    pub(super) fn wipe(&self, now: Timestamp) {
        self.all().retain(|_, held| now < held.until);
    }

    /// Lets a key go.
    pub(super) fn forget(&self, name: &str) {
        self.all().remove(&hex_digest(name.as_bytes()));
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn key() -> HeldKey {
        HeldKey::Token(Zeroizing::new("BK1-X".to_owned()))
    }

    #[test]
    fn a_key_is_held_for_its_visit_and_for_a_quarter_of_an_hour_after_its_last_use() {
        let keys = HeldKeys::default();
        keys.hold("name", "visit", key(), false, at(0));
        assert!(keys.take_up("name", "visit", at(14)).is_some());
        assert!(keys.take_up("name", "visit", at(28)).is_some());
        assert!(
            keys.take_up("name", "another", at(28)).is_none(),
            "a stolen cookie"
        );
        assert!(keys.take_up("other", "visit", at(28)).is_none());
        assert!(keys.take_up("name", "visit", at(43)).is_none());
    }

    #[test]
    fn a_key_whose_time_is_over_is_wiped_although_nobody_comes() {
        let keys = HeldKeys::default();
        keys.hold("name", "visit", key(), false, at(0));
        keys.wipe(at(14));
        assert_eq!(keys.all().len(), 1);
        keys.wipe(at(15));
        assert_eq!(keys.all().len(), 0);
    }

    #[test]
    fn a_one_time_password_counts_for_a_quarter_of_an_hour_and_no_longer() {
        let keys = HeldKeys::default();
        keys.hold("name", "visit", key(), true, at(0));
        let met = |minute| {
            keys.take_up("name", "visit", at(minute))
                .unwrap()
                .one_time_met
        };
        assert!(met(14));
        assert!(!met(15), "the key was used meanwhile, and is held on");
        keys.hold("other", "visit", key(), false, at(0));
        assert!(!keys.take_up("other", "visit", at(0)).unwrap().one_time_met);
    }

    #[test]
    fn a_key_that_was_let_go_is_gone() {
        let keys = HeldKeys::default();
        keys.hold("name", "visit", key(), false, at(0));
        keys.forget("name");
        assert!(keys.take_up("name", "visit", at(1)).is_none());
    }

    #[test]
    fn of_too_many_keys_the_oldest_goes() {
        let keys = HeldKeys::default();
        keys.hold("first", "visit", key(), false, at(0));
        for number in 0..MOST {
            keys.hold(&number.to_string(), "visit", key(), false, at(1));
        }
        assert_eq!(keys.all().len(), MOST);
        assert!(keys.take_up("first", "visit", at(1)).is_none());
    }
}
