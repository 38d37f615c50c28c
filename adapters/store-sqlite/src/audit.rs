//! The audit log. There is one writer, so that the head needs no lock of its own.

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
    connection::SqliteStore,
    transaction::{Writing, micros, step, writing},
};

#[async_trait]
impl AuditLog for SqliteStore {
    async fn record(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        step("append to the audit log", self.record_all(entries)).await
    }

    async fn audit_head(&self) -> Result<Head, StoreError> {
        step("read the audit log's head", self.read_head()).await
    }

    async fn audit_links(&self, filter: &AuditFilter) -> Result<Vec<Link>, StoreError> {
        step("read the audit log", self.read_links(filter)).await
    }

    async fn keep_signed_head(
        &self,
        head: &SignedHead,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        step("keep a signed head", self.keep_head(head, told)).await
    }

    async fn signed_heads(&self) -> Result<Vec<SignedHead>, StoreError> {
        step("read the signed heads", self.read_signed()).await
    }

    async fn purge_details(&self, before: Timestamp, told: &AuditEntry) -> Result<u64, StoreError> {
        step("purge details of the audit log", self.purge(before, told)).await
    }
}

impl SqliteStore {
    async fn record_all(&self, entries: &[AuditEntry]) -> Result<(), Failure> {
        let mut transaction = writing(&self.writer).await?;
        append(&mut transaction, entries).await?;
        Ok(transaction.commit().await?)
    }

    async fn read_head(&self) -> Result<Head, Failure> {
        let row = sqlx::query_file!("../store/queries/audit_head.sql")
            .fetch_one(&self.readers)
            .await?;
        Ok(audit_head(row.sequence, row.hash)?)
    }

    async fn read_links(&self, filter: &AuditFilter) -> Result<Vec<Link>, Failure> {
        let (after, limit) = (audit_number(filter.after), limit_of(filter.limit));
        let (from, to) = (filter.from.map(micros), filter.to.map(micros));
        let rows = sqlx::query_file_as!(
            rows::AuditLink,
            "queries/audit_list.sql",
            after,
            filter.subject,
            from,
            to,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn keep_head(&self, head: &SignedHead, told: &AuditEntry) -> Result<bool, Failure> {
        let (sequence, at) = (audit_number(head.head.sequence), micros(head.at));
        let hash = head.head.hash.as_slice();
        let mut transaction = writing(&self.writer).await?;
        let done = sqlx::query_file!(
            "../store/queries/audit_sign.sql",
            head.day,
            sequence,
            hash,
            at,
            head.signature,
        )
        .execute(&mut *transaction)
        .await?;
        tell(transaction, done.rows_affected() == 1, told).await
    }

    async fn read_signed(&self) -> Result<Vec<SignedHead>, Failure> {
        let rows = sqlx::query_file_as!(rows::AuditSigned, "../store/queries/audit_signed.sql")
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn purge(&self, before: Timestamp, told: &AuditEntry) -> Result<u64, Failure> {
        let before = micros(before);
        let mut transaction = writing(&self.writer).await?;
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

/// Appends entries at the end of a transaction.
pub(crate) async fn append(
    transaction: &mut Writing,
    entries: &[AuditEntry],
) -> Result<(), Failure> {
    if entries.is_empty() {
        return Ok(());
    }
    let row = sqlx::query_file!("../store/queries/audit_head.sql")
        .fetch_one(&mut **transaction)
        .await?;
    let mut head = audit_head(row.sequence, row.hash)?;
    for entry in entries {
        let salt = salt(transaction, entry).await?;
        let link = head.append(entry, &salt);
        add(transaction, entry, &link).await?;
        head = link.head();
    }
    let (sequence, hash) = (audit_number(head.sequence), head.hash.as_slice());
    sqlx::query_file!("queries/audit_head_move.sql", sequence, hash)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn salt(transaction: &mut Writing, entry: &AuditEntry) -> Result<Vec<u8>, Failure> {
    if entry.private_content().is_none() {
        return Ok(Vec::new());
    }
    let salt = sqlx::query_file_scalar!("queries/audit_salt.sql")
        .fetch_one(&mut **transaction)
        .await?;
    Ok(salt)
}

async fn add(transaction: &mut Writing, entry: &AuditEntry, link: &Link) -> Result<(), Failure> {
    let (sequence, at) = (audit_number(link.sequence), micros(entry.at));
    let (subject, hash) = (storable(&entry.subject), link.hash.as_slice());
    sqlx::query_file!(
        "queries/audit_entry_add.sql",
        sequence,
        at,
        subject,
        link.entry,
        hash
    )
    .execute(&mut **transaction)
    .await?;
    if let Some(private) = &link.private {
        sqlx::query_file!(
            "queries/audit_detail_add.sql",
            sequence,
            private.salt,
            private.content
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}
