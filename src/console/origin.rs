//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use super::{Trouble, Visit};

/// The address and browser of a request, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The address.
    pub(super) address: Option<String>,
    /// What the browser calls itself.
    pub(super) agent: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Trouble> {
        let visit = parts.extensions.get::<Visit>();
        let by_proxy = visit.is_some_and(|visit| visit.console().is_secure());
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|peer| peer.0.ip());
        let agent = parts.headers.get(header::USER_AGENT);
        Ok(Self {
            address: client_address(peer, &parts.headers, by_proxy)
                .map(|address| address.to_string()),
            agent: agent
                .and_then(|agent| agent.to_str().ok())
                .map(str::to_owned),
        })
    }
}

/// The peer; behind a proxy that speaks TLS for us, what that proxy says last: what stands before it the client may
/// have written itself.
pub(crate) fn client_address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    by_proxy: bool,
) -> Option<IpAddr> {
    if !by_proxy {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
    last.and_then(|text| text.trim().parse().ok()).or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_proxy_before_us_is_believed() {
        let peer = Some(IpAddr::from([127, 0, 0, 1]));
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9, 192.0.2.7".parse().unwrap());
        let seen = client_address(peer, &headers, true);
        assert_eq!(seen, Some(IpAddr::from([192, 0, 2, 7])));
        assert_eq!(
            client_address(peer, &headers, false),
            peer,
            "no proxy, no belief"
        );
        assert_eq!(client_address(peer, &HeaderMap::new(), true), peer);
    }
}
