//! Section `openpgp`.

use std::path::PathBuf;

use super::{SettingsError, section::Section};
use crate::desk::Confirmation;

/// The hub's own OpenPGP key, and how parties enrol theirs.
#[derive(Debug)]
pub struct OpenpgpSettings {
    /// File with the secret key that signs every mail.
    pub hub_key_file: PathBuf,
    /// When an operator confirms what a party enrols by its own access.
    pub operator_confirms: Confirmation,
}

impl OpenpgpSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        Ok(Self {
            hub_key_file: section.path("hub_key_file")?,
            operator_confirms: section.choice(
                "operator_confirms",
                &[
                    ("never", Confirmation::Never),
                    ("replacement", Confirmation::Replacement),
                    ("always", Confirmation::Always),
                ],
            )?,
        })
    }
}
