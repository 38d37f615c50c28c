//! Reading and correcting events.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::ProcurementId,
    ports::store::{EventFilter, EventRow, EventState, Inbox, StoreError},
};
use bondhub_store::{Failure, Instant, limit_of, rows};
use uuid::Uuid;

use crate::{
    audit,
    connection::PostgresStore,
    transaction::{step, writing},
};

#[async_trait]
impl Inbox for PostgresStore {
    async fn events(&self, filter: &EventFilter) -> Result<Vec<EventRow>, StoreError> {
        step("list events", || self.events_once(filter)).await
    }

    async fn events_waiting(
        &self,
        on: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<EventRow>, StoreError> {
        step("list waiting events", || {
            self.waiting_once(on, after, limit)
        })
        .await
    }

    async fn event(&self, id: Uuid) -> Result<Option<EventRow>, StoreError> {
        step("read an event", || self.event_once(id)).await
    }

    async fn mark_resubmitted(
        &self,
        id: Uuid,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        step("mark an event as resubmitted", || {
            self.mark_once(id, now, told)
        })
        .await
    }

    async fn event_counts(&self) -> Result<Vec<(EventState, u64)>, StoreError> {
        step("count events", || self.counts_once()).await
    }

    async fn open_event_counts(&self) -> Result<Vec<(EventState, u64)>, StoreError> {
        step("count open events", || self.open_counts()).await
    }
}

impl PostgresStore {
    async fn events_once(&self, filter: &EventFilter) -> Result<Vec<EventRow>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Event,
            "../store/queries/event_list.sql",
            filter.state.map(EventState::as_str),
            filter.subject.as_ref().map(ProcurementId::as_str),
            filter.waits_for.as_deref(),
            limit_of(filter.limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn waiting_once(
        &self,
        on: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<EventRow>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Event,
            "../store/queries/event_waiting.sql",
            on,
            after.is_none(),
            after.unwrap_or_default(),
            i64::from(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn event_once(&self, id: Uuid) -> Result<Option<EventRow>, Failure> {
        let row = sqlx::query_file_as!(rows::Event, "../store/queries/event_by_id.sql", id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(EventRow::try_from).transpose()?)
    }

    async fn mark_once(
        &self,
        id: Uuid,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/event_mark_resubmitted.sql", id, now)
            .execute(&mut *transaction)
            .await?;
        let marked = done.rows_affected() == 1;
        if marked {
            audit::append(&mut transaction, told).await?;
        }
        transaction.commit().await?;
        Ok(marked)
    }

    async fn counts_once(&self) -> Result<Vec<(EventState, u64)>, Failure> {
        let rows = sqlx::query_file_as!(rows::EventCount, "../store/queries/event_counts.sql")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn open_counts(&self) -> Result<Vec<(EventState, u64)>, Failure> {
        let rows = sqlx::query_file_as!(rows::EventCount, "../store/queries/event_open_counts.sql")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}
