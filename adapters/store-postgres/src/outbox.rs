//! Leasing, settling and looking at what leaves the hub.

use std::collections::BTreeSet;

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
    connection::PostgresStore,
    transaction::{Writing, step, writing},
    writing::column,
};

#[async_trait]
impl Outbox for PostgresStore {
    async fn claim(
        &self,
        channel: Channel,
        claim: Claim,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedItem>, StoreError> {
        step("lease what is due", || {
            self.claim_once(channel, claim, now, limit)
        })
        .await
    }

    async fn advance(
        &self,
        token: Uuid,
        settled: &[Settled],
        calling: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<Uuid>, StoreError> {
        step("settle what was sent", || {
            self.advance_once(token, settled, calling, now)
        })
        .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<Swept, StoreError> {
        step("end leases that are over", || self.sweep_once(now)).await
    }

    async fn outbox(&self, filter: &MailFilter) -> Result<Vec<OutboxView>, StoreError> {
        step("list what leaves", || self.outbox_once(filter)).await
    }

    async fn resolve(
        &self,
        id: Uuid,
        resolution: Resolution,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        step("resolve a mail", || {
            self.resolve_once(id, resolution, now, told)
        })
        .await
    }

    async fn outbox_counts(&self) -> Result<Vec<(Channel, OutboxState, u64)>, StoreError> {
        step("count what leaves", || self.outbox_counts_once()).await
    }

    async fn open_outbox_counts(&self) -> Result<Vec<(Channel, OutboxState, u64)>, StoreError> {
        step("count what has not left", || self.open_outbox()).await
    }
}

impl PostgresStore {
    async fn claim_once(
        &self,
        channel: Channel,
        claim: Claim,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedItem>, Failure> {
        let mut rows = sqlx::query_file_as!(
            rows::Leased,
            "queries/outbox_claim.sql",
            channel.as_str(),
            now,
            i64::from(limit),
            claim.token,
            claim.until,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.sort_by_key(rows::Leased::turn);
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn advance_once(
        &self,
        token: Uuid,
        settled: &[Settled],
        calling: &[Uuid],
        now: Timestamp,
    ) -> Result<Vec<Uuid>, Failure> {
        let mut transaction = writing(&self.pool).await?;
        settle(&mut transaction, token, settled, now).await?;
        let may = call(&mut transaction, token, calling, now).await?;
        transaction.commit().await?;
        let granted = calling.iter().copied().filter(|id| may.contains(id));
        Ok(granted.collect())
    }

    async fn sweep_once(&self, now: Timestamp) -> Result<Swept, Failure> {
        let states = sqlx::query_file_scalar!("../store/queries/outbox_sweep.sql", now)
            .fetch_all(&self.pool)
            .await?;
        Ok(bondhub_store::outcome::swept(&states))
    }

    async fn outbox_once(&self, filter: &MailFilter) -> Result<Vec<OutboxView>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Outgoing,
            "../store/queries/outbox_list.sql",
            filter.channel.map(Channel::as_str),
            filter.state.map(OutboxState::as_str),
            filter.recipient.as_ref().map(PartyCode::as_str),
            filter.procurement.as_ref().map(ProcurementId::as_str),
            limit_of(filter.limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn resolve_once(
        &self,
        id: Uuid,
        resolution: Resolution,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
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

    async fn outbox_counts_once(&self) -> Result<Vec<(Channel, OutboxState, u64)>, Failure> {
        let rows = sqlx::query_file_as!(rows::OutboxCount, "../store/queries/outbox_counts.sql")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn open_outbox(&self) -> Result<Vec<(Channel, OutboxState, u64)>, Failure> {
        let rows =
            sqlx::query_file_as!(rows::OutboxCount, "../store/queries/outbox_open_counts.sql")
                .fetch_all(&self.pool)
                .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}

async fn settle(
    transaction: &mut Writing,
    token: Uuid,
    settled: &[Settled],
    now: Timestamp,
) -> Result<(), Failure> {
    if settled.is_empty() {
        return Ok(());
    }
    let outcomes = column(settled, |one| Outcome::of(&one.verdict));
    sqlx::query_file!(
        "queries/outbox_settle.sql",
        token,
        &column(settled, |one| one.id),
        &column(&outcomes, |one| one.state.as_str()) as _,
        &column(&outcomes, |one| one.counted),
        &column(&outcomes, |one| one.due_at) as _,
        &column(&outcomes, |one| one.reply.as_ref()) as _,
        now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn call(
    transaction: &mut Writing,
    token: Uuid,
    calling: &[Uuid],
    now: Timestamp,
) -> Result<BTreeSet<Uuid>, Failure> {
    if calling.is_empty() {
        return Ok(BTreeSet::new());
    }
    let may = sqlx::query_file_scalar!("queries/outbox_call.sql", calling, token, now)
        .fetch_all(&mut **transaction)
        .await?;
    Ok(may.into_iter().collect())
}
