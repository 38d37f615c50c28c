//! Section `mail`.

use std::{path::PathBuf, time::Duration};

use bondhub_core::party::MailAddress;

use super::{Secret, SettingsError, address::Address, section::Section};

/// How mails leave.
#[derive(Debug)]
pub struct MailSettings {
    /// The mail server, or a directory.
    pub url: MailUrl,
    /// Account at the mail server and its password.
    pub account: Option<(String, Secret)>,
    /// The sender.
    pub from: MailAddress,
    /// The sender's display name.
    pub from_name: String,
    /// Right side of the Message-ID.
    pub domain: String,
    /// What the hub calls itself in EHLO.
    pub hello_name: String,
    /// Connections to the mail server.
    pub connections: u32,
    /// Own certificate authorities, PEM, beside those of the system.
    pub authorities_file: Option<PathBuf>,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for the reply to a command.
    pub command_timeout: Duration,
    /// How long to wait for the reply to the end of a mail (RFC 5321 §4.5.3.2.6: ten minutes).
    pub data_timeout: Duration,
}

/// Where mails go.
#[derive(Debug, PartialEq, Eq)]
pub enum MailUrl {
    /// Into a directory, one `.eml` file each.
    Files(PathBuf),
    /// To a mail server.
    Smtp {
        /// Host name or address.
        host: String,
        /// Port; 465 with TLS and 25 without where the address names none.
        port: u16,
        /// TLS from the first byte.
        tls: bool,
    },
}

impl MailSettings {
    pub(super) fn read(section: &Section<'_>) -> Result<Self, SettingsError> {
        let allow_insecure = section.flag("allow_insecure")?;
        Ok(Self {
            url: url(section, allow_insecure)?,
            account: account(section)?,
            from: from(section)?,
            from_name: section.line("from_name")?,
            domain: domain(section, "domain")?,
            hello_name: domain(section, "hello_name")?,
            connections: section.number("connections", 1..=32)?,
            authorities_file: section.optional_path("authorities_file")?,
            connect_timeout: section.seconds("connect_timeout_secs", 1..=600)?,
            command_timeout: section.seconds("command_timeout_secs", 1..=3600)?,
            data_timeout: section.seconds("data_timeout_secs", 1..=3600)?,
        })
    }
}

fn url(section: &Section<'_>, allow_insecure: bool) -> Result<MailUrl, SettingsError> {
    let text = section.text("url")?;
    if let Some(path) = text.strip_prefix("file:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        let found = (!path.is_empty()).then(|| MailUrl::Files(PathBuf::from(path)));
        return found.ok_or_else(|| section.invalid("url", "expected a directory after file:"));
    }
    let server = Address::parse(&text).and_then(|address| server(&address));
    let (url, loopback) = server.ok_or_else(|| {
        section.invalid(
            "url",
            "expected file:DIRECTORY, smtps://HOST or smtp://HOST; the account stands in mail.user",
        )
    })?;
    if loopback || allow_insecure || matches!(url, MailUrl::Smtp { tls: true, .. }) {
        return Ok(url);
    }
    Err(section.invalid(
        "url",
        "expected smtps:// for a mail server on another machine; mail.allow_insecure = true lifts this",
    ))
}

fn server(address: &Address) -> Option<(MailUrl, bool)> {
    let tls = match address.scheme() {
        "smtps" => true,
        "smtp" => false,
        _ => return None,
    };
    let host = address.host().filter(|host| !host.is_empty())?;
    let port = address.port().unwrap_or(if tls { 465 } else { 25 });
    let url = MailUrl::Smtp { host, port, tls };
    (!address.has_account()).then(|| (url, address.is_loopback()))
}

fn account(section: &Section<'_>) -> Result<Option<(String, Secret)>, SettingsError> {
    let user = section.text("user")?;
    match (user.is_empty(), section.secret("password")?) {
        (true, None) => Ok(None),
        (false, Some(password)) => Ok(Some((user, password))),
        (false, None) => Err(section.invalid("user", "expected mail.password(_file) with it")),
        (true, Some(_)) => Err(section.invalid("password", "expected mail.user with it")),
    }
}

fn from(section: &Section<'_>) -> Result<MailAddress, SettingsError> {
    let text = section.text("from")?;
    MailAddress::parse(&text).map_err(|error| section.invalid("from", &error.to_string()))
}

fn domain(section: &Section<'_>, key: &str) -> Result<String, SettingsError> {
    let text = section.line(key)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let named = |label: &str| !label.is_empty() && label.chars().all(plain);
    if text.split('.').all(named) {
        return Ok(text);
    }
    Err(section.invalid(key, "expected a host name such as hub.example.jp"))
}
