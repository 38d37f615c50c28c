//! Cases, what they wait for, and the instructions that end a wait.

use bondhub_core::ports::store::{CaseWrite, Commit, StoreError};
use bondhub_store::{Failure, commit, failure::all_touched, text::to_json};

use super::column;
use crate::transaction::Writing;

pub(super) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let cases = commit.cases.as_slice();
    if cases.is_empty() {
        return Ok(());
    }
    let states: Result<Vec<String>, StoreError> = cases
        .iter()
        .map(|case| to_json("write a case file", &case.file))
        .collect();
    let done = sqlx::query_file!(
        "queries/case_write.sql",
        &ids(cases) as _,
        &column(cases, |case| case.version),
        &states?,
        &column(cases, |case| case.due_at) as _,
        commit.now,
        commit.generation as _,
        &column(cases, owner_of) as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(all_touched(done.rows_affected(), cases.len())?)
}

/// The owner, beside the file that has it too: the database looks for it.
fn owner_of(case: &CaseWrite) -> Option<&str> {
    let owner = case.file.owner.as_ref();
    owner.map(|owner| owner.value.as_str())
}

fn ids(cases: &[CaseWrite]) -> Vec<&str> {
    column(cases, |case| case.file.id.as_str())
}

pub(super) async fn write_waits(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let old = |case: &CaseWrite| case.version > 0 || !case.waits.is_empty();
    if !commit.cases.iter().any(old) {
        return Ok(());
    }
    let waits = commit.cases.iter().flat_map(|case| {
        let id = case.file.id.as_str();
        case.waits.iter().map(move |wait| (id, wait.as_str()))
    });
    let (waiting, waits_for): (Vec<&str>, Vec<&str>) = waits.unzip();
    sqlx::query_file!(
        "queries/case_waits.sql",
        &ids(&commit.cases) as _,
        &waiting as _,
        &waits_for as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn take_instructions(
    transaction: &mut Writing,
    commit: &Commit,
) -> Result<(), Failure> {
    if commit.instructions.is_empty() {
        return Ok(());
    }
    add_instructions(transaction, commit).await?;
    sqlx::query_file!("../store/queries/book_raise.sql")
        .execute(&mut **transaction)
        .await?;
    for issuer in commit::instructed(commit) {
        let wait = commit::instruction_wait(issuer);
        sqlx::query_file!(
            "../store/queries/case_wake.sql",
            commit.now,
            wait,
            wait,
            wait
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

async fn add_instructions(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let rows = commit.instructions.as_slice();
    let contents: Result<Vec<String>, StoreError> = rows
        .iter()
        .map(|row| to_json("write a standing instruction", &row.instruction))
        .collect();
    sqlx::query_file!(
        "queries/instruction_add.sql",
        &column(rows, |row| row.issuer.as_str()) as _,
        &column(rows, |row| row.document.as_str()) as _,
        &column(rows, |row| i64::from(row.instruction.version)),
        &contents?,
        commit.now,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
