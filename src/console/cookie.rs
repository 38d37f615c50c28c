//! Cookies: host-only, for the whole site, unreadable for scripts, never sent along from elsewhere.

use axum::http::{HeaderMap, HeaderValue, header};

/// The names and attributes of our cookies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookies {
    secure: bool,
}

/// A visit: what form tokens of this browser are made from.
pub(super) const VISIT: &str = "bondhub-visit";
/// A session of somebody signed in.
pub(super) const SESSION: &str = "bondhub-session";
/// The language chosen by the switch.
pub(super) const LANGUAGE: &str = "bondhub-language";
/// A key that is held for a while.
pub(super) const LOOK: &str = "bondhub-look";
/// A message for the next page.
pub(super) const FLASH: &str = "bondhub-flash";

impl Cookies {
    /// Cookies for a site that browsers reach by TLS, or not.
    pub(super) fn new(secure: bool) -> Self {
        Self { secure }
    }

    pub(super) fn are_secure(self) -> bool {
        self.secure
    }

    /// With TLS the name begins with `__Host-`: no other host of the domain can set such a cookie.
    pub(super) fn name(self, name: &str) -> String {
        if self.secure {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// The value a browser sent; none if it sent two, of which one may be planted.
    pub(super) fn read(self, headers: &HeaderMap, name: &str) -> Option<String> {
        let name = self.name(name);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(given, _)| *given == name);
        let (_, value) = found.next()?;
        found.next().is_none().then(|| value.to_owned())
    }

    /// A cookie that lives as long as the browser runs, or for some seconds; 0 removes it.
    pub(super) fn set(self, name: &str, value: &str, seconds: Option<u64>) -> Option<HeaderValue> {
        let age = seconds
            .map(|seconds| format!("; Max-Age={seconds}"))
            .unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name(name);
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}");
        HeaderValue::from_str(&cookie).ok()
    }

    /// Takes a cookie away.
    pub(super) fn clear(self, name: &str) -> Option<HeaderValue> {
        self.set(name, "", Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        headers
    }

    #[test]
    fn a_cookie_is_for_this_host_and_for_no_script() {
        let set = Cookies::new(true).set(VISIT, "x", None).unwrap();
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-bondhub-visit=x; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
    }

    #[test]
    fn of_two_cookies_of_one_name_neither_counts() {
        let cookies = Cookies::new(false);
        let headers = sent("a=1; bondhub-visit=mine; b=2");
        assert_eq!(cookies.read(&headers, VISIT).as_deref(), Some("mine"));
        let headers = sent("bondhub-visit=mine; bondhub-visit=planted");
        assert_eq!(cookies.read(&headers, VISIT), None);
    }

    #[test]
    fn with_tls_a_cookie_without_the_host_prefix_is_not_ours() {
        let headers = sent("bondhub-session=planted");
        assert_eq!(Cookies::new(true).read(&headers, SESSION), None);
    }
}
