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

struct Held {
    key: HeldKey,
    visit: String,
    until: Timestamp,
}

/// The keys that are held, by the digest of the cookie's value.
#[derive(Default)]
pub(super) struct HeldKeys(Mutex<BTreeMap<String, Held>>);

impl HeldKeys {
    /// Holds a key for whoever has this cookie on this visit.
    pub(super) fn hold(&self, name: &str, visit: &str, key: HeldKey, now: Timestamp) {
        let mut all = self.all();
        all.retain(|_, held| now < held.until);
        while all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, held)| held.until);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                break;
            };
            all.remove(&oldest);
        }
        let held = Held {
            key,
            visit: visit.to_owned(),
            until: now + TimeDelta::minutes(MINUTES),
        };
        all.insert(hex_digest(name.as_bytes()), held);
    }

    /// The key, if it is this visit's and the time is not over; the time begins anew.
    pub(super) fn take_up(&self, name: &str, visit: &str, now: Timestamp) -> Option<HeldKey> {
        let mut all = self.all();
        let held = all.get_mut(&hex_digest(name.as_bytes()))?;
        if held.visit != visit || held.until <= now {
            return None;
        }
        held.until = now + TimeDelta::minutes(MINUTES);
        Some(held.key.clone())
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
        keys.hold("name", "visit", key(), at(0));
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
    fn a_key_that_was_let_go_is_gone() {
        let keys = HeldKeys::default();
        keys.hold("name", "visit", key(), at(0));
        keys.forget("name");
        assert!(keys.take_up("name", "visit", at(1)).is_none());
    }

    #[test]
    fn of_too_many_keys_the_oldest_goes() {
        let keys = HeldKeys::default();
        keys.hold("first", "visit", key(), at(0));
        for number in 0..MOST {
            keys.hold(&number.to_string(), "visit", key(), at(1));
        }
        assert_eq!(keys.all().len(), MOST);
        assert!(keys.take_up("first", "visit", at(1)).is_none());
    }
}
