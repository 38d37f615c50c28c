//! A lane: micro-batches of work for the cases that hash to it, one after the other.
//!
//! load → decide → prepare → commit → acknowledge. A conflict loads and decides again; a database that
//! is away is waited for; a batch that fails for good is halved until the poisonous event is alone,
//! and that is set aside.

use std::{sync::Arc, time::Duration};

use bondhub_core::{
    event::{Reason, Rejection},
    ports::{
        Clock,
        store::{Commit, Loaded, SigningRequest, Store, StoreError},
    },
    procurement::CaseFile,
};
use tokio::sync::mpsc;

use super::{
    decide::{self, Decision, Outcome, Work},
    directory::Directories,
    fault::{self, Step},
    intake::Settlement,
    prepare::{HandedKey, PrepareError, Workshop},
    read::Content,
    relay::Handoff,
};

/// A piece of work and the delivery it came by.
pub struct Item {
    /// What to do.
    pub work: Work,
    /// How to say that it is done; none for work the hub gave itself.
    pub settlement: Option<Settlement>,
}

/// What every lane works with.
pub struct Bench {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The parties.
    pub directories: Arc<Directories>,
    /// Makes keys and mails.
    pub workshop: Arc<Workshop>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where committed mails and events go.
    pub handoff: Handoff,
    /// At most so many pieces of work in one transaction.
    pub batch_size: usize,
    /// At most so long the first of them waits for others.
    pub batch_age: Duration,
}

/// Why a batch could not be done.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key or mail could not be made.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// A defect of the hub.
    #[error("preparing panicked")]
    Panic,
}

impl BatchError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }

    fn is_passing(&self) -> bool {
        matches!(self, Self::Store(StoreError::Down { .. }))
            || matches!(self, Self::Prepare(PrepareError::Randomness(_)))
            || matches!(self, Self::Prepare(PrepareError::Seal(error)) if error.is_passing())
    }
}

/// Waits between tries while the database is away: long enough not to be a burden, short enough to be
/// back with it.
const PAUSE: Duration = Duration::from_millis(500);

/// So long a token that was away is not tried again.
const AWAY: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// Whether a certificate or entrusted key is the reason, not the event that met with it.
fn is_of_a_key(error: &PrepareError) -> bool {
    error.unusable().is_some() || error.away().is_some()
}

impl Bench {
    /// Works until the sender of work is gone and everything it sent is done.
    pub async fn run(self: Arc<Self>, mut work: mpsc::Receiver<Item>) {
        while let Some(first) = work.recv().await {
            let batch = self.gather(first, &mut work).await;
            self.handle(batch).await;
        }
    }

    /// Takes what is there, and waits a little for more: at most `batch_age` after the first.
    async fn gather(&self, first: Item, work: &mut mpsc::Receiver<Item>) -> Vec<Item> {
        let mut batch = vec![first];
        let deadline = tokio::time::Instant::now() + self.batch_age;
        while batch.len() < self.batch_size {
            match tokio::time::timeout_at(deadline, work.recv()).await {
                Ok(Some(item)) => batch.push(item),
                Ok(None) | Err(_) => break,
            }
        }
        batch
    }

    /// Does a batch, whatever it takes; halves it where a part of it is poisonous.
    pub async fn handle(&self, batch: Vec<Item>) {
        let mut open = vec![batch];
        while let Some(batch) = open.pop() {
            let (works, settlements) = parts(batch);
            match self.commit(&works).await {
                Ok(outcomes) => settle(&works, settlements, &outcomes).await,
                Err(error) if works.len() == 1 => {
                    self.set_aside(works, settlements, &error).await;
                }
                Err(error) => {
                    tracing::warn!(
                        batch.size = works.len(),
                        "batch failed, halving it: {error}"
                    );
                    let mut items = join(works, settlements);
                    let rest = items.split_off(items.len() / 2);
                    open.push(rest);
                    open.push(items);
                }
            }
        }
    }

    /// Does one piece of work at once, for somebody who waits for the answer.
    pub async fn perform(&self, work: Work) -> Result<Outcome, BatchError> {
        self.perform_by_hand(work).await.map(|(outcome, _)| outcome)
    }

    /// Does several pieces of work in one transaction, for somebody who waits for the answers.
    pub async fn perform_all(&self, works: Vec<Work>) -> Result<Vec<Outcome>, BatchError> {
        self.perform_works(works)
            .await
            .map(|(outcomes, _)| outcomes)
    }

    /// Does one piece of work at once, and hands out the keys that were issued into somebody's hands.
    /// They exist nowhere else: whoever drops them needs new ones.
    pub async fn perform_by_hand(
        &self,
        work: Work,
    ) -> Result<(Outcome, Vec<HandedKey>), BatchError> {
        let (outcomes, keys) = self.perform_works(vec![work]).await?;
        let outcome = outcomes.first().copied().unwrap_or(Outcome::Duplicate);
        Ok((outcome, keys))
    }

    async fn perform_works(
        &self,
        works: Vec<Work>,
    ) -> Result<(Vec<Outcome>, Vec<HandedKey>), BatchError> {
        let works = Arc::new(works);
        loop {
            match self.attempt(&works).await {
                Err(error) if error.is_conflict() => {}
                Err(BatchError::Prepare(error)) if is_of_a_key(&error) => {
                    self.doubt(&error).await?;
                }
                done => return done,
            }
        }
    }

    /// What a piece of work would lead to; nothing is made and nothing written.
    pub async fn rehearse(&self, work: Work) -> Result<Decision, BatchError> {
        let works = [work];
        let loaded = self.store.load(&decide::wanted(&works)).await?;
        let directory = self.directories.at_least(loaded.generation).await?;
        Ok(decide::decide(&works, loaded, &directory, self.clock.now()))
    }

    /// Commits a batch; waits out a database that is away, decides again after a conflict.
    async fn commit(&self, works: &Arc<Vec<Work>>) -> Result<Vec<Outcome>, BatchError> {
        loop {
            match self.attempt(works).await {
                Err(error) if error.is_conflict() => {
                    metrics::counter!("bondhub_conflicts_total").increment(1);
                }
                Err(error) if error.is_passing() => {
                    tracing::warn!("lane pauses: {error}");
                    pause(PAUSE).await;
                }
                Err(BatchError::Prepare(error)) if is_of_a_key(&error) => {
                    if let Err(error) = self.doubt(&error).await {
                        tracing::warn!("lane pauses: {error}");
                        pause(PAUSE).await;
                    }
                }
                done => return done.map(|(outcomes, _)| outcomes),
            }
        }
    }

    /// A certificate that cannot be used holds nothing up: decided again, the case waits for another. Nor does a token
    /// that is away: what it is needed for waits a while, and nothing else does.
    async fn doubt(&self, error: &PrepareError) -> Result<(), StoreError> {
        if let Some(fingerprint) = error.unusable() {
            tracing::error!("a certificate counts as missing from now on: {error}");
            return self.directories.distrust(fingerprint).await;
        }
        if let Some(fingerprint) = error.away() {
            tracing::warn!("keys wait for a token that is away: {error}");
            let until = self.clock.now() + AWAY;
            return self.directories.suspend(fingerprint, until).await;
        }
        Ok(())
    }

    async fn attempt(
        &self,
        works: &Arc<Vec<Work>>,
    ) -> Result<(Vec<Outcome>, Vec<HandedKey>), BatchError> {
        let mut loaded = self.store.load(&decide::wanted(works)).await?;
        loaded.requests = self.requests(works, &loaded).await?;
        fault::passed(Step::Loaded);
        let directory = self.directories.at_least(loaded.generation).await?;
        let generation = directory.generation;
        let (workshop, now) = (Arc::clone(&self.workshop), self.clock.now());
        let works = Arc::clone(works);
        let prepared = tokio::task::spawn_blocking(move || {
            let mut decision = decide::decide(&works, loaded, &directory, now);
            fault::passed(Step::Decided);
            let outcomes = std::mem::take(&mut decision.outcomes);
            workshop
                .prepare(decision, &directory, now)
                .map(|(commit, handed)| (commit, outcomes, handed))
        });
        let (mut commit, outcomes, handed) = prepared.await.map_err(|_| BatchError::Panic)??;
        fault::passed(Step::Prepared);
        if is_empty(&commit) {
            return Ok((outcomes, handed));
        }
        self.handoff.lease(&mut commit, self.clock.now());
        // Else a case could begin to wait for what has just come.
        commit.generation = Some(generation);
        self.store.commit(&commit).await?;
        fault::passed(Step::Committed);
        metrics::counter!("bondhub_commits_total").increment(1);
        self.handoff.give(commit).await;
        fault::passed(Step::HandedOver);
        Ok((outcomes, handed))
    }

    /// What of the signing queue may be issued: of cases for which a signature is there or is brought.
    /// Other cases ask nothing.
    async fn requests(
        &self,
        works: &[Work],
        loaded: &Loaded,
    ) -> Result<Vec<SigningRequest>, StoreError> {
        let brings = works
            .iter()
            .any(|work| matches!(work, Work::Act(_, brought) if brought.signature.is_some()));
        let mut requests = Vec::new();
        for (id, case) in &loaded.cases {
            if has_signed(&case.file) || (brings && has_asked(&case.file)) {
                requests.extend(self.store.requests_of(id).await?);
            }
        }
        Ok(requests)
    }

    /// One piece of work that cannot be done: the event is set aside with the error (R35).
    async fn set_aside(
        &self,
        works: Arc<Vec<Work>>,
        settlements: Vec<Option<Settlement>>,
        error: &BatchError,
    ) {
        let Some(Work::Event(event)) = works.first().cloned() else {
            tracing::error!("due work cannot be done: {error}");
            return;
        };
        tracing::error!(event.id = %event.row.identity, "event set aside as poison: {error}");
        let mut poisoned = event;
        let message = format!("the hub cannot handle it: {error}");
        poisoned.content = Content::Refused(Rejection::whole(Reason::Poison, message));
        let works = Arc::new(vec![Work::Event(poisoned)]);
        match self.commit(&works).await {
            Ok(outcomes) => settle(&works, settlements, &outcomes).await,
            Err(error) => {
                tracing::error!("event cannot even be set aside; it stays queued: {error}");
            }
        }
    }
}

fn has_asked(file: &CaseFile) -> bool {
    let mut records = file.carried.bonds.values();
    records.any(|record| !record.asked.is_empty())
}

fn has_signed(file: &CaseFile) -> bool {
    file.carried.bonds.iter().any(|(bond, record)| {
        let signatures = file.bonds.get(bond).map(|file| &file.signatures);
        let mut asked = record.asked.iter();
        signatures.is_some_and(|signatures| {
            asked.any(|(role, key)| signatures.get(role) == Some(&key.edition))
        })
    })
}

async fn pause(time: Duration) {
    tokio::time::interval_at(tokio::time::Instant::now() + time, time)
        .tick()
        .await;
}

fn parts(batch: Vec<Item>) -> (Arc<Vec<Work>>, Vec<Option<Settlement>>) {
    let (works, settlements) = batch
        .into_iter()
        .map(|item| (item.work, item.settlement))
        .unzip();
    (Arc::new(works), settlements)
}

fn join(works: Arc<Vec<Work>>, settlements: Vec<Option<Settlement>>) -> Vec<Item> {
    let works = Arc::unwrap_or_clone(works);
    works
        .into_iter()
        .zip(settlements)
        .map(|(work, settlement)| Item { work, settlement })
        .collect()
}

async fn settle(works: &[Work], settlements: Vec<Option<Settlement>>, outcomes: &[Outcome]) {
    for (work, outcome) in works.iter().zip(outcomes) {
        count(work, *outcome);
    }
    let done = settlements.into_iter().flatten().map(|settlement| async {
        settlement.done().await;
        fault::passed(Step::Acknowledged);
    });
    // All at once: each acknowledgement is a frame of its own, and none waits for the one before.
    futures::future::join_all(done).await;
}

fn count(work: &Work, outcome: Outcome) {
    let state = match outcome {
        Outcome::Taken(state) => state.as_str(),
        Outcome::Duplicate => "duplicate",
        Outcome::Reconciled => "due",
    };
    metrics::counter!("bondhub_events_total", "state" => state).increment(1);
    if let (Work::Event(event), "set_aside") = (work, state)
        && let Content::Refused(rejection) = &event.content
    {
        tracing::info!(event.id = %event.row.identity, reason = rejection.reason.as_str(), "event set aside: {rejection}");
    }
}

/// Whether nothing is to be written: a batch of duplicates.
fn is_empty(commit: &Commit) -> bool {
    commit.cases.is_empty()
        && commit.events.is_empty()
        && commit.placed.is_empty()
        && commit.waiting.is_empty()
        && commit.set_aside.is_empty()
        && commit.instructions.is_empty()
}
