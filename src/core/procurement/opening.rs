//! Which opening time governs: an announced one may be postponed by whoever announces it, but brought forward only
//! with the word of a second person (E2).
//!
//! Everything that was announced of a scope is kept with its stamp, and what was confirmed. They are walked in the
//! order of business time, so it does not matter in which order they were heard.

use serde::{Deserialize, Serialize};

use super::{CaseFile, Scope};
use crate::{calendar::Timestamp, event::Stamp};

/// An opening time as it was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// When bids are opened.
    pub at: Timestamp,
    /// A re-bid announced it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rebid: bool,
    /// When it was announced, and by what.
    pub stamp: Stamp,
}

/// That an earlier opening time is meant: a second person says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The announced time that is confirmed.
    pub at: Timestamp,
    /// When, and by whom: the source of the stamp's event.
    pub stamp: Stamp,
}

/// What was announced and confirmed of one scope.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OpeningHistory {
    /// Everything announced, by business time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub announced: Vec<Announcement>,
    /// Everything confirmed, by business time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed: Vec<Confirmation>,
}

/// The opening time that governs a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Governing {
    /// The embargo lasts until then.
    pub at: Timestamp,
    /// The earlier time that was announced last and that nobody has confirmed.
    pub brought_forward: Option<Announcement>,
}

impl OpeningHistory {
    /// Keeps an announcement; false if it is known.
    pub(super) fn announce(&mut self, announcement: Announcement) -> bool {
        let place = self
            .announced
            .binary_search_by(|known| known.stamp.cmp(&announcement.stamp));
        if let Err(place) = place {
            self.announced.insert(place, announcement);
        }
        place.is_err()
    }

    /// Keeps a confirmation; false if it is known.
    pub(super) fn confirm(&mut self, confirmation: Confirmation) -> bool {
        let place = self
            .confirmed
            .binary_search_by(|known| known.stamp.cmp(&confirmation.stamp));
        if let Err(place) = place {
            self.confirmed.insert(place, confirmation);
        }
        place.is_err()
    }
}

/// One step of the walk.
#[derive(Clone, Copy)]
enum Word<'a> {
    Announced(&'a Announcement),
    Confirmed(&'a Confirmation),
}

impl Word<'_> {
    fn stamp(&self) -> &Stamp {
        match self {
            Self::Announced(one) => &one.stamp,
            Self::Confirmed(one) => &one.stamp,
        }
    }
}

impl CaseFile {
    /// The opening time that governs a scope; none while none is announced.
    pub fn governing(&self, scope: &Scope) -> Option<Governing> {
        let mut words: Vec<Word<'_>> = self.histories(scope).flat_map(words).collect();
        words.sort_by(|one, other| one.stamp().cmp(other.stamp()));
        let mut governing: Option<Governing> = None;
        for word in words {
            governing = match (governing, word) {
                (None, Word::Confirmed(_)) => None,
                (None, Word::Announced(first)) => Some(settled(first.at)),
                (Some(known), Word::Announced(next)) => Some(announced(&known, next)),
                (Some(known), Word::Confirmed(said)) => Some(confirmed(known, said)),
            };
        }
        governing
    }

    /// The opening time that was announced last of a scope alone, whether or not it governs.
    pub fn announced_last(&self, scope: &Scope) -> Option<Timestamp> {
        let history = self.opening_history.get(scope)?;
        history.announced.last().map(|one| one.at)
    }

    /// Whether this time was ever announced for a scope.
    pub fn was_announced(&self, scope: &Scope, at: Timestamp) -> bool {
        self.histories(scope)
            .any(|history| history.announced.iter().any(|one| one.at == at))
    }

    /// A lot follows what is said of the tender as well as what is said of itself.
    fn histories(&self, scope: &Scope) -> impl Iterator<Item = &OpeningHistory> {
        let whole = (*scope != Scope::Tender).then_some(&Scope::Tender);
        let scopes = whole.into_iter().chain([scope]);
        let known = scopes.filter_map(|scope| self.opening_history.get(scope));
        known.collect::<Vec<_>>().into_iter()
    }
}

fn words(history: &OpeningHistory) -> impl Iterator<Item = Word<'_>> {
    let announced = history.announced.iter().map(Word::Announced);
    announced.chain(history.confirmed.iter().map(Word::Confirmed))
}

fn settled(at: Timestamp) -> Governing {
    Governing {
        at,
        brought_forward: None,
    }
}

/// A later time postpones; an earlier one has to be confirmed, a re-bid's too: its new bids are opened after it was
/// called, hence after an opening that has come. Who repeats an earlier time is not who brought it forward.
fn announced(known: &Governing, next: &Announcement) -> Governing {
    if next.at >= known.at {
        return settled(next.at);
    }
    let before = known.brought_forward.as_ref();
    let same = before.filter(|before| before.at == next.at);
    Governing {
        at: known.at,
        brought_forward: Some(same.unwrap_or(next).clone()),
    }
}

/// A confirmation counts for the time that was announced last, and if somebody else than its announcer gives it.
fn confirmed(known: Governing, said: &Confirmation) -> Governing {
    let meant = known.brought_forward.as_ref();
    let by_second = meant.is_some_and(|meant| {
        meant.at == said.at && meant.stamp.event.source != said.stamp.event.source
    });
    if by_second { settled(said.at) } else { known }
}
