//! Consents and limits (R43).

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    identifier::PartyCode,
    ports::store::{ConsentRow, Exposures, LimitRow, StoreError},
};
use bondhub_store::{Failure, Instant, rows};
use uuid::Uuid;

use crate::{
    audit,
    connection::PostgresStore,
    transaction::{step, writing},
};

#[async_trait]
impl Exposures for PostgresStore {
    async fn add_consent(&self, row: &ConsentRow, told: &AuditEntry) -> Result<(), StoreError> {
        step("note a consent", || self.consent_once(row, told)).await
    }

    async fn consents(&self, contractor: &PartyCode) -> Result<Vec<ConsentRow>, StoreError> {
        step("read consents", || self.consents_once(contractor)).await
    }

    async fn add_limit(&self, row: &LimitRow, told: &AuditEntry) -> Result<(), StoreError> {
        step("note a limit", || self.limit_once(row, told)).await
    }

    async fn limits(&self, issuer: Option<&PartyCode>) -> Result<Vec<LimitRow>, StoreError> {
        step("read limits", || self.limits_once(issuer)).await
    }
}

impl PostgresStore {
    async fn consent_once(&self, row: &ConsentRow, told: &AuditEntry) -> Result<(), Failure> {
        let (contractor, said_by) = (row.contractor.as_str(), row.said_by.as_str());
        let mut transaction = writing(&self.pool).await?;
        sqlx::query_file!(
            "../store/queries/consent_add.sql",
            row.id,
            contractor,
            row.given,
            said_by,
            row.at,
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
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn limit_once(&self, row: &LimitRow, told: &AuditEntry) -> Result<(), Failure> {
        let (issuer, contractor) = (row.issuer.as_str(), row.contractor.as_str());
        let (currency, said_by) = (row.currency.as_str(), row.said_by.as_str());
        let mut transaction = writing(&self.pool).await?;
        sqlx::query_file!(
            "../store/queries/limit_add.sql",
            row.id,
            issuer,
            contractor,
            currency,
            row.amount,
            said_by,
            row.at,
        )
        .execute(&mut *transaction)
        .await?;
        audit::tell(transaction, true, told).await?;
        Ok(())
    }

    async fn limits_once(&self, issuer: Option<&PartyCode>) -> Result<Vec<LimitRow>, Failure> {
        let issuer = issuer.map(PartyCode::as_str);
        let rows = sqlx::query_file_as!(rows::Limit, "../store/queries/limit_list.sql", issuer)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}
