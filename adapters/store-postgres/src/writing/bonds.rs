//! Bonds, their versions, keys, tasks and movements.

use bondhub_core::{
    party::Role,
    ports::store::{BondRow, Commit, KeyRow, StoreError},
};
use bondhub_store::{Failure, commit, failure::all_touched, text::to_json};

use super::column;
use crate::transaction::Writing;

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    put(transaction, commit).await?;
    add_versions(transaction, commit).await?;
    add_keys(transaction, commit).await?;
    end_keys(transaction, commit).await?;
    open_tasks(transaction, commit).await?;
    close_tasks(transaction, commit).await?;
    add_movements(transaction, commit).await
}

async fn put(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let rows: Vec<&BondRow> = commit::bonds(commit);
    if rows.is_empty() {
        return Ok(());
    }
    let terms: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write a bond", &row.terms))
        .collect();
    let causes: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write a bond", &row.cause))
        .collect();
    let done = sqlx::query_file!(
        "queries/bond_put.sql",
        &column(&rows, |row| row.bond.issuer.as_str()) as _,
        &column(&rows, |row| row.bond.number.as_str()) as _,
        &column(&rows, |row| row.terms.procurement.as_str()) as _,
        &column(&rows, |row| row.terms.principal.as_str()) as _,
        &column(&rows, |row| row.terms.obligee.as_str()) as _,
        &column(&rows, |row| i64::from(row.version)),
        &column(&rows, |row| row.state.as_str()) as _,
        &terms?,
        &causes?,
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(all_touched(done.rows_affected(), rows.len())?)
}

async fn add_versions(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let rows = commit.versions.as_slice();
    if rows.is_empty() {
        return Ok(());
    }
    let terms: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write a bond's version", &row.terms))
        .collect();
    let causes: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write a bond's version", &row.cause))
        .collect();
    sqlx::query_file!(
        "queries/version_add.sql",
        &column(rows, |row| row.bond.issuer.as_str()) as _,
        &column(rows, |row| row.bond.number.as_str()) as _,
        &column(rows, |row| i64::from(row.version)),
        &terms?,
        &causes?,
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn add_keys(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let keys: &[KeyRow] = &commit.keys;
    if keys.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/key_add.sql",
        &column(keys, |key| key.kid.as_str()) as _,
        &column(keys, |key| key.bond.issuer.as_str()) as _,
        &column(keys, |key| key.bond.number.as_str()) as _,
        &column(keys, |key| i64::from(key.version)),
        &column(keys, |key| i64::from(key.edition)),
        &column(keys, |key| key.holder.as_str()) as _,
        &column(keys, |key| key.role.as_str()) as _,
        &column(keys, |key| key.digest.as_slice()) as _,
        &column(keys, |key| key.statement.as_slice()) as _,
        &column(keys, |key| key.issued_at),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn end_keys(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let ended = commit.ended_keys.as_slice();
    if ended.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/key_end.sql",
        &column(ended, |keys| keys.bond.issuer.as_str()) as _,
        &column(ended, |keys| keys.bond.number.as_str()) as _,
        &column(ended, |keys| keys.role.map(Role::as_str)) as _,
        &column(ended, |keys| i64::from(keys.edition)),
        &column(ended, |keys| keys.reason.as_str()) as _,
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn open_tasks(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let rows = commit::tasks_opened(commit);
    if rows.is_empty() {
        return Ok(());
    }
    let contents: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write a task", &row.task))
        .collect();
    sqlx::query_file!(
        "queries/task_open.sql",
        &column(&rows, |row| row.procurement.as_str()) as _,
        &column(&rows, |row| row.key.to_string()),
        &contents?,
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn close_tasks(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let closed = commit::tasks_closed(commit);
    if closed.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/task_close.sql",
        &column(&closed, |one| one.0.as_str()) as _,
        &column(&closed, |one| one.1.to_string()),
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn add_movements(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let rows = commit.movements.as_slice();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/movement_add.sql",
        &column(rows, |row| row.id),
        &column(rows, |row| row.bond.issuer.as_str()) as _,
        &column(rows, |row| row.bond.number.as_str()) as _,
        &column(rows, |row| row.principal.as_str()) as _,
        &column(rows, |row| row.holder.as_str()) as _,
        &column(rows, |row| row.obligee.as_str()) as _,
        &column(rows, |row| row.effective),
        &column(rows, |row| row.recorded),
        &column(rows, |row| row.delta),
        &column(rows, |row| row.currency.as_str()) as _,
        &column(rows, |row| count(row.bonds)),
        &column(rows, |row| count(row.held)),
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// A change of a number of bonds: -1, 0 or 1.
fn count(change: i32) -> i16 {
    i16::try_from(change).unwrap_or_default()
}
