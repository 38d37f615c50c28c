//! Configuration: `config/default.toml`, the operator's file, the environment; the later wins.
//!
//! `config/default.toml` is the list of what exists: a key that is not there is refused, and its
//! default tells its kind. Each section has a file that turns its keys into types and refuses what
//! cannot work, so that nothing below this room meets an unchecked value.

mod accounts;
mod address;
mod audit;
mod broker;
mod database;
mod environment;
mod error;
mod http;
mod hub;
mod layer;
mod log;
mod looking;
mod mail;
mod openpgp;
mod rules;
mod schema;
mod secret;
mod section;
mod trust;
mod vault;

#[cfg(test)]
mod tests;

use std::path::Path;

pub use accounts::AccountsSettings;
pub use audit::AuditSettings;
pub use broker::{BrokerSettings, BrokerUrl, OwnEvents};
pub use database::{DatabaseSettings, DatabaseUrl};
pub use error::SettingsError;
pub use http::HttpSettings;
pub use hub::HubSettings;
pub use log::{LogFormat, LogLevel, LogSettings};
pub use looking::LookingSettings;
pub use mail::{MailSettings, MailUrl};
pub use openpgp::OpenpgpSettings;
pub use rules::RulesSettings;
pub use secret::Secret;
pub use trust::{ExtensionSettings, ProfileSettings, TrustSettings};
pub use vault::{KeyPlace, VaultSettings};

use layer::Layer;
use schema::Schema;
use section::Document;

/// Every key with its default and a comment: the text of `config/default.toml`.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

/// The whole configuration, checked.
#[derive(Debug)]
pub struct Settings {
    /// Where the hub keeps what it knows.
    pub database: DatabaseSettings,
    /// Where events come from and go to.
    pub broker: BrokerSettings,
    /// How mails leave.
    pub mail: MailSettings,
    /// The hub's own OpenPGP key.
    pub openpgp: OpenpgpSettings,
    /// The keys that protect documents and authentication keys.
    pub vault: VaultSettings,
    /// What is asked of signers' certificates beyond being pinned.
    pub trust: TrustSettings,
    /// The path of an event: lanes, batches, relay, clock.
    pub hub: HubSettings,
    /// What the installation decided about bonds.
    pub rules: RulesSettings,
    /// How often somebody may look at bonds.
    pub looking: LookingSettings,
    /// The audit log.
    pub audit: AuditSettings,
    /// How people and programs sign in.
    pub accounts: AccountsSettings,
    /// The console and the API.
    pub http: HttpSettings,
    /// The log.
    pub log: LogSettings,
}

impl Settings {
    /// Reads the defaults, then `file`, then those of the variables in `environment` whose names
    /// begin with `BONDHUB__`.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let schema = Schema::of_defaults()?;
        let mut layers = vec![Layer::defaults()?];
        if let Some(path) = file {
            layers.push(Layer::of_file(path, &schema)?);
        }
        layers.extend(environment::layers(environment, &schema)?);
        Self::read(&Document::merge(layers, &schema)?)
    }

    /// [`Settings::load`] with the environment of this process.
    pub fn from_process(file: Option<&Path>) -> Result<Self, SettingsError> {
        Self::load(file, environment::of_process()?.into_iter())
    }

    fn read(document: &Document) -> Result<Self, SettingsError> {
        let settings = Self {
            database: DatabaseSettings::read(&document.section("database"))?,
            broker: BrokerSettings::read(&document.section("broker"))?,
            mail: MailSettings::read(&document.section("mail"))?,
            openpgp: OpenpgpSettings::read(&document.section("openpgp"))?,
            vault: VaultSettings::read(&document.section("vault"))?,
            trust: TrustSettings::read(&document.section("trust"))?,
            hub: HubSettings::read(&document.section("hub"))?,
            rules: RulesSettings::read(&document.section("rules"))?,
            looking: LookingSettings::read(&document.section("looking"))?,
            audit: AuditSettings::read(&document.section("audit"))?,
            accounts: AccountsSettings::read(&document.section("accounts"))?,
            http: HttpSettings::read(&document.section("http"))?,
            log: LogSettings::read(&document.section("log"))?,
        };
        settings.check_lease(document)?;
        Ok(settings)
    }

    /// A mail whose reply is still awaited must not be taken over by another relay: it would go twice.
    fn check_lease(&self, document: &Document) -> Result<(), SettingsError> {
        if self.hub.lease > self.mail.data_timeout {
            return Ok(());
        }
        Err(document.section("hub").invalid(
            "lease_secs",
            &format!(
                "expected more than mail.data_timeout_secs, which is {}",
                self.mail.data_timeout.as_secs()
            ),
        ))
    }
}
