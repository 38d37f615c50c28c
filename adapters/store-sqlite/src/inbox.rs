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
    connection::SqliteStore,
    transaction::{micros, step, writing},
};

#[async_trait]
impl Inbox for SqliteStore {
    async fn events(&self, filter: &EventFilter) -> Result<Vec<EventRow>, StoreError> {
        step("list events", self.list_events(filter)).await
    }

    async fn events_waiting(
        &self,
        on: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<EventRow>, StoreError> {
        step(
            "list waiting events",
            self.list_waiting_events(on, after, limit),
        )
        .await
    }

    async fn event(&self, id: Uuid) -> Result<Option<EventRow>, StoreError> {
        step("read an event", self.read_event(id)).await
    }

    async fn mark_resubmitted(
        &self,
        id: Uuid,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        step("mark an event as resubmitted", self.mark(id, now, told)).await
    }

    async fn event_counts(&self) -> Result<Vec<(EventState, u64)>, StoreError> {
        step("count events", self.count_events()).await
    }

    async fn open_event_counts(&self) -> Result<Vec<(EventState, u64)>, StoreError> {
        step("count open events", self.open_counts()).await
    }
}

impl SqliteStore {
    async fn list_events(&self, filter: &EventFilter) -> Result<Vec<EventRow>, Failure> {
        let state = filter.state.map(EventState::as_str);
        let subject = filter.subject.as_ref().map(ProcurementId::as_str);
        let limit = limit_of(filter.limit);
        let rows = sqlx::query_file_as!(
            rows::Event,
            "../store/queries/event_list.sql",
            state,
            subject,
            filter.waits_for,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn list_waiting_events(
        &self,
        on: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<EventRow>, Failure> {
        let (from_first, after) = (after.is_none(), after.unwrap_or_default());
        let rows = sqlx::query_file_as!(
            rows::Event,
            "../store/queries/event_waiting.sql",
            on,
            from_first,
            after,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn read_event(&self, id: Uuid) -> Result<Option<EventRow>, Failure> {
        let row = sqlx::query_file_as!(rows::Event, "../store/queries/event_by_id.sql", id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(EventRow::try_from).transpose()?)
    }

    async fn mark(&self, id: Uuid, now: Timestamp, told: &[AuditEntry]) -> Result<bool, Failure> {
        let now = micros(now);
        let mut transaction = writing(&self.writer).await?;
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

    async fn count_events(&self) -> Result<Vec<(EventState, u64)>, Failure> {
        let rows = sqlx::query_file_as!(rows::EventCount, "../store/queries/event_counts.sql")
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn open_counts(&self) -> Result<Vec<(EventState, u64)>, Failure> {
        let rows = sqlx::query_file_as!(rows::EventCount, "../store/queries/event_open_counts.sql")
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}
