//! Leasing, settling and looking at what leaves the hub.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::{PartyCode, ProcurementId},
    ports::store::{
        Channel, Claim, LeasedItem, MailFilter, Outbox, OutboxState, OutboxView, Resolution,
        Settled, StoreError, Swept,
    },
};
use bondhub_store::{Failure, Instant, limit_of, outcome::Outcome, rows};
use uuid::Uuid;

use crate::{
    audit,
    connection::SqliteStore,
    transaction::{Writing, micros, step, writing},
};

#[async_trait]
impl Outbox for SqliteStore {
    async fn claim(
        &self,
        channel: Channel,
        claim: Claim,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedItem>, StoreError> {
        step(
            "lease what is due",
            self.claim_due(channel, claim, now, limit),
        )
        .await
    }

    async fn advance(
        &self,
        token: Uuid,
        settled: &[Settled],
        calling: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<Uuid>, StoreError> {
        step(
            "settle what was sent",
            self.settle_and_call(token, settled, calling, now),
        )
        .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError> {
        step("end leases that are over", self.end_leases(now)).await
    }

    async fn outbox(&self, filter: &MailFilter) -> Result<Vec<OutboxView>, StoreError> {
        step("list what leaves", self.list_outbox(filter)).await
    }

    async fn resolve(
        &self,
        id: Uuid,
        resolution: Resolution,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        step("resolve a mail", self.decide(id, resolution, now, told)).await
    }

    async fn outbox_counts(&self) -> Result<Vec<(Channel, OutboxState, u64)>, StoreError> {
        step("count what leaves", self.count_outbox()).await
    }

    async fn open_outbox_counts(&self) -> Result<Vec<(Channel, OutboxState, u64)>, StoreError> {
        step("count what has not left", self.open_outbox()).await
    }
}

impl SqliteStore {
    async fn claim_due(
        &self,
        channel: Channel,
        claim: Claim,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedItem>, Failure> {
        let (channel, limit) = (channel.as_str(), i64::from(limit));
        let (now, until) = (micros(now), micros(claim.until));
        let mut rows = sqlx::query_file_as!(
            rows::Leased,
            "queries/outbox_claim.sql",
            channel,
            now,
            limit,
            claim.token,
            until,
        )
        .fetch_all(&self.writer)
        .await?;
        rows.sort_by_key(rows::Leased::turn);
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn settle_and_call(
        &self,
        token: Uuid,
        settled: &[Settled],
        calling: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<Uuid>, Failure> {
        let mut transaction = writing(&self.writer).await?;
        for one in settled {
            settle(&mut transaction, token, one, micros(now)).await?;
        }
        let mut granted = Vec::with_capacity(calling.len());
        for id in calling {
            if call(&mut transaction, token, *id, micros(now)).await? {
                granted.push(*id);
            }
        }
        transaction.commit().await?;
        Ok(granted)
    }

    async fn end_leases(&self, now: Timestamp) -> Result<Swept, Failure> {
        let now = micros(now);
        let states = sqlx::query_file_scalar!("../store/queries/outbox_sweep.sql", now)
            .fetch_all(&self.writer)
            .await?;
        Ok(bondhub_store::outcome::swept(&states))
    }

    async fn list_outbox(&self, filter: &MailFilter) -> Result<Vec<OutboxView>, Failure> {
        let channel = filter.channel.map(Channel::as_str);
        let state = filter.state.map(OutboxState::as_str);
        let recipient = filter.recipient.as_ref().map(PartyCode::as_str);
        let procurement = filter.procurement.as_ref().map(ProcurementId::as_str);
        let limit = limit_of(filter.limit);
        let rows = sqlx::query_file_as!(
            rows::Outgoing,
            "../store/queries/outbox_list.sql",
            channel,
            state,
            recipient,
            procurement,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn decide(
        &self,
        id: Uuid,
        resolution: Resolution,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let now = micros(now);
        let mut transaction = writing(&self.writer).await?;
        let done = match resolution {
            Resolution::Resend => {
                sqlx::query_file!("../store/queries/outbox_resend.sql", id, now)
                    .execute(&mut *transaction)
                    .await?
            }
            Resolution::MarkSent => {
                sqlx::query_file!("../store/queries/outbox_mark_sent.sql", id, now)
                    .execute(&mut *transaction)
                    .await?
            }
        };
        let decided = done.rows_affected() == 1;
        if decided {
            audit::append(&mut transaction, told).await?;
        }
        transaction.commit().await?;
        Ok(decided)
    }

    async fn count_outbox(&self) -> Result<Vec<(Channel, OutboxState, u64)>, Failure> {
        let rows = sqlx::query_file_as!(rows::OutboxCount, "../store/queries/outbox_counts.sql")
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn open_outbox(&self) -> Result<Vec<(Channel, OutboxState, u64)>, Failure> {
        let rows =
            sqlx::query_file_as!(rows::OutboxCount, "../store/queries/outbox_open_counts.sql")
                .fetch_all(&self.readers)
                .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}

async fn settle(
    transaction: &mut Writing,
    token: Uuid,
    settled: &Settled,
    now: i64,
) -> Result<(), Failure> {
    let outcome = Outcome::of(&settled.verdict);
    let (state, due_at) = (outcome.state.as_str(), outcome.due_at.map(micros));
    sqlx::query_file!(
        "queries/outbox_settle.sql",
        token,
        settled.id,
        state,
        outcome.counted,
        due_at,
        outcome.reply,
        now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn call(transaction: &mut Writing, token: Uuid, id: Uuid, now: i64) -> Result<bool, Failure> {
    let done = sqlx::query_file!("queries/outbox_call.sql", id, token, now)
        .execute(&mut **transaction)
        .await?;
    Ok(done.rows_affected() == 1)
}
