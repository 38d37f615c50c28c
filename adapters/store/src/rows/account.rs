//! Accounts, what they sign in with, and who is signed in.

use bondhub_core::{
    account::{Account, AccountName, SignedInBy},
    ports::store::{
        AccountRow, ChallengeRow, PasskeyRow, SessionRow, StoreError, TokenRow, TotpRow,
    },
};

use crate::{Instant, text::Place};

fn account(row: &str, content: &str) -> Result<Account, StoreError> {
    let place = Place {
        table: "account",
        row: &row,
    };
    place.json(content)
}

#[derive(Debug)]
pub struct Credentials {
    pub content: String,
    pub password: Option<String>,
    pub totp: Option<Vec<u8>>,
    pub totp_confirmed_at: Option<Instant>,
    pub totp_last_step: i64,
}

impl TryFrom<Credentials> for AccountRow {
    type Error = StoreError;

    fn try_from(row: Credentials) -> Result<Self, StoreError> {
        let totp = row.totp.map(|sealed| TotpRow {
            sealed,
            confirmed_at: row.totp_confirmed_at.map(Into::into),
            last_step: row.totp_last_step,
        });
        Ok(Self {
            account: account("", &row.content)?,
            password: row.password,
            totp,
        })
    }
}

#[derive(Debug)]
pub struct Passkey {
    pub id: Vec<u8>,
    pub account: String,
    pub label: String,
    pub public_key: Vec<u8>,
    pub counter: i64,
    pub added_at: Instant,
    pub last_used_at: Option<Instant>,
}

impl TryFrom<Passkey> for PasskeyRow {
    type Error = StoreError;

    fn try_from(row: Passkey) -> Result<Self, StoreError> {
        Ok(Self {
            account: name("passkey", row.account)?,
            id: row.id,
            label: row.label,
            public_key: row.public_key,
            counter: row.counter,
            added_at: row.added_at.0,
            last_used_at: row.last_used_at.map(Into::into),
        })
    }
}

fn name(table: &'static str, text: String) -> Result<AccountName, StoreError> {
    let shown = text.clone();
    let place = Place { table, row: &shown };
    place.name(text)
}

#[derive(Debug)]
pub struct Session {
    pub digest: Vec<u8>,
    pub account: String,
    pub signed_in_by: String,
    pub created_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
    pub address: Option<String>,
    pub agent: Option<String>,
}

impl TryFrom<Session> for SessionRow {
    type Error = StoreError;

    fn try_from(row: Session) -> Result<Self, StoreError> {
        let place = Place {
            table: "sign_in_session",
            row: &row.account,
        };
        let way = SignedInBy::parse(&row.signed_in_by);
        Ok(Self {
            signed_in_by: place.found("signed_in_by", way)?,
            account: name("sign_in_session", row.account)?,
            digest: row.digest,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.0,
            expires_at: row.expires_at.0,
            address: row.address,
            agent: row.agent,
        })
    }
}

#[derive(Debug)]
pub struct SessionOfAccount {
    pub digest: Vec<u8>,
    pub account: String,
    pub signed_in_by: String,
    pub created_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
    pub address: Option<String>,
    pub agent: Option<String>,
    pub content: String,
}

impl TryFrom<SessionOfAccount> for (SessionRow, Account) {
    type Error = StoreError;

    fn try_from(row: SessionOfAccount) -> Result<Self, StoreError> {
        let account = account(&row.account, &row.content)?;
        let session = Session {
            digest: row.digest,
            account: row.account,
            signed_in_by: row.signed_in_by,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            address: row.address,
            agent: row.agent,
        };
        Ok((session.try_into()?, account))
    }
}

#[derive(Debug)]
pub struct Challenge {
    pub id: Vec<u8>,
    pub account: Option<String>,
    pub content: String,
    pub expires_at: Instant,
}

impl TryFrom<Challenge> for ChallengeRow {
    type Error = StoreError;

    fn try_from(row: Challenge) -> Result<Self, StoreError> {
        let account = row.account.map(|text| name("sign_in_challenge", text));
        Ok(Self {
            id: row.id,
            account: account.transpose()?,
            content: row.content,
            expires_at: row.expires_at.0,
        })
    }
}

#[derive(Debug)]
pub struct Token {
    pub account: String,
    pub label: String,
    pub digest: Vec<u8>,
    pub scopes: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub last_used_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
}

impl TryFrom<Token> for TokenRow {
    type Error = StoreError;

    fn try_from(row: Token) -> Result<Self, StoreError> {
        let place = Place {
            table: "api_token",
            row: &row.label,
        };
        Ok(Self {
            scopes: place.json(&row.scopes)?,
            account: name("api_token", row.account)?,
            label: row.label,
            digest: row.digest,
            created_at: row.created_at.0,
            expires_at: row.expires_at.map(Into::into),
            last_used_at: row.last_used_at.map(Into::into),
            revoked_at: row.revoked_at.map(Into::into),
        })
    }
}

#[derive(Debug)]
pub struct TokenOfAccount {
    pub account: String,
    pub label: String,
    pub digest: Vec<u8>,
    pub scopes: String,
    pub created_at: Instant,
    pub expires_at: Option<Instant>,
    pub last_used_at: Option<Instant>,
    pub revoked_at: Option<Instant>,
    pub content: String,
}

impl TryFrom<TokenOfAccount> for (TokenRow, Account) {
    type Error = StoreError;

    fn try_from(row: TokenOfAccount) -> Result<Self, StoreError> {
        let account = account(&row.account, &row.content)?;
        let token = Token {
            account: row.account,
            label: row.label,
            digest: row.digest,
            scopes: row.scopes,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        };
        Ok((token.try_into()?, account))
    }
}
