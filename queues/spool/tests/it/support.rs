//! A spool in a temporary directory.

use std::{
    fs,
    future::Future,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU8, Ordering},
    },
    time::Duration,
};

use bondhub_core::{
    calendar::Timestamp,
    ports::{
        Clock, Randomness, RandomnessError,
        queue::{Delivery, Intake, Outgoing},
    },
};
use bondhub_spool::{Settings, Spool, SpoolIntake};
use chrono::DateTime;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(20);
/// Several looks into `new/`: long enough to be sure that nothing comes.
const NOTHING: Duration = Duration::from_millis(60);

pub(crate) struct Place {
    pub(crate) data: TempDir,
    pub(crate) settings: Settings,
}

impl Place {
    pub(crate) fn new() -> Self {
        let data = TempDir::new().unwrap();
        let mut settings = Settings::new(data.path());
        settings.interval = Duration::from_millis(2);
        Self { data, settings }
    }

    pub(crate) fn open(&self) -> Spool {
        self.open_at(0)
    }

    /// A spool whose clock stands still at this second.
    pub(crate) fn open_at(&self, second: i64) -> Spool {
        let clock = Arc::new(Still(AtomicI64::new(second)));
        let chance = Arc::new(Counted(AtomicU8::new(0)));
        Spool::open(self.settings.clone(), clock, chance).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.settings.directory.join(name)
    }

    /// Puts a file into `new/` as a feeder does: written elsewhere, renamed in.
    pub(crate) fn feed(&self, name: &str, content: impl AsRef<[u8]>) {
        let elsewhere = self.data.path().join("being-written");
        fs::write(&elsewhere, content).unwrap();
        fs::rename(elsewhere, self.path("new").join(name)).unwrap();
    }

    /// The names in a directory, sorted.
    pub(crate) fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(directory)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

struct Still(AtomicI64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp(self.0.load(Ordering::Relaxed), 0).unwrap()
    }
}

struct Counted(AtomicU8);

impl Randomness for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

pub(crate) fn event(id: &str) -> Outgoing {
    Outgoing {
        kind: "contract.changed".to_owned(),
        id: id.to_owned(),
        content_type: "application/cloudevents+json".to_owned(),
        body: json!({ "id": id }),
    }
}

pub(crate) fn body(delivery: &Delivery) -> String {
    String::from_utf8_lossy(&delivery.arrival.body).into_owned()
}

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(LIMIT, work).await.expect("it took too long")
}

pub(crate) async fn next(intake: &mut SpoolIntake) -> Delivery {
    within(intake.next()).await.unwrap().expect("a delivery")
}

/// Takes and acknowledges the next delivery, and returns its body.
pub(crate) async fn settle(intake: &mut SpoolIntake) -> String {
    let delivery = next(intake).await;
    let body = body(&delivery);
    delivery.receipt.acknowledge().await;
    body
}

pub(crate) async fn nothing_comes(intake: &mut SpoolIntake) {
    if let Ok(came) = timeout(NOTHING, intake.next()).await {
        panic!("it came: {}", body(&came.unwrap().unwrap()));
    }
}
