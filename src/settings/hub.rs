//! Section `hub`.

use std::time::Duration;

use super::{SettingsError, section::Section};

/// The path of an event: lanes, batches, relay, clock.
#[derive(Debug)]
pub struct HubSettings {
    /// How many procurements are worked on side by side.
    pub lanes: usize,
    /// Most events in one transaction.
    pub batch_size: usize,
    /// How long a lane waits for a batch to fill.
    pub batch_age: Duration,
    /// Larger events are set aside.
    pub event_max_bytes: usize,
    /// Mails and events the relay takes at once.
    pub relay_batch: u32,
    /// How long a relay may hold what it took.
    pub lease: Duration,
    /// Waits before the second, third … attempt; the last one repeats. Never empty.
    pub retry: Vec<Duration>,
    /// After this long a mail is given up.
    pub give_up_after: Duration,
    /// How often the clock looks for cases that are due.
    pub clock_interval: Duration,
}

impl HubSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            lanes: section.number("lanes", 1..=64)?,
            batch_size: section.number("batch_size", 1..=1000)?,
            batch_age: section.milliseconds("batch_age_ms", 0..=1000)?,
            event_max_bytes: section.number("event_max_bytes", 1024..=67_108_864)?,
            relay_batch: section.number("relay_batch", 1..=1000)?,
            lease: section.seconds("lease_secs", 30..=86_400)?,
            retry: retry(section)?,
            give_up_after: hours(section.number("give_up_after_hours", 1..=720)?),
            clock_interval: section.milliseconds("clock_interval_ms", 10..=60_000)?,
        })
    }
}

fn retry(section: &Section<'_>) -> Result<Vec<Duration>, SettingsError> {
    let seconds: Vec<u64> = section.numbers("retry_secs", &(1..=604_800))?;
    if seconds.is_empty() {
        return Err(section.invalid("retry_secs", "expected at least one number of seconds"));
    }
    Ok(seconds.into_iter().map(Duration::from_secs).collect())
}

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}
