//! The first password and one-time password, chosen with an invitation.
//!
//! Nothing is changed before the person has shown a first one-time password: then the invitation is used up, and
//! password, secret and recovery codes are set. Meanwhile what was chosen is kept sealed, for minutes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::{AccountName, SignedInBy},
    audit::Act,
    ports::store::{ChallengeRow, CodeKind, Credentials, TotpRow},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    CHALLENGE,
    own::TotpOffer,
    secret::{self, OneTime},
    sessions::{Began, Origin},
    sign_in::SignInRefusal,
};
use crate::{
    desk::{Desk, DeskError},
    letters::AccountNews,
};

/// What somebody who was invited typed.
#[derive(Clone, Copy)]
pub struct Welcome<'a> {
    /// The account.
    pub name: &'a str,
    /// The invitation's code.
    pub code: &'a str,
    /// The password that was chosen.
    pub password: &'a str,
    /// Where from.
    pub address: Option<&'a str>,
}

/// Somebody who has chosen everything: signed in, and shown the recovery codes once.
pub struct Chosen {
    /// The session.
    pub began: Began,
    /// The recovery codes.
    pub recovery: Vec<Zeroizing<String>>,
}

/// What is kept between the two steps, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    password: String,
    invitation: Vec<u8>,
    totp: String,
}

const PLACE: &str = "account/welcome";

impl Desk {
    /// The first step: an invitation and a password; what to enter into the authenticator app.
    pub async fn welcome(&self, welcome: Welcome<'_>) -> Result<TotpOffer, SignInRefusal> {
        let now = self.clock.now();
        let address = welcome.address.unwrap_or_default();
        let counted = self.attempted(welcome.name, address, now)?;
        let last = counted.last;
        let invited = counted.ended(self.invited(&welcome).await)?;
        let Some((name, invitation)) = invited else {
            self.failed(welcome.name, address, last).await?;
            return Err(SignInRefusal::Wrong);
        };
        let password = self.new_password(&name, welcome.password).await?;
        let secret = OneTime::draw(self.randomness.as_ref())?;
        let kept = Kept {
            password,
            invitation,
            totp: STANDARD.encode(&secret),
        };
        self.offer(&name, &secret, &self.seal_kept(&kept)?).await
    }

    async fn invited(
        &self,
        welcome: &Welcome<'_>,
    ) -> Result<Option<(AccountName, Vec<u8>)>, SignInRefusal> {
        let Ok(name) = AccountName::parse(welcome.name) else {
            return Ok(None);
        };
        let digest = secret::code_digest(&name, welcome.code);
        let now = self.clock.now();
        let works = self
            .store
            .code_works(&name, CodeKind::Invitation, &digest, now)
            .await?;
        let row = self.store.account(&name).await?;
        let enabled = row.is_some_and(|row| row.account.disabled_at.is_none());
        Ok((works && enabled).then_some((name, digest)))
    }

    /// The second step: the first one-time password. All is set, and the person is signed in.
    pub async fn welcome_with(
        &self,
        offer: &str,
        typed: &str,
        address: Option<&str>,
        agent: Option<&str>,
        replaces: Option<&str>,
    ) -> Result<Chosen, WelcomeTrouble> {
        let (name, kept) = self.kept(offer).await?;
        let secret = Zeroizing::new(STANDARD.decode(&kept.totp).unwrap_or_default());
        let now = self.clock.now();
        let one_time = OneTime::new(&secret, &name, &self.gatehouse.site.id);
        let Some(step) = one_time.and_then(|one_time| one_time.step(typed, now)) else {
            let sealed = self.seal_kept(&kept)?;
            let again = self.offer(&name, &secret, &sealed).await?;
            return Err(WelcomeTrouble::Again(Box::new(again)));
        };
        let totp = self.confirmed(&name, &secret, step)?;
        let recovery = self.settle(&name, kept, totp).await?;
        let origin = Origin {
            address,
            agent,
            replaces,
        };
        let account = self.account(&name).await?.account;
        let began = self
            .begin_session(&account, SignedInBy::Password, origin)
            .await?;
        Ok(Chosen { began, recovery })
    }

    /// Uses the invitation up and sets everything, or nothing.
    async fn settle(
        &self,
        name: &AccountName,
        kept: Kept,
        totp: TotpRow,
    ) -> Result<Vec<Zeroizing<String>>, SignInRefusal> {
        let (recovery, drawn) = self.new_recovery_codes(name)?;
        let credentials = Credentials {
            account: name.clone(),
            invitation: Some(kept.invitation),
            password: kept.password,
            totp,
            recovery,
        };
        let account = self.account(name).await?.account;
        let told = self
            .told_by(Act::PasswordChanged, &account)
            .with("invited", true);
        let with = self.telling(told, name, AccountNews::SetUp).await?;
        let settled = self.store.set_credentials(&credentials, &with).await?;
        settled.then_some(drawn).ok_or(SignInRefusal::Wrong)
    }

    fn seal_kept(&self, kept: &Kept) -> Result<String, SignInRefusal> {
        let plain = Zeroizing::new(serde_json::to_vec(kept).unwrap_or_default());
        let sealed = self.master.seal(PLACE, &plain, self.randomness.as_ref())?;
        Ok(STANDARD.encode(sealed))
    }

    async fn offer(
        &self,
        name: &AccountName,
        totp: &[u8],
        content: &str,
    ) -> Result<TotpOffer, SignInRefusal> {
        let id = secret::draw_id(self.randomness.as_ref())?;
        let challenge = ChallengeRow {
            id: secret::id_digest(&id),
            account: Some(name.clone()),
            content: serde_json::json!({"welcome": content}).to_string(),
            expires_at: self.clock.now() + CHALLENGE,
        };
        self.store.add_challenge(&challenge).await?;
        let site = &self.gatehouse.site.id;
        Ok(TotpOffer::new(&id, totp, name, site)?)
    }

    async fn kept(&self, offer: &str) -> Result<(AccountName, Kept), SignInRefusal> {
        let challenge = self.store.take_challenge(&secret::id_digest(offer)).await?;
        let now = self.clock.now();
        let challenge = challenge.filter(|challenge| challenge.expires_at > now);
        let kept = challenge.and_then(|challenge| {
            let content: serde_json::Value = serde_json::from_str(&challenge.content).ok()?;
            let sealed = STANDARD.decode(content.get("welcome")?.as_str()?).ok()?;
            let plain = self.master.unseal(PLACE, &sealed).ok()?;
            let kept = serde_json::from_slice(&plain).ok()?;
            Some((challenge.account?, kept))
        });
        kept.ok_or(SignInRefusal::Wrong)
    }
}

/// Why the second step did not end.
#[derive(Debug, thiserror::Error)]
pub enum WelcomeTrouble {
    /// The one-time password is not right: once more.
    #[error("this is not the one-time password of now")]
    Again(Box<TotpOffer>),
    /// It is over.
    #[error(transparent)]
    Over(#[from] SignInRefusal),
}

impl From<DeskError> for WelcomeTrouble {
    fn from(error: DeskError) -> Self {
        Self::Over(error.into())
    }
}
