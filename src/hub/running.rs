//! The hub at work: doors, lanes, relays and the ticker, and how they stop.

use std::{sync::Arc, time::Duration};

use bondhub_core::ports::{
    Clock, Randomness, RandomnessError,
    queue::{Intake, QueueError},
    store::{Channel, Store},
};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    directory::Directories,
    intake::{Door, Lanes},
    lane::{Bench, Item},
    prepare::Workshop,
    read::Reader,
    relay::{Courier, Gate, Handoff, Outlet, Relay},
    system::random_id,
    ticker::Ticker,
};
use crate::{audit::HeadSigner, vault::MasterKey};

/// What a hub is made of.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Where events come from.
    pub queue: Box<dyn Intake>,
    /// Reads them.
    pub reader: Arc<Reader>,
    /// The parties.
    pub directories: Arc<Directories>,
    /// Makes keys and mails.
    pub workshop: Arc<Workshop>,
    /// Sends mails.
    pub mail: Arc<dyn Courier>,
    /// Publishes the hub's own events.
    pub events: Arc<dyn Courier>,
    /// Unseals events that waited.
    pub master: Arc<MasterKey>,
    /// Signs the head of the audit log.
    pub heads: HeadSigner,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For lease tokens.
    pub randomness: Arc<dyn Randomness>,
    /// How much at once, how often, how long.
    pub tuning: Tuning,
}

/// How much at once, how often, how long.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// Lanes side by side.
    pub lanes: usize,
    /// At most so many events in one transaction.
    pub batch_size: usize,
    /// At most so long an event waits for others of its batch.
    pub batch_age: Duration,
    /// At most so many rows in one round of a relay.
    pub relay_batch: u32,
    /// Relays for mail, side by side.
    pub mail_relays: usize,
    /// How long a lease lasts.
    pub lease: Duration,
    /// How often the clock looks.
    pub interval: Duration,
    /// How long a relay waits before it looks into the store.
    pub poll: Duration,
}

/// A hub at work. Dropped, it stops at once; [`Running::stop`] lets it finish what it has taken.
pub struct Running {
    stop: CancellationToken,
    door: tokio::task::JoinHandle<Result<(), QueueError>>,
    ticker: JoinSet<()>,
    lanes: JoinSet<()>,
    relays: JoinSet<()>,
}

impl Running {
    /// Starts everything.
    pub fn start(parts: Parts) -> Result<Self, RandomnessError> {
        let tuning = parts.tuning.clone();
        let token = random_id(parts.randomness.as_ref())?;
        let room = usize::try_from(tuning.relay_batch).unwrap_or(64) * 4;
        let (mail_gate, mail_outlet) = Gate::new(room);
        let (event_gate, event_outlet) = Gate::new(room);
        let handoff = Handoff::new(token, tuning.lease, mail_gate, event_gate);
        let relay = |courier, channel, outlet| Relay {
            store: Arc::clone(&parts.store),
            clock: Arc::clone(&parts.clock),
            courier,
            channel,
            outlet,
            token,
            lease: tuning.lease,
            batch: tuning.relay_batch,
            poll: tuning.poll,
        };
        let mut relays = JoinSet::new();
        for _ in 0..tuning.mail_relays.max(1) {
            let outlet: Outlet = mail_outlet.clone();
            spawn(
                &mut relays,
                relay(Arc::clone(&parts.mail), Channel::Mail, outlet),
            );
        }
        spawn(
            &mut relays,
            relay(Arc::clone(&parts.events), Channel::Event, event_outlet),
        );
        let (lanes, senders) = start_lanes(&parts, handoff);
        Ok(Self::open(parts, lanes, relays, Lanes::new(senders)))
    }

    fn open(parts: Parts, lanes: JoinSet<()>, relays: JoinSet<()>, to: Lanes) -> Self {
        let stop = CancellationToken::new();
        let clock = Ticker {
            store: parts.store,
            directories: Arc::clone(&parts.directories),
            reader: Arc::clone(&parts.reader),
            master: parts.master,
            clock: Arc::clone(&parts.clock),
            lanes: to.clone(),
            heads: parts.heads,
            interval: parts.tuning.interval,
        };
        let (stopped, queue) = (stop.clone(), parts.queue);
        let mut ticker = JoinSet::new();
        ticker.spawn(async move { clock.run(stopped).await });
        let (stopped, directories) = (stop.clone(), parts.directories);
        let door = Door {
            reader: parts.reader,
            directories,
            clock: parts.clock,
            lanes: to,
        };
        let door = tokio::spawn(async move { door.run(queue, stopped).await });
        Self {
            stop,
            door,
            ticker,
            lanes,
            relays,
        }
    }

    /// Waits until the queue gives up for good, which only happens when an operator must act.
    pub async fn failed(&mut self) -> QueueError {
        match (&mut self.door).await {
            Ok(Err(error)) => error,
            Ok(Ok(())) => QueueError::Misfit("the queue ended by itself".to_owned()),
            Err(error) => QueueError::down("the intake failed", error),
        }
    }

    /// Takes nothing more, finishes what was taken, sends what was handed over (messaging D22).
    pub async fn stop(mut self) {
        self.stop.cancel();
        if !self.door.is_finished() {
            match (&mut self.door).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!("the queue could not be left in order: {error}"),
                Err(error) => tracing::error!("the intake failed: {error}"),
            }
        }
        while self.ticker.join_next().await.is_some() {}
        while self.lanes.join_next().await.is_some() {}
        while self.relays.join_next().await.is_some() {}
    }
}

fn spawn(relays: &mut JoinSet<()>, relay: Relay) {
    relays.spawn(async move { relay.run().await });
}

fn start_lanes(parts: &Parts, handoff: Handoff) -> (JoinSet<()>, Vec<mpsc::Sender<Item>>) {
    let bench = Arc::new(Bench {
        store: Arc::clone(&parts.store),
        directories: Arc::clone(&parts.directories),
        workshop: Arc::clone(&parts.workshop),
        clock: Arc::clone(&parts.clock),
        handoff,
        batch_size: parts.tuning.batch_size,
        batch_age: parts.tuning.batch_age,
    });
    let mut lanes = JoinSet::new();
    let mut senders = Vec::new();
    for _ in 0..parts.tuning.lanes.max(1) {
        let (sender, receiver) = mpsc::channel(parts.tuning.batch_size.max(1));
        senders.push(sender);
        let bench = Arc::clone(&bench);
        lanes.spawn(async move { bench.run(receiver).await });
    }
    (lanes, senders)
}
