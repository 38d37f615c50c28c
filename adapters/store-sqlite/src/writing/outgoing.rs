//! What must leave the hub, and what must not any more.

use bondhub_core::{
    identifier::PartyCode,
    party::Role,
    ports::store::{Commit, EndedKeys, OutboxRow},
};
use bondhub_store::{Failure, text::to_json};

use crate::transaction::{Writing, micros};

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for row in &commit.outbox {
        add(transaction, commit, row).await?;
    }
    for ended in &commit.ended_keys {
        overtake(transaction, ended, micros(commit.now)).await?;
    }
    Ok(())
}

async fn add(transaction: &mut Writing, commit: &Commit, row: &OutboxRow) -> Result<(), Failure> {
    let (channel, procurement) = (row.channel.as_str(), row.procurement.as_str());
    let recipient = row.recipient.as_ref().map(PartyCode::as_str);
    let to = to_json("write recipients", &row.to)?;
    let carries = row.carries.as_ref();
    let issuer = carries.map(|key| key.bond.issuer.as_str());
    let number = carries.map(|key| key.bond.number.as_str());
    let role = carries.map(|key| key.role.as_str());
    let edition = carries.map(|key| key.edition);
    let lease = commit
        .lease
        .filter(|_| !commit.closed.contains(&row.channel));
    let token = lease.map(|lease| lease.token);
    let until = lease.map(|lease| micros(lease.until));
    let (created_at, now) = (micros(row.created_at), micros(commit.now));
    sqlx::query_file!(
        "queries/outbox_add.sql",
        row.id,
        channel,
        procurement,
        row.name,
        recipient,
        to,
        row.message_id,
        row.body,
        issuer,
        number,
        role,
        edition,
        row.encrypted_to,
        created_at,
        token,
        until,
        now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn overtake(transaction: &mut Writing, ended: &EndedKeys, now: i64) -> Result<(), Failure> {
    let (issuer, number) = (ended.bond.issuer.as_str(), ended.bond.number.as_str());
    let role = ended.role.map(Role::as_str);
    sqlx::query_file!(
        "queries/outbox_overtake.sql",
        issuer,
        number,
        role,
        ended.edition,
        now
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
