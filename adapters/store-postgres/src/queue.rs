//! The signing queue.

use async_trait::async_trait;
use bondhub_core::{
    identifier::{PartyCode, ProcurementId},
    ports::store::{SigningQueue, SigningRequest, StoreError},
};
use bondhub_store::{Failure, Instant, limit_of, rows};

use crate::{connection::PostgresStore, transaction::step};

#[async_trait]
impl SigningQueue for PostgresStore {
    async fn requests_waiting(
        &self,
        issuer: &PartyCode,
        limit: u32,
    ) -> Result<Vec<SigningRequest>, StoreError> {
        step("list what waits for a signature", || {
            self.list_waiting(issuer, limit)
        })
        .await
    }

    async fn requests_of(&self, case: &ProcurementId) -> Result<Vec<SigningRequest>, StoreError> {
        step("read a case's signing queue", || self.list_of(case)).await
    }

    async fn request(&self, kid: &str) -> Result<Option<SigningRequest>, StoreError> {
        step("read the signing queue", || self.read_request(kid)).await
    }
}

impl PostgresStore {
    async fn list_waiting(
        &self,
        issuer: &PartyCode,
        limit: u32,
    ) -> Result<Vec<SigningRequest>, Failure> {
        let (issuer, limit) = (issuer.as_str(), limit_of(limit));
        let rows = sqlx::query_file_as!(
            rows::Request,
            "../store/queries/request_waiting.sql",
            issuer,
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn list_of(&self, case: &ProcurementId) -> Result<Vec<SigningRequest>, Failure> {
        let case = case.as_str();
        let rows =
            sqlx::query_file_as!(rows::Request, "../store/queries/request_of_case.sql", case)
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn read_request(&self, kid: &str) -> Result<Option<SigningRequest>, Failure> {
        let row = sqlx::query_file_as!(rows::Request, "../store/queries/request_by_kid.sql", kid)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(SigningRequest::try_from).transpose()?)
    }
}
