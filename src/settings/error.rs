//! What can be wrong with a configuration: one line each, naming file, section and key.

use std::path::PathBuf;

/// Why the configuration cannot be used. Nothing secret is ever part of the text.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read: the configuration, or one that holds a secret.
    #[error("{file}: {needed_for}cannot be read", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Which key names the file, e.g. `mail.password_file: `; empty for the configuration.
        needed_for: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML.
    #[error("{origin}: line {line}: {problem}")]
    Syntax {
        /// Where it stands.
        origin: String,
        /// Line, from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// A section or key that does not exist.
    #[error("{origin}: {key} is not a setting{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// Where it stands.
        origin: String,
        /// `section` or `section.key`.
        key: String,
        /// The known one that looks most alike.
        nearest: Option<String>,
    },
    /// A value that cannot be used.
    #[error("{origin}: {key}: {problem}")]
    Invalid {
        /// Where it stands.
        origin: String,
        /// `section.key`.
        key: String,
        /// What was expected.
        problem: String,
    },
    /// The configuration library failed.
    #[error("the settings cannot be merged: {0}")]
    Merge(String),
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; see config/default.toml for all of them".to_owned(),
        |known| format!("; did you mean {known}?"),
    )
}
