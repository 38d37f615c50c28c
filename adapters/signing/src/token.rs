//! Keys that never leave their PKCS#11 token: IC cards at an issuer's desk, security modules of a hub
//! (R4, R12).
//!
//! A PIN is tried once each time a token is opened, and never the last time the token allows: no
//! program that starts again and again can lock a card.

pub(crate) mod module;
mod sign;
mod uri;
mod wrap;

pub use self::{
    sign::TokenSigner,
    uri::{TokenUri, UriError},
    wrap::TokenKeyWrap,
};

use bondhub_core::ports::signing::SignError;
use cryptoki::{
    context::Function,
    error::{Error, RvError},
    types::AuthPin,
};

/// A token's PIN: it cannot be printed, and is wiped from memory.
pub struct Pin(AuthPin);

impl Pin {
    /// The PIN with this text.
    pub fn new(text: &str) -> Self {
        Self(AuthPin::new(text.into()))
    }
}

/// The given PIN, or what stands in the file that the URI names; none if there is neither.
fn pin_for(uri: &TokenUri, pin: Option<Pin>) -> Result<Option<Pin>, TokenError> {
    let filed = pin_in_file(uri, pin.as_ref())?;
    Ok(pin.or(filed))
}

/// What stands in the file that the URI names, unless a PIN is given.
fn pin_in_file(uri: &TokenUri, given: Option<&Pin>) -> Result<Option<Pin>, TokenError> {
    let (None, Some(file)) = (given, uri.pin_file()) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(file)
        .map(zeroize::Zeroizing::new)
        .map_err(|error| TokenError::Failed(format!("the PIN file cannot be read: {error}")))?;
    Ok(Some(Pin::new(text.trim_end_matches(['\r', '\n']))))
}

/// Why a token does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The `pkcs11:` URI cannot be read.
    #[error(transparent)]
    Uri(#[from] UriError),
    /// The module cannot be loaded.
    #[error("the PKCS#11 module {0} cannot be loaded: {1}; check module-path in the URI")]
    Module(String, String),
    /// No token, or no key in it, is what the URI describes.
    #[error(
        "no {0} fits the URI; `pkcs11-tool --module MODULE --list-objects` shows what there is"
    )]
    Missing(&'static str),
    /// Several are.
    #[error("{1} {0} fit the URI; name one by `{2}`")]
    Several(&'static str, usize, &'static str),
    /// A PIN is needed and none was given.
    #[error("the token asks for a PIN: give a file with it, or `pin-source` in the URI")]
    NoPin,
    /// The PIN is wrong. It was tried once.
    #[error("the PIN is wrong; it was tried once and is not tried again")]
    WrongPin,
    /// The token is locked.
    #[error("the token is locked by wrong PINs; unlock it with its own software")]
    Locked,
    /// One more wrong PIN would lock the token, so none is tried.
    #[error(
        "one more wrong PIN would lock the token, so none is tried; log in once with the token's own software"
    )]
    LastTry,
    /// The key or its certificate cannot be used for this.
    #[error("the key in the token cannot be used: {0}")]
    Unsuitable(String),
    /// The token went away or failed.
    #[error("the token failed: {0}")]
    Failed(String),
}

impl TokenError {
    fn unsuitable(why: &str) -> Self {
        Self::Unsuitable(why.to_owned())
    }
}

impl From<Error> for TokenError {
    fn from(error: Error) -> Self {
        match &error {
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinLenRange, Function::Login) => {
                Self::WrongPin
            }
            Error::Pkcs11(RvError::PinLocked, _) => Self::Locked,
            Error::Pkcs11(code, function) => Self::Failed(format!("{function}: {code:?}")),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<TokenError> for SignError {
    /// A token that went away may come back; all else is a matter for the key's owner.
    fn from(error: TokenError) -> Self {
        match &error {
            TokenError::Failed(_) | TokenError::Module(..) | TokenError::Missing("token") => {
                Self::Unavailable(error.to_string())
            }
            TokenError::Uri(_) => Self::Unreadable(error.to_string()),
            _ => Self::Unsuitable(error.to_string()),
        }
    }
}
