//! What must leave the hub, and what must not any more.

use bondhub_core::{
    identifier::PartyCode,
    party::Role,
    ports::store::{Commit, KeyName, OutboxRow, StoreError},
};
use bondhub_store::{Failure, text::to_json};

use super::column;
use crate::transaction::Writing;

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    add(transaction, commit).await?;
    overtake(transaction, commit).await
}

async fn add(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let rows = commit.outbox.as_slice();
    if rows.is_empty() {
        return Ok(());
    }
    let recipients: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write recipients", &row.to))
        .collect();
    let closed: Vec<&str> = commit.closed.iter().map(|one| one.as_str()).collect();
    sqlx::query_file!(
        "queries/outbox_add.sql",
        &column(rows, |row| row.id),
        &column(rows, |row| row.channel.as_str()) as _,
        &column(rows, |row| row.procurement.as_str()) as _,
        &column(rows, |row| row.name.as_str()) as _,
        &column(rows, |row| row.recipient.as_ref().map(PartyCode::as_str)) as _,
        &recipients?,
        &column(rows, |row| row.message_id.as_str()) as _,
        &column(rows, |row| row.body.as_slice()) as _,
        &carried(rows, |key| key.bond.issuer.as_str()) as _,
        &carried(rows, |key| key.bond.number.as_str()) as _,
        &carried(rows, |key| key.role.as_str()) as _,
        &carried(rows, |key| i64::from(key.edition)) as _,
        &column(rows, |row| row.encrypted_to.as_deref()) as _,
        &column(rows, |row| row.created_at),
        commit.lease.map(|lease| lease.token) as _,
        commit.lease.map(|lease| lease.until) as _,
        commit.now,
        &closed as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn carried<'a, U>(rows: &'a [OutboxRow], of: impl Fn(&'a KeyName) -> U) -> Vec<Option<U>> {
    rows.iter()
        .map(|row| row.carries.as_ref().map(&of))
        .collect()
}

async fn overtake(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let ended = commit.ended_keys.as_slice();
    if ended.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/outbox_overtake.sql",
        &column(ended, |keys| keys.bond.issuer.as_str()) as _,
        &column(ended, |keys| keys.bond.number.as_str()) as _,
        &column(ended, |keys| keys.role.map(Role::as_str)) as _,
        &column(ended, |keys| i64::from(keys.edition)),
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
