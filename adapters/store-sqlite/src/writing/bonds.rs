//! Bonds, their versions, keys, tasks and movements.

use bondhub_core::{
    party::Role,
    ports::store::{BondRow, Commit, EndedKeys, KeyRow, MovementRow, TaskRow, VersionRow},
};
use bondhub_store::{Failure, commit, failure::all_touched, text::to_json};

use crate::transaction::{Writing, micros};

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let now = micros(commit.now);
    for row in commit::bonds(commit) {
        put(transaction, row, now).await?;
    }
    for row in &commit.versions {
        add_version(transaction, row, now).await?;
    }
    for key in &commit.keys {
        add_key(transaction, key).await?;
    }
    for ended in &commit.ended_keys {
        end_keys(transaction, ended, now).await?;
    }
    for row in commit::tasks_opened(commit) {
        open_task(transaction, row, now).await?;
    }
    for (procurement, key) in commit::tasks_closed(commit) {
        close_task(transaction, procurement.as_str(), &key.to_string(), now).await?;
    }
    for row in &commit.movements {
        add_movement(transaction, row, now).await?;
    }
    Ok(())
}

async fn put(transaction: &mut Writing, row: &BondRow, now: i64) -> Result<(), Failure> {
    let (issuer, number) = (row.bond.issuer.as_str(), row.bond.number.as_str());
    let procurement = row.terms.procurement.as_str();
    let (principal, obligee) = (row.terms.principal.as_str(), row.terms.obligee.as_str());
    let terms = to_json("write a bond", &row.terms)?;
    let cause = to_json("write a bond", &row.cause)?;
    let state = row.state.as_str();
    let done = sqlx::query_file!(
        "queries/bond_put.sql",
        issuer,
        number,
        procurement,
        principal,
        obligee,
        row.version,
        state,
        terms,
        cause,
        now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(all_touched(done.rows_affected(), 1)?)
}

async fn add_version(transaction: &mut Writing, row: &VersionRow, now: i64) -> Result<(), Failure> {
    let (issuer, number) = (row.bond.issuer.as_str(), row.bond.number.as_str());
    let terms = to_json("write a bond's version", &row.terms)?;
    let cause = to_json("write a bond's version", &row.cause)?;
    sqlx::query_file!(
        "queries/version_add.sql",
        issuer,
        number,
        row.version,
        terms,
        cause,
        now
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn add_key(transaction: &mut Writing, key: &KeyRow) -> Result<(), Failure> {
    let (issuer, number) = (key.bond.issuer.as_str(), key.bond.number.as_str());
    let (holder, role) = (key.holder.as_str(), key.role.as_str());
    let issued_at = micros(key.issued_at);
    sqlx::query_file!(
        "queries/key_add.sql",
        key.kid,
        issuer,
        number,
        key.version,
        key.edition,
        holder,
        role,
        key.digest,
        key.statement,
        issued_at,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn end_keys(transaction: &mut Writing, ended: &EndedKeys, now: i64) -> Result<(), Failure> {
    let (issuer, number) = (ended.bond.issuer.as_str(), ended.bond.number.as_str());
    let role = ended.role.map(Role::as_str);
    sqlx::query_file!(
        "queries/key_end.sql",
        issuer,
        number,
        role,
        ended.edition,
        ended.reason,
        now
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn open_task(transaction: &mut Writing, row: &TaskRow, now: i64) -> Result<(), Failure> {
    let procurement = row.procurement.as_str();
    let key = row.key.to_string();
    let content = to_json("write a task", &row.task)?;
    sqlx::query_file!("queries/task_open.sql", procurement, key, content, now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn close_task(
    transaction: &mut Writing,
    procurement: &str,
    key: &str,
    now: i64,
) -> Result<(), Failure> {
    sqlx::query_file!("queries/task_close.sql", procurement, key, now)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

async fn add_movement(
    transaction: &mut Writing,
    row: &MovementRow,
    now: i64,
) -> Result<(), Failure> {
    let (issuer, number) = (row.bond.issuer.as_str(), row.bond.number.as_str());
    let (principal, obligee) = (row.principal.as_str(), row.obligee.as_str());
    let (holder, currency) = (row.holder.as_str(), row.currency.as_str());
    sqlx::query_file!(
        "queries/movement_add.sql",
        row.id,
        issuer,
        number,
        principal,
        holder,
        obligee,
        row.effective,
        row.recorded,
        row.delta,
        currency,
        row.bonds,
        row.held,
        now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
