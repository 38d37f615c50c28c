//! Which mail server, and how.

use std::{net::IpAddr, time::Duration};

use bondhub_core::party::MailAddress;
use lettre::{
    Address,
    transport::smtp::{authentication::Credentials, extension::ClientId},
};
use native_tls::{Certificate, Protocol, TlsConnector};
use url::{Host, Url};
use zeroize::Zeroizing;

/// How the mail server is reached.
pub struct SmtpSettings {
    /// `smtps://HOST[:465]` (TLS from the first byte), or `smtp://HOST[:25]`. There is no STARTTLS:
    /// what is said before it can be forged.
    pub url: String,
    /// `smtp://` may leave this machine.
    pub insecure: bool,
    /// PEM certificates to trust besides the system's, for a server with a private authority.
    pub authorities: Option<Vec<u8>>,
    /// Account at the server; needs a password.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Zeroizing<String>>,
    /// The envelope's sender, to which bounces come back.
    pub sender: MailAddress,
    /// The name the hub greets with. Explicit, so that a host's real name does not get out.
    pub hello: String,
    /// At most so many connections, 1 to 32.
    pub connections: usize,
    /// How long to wait.
    pub timeouts: SmtpTimeouts,
}

/// How long to wait for the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// Until a connection is made, secured and greeted.
    pub connect: Duration,
    /// For the answer to a command.
    pub command: Duration,
    /// For sending a mail's data and for the answer to the final dot. Long: giving up here makes a
    /// mail's fate unknown (RFC 5321 §4.5.3.2.6 asks for ten minutes).
    pub data: Duration,
}

impl Default for SmtpTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_mins(1),
            data: Duration::from_mins(10),
        }
    }
}

/// Why the settings do not do.
#[derive(Debug, thiserror::Error)]
pub enum SmtpSettingsError {
    /// Not a mail server's address.
    #[error(
        "`{0}` is not a mail server's address; write smtps://HOST[:PORT], or smtp://HOST[:PORT] for one on this machine"
    )]
    Address(String),
    /// An account in the address.
    #[error(
        "the mail server's address must not hold a user or a password; set them on their own, the password best in a file"
    )]
    AccountInAddress,
    /// Plain text over a network.
    #[error(
        "smtp://{0} would send mails over the network unprotected; use smtps://{0}, or allow it explicitly"
    )]
    Insecure(String),
    /// A password in plain text over a network.
    #[error("a password is only sent over TLS; use smtps://{0}")]
    PasswordInClear(String),
    /// A user without password, or the other way round.
    #[error("the mail server's user and password go together; set both or none")]
    HalfAnAccount,
    /// Not a name to greet with.
    #[error("`{0}` is not a name to greet a mail server with; set the hub's public host name")]
    Hello(String),
    /// Too few or too many connections.
    #[error("{0} connections to the mail server are not possible; set 1 to 32")]
    Connections(usize),
    /// Not certificates.
    #[error("the certificates to trust for the mail server cannot be used; they must be PEM")]
    Authorities(#[source] native_tls::Error),
    /// No TLS on this machine.
    #[error("TLS cannot be set up")]
    Tls(#[source] native_tls::Error),
    /// A sender that lettre does not take.
    #[error("`{0}` cannot be the sender of mails")]
    Sender(MailAddress),
}

/// The checked settings.
pub(super) struct Endpoint {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<tokio_native_tls::TlsConnector>,
    pub(super) credentials: Option<Credentials>,
    pub(super) sender: Address,
    pub(super) hello: ClientId,
    pub(super) timeouts: SmtpTimeouts,
}

impl Endpoint {
    pub(super) fn new(settings: SmtpSettings) -> Result<Self, SmtpSettingsError> {
        if !(1..=32).contains(&settings.connections) {
            return Err(SmtpSettingsError::Connections(settings.connections));
        }
        let url = address(&settings.url)?;
        let secure = url.scheme() == "smtps";
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        if !secure {
            may_be_insecure(&url, &host, &settings)?;
        }
        Ok(Self {
            port: url.port().unwrap_or(if secure { 465 } else { 25 }),
            host,
            tls: secure
                .then(|| connector(settings.authorities.as_deref()))
                .transpose()?,
            sender: sender(&settings.sender)?,
            hello: hello(&settings.hello)?,
            timeouts: settings.timeouts,
            credentials: credentials(settings)?,
        })
    }
}

fn address(text: &str) -> Result<Url, SmtpSettingsError> {
    let refused = || SmtpSettingsError::Address(text.to_owned());
    let Ok(url) = Url::parse(text) else {
        return Err(refused());
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SmtpSettingsError::AccountInAddress);
    }
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let known = matches!(url.scheme(), "smtp" | "smtps");
    let named = url.host_str().is_some_and(|host| !host.is_empty());
    if known && bare && named {
        Ok(url)
    } else {
        Err(refused())
    }
}

fn may_be_insecure(
    url: &Url,
    host: &str,
    settings: &SmtpSettings,
) -> Result<(), SmtpSettingsError> {
    if is_this_machine(url) {
        Ok(())
    } else if settings.password.is_some() {
        Err(SmtpSettingsError::PasswordInClear(host.to_owned()))
    } else if settings.insecure {
        Ok(())
    } else {
        Err(SmtpSettingsError::Insecure(host.to_owned()))
    }
}

/// Addresses of schemes that the URL standard does not know come as names.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse::<IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn connector(
    authorities: Option<&[u8]>,
) -> Result<tokio_native_tls::TlsConnector, SmtpSettingsError> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    if let Some(pem) = authorities {
        let certificates =
            Certificate::stack_from_pem(pem).map_err(SmtpSettingsError::Authorities)?;
        for certificate in certificates {
            builder.add_root_certificate(certificate);
        }
    }
    builder
        .build()
        .map(Into::into)
        .map_err(SmtpSettingsError::Tls)
}

fn credentials(settings: SmtpSettings) -> Result<Option<Credentials>, SmtpSettingsError> {
    match (settings.user, settings.password) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some(Credentials::new(user, password.to_string()))),
        _ => Err(SmtpSettingsError::HalfAnAccount),
    }
}

fn sender(address: &MailAddress) -> Result<Address, SmtpSettingsError> {
    address
        .as_str()
        .parse()
        .map_err(|_| SmtpSettingsError::Sender(address.clone()))
}

fn hello(name: &str) -> Result<ClientId, SmtpSettingsError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if !name.is_empty() && name.len() <= 253 && name.chars().all(plain) {
        Ok(ClientId::Domain(name.to_owned()))
    } else {
        Err(SmtpSettingsError::Hello(name.to_owned()))
    }
}
