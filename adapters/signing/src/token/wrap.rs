//! A master key that stays in its token (R4).

use std::sync::{Mutex, PoisonError};

use bondhub_core::ports::wrapping::{WrapError, WrapKey};
use cryptoki::{
    error::{Error, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};
use zeroize::Zeroizing;

use super::{Pin, TokenError, module, pin_in_file, uri::TokenUri};

const NONCE: usize = 12;
const TAG_BITS: u64 = 128;
/// First byte of what is wrapped: the way of wrapping, so that it can change later.
const VERSION: u8 = 1;

/// Wraps data keys with AES-256-GCM under a key that never leaves its token.
///
/// A token that was away (a network module restarted, a card pulled out) has forgotten the session: it is opened
/// anew, once for each thing that is asked.
pub struct TokenKeyWrap {
    uri: TokenUri,
    /// The PIN, if it does not stand in a file.
    pin: Option<Pin>,
    opened: Mutex<Opened>,
}

/// A session that is logged in, and the key in it.
struct Opened {
    session: Session,
    key: ObjectHandle,
    /// The token refused the PIN: no other try is made.
    refused: bool,
}

impl TokenKeyWrap {
    /// Opens the token with one try of the PIN (without one, `pin-source` of the URI is read), and finds
    /// the key.
    pub fn open(uri: &TokenUri, pin: Option<Pin>) -> Result<Self, TokenError> {
        let opened = Opened::open(uri, pin.as_ref())?;
        Ok(Self::of(uri, pin, opened))
    }

    /// Makes the key in the token: AES-256, sensitive, never to be extracted. The URI must name it
    /// (`object` or `id`), and nothing there may have that name yet.
    pub fn generate(uri: &TokenUri, pin: Option<Pin>) -> Result<Self, TokenError> {
        if uri.object.is_none() && uri.id.is_none() {
            return Err(TokenError::unsuitable(
                "the URI does not name it: add `object=NAME`",
            ));
        }
        let filed = pin_in_file(uri, pin.as_ref())?;
        let session = module::Token::find(uri)?.log_in(pin.as_ref().or(filed.as_ref()), true)?;
        match module::key(&session, uri, ObjectClass::SECRET_KEY) {
            Err(TokenError::Missing(_)) => {}
            Err(error @ TokenError::Failed(_)) => return Err(error),
            Ok(_) | Err(_) => {
                return Err(TokenError::unsuitable("there is one of that name already"));
            }
        }
        let key = session.generate_key(&Mechanism::AesKeyGen, &template(uri))?;
        Ok(Self::of(uri, pin, Opened::of(session, key)))
    }

    fn of(uri: &TokenUri, pin: Option<Pin>, opened: Opened) -> Self {
        Self {
            uri: uri.clone(),
            pin,
            opened: Mutex::new(opened),
        }
    }

    /// Asks the token; once more in a session of now if it does not answer in this one.
    fn ask<T>(&self, run: impl Fn(&Opened) -> Result<T, WrapError>) -> Result<T, WrapError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        match run(&opened) {
            Err(WrapError::Unavailable(_)) if !opened.refused => {}
            answer => return answer,
        }
        match Opened::open(&self.uri, self.pin.as_ref()) {
            Ok(again) => *opened = again,
            Err(error) => {
                // Every further try would bring the token nearer to being locked.
                opened.refused = matches!(error, TokenError::WrongPin | TokenError::Locked);
                return Err(WrapError::Unavailable(error.to_string()));
            }
        }
        run(&opened)
    }
}

impl Opened {
    fn open(uri: &TokenUri, pin: Option<&Pin>) -> Result<Self, TokenError> {
        let filed = pin_in_file(uri, pin)?;
        let session = module::Token::find(uri)?.log_in(pin.or(filed.as_ref()), false)?;
        let key = module::key(&session, uri, ObjectClass::SECRET_KEY)?;
        Ok(Self::of(session, key))
    }

    fn of(session: Session, key: ObjectHandle) -> Self {
        Self {
            session,
            key,
            refused: false,
        }
    }

    fn wrap(&self, place: &str, key: &[u8; 32]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; NONCE];
        self.session.generate_random_slice(&mut nonce)?;
        let drawn = nonce;
        let params = GcmParams::new(&mut nonce, place.as_bytes(), TAG_BITS.into())?;
        let sealed = self
            .session
            .encrypt(&Mechanism::AesGcm(params), self.key, key)?;
        Ok([&[VERSION], drawn.as_slice(), &sealed].concat())
    }

    fn unwrap(&self, place: &str, mut nonce: [u8; NONCE], sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let params = GcmParams::new(&mut nonce, place.as_bytes(), TAG_BITS.into())?;
        self.session
            .decrypt(&Mechanism::AesGcm(params), self.key, sealed)
    }
}

fn template(uri: &TokenUri) -> Vec<Attribute> {
    let mut template = vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(32.into()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
    ];
    template.extend(uri.object.clone().map(Attribute::Label));
    template.extend(uri.id.clone().map(Attribute::Id));
    template
}

impl WrapKey for TokenKeyWrap {
    fn wrap(&self, place: &str, key: &[u8; 32]) -> Result<Vec<u8>, WrapError> {
        self.ask(|opened| {
            let wrapped = opened.wrap(place, key);
            wrapped.map_err(|error| unavailable(&error))
        })
    }

    fn unwrap(&self, place: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, WrapError> {
        let damaged = || WrapError::Damaged(place.to_owned());
        let rest = wrapped.strip_prefix(&[VERSION]).ok_or_else(damaged)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let plain = self.ask(|opened| {
            let plain = opened.unwrap(place, *nonce, sealed).map(Zeroizing::new);
            plain.map_err(|error| {
                if is_damage(&error) && opened.session.get_session_info().is_ok() {
                    damaged()
                } else {
                    unavailable(&error)
                }
            })
        })?;
        let sized = plain.as_slice().try_into().map(Zeroizing::new);
        sized.map_err(|_| damaged())
    }
}

fn unavailable(error: &Error) -> WrapError {
    WrapError::Unavailable(match error {
        Error::Pkcs11(code, function) => format!("{function}: {code:?}"),
        other => other.to_string(),
    })
}

/// What tokens say to a tag that does not fit. SoftHSM has no better word than a general error, so
/// whoever asks makes sure that the session still lives.
fn is_damage(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::GeneralError
                | RvError::FunctionFailed,
            _
        )
    )
}
