//! Section `vault`.

use std::path::PathBuf;

use super::{SettingsError, section::Section};

/// The keys that protect documents and authentication keys.
#[derive(Debug)]
pub struct VaultSettings {
    /// Where the master key is if it is in a token: a `pkcs11:` URI. Then there is no file.
    pub master_key: Option<String>,
    /// File with the 32 bytes that seal what is secret at rest.
    pub master_key_file: PathBuf,
    /// Other master keys that are read too, while the master key is being changed.
    pub other_master_keys: Vec<KeyPlace>,
    /// File with the 32 bytes that key the digests of authentication keys.
    pub pepper_file: PathBuf,
    /// Attachments with more bytes than this are refused.
    pub attachment_max_bytes: usize,
}

/// Where a master key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In a file of 32 bytes.
    File(PathBuf),
    /// In a token, by its `pkcs11:` URI.
    Token(String),
}

impl KeyPlace {
    /// Reads a path or a `pkcs11:` URI.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("pkcs11:") {
            Self::Token(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }
}

impl VaultSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let others = section.texts("other_master_keys")?;
        let settings = Self {
            master_key: token(section)?,
            master_key_file: section.path("master_key_file")?,
            other_master_keys: others.iter().map(|text| KeyPlace::parse(text)).collect(),
            pepper_file: section.path("pepper_file")?,
            attachment_max_bytes: section.number("attachment_max_bytes", 1024..=104_857_600)?,
        };
        if settings.master_key_file == settings.pepper_file {
            let problem = "expected another file than vault.master_key_file";
            return Err(section.invalid("pepper_file", problem));
        }
        Ok(settings)
    }

    /// Where the master key is.
    pub fn place(&self) -> KeyPlace {
        match &self.master_key {
            Some(uri) => KeyPlace::Token(uri.clone()),
            None => KeyPlace::File(self.master_key_file.clone()),
        }
    }
}

fn token(section: &Section<'_>) -> Result<Option<String>, SettingsError> {
    let text = section.text("master_key")?;
    if text.is_empty() {
        return Ok(None);
    }
    if text.starts_with("pkcs11:") {
        return Ok(Some(text));
    }
    let problem = "expected a `pkcs11:` URI; a file goes into vault.master_key_file";
    Err(section.invalid("master_key", problem))
}
