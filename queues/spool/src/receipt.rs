//! Receipts: the last one of a file moves it to `done/`.

use std::{
    ffi::OsString,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bondhub_core::ports::queue::Receipt;

use crate::{file::Identity, holds::Holds};

/// A file that was taken, shared by the receipts of its deliveries.
pub(crate) struct Ticket {
    holds: Arc<Holds>,
    name: OsString,
    identity: Identity,
    outstanding: AtomicUsize,
}

impl Ticket {
    pub(crate) fn new(
        holds: Arc<Holds>,
        name: OsString,
        identity: Identity,
        deliveries: usize,
    ) -> Self {
        holds.take(&name);
        Self {
            holds,
            name,
            identity,
            outstanding: AtomicUsize::new(deliveries),
        }
    }

    pub(crate) fn name(&self) -> &OsString {
        &self.name
    }

    /// Moves the file. Blocks.
    pub(crate) fn finish(&self) {
        self.holds.finish(&self.name, &self.identity);
    }
}

impl Drop for Ticket {
    /// Some delivery was dropped unsettled, so the file comes again as a whole.
    fn drop(&mut self) {
        if self.outstanding.load(Ordering::Acquire) > 0 {
            self.holds.give_back(&self.name);
        }
    }
}

/// Settles one delivery of a file.
pub(crate) struct SpoolReceipt(pub(crate) Arc<Ticket>);

#[async_trait]
impl Receipt for SpoolReceipt {
    async fn acknowledge(self: Box<Self>) {
        let ticket = self.0;
        if ticket.outstanding.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let moving = tokio::task::spawn_blocking(move || ticket.finish());
        if let Err(error) = moving.await {
            tracing::error!(%error, "moving a file to done/ was interrupted");
        }
    }
}
