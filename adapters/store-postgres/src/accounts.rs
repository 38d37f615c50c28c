//! Accounts and what they sign in with.

mod credentials;

use async_trait::async_trait;
use bondhub_core::{
    account::{Account, AccountName, SignedInBy},
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{
        AccountRow, Accounts, CodeKind, Commit, Credentials, NewCodes, PasskeyRow, StoreError,
        TotpRow,
    },
};
use bondhub_store::{Failure, Instant, rows, text::to_json};

use self::credentials::{clear, replace, sign_out};
use crate::{
    audit,
    connection::PostgresStore,
    transaction::{Writing, step, writing},
    writing::write_mails,
};

#[async_trait]
impl Accounts for PostgresStore {
    async fn add_account(&self, account: &Account, told: &AuditEntry) -> Result<bool, StoreError> {
        step("add an account", || self.add_account_now(account, told)).await
    }

    async fn change_account(
        &self,
        before: &Account,
        account: &Account,
        end_sessions: bool,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        step("change an account", || {
            self.change_account_now(before, account, end_sessions, told)
        })
        .await
    }

    async fn account(&self, name: &AccountName) -> Result<Option<AccountRow>, StoreError> {
        step("read an account", || self.account_now(name)).await
    }

    async fn accounts(&self) -> Result<Vec<AccountRow>, StoreError> {
        step("list accounts", || self.accounts_now()).await
    }

    async fn accounts_of(&self, party: &PartyCode) -> Result<Vec<AccountRow>, StoreError> {
        step("list a party's accounts", || self.accounts_of_now(party)).await
    }

    async fn set_password(
        &self,
        name: &AccountName,
        hash: &str,
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("set a password", || self.set_password_now(name, hash, with)).await
    }

    async fn set_totp(
        &self,
        name: &AccountName,
        totp: Option<&TotpRow>,
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("set a one-time password secret", || {
            self.set_totp_now(name, totp, with)
        })
        .await
    }

    async fn take_totp_step(&self, name: &AccountName, time_step: i64) -> Result<bool, StoreError> {
        step("use a one-time password up", || {
            self.take_totp_step_now(name, time_step)
        })
        .await
    }

    async fn replace_codes(&self, codes: &NewCodes, with: &Commit) -> Result<(), StoreError> {
        step("replace codes", || self.replace_codes_now(codes, with)).await
    }

    async fn code_works(
        &self,
        name: &AccountName,
        kind: CodeKind,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        step("look for a code", || {
            self.code_works_now(name, kind, digest, now)
        })
        .await
    }

    async fn use_code(
        &self,
        name: &AccountName,
        kind: CodeKind,
        digest: &[u8],
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("use a code up", || {
            self.use_code_now(name, kind, digest, with)
        })
        .await
    }

    async fn codes_left(
        &self,
        name: &AccountName,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        step("count codes", || self.codes_left_now(name, kind, now)).await
    }

    async fn add_passkey(&self, passkey: &PasskeyRow, with: &Commit) -> Result<bool, StoreError> {
        step("add a passkey", || self.add_passkey_now(passkey, with)).await
    }

    async fn passkeys(&self, name: &AccountName) -> Result<Vec<PasskeyRow>, StoreError> {
        step("list passkeys", || self.passkeys_now(name)).await
    }

    async fn passkey(&self, id: &[u8]) -> Result<Option<PasskeyRow>, StoreError> {
        step("read a passkey", || self.passkey_now(id)).await
    }

    async fn use_passkey(
        &self,
        id: &[u8],
        counter: i64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        step("note the use of a passkey", || {
            self.use_passkey_now(id, counter, now)
        })
        .await
    }

    async fn remove_passkey(
        &self,
        name: &AccountName,
        id: &[u8],
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("forget a passkey", || {
            self.remove_passkey_now(name, id, with)
        })
        .await
    }

    async fn set_credentials(
        &self,
        credentials: &Credentials,
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("set what an account signs in with", || {
            self.set_credentials_now(credentials, with)
        })
        .await
    }

    async fn reset_factors(&self, name: &AccountName, with: &Commit) -> Result<bool, StoreError> {
        step("take factors away", || self.reset_factors_now(name, with)).await
    }
}

impl PostgresStore {
    async fn add_account_now(&self, account: &Account, told: &AuditEntry) -> Result<bool, Failure> {
        let content = to_json("add an account", account)?;
        let (name, party) = (
            account.name.as_str(),
            account.party.as_ref().map(PartyCode::as_str),
        );
        let at = account.created_at;
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/account_add.sql", name, party, content, at)
            .execute(&mut *transaction)
            .await?;
        audit::tell(transaction, done.rows_affected() == 1, told).await
    }

    async fn change_account_now(
        &self,
        before: &Account,
        account: &Account,
        end_sessions: bool,
        told: &AuditEntry,
    ) -> Result<bool, Failure> {
        let content = to_json("change an account", account)?;
        let (name, party) = (
            account.name.as_str(),
            account.party.as_ref().map(PartyCode::as_str),
        );
        let at = told.at;
        let mut transaction = writing(&self.pool).await?;
        let Some(stored) = still(&mut transaction, before).await? else {
            return Ok(false);
        };
        let done = sqlx::query_file!(
            "../store/queries/account_change.sql",
            name,
            party,
            content,
            at,
            stored
        )
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        if end_sessions {
            sign_out(&mut transaction, name).await?;
        }
        audit::tell(transaction, true, told).await
    }

    async fn account_now(&self, name: &AccountName) -> Result<Option<AccountRow>, Failure> {
        let name = name.as_str();
        let row = sqlx::query_file_as!(
            rows::Credentials,
            "../store/queries/account_by_name.sql",
            name
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(TryInto::try_into).transpose()?)
    }

    async fn accounts_now(&self) -> Result<Vec<AccountRow>, Failure> {
        let rows = sqlx::query_file_as!(rows::Credentials, "../store/queries/account_list.sql")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn accounts_of_now(&self, party: &PartyCode) -> Result<Vec<AccountRow>, Failure> {
        let party = party.as_str();
        let rows = sqlx::query_file_as!(
            rows::Credentials,
            "../store/queries/account_list_of.sql",
            party
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn set_password_now(
        &self,
        name: &AccountName,
        hash: &str,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let (name, at) = (name.as_str(), with.now);
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/account_password.sql", name, hash, at)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sign_out(&mut transaction, name).await?;
        clear(&mut transaction, name, CodeKind::Invitation).await?;
        told_with(transaction, true, with).await
    }

    async fn set_totp_now(
        &self,
        name: &AccountName,
        totp: Option<&TotpRow>,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let (name, at) = (name.as_str(), with.now);
        let sealed = totp.map(|totp| totp.sealed.as_slice());
        let confirmed_at = totp.and_then(|totp| totp.confirmed_at);
        let last_step = totp.map_or(0, |totp| totp.last_step);
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!(
            "../store/queries/account_totp.sql",
            name,
            sealed,
            confirmed_at,
            last_step,
            at
        )
        .execute(&mut *transaction)
        .await?;
        told_with(transaction, done.rows_affected() == 1, with).await
    }

    async fn take_totp_step_now(
        &self,
        name: &AccountName,
        time_step: i64,
    ) -> Result<bool, Failure> {
        let name = name.as_str();
        let done = sqlx::query_file!("../store/queries/account_totp_step.sql", name, time_step)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn replace_codes_now(&self, codes: &NewCodes, with: &Commit) -> Result<(), Failure> {
        let mut transaction = writing(&self.pool).await?;
        replace(&mut transaction, codes).await?;
        told_with(transaction, true, with).await?;
        Ok(())
    }

    async fn code_works_now(
        &self,
        name: &AccountName,
        kind: CodeKind,
        digest: &[u8],
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let (name, kind, at) = (name.as_str(), kind.as_str(), now);
        let count =
            sqlx::query_file_scalar!("../store/queries/code_works.sql", name, kind, digest, at)
                .fetch_one(&self.pool)
                .await?;
        Ok(count > 0)
    }

    async fn use_code_now(
        &self,
        name: &AccountName,
        kind: CodeKind,
        digest: &[u8],
        with: &Commit,
    ) -> Result<bool, Failure> {
        let (name, kind, at) = (name.as_str(), kind.as_str(), with.now);
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/code_use.sql", name, kind, digest, at)
            .execute(&mut *transaction)
            .await?;
        told_with(transaction, done.rows_affected() == 1, with).await
    }

    async fn codes_left_now(
        &self,
        name: &AccountName,
        kind: CodeKind,
        now: Timestamp,
    ) -> Result<u64, Failure> {
        let (name, kind, at) = (name.as_str(), kind.as_str(), now);
        let count = sqlx::query_file_scalar!("../store/queries/code_count.sql", name, kind, at)
            .fetch_one(&self.pool)
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn add_passkey_now(&self, passkey: &PasskeyRow, with: &Commit) -> Result<bool, Failure> {
        let (id, account) = (passkey.id.as_slice(), passkey.account.as_str());
        let public_key = passkey.public_key.as_slice();
        let (added_at, last_used_at) = (passkey.added_at, passkey.last_used_at);
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!(
            "../store/queries/passkey_add.sql",
            id,
            account,
            passkey.label,
            public_key,
            passkey.counter,
            added_at,
            last_used_at
        )
        .execute(&mut *transaction)
        .await?;
        told_with(transaction, done.rows_affected() == 1, with).await
    }

    async fn passkeys_now(&self, name: &AccountName) -> Result<Vec<PasskeyRow>, Failure> {
        let name = name.as_str();
        let rows = sqlx::query_file_as!(rows::Passkey, "../store/queries/passkey_list.sql", name)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn passkey_now(&self, id: &[u8]) -> Result<Option<PasskeyRow>, Failure> {
        let row = sqlx::query_file_as!(rows::Passkey, "../store/queries/passkey_by_id.sql", id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(TryInto::try_into).transpose()?)
    }

    async fn use_passkey_now(
        &self,
        id: &[u8],
        counter: i64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let at = now;
        let done = sqlx::query_file!("../store/queries/passkey_use.sql", id, counter, at)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    async fn remove_passkey_now(
        &self,
        name: &AccountName,
        id: &[u8],
        with: &Commit,
    ) -> Result<bool, Failure> {
        let (name, way) = (name.as_str(), SignedInBy::Passkey.as_str());
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/passkey_remove.sql", name, id)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query_file!("../store/queries/session_end_by.sql", name, way)
            .execute(&mut *transaction)
            .await?;
        told_with(transaction, true, with).await
    }
}

/// The content of an account as it is stored, if the account still is what it was before.
async fn still(transaction: &mut Writing, before: &Account) -> Result<Option<String>, Failure> {
    let name = before.name.as_str();
    let row = sqlx::query_file_as!(
        rows::Credentials,
        "../store/queries/account_by_name.sql",
        name
    )
    .fetch_optional(&mut **transaction)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let content = row.content.clone();
    let stored = AccountRow::try_from(row)?.account;
    Ok((stored == *before).then_some(content))
}

/// Ends a transaction: what changed something takes its mails and its entry of the audit log along.
async fn told_with(
    mut transaction: Writing,
    changed: bool,
    with: &Commit,
) -> Result<bool, Failure> {
    if changed {
        write_mails(&mut transaction, with).await?;
        transaction.commit().await?;
    }
    Ok(changed)
}
