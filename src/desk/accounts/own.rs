//! What an account changes of itself: password, one-time passwords, recovery codes, language and zone.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    account::{AccountName, Viewer},
    audit::Act,
    party::Language,
    ports::store::{ChallengeRow, CodeKind, NewCodes, TotpRow},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    CHALLENGE, Change,
    news::quietly,
    secret::{self, OneTime},
    sessions::{Began, Origin},
    sign_in::totp_place,
};
use crate::{
    desk::{Desk, DeskError, Refusal},
    letters::AccountNews,
};

/// How many recovery codes there are.
const CODES: usize = 10;

/// A secret to enter into an authenticator app, until it is confirmed with a first one-time password.
pub struct TotpOffer {
    /// By which it is confirmed.
    pub id: Zeroizing<String>,
    /// The account.
    pub account: AccountName,
    /// What the app scans as a QR code.
    pub address: Zeroizing<String>,
    /// What one types into it instead.
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for TotpOffer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TotpOffer(***)")
    }
}

impl TotpOffer {
    pub(super) fn new(
        id: &str,
        totp: &[u8],
        account: &AccountName,
        site: &str,
    ) -> Result<Self, DeskError> {
        let address = OneTime::new(totp, account, site).and_then(|totp| totp.address());
        Ok(Self {
            id: Zeroizing::new(id.to_owned()),
            account: account.clone(),
            address: address.ok_or(Refusal::NoAppAddress)?,
            text: OneTime::text(totp),
        })
    }
}

impl Desk {
    /// Changes the own password. All sessions end, and a new one begins.
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        current: &str,
        new: &str,
        address: Option<&str>,
        agent: Option<&str>,
    ) -> Result<Began, DeskError> {
        let row = self.account(&viewer.account).await?;
        let (now, from) = (self.clock.now(), address.unwrap_or_default());
        let counted = self.attempted(viewer.account.as_str(), from, now)?;
        let last = counted.last;
        let passwords = &self.gatehouse.passwords;
        let right = passwords.matches(current, row.password.as_deref()).await;
        let right = counted.ended(right.map(|right| right.then_some(())));
        if right?.is_none() {
            self.failed(viewer.account.as_str(), from, last).await?;
            return Err(Refusal::WrongPassword.into());
        }
        self.put_password(&viewer.account, new).await?;
        let origin = Origin {
            address,
            agent,
            replaces: None,
        };
        self.begin_session(&row.account, viewer.signed_in_by, origin)
            .await
    }

    /// Changes the own language and zone.
    pub async fn change_own(
        &self,
        viewer: &Viewer,
        language: Language,
        zone: &str,
    ) -> Result<(), DeskError> {
        let change = Change {
            language: Some(language),
            zone: Some(zone.to_owned()),
            ..Change::default()
        };
        self.change_account(&viewer.account, change).await?;
        Ok(())
    }

    /// Draws a new secret for one-time passwords; the old one works until this one is confirmed.
    pub async fn offer_totp(&self, name: &AccountName) -> Result<TotpOffer, DeskError> {
        self.account(name).await?;
        let secret = OneTime::draw(self.randomness.as_ref())?;
        self.offer_again(name, &secret).await
    }

    async fn offer_again(&self, name: &AccountName, totp: &[u8]) -> Result<TotpOffer, DeskError> {
        let id = secret::draw_id(self.randomness.as_ref())?;
        let sealed = self
            .master
            .seal(&totp_place(name), totp, self.randomness.as_ref())?;
        let challenge = ChallengeRow {
            id: secret::id_digest(&id),
            account: Some(name.clone()),
            content: json!({"totp": STANDARD.encode(sealed)}).to_string(),
            expires_at: self.clock.now() + CHALLENGE,
        };
        self.store.add_challenge(&challenge).await?;
        TotpOffer::new(&id, totp, name, &self.gatehouse.site.id)
    }

    /// Confirms a secret with its first one-time password: the recovery codes, shown once; or the offer again, if it
    /// was wrong.
    pub async fn confirm_totp(
        &self,
        name: &AccountName,
        offer: &str,
        typed: &str,
    ) -> Result<Result<Vec<Zeroizing<String>>, TotpOffer>, DeskError> {
        let now = self.clock.now();
        let challenge = self.store.take_challenge(&secret::id_digest(offer)).await?;
        let challenge = challenge.filter(|challenge| {
            challenge.expires_at > now && challenge.account.as_ref() == Some(name)
        });
        let sealed = challenge.and_then(|challenge| {
            let content: Value = serde_json::from_str(&challenge.content).ok()?;
            STANDARD.decode(content.get("totp")?.as_str()?).ok()
        });
        let sealed = sealed.ok_or(Refusal::TookTooLong)?;
        let totp = self.master.unseal(&totp_place(name), &sealed)?;
        let one_time = OneTime::new(&totp, name, &self.gatehouse.site.id);
        let Some(step) = one_time.and_then(|one_time| one_time.step(typed, now)) else {
            return Ok(Err(self.offer_again(name, &totp).await?));
        };
        let row = TotpRow {
            sealed,
            confirmed_at: Some(now),
            last_step: step,
        };
        let told = self
            .told_of(Act::FactorChanged, name)
            .with("factor", "one_time_password");
        let with = self.telling(told, name, AccountNews::OneTime).await?;
        self.store.set_totp(name, Some(&row), &with).await?;
        let (codes, drawn) = self.new_recovery_codes(name)?;
        let told = self.told_of(Act::FactorChanged, name);
        let told = told.with("factor", "recovery_codes");
        self.store.replace_codes(&codes, &quietly(told)).await?;
        Ok(Ok(drawn))
    }

    /// How many codes of a kind still work.
    pub async fn codes_left(&self, name: &AccountName, kind: CodeKind) -> Result<u64, DeskError> {
        Ok(self.store.codes_left(name, kind, self.clock.now()).await?)
    }

    /// Draws new recovery codes; the old ones are void.
    pub async fn draw_recovery_codes(
        &self,
        name: &AccountName,
    ) -> Result<Vec<Zeroizing<String>>, DeskError> {
        let (codes, drawn) = self.new_recovery_codes(name)?;
        let told = self
            .told_of(Act::FactorChanged, name)
            .with("factor", "recovery_codes");
        let news = AccountNews::RecoveryCodes;
        let with = self.telling(told, name, news).await?;
        self.store.replace_codes(&codes, &with).await?;
        Ok(drawn)
    }

    /// Recovery codes, as they are kept and as they are shown once.
    pub(super) fn new_recovery_codes(
        &self,
        name: &AccountName,
    ) -> Result<(NewCodes, Vec<Zeroizing<String>>), DeskError> {
        let randomness = self.randomness.as_ref();
        let drawn: Result<Vec<_>, _> = (0..CODES).map(|_| secret::draw_code(randomness)).collect();
        let drawn = drawn?;
        let digests = drawn.iter().map(|code| secret::code_digest(name, code));
        let codes = NewCodes {
            account: name.clone(),
            kind: CodeKind::Recovery,
            digests: digests.collect(),
            created_at: self.clock.now(),
            expires_at: None,
        };
        Ok((codes, drawn))
    }
}
