//! Section `accounts`.

use bondhub_core::authentication::{Demand, Way};
use chrono::TimeDelta;

use super::{SettingsError, section::Section};

/// How people and programs sign in.
#[derive(Debug)]
pub struct AccountsSettings {
    /// What bonds ask for (R15).
    pub demand: Demand,
    /// Shorter passwords are refused.
    pub password_min_characters: usize,
    /// Memory of one Argon2id computation, in KiB.
    pub argon2_memory_kib: u32,
    /// Passes of one Argon2id computation.
    pub argon2_passes: u32,
    /// A session nobody uses ends after this.
    pub session_idle: TimeDelta,
    /// A session ends after this, however busy it is.
    pub session_length: TimeDelta,
    /// How long an invitation works.
    pub invitation: TimeDelta,
    /// Failed sign-ins of one account in 15 minutes.
    pub failed_per_account: u32,
    /// Failed sign-ins from one address in 15 minutes.
    pub failed_per_address: u32,
}

impl AccountsSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            demand: Demand {
                least: way(section, "least_way")?,
                usual: way(section, "usual_way")?,
            },
            password_min_characters: section.number("password_min_characters", 8..=128)?,
            argon2_memory_kib: section.number("argon2_memory_kib", 7_168..=1_048_576)?,
            argon2_passes: section.number("argon2_passes", 1..=20)?,
            session_idle: TimeDelta::minutes(section.number("session_idle_minutes", 1..=1440)?),
            session_length: TimeDelta::hours(section.number("session_hours", 1..=168)?),
            invitation: TimeDelta::hours(section.number("invitation_hours", 1..=720)?),
            failed_per_account: section.number("failed_per_account", 3..=1000)?,
            failed_per_address: section.number("failed_per_address", 3..=100_000)?,
        })
    }
}

fn way(section: &Section<'_>, key: &str) -> Result<Way, SettingsError> {
    let choices: Vec<_> = Way::ALL.iter().map(|way| (way.as_str(), *way)).collect();
    section.choice(key, &choices)
}
