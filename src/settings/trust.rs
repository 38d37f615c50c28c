//! Section `trust`: what is asked of signers' certificates beyond being pinned (R5).

use std::{collections::BTreeMap, path::PathBuf};

use bondhub_core::calendar::Timestamp;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::{SettingsError, section::Section};

/// What is asked of signers' certificates.
#[derive(Debug)]
pub struct TrustSettings {
    /// Bundles of self-signed certificates, PEM; none for pinning alone.
    pub roots_files: Vec<PathBuf>,
    /// Bundles of certificates between, PEM.
    pub intermediates_files: Vec<PathBuf>,
    /// The directory with revocation lists.
    pub crl_directory: Option<PathBuf>,
    /// How long after its next update was due a list still counts.
    pub crl_grace: TimeDelta,
    /// Whether a document is refused when revocation cannot be checked.
    pub revocation_required: bool,
    /// Since when certificates must have a key usage; none for never.
    pub key_usage_from: Option<Timestamp>,
    /// What certificates must say.
    pub profiles: Vec<ProfileSettings>,
}

/// A profile as its file has it: `[[profile]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileSettings {
    /// What refusals call it.
    pub name: String,
    /// Codes of the issuers it applies to; none for all.
    #[serde(default)]
    pub issuers: Vec<String>,
    /// Authorities below which it applies, as subject in one line or SHA-256 fingerprint; none for all.
    #[serde(default)]
    pub authorities: Vec<String>,
    /// Policies of which the certificate must be under one.
    #[serde(default)]
    pub policies: Vec<String>,
    /// Attributes of the subject; an empty text for any value.
    #[serde(default)]
    pub subject: BTreeMap<String, String>,
    /// Texts within extensions.
    #[serde(default)]
    pub extension: Vec<ExtensionSettings>,
}

/// A text within an extension.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionSettings {
    /// The extension's identifier.
    pub oid: String,
    /// The context tag around the text; none for anywhere.
    pub field: Option<u8>,
    /// The text.
    pub value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfileFile {
    profile: Vec<ProfileSettings>,
}

impl TrustSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let files = |key| {
            section
                .texts(key)
                .map(|all| all.into_iter().map(PathBuf::from).collect())
        };
        let rules = [("report", false), ("require", true)];
        Ok(Self {
            roots_files: files("roots_files")?,
            intermediates_files: files("intermediates_files")?,
            crl_directory: section.optional_path("crl_directory")?,
            crl_grace: section
                .number("crl_grace_hours", 0..=720)
                .map(TimeDelta::hours)?,
            revocation_required: section.choice("revocation", &rules)?,
            key_usage_from: key_usage_from(section)?,
            profiles: profiles(section)?,
        })
    }
}

/// The day begins in Japan, whose authority it is about.
fn key_usage_from(section: &Section<'_>) -> Result<Option<Timestamp>, SettingsError> {
    let text = section.text("key_usage_required_from")?;
    if text.is_empty() {
        return Ok(None);
    }
    let day: NaiveDate = text.parse().map_err(|_| {
        section.invalid(
            "key_usage_required_from",
            "expected a day such as 2026-03-01, or nothing",
        )
    })?;
    Ok(Some(
        (day.and_time(chrono::NaiveTime::MIN) - TimeDelta::hours(9)).and_utc(),
    ))
}

fn profiles(section: &Section<'_>) -> Result<Vec<ProfileSettings>, SettingsError> {
    let Some(path) = section.optional_path("profiles_file")? else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(&path).map_err(|source| SettingsError::Unreadable {
        file: path.clone(),
        needed_for: "trust.profiles_file: ".to_owned(),
        source,
    })?;
    let file: ProfileFile = toml::from_str(&text).map_err(|error| {
        let place = format!("{}: {}", path.display(), error.message());
        section.invalid("profiles_file", &place)
    })?;
    Ok(file.profile)
}
