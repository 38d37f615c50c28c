//! The letters of one call, shared by the connections that work on them.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bondhub_core::ports::mail::{Letter, Posted};

/// Letters waiting, and what became of the others.
pub(super) struct Batch<'a> {
    letters: &'a [Letter],
    state: Mutex<State>,
}

struct State {
    waiting: VecDeque<usize>,
    outcomes: Vec<Option<Posted>>,
    unreachable: String,
}

impl<'a> Batch<'a> {
    /// All letters wait.
    pub(super) fn new(letters: &'a [Letter]) -> Self {
        let state = State {
            waiting: (0..letters.len()).collect(),
            outcomes: vec![None; letters.len()],
            unreachable: "no connection to the mail server".to_owned(),
        };
        Self {
            letters,
            state: Mutex::new(state),
        }
    }

    /// The next letter that waits.
    pub(super) fn next(&self) -> Option<(usize, &'a Letter)> {
        let index = self.state().waiting.pop_front()?;
        Some((index, self.letters.get(index)?))
    }

    /// Records what became of a letter.
    pub(super) fn settle(&self, index: usize, posted: Posted) {
        if let Some(outcome) = self.state().outcomes.get_mut(index) {
            *outcome = Some(posted);
        }
    }

    /// There is no connection for this letter; another worker may still have one.
    pub(super) fn give_back(&self, index: usize, reason: String) {
        let mut state = self.state();
        state.waiting.push_front(index);
        state.unreachable = reason;
    }

    /// One outcome for each letter, in order; what nobody could take did not leave.
    pub(super) fn outcomes(self) -> Vec<Posted> {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let down = Posted::Down(state.unreachable);
        state
            .outcomes
            .into_iter()
            .map(|outcome| outcome.unwrap_or_else(|| down.clone()))
            .collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
