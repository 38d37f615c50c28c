//! The spool as the hub sees it: hands out the two ends of the queue.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use bondhub_core::ports::{
    Clock, Randomness,
    queue::{Outgoing, Publish, QueueError, Submit},
};
use tokio::sync::Notify;

use crate::{intake::SpoolIntake, journal::Journal, layout::Layout, submission::Submission};

/// Where the spool is, and its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The directory that holds `new/` and `done/`: `DATA/spool`.
    pub directory: PathBuf,
    /// Where the hub's own events are appended: `DATA/events-out.jsonl`.
    pub events_out: PathBuf,
    /// Bytes of one event that the hub takes; of a longer one, one byte more than this is delivered,
    /// so that the hub refuses it and tells.
    pub event_limit: usize,
    /// Bytes of one file that are taken apart into events; a longer file is one event too large.
    pub file_limit: usize,
    /// How often `new/` is looked at; what is submitted within the process is noticed at once.
    pub interval: Duration,
}

impl Settings {
    /// The defaults, for a data directory.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        let data = data.into();
        Self {
            directory: data.join("spool"),
            events_out: data.join("events-out.jsonl"),
            event_limit: 1 << 20,
            file_limit: 64 << 20,
            interval: Duration::from_millis(200),
        }
    }
}

/// A spool directory.
pub struct Spool {
    settings: Settings,
    layout: Arc<Layout>,
    wake: Arc<Notify>,
    publisher: SpoolPublisher,
}

impl Spool {
    /// Makes the directories where they are missing.
    pub fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, QueueError> {
        let layout = Arc::new(Layout::new(settings.directory.clone()));
        prepare(&settings, &layout).map_err(|error| {
            let directory = settings.directory.display();
            QueueError::down(format!("the spool {directory} cannot be set up"), error)
        })?;
        let wake = Arc::new(Notify::new());
        let submission = Submission::new(Arc::clone(&layout), clock, randomness, Arc::clone(&wake));
        let publisher = SpoolPublisher {
            submission: Arc::new(submission),
            journal: Arc::new(Journal::new(settings.events_out.clone())),
        };
        Ok(Self {
            settings,
            layout,
            wake,
            publisher,
        })
    }

    /// Starts to take files. Only one process at a time can: for another it is a misfit.
    pub fn intake(&self) -> Result<SpoolIntake, QueueError> {
        SpoolIntake::start(&self.settings, &self.layout, Arc::clone(&self.wake))
    }

    /// Writes to the spool and to the file of own events; any number of processes may.
    pub fn publisher(&self) -> SpoolPublisher {
        self.publisher.clone()
    }
}

fn prepare(settings: &Settings, layout: &Layout) -> io::Result<()> {
    layout.prepare()?;
    match settings.events_out.parent() {
        Some(directory) => fs::create_dir_all(directory),
        None => Ok(()),
    }
}

/// Submits events to the spool, and publishes the hub's own ones to a file.
#[derive(Clone)]
pub struct SpoolPublisher {
    submission: Arc<Submission>,
    journal: Arc<Journal>,
}

#[async_trait]
impl Submit for SpoolPublisher {
    async fn submit(&self, event: Outgoing) -> Result<(), QueueError> {
        self.submission.submit(event).await
    }
}

#[async_trait]
impl Publish for SpoolPublisher {
    async fn publish(&self, events: &[Outgoing]) -> Vec<Result<(), QueueError>> {
        self.journal.append(events).await
    }
}
