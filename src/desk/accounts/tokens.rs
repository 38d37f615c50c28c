//! Bearer tokens of programs (R62): named, with scopes, kept as digests, revocable.

use std::collections::BTreeSet;

use bondhub_core::{
    account::{AccountName, Permission, SignedInBy, Viewer},
    audit::Act,
    calendar::Timestamp,
    ports::store::TokenRow,
};
use chrono::TimeDelta;
use serde_json::json;
use zeroize::Zeroizing;

use super::secret;
use crate::desk::{Desk, DeskError, Refusal};

/// How a token begins, so that people and scanners recognise one.
const PREFIX: &str = "bht_";
/// A use is noted at most so often.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);

/// A token: shown once.
pub struct MadeToken {
    /// The token.
    pub token: Zeroizing<String>,
    /// What is kept of it.
    pub row: TokenRow,
}

impl Desk {
    /// Makes a token for an account, with scopes its roles allow.
    pub async fn add_token(
        &self,
        name: &AccountName,
        label: &str,
        scopes: BTreeSet<Permission>,
        expires_at: Option<Timestamp>,
    ) -> Result<MadeToken, DeskError> {
        let account = self.account(name).await?.account;
        let viewer = Viewer::of(&account, SignedInBy::Token);
        if scopes.is_empty() {
            return Err(Refusal::TokenWithoutScope.into());
        }
        if let Some(scope) = scopes.iter().find(|scope| !viewer.may(**scope)) {
            return Err(Refusal::ScopeNotAllowed {
                account: name.clone(),
                scope: *scope,
            }
            .into());
        }
        let drawn = secret::draw_id(self.randomness.as_ref())?;
        let token = Zeroizing::new(format!("{PREFIX}{}", *drawn));
        let row = TokenRow {
            account: name.clone(),
            label: checked(label)?,
            digest: secret::id_digest(&token),
            scopes,
            created_at: self.clock.now(),
            expires_at,
            last_used_at: None,
            revoked_at: None,
        };
        let told = self
            .told_of(Act::TokenIssued, name)
            .with("token", row.label.as_str())
            .with("scopes", json!(row.scopes));
        if !self.store.add_token(&row, &told).await? {
            return Err(Refusal::TokenExists {
                account: name.clone(),
                label: row.label,
            }
            .into());
        }
        Ok(MadeToken { token, row })
    }

    /// Tokens of one account, or of all.
    pub async fn tokens(&self, name: Option<&AccountName>) -> Result<Vec<TokenRow>, DeskError> {
        Ok(self.store.tokens(name).await?)
    }

    /// Revokes a token.
    pub async fn revoke_token(&self, name: &AccountName, label: &str) -> Result<(), DeskError> {
        let told = self.told_of(Act::TokenRevoked, name).with("token", label);
        let revoked = self.store.revoke_token(name, label, &told).await?;
        let missing = || DeskError::NotFound(format!("a token {label} of {name}"));
        revoked.then_some(()).ok_or_else(missing)
    }

    /// Who a bearer token speaks for; none if it does not work.
    pub async fn viewer_of_token(&self, token: &str) -> Result<Option<Viewer>, DeskError> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let digest = secret::id_digest(token);
        let Some((row, account)) = self.store.token(&digest).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let over = row.revoked_at.is_some() || row.expires_at.is_some_and(|end| end <= now);
        if over || account.disabled_at.is_some() {
            return Ok(None);
        }
        if row
            .last_used_at
            .is_none_or(|used| now - used >= NOTED_EVERY)
        {
            self.store.touch_token(&digest, now).await?;
        }
        let mut viewer = Viewer::of(&account, SignedInBy::Token);
        viewer.scopes = Some(row.scopes);
        Ok(Some(viewer))
    }
}

fn checked(label: &str) -> Result<String, Refusal> {
    bondhub_core::identifier::check(label)
        .map(str::to_owned)
        .map_err(|error| Refusal::TokenName {
            cause: error.to_string(),
        })
}
