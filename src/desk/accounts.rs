//! Accounts: who may sign in, with what, and who is signed in (R15, R60).
//!
//! | file | concern |
//! |---|---|
//! | `people` | accounts, roles, invitations |
//! | `welcome` | the first password and one-time password, chosen with an invitation |
//! | `sign_in` | signing in with a password and a one-time password; recovery codes |
//! | `passkeys` | registering passkeys and signing in with one |
//! | `sessions` | who is signed in, and for how long |
//! | `own` | what an account changes of itself |
//! | `tokens` | bearer tokens of programs |
//! | `guess` | passwords that whoever guesses tries first |
//! | `news` | who is told when any of it changes |
//! | `secret` | passwords, one-time passwords, codes: how they are made and compared |

mod guess;
mod news;
mod own;
mod passkeys;
mod people;
mod secret;
mod sessions;
mod sign_in;
mod tokens;
mod welcome;

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::{
    account::{Account, AccountName},
    audit::{Act, Actor, AuditEntry},
    calendar::Timestamp,
    pace::Pace,
    ports::passkey::{Site, VerifyPasskey},
};
use chrono::TimeDelta;

use super::Desk;

pub(in crate::desk) use news::in_use;
pub use own::TotpOffer;
pub use passkeys::{AssertionAnswer, PasskeyRequest, RegistrationAnswer};
pub use people::{Change, Equipment, Invitation, NewAccount};
pub use secret::{PasswordError, Passwords};
pub use sessions::Began;
pub(crate) use sign_in::one_time_place;
pub use sign_in::{Attempt, SignInRefusal};
pub use tokens::MadeToken;
pub use welcome::{Chosen, Welcome, WelcomeTrouble};

/// How long a browser may take to answer a challenge, or a person to confirm a one-time password.
const CHALLENGE: TimeDelta = TimeDelta::minutes(10);
/// The window failed attempts are counted in.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Of so many accounts and addresses something is remembered.
const REMEMBERED: usize = 20_000;

/// What signing in needs beside the store.
pub struct Gatehouse {
    /// Hashes and compares passwords.
    pub passwords: Passwords,
    /// Verifies what browsers answer.
    pub verifier: Arc<dyn VerifyPasskey>,
    /// The site passkeys are for.
    pub site: Site,
    /// A session nobody uses ends after this.
    pub idle: TimeDelta,
    /// A session ends after this, however busy it is.
    pub length: TimeDelta,
    /// How long an invitation works.
    pub invitation: TimeDelta,
    failures: Failures,
}

/// How often signing in may fail.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Failures of one account in 15 minutes.
    pub per_account: u32,
    /// Failures from one address in 15 minutes.
    pub per_address: u32,
}

/// Failed attempts, in memory; each hub counts for itself.
struct Failures(Mutex<(Pace, Pace)>);

impl Failures {
    fn new(patience: Patience) -> Self {
        let pace = |count| Pace::new(count, WINDOW, REMEMBERED);
        Self(Mutex::new((
            pace(patience.per_account),
            pace(patience.per_address),
        )))
    }

    /// Counts an attempt before it is known what comes of it: of many at once, no more are let in than may fail.
    /// Without an account only its address counts.
    fn begin(
        &self,
        account: Option<String>,
        address: &str,
        now: Timestamp,
    ) -> Result<Counted<'_>, TimeDelta> {
        let mut paces = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (accounts, addresses) = &mut *paces;
        addresses.take(address, now)?;
        if let Some(account) = &account
            && let Err(wait) = accounts.take(account, now)
        {
            addresses.give_back(address, now);
            return Err(wait);
        }
        let last = account
            .as_ref()
            .is_some_and(|one| accounts.wait(one, now).is_some());
        Ok(Counted {
            failures: self,
            account,
            address: address.to_owned(),
            now,
            last,
        })
    }
}

/// An attempt that counts as failed until it is known better.
struct Counted<'a> {
    failures: &'a Failures,
    account: Option<String>,
    address: String,
    now: Timestamp,
    /// The account must wait from now on, unless this one is right.
    last: bool,
}

impl Counted<'_> {
    /// What came of it. Unless something was wrong it is not counted any more.
    fn ended<T, E>(self, outcome: Result<Option<T>, E>) -> Result<Option<T>, E> {
        if !matches!(outcome, Ok(None)) {
            let paces = self.failures.0.lock();
            let mut paces = paces.unwrap_or_else(PoisonError::into_inner);
            paces.1.give_back(&self.address, self.now);
            if let Some(account) = &self.account {
                paces.0.give_back(account, self.now);
            }
        }
        outcome
    }
}

impl Gatehouse {
    /// A gatehouse with these rules.
    pub fn new(
        passwords: Passwords,
        verifier: Arc<dyn VerifyPasskey>,
        site: Site,
        times: [TimeDelta; 3],
        patience: Patience,
    ) -> Self {
        let [idle, length, invitation] = times;
        Self {
            passwords,
            verifier,
            site,
            idle,
            length,
            invitation,
            failures: Failures::new(patience),
        }
    }
}

impl Desk {
    /// What somebody at this desk did to an account (R70). The account's name is kept beside the chain: it may have
    /// to be purged.
    fn told_of(&self, act: Act, name: &AccountName) -> AuditEntry {
        let handle = self.pepper.account_handle(name.as_str());
        let handle = URL_SAFE_NO_PAD.encode(handle.get(..12).unwrap_or_default());
        self.told(act, format!("account:{handle}"))
            .privately("account", name.as_str())
    }

    /// The same, done by the account itself.
    fn told_by(&self, act: Act, account: &Account) -> AuditEntry {
        let mut entry = self.told_of(act, &account.name);
        entry.actor = Actor::Account(account.name.to_string(), account.party.clone());
        entry
    }
}
