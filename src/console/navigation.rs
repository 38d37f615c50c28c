//! Where one can go from here: only what the visitor may enter.

use bondhub_core::{account::Permission, party::Role};
use serde::Serialize;

use super::{Access, Visit};

/// A link of the navigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Link {
    path: &'static str,
    label: String,
    current: bool,
}

/// The navigation: path, key of the label, and for whom. A path that is no route fails a test.
pub(super) const NAVIGATION: &[(&str, &str, Access)] = &[
    ("/open", "nav.open", Access::Anyone),
    (
        "/bonds",
        "nav.bonds",
        Access::OfParty(Permission::ReadBonds),
    ),
    (
        "/to-do",
        "nav.to_do",
        Access::OfParty(Permission::ReadBonds),
    ),
    (
        "/cases",
        "nav.cases",
        Access::PartyOrHub(&[Role::Owner], Permission::ReadBonds, Permission::ReadBonds),
    ),
    (
        "/register",
        "nav.register",
        Access::Of(Role::Issuer, Permission::ActForParty),
    ),
    (
        "/sign",
        "nav.sign",
        Access::Of(Role::Issuer, Permission::SignForParty),
    ),
    (
        "/balances",
        "balances.navigation",
        Access::May(Permission::ReadBalances),
    ),
    (
        "/paper",
        "paper.navigation",
        Access::Of(Role::Issuer, Permission::ActForParty),
    ),
    (
        "/certificates",
        "certificates.navigation",
        Access::OfParty(Permission::ActForParty),
    ),
];

/// The links a visitor sees.
pub(super) fn links(visit: &Visit) -> Vec<Link> {
    let open = NAVIGATION
        .iter()
        .filter(|(_, _, access)| access.admits(visit));
    open.map(|(path, key, _)| Link {
        path,
        label: visit.text(key),
        current: is_below(visit.path(), path),
    })
    .collect()
}

fn is_below(path: &str, entry: &str) -> bool {
    let rest = path.strip_prefix(entry);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Where to sign in and then come back to `path`.
pub(super) fn sign_in(path: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", path)
        .finish();
    format!("/sign-in?{query}")
}

/// A path of ours, or the first page: nobody is sent elsewhere by a form.
pub(super) fn local_path(path: &str) -> &str {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    if path.starts_with('/') && !path.starts_with("//") && path.chars().all(plain) {
        path
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for path in ["/bonds", "/bonds/S1/B-1?state=x"] {
            assert_eq!(local_path(path), path);
        }
        for path in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\r\nb",
        ] {
            assert_eq!(local_path(path), "/", "{path:?}");
        }
    }

    #[test]
    fn the_entry_of_a_page_is_marked_below_it_too() {
        assert!(is_below("/bonds/S1/B-1", "/bonds"));
        assert!(!is_below("/bondsman", "/bonds"));
    }
}
