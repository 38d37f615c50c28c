//! The relay: what was committed leaves the hub, leased and settled (DESIGN §2.9).
//!
//! One transaction of a round both settles the round before and marks the next one as being sent, so
//! that a mail whose sender is lost after that is `uncertain`, and any other is simply sent again.

mod courier;
mod post;
mod publish;
mod schedule;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bondhub_core::{
    calendar::Timestamp,
    ports::{
        Clock,
        store::{Channel, Claim, Commit, LeasedItem, Settled, Store, Verdict},
    },
};
use tokio::sync::{Mutex, mpsc};
use uuid::Uuid;

use super::fault::{self, Step};

pub use courier::Courier;
pub use post::PostCourier;
pub use publish::PublishCourier;
pub use schedule::RetrySchedule;

/// Hands committed rows to the relays of this process.
#[derive(Clone)]
pub struct Handoff {
    token: Uuid,
    lease: Duration,
    mail: Gate,
    event: Gate,
}

/// The way to one channel's relays, and whether it is open.
#[derive(Clone)]
pub struct Gate {
    rows: mpsc::Sender<LeasedItem>,
    paused: Arc<AtomicBool>,
}

/// A relay's end of a gate.
#[derive(Clone)]
pub struct Outlet {
    rows: Arc<Mutex<mpsc::Receiver<LeasedItem>>>,
    paused: Arc<AtomicBool>,
}

impl Gate {
    /// A gate that holds at most `room` rows.
    pub fn new(room: usize) -> (Self, Outlet) {
        let (sender, receiver) = mpsc::channel(room.max(1));
        let paused = Arc::new(AtomicBool::new(false));
        let outlet = Outlet {
            rows: Arc::new(Mutex::new(receiver)),
            paused: Arc::clone(&paused),
        };
        (
            Self {
                rows: sender,
                paused,
            },
            outlet,
        )
    }

    /// Whether what lies behind is down.
    pub fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }
}

impl Handoff {
    /// Hands nothing over: what is committed waits in the store for a hub that runs.
    pub fn none() -> Self {
        let (gate, _closed) = Gate::new(1);
        gate.paused.store(true, Ordering::Relaxed);
        Self {
            token: Uuid::nil(),
            lease: Duration::ZERO,
            mail: gate.clone(),
            event: gate,
        }
    }

    /// Hands over under `token`, for `lease` at a time.
    pub fn new(token: Uuid, lease: Duration, mail: Gate, event: Gate) -> Self {
        Self {
            token,
            lease,
            mail,
            event,
        }
    }

    /// Leases what a commit writes, but for channels that are down: their rows wait in the store.
    pub fn lease(&self, commit: &mut Commit, now: Timestamp) {
        let all = [Channel::Mail, Channel::Event];
        let paused = all.into_iter().filter(|one| self.gate(*one).is_paused());
        commit.closed = paused.collect();
        commit.lease = Some(Claim {
            token: self.token,
            until: now + self.lease,
        });
    }

    fn gate(&self, channel: Channel) -> &Gate {
        match channel {
            Channel::Mail => &self.mail,
            Channel::Event => &self.event,
        }
    }

    /// Gives the rows that a commit leased to the relays; waits while they are busy, which slows the intake down.
    pub async fn give(&self, commit: Commit) {
        let (rows, closed) = (commit.outbox, commit.closed);
        for row in rows
            .into_iter()
            .filter(|row| !closed.contains(&row.channel))
        {
            let gate = self.gate(row.channel);
            let item = LeasedItem { row, attempts: 0 };
            if gate.rows.send(item).await.is_err() {
                tracing::debug!("relay has ended; the row is sent after its lease is over");
            }
        }
    }
}

/// Sends what comes through one gate.
pub struct Relay {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How it sends.
    pub courier: Arc<dyn Courier>,
    /// Which rows it claims when none are handed over.
    pub channel: Channel,
    /// Where rows come from.
    pub outlet: Outlet,
    /// Whose leases these are.
    pub token: Uuid,
    /// How long a lease lasts.
    pub lease: Duration,
    /// At most so many rows in a round.
    pub batch: u32,
    /// How long to wait before looking for rows that were not handed over.
    pub poll: Duration,
}

/// What a round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// There was nothing to do.
    Idle,
    /// So many rows were tried.
    Tried(usize),
    /// What lies behind is down.
    Down,
    /// No more rows will come.
    Ended,
}

const PAUSE_FIRST: Duration = Duration::from_millis(200);
const PAUSE_LONGEST: Duration = Duration::from_secs(5);

impl Relay {
    /// Works until the gate is closed and empty.
    pub async fn run(&self) {
        let (mut settled, mut pause) = (Vec::new(), PAUSE_FIRST);
        loop {
            match self.round(&mut settled).await {
                Round::Ended => break,
                Round::Down => {
                    self.outlet.paused.store(true, Ordering::Relaxed);
                    wait(pause).await;
                    pause = (pause * 2).min(PAUSE_LONGEST);
                }
                Round::Idle => {}
                Round::Tried(_) => {
                    self.outlet.paused.store(false, Ordering::Relaxed);
                    pause = PAUSE_FIRST;
                }
            }
        }
        self.settle_rest(settled).await;
    }

    /// One round: rows that were handed over, or else claimed ones, are sent.
    async fn round(&self, settled: &mut Vec<Settled>) -> Round {
        let items = match self.gather(settled).await {
            Gathered::Rows(items) => items,
            Gathered::Nothing => match self.claim().await {
                Ok(items) if items.is_empty() => return Round::Idle,
                Ok(items) => {
                    fault::passed(Step::Claimed);
                    items
                }
                Err(error) => {
                    tracing::warn!("relay cannot claim: {error}");
                    return Round::Down;
                }
            },
            Gathered::Ended => return Round::Ended,
        };
        self.send(items, settled).await
    }

    /// Marks rows as being sent. While the database is away the rows are held: dropped, they would
    /// have to wait for the end of their lease. A hub that stops holds nothing.
    async fn mark(&self, settled: &[Settled], ids: &[Uuid]) -> Option<Vec<Uuid>> {
        let mut pause = PAUSE_FIRST;
        loop {
            let marked = self
                .store
                .advance(self.token, settled, ids, self.clock.now())
                .await;
            match marked {
                Ok(granted) => return Some(granted),
                Err(error) => tracing::warn!("relay cannot mark rows as being sent: {error}"),
            }
            if self.outlet.rows.lock().await.is_closed() {
                return None;
            }
            self.outlet.paused.store(true, Ordering::Relaxed);
            wait(pause).await;
            pause = (pause * 2).min(PAUSE_LONGEST);
        }
    }

    async fn send(&self, items: Vec<LeasedItem>, settled: &mut Vec<Settled>) -> Round {
        let ids: Vec<Uuid> = items.iter().map(|item| item.row.id).collect();
        let Some(granted) = self.mark(settled, &ids).await else {
            return Round::Down;
        };
        self.passed_settling(settled);
        settled.clear();
        self.passed(Step::MailMarked, Step::EventMarked);
        let items: Vec<LeasedItem> = items
            .into_iter()
            .filter(|item| granted.contains(&item.row.id))
            .collect();
        let verdicts = self.courier.deliver(&items, self.clock.now()).await;
        self.passed(Step::MailSent, Step::EventSent);
        settled.extend(items.iter().zip(verdicts).map(|(item, verdict)| Settled {
            id: item.row.id,
            verdict,
        }));
        self.count(settled);
        let down = !settled.is_empty()
            && settled
                .iter()
                .all(|one| matches!(one.verdict, Verdict::GiveBack(..)));
        if down {
            Round::Down
        } else {
            Round::Tried(items.len())
        }
    }

    /// Waits for rows. Before waiting long, what is settled is written.
    async fn gather(&self, settled: &mut Vec<Settled>) -> Gathered {
        let mut rows = self.outlet.rows.lock().await;
        let mut items = Vec::new();
        if rows.is_empty() && !settled.is_empty() {
            drop(rows);
            self.flush(settled).await;
            rows = self.outlet.rows.lock().await;
        }
        let limit = usize::try_from(self.batch).unwrap_or(1);
        match tokio::time::timeout(self.poll, rows.recv_many(&mut items, limit)).await {
            Err(_) => Gathered::Nothing,
            Ok(0) => Gathered::Ended,
            Ok(_) => Gathered::Rows(items),
        }
    }

    async fn claim(&self) -> Result<Vec<LeasedItem>, bondhub_core::ports::store::StoreError> {
        let now = self.clock.now();
        let claim = Claim {
            token: self.token,
            until: now + self.lease,
        };
        self.store.claim(self.channel, claim, now, self.batch).await
    }

    async fn flush(&self, settled: &mut Vec<Settled>) {
        match self
            .store
            .advance(self.token, settled, &[], self.clock.now())
            .await
        {
            Ok(_) => {
                self.passed_settling(settled);
                settled.clear();
            }
            Err(error) => {
                tracing::warn!("relay cannot settle: {error}");
                wait(PAUSE_FIRST).await;
            }
        }
    }

    /// At the end, what was sent is settled; a database that stays away leaves it uncertain.
    async fn settle_rest(&self, mut settled: Vec<Settled>) {
        for _ in 0..20 {
            if settled.is_empty() {
                return;
            }
            self.flush(&mut settled).await;
        }
    }

    fn passed_settling(&self, settled: &[Settled]) {
        if !settled.is_empty() {
            self.passed(Step::MailSettled, Step::EventSettled);
        }
    }

    fn passed(&self, mail: Step, event: Step) {
        fault::passed(match self.channel {
            Channel::Mail => mail,
            Channel::Event => event,
        });
    }

    fn count(&self, settled: &[Settled]) {
        for one in settled {
            let outcome = match one.verdict {
                Verdict::Sent(_) => "sent",
                Verdict::Retry(..) => "retry",
                Verdict::GiveBack(..) => "given_back",
                Verdict::Failed(_) => "failed",
                Verdict::Uncertain(_) => "uncertain",
            };
            let channel = self.channel.as_str();
            metrics::counter!("bondhub_sent_total", "channel" => channel, "outcome" => outcome)
                .increment(1);
        }
    }
}

enum Gathered {
    Rows(Vec<LeasedItem>),
    Nothing,
    Ended,
}

async fn wait(time: Duration) {
    tokio::time::interval_at(tokio::time::Instant::now() + time, time)
        .tick()
        .await;
}

#[cfg(test)]
mod tests {
    use bondhub_core::{identifier::ProcurementId, ports::store::OutboxRow};

    use super::*;

    fn row(channel: Channel) -> OutboxRow {
        OutboxRow {
            id: Uuid::from_u128(1),
            channel,
            procurement: ProcurementId::parse("P-1").unwrap(),
            name: "x".to_owned(),
            recipient: None,
            to: Vec::new(),
            message_id: String::new(),
            body: Vec::new(),
            carries: None,
            encrypted_to: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[tokio::test]
    async fn what_keeps_own_events_back_keeps_no_mail_back() {
        let (mail, mails) = Gate::new(4);
        let (event, events) = Gate::new(4);
        events.paused.store(true, Ordering::Relaxed);
        let handoff = Handoff::new(Uuid::from_u128(7), Duration::from_mins(1), mail, event);
        let mut commit = Commit {
            outbox: vec![row(Channel::Mail), row(Channel::Event)],
            ..Commit::default()
        };
        handoff.lease(&mut commit, Timestamp::UNIX_EPOCH);
        assert_eq!(commit.closed, [Channel::Event].into());
        assert!(commit.lease.is_some());
        handoff.give(commit).await;
        let handed = mails.rows.lock().await.try_recv().unwrap();
        assert_eq!(handed.row.channel, Channel::Mail);
        assert!(events.rows.lock().await.try_recv().is_err());
    }
}
