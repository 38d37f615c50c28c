//! A folder, its settings, what is around the hub, and the hub itself.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bondhub::{
    assemble::{self, House},
    desk::Desk,
    hub::system::{SystemRandomness, random_id},
    settings::Settings,
};
use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    ports::{
        Clock,
        store::{EventFilter, EventRow, MailFilter, OutboxState, OutboxView, Store},
    },
};
use bondhub_test_support::{
    postgres::TestDatabase,
    rabbitmq::{Feed, VirtualHost},
    smtp_sink::SmtpSink,
};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    cast::{Cast, ISSUER},
    clock::MovedClock,
    combination::{Combination, Database, Queue},
    ledger::Ledger,
    papers,
};

/// Nothing takes longer, even on a busy machine; no test that passes waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// Everything of one test.
pub(crate) struct World {
    /// The hub that runs in this process; none before [`World::open`].
    pub(crate) house: Option<House>,
    /// The desk beside the hub, as commands use it.
    pub(crate) desk: Arc<Desk>,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) sink: SmtpSink,
    pub(crate) cast: Cast,
    pub(crate) hub_certificate: String,
    pub(crate) feed: Option<Feed>,
    pub(crate) host: Option<VirtualHost>,
    pub(crate) database: Option<TestDatabase>,
    folder: TempDir,
    sent: AtomicU32,
}

impl World {
    /// A world whose hub is at work.
    pub(crate) async fn start(on: Combination) -> Self {
        let mut world = Self::set(on, "").await;
        world.open().await;
        world
    }

    /// A world without a hub. `more` are lines of the settings' section `hub`.
    pub(crate) async fn set(on: Combination, more: &str) -> Self {
        let unique = random_id(&SystemRandomness).unwrap().simple().to_string();
        let folder = tempfile::tempdir().unwrap();
        let sink = SmtpSink::start().await.unwrap();
        let database =
            (on.database == Database::Postgres).then(|| TestDatabase::create(&unique).unwrap());
        let host = (on.queue == Queue::RabbitMq).then(|| VirtualHost::create(&unique).unwrap());
        let urls = Urls {
            database: database.as_ref().map(TestDatabase::url),
            broker: host.as_ref().map(VirtualHost::url),
            mail: sink.url(),
        };
        let settings = settings(folder.path(), &urls, more);
        bondhub(folder.path(), &["init"]);
        assemble::migrate(&settings).await.unwrap();
        let clock = Arc::new(MovedClock::default());
        let desk = assemble::desk_at(&settings, Arc::clone(&clock) as _).await;
        let desk = desk.unwrap();
        Self {
            house: None,
            cast: Cast::engage(&desk).await,
            hub_certificate: assemble::hub_certificate(&settings).unwrap(),
            feed: feed(&settings, host.as_ref()).await,
            desk,
            settings,
            clock,
            sink,
            host,
            database,
            folder,
            sent: AtomicU32::new(0),
        }
    }

    /// Starts the hub in this process.
    pub(crate) async fn open(&mut self) {
        let clock = Arc::clone(&self.clock) as _;
        let house = assemble::house_at(&self.settings, clock).await.unwrap();
        self.house = Some(house);
    }

    /// Takes over the issuer of another world, so that what it signed counts here too.
    pub(crate) async fn trust(&self, other: &Self) {
        let code = PartyCode::parse(ISSUER).unwrap();
        let key = &other.cast.issuer.key_pem;
        self.desk.entrust(&code, key, None).await.unwrap();
    }

    /// Lets the hub finish.
    pub(crate) async fn close(&mut self) {
        if let Some(house) = self.house.take() {
            house.running.stop().await;
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder().join("bondhub.toml")
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.desk.store.as_ref()
    }

    /// The hub's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Hands an event to the feeds' queue.
    pub(crate) async fn send(&self, event: &Value) {
        let kind = event["type"].as_str().unwrap_or("jp.bondhub.unknown");
        let key = kind.strip_prefix("jp.bondhub.").unwrap_or(kind).to_owned();
        self.send_bytes(&key, &serde_json::to_vec(event).unwrap())
            .await;
    }

    /// Hands bytes to the feeds' queue.
    pub(crate) async fn send_bytes(&self, routing_key: &str, bytes: &[u8]) {
        if let Some(feed) = &self.feed {
            feed.publish(routing_key, bytes).await.unwrap();
            return;
        }
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        let spool = self.folder().join("spool");
        std::fs::create_dir_all(spool.join("new")).unwrap();
        let arriving = spool.join(format!("{number:06}.tmp"));
        std::fs::write(&arriving, bytes).unwrap();
        std::fs::rename(arriving, spool.join(format!("new/{number:06}.json"))).unwrap();
    }

    /// Hands events over one after the other, and waits until the hub has `total` and is quiet.
    pub(crate) async fn play(&self, events: &[Value], total: u64) {
        for event in events {
            self.send(event).await;
        }
        self.quiet(total).await;
    }

    /// Sends a signed document of the issuer.
    pub(crate) fn signed(&self, statement: Value) -> Value {
        let now = self.now();
        papers::document(&papers::sign(statement, &self.cast.issuer, now), now)
    }

    /// Waits until the hub has taken `total` events and everything that follows has left.
    pub(crate) async fn quiet(&self, total: u64) {
        self.eventually("the hub is quiet", async || self.rests(total).await)
            .await;
        assert_eq!(self.taken().await, total, "events in the inbox");
    }

    /// Whether the hub has taken `total` events and everything that follows has left.
    pub(crate) async fn rests(&self, total: u64) -> bool {
        self.taken().await >= total && !self.is_due().await && !self.is_sending().await
    }

    /// How many rows of the outbox somebody has leased.
    pub(crate) async fn leased(&self) -> u64 {
        let counts = self.store().outbox_counts().await.unwrap();
        let leased = counts
            .iter()
            .filter(|(_, state, _)| *state == OutboxState::Leased);
        leased.map(|(.., count)| count).sum()
    }

    /// The hub's own events that were published since the last time (RabbitMQ), or ever (spool).
    pub(crate) async fn heard(&self) -> Vec<Value> {
        if let Some(feed) = &self.feed {
            let heard = feed.heard().await.unwrap();
            return heard
                .iter()
                .map(|event| serde_json::from_slice(event).unwrap())
                .collect();
        }
        let lines = std::fs::read_to_string(self.folder().join("events-out.jsonl"));
        let lines = lines.unwrap_or_default();
        lines
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// How many events are in the inbox.
    pub(crate) async fn taken(&self) -> u64 {
        let counts = self.store().event_counts().await.unwrap_or_default();
        counts.iter().map(|(_, count)| count).sum()
    }

    /// Whether a case is due now: what woke it has not been reconciled yet.
    pub(crate) async fn is_due(&self) -> bool {
        let due = self.store().due(self.now(), 1).await;
        due.is_ok_and(|cases| !cases.is_empty())
    }

    async fn is_sending(&self) -> bool {
        let counts = self.store().outbox_counts().await.unwrap_or_default();
        let open = [OutboxState::Ready, OutboxState::Leased, OutboxState::Retry];
        counts.iter().any(|(_, state, _)| open.contains(state))
    }

    /// Asks until it is so; what is asked is cheap, and the machine busy.
    pub(crate) async fn eventually(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let asking = async {
            while !is_so().await {
                looks.tick().await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, asking).await.is_ok();
        assert!(in_time, "never: {what}\n{}", self.told().await);
    }

    /// Inbox and outbox, for whoever looks at a test that failed.
    async fn told(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        for row in self.events().await {
            let (state, because) = (row.state, row.rejection.map(|why| why.to_string()));
            let waits = row.waits_for.unwrap_or_default();
            writeln!(
                text,
                "{} {}: {state:?} {because:?} {waits}",
                row.kind, row.identity
            )
            .unwrap();
        }
        for row in self.outbox().await {
            let (state, reply) = (row.state, row.last_reply.unwrap_or_default());
            let (name, to, due) = (row.name, row.recipient, row.due_at);
            writeln!(text, "{name} to {to:?}: {state:?} due {due} {reply}").unwrap();
        }
        text
    }

    /// What the hub holds.
    pub(crate) async fn ledger(&self) -> Ledger {
        Ledger::read(self.store()).await
    }

    /// The inbox, in the order of arrival.
    pub(crate) async fn events(&self) -> Vec<EventRow> {
        let filter = EventFilter {
            limit: 10_000,
            ..EventFilter::default()
        };
        let mut rows = self.store().events(&filter).await.unwrap_or_default();
        rows.reverse();
        rows
    }

    /// The row of the event with this id at its source.
    pub(crate) async fn event(&self, id: &str) -> EventRow {
        let rows = self.events().await;
        let found = rows.into_iter().find(|row| row.identity.id == id);
        found.unwrap_or_else(|| panic!("no event {id}"))
    }

    /// The outbox.
    pub(crate) async fn outbox(&self) -> Vec<OutboxView> {
        let filter = MailFilter {
            limit: 10_000,
            ..MailFilter::default()
        };
        self.store().outbox(&filter).await.unwrap_or_default()
    }
}

struct Urls {
    database: Option<String>,
    broker: Option<String>,
    mail: String,
}

fn settings(folder: &Path, urls: &Urls, more: &str) -> Settings {
    let path = |name: &str| folder.join(name).display().to_string();
    let database = urls.database.clone();
    let database = database.unwrap_or_else(|| format!("sqlite:{}", path("bondhub.db")));
    let broker = urls.broker.clone();
    let broker = broker.unwrap_or_else(|| format!("spool:{}", path("spool")));
    let text = format!(
        "[database]\nurl = {database:?}\n[broker]\nurl = {broker:?}\nout_file = {:?}\n\
         [mail]\nurl = {:?}\n[openpgp]\nhub_key_file = {:?}\n\
         [vault]\nmaster_key_file = {:?}\npepper_file = {:?}\n\
         [http]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"warn\"\n\
         [hub]\nclock_interval_ms = 50\n{more}\n",
        path("events-out.jsonl"),
        urls.mail,
        path("secrets/hub.pgp"),
        path("secrets/master.key"),
        path("secrets/pepper.key"),
    );
    let file = folder.join("bondhub.toml");
    std::fs::write(&file, text).unwrap();
    Settings::load(Some(&file), std::iter::empty()).unwrap()
}

/// The feeds' side of the broker; what the hub declares is declared before.
async fn feed(settings: &Settings, host: Option<&VirtualHost>) -> Option<Feed> {
    let host = host?;
    drop(assemble::submit(settings).await.unwrap());
    Some(Feed::connect(host).await.unwrap())
}

/// Runs the program in a folder with its settings.
pub(crate) fn bondhub(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let config = folder.join("bondhub.toml");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_bondhub"))
        .arg("--config")
        .arg(config)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    if arguments == ["init"] {
        assert!(output.status.success(), "{output:?}");
    }
    output
}
