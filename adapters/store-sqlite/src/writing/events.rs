//! Events, and the documents that came with them.

use bondhub_core::ports::{
    signing::Revocation,
    store::{AttachmentRow, Commit, DataKeyRow, DocumentRow, EventRow},
};
use bondhub_store::{
    Failure,
    commit::{self, subject_of},
    failure::all_touched,
    text::{storable, to_json},
};

use crate::transaction::{Writing, micros};

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let now = micros(commit.now);
    let replaced = commit::replaced(commit);
    for event in &commit.events {
        add(transaction, event, replaced.contains(&event.id), now).await?;
    }
    for id in commit::placed(commit) {
        sqlx::query_file!("queries/event_place.sql", id, now)
            .execute(&mut **transaction)
            .await?;
    }
    for (id, waits_for) in &commit.waiting {
        sqlx::query_file!("queries/event_wait.sql", id, waits_for, now)
            .execute(&mut **transaction)
            .await?;
    }
    for (id, rejection) in &commit.set_aside {
        let rejection = to_json("write a rejection", rejection)?;
        sqlx::query_file!("../store/queries/event_set_aside.sql", id, rejection, now)
            .execute(&mut **transaction)
            .await?;
    }
    for document in &commit.documents {
        add_document(transaction, document, now).await?;
    }
    for key in &commit.data_keys {
        add_data_key(transaction, key, now).await?;
    }
    for attachment in &commit.attachments {
        add_attachment(transaction, attachment, now).await?;
    }
    Ok(())
}

async fn add(
    transaction: &mut Writing,
    event: &EventRow,
    may_replace: bool,
    now: i64,
) -> Result<(), Failure> {
    let rejection = event.rejection.as_ref();
    let rejection = rejection
        .map(|rejection| to_json("write a rejection", rejection))
        .transpose()?;
    let (source, event_id) = (
        storable(&event.identity.source),
        storable(&event.identity.id),
    );
    let (kind, content_type) = (
        storable(&event.kind),
        event.content_type.as_deref().map(storable),
    );
    let (subject, state) = (subject_of(event), event.state.as_str());
    let (time, received_at) = (micros(event.time), micros(event.received_at));
    let done = sqlx::query_file!(
        "queries/event_add.sql",
        event.id,
        source,
        event_id,
        kind,
        subject,
        time,
        event.digest,
        state,
        rejection,
        event.waits_for,
        event.body,
        event.sealed,
        content_type,
        received_at,
        now,
        may_replace,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(all_touched(done.rows_affected(), 1)?)
}

async fn add_document(
    transaction: &mut Writing,
    row: &DocumentRow,
    now: i64,
) -> Result<(), Failure> {
    let (issuer, signed_at) = (row.issuer.as_str(), micros(row.signed_at));
    let number = row.bond.as_ref().map(|bond| bond.number.as_str());
    let revocation = row.revocation.as_ref().map(Revocation::as_str);
    let why = row.revocation.as_ref().and_then(Revocation::why);
    sqlx::query_file!(
        "queries/document_add.sql",
        row.digest,
        issuer,
        number,
        row.kind,
        signed_at,
        row.signer,
        row.sealed,
        now,
        revocation,
        why,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn add_data_key(
    transaction: &mut Writing,
    row: &DataKeyRow,
    now: i64,
) -> Result<(), Failure> {
    let (issuer, number) = (row.compartment.issuer.as_str(), row.compartment.number());
    let done = sqlx::query_file!("queries/data_key_add.sql", issuer, number, row.wrapped, now)
        .execute(&mut **transaction)
        .await?;
    Ok(all_touched(done.rows_affected(), 1)?)
}

async fn add_attachment(
    transaction: &mut Writing,
    row: &AttachmentRow,
    now: i64,
) -> Result<(), Failure> {
    let (issuer, number) = (row.bond.issuer.as_str(), row.bond.number.as_str());
    sqlx::query_file!(
        "../store/queries/attachment_add.sql",
        issuer,
        number,
        row.sha256,
        now,
        row.sealed,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
