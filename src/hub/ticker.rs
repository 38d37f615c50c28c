//! Time passes: cases that are due, leases that ended, events that waited for a signer.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bondhub_core::{
    calendar::day_of,
    event::Arrival,
    ports::{
        Clock,
        store::{EventRow, Store, StoreError, Wanted},
    },
};
use tokio_util::sync::CancellationToken;

use super::{
    decide::Work,
    directory::Directories,
    intake::Lanes,
    lane::Item,
    read::{Content, Reader, SIGNER, event_place, signer_wait},
};
use crate::{audit::HeadSigner, vault::MasterKey};

/// Looks at the time.
pub struct Ticker {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The parties.
    pub directories: Arc<Directories>,
    /// Reads events that waited.
    pub reader: Arc<Reader>,
    /// Unseals them.
    pub master: Arc<MasterKey>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where due work goes.
    pub lanes: Lanes,
    /// Signs the head of the audit log, once a day.
    pub heads: HeadSigner,
    /// How often it looks.
    pub interval: Duration,
}

/// After so many looks, events that wait are read again whether or not a party has changed.
const ROUNDS: u32 = 30;
/// At most so many cases or events are taken up in one look.
const AT_ONCE: u32 = 500;

impl Ticker {
    /// Looks until told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        let mut looks = tokio::time::interval(self.interval);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut generation, mut round) = (-1, 0_u32);
        let mut sums = tokio::spawn(async {});
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = looks.tick() => {}
            }
            // Now and then without a reason: an event may have been read with parties that were just
            // then changing.
            round = (round + 1) % ROUNDS;
            let known = if round == 0 { -1 } else { generation };
            if round == 0 && sums.is_finished() {
                sums = self.take_up_movements();
            }
            match self.run_once(known).await {
                Ok(seen) => generation = seen,
                Err(error) => tracing::warn!("the clock cannot look: {error}"),
            }
        }
    }

    /// Takes new movements of the ledger up into the sums kept for quick answers. It may take a while when it is
    /// done for the first time, and nothing waits for it.
    fn take_up_movements(&self) -> tokio::task::JoinHandle<()> {
        let zone = self.directories.newest().rules.policy.zone;
        let (store, today) = (Arc::clone(&self.store), day_of(self.clock.now(), zone));
        tokio::spawn(async move {
            match store.fold(today).await {
                Ok(folded) if folded.movements == 0 => {}
                Ok(folded) => tracing::debug!(
                    movements = folded.movements,
                    sums = folded.sums,
                    "movements taken up into sums"
                ),
                Err(error) => tracing::warn!("balances are slower to read than need be: {error}"),
            }
        })
    }

    /// One look; returns the parties' generation it saw.
    pub async fn run_once(&self, generation: i64) -> Result<i64, StoreError> {
        let now = self.clock.now();
        let swept = self.store.sweep(now).await?;
        if swept.uncertain > 0 {
            tracing::warn!(
                count = swept.uncertain,
                "mails became uncertain: their sender was lost"
            );
        }
        if let Err(error) = self.heads.run_once(now).await {
            tracing::error!("{:#}", anyhow::Error::from(error));
        }
        let loaded = self.store.load(&Wanted::default()).await?;
        self.directories.at_least(loaded.generation).await?;
        if loaded.generation != generation {
            self.again().await?;
        }
        for case in self.store.due(now, AT_ONCE).await? {
            let key = case.as_str().to_owned();
            self.lanes
                .send(
                    &key,
                    Item {
                        work: Work::Due(case),
                        settlement: None,
                    },
                )
                .await;
        }
        Ok(loaded.generation)
    }

    /// Reads the events again that waited for somebody's certificate and need not wait any longer, in the order in which
    /// they came. They belong to no case yet, so no task tells of those that wait too long: a gauge does.
    async fn again(&self) -> Result<(), StoreError> {
        let directory = self.directories.newest();
        let known: BTreeSet<String> = directory
            .pinned
            .iter()
            .map(|one| signer_wait(&one.party))
            .collect();
        let late = self.clock.now() - directory.rules.policy.wait_deadline;
        let (mut after, mut overdue) = (None, 0_u32);
        loop {
            let page = self.store.events_waiting(SIGNER, after, AT_ONCE).await?;
            for row in &page {
                if row.waits_for.as_ref().is_some_and(|on| known.contains(on)) {
                    self.read_again(row).await;
                } else {
                    overdue += u32::from(row.received_at <= late);
                }
            }
            match page.last() {
                Some(last) if page.len() == AT_ONCE as usize => after = Some(last.id),
                _ => break,
            }
        }
        metrics::gauge!("bondhub_signers_overdue").set(f64::from(overdue));
        Ok(())
    }

    async fn read_again(&self, row: &EventRow) {
        let body = match self.master.unseal(&event_place(row.id), &row.body) {
            Ok(body) => body.to_vec(),
            Err(error) => return tracing::error!(event.id = %row.identity, "{error}"),
        };
        let arrival = Arrival {
            body,
            ..Arrival::default()
        };
        let directory = self.directories.newest();
        for mut event in self.reader.read(&arrival, &directory, self.clock.now()) {
            if matches!(event.content, Content::Waits(_)) {
                continue;
            }
            event.row.id = row.id;
            let key = event.lane_key().to_owned();
            let item = Item {
                work: Work::Again(Box::new(event)),
                settlement: None,
            };
            self.lanes.send(&key, item).await;
        }
    }
}
