//! Who is signed in: sessions, challenges, tokens.

use async_trait::async_trait;
use bondhub_core::{
    account::{Account, AccountName},
    audit::AuditEntry,
    calendar::Timestamp,
    ports::store::{ChallengeRow, SessionRow, SignIns, StoreError, TokenRow},
};
use bondhub_store::{Failure, Instant, rows, text::to_json};

use crate::{
    audit,
    connection::PostgresStore,
    transaction::{step, writing},
};

#[async_trait]
impl SignIns for PostgresStore {
    async fn add_session(
        &self,
        session: &SessionRow,
        replaces: Option<&[u8]>,
        told: &AuditEntry,
    ) -> Result<(), StoreError> {
        step("begin a session", || {
            self.add_session_now(session, replaces, told)
        })
        .await
    }

    async fn session(&self, digest: &[u8]) -> Result<Option<(SessionRow, Account)>, StoreError> {
        step("read a session", || self.session_now(digest)).await
    }

    async fn sessions(&self, name: &AccountName) -> Result<Vec<SessionRow>, StoreError> {
        step("list sessions", || self.sessions_now(name)).await
    }

    async fn touch_session(&self, digest: &[u8], now: Timestamp) -> Result<(), StoreError> {
        step("note a request", || self.touch_session_now(digest, now)).await
    }

    async fn end_session(&self, digest: &[u8], told: &AuditEntry) -> Result<bool, StoreError> {
        step("end a session", || self.end_session_now(digest, told)).await
    }

    async fn end_sessions(
        &self,
        name: &AccountName,
        but: Option<&[u8]>,
        told: &AuditEntry,
    ) -> Result<u64, StoreError> {
        step("end sessions", || self.end_sessions_now(name, but, told)).await
    }

    async fn add_challenge(&self, challenge: &ChallengeRow) -> Result<(), StoreError> {
        step("keep a challenge", || self.add_challenge_now(challenge)).await
    }

    async fn take_challenge(&self, id: &[u8]) -> Result<Option<ChallengeRow>, StoreError> {
        step("take a challenge", || self.take_challenge_now(id)).await
    }

    async fn purge_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError> {
        step("throw away what ended", || self.purge_sign_ins_now(now)).await
    }

    async fn add_token(&self, token: &TokenRow, told: &AuditEntry) -> Result<bool, StoreError> {
        step("add a token", || self.add_token_now(token, told)).await
    }

    async fn token(&self, digest: &[u8]) -> Result<Option<(TokenRow, Account)>, StoreError> {
        step("read a token", || self.token_now(digest)).await
    }

    async fn tokens(&self, name: Option<&AccountName>) -> Result<Vec<TokenRow>, StoreError> {
        step("list tokens", || self.tokens_now(name)).await
    }

    async fn touch_token(&self, digest: &[u8], now: Timestamp) -> Result<(), StoreError> {
        step("note the use of a token", || {
            self.touch_token_now(digest, now)
        })
        .await
    }

    async fn revoke_token(
        &self,
        name: &AccountName,
        label: &str,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        step("revoke a token", || {
            self.revoke_token_now(name, label, told)
        })
        .await
    }
}

impl PostgresStore {
    async fn add_session_now(
        &self,
        session: &SessionRow,
        replaces: Option<&[u8]>,
        told: &AuditEntry,
    ) -> Result<(), Failure> {
        let digest = session.digest.as_slice();
        let (account, way) = (session.account.as_str(), session.signed_in_by.as_str());
        let (created_at, last_seen_at) = (session.created_at, session.last_seen_at);
        let expires_at = session.expires_at;
        let mut transaction = writing(&self.pool).await?;
        if let Some(replaced) = replaces {
            sqlx::query_file!("../store/queries/session_end.sql", replaced)
                .execute(&mut *transaction)
                .await?;
        }
        sqlx::query_file!(
            "../store/queries/session_add.sql",
            digest,
            account,
            way,
            created_at,
            last_seen_at,
            expires_at,
            session.address,
            session.agent
        )
        .execute(&mut *transaction)
        .await?;
        audit::tell(transaction, true, told).await?;
        Ok(())
    }

    async fn session_now(&self, digest: &[u8]) -> Result<Option<(SessionRow, Account)>, Failure> {
        let row = sqlx::query_file_as!(
            rows::SessionOfAccount,
            "../store/queries/session_by_digest.sql",
            digest
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(TryInto::try_into).transpose()?)
    }

    async fn sessions_now(&self, name: &AccountName) -> Result<Vec<SessionRow>, Failure> {
        let name = name.as_str();
        let rows = sqlx::query_file_as!(rows::Session, "../store/queries/session_list.sql", name)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn touch_session_now(&self, digest: &[u8], now: Timestamp) -> Result<(), Failure> {
        let at = now;
        sqlx::query_file!("../store/queries/session_touch.sql", digest, at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn end_session_now(&self, digest: &[u8], told: &AuditEntry) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/session_end.sql", digest)
            .execute(&mut *transaction)
            .await?;
        audit::tell(transaction, done.rows_affected() == 1, told).await
    }

    async fn end_sessions_now(
        &self,
        name: &AccountName,
        but: Option<&[u8]>,
        told: &AuditEntry,
    ) -> Result<u64, Failure> {
        let (name, but) = (name.as_str(), but.unwrap_or_default());
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/session_end_all.sql", name, but)
            .execute(&mut *transaction)
            .await?;
        audit::tell_count(transaction, done.rows_affected(), "sessions", told).await
    }

    async fn add_challenge_now(&self, challenge: &ChallengeRow) -> Result<(), Failure> {
        let id = challenge.id.as_slice();
        let account = challenge.account.as_ref().map(AccountName::as_str);
        let expires_at = challenge.expires_at;
        sqlx::query_file!(
            "../store/queries/challenge_add.sql",
            id,
            account,
            challenge.content,
            expires_at
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn take_challenge_now(&self, id: &[u8]) -> Result<Option<ChallengeRow>, Failure> {
        let row = sqlx::query_file_as!(rows::Challenge, "../store/queries/challenge_take.sql", id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(TryInto::try_into).transpose()?)
    }

    async fn purge_sign_ins_now(&self, now: Timestamp) -> Result<u64, Failure> {
        let at = now;
        let sessions = sqlx::query_file!("../store/queries/session_purge.sql", at)
            .execute(&self.pool)
            .await?;
        let challenges = sqlx::query_file!("../store/queries/challenge_purge.sql", at)
            .execute(&self.pool)
            .await?;
        let codes = sqlx::query_file!("../store/queries/code_purge.sql", at)
            .execute(&self.pool)
            .await?;
        Ok(sessions.rows_affected() + challenges.rows_affected() + codes.rows_affected())
    }

    async fn add_token_now(&self, token: &TokenRow, told: &AuditEntry) -> Result<bool, Failure> {
        let scopes = to_json("add a token", &token.scopes)?;
        let (account, digest) = (token.account.as_str(), token.digest.as_slice());
        let (created_at, expires_at) = (token.created_at, token.expires_at);
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!(
            "../store/queries/token_add.sql",
            account,
            token.label,
            digest,
            scopes,
            created_at,
            expires_at
        )
        .execute(&mut *transaction)
        .await?;
        audit::tell(transaction, done.rows_affected() == 1, told).await
    }

    async fn token_now(&self, digest: &[u8]) -> Result<Option<(TokenRow, Account)>, Failure> {
        let row = sqlx::query_file_as!(
            rows::TokenOfAccount,
            "../store/queries/token_by_digest.sql",
            digest
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(TryInto::try_into).transpose()?)
    }

    async fn tokens_now(&self, name: Option<&AccountName>) -> Result<Vec<TokenRow>, Failure> {
        let name = name.map_or("", AccountName::as_str);
        let rows = sqlx::query_file_as!(rows::Token, "../store/queries/token_list.sql", name)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn touch_token_now(&self, digest: &[u8], now: Timestamp) -> Result<(), Failure> {
        let at = now;
        sqlx::query_file!("../store/queries/token_touch.sql", digest, at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn revoke_token_now(
        &self,
        name: &AccountName,
        label: &str,
        told: &AuditEntry,
    ) -> Result<bool, Failure> {
        let (name, at) = (name.as_str(), told.at);
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/token_revoke.sql", name, label, at)
            .execute(&mut *transaction)
            .await?;
        audit::tell(transaction, done.rows_affected() == 1, told).await
    }
}
