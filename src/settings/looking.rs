//! Section `looking`.

use super::{SettingsError, section::Section};
use crate::vault::Allowance;

/// How often somebody may look at bonds.
#[derive(Debug)]
pub struct LookingSettings {
    /// What is allowed in a minute.
    pub allowance: Allowance,
}

impl LookingSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let count = |key: &str| section.number(key, 1..=1_000_000);
        Ok(Self {
            allowance: Allowance {
                per_address: count("looks_per_address")?,
                per_key: count("looks_per_key")?,
                per_account: count("looks_per_account")?,
                refused_per_address: count("refused_per_address")?,
                remembered: section.number("remembered", 100..=10_000_000)?,
            },
        })
    }
}
