//! Modules, tokens, sessions.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
    object::{Attribute, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::{Slot, TokenInfo},
};

use super::{Pin, TokenError, uri::TokenUri};

/// A module is initialised once in a process, and stays: whoever unloads one that somebody else uses
/// takes the ground away under their feet.
static MODULES: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

fn module(path: &Path) -> Result<Pkcs11, TokenError> {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = modules.get(path) {
        return Ok(module.clone());
    }
    let unusable = |error: &Error| {
        let problem = match error {
            Error::LibraryLoading(_) => {
                "it is not there, or not a library of this machine".to_owned()
            }
            other => other.to_string(),
        };
        TokenError::Module(path.display().to_string(), problem)
    };
    let module = Pkcs11::new(path).map_err(|error| unusable(&error))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(unusable(&error)),
    }
    modules.insert(path.to_owned(), module.clone());
    Ok(module)
}

/// A token, found and not yet opened.
pub(crate) struct Token {
    pub(super) module: Pkcs11,
    pub(super) slot: Slot,
    info: TokenInfo,
}

impl Token {
    /// The one token that the URI describes.
    pub(crate) fn find(uri: &TokenUri) -> Result<Self, TokenError> {
        let module = module(uri.module())?;
        let mut found = Vec::new();
        for slot in module.get_slots_with_token()? {
            // A slot whose card was just pulled out is not the one that is looked for.
            if let Ok(info) = module.get_token_info(slot)
                && info.token_initialized()
                && fits(uri, &info)
            {
                found.push((slot, info));
            }
        }
        let (slot, info) = one(found, "token", "token` or `serial")?;
        Ok(Self { module, slot, info })
    }

    /// A session that is logged in: one try, and not the last that the token allows.
    pub(crate) fn log_in(&self, pin: Option<&Pin>, write: bool) -> Result<Session, TokenError> {
        let session = if write {
            self.module.open_rw_session(self.slot)?
        } else {
            self.module.open_ro_session(self.slot)?
        };
        if !self.info.login_required() {
            return Ok(session);
        }
        let reader_asks = self.info.protected_authentication_path();
        if pin.is_none() && !reader_asks {
            return Err(TokenError::NoPin);
        }
        may_try(self.info.user_pin_locked(), self.info.user_pin_final_try())?;
        match session.login(UserType::User, pin.map(|pin| &pin.0)) {
            // Login is per process and token: somebody here has logged in before.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a PIN is tried, by what the token says of it (`CKF_USER_PIN_LOCKED`, `CKF_USER_PIN_FINAL_TRY`): a program that
/// starts again and again with a wrong PIN in its settings must not lock a card.
fn may_try(locked: bool, last: bool) -> Result<(), TokenError> {
    match (locked, last) {
        (true, _) => Err(TokenError::Locked),
        (false, true) => Err(TokenError::LastTry),
        (false, false) => Ok(()),
    }
}

fn fits(uri: &TokenUri, info: &TokenInfo) -> bool {
    let same = |wanted: &Option<String>, own: &str| wanted.as_ref().is_none_or(|it| it == own);
    same(&uri.token, info.label())
        && same(&uri.serial, info.serial_number())
        && same(&uri.manufacturer, info.manufacturer_id())
        && same(&uri.model, info.model())
}

/// The one key of this class that the URI describes.
pub(super) fn key(
    session: &Session,
    uri: &TokenUri,
    class: ObjectClass,
) -> Result<ObjectHandle, TokenError> {
    let mut template = vec![Attribute::Class(class)];
    template.extend(uri.object.clone().map(Attribute::Label));
    template.extend(uri.id.clone().map(Attribute::Id));
    one(session.find_objects(&template)?, "key", "object` or `id")
}

fn one<T>(mut found: Vec<T>, what: &'static str, by: &'static str) -> Result<T, TokenError> {
    match (found.pop(), found.len()) {
        (Some(one), 0) => Ok(one),
        (Some(_), more) => Err(TokenError::Several(what, more + 1, by)),
        (None, _) => Err(TokenError::Missing(what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SoftHSM counts no tries and never raises these flags, so the rule is asked by itself.
    #[test]
    fn no_pin_is_tried_when_it_would_be_the_last_or_the_token_is_locked() {
        assert_eq!(may_try(false, false), Ok(()));
        assert_eq!(may_try(false, true), Err(TokenError::LastTry));
        assert_eq!(may_try(true, false), Err(TokenError::Locked));
        assert_eq!(may_try(true, true), Err(TokenError::Locked));
    }
}
