//! The vault's things.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::BondId,
    ports::store::{
        AttachmentRow, Compartment, CopyRow, DataKeyRow, DocumentRow, Resealed, SealedCount,
        SealedItem, SealedKind, StoreError, Vault,
    },
};
use bondhub_store::{
    Failure, Instant, limit_of,
    rows::vault::{self as rows, NAMES_ITS_KEY, UNDER_DATA_KEY},
};
use uuid::Uuid;

use crate::{
    audit,
    connection::SqliteStore,
    transaction::{Writing, micros, step, writing},
};

#[async_trait]
impl Vault for SqliteStore {
    async fn document(&self, digest: &str) -> Result<Option<DocumentRow>, StoreError> {
        step("read a document", self.document_once(digest)).await
    }

    async fn attachment(
        &self,
        bond: &BondId,
        sha256: &str,
    ) -> Result<Option<AttachmentRow>, StoreError> {
        step("read an attachment", self.attachment_once(bond, sha256)).await
    }

    async fn data_key(&self, compartment: &Compartment) -> Result<Option<DataKeyRow>, StoreError> {
        step("read a data key", self.data_key_once(compartment)).await
    }

    async fn add_copy(&self, copy: &CopyRow, told: &AuditEntry) -> Result<(), StoreError> {
        step("record a copy", self.add_copy_once(copy, told)).await
    }

    async fn copy(&self, id: &str) -> Result<Option<CopyRow>, StoreError> {
        step("read a copy", self.copy_once(id)).await
    }

    async fn sealed_otherwise(
        &self,
        kind: SealedKind,
        head: &[u8],
        after: &(String, String),
        limit: u32,
    ) -> Result<Vec<SealedItem>, StoreError> {
        step(
            "look for what is sealed",
            self.sealed_once(kind, head, after, limit),
        )
        .await
    }

    async fn reseal(
        &self,
        kind: SealedKind,
        items: &[Resealed],
        told: &AuditEntry,
    ) -> Result<u64, StoreError> {
        step("seal anew", self.reseal_once(kind, items, told)).await
    }

    async fn sealed_counts(&self) -> Result<Vec<SealedCount>, StoreError> {
        step("count what is sealed", self.sealed_counts_once()).await
    }
}

impl SqliteStore {
    async fn document_once(&self, digest: &str) -> Result<Option<DocumentRow>, Failure> {
        let row = sqlx::query_file_as!(
            rows::Document,
            "../store/queries/document_by_digest.sql",
            digest
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(DocumentRow::try_from).transpose()?)
    }

    async fn attachment_once(
        &self,
        bond: &BondId,
        sha256: &str,
    ) -> Result<Option<AttachmentRow>, Failure> {
        let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
        let sealed = sqlx::query_file_scalar!(
            "../store/queries/attachment_by_digest.sql",
            issuer,
            number,
            sha256
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(sealed.map(|sealed| AttachmentRow {
            bond: bond.clone(),
            sha256: sha256.to_owned(),
            sealed,
        }))
    }

    async fn data_key_once(
        &self,
        compartment: &Compartment,
    ) -> Result<Option<DataKeyRow>, Failure> {
        let (issuer, number) = (compartment.issuer.as_str(), compartment.number());
        let wrapped = sqlx::query_file_scalar!(
            "../store/queries/data_key_by_compartment.sql",
            issuer,
            number
        )
        .fetch_optional(&self.readers)
        .await?;
        Ok(wrapped.map(|wrapped| DataKeyRow {
            compartment: compartment.clone(),
            wrapped,
        }))
    }

    async fn add_copy_once(&self, copy: &CopyRow, told: &AuditEntry) -> Result<(), Failure> {
        let (issuer, number) = (copy.bond.issuer.as_str(), copy.bond.number.as_str());
        let (version, holder) = (i64::from(copy.version), copy.holder.as_str());
        let (role, made_at) = (copy.role.as_str(), micros(copy.made_at));
        let mut transaction = writing(&self.writer).await?;
        sqlx::query_file!(
            "../store/queries/copy_add.sql",
            copy.id,
            issuer,
            number,
            version,
            copy.document,
            holder,
            role,
            copy.sha256,
            made_at,
        )
        .execute(&mut *transaction)
        .await?;
        audit::tell(transaction, true, told).await?;
        Ok(())
    }

    async fn copy_once(&self, id: &str) -> Result<Option<CopyRow>, Failure> {
        let row = sqlx::query_file_as!(rows::Copy, "../store/queries/copy_by_id.sql", id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(CopyRow::try_from).transpose()?)
    }

    async fn sealed_once(
        &self,
        kind: SealedKind,
        head: &[u8],
        after: &(String, String),
        limit: u32,
    ) -> Result<Vec<SealedItem>, Failure> {
        let limit = limit_of(limit);
        let (one, other) = (after.0.as_str(), after.1.as_str());
        let pairs = match kind {
            SealedKind::DataKey => {
                sqlx::query_file_as!(
                    rows::SealedPair,
                    "../store/queries/sealed_data_keys.sql",
                    head,
                    one,
                    other,
                    limit
                )
                .fetch_all(&self.readers)
                .await?
            }
            SealedKind::Entrusted => {
                sqlx::query_file_as!(
                    rows::SealedPair,
                    "../store/queries/sealed_entrusted.sql",
                    head,
                    one,
                    other,
                    limit
                )
                .fetch_all(&self.readers)
                .await?
            }
            SealedKind::OneTimePassword => {
                sqlx::query_file_as!(
                    rows::SealedPair,
                    "../store/queries/sealed_totp.sql",
                    head,
                    one,
                    limit
                )
                .fetch_all(&self.readers)
                .await?
            }
            SealedKind::Request => {
                sqlx::query_file_as!(
                    rows::SealedPair,
                    "../store/queries/sealed_requests.sql",
                    head,
                    one,
                    limit
                )
                .fetch_all(&self.readers)
                .await?
            }
            SealedKind::Event => return self.sealed_events(head, after, limit).await,
            SealedKind::Document => return self.sealed_documents(head, one, limit).await,
        };
        Ok(pairs.into_iter().map(SealedItem::from).collect())
    }

    async fn sealed_events(
        &self,
        head: &[u8],
        after: &(String, String),
        limit: i64,
    ) -> Result<Vec<SealedItem>, Failure> {
        let after = rows::event_id(after);
        let found = sqlx::query_file_as!(
            rows::SealedEvent,
            "../store/queries/sealed_events.sql",
            head,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(found.into_iter().map(SealedItem::from).collect())
    }

    async fn sealed_documents(
        &self,
        head: &[u8],
        after: &str,
        limit: i64,
    ) -> Result<Vec<SealedItem>, Failure> {
        let under_data_key = UNDER_DATA_KEY.as_slice();
        let found = sqlx::query_file_as!(
            rows::SealedDocument,
            "../store/queries/sealed_documents.sql",
            head,
            under_data_key,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(found.into_iter().map(SealedItem::from).collect())
    }

    async fn reseal_once(
        &self,
        kind: SealedKind,
        items: &[Resealed],
        told: &AuditEntry,
    ) -> Result<u64, Failure> {
        let mut transaction = writing(&self.writer).await?;
        let changed = match kind {
            SealedKind::DataKey => data_keys(&mut transaction, items, told.at).await?,
            SealedKind::Entrusted
            | SealedKind::OneTimePassword
            | SealedKind::Request
            | SealedKind::Event
            | SealedKind::Document => {
                let mut changed = 0;
                for item in items {
                    changed += one(&mut transaction, kind, item).await?;
                }
                changed
            }
        };
        let told = told.clone().with("kind", kind.as_str());
        audit::tell_count(transaction, changed, "resealed", &told).await
    }

    async fn sealed_counts_once(&self) -> Result<Vec<SealedCount>, Failure> {
        let (under_data_key, names) = (UNDER_DATA_KEY.as_slice(), NAMES_ITS_KEY.as_slice());
        let rows = sqlx::query_file_as!(
            rows::Count,
            "../store/queries/sealed_counts.sql",
            under_data_key,
            names
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}

async fn one(transaction: &mut Writing, kind: SealedKind, item: &Resealed) -> Result<u64, Failure> {
    let (key, other) = (item.key.0.as_str(), item.key.1.as_str());
    let done = match kind {
        SealedKind::Entrusted => {
            let query = sqlx::query_file!(
                "../store/queries/reseal_entrusted.sql",
                key,
                other,
                item.before,
                item.after
            );
            query.execute(&mut **transaction).await?
        }
        SealedKind::Document => {
            let query = sqlx::query_file!(
                "../store/queries/reseal_document.sql",
                key,
                item.before,
                item.after
            );
            query.execute(&mut **transaction).await?
        }
        SealedKind::OneTimePassword => {
            let query = sqlx::query_file!(
                "../store/queries/reseal_totp.sql",
                key,
                item.before,
                item.after
            );
            query.execute(&mut **transaction).await?
        }
        SealedKind::Request => {
            let query = sqlx::query_file!(
                "../store/queries/reseal_request.sql",
                key,
                item.before,
                item.after
            );
            query.execute(&mut **transaction).await?
        }
        SealedKind::Event | SealedKind::DataKey => {
            let id = rows::event_id(&item.key);
            let query = sqlx::query_file!(
                "../store/queries/reseal_event.sql",
                id,
                item.before,
                item.after
            );
            query.execute(&mut **transaction).await?
        }
    };
    Ok(done.rows_affected())
}

async fn data_keys(
    transaction: &mut Writing,
    items: &[Resealed],
    now: Timestamp,
) -> Result<u64, Failure> {
    let (now, mut changed) = (micros(now), 0);
    for item in items {
        let done = sqlx::query_file!(
            "queries/reseal_data_key.sql",
            item.key.0,
            item.key.1,
            item.before,
            item.after,
            now
        )
        .execute(&mut **transaction)
        .await?;
        changed += done.rows_affected();
    }
    Ok(changed)
}
