//! What the hub tells about its connections: readiness, console, logs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bondhub_core::{calendar::Timestamp, ports::Clock};

use crate::fault::Fault;

/// Both connections to the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerStatus {
    /// The connection for consuming.
    pub intake: LinkStatus,
    /// The connection for publishing.
    pub publisher: LinkStatus,
}

/// One connection to the broker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinkStatus {
    /// Since when it works; none while it does not (or was never asked for).
    pub connected_since: Option<Timestamp>,
    /// How often it was built anew after the first time.
    pub reconnects: u64,
    /// Why it last failed; stays after it works again.
    pub last_error: Option<String>,
    /// When it last failed.
    pub last_error_at: Option<Timestamp>,
    /// The broker's words while it takes no messages from publishers (memory or disk alarm).
    pub blocked: Option<String>,
}

/// Where the owner of a connection writes its state, and others read it.
#[derive(Clone)]
pub(crate) struct Board {
    name: &'static str,
    clock: Arc<dyn Clock>,
    status: Arc<Mutex<Entry>>,
}

#[derive(Default)]
struct Entry {
    shown: LinkStatus,
    was_connected: bool,
}

impl Board {
    pub(crate) fn new(name: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self {
            name,
            clock,
            status: Arc::default(),
        }
    }

    pub(crate) fn read(&self) -> LinkStatus {
        self.entry().shown.clone()
    }

    pub(crate) fn connected(&self) {
        let now = self.clock.now();
        let mut entry = self.entry();
        if entry.was_connected {
            entry.shown.reconnects += 1;
        }
        entry.was_connected = true;
        entry.shown.connected_since = Some(now);
        tracing::info!(link = self.name, "connected to the broker");
    }

    pub(crate) fn failed(&self, fault: &Fault) {
        let now = self.clock.now();
        let reason = fault.chain();
        tracing::warn!(link = self.name, reason, "no connection to the broker");
        let mut entry = self.entry();
        entry.shown.connected_since = None;
        entry.shown.blocked = None;
        entry.shown.last_error = Some(reason);
        entry.shown.last_error_at = Some(now);
    }

    /// Closed because nobody needs it any more.
    pub(crate) fn closed(&self) {
        self.entry().shown.connected_since = None;
        tracing::info!(link = self.name, "the connection to the broker is closed");
    }

    pub(crate) fn blocked(&self, reason: Option<String>) {
        if let Some(reason) = &reason {
            tracing::warn!(link = self.name, reason, "the broker blocks publishers");
        } else {
            tracing::info!(link = self.name, "the broker takes messages again");
        }
        self.entry().shown.blocked = reason;
    }

    fn entry(&self) -> MutexGuard<'_, Entry> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
