//! Section `log`.

use super::{SettingsError, section::Section};

/// The log.
#[derive(Debug)]
pub struct LogSettings {
    /// From which level on lines are written.
    pub level: LogLevel,
    /// How lines look.
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Somebody must act.
    Error,
    /// Somebody should look.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The level's name, as log filters write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let levels = [
            LogLevel::Error,
            LogLevel::Warn,
            LogLevel::Info,
            LogLevel::Debug,
            LogLevel::Trace,
        ];
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        Ok(Self {
            level: section.choice("level", &levels.map(|level| (level.as_str(), level)))?,
            format: section.choice("format", &formats)?,
        })
    }
}
