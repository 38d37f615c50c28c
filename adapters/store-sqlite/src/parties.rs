//! Parties, their certificates and standing instructions.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    calendar::Timestamp,
    identifier::PartyCode,
    party::{OpenPgpCertificate, Party, SigningCertificate},
    ports::store::{Book, Parties, StoreError},
};
use bondhub_store::{Failure, Instant, commit::party_waits, rows, text::to_json};

use crate::{
    audit,
    connection::SqliteStore,
    transaction::{Writing, looking, micros, step, writing},
};

#[async_trait]
impl Parties for SqliteStore {
    async fn book(&self) -> Result<Book, StoreError> {
        step("read the parties", self.read_book()).await
    }

    async fn put_party(
        &self,
        party: &Party,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<(), StoreError> {
        step("write a party", self.write_party(party, now, told)).await
    }

    async fn change_party(
        &self,
        before: &Party,
        party: &Party,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        let what = "change a party";
        step(what, self.replace_party(before, party, now, told)).await
    }

    async fn add_certificate(
        &self,
        certificate: &OpenPgpCertificate,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        step("enrol a certificate", self.enrol(certificate, told)).await
    }

    async fn revoke_certificate(
        &self,
        party: &PartyCode,
        fingerprint: &str,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        let what = "stop using a certificate";
        step(what, self.withdraw(party, fingerprint, now, told)).await
    }

    async fn put_signing(
        &self,
        certificate: &SigningCertificate,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        step("pin a signing certificate", self.pin(certificate, told)).await
    }

    async fn revoke_signing(
        &self,
        party: &PartyCode,
        fingerprint: &str,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, StoreError> {
        let what = "stop accepting a signing certificate";
        step(what, self.unpin(party, fingerprint, now, told)).await
    }
}

impl SqliteStore {
    async fn read_book(&self) -> Result<Book, Failure> {
        let mut transaction = looking(&self.readers).await?;
        Ok(Book {
            generation: generation(&mut transaction).await?,
            parties: parties(&mut transaction).await?,
            certificates: certificates(&mut transaction).await?,
            signing: signing(&mut transaction).await?,
            instructions: instructions(&mut transaction).await?,
        })
    }

    async fn write_party(
        &self,
        party: &Party,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<(), Failure> {
        let transaction = writing(&self.writer).await?;
        put(transaction, party, now, told).await
    }

    async fn replace_party(
        &self,
        before: &Party,
        party: &Party,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.writer).await?;
        if !parties(&mut transaction).await?.contains(before) {
            return Ok(false);
        }
        put(transaction, party, now, told).await?;
        Ok(true)
    }

    async fn enrol(
        &self,
        certificate: &OpenPgpCertificate,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let code = certificate.party.as_str();
        let usable_until = certificate.usable_until.map(micros);
        let revoked_at = certificate.revoked_at.map(micros);
        let added_at = micros(certificate.added_at);
        let mut transaction = writing(&self.writer).await?;
        let done = sqlx::query_file!(
            "../store/queries/certificate_add.sql",
            code,
            certificate.fingerprint,
            certificate.bytes,
            usable_until,
            certificate.modern,
            revoked_at,
            added_at,
        )
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        changed(transaction, &certificate.party, certificate.added_at, told).await?;
        Ok(true)
    }

    async fn withdraw(
        &self,
        party: &PartyCode,
        fingerprint: &str,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.writer).await?;
        let (code, at) = (party.as_str(), micros(now));
        let done = sqlx::query_file!(
            "../store/queries/certificate_revoke.sql",
            code,
            fingerprint,
            at
        )
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query_file!(
            "../store/queries/certificate_overtakes.sql",
            code,
            fingerprint,
            at
        )
        .execute(&mut *transaction)
        .await?;
        changed(transaction, party, now, told).await?;
        Ok(true)
    }

    async fn pin(
        &self,
        certificate: &SigningCertificate,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let code = certificate.party.as_str();
        let (valid_from, valid_until) = (
            micros(certificate.valid_from),
            micros(certificate.valid_until),
        );
        let revoked_at = certificate.revoked_at.map(micros);
        let added_at = micros(certificate.added_at);
        let mut transaction = writing(&self.writer).await?;
        let done = sqlx::query_file!(
            "../store/queries/signing_put.sql",
            code,
            certificate.fingerprint,
            certificate.der,
            valid_from,
            valid_until,
            revoked_at,
            certificate.entrusted_key,
            added_at,
        )
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        changed(transaction, &certificate.party, certificate.added_at, told).await?;
        Ok(true)
    }

    async fn unpin(
        &self,
        party: &PartyCode,
        fingerprint: &str,
        now: Timestamp,
        told: &[AuditEntry],
    ) -> Result<bool, Failure> {
        let (code, at) = (party.as_str(), micros(now));
        let mut transaction = writing(&self.writer).await?;
        let done = sqlx::query_file!("../store/queries/signing_revoke.sql", code, fingerprint, at)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        changed(transaction, party, now, told).await?;
        Ok(true)
    }
}

async fn put(
    mut transaction: Writing,
    party: &Party,
    now: Timestamp,
    told: &[AuditEntry],
) -> Result<(), Failure> {
    let content = to_json("write a party", party)?;
    let (code, changed_at) = (party.code.as_str(), micros(now));
    sqlx::query_file!("../store/queries/party_put.sql", code, content, changed_at)
        .execute(&mut *transaction)
        .await?;
    changed(transaction, &party.code, now, told).await
}

/// Ends a change of a party: counts it, makes due who waited for it, tells it, commits.
pub(crate) async fn changed(
    mut transaction: Writing,
    party: &PartyCode,
    now: Timestamp,
    told: &[AuditEntry],
) -> Result<(), Failure> {
    let [known, certificate, signature] = party_waits(party);
    let now = micros(now);
    sqlx::query_file!("../store/queries/book_raise.sql")
        .execute(&mut *transaction)
        .await?;
    sqlx::query_file!(
        "../store/queries/case_wake.sql",
        now,
        known,
        certificate,
        signature
    )
    .execute(&mut *transaction)
    .await?;
    audit::append(&mut transaction, told).await?;
    Ok(transaction.commit().await?)
}

async fn generation(transaction: &mut Writing) -> Result<i64, Failure> {
    let generation = sqlx::query_file_scalar!("../store/queries/book_generation.sql")
        .fetch_one(&mut **transaction)
        .await?;
    Ok(generation)
}

async fn parties(transaction: &mut Writing) -> Result<Vec<Party>, Failure> {
    let rows = sqlx::query_file_as!(rows::Party, "../store/queries/party_list.sql")
        .fetch_all(&mut **transaction)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

pub(crate) async fn certificates(
    transaction: &mut Writing,
) -> Result<Vec<OpenPgpCertificate>, Failure> {
    let rows = sqlx::query_file_as!(rows::Certificate, "../store/queries/certificate_list.sql")
        .fetch_all(&mut **transaction)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

async fn signing(transaction: &mut Writing) -> Result<Vec<SigningCertificate>, Failure> {
    let rows = sqlx::query_file_as!(rows::Signing, "../store/queries/signing_list.sql")
        .fetch_all(&mut **transaction)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

async fn instructions(
    transaction: &mut Writing,
) -> Result<Vec<bondhub_core::ports::store::InstructionRow>, Failure> {
    let rows = sqlx::query_file_as!(rows::Instruction, "../store/queries/instruction_list.sql")
        .fetch_all(&mut **transaction)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
