//! Putting mails together (RFC 5322, 2045, 3156, 9788).

mod check;
mod fields;
mod inside;
mod outside;
mod text;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::ports::mail::{Compose, ComposeError, Draft};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Puts mails together: 7-bit only, no line above 998 bytes, and the same draft always gives the same
/// bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Composer;

impl Composer {
    /// A composer.
    pub fn new() -> Self {
        Self
    }
}

impl Compose for Composer {
    fn inside(&self, draft: &Draft<'_>) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
        check::draft(draft)?;
        inside::compose(draft)
    }

    fn outside(&self, draft: &Draft<'_>, armored: &[u8]) -> Result<Vec<u8>, ComposeError> {
        check::draft(draft)?;
        outside::sealed(draft, armored)
    }

    fn open(&self, draft: &Draft<'_>) -> Result<Vec<u8>, ComposeError> {
        if draft.attachment.is_some() {
            return Err(ComposeError::Unencrypted);
        }
        check::draft(draft)?;
        outside::open(draft)
    }
}

/// A boundary that follows from the Message-ID, so that composing twice gives the same bytes. `=_` is
/// in no base64 text; a text that nevertheless holds the boundary is refused.
fn boundary(draft: &Draft<'_>, place: &str) -> String {
    let digest = Sha256::digest(draft.message_id.as_bytes());
    let name = URL_SAFE_NO_PAD.encode(digest.get(..18).unwrap_or_default());
    format!("=_{place}_{name}")
}

fn invalid(reason: impl Into<String>) -> ComposeError {
    ComposeError::Invalid(reason.into())
}
