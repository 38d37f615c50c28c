//! Who is signed in, and for how long.
//!
//! The cookie holds 256 random bits; the store their digest. A session ends after a while without use, after
//! its whole length, when its holder signs out, and when password, roles or passkeys change.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::{
    account::{Account, SignedInBy, Viewer},
    audit::Act,
    calendar::Timestamp,
    ports::store::SessionRow,
};
use chrono::TimeDelta;
use zeroize::Zeroizing;

use super::secret;
use crate::desk::{Desk, DeskError};

/// A use is noted at most so often.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(60);
/// What is dangerous asks for a session begun not longer ago than this.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// More of a browser's name is not kept.
const AGENT_LENGTH: usize = 200;

/// A session that began.
pub struct Began {
    /// What the cookie holds.
    pub cookie: Zeroizing<String>,
    /// Who signed in.
    pub viewer: Viewer,
    /// How many recovery codes are left, if one was just used.
    pub recovery_left: Option<u64>,
}

/// Where a session begins.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Origin<'a> {
    pub(super) address: Option<&'a str>,
    pub(super) agent: Option<&'a str>,
    pub(super) replaces: Option<&'a str>,
}

impl Desk {
    /// Begins a session with a new id; the one the browser had before is dead.
    pub(super) async fn begin_session(
        &self,
        account: &Account,
        way: SignedInBy,
        origin: Origin<'_>,
    ) -> Result<Began, DeskError> {
        let cookie = secret::draw_id(self.randomness.as_ref())?;
        let now = self.clock.now();
        let kept = |text: &str| text.chars().take(AGENT_LENGTH).collect();
        let session = SessionRow {
            digest: secret::id_digest(&cookie),
            account: account.name.clone(),
            signed_in_by: way,
            created_at: now,
            last_seen_at: now,
            expires_at: now + self.gatehouse.length,
            address: origin.address.map(kept),
            agent: origin.agent.map(kept),
        };
        let replaced = origin.replaces.map(secret::id_digest);
        let told = self
            .told_by(Act::SignedIn, account)
            .with("way", way.as_str())
            .privately("address", session.address.as_deref());
        self.store
            .add_session(&session, replaced.as_deref(), &told)
            .await?;
        self.store.purge_sign_ins(now).await?;
        Ok(Began {
            cookie,
            viewer: Viewer::of(account, way),
            recovery_left: None,
        })
    }

    /// Who is signed in with this cookie.
    pub async fn viewer(&self, cookie: &str) -> Result<Option<Viewer>, DeskError> {
        let found = self.live_session(cookie).await?;
        Ok(found.map(|(session, account)| Viewer::of(&account, session.signed_in_by)))
    }

    /// A session that is not over, of an account that can sign in. Its use is noted.
    async fn live_session(&self, cookie: &str) -> Result<Option<(SessionRow, Account)>, DeskError> {
        let digest = secret::id_digest(cookie);
        let Some((session, account)) = self.store.session(&digest).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if self.is_over(&session, now) || account.disabled_at.is_some() {
            let told = self.told_by(Act::SignedOut, &account).with("over", true);
            self.store.end_session(&digest, &told).await?;
            return Ok(None);
        }
        if now - session.last_seen_at >= NOTED_EVERY {
            self.store.touch_session(&digest, now).await?;
        }
        Ok(Some((session, account)))
    }

    fn is_over(&self, session: &SessionRow, now: Timestamp) -> bool {
        now >= session.expires_at || now - session.last_seen_at >= self.gatehouse.idle
    }

    /// Refuses what is dangerous in a session that is not new: a cookie stolen an hour ago must not suffice to
    /// add a passkey.
    pub async fn is_fresh(&self, cookie: &str) -> Result<bool, DeskError> {
        let found = self.live_session(cookie).await?;
        let now = self.clock.now();
        Ok(found.is_some_and(|(session, _)| now - session.created_at < FRESH))
    }

    /// Ends the session of a cookie, on the server.
    pub async fn sign_out(&self, cookie: &str) -> Result<(), DeskError> {
        let digest = secret::id_digest(cookie);
        if let Some((_, account)) = self.store.session(&digest).await? {
            let told = self.told_by(Act::SignedOut, &account);
            self.store.end_session(&digest, &told).await?;
        }
        Ok(())
    }

    /// Ends all sessions of an account; tells how many.
    pub async fn sign_out_everywhere(&self, viewer: &Viewer) -> Result<u64, DeskError> {
        let account = self.account(&viewer.account).await?.account;
        let told = self.told_by(Act::SignedOut, &account);
        let store = &self.store;
        Ok(store.end_sessions(&viewer.account, None, &told).await?)
    }

    /// The live sessions of an account, newest first, each with a name by which it can be ended, and whether it is
    /// the one of this cookie.
    pub async fn sessions(
        &self,
        viewer: &Viewer,
        cookie: &str,
    ) -> Result<Vec<(String, SessionRow, bool)>, DeskError> {
        let (now, own) = (self.clock.now(), secret::id_digest(cookie));
        let sessions = self.store.sessions(&viewer.account).await?;
        let live = sessions.into_iter().filter(|one| !self.is_over(one, now));
        Ok(live
            .map(|session| {
                let name = URL_SAFE_NO_PAD.encode(&session.digest);
                let is_own = session.digest == own;
                (name, session, is_own)
            })
            .collect())
    }

    /// Ends one of an account's sessions by its name in the list.
    pub async fn end_session(&self, viewer: &Viewer, name: &str) -> Result<(), DeskError> {
        let unknown = || DeskError::NotFound("such a session".to_owned());
        let digest = URL_SAFE_NO_PAD.decode(name).map_err(|_| unknown())?;
        let found = self.store.session(&digest).await?;
        let own = found.filter(|(session, _)| session.account == viewer.account);
        let (_, account) = own.ok_or_else(unknown)?;
        let told = self.told_by(Act::SignedOut, &account);
        self.store.end_session(&digest, &told).await?;
        Ok(())
    }
}
