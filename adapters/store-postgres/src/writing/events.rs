//! Events, and the documents that came with them.

use bondhub_core::ports::{
    signing::Revocation,
    store::{Commit, StoreError},
};
use bondhub_store::{
    Failure,
    commit::{self, subject_of},
    failure::all_touched,
    text::{storable, to_json},
};

use super::column;
use crate::transaction::Writing;

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    add(transaction, commit).await?;
    place(transaction, commit).await?;
    wait(transaction, commit).await?;
    set_aside(transaction, commit).await?;
    add_documents(transaction, commit).await?;
    add_attachments(transaction, commit).await
}

async fn add(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let events = commit.events.as_slice();
    if events.is_empty() {
        return Ok(());
    }
    let done = sqlx::query_file!(
        "queries/event_add.sql",
        &column(events, |event| event.id),
        &column(events, |event| storable(&event.identity.source)) as _,
        &column(events, |event| storable(&event.identity.id)) as _,
        &column(events, |event| storable(&event.kind)) as _,
        &column(events, subject_of) as _,
        &column(events, |event| event.time),
        &column(events, |event| event.digest.as_str()) as _,
        &column(events, |event| event.state.as_str()) as _,
        &rejections(commit)? as _,
        &column(events, |event| event.waits_for.as_deref()) as _,
        &column(events, |event| event.body.as_slice()) as _,
        &column(events, |event| event.sealed),
        &column(events, |event| event.content_type.as_deref().map(storable)) as _,
        &column(events, |event| event.received_at),
        commit.now,
        &commit::replaced(commit),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(all_touched(done.rows_affected(), events.len())?)
}

fn rejections(commit: &Commit) -> Result<Vec<Option<String>>, StoreError> {
    let rejections = commit.events.iter().map(|event| {
        let text = event.rejection.as_ref();
        text.map(|rejection| to_json("write a rejection", rejection))
            .transpose()
    });
    rejections.collect()
}

async fn place(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let placed = commit::placed(commit);
    if placed.is_empty() {
        return Ok(());
    }
    sqlx::query_file!("queries/event_place.sql", &placed, commit.now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn wait(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let waiting = commit.waiting.as_slice();
    if waiting.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/event_wait.sql",
        &column(waiting, |one| one.0),
        &column(waiting, |one| one.1.as_str()) as _,
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// One statement each: they are few.
async fn set_aside(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for (id, rejection) in &commit.set_aside {
        let rejection = to_json("write a rejection", rejection)?;
        sqlx::query_file!(
            "../store/queries/event_set_aside.sql",
            id,
            rejection,
            commit.now
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn add_documents(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let (documents, keys) = (commit.documents.as_slice(), commit.data_keys.as_slice());
    if documents.is_empty() && keys.is_empty() {
        return Ok(());
    }
    let made = sqlx::query_file_scalar!(
        "queries/document_add.sql",
        &column(documents, |row| row.digest.as_str()) as _,
        &column(documents, |row| row.issuer.as_str()) as _,
        &column(documents, |row| row
            .bond
            .as_ref()
            .map(|bond| bond.number.as_str())) as _,
        &column(documents, |row| row.kind.as_str()) as _,
        &column(documents, |row| row.signed_at),
        &column(documents, |row| row.signer.as_str()) as _,
        &column(documents, |row| row.sealed.as_slice()) as _,
        commit.now,
        &column(keys, |row| row.compartment.issuer.as_str()) as _,
        &column(keys, |row| row.compartment.number()) as _,
        &column(keys, |row| row.wrapped.as_slice()) as _,
        &column(documents, |row| row
            .revocation
            .as_ref()
            .map(Revocation::as_str)) as _,
        &column(documents, |row| row
            .revocation
            .as_ref()
            .and_then(Revocation::why)) as _,
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok(all_touched(made.unsigned_abs(), keys.len())?)
}

/// One statement each: they are few, and may be large.
async fn add_attachments(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for row in &commit.attachments {
        sqlx::query_file!(
            "../store/queries/attachment_add.sql",
            row.bond.issuer.as_str(),
            row.bond.number.as_str(),
            row.sha256,
            commit.now,
            row.sealed,
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}
