//! Enrolments of certificates, and warnings given once.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    identifier::PartyCode,
    party::OpenPgpCertificate,
    ports::store::{Commit, EnrolmentRow, Enrolments, StoreError},
};
use bondhub_store::{Failure, Instant, rows};

use crate::{
    audit,
    connection::PostgresStore,
    parties::{certificates, changed},
    transaction::{Writing, changing_parties, step, writing},
    writing::write_mails,
};

#[async_trait]
impl Enrolments for PostgresStore {
    async fn begin_enrolment(&self, row: &EnrolmentRow, with: &Commit) -> Result<(), StoreError> {
        step("begin an enrolment", || {
            self.begin_enrolment_once(row, with)
        })
        .await
    }

    async fn enrolments(&self) -> Result<Vec<EnrolmentRow>, StoreError> {
        step("list enrolments", || self.enrolments_once()).await
    }

    async fn try_enrolment(
        &self,
        party: &PartyCode,
        told: &AuditEntry,
    ) -> Result<Option<EnrolmentRow>, StoreError> {
        step("try an enrolment", || self.try_enrolment_once(party, told)).await
    }

    async fn finish_enrolment(
        &self,
        row: &EnrolmentRow,
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("finish an enrolment", || {
            self.finish_enrolment_once(row, with)
        })
        .await
    }

    async fn warned(&self, subject: &str, days: i64) -> Result<bool, StoreError> {
        step("look for a warning", || self.warned_now(subject, days)).await
    }

    async fn replace_enrolment(
        &self,
        row: &EnrolmentRow,
        by: Option<&EnrolmentRow>,
        with: &Commit,
    ) -> Result<bool, StoreError> {
        step("replace an enrolment", || {
            self.replace_enrolment_once(row, by, with)
        })
        .await
    }

    async fn warn_once(&self, subject: &str, days: i64, with: &Commit) -> Result<bool, StoreError> {
        step("note a warning", || self.warn_once_now(subject, days, with)).await
    }
}

impl PostgresStore {
    async fn begin_enrolment_once(&self, row: &EnrolmentRow, with: &Commit) -> Result<(), Failure> {
        let mut transaction = writing(&self.pool).await?;
        put_enrolment(&mut transaction, row).await?;
        write_mails(&mut transaction, with).await?;
        Ok(transaction.commit().await?)
    }

    async fn enrolments_once(&self) -> Result<Vec<EnrolmentRow>, Failure> {
        let rows = sqlx::query_file_as!(rows::Enrolment, "../store/queries/enrolment_list.sql")
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn try_enrolment_once(
        &self,
        party: &PartyCode,
        told: &AuditEntry,
    ) -> Result<Option<EnrolmentRow>, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let row = sqlx::query_file_as!(
            rows::Enrolment,
            "../store/queries/enrolment_try.sql",
            party.as_str(),
            told.at,
        )
        .fetch_optional(&mut *transaction)
        .await?;
        audit::tell(transaction, row.is_some(), told).await?;
        Ok(row.map(TryInto::try_into).transpose()?)
    }

    async fn finish_enrolment_once(
        &self,
        row: &EnrolmentRow,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let its = &row.certificate;
        let (code, now) = (its.party.as_str(), with.now);
        let mut transaction = changing_parties(&self.pool).await?;
        let ended = sqlx::query_file!(
            "../store/queries/enrolment_end.sql",
            code,
            its.fingerprint,
            row.code
        )
        .execute(&mut *transaction)
        .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        let added = sqlx::query_file!(
            "../store/queries/certificate_add.sql",
            code,
            its.fingerprint,
            its.bytes,
            its.usable_until,
            its.modern,
            its.revoked_at,
            now,
        )
        .execute(&mut *transaction)
        .await?;
        if added.rows_affected() == 0 && was_revoked(&mut transaction, its).await? {
            return Ok(false);
        }
        sqlx::query_file!(
            "../store/queries/certificate_supersede.sql",
            code,
            its.fingerprint,
            now
        )
        .execute(&mut *transaction)
        .await?;
        write_mails(
            &mut transaction,
            &Commit {
                audit: Vec::new(),
                ..with.clone()
            },
        )
        .await?;
        changed(transaction, &its.party, now, &with.audit).await?;
        Ok(true)
    }

    async fn warned_now(&self, subject: &str, days: i64) -> Result<bool, Failure> {
        let count = sqlx::query_file_scalar!("../store/queries/warning_known.sql", subject, days)
            .fetch_one(&self.pool)
            .await?;
        Ok(count > 0)
    }

    async fn replace_enrolment_once(
        &self,
        row: &EnrolmentRow,
        by: Option<&EnrolmentRow>,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let its = &row.certificate;
        let mut transaction = writing(&self.pool).await?;
        let ended = sqlx::query_file!(
            "../store/queries/enrolment_end.sql",
            its.party.as_str(),
            its.fingerprint,
            row.code
        )
        .execute(&mut *transaction)
        .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(by) = by {
            put_enrolment(&mut transaction, by).await?;
        }
        write_mails(&mut transaction, with).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn warn_once_now(
        &self,
        subject: &str,
        days: i64,
        with: &Commit,
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let noted = sqlx::query_file!("../store/queries/warning_add.sql", subject, days, with.now)
            .execute(&mut *transaction)
            .await?;
        if noted.rows_affected() == 0 {
            return Ok(false);
        }
        write_mails(&mut transaction, with).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

/// Whether a certificate that the party has already was revoked.
async fn was_revoked(
    transaction: &mut Writing,
    certificate: &OpenPgpCertificate,
) -> Result<bool, Failure> {
    let known = certificates(transaction).await?;
    Ok(known.iter().any(|one| {
        one.party == certificate.party
            && one.fingerprint == certificate.fingerprint
            && one.revoked_at.is_some()
    }))
}

/// The enrolment of its party, whatever was there.
async fn put_enrolment(transaction: &mut Writing, row: &EnrolmentRow) -> Result<(), Failure> {
    let its = &row.certificate;
    sqlx::query_file!(
        "../store/queries/enrolment_begin.sql",
        its.party.as_str(),
        its.fingerprint,
        its.bytes,
        its.usable_until,
        its.modern,
        row.code,
        i64::from(row.tries_left),
        its.added_at,
        row.ends_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
