//! Signing in with a password and a one-time password, or a recovery code in its place.
//!
//! What was wrong is not told, and costs the same work: an unknown account, a wrong password and a wrong
//! one-time password are one answer.

use async_trait::async_trait;
use bondhub_core::{
    account::{AccountName, SignedInBy},
    audit::Act,
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{AccountRow, CodeKind},
};
use chrono::TimeDelta;

use super::{
    Counted,
    secret::{self, OneTime},
    sessions::{Began, Origin},
};
use crate::{
    desk::{Desk, DeskError},
    letters::AccountNews,
    vault::{OpenRefusal, TakeOneTime},
};

/// More of a name that somebody typed is not looked at.
const LONGEST_NAME: usize = 64;

/// What somebody typed to sign in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The account.
    pub name: &'a str,
    /// The password.
    pub password: &'a str,
    /// A one-time password, or a recovery code.
    pub code: &'a str,
    /// Where from.
    pub address: Option<&'a str>,
    /// With which browser.
    pub agent: Option<&'a str>,
    /// The session cookie the browser had before: it is dead afterwards.
    pub replaces: Option<&'a str>,
}

/// Why nobody signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInRefusal {
    /// Something was wrong; what is not told.
    #[error("account, password or one-time password are not right")]
    Wrong,
    /// Too many failures.
    #[error("too many failed attempts; try again in {seconds} s")]
    Later {
        /// How long to wait.
        seconds: i64,
    },
    /// The new password is not acceptable, or the hub failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl SignInRefusal {
    pub(super) fn later(wait: TimeDelta) -> Self {
        let seconds = (wait + TimeDelta::milliseconds(999)).num_seconds().max(1);
        Self::Later { seconds }
    }
}

macro_rules! into_refusal {
    ($($error:ty),*) => {
        $(impl From<$error> for SignInRefusal {
            fn from(error: $error) -> Self {
                Self::Desk(error.into())
            }
        })*
    };
}
into_refusal!(
    bondhub_core::ports::store::StoreError,
    bondhub_core::ports::RandomnessError,
    crate::vault::SealError
);

impl Attempt<'_> {
    fn origin(&self) -> Origin<'_> {
        Origin {
            address: self.address,
            agent: self.agent,
            replaces: self.replaces,
        }
    }
}

impl Desk {
    /// Signs somebody in.
    pub async fn sign_in(&self, attempt: Attempt<'_>) -> Result<Began, SignInRefusal> {
        let now = self.clock.now();
        let address = attempt.address.unwrap_or_default();
        let counted = self.attempted(attempt.name, address, now)?;
        let last = counted.last;
        let Some((row, used)) = counted.ended(self.both_factors(&attempt, now).await)? else {
            self.failed(attempt.name, address, last).await?;
            return Err(SignInRefusal::Wrong);
        };
        let origin = attempt.origin();
        let began = self.begin_session(&row.account, SignedInBy::Password, origin);
        let mut began = began.await?;
        began.recovery_left = match used {
            Factor::OneTime => None,
            Factor::Recovery => {
                let name = &row.account.name;
                Some(self.store.codes_left(name, CodeKind::Recovery, now).await?)
            }
        };
        Ok(began)
    }

    /// Counts an attempt, and refuses whoever failed too often lately. One without a name counts for its address
    /// alone: otherwise strangers could keep everybody out who types none.
    pub(super) fn attempted(
        &self,
        name: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<Counted<'_>, SignInRefusal> {
        let name = typed_name(name);
        let account = (!name.is_empty()).then(|| format!("account/{name}"));
        let counted = self.gatehouse.failures.begin(account, address, now);
        counted.map_err(SignInRefusal::later)
    }

    /// The account and what it showed beside its password; none if anything is wrong.
    async fn both_factors(
        &self,
        attempt: &Attempt<'_>,
        now: Timestamp,
    ) -> Result<Option<(AccountRow, Factor)>, SignInRefusal> {
        let Some(row) = self.with_right_password(attempt).await? else {
            return Ok(None);
        };
        let used = self.second_factor(&row, attempt.code, now).await?;
        Ok(used.map(|used| (row, used)))
    }

    /// Tells a failure, and the account's holder of the `last` one before it must wait; whether there is such an
    /// account makes no difference.
    pub(super) async fn failed(
        &self,
        name: &str,
        address: &str,
        last: bool,
    ) -> Result<(), DeskError> {
        if last {
            self.tell_aside(typed_name(name));
        }
        let told = self
            .told(Act::SignInRefused, "account")
            .privately("account", typed_name(name))
            .privately("address", address);
        Ok(self.store.record(&[told]).await?)
    }

    /// Aside, so that the answer takes as long whether there is such an account or not.
    fn tell_aside(&self, name: String) {
        let desk = self.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.tell_locked_out(&name).await {
                tracing::error!("nobody could be told that an account is locked out: {error}");
            }
        });
    }

    /// The account, if it can sign in and this is its password. Whatever the account, the work is the same.
    async fn with_right_password(
        &self,
        attempt: &Attempt<'_>,
    ) -> Result<Option<AccountRow>, SignInRefusal> {
        let row = match AccountName::parse(attempt.name) {
            Ok(name) => self.store.account(&name).await?,
            Err(_) => None,
        };
        let stored = row.as_ref().and_then(|row| row.password.as_deref());
        let passwords = &self.gatehouse.passwords;
        let right = passwords.matches(attempt.password, stored).await;
        let right = right.map_err(DeskError::from)?;
        Ok(row.filter(|row| right && row.account.disabled_at.is_none()))
    }

    /// Uses a one-time password or a recovery code up; none if it is not right.
    async fn second_factor(
        &self,
        row: &AccountRow,
        typed: &str,
        now: Timestamp,
    ) -> Result<Option<Factor>, SignInRefusal> {
        if secret::looks_like_one_time(typed) {
            let right = self.take_one_time(row, typed, now).await?;
            return Ok(right.then_some(Factor::OneTime));
        }
        let name = &row.account.name;
        let digest = secret::code_digest(name, typed);
        let told = self
            .told_by(Act::FactorChanged, &row.account)
            .with("factor", "recovery_code")
            .with("used", true);
        let left = self.store.codes_left(name, CodeKind::Recovery, now).await?;
        let news = AccountNews::RecoveryCodeUsed(left.saturating_sub(1));
        let with = self.telling(told, name, news).await?;
        let right = self
            .store
            .use_code(name, CodeKind::Recovery, &digest, &with)
            .await?;
        Ok(right.then_some(Factor::Recovery))
    }

    /// Uses a one-time password of an account up; false if it is wrong, or was used before.
    pub(super) async fn take_one_time(
        &self,
        row: &AccountRow,
        typed: &str,
        now: Timestamp,
    ) -> Result<bool, DeskError> {
        let Some(totp) = &row.totp else {
            return Ok(false);
        };
        if totp.confirmed_at.is_none() {
            return Ok(false);
        }
        let name = &row.account.name;
        let secret = self.master.unseal(&totp_place(name), &totp.sealed)?;
        let one_time = OneTime::new(&secret, name, &self.gatehouse.site.id);
        let step = one_time.and_then(|one_time| one_time.step(typed, now));
        match step {
            Some(step) => Ok(self.store.take_totp_step(name, step).await?),
            None => Ok(false),
        }
    }

    async fn takes_of_party(&self, party: &PartyCode, typed: &str) -> Result<bool, DeskError> {
        let now = self.clock.now();
        for row in self.store.accounts_of(party).await? {
            let enabled = row.account.disabled_at.is_none();
            if enabled && self.take_one_time(&row, typed, now).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// One-time passwords for looking (R15 ②): whoever guesses too often waits, whatever the key.
#[async_trait]
impl TakeOneTime for Desk {
    async fn takes(&self, party: &PartyCode, typed: &str) -> Result<bool, OpenRefusal> {
        let (now, subject) = (self.clock.now(), format!("party/{party}"));
        let failures = &self.gatehouse.failures;
        let counted = failures.begin(Some(subject.clone()), &subject, now);
        let counted = counted.map_err(|wait| OpenRefusal::Later {
            seconds: wait.num_seconds() + 1,
        })?;
        let taken = self.takes_of_party(party, typed).await;
        match counted.ended(taken.map(|right| right.then_some(()))) {
            Ok(right) => Ok(right.is_some()),
            Err(DeskError::Store(error)) => Err(error.into()),
            Err(error) => {
                tracing::error!("a one-time password could not be checked: {error}");
                Ok(false)
            }
        }
    }
}

/// A name as it was typed, as failures are counted by.
fn typed_name(name: &str) -> String {
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    name.to_ascii_lowercase()
}

#[derive(Clone, Copy)]
enum Factor {
    OneTime,
    Recovery,
}

/// Where the secret of an account's one-time passwords is sealed for; a change of the master key asks too.
pub(crate) fn one_time_place(account: &str) -> String {
    format!("one_time_password:{account}")
}

/// The same.
pub(super) fn totp_place(name: &AccountName) -> String {
    one_time_place(name.as_str())
}
