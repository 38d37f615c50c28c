//! Section `database`.

use std::path::PathBuf;

use super::{
    Secret, SettingsError,
    address::{Address, is_loopback},
    section::Section,
};

/// Where the hub keeps what it knows.
#[derive(Debug)]
pub struct DatabaseSettings {
    /// Which database.
    pub url: DatabaseUrl,
    /// Connections of one hub process.
    pub connections: u32,
}

/// Which database.
#[derive(Debug)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// PostgreSQL; the address may hold a password.
    Postgres(Secret),
}

impl DatabaseSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let allow_insecure = section.flag("allow_insecure")?;
        Ok(Self {
            url: url(section, allow_insecure)?,
            connections: section.number("connections", 1..=200)?,
        })
    }
}

fn url(section: &Section<'_>, allow_insecure: bool) -> Result<DatabaseUrl, SettingsError> {
    let text = section.text("url")?;
    if let Some(path) = text.strip_prefix("sqlite:") {
        return sqlite(path).ok_or_else(|| {
            section.invalid(
                "url",
                "expected a file name after sqlite:, without parameters",
            )
        });
    }
    let address = Address::parse(&text)
        .filter(|address| matches!(address.scheme(), "postgres" | "postgresql"))
        .ok_or_else(|| {
            section.invalid(
                "url",
                "expected sqlite:PATH or postgres://USER@HOST/DATABASE",
            )
        })?;
    if allow_insecure || is_private(&address) {
        return Ok(DatabaseUrl::Postgres(Secret::new(text)));
    }
    Err(section.invalid(
        "url",
        "expected ?sslmode=verify-full (or verify-ca, require) for a database on another machine; \
         database.allow_insecure = true lifts this",
    ))
}

fn sqlite(path: &str) -> Option<DatabaseUrl> {
    let path = path.strip_prefix("//").unwrap_or(path);
    let usable = !path.is_empty() && !path.starts_with(':') && !path.contains('?');
    usable.then(|| DatabaseUrl::Sqlite(PathBuf::from(path)))
}

/// libpq's parameters `host` and `hostaddr` go before the host of the address.
fn is_private(address: &Address) -> bool {
    let mode = address.parameter("sslmode").unwrap_or_default();
    let named = ["hostaddr", "host"]
        .into_iter()
        .find_map(|name| address.parameter(name));
    let local = named.map_or_else(|| address.is_loopback(), |host| is_loopback(&host));
    local || matches!(mode.as_str(), "require" | "verify-ca" | "verify-full")
}
