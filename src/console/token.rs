//! Form tokens: a MAC over the visit and, where somebody is signed in, the session.
//!
//! A form that somebody else's site sends carries no token of this visit. A token from before signing in is dead afterwards, since the
//! session is part of it. Nothing is stored, so any hub of an installation can check what another handed out.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::ports::{Randomness, RandomnessError};
use subtle::ConstantTimeEq as _;

use crate::vault::Pepper;

const PURPOSE_FORM: &str = "form";
const PURPOSE_FLASH: &str = "flash";

/// The field that carries the token.
pub(super) const FIELD: &str = "form_token";
/// The header that carries it where a script sends JSON.
pub(super) const HEADER: &str = "x-form-token";

/// A new random name: 256 bits, for a visit, a session or a look.
pub(super) fn random_name(randomness: &dyn Randomness) -> Result<String, RandomnessError> {
    let mut bytes = [0; 32];
    randomness.fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a text could be a name made by [`random_name`].
pub(super) fn is_name(text: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(text)
        .is_ok_and(|bytes| bytes.len() == 32)
}

/// The token of a visit and session.
pub(super) fn of(pepper: &Pepper, visit: &str, session: Option<&str>) -> String {
    let text = format!("{visit}\n{}", session.unwrap_or_default());
    URL_SAFE_NO_PAD.encode(pepper.page_mac(PURPOSE_FORM, &text))
}

/// Whether a form's token is the one of this visit and session.
pub(super) fn fits(pepper: &Pepper, visit: &str, session: Option<&str>, given: &str) -> bool {
    let expected = of(pepper, visit, session);
    bool::from(expected.as_bytes().ct_eq(given.as_bytes()))
}

/// A text with a MAC, for a cookie.
pub(super) fn seal(pepper: &Pepper, text: &str) -> String {
    let mac = URL_SAFE_NO_PAD.encode(pepper.page_mac(PURPOSE_FLASH, text));
    format!("{}.{mac}", URL_SAFE_NO_PAD.encode(text))
}

/// The text, if the MAC is ours.
pub(super) fn unseal(pepper: &Pepper, sealed: &str) -> Option<String> {
    let (text, mac) = sealed.split_once('.')?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
    let ours = pepper.page_mac(PURPOSE_FLASH, &text);
    bool::from(ours.ct_eq(&mac)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_visit_and_session_only() {
        let pepper = Pepper::new([9; 32]);
        let token = of(&pepper, "visit", Some("session"));
        assert!(fits(&pepper, "visit", Some("session"), &token));
        assert!(!fits(&pepper, "visit", None, &token), "before signing in");
        assert!(!fits(&pepper, "visit", Some("another"), &token));
        assert!(!fits(&pepper, "another", Some("session"), &token));
        assert!(!fits(
            &Pepper::new([8; 32]),
            "visit",
            Some("session"),
            &token
        ));
        assert!(!fits(&pepper, "visit", Some("session"), ""));
    }

    #[test]
    fn a_message_that_was_changed_is_not_ours() {
        let pepper = Pepper::new([9; 32]);
        let sealed = seal(&pepper, "done");
        assert_eq!(unseal(&pepper, &sealed).as_deref(), Some("done"));
        assert_eq!(unseal(&pepper, &format!("x{sealed}")), None);
        assert_eq!(unseal(&Pepper::new([8; 32]), &sealed), None);
    }
}
