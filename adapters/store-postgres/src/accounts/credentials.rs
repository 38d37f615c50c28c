//! What an account signs in with, set or taken away at once.

use bondhub_core::{
    account::AccountName,
    calendar::Timestamp,
    ports::store::{CodeKind, Commit, Credentials, NewCodes},
};
use bondhub_store::Failure;

use super::told_with;
use crate::{
    connection::PostgresStore,
    transaction::{Writing, writing},
};

impl PostgresStore {
    pub(super) async fn set_credentials_now(
        &self,
        credentials: &Credentials,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let changed = set(&mut transaction, credentials, with).await?;
        told_with(transaction, changed, with).await
    }

    pub(super) async fn reset_factors_now(
        &self,
        name: &AccountName,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let changed = reset(&mut transaction, name.as_str(), with).await?;
        told_with(transaction, changed, with).await
    }
}

/// Sets everything an account signs in with; false, and the transaction is not to be committed, if it may not.
async fn set(
    transaction: &mut Writing,
    credentials: &Credentials,
    with: &Commit,
) -> Result<bool, Failure> {
    let (name, at) = (credentials.account.as_str(), with.now);
    if let Some(digest) = credentials.invitation.as_deref()
        && !used(transaction, name, digest, with).await?
    {
        return Ok(false);
    }
    let hash = credentials.password.as_str();
    let done = sqlx::query_file!("../store/queries/account_password.sql", name, hash, at)
        .execute(&mut **transaction)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let totp = &credentials.totp;
    let (sealed, last_step) = (totp.sealed.as_slice(), totp.last_step);
    let confirmed_at = totp.confirmed_at;
    sqlx::query_file!(
        "../store/queries/account_totp.sql",
        name,
        sealed,
        confirmed_at,
        last_step,
        at
    )
    .execute(&mut **transaction)
    .await?;
    sign_out(transaction, name).await?;
    clear(transaction, name, CodeKind::Invitation).await?;
    replace(transaction, &credentials.recovery).await?;
    Ok(true)
}

/// Uses an invitation up; false if it does not work.
async fn used(
    transaction: &mut Writing,
    name: &str,
    digest: &[u8],
    with: &Commit,
) -> Result<bool, Failure> {
    let (kind, at) = (CodeKind::Invitation.as_str(), with.now);
    let done = sqlx::query_file!("../store/queries/code_use.sql", name, kind, digest, at)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes every factor but the password away; false if there is no such account.
async fn reset(transaction: &mut Writing, name: &str, with: &Commit) -> Result<bool, Failure> {
    let at = with.now;
    let (nothing, never): (Option<&[u8]>, Option<Timestamp>) = (None, None);
    let done = sqlx::query_file!(
        "../store/queries/account_totp.sql",
        name,
        nothing,
        never,
        0_i64,
        at
    )
    .execute(&mut **transaction)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query_file!("../store/queries/passkey_clear.sql", name)
        .execute(&mut **transaction)
        .await?;
    clear(transaction, name, CodeKind::Recovery).await?;
    sign_out(transaction, name).await?;
    Ok(true)
}

pub(super) async fn clear(
    transaction: &mut Writing,
    name: &str,
    kind: CodeKind,
) -> Result<(), Failure> {
    let kind = kind.as_str();
    sqlx::query_file!("../store/queries/code_clear.sql", name, kind)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Puts codes in the place of those of the same kind.
pub(super) async fn replace(transaction: &mut Writing, codes: &NewCodes) -> Result<(), Failure> {
    let (name, kind) = (codes.account.as_str(), codes.kind.as_str());
    let (created_at, expires_at) = (codes.created_at, codes.expires_at);
    clear(transaction, name, codes.kind).await?;
    for digest in &codes.digests {
        let digest = digest.as_slice();
        sqlx::query_file!(
            "../store/queries/code_add.sql",
            name,
            kind,
            digest,
            created_at,
            expires_at
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// Whoever is signed in to the account is signed out with this transaction.
pub(super) async fn sign_out(transaction: &mut Writing, name: &str) -> Result<(), Failure> {
    let nobody: &[u8] = &[];
    sqlx::query_file!("../store/queries/session_end_all.sql", name, nobody)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
