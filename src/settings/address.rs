//! Addresses of neighbours: which scheme, and whether the way to them can be listened to.

use std::net::IpAddr;

use url::{Host, Url};

/// A network address taken apart. It may hold a password, so it has no `Debug`.
pub(super) struct Address(Url);

impl Address {
    /// Reads `SCHEME://…`; none if it is no such address.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Url::parse(text).ok().map(Self)
    }

    /// The scheme, in lower case.
    pub(super) fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// The host, without brackets.
    pub(super) fn host(&self) -> Option<String> {
        self.0.host().map(|host| match host {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        })
    }

    /// The port, if the address names one.
    pub(super) fn port(&self) -> Option<u16> {
        self.0.port()
    }

    /// Whether it names an account.
    pub(super) fn has_account(&self) -> bool {
        !self.0.username().is_empty() || self.0.password().is_some()
    }

    /// A parameter behind the question mark; of several, the last.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let pairs = self.0.query_pairs();
        pairs
            .filter(|(key, _)| key == name)
            .last()
            .map(|(_, value)| value.into_owned())
    }

    /// Whether the host is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host().is_none_or(|host| is_loopback(&host))
    }
}

/// Whether a host name is this machine: a socket path, `localhost`, or a loopback address.
pub(super) fn is_loopback(host: &str) -> bool {
    let by_number = host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    by_number || host.is_empty() || host.starts_with('/') || host == "localhost"
}
