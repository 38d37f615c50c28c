//! Accounts and their roles, made and changed by administrators.

use std::collections::BTreeSet;

use bondhub_core::{
    account::{Account, AccountName, Role, check_roles},
    audit::Act,
    calendar::Timestamp,
    identifier::PartyCode,
    party::Language,
    ports::store::{AccountRow, CodeKind, Credentials, NewCodes, TotpRow},
};
use chrono_tz::Tz;
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    news::quietly,
    secret::{self, OneTime},
    sign_in::totp_place,
};
use crate::{
    desk::{Desk, DeskError, OTHERS, Refusal, changing},
    letters::AccountNews,
};

/// An account to add.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What it signs in as.
    pub name: AccountName,
    /// The party it belongs to.
    pub party: Option<PartyCode>,
    /// Its roles.
    pub roles: BTreeSet<Role>,
    /// The language pages are shown in.
    pub language: Language,
    /// The zone dates are shown in.
    pub zone: String,
}

/// What changes of an account; none leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its roles.
    pub roles: Option<BTreeSet<Role>>,
    /// Whether it can sign in.
    pub enabled: Option<bool>,
    /// Its language.
    pub language: Option<Language>,
    /// Its zone.
    pub zone: Option<String>,
}

/// An invitation: shown once, to be handed to the person.
pub struct Invitation {
    /// The account.
    pub account: AccountName,
    /// The code.
    pub code: Zeroizing<String>,
    /// Until when it works.
    pub until: Timestamp,
}

/// Everything an account signs in with, drawn by the hub: for demonstrations.
pub struct Equipment {
    /// The password.
    pub password: Zeroizing<String>,
    /// The secret of its one-time passwords, as one types it into an app.
    pub totp: Zeroizing<String>,
    /// Its recovery codes.
    pub recovery: Vec<Zeroizing<String>>,
}

impl Desk {
    /// Adds an account and invites its holder to choose a password.
    pub async fn add_account(&self, new: NewAccount) -> Result<Invitation, DeskError> {
        check_roles(&new.roles, new.party.as_ref()).map_err(Refusal::from)?;
        check_zone(&new.zone)?;
        if let Some(party) = &new.party {
            self.party(party).await?;
        }
        let account = Account {
            name: new.name,
            party: new.party,
            roles: new.roles,
            language: new.language,
            zone: new.zone,
            created_at: self.clock.now(),
            disabled_at: None,
        };
        let told = self
            .told_of(Act::AccountAdded, &account.name)
            .with("roles", json!(account.roles))
            .with("party", json!(account.party));
        if !self.store.add_account(&account, &told).await? {
            let account = account.name;
            return Err(Refusal::AccountExists { account }.into());
        }
        self.invite(&account.name).await
    }

    /// Invites the holder of an account to choose a password; earlier invitations are void.
    pub async fn invite(&self, name: &AccountName) -> Result<Invitation, DeskError> {
        let account = self.account(name).await?.account;
        let code = secret::draw_code(self.randomness.as_ref())?;
        let now = self.clock.now();
        let until = now + self.gatehouse.invitation;
        let codes = NewCodes {
            account: account.name.clone(),
            kind: CodeKind::Invitation,
            digests: vec![secret::code_digest(&account.name, &code)],
            created_at: now,
            expires_at: Some(until),
        };
        let told = self
            .told_of(Act::AccountChanged, &account.name)
            .with("invited_until", json!(until));
        self.store.replace_codes(&codes, &quietly(told)).await?;
        Ok(Invitation {
            account: account.name,
            code,
            until,
        })
    }

    /// Draws everything an account signs in with. Whoever is told may sign in as it: only for demonstrations.
    pub async fn equip(&self, name: &AccountName) -> Result<Equipment, DeskError> {
        let password = secret::draw_code(self.randomness.as_ref())?;
        let drawn = OneTime::draw(self.randomness.as_ref())?;
        let (codes, recovery) = self.new_recovery_codes(name)?;
        let credentials = Credentials {
            account: name.clone(),
            invitation: None,
            password: self.new_password(name, &password).await?,
            totp: self.confirmed(name, &drawn, 0)?,
            recovery: codes,
        };
        let told = self
            .told_of(Act::PasswordChanged, name)
            .with("equipped", true);
        if !self
            .store
            .set_credentials(&credentials, &quietly(told))
            .await?
        {
            return Err(DeskError::NotFound(format!("account {name}")));
        }
        Ok(Equipment {
            password,
            totp: OneTime::text(&drawn),
            recovery,
        })
    }

    /// A secret of one-time passwords as it is kept once its first code was shown, of this time step.
    pub(super) fn confirmed(
        &self,
        name: &AccountName,
        totp: &[u8],
        last_step: i64,
    ) -> Result<TotpRow, DeskError> {
        let randomness = self.randomness.as_ref();
        Ok(TotpRow {
            sealed: self.master.seal(&totp_place(name), totp, randomness)?,
            confirmed_at: Some(self.clock.now()),
            last_step,
        })
    }

    /// One account with what it signs in with.
    pub async fn account(&self, name: &AccountName) -> Result<AccountRow, DeskError> {
        let row = self.store.account(name).await?;
        row.ok_or_else(|| DeskError::NotFound(format!("account {name}")))
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, DeskError> {
        Ok(self.store.accounts().await?)
    }

    /// Changes an account. New roles, or its being disabled, sign its holder out. What somebody else changes at the
    /// same time stays.
    pub async fn change_account(
        &self,
        name: &AccountName,
        change: Change,
    ) -> Result<Account, DeskError> {
        for _ in 0..OTHERS {
            let before = self.account(name).await?.account;
            let now = self.clock.now();
            let account = changed(&before, &change, now)?;
            let signs_out =
                account.roles != before.roles || account.disabled_at != before.disabled_at;
            let told = self
                .told_of(Act::AccountChanged, name)
                .with("roles", json!(account.roles))
                .with("disabled", account.disabled_at.is_some());
            let store = &self.store;
            let done = store.change_account(&before, &account, signs_out, &told);
            if done.await? {
                return Ok(account);
            }
        }
        Err(changing(format!("account {name}")))
    }

    /// Sets a password for somebody, who is signed out.
    pub async fn put_password(&self, name: &AccountName, password: &str) -> Result<(), DeskError> {
        self.account(name).await?;
        let hash = self.new_password(name, password).await?;
        let told = self.told_of(Act::PasswordChanged, name);
        let with = self.telling(told, name, AccountNews::Password).await?;
        self.store.set_password(name, &hash, &with).await?;
        Ok(())
    }

    /// Takes everything away an account signs in with beside its password, and invites its holder anew: the
    /// device is lost.
    pub async fn reset_factors(&self, name: &AccountName) -> Result<Invitation, DeskError> {
        let told = self
            .told_of(Act::FactorChanged, name)
            .with("factor", "all")
            .with("removed", true);
        let with = self.telling(told, name, AccountNews::Reset).await?;
        if !self.store.reset_factors(name, &with).await? {
            return Err(DeskError::NotFound(format!("account {name}")));
        }
        self.invite(name).await
    }

    /// What whoever guesses a password of this account tries first: the names of its party and of this site.
    async fn words_around(&self, name: &AccountName) -> Result<Vec<String>, DeskError> {
        let mut words = vec![self.gatehouse.site.id.clone()];
        let row = self.store.account(name).await?;
        if let Some(code) = row.and_then(|row| row.account.party) {
            let party = self.party(&code).await?;
            words.extend([code.to_string(), party.name_ja.as_str().to_owned()]);
            words.push(party.name_en.as_str().to_owned());
        }
        Ok(words)
    }

    /// The hash of a password that may be chosen.
    pub(super) async fn new_password(
        &self,
        name: &AccountName,
        password: &str,
    ) -> Result<String, DeskError> {
        let passwords = &self.gatehouse.passwords;
        passwords.check(name, password, &self.words_around(name).await?)?;
        let hash = passwords.hash(password, self.randomness.as_ref()).await;
        Ok(hash?)
    }
}

/// What a change makes of an account.
fn changed(before: &Account, change: &Change, now: Timestamp) -> Result<Account, Refusal> {
    let mut account = before.clone();
    if let Some(roles) = &change.roles {
        check_roles(roles, account.party.as_ref())?;
        account.roles.clone_from(roles);
    }
    if let Some(zone) = &change.zone {
        check_zone(zone)?;
        account.zone.clone_from(zone);
    }
    account.language = change.language.unwrap_or(account.language);
    account.disabled_at = match change.enabled {
        Some(true) => None,
        Some(false) => account.disabled_at.or(Some(now)),
        None => account.disabled_at,
    };
    Ok(account)
}

/// A zone must be one of the IANA database.
fn check_zone(zone: &str) -> Result<(), Refusal> {
    let known = zone.parse::<Tz>();
    known.map(drop).map_err(|_| Refusal::UnknownZone {
        zone: zone.to_owned(),
    })
}
