//! Intake: deliveries are read and spread over lanes; each is acknowledged when all its events are
//! committed.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bondhub_core::ports::{
    Clock,
    queue::{Delivery, Intake, QueueError, Receipt},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    decide::Work,
    directory::Directories,
    fault::{self, Step},
    lane::Item,
    read::{Incoming, Reader},
};

/// One event's share of its delivery: the delivery is acknowledged when every share is done.
///
/// Dropped undone, the delivery is never acknowledged and comes again.
pub struct Settlement(Arc<Shared>);

struct Shared {
    left: AtomicUsize,
    receipt: Mutex<Option<Box<dyn Receipt>>>,
}

impl Settlement {
    /// One settlement for each of `count` events of a delivery; `count` is at least 1.
    pub fn shares(receipt: Box<dyn Receipt>, count: usize) -> Vec<Self> {
        let shared = Arc::new(Shared {
            left: AtomicUsize::new(count),
            receipt: Mutex::new(Some(receipt)),
        });
        (0..count).map(|_| Self(Arc::clone(&shared))).collect()
    }

    /// This event is committed.
    pub async fn done(self) {
        if self.0.left.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        let receipt = self
            .0
            .receipt
            .lock()
            .ok()
            .and_then(|mut receipt| receipt.take());
        if let Some(receipt) = receipt {
            receipt.acknowledge().await;
        }
    }
}

/// The lanes, by hash of the procurement id: what concerns one case goes to one lane, in order.
#[derive(Clone)]
pub struct Lanes(Vec<mpsc::Sender<Item>>);

impl Lanes {
    /// These lanes; at least one.
    pub fn new(lanes: Vec<mpsc::Sender<Item>>) -> Self {
        Self(lanes)
    }

    /// Sends work to its lane; waits while the lane is full. False when the lane has ended.
    pub async fn send(&self, key: &str, item: Item) -> bool {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let count = u64::try_from(self.0.len().max(1)).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        match self.0.get(index) {
            Some(lane) => lane.send(item).await.is_ok(),
            None => false,
        }
    }
}

/// Reads deliveries and spreads them.
pub struct Door {
    /// Reads bytes.
    pub reader: Arc<Reader>,
    /// Whose certificates documents are verified with.
    pub directories: Arc<Directories>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where events go.
    pub lanes: Lanes,
}

impl Door {
    /// Takes deliveries until told to stop, or until the queue gave up for good.
    pub async fn run(
        &self,
        mut queue: Box<dyn Intake>,
        stop: CancellationToken,
    ) -> Result<(), QueueError> {
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => break,
                next = queue.next() => next?,
            };
            match next {
                Some(delivery) => self.take(delivery).await,
                None => break,
            }
        }
        queue.stop().await;
        Ok(())
    }

    /// Reads one delivery and sends its events to their lanes.
    pub async fn take(&self, delivery: Delivery) {
        fault::passed(Step::Received);
        let directory = self.directories.newest();
        let events = self
            .reader
            .read(&delivery.arrival, &directory, self.clock.now());
        fault::passed(Step::Read);
        if events.is_empty() {
            delivery.receipt.acknowledge().await;
            return;
        }
        let shares = Settlement::shares(delivery.receipt, events.len());
        for (event, settlement) in events.into_iter().zip(shares) {
            let key = event.lane_key().to_owned();
            let item = Item {
                work: work(event),
                settlement: Some(settlement),
            };
            if !self.lanes.send(&key, item).await {
                tracing::debug!("lanes have ended; the delivery comes again");
            }
        }
        fault::passed(Step::Laned);
    }
}

fn work(event: Incoming) -> Work {
    Work::Event(Box::new(event))
}
