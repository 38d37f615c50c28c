//! Consents and limits (R43).

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    identifier::PartyCode,
    ports::store::{Commit, ConsentRow, ExceededRow, Exposures, LimitRow, StoreError},
};
use bondhub_store::{Failure, Instant, rows};
use uuid::Uuid;

use crate::{
    audit,
    connection::SqliteStore,
    transaction::{micros, step, writing},
    writing::write_mails,
};

#[async_trait]
impl Exposures for SqliteStore {
    async fn add_consent(&self, row: &ConsentRow, told: &AuditEntry) -> Result<(), StoreError> {
        step("note a consent", self.consent_once(row, told)).await
    }

    async fn consents(&self, contractor: &PartyCode) -> Result<Vec<ConsentRow>, StoreError> {
        step("read consents", self.consents_once(contractor)).await
    }

    async fn add_limit(&self, row: &LimitRow, told: &AuditEntry) -> Result<(), StoreError> {
        step("note a limit", self.limit_once(row, told)).await
    }

    async fn limits(&self, issuer: Option<&PartyCode>) -> Result<Vec<LimitRow>, StoreError> {
        step("read limits", self.limits_once(issuer)).await
    }

    async fn note_exceeded(&self, row: &ExceededRow, with: &Commit) -> Result<bool, StoreError> {
        step(
            "note that a limit is exceeded",
            self.put_exceeded(row, with),
        )
        .await
    }

    async fn end_exceeded(&self, row: &ExceededRow, with: &Commit) -> Result<bool, StoreError> {
        step(
            "note that a limit is kept again",
            self.remove_exceeded(row, with),
        )
        .await
    }

    async fn exceeded(&self, issuer: Option<&PartyCode>) -> Result<Vec<ExceededRow>, StoreError> {
        step("list limits that are exceeded", self.list_exceeded(issuer)).await
    }
}

impl SqliteStore {
    async fn put_exceeded(&self, row: &ExceededRow, with: &Commit) -> Result<bool, Failure> {
        let (issuer, contractor) = (row.issuer.as_str(), row.contractor.as_str());
        let (currency, since) = (row.currency.as_str(), micros(row.since));
        let mut transaction = writing(&self.writer).await?;
        let noted = sqlx::query_file!(
            "../store/queries/exceeded_add.sql",
            issuer,
            contractor,
            currency,
            row.amount,
            row.outstanding,
            since,
        )
        .execute(&mut *transaction)
        .await?;
        if noted.rows_affected() == 0 {
            return Ok(false);
        }
        write_mails(&mut transaction, with).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn remove_exceeded(&self, row: &ExceededRow, with: &Commit) -> Result<bool, Failure> {
        let (issuer, contractor) = (row.issuer.as_str(), row.contractor.as_str());
        let currency = row.currency.as_str();
        let mut transaction = writing(&self.writer).await?;
        let ended = sqlx::query_file!(
            "../store/queries/exceeded_end.sql",
            issuer,
            contractor,
            currency,
        )
        .execute(&mut *transaction)
        .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        write_mails(&mut transaction, with).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn list_exceeded(&self, issuer: Option<&PartyCode>) -> Result<Vec<ExceededRow>, Failure> {
        let issuer = issuer.map(PartyCode::as_str);
        let rows =
            sqlx::query_file_as!(rows::Exceeded, "../store/queries/exceeded_list.sql", issuer)
                .fetch_all(&self.readers)
                .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn consent_once(&self, row: &ConsentRow, told: &AuditEntry) -> Result<(), Failure> {
        let (contractor, said_by) = (row.contractor.as_str(), row.said_by.as_str());
        let at = micros(row.at);
        let mut transaction = writing(&self.writer).await?;
        sqlx::query_file!(
            "../store/queries/consent_add.sql",
            row.id,
            contractor,
            row.given,
            said_by,
            at,
        )
        .execute(&mut *transaction)
        .await?;
        audit::tell(transaction, true, told).await?;
        Ok(())
    }

    async fn consents_once(&self, contractor: &PartyCode) -> Result<Vec<ConsentRow>, Failure> {
        let contractor = contractor.as_str();
        let rows = sqlx::query_file_as!(
            rows::Consent,
            "../store/queries/consent_list.sql",
            contractor
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn limit_once(&self, row: &LimitRow, told: &AuditEntry) -> Result<(), Failure> {
        let (issuer, contractor) = (row.issuer.as_str(), row.contractor.as_str());
        let (currency, said_by) = (row.currency.as_str(), row.said_by.as_str());
        let at = micros(row.at);
        let mut transaction = writing(&self.writer).await?;
        sqlx::query_file!(
            "../store/queries/limit_add.sql",
            row.id,
            issuer,
            contractor,
            currency,
            row.amount,
            said_by,
            at,
        )
        .execute(&mut *transaction)
        .await?;
        audit::tell(transaction, true, told).await?;
        Ok(())
    }

    async fn limits_once(&self, issuer: Option<&PartyCode>) -> Result<Vec<LimitRow>, Failure> {
        let issuer = issuer.map(PartyCode::as_str);
        let rows = sqlx::query_file_as!(rows::Limit, "../store/queries/limit_list.sql", issuer)
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}
