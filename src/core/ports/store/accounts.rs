//! Accounts, what they sign in with, and who is signed in (R15, R60).
//!
//! Nothing here opens anything by itself: passwords come as Argon2id hashes, secrets of one-time passwords
//! sealed, codes, session ids and tokens as digests.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Commit, StoreError};
use crate::{
    account::{Account, AccountName, Permission, SignedInBy},
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::PartyCode,
};

/// An account with what it signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Who.
    pub account: Account,
    /// The password's Argon2id hash as a PHC string; none while no password was chosen.
    pub password: Option<String>,
    /// The secret of its one-time passwords.
    pub totp: Option<TotpRow>,
}

/// The secret of one-time passwords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpRow {
    /// Sealed under the master key.
    pub sealed: Vec<u8>,
    /// When a first code was shown; unconfirmed it signs nobody in.
    pub confirmed_at: Option<Timestamp>,
    /// The last time step whose code was taken.
    pub last_step: i64,
}

/// What a code that works once is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeKind {
    /// Stands in for a one-time password when the device is lost.
    Recovery,
    /// Chooses a password.
    Invitation,
}

impl CodeKind {
    /// The kind as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recovery => "recovery",
            Self::Invitation => "invitation",
        }
    }
}

/// Codes that replace those of the same kind.
#[derive(Debug, Clone)]
pub struct NewCodes {
    /// Whose.
    pub account: AccountName,
    /// What for.
    pub kind: CodeKind,
    /// Their digests.
    pub digests: Vec<Vec<u8>>,
    /// When they were made.
    pub created_at: Timestamp,
    /// From when on they do not work; none for never.
    pub expires_at: Option<Timestamp>,
}

/// Everything an account signs in with, set at once: when an invitation is used, or for a demonstration.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose.
    pub account: AccountName,
    /// The digest of the invitation that is used up; none where nobody was invited.
    pub invitation: Option<Vec<u8>>,
    /// The password's Argon2id hash as a PHC string.
    pub password: String,
    /// The secret of its one-time passwords.
    pub totp: TotpRow,
    /// Its recovery codes.
    pub recovery: NewCodes,
}

/// A passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyRow {
    /// The credential's id.
    pub id: Vec<u8>,
    /// Whose.
    pub account: AccountName,
    /// What its holder calls it.
    pub label: String,
    /// The public key, COSE.
    pub public_key: Vec<u8>,
    /// The authenticator's counter at its last use.
    pub counter: i64,
    /// When it was registered.
    pub added_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The digest of the session's id.
    pub digest: Vec<u8>,
    /// Who.
    pub account: AccountName,
    /// How.
    pub signed_in_by: SignedInBy,
    /// Since when.
    pub created_at: Timestamp,
    /// When a request last came.
    pub last_seen_at: Timestamp,
    /// When it ends however busy it is.
    pub expires_at: Timestamp,
    /// The address it was begun from.
    pub address: Option<String>,
    /// The browser it was begun with.
    pub agent: Option<String>,
}

/// What a browser was asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeRow {
    /// The digest of its id.
    pub id: Vec<u8>,
    /// Whose, if that is known already.
    pub account: Option<AccountName>,
    /// What for, and the challenge: JSON.
    pub content: String,
    /// From when on it is void.
    pub expires_at: Timestamp,
}

/// A program's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Whose.
    pub account: AccountName,
    /// Its name within the account.
    pub label: String,
    /// The digest of the token.
    pub digest: Vec<u8>,
    /// What it may do at most.
    pub scopes: BTreeSet<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it does not work; none for never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Accounts and what they sign in with.
///
/// Each change appends `told` to the audit log in its own transaction; what changes nothing is not told (R70). A change of what an
/// account signs in with takes mails along too, so that none is made without its holder being told; of that commit only `now`,
/// `outbox` and `audit` count.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account; false if the name is taken.
    async fn add_account(&self, account: &Account, told: &AuditEntry) -> Result<bool, StoreError>;

    /// Replaces what is known of an account; false, and nothing is changed, if it is not what it was `before` any
    /// more. With `end_sessions` whoever is signed in is signed out in the same transaction (a change of roles, an
    /// account disabled).
    async fn change_account(
        &self,
        before: &Account,
        account: &Account,
        end_sessions: bool,
        told: &AuditEntry,
    ) -> Result<bool, StoreError>;

    /// One account.
    async fn account(&self, name: &AccountName) -> Result<Option<AccountRow>, StoreError>;

    /// All accounts, by name.
    async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError>;

    /// The accounts of a party, by name.
    async fn accounts_of(&self, party: &PartyCode) -> Result<Vec<AccountRow>, StoreError>;

    /// Sets the password's hash, and ends the account's sessions, invitations included; false if there is no such account.
    async fn set_password(
        &self,
        name: &AccountName,
        hash: &str,
        with: &Commit,
    ) -> Result<bool, StoreError>;

    /// Sets or takes away the secret of one-time passwords; false if there is no such account.
    async fn set_totp(
        &self,
        name: &AccountName,
        totp: Option<&TotpRow>,
        with: &Commit,
    ) -> Result<bool, StoreError>;

    /// Uses a time step up; false if it, or a later one, was used before. Of two at once one gets true.
    async fn take_totp_step(&self, name: &AccountName, time_step: i64) -> Result<bool, StoreError>;

    /// Replaces the account's codes of a kind.
    async fn replace_codes(&self, codes: &NewCodes, with: &Commit) -> Result<(), StoreError>;

    /// Whether a code works. It is not used up.
    async fn code_works(
        &self,
        name: &AccountName,
        kind: CodeKind,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Uses a code up at the time of the commit; false if there is none that works. Of two at once one gets true.
    async fn use_code(
        &self,
        name: &AccountName,
        kind: CodeKind,
        digest: &[u8],
        with: &Commit,
    ) -> Result<bool, StoreError>;

    /// Uses the invitation up, if there is one, and sets password, secret and recovery codes; whoever is signed in is
    /// signed out. False, and nothing is changed, if there is no such account or its invitation does not work.
    async fn set_credentials(
        &self,
        credentials: &Credentials,
        with: &Commit,
    ) -> Result<bool, StoreError>;

    /// Takes everything away an account signs in with beside its password, and ends its sessions; false if there is
    /// no such account.
    async fn reset_factors(&self, name: &AccountName, with: &Commit) -> Result<bool, StoreError>;

    /// How many codes of a kind still work.
    async fn codes_left(
        &self,
        name: &AccountName,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Adds a passkey; false if its id is known, with whomever.
    async fn add_passkey(&self, passkey: &PasskeyRow, with: &Commit) -> Result<bool, StoreError>;

    /// The account's passkeys, oldest first.
    async fn passkeys(&self, name: &AccountName) -> Result<Vec<PasskeyRow>, StoreError>;

    /// A passkey by its id.
    async fn passkey(&self, id: &[u8]) -> Result<Option<PasskeyRow>, StoreError>;

    /// Notes a use; false if the counter did not rise, unless it always is 0.
    async fn use_passkey(
        &self,
        id: &[u8],
        counter: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Forgets a passkey, and ends the sessions begun with a passkey; false if the account has none of this id.
    async fn remove_passkey(
        &self,
        name: &AccountName,
        id: &[u8],
        with: &Commit,
    ) -> Result<bool, StoreError>;
}

/// Who is signed in.
///
/// Sessions and tokens begin and end together with `told` in the audit log; what changes nothing is not told (R70).
#[async_trait]
pub trait SignIns: Send + Sync {
    /// Begins a session; the one it `replaces` ends in the same transaction.
    async fn add_session(
        &self,
        session: &SessionRow,
        replaces: Option<&[u8]>,
        told: &AuditEntry,
    ) -> Result<(), StoreError>;

    /// A session with its account. Whether it is over is the caller's to judge.
    async fn session(&self, digest: &[u8]) -> Result<Option<(SessionRow, Account)>, StoreError>;

    /// The account's sessions, newest first.
    async fn sessions(&self, name: &AccountName) -> Result<Vec<SessionRow>, StoreError>;

    /// Notes that a request came.
    async fn touch_session(&self, digest: &[u8], now: Timestamp) -> Result<(), StoreError>;

    /// Ends one session; false if there is none.
    async fn end_session(&self, digest: &[u8], told: &AuditEntry) -> Result<bool, StoreError>;

    /// Ends the account's sessions, but for one; tells how many, here and as `sessions` in the audit log.
    async fn end_sessions(
        &self,
        name: &AccountName,
        but: Option<&[u8]>,
        told: &AuditEntry,
    ) -> Result<u64, StoreError>;

    /// Keeps a challenge.
    async fn add_challenge(&self, challenge: &ChallengeRow) -> Result<(), StoreError>;

    /// Takes a challenge away; nobody gets it a second time. Whether it is void is the caller's to judge.
    async fn take_challenge(&self, id: &[u8]) -> Result<Option<ChallengeRow>, StoreError>;

    /// Throws away what ended by `now`: sessions, challenges, codes; tells how many rows.
    async fn purge_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Adds a token; false if the account has, or had, one of this name.
    async fn add_token(&self, token: &TokenRow, told: &AuditEntry) -> Result<bool, StoreError>;

    /// A token with its account, by its digest. Whether it works is the caller's to judge.
    async fn token(&self, digest: &[u8]) -> Result<Option<(TokenRow, Account)>, StoreError>;

    /// Tokens of one account, or of all, by account and name.
    async fn tokens(&self, name: Option<&AccountName>) -> Result<Vec<TokenRow>, StoreError>;

    /// Notes that a token was used.
    async fn touch_token(&self, digest: &[u8], now: Timestamp) -> Result<(), StoreError>;

    /// Revokes a token at the time of `told`; false if there is none of this name that works.
    async fn revoke_token(
        &self,
        name: &AccountName,
        label: &str,
        told: &AuditEntry,
    ) -> Result<bool, StoreError>;
}
