//! The audit log. The function `audit_append` of the schema links entries: one round trip, and the
//! head is locked only from there to the end of the transaction.

use async_trait::async_trait;
use bondhub_core::{
    audit::{AuditEntry, Head, Link, SignedHead},
    calendar::Timestamp,
    ports::store::{AuditFilter, AuditLog, StoreError},
};
use bondhub_store::{
    Failure, Instant, limit_of,
    rows::{self, audit_head, audit_number},
    text::storable,
};

use crate::{
    connection::PostgresStore,
    transaction::{Writing, step, writing},
    writing::column,
};

#[async_trait]
impl AuditLog for PostgresStore {
    async fn record(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        step("append to the audit log", || self.record_once(entries)).await
    }

    async fn audit_head(&self) -> Result<Head, StoreError> {
        step("read the audit log's head", || self.read_head()).await
    }

    async fn audit_links(&self, filter: &AuditFilter) -> Result<Vec<Link>, StoreError> {
        step("read the audit log", || self.read_links(filter)).await
    }

    async fn keep_signed_head(
        &self,
        head: &SignedHead,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        step("keep a signed head", || self.keep_head(head, told)).await
    }

    async fn signed_heads(&self) -> Result<Vec<SignedHead>, StoreError> {
        step("read the signed heads", || self.read_signed()).await
    }

    async fn purge_details(&self, before: Timestamp, told: &AuditEntry) -> Result<u64, StoreError> {
        let what = "purge details of the audit log";
        step(what, || self.purge_once(before, told)).await
    }
}

impl PostgresStore {
    async fn record_once(&self, entries: &[AuditEntry]) -> Result<(), Failure> {
        let mut transaction = writing(&self.pool).await?;
        append(&mut transaction, entries).await?;
        Ok(transaction.commit().await?)
    }

    async fn read_head(&self) -> Result<Head, Failure> {
        let row = sqlx::query_file!("../store/queries/audit_head.sql")
            .fetch_one(&self.pool)
            .await?;
        Ok(audit_head(row.sequence, row.hash)?)
    }

    async fn read_links(&self, filter: &AuditFilter) -> Result<Vec<Link>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::AuditLink,
            "queries/audit_list.sql",
            audit_number(filter.after),
            filter.subject.as_deref() as _,
            filter.from as _,
            filter.to as _,
            limit_of(filter.limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn keep_head(&self, head: &SignedHead, told: &AuditEntry) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!(
            "../store/queries/audit_sign.sql",
            head.day,
            audit_number(head.head.sequence),
            head.head.hash.as_slice(),
            head.at,
            head.signature,
        )
        .execute(&mut *transaction)
        .await?;
        tell(transaction, done.rows_affected() == 1, told).await
    }

    async fn read_signed(&self) -> Result<Vec<SignedHead>, Failure> {
        let rows = sqlx::query_file_as!(rows::AuditSigned, "../store/queries/audit_signed.sql")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn purge_once(&self, before: Timestamp, told: &AuditEntry) -> Result<u64, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let purged = sqlx::query_file!("../store/queries/audit_purge.sql", before)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        tell_count(transaction, purged, "entries", told).await
    }
}

/// Ends a transaction with what is told of it. What changed nothing is not told, and rolled back.
pub(crate) async fn tell(
    mut transaction: Writing,
    changed: bool,
    told: &AuditEntry,
) -> Result<bool, Failure> {
    if changed {
        append(&mut transaction, std::slice::from_ref(told)).await?;
        transaction.commit().await?;
    }
    Ok(changed)
}

/// The same for what changed so many rows, told by that name.
pub(crate) async fn tell_count(
    transaction: Writing,
    count: u64,
    name: &str,
    told: &AuditEntry,
) -> Result<u64, Failure> {
    let told = told.clone().with(name, count);
    tell(transaction, count > 0, &told).await?;
    Ok(count)
}

/// Appends entries at the end of a transaction: whoever comes after waits for its end.
pub(crate) async fn append(
    transaction: &mut Writing,
    entries: &[AuditEntry],
) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let (befores, afters): (Vec<String>, Vec<String>) =
        entries.iter().map(AuditEntry::around).unzip();
    sqlx::query_file_scalar!(
        "queries/audit_append.sql",
        &befores,
        &afters,
        &column(entries, AuditEntry::private_content) as _,
        &column(entries, |entry| entry.at),
        &column(entries, |entry| storable(&entry.subject)) as _,
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok(())
}
