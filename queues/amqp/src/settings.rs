//! What an operator sets: the address and a few limits.

use std::{fmt, time::Duration};

use lapin::uri::AMQPUri;

/// How the hub uses the broker.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the broker is, and as whom.
    pub url: BrokerUrl,
    /// The name that the broker shows for the hub's connections.
    pub connection_name: String,
    /// The hub's own certificate authorities in PEM, beside those of the system; for `amqps`.
    pub authorities_pem: Option<String>,
    /// Deliveries that may be unacknowledged at a time, for each queue; 100 to 300 is a good range.
    pub prefetch: u16,
    /// Partitions `bondhub.events.0` … that are declared and consumed beside `bondhub.events`.
    pub partitions: u16,
    /// Seconds of silence after which either side asks whether the other lives; 10 to 30.
    pub heartbeat: u16,
    /// How long connecting, and each declaration, may take.
    pub connect_timeout: Duration,
    /// How long the broker may take to confirm what was published.
    pub confirm_timeout: Duration,
    /// How long something to publish waits for a connection before it is refused.
    pub patience: Duration,
}

impl Settings {
    /// The defaults, for this broker.
    pub fn new(url: BrokerUrl) -> Self {
        Self {
            url,
            connection_name: "bondhub".to_owned(),
            authorities_pem: None,
            prefetch: 256,
            partitions: 0,
            heartbeat: 15,
            connect_timeout: Duration::from_secs(10),
            confirm_timeout: Duration::from_secs(10),
            patience: Duration::from_secs(5),
        }
    }
}

/// An `amqp:` or `amqps:` address. Holds the password, and shows it nowhere.
#[derive(Clone)]
pub struct BrokerUrl(AMQPUri);

/// Why a text is no address of a broker. Does not repeat the text, which may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `amqp:` nor `amqps:`.
    #[error("the broker's address begins neither with `amqp://` nor with `amqps://`")]
    Scheme,
    /// Not readable as an address.
    #[error(
        "the broker's address is not of the form `amqp://USER:PASSWORD@HOST:PORT/VHOST` \
         (write `/` in the virtual host as `%2f`)"
    )]
    Shape,
}

impl BrokerUrl {
    /// Reads an address. Without a path it means the virtual host `/`.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if !text.starts_with("amqp://") && !text.starts_with("amqps://") {
            return Err(UrlError::Scheme);
        }
        let mut uri: AMQPUri = text.parse().map_err(|_| UrlError::Shape)?;
        if let Some(address) = bracketed_address(text) {
            address.clone_into(&mut uri.authority.host);
        }
        if uri.vhost.is_empty() {
            "/".clone_into(&mut uri.vhost);
        }
        Ok(Self(uri))
    }

    /// The address with the hub's own limits, as the client library takes it.
    pub(crate) fn with_limits(&self, heartbeat: u16) -> AMQPUri {
        let mut uri = self.0.clone();
        uri.query.heartbeat = Some(heartbeat);
        uri
    }

    /// The virtual host.
    pub fn virtual_host(&self) -> &str {
        &self.0.vhost
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.0.authority.userinfo.username
    }
}

/// An IPv6 address, which the library's own reader overlooks (it would connect to `localhost`).
fn bracketed_address(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    host.strip_prefix('[')?.split(']').next()
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, authority) = (&self.0.scheme, &self.0.authority);
        let (user, host, port) = (self.user(), &authority.host, authority.port);
        write!(formatter, "{scheme}://{user}@{host}:{port}")?;
        write!(formatter, " (virtual host {})", self.0.vhost)
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "BrokerUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        let url = BrokerUrl::parse("amqps://hub:s3cret@mq.example:5671/bonds").unwrap();
        let shown = format!("{url} {url:?} {:?}", Settings::new(url.clone()));
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(
            url.to_string(),
            "amqps://hub@mq.example:5671 (virtual host bonds)"
        );
    }

    #[test]
    fn an_address_that_cannot_be_read_is_not_repeated() {
        for text in ["amqp://hub:s3cret@[mq", "amqp://hub:s3cret@mq:notaport/"] {
            let error = BrokerUrl::parse(text).unwrap_err();
            assert_eq!(error, UrlError::Shape);
            assert!(!error.to_string().contains("s3cret"));
        }
        assert_eq!(BrokerUrl::parse("http://mq").unwrap_err(), UrlError::Scheme);
    }

    #[test]
    fn no_path_an_empty_path_and_an_escaped_slash_are_the_default_virtual_host() {
        for text in ["amqp://mq", "amqp://mq/", "amqp://mq/%2f"] {
            assert_eq!(BrokerUrl::parse(text).unwrap().virtual_host(), "/");
        }
    }

    #[test]
    fn an_ipv6_address_is_kept() {
        let url = BrokerUrl::parse("amqp://hub:p%5Bw@[::1]:5673/v").unwrap();
        assert_eq!(url.0.authority.host, "::1");
        assert_eq!(url.0.authority.port, 5673);
        assert_eq!(url.0.authority.userinfo.password, "p[w");
    }
}
