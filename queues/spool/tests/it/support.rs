//! A spool in a temporary directory.

use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
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
        let settings = settings(data.path());
        Self { data, settings }
    }

    /// A place that is somebody else's to clean up.
    pub(crate) fn at(data: &Path) -> Self {
        let settings = settings(data);
        let data = TempDir::new().unwrap();
        Self { data, settings }
    }

    pub(crate) fn open(&self) -> Spool {
        self.open_at(0)
    }

    /// A spool whose clock stands still at this second.
    pub(crate) fn open_at(&self, second: i64) -> Spool {
        self.open_by(second, 0)
    }

    /// A spool whose clock goes back by a second whenever it is read.
    pub(crate) fn open_falling(&self, second: i64) -> Spool {
        self.open_by(second, -1)
    }

    fn open_by(&self, second: i64, step: i64) -> Spool {
        let clock = Arc::new(Stepping {
            second: AtomicI64::new(second),
            step,
        });
        Spool::open(self.settings.clone(), clock, Arc::new(Process)).unwrap()
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

fn settings(data: &Path) -> Settings {
    let mut settings = Settings::new(data);
    settings.interval = Duration::from_millis(2);
    settings
}

struct Stepping {
    second: AtomicI64,
    step: i64,
}

impl Clock for Stepping {
    fn now(&self) -> Timestamp {
        let second = self.second.fetch_add(self.step, Ordering::Relaxed);
        DateTime::from_timestamp(second, 0).unwrap()
    }
}

/// Differs among processes, which is all that the spool needs of it.
struct Process;

impl Randomness for Process {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        let number = std::process::id().to_be_bytes();
        bytes.fill(0);
        bytes[..4].copy_from_slice(&number);
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
