//! What a verdict writes, and what a sweep found.

use std::borrow::Cow;

use bondhub_core::{
    calendar::Timestamp,
    ports::store::{OutboxState, Swept, Verdict},
};

use crate::text::storable;

/// A verdict as columns.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The state the row gets.
    pub state: OutboxState,
    /// Attempts that count: 1, or 0 for a row given back untried.
    pub counted: i64,
    /// When it is due again; none leaves it.
    pub due_at: Option<Timestamp>,
    /// The reply or error.
    pub reply: Cow<'a, str>,
}

impl<'a> Outcome<'a> {
    /// What `verdict` writes.
    pub fn of(verdict: &'a Verdict) -> Self {
        let (state, counted, due_at, reply) = match verdict {
            Verdict::Sent(reply) => (OutboxState::Sent, 1, None, reply),
            Verdict::Retry(due, reply) => (OutboxState::Retry, 1, Some(*due), reply),
            Verdict::GiveBack(due, reply) => (OutboxState::Retry, 0, Some(*due), reply),
            Verdict::Failed(reply) => (OutboxState::Failed, 1, None, reply),
            Verdict::Uncertain(reply) => (OutboxState::Uncertain, 1, None, reply),
        };
        Self {
            state,
            counted,
            due_at,
            reply: storable(reply),
        }
    }
}

/// Counts what became of rows whose leases were over.
pub fn swept(states: &[String]) -> Swept {
    let count = |state: OutboxState| {
        let same = states.iter().filter(|one| *one == state.as_str());
        same.fold(0, |sum, _| sum + 1)
    };
    Swept {
        returned: count(OutboxState::Ready),
        uncertain: count(OutboxState::Uncertain),
    }
}
