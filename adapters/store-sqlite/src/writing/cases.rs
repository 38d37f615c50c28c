//! Cases, what they wait for, and the instructions that end a wait.

use bondhub_core::ports::store::{CaseWrite, Commit, InstructionRow};
use bondhub_store::{Failure, commit, failure::all_touched, text::to_json};

use crate::transaction::{Writing, micros};

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for case in &commit.cases {
        put(transaction, commit, case).await?;
        replace_waits(transaction, case).await?;
    }
    Ok(())
}

async fn put(transaction: &mut Writing, commit: &Commit, case: &CaseWrite) -> Result<(), Failure> {
    let id = case.file.id.as_str();
    let state = to_json("write a case file", &case.file)?;
    let owner = case.file.owner.as_ref().map(|owner| owner.value.as_str());
    let (due_at, now) = (case.due_at.map(micros), micros(commit.now));
    let done = sqlx::query_file!(
        "queries/case_write.sql",
        id,
        case.version,
        state,
        due_at,
        now,
        commit.generation,
        owner,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(all_touched(done.rows_affected(), 1)?)
}

async fn replace_waits(transaction: &mut Writing, case: &CaseWrite) -> Result<(), Failure> {
    let id = case.file.id.as_str();
    sqlx::query_file!("queries/case_waits_clear.sql", id)
        .execute(&mut **transaction)
        .await?;
    for wait in &case.waits {
        sqlx::query_file!("queries/case_waits_add.sql", id, wait)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn take_instructions(
    transaction: &mut Writing,
    commit: &Commit,
) -> Result<(), Failure> {
    if commit.instructions.is_empty() {
        return Ok(());
    }
    let now = micros(commit.now);
    for row in &commit.instructions {
        add_instruction(transaction, row, now).await?;
    }
    sqlx::query_file!("../store/queries/book_raise.sql")
        .execute(&mut **transaction)
        .await?;
    for issuer in commit::instructed(commit) {
        let wait = commit::instruction_wait(issuer);
        sqlx::query_file!("../store/queries/case_wake.sql", now, wait, wait, wait)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn add_instruction(
    transaction: &mut Writing,
    row: &InstructionRow,
    now: i64,
) -> Result<(), Failure> {
    let issuer = row.issuer.as_str();
    let content = to_json("write a standing instruction", &row.instruction)?;
    let version = row.instruction.version;
    sqlx::query_file!(
        "queries/instruction_add.sql",
        issuer,
        row.document,
        version,
        content,
        now
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
