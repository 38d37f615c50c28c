//! Section `vault`.

use std::path::PathBuf;

use super::{SettingsError, section::Section};

/// The keys that protect documents and authentication keys.
#[derive(Debug)]
pub struct VaultSettings {
    /// File with the 32 bytes that seal what is secret at rest.
    pub master_key_file: PathBuf,
    /// File with the 32 bytes that key the digests of authentication keys.
    pub pepper_file: PathBuf,
}

impl VaultSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let settings = Self {
            master_key_file: section.path("master_key_file")?,
            pepper_file: section.path("pepper_file")?,
        };
        if settings.master_key_file == settings.pepper_file {
            let problem = "expected another file than vault.master_key_file";
            return Err(section.invalid("pepper_file", problem));
        }
        Ok(settings)
    }
}
