//! The taking end: looks into `new/` and hands out what is there.

use std::{
    collections::{BTreeSet, VecDeque},
    ffi::{OsStr, OsString},
    io,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bondhub_core::{
    event::Arrival,
    ports::queue::{Delivery, Intake, QueueError},
};
use tokio::{sync::Notify, task::spawn_blocking, time::sleep};

use crate::{
    file::{Content, Identity},
    holds::Holds,
    layout::{Layout, Listing, is_lines},
    pieces::{self, Limits, Shape},
    receipt::{SpoolReceipt, Ticket},
    spool::Settings,
};

/// Header of an arrival: the name of the file it came in.
pub const FILE_HEADER: &str = "x-bondhub-file";

/// A file whose delivery was dropped rests for this many looks into `new/`.
const REST_LOOKS: u32 = 5;

/// Takes the files of `new/` in the order of their names.
///
/// Names that begin with a dot or end in `.tmp` are left alone; so are, with a warning, directories,
/// links, and files that end neither in `.json` nor in `.jsonl`.
pub struct SpoolIntake {
    holds: Arc<Holds>,
    limits: Limits,
    interval: Duration,
    wake: Arc<Notify>,
    /// Names that were there at the last look, in order.
    listed: VecDeque<OsString>,
    /// The file that is being handed out: its deliveries left over.
    pieces: VecDeque<(Vec<u8>, Arc<Ticket>)>,
    /// What was already warned about.
    told: BTreeSet<OsString>,
    is_failing: bool,
    is_stopped: bool,
}

impl SpoolIntake {
    pub(crate) fn start(
        settings: &Settings,
        layout: &Arc<Layout>,
        wake: Arc<Notify>,
    ) -> Result<Self, QueueError> {
        let root = layout.root().display();
        let lock = layout
            .lock()
            .map_err(|error| QueueError::down(format!("the spool {root} cannot be locked"), error))?
            .ok_or_else(|| {
                QueueError::Misfit(format!(
                    "the spool {root} is in use by another process: stop that one, or give this one \
                     a directory of its own"
                ))
            })?;
        let rest = settings.interval * REST_LOOKS;
        Ok(Self {
            holds: Arc::new(Holds::new(Arc::clone(layout), lock, rest)),
            limits: Limits {
                event: settings.event_limit,
                file: settings.file_limit,
            },
            interval: settings.interval,
            wake,
            listed: VecDeque::new(),
            pieces: VecDeque::new(),
            told: BTreeSet::new(),
            is_failing: false,
            is_stopped: false,
        })
    }

    fn next_piece(&mut self) -> Option<Delivery> {
        let (body, ticket) = self.pieces.pop_front()?;
        let name = ticket.name().to_string_lossy().into_owned();
        Some(Delivery {
            arrival: Arrival {
                content_type: None,
                headers: [(FILE_HEADER.to_owned(), name)].into(),
                body,
            },
            receipt: Box::new(SpoolReceipt(ticket)),
        })
    }

    /// Takes the next listed file. The state changes only after the last wait, so that a dropped
    /// `next` loses nothing.
    async fn take_file(&mut self) {
        let Some(name) = self.listed.front().cloned() else {
            return;
        };
        let (holds, limits) = (Arc::clone(&self.holds), self.limits);
        let reading = spawn_blocking(move || read(&holds, &name, limits));
        let read = reading
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        let Some(name) = self.listed.pop_front() else {
            return;
        };
        match read {
            Ok(Some((identity, pieces))) => self.begin(name, identity, pieces).await,
            Ok(None) => self.holds.give_back(&name),
            Err(error) => {
                self.holds.give_back(&name);
                self.tell_unreadable(name, &error);
            }
        }
    }

    async fn begin(&mut self, name: OsString, identity: Identity, pieces: Vec<Vec<u8>>) {
        self.told.remove(&name);
        let ticket = Arc::new(Ticket::new(
            Arc::clone(&self.holds),
            name,
            identity,
            pieces.len(),
        ));
        if pieces.is_empty() {
            finish(ticket).await;
            return;
        }
        let shared = pieces.into_iter().map(|piece| (piece, Arc::clone(&ticket)));
        self.pieces.extend(shared);
    }

    fn tell_unreadable(&mut self, name: OsString, error: &io::Error) {
        let file = name.display();
        if !self.told.contains(&name) {
            tracing::warn!(%file, %error, "the file cannot be read; it is tried again");
            self.told.insert(name);
        }
    }

    /// Looks into `new/`; true if there is something to take.
    async fn look(&mut self) -> bool {
        let holds = Arc::clone(&self.holds);
        let looking = spawn_blocking(move || look(&holds)).await;
        match looking.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(listing) => {
                self.is_failing = false;
                self.tell_others(listing.others);
                self.listed = listing.files.into();
            }
            Err(error) => self.tell_failing(&error),
        }
        !self.listed.is_empty()
    }

    fn tell_others(&mut self, others: Vec<OsString>) {
        for name in others {
            let file = name.display();
            if !self.told.contains(&name) {
                tracing::warn!(%file, "left alone: no plain file that ends in .json or .jsonl");
                self.told.insert(name);
            }
        }
    }

    fn tell_failing(&mut self, error: &io::Error) {
        if !self.is_failing {
            tracing::error!(%error, "the spool cannot be read; it is tried again");
        }
        self.is_failing = true;
    }

    /// Until the next look is due.
    async fn pause(&self) {
        tokio::select! {
            () = self.wake.notified() => {}
            () = sleep(self.interval) => {}
        }
    }
}

#[async_trait]
impl Intake for SpoolIntake {
    async fn next(&mut self) -> Result<Option<Delivery>, QueueError> {
        while !self.is_stopped {
            if let Some(delivery) = self.next_piece() {
                return Ok(Some(delivery));
            }
            if !self.listed.is_empty() {
                self.take_file().await;
            } else if !self.look().await {
                self.pause().await;
            }
        }
        Ok(None)
    }

    async fn stop(&mut self) {
        self.is_stopped = true;
        self.listed.clear();
        self.pieces.clear();
    }
}

fn read(
    holds: &Holds,
    name: &OsStr,
    limits: Limits,
) -> io::Result<Option<(Identity, Vec<Vec<u8>>)>> {
    let shape = if is_lines(name) {
        Shape::Lines
    } else {
        Shape::Text
    };
    let content = holds.layout().read(name, limits.file)?;
    Ok(content.map(|Content { identity, bytes }| (identity, pieces::split(&bytes, shape, limits))))
}

fn look(holds: &Holds) -> io::Result<Listing> {
    holds.layout().prepare()?;
    holds.finish_unmoved();
    let mut listing = holds.layout().list()?;
    holds.keep_free(&mut listing.files);
    holds.sync(listing.files.is_empty())?;
    Ok(listing)
}

async fn finish(ticket: Arc<Ticket>) {
    if let Err(error) = spawn_blocking(move || ticket.finish()).await {
        tracing::error!(%error, "moving a file to done/ was interrupted");
    }
}
