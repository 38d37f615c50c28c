//! `[audit]`.

use std::path::PathBuf;

use chrono::TimeDelta;

use super::{SettingsError, section::Section};

/// The audit log.
#[derive(Debug)]
pub struct AuditSettings {
    /// Where signed heads are written too.
    pub heads_dir: Option<PathBuf>,
    /// How long what is kept beside entries is kept; none is for good.
    pub keep_details: Option<TimeDelta>,
}

impl AuditSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let heads_dir = section.text("heads_dir")?;
        let days: i64 = section.number("keep_details_days", 0..=36_500)?;
        Ok(Self {
            heads_dir: (!heads_dir.is_empty()).then(|| PathBuf::from(heads_dir)),
            keep_details: (days > 0).then(|| TimeDelta::days(days)),
        })
    }
}
