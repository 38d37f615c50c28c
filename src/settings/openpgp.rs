//! Section `openpgp`.

use std::path::PathBuf;

use super::{SettingsError, section::Section};

/// The hub's own OpenPGP key.
#[derive(Debug)]
pub struct OpenpgpSettings {
    /// File with the secret key that signs every mail.
    pub hub_key_file: PathBuf,
}

impl OpenpgpSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            hub_key_file: section.path("hub_key_file")?,
        })
    }
}
