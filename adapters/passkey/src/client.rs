//! What the browser says it did.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::ports::passkey::{PasskeyRefusal, Site};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::LONGEST;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// A new passkey.
    Create,
    /// The use of one.
    Get,
}

impl Act {
    fn kind(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The members that count; browsers may add others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

/// Refuses what answers another act, challenge or site: the last is what keeps phishing out.
pub(crate) fn check(
    json: &[u8],
    act: Act,
    challenge: &[u8],
    site: &Site,
) -> Result<(), PasskeyRefusal> {
    let unreadable = || PasskeyRefusal::Unreadable("the client's data");
    if json.len() > LONGEST {
        return Err(unreadable());
    }
    let data: ClientData = serde_json::from_slice(json).map_err(|_| unreadable())?;
    if data.kind != act.kind() {
        return Err(PasskeyRefusal::OtherQuestion("another act"));
    }
    let answered = URL_SAFE_NO_PAD
        .decode(&data.challenge)
        .map_err(|_| unreadable())?;
    if !bool::from(answered.ct_eq(challenge)) {
        return Err(PasskeyRefusal::OtherQuestion("another challenge"));
    }
    if data.origin != site.origin {
        return Err(PasskeyRefusal::OtherQuestion("another site"));
    }
    if data.cross_origin || data.top_origin.is_some() {
        return Err(PasskeyRefusal::OtherQuestion("a frame of another site"));
    }
    Ok(())
}
