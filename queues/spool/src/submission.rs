//! Puts events into `new/` under names that sort by the time of submission.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use bondhub_core::{
    calendar::Timestamp,
    ports::{
        Clock, Randomness,
        queue::{Outgoing, QueueError},
    },
};
use tokio::{sync::Notify, task::spawn_blocking};

use crate::layout::Layout;

/// The submitting end.
pub(crate) struct Submission {
    layout: Arc<Layout>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    last: Mutex<Last>,
    wake: Arc<Notify>,
}

/// The last name that was given.
#[derive(Default)]
struct Last {
    time: Timestamp,
    count: u64,
}

impl Submission {
    pub(crate) fn new(
        layout: Arc<Layout>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        wake: Arc<Notify>,
    ) -> Self {
        Self {
            layout,
            clock,
            randomness,
            last: Mutex::default(),
            wake,
        }
    }

    pub(crate) async fn submit(&self, event: Outgoing) -> Result<(), QueueError> {
        let name = self.name()?;
        let layout = Arc::clone(&self.layout);
        let writing = spawn_blocking(move || {
            let bytes = serde_json::to_vec(&event.body)?;
            layout.submit(&name, &bytes)
        });
        let written = writing
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        written
            .map_err(|error| QueueError::down("the event cannot be written to the spool", error))?;
        self.wake.notify_one();
        Ok(())
    }

    /// Time, then a count (this process's order, though the clock may stand still or go back), then
    /// chance (other processes).
    fn name(&self) -> Result<String, QueueError> {
        let mut chance = [0; 8];
        self.randomness
            .fill(&mut chance)
            .map_err(|error| QueueError::down("no name for the event", error))?;
        let chance = u64::from_be_bytes(chance);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.time = last.time.max(self.clock.now());
        last.count += 1;
        let time = last.time.format("%Y%m%dT%H%M%S%.6fZ");
        Ok(format!("{time}-{:010}-{chance:016x}.json", last.count))
    }
}
