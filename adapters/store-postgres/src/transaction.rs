//! Transactions, and trying again what two of them did to each other.

use bondhub_core::ports::store::StoreError;
use bondhub_store::Failure;
use sqlx::{PgPool, Postgres, Transaction, error::DatabaseError};

/// How often a step is tried that lost against another one.
const ATTEMPTS: u32 = 5;

/// Many commits at a time, but none while parties change.
const COMMITTING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
     SELECT pg_advisory_xact_lock_shared(2026, 1)";
/// Parties change: no commit runs meanwhile.
const CHANGING_PARTIES: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
     SELECT pg_advisory_xact_lock(2026, 1)";
/// A step that touches neither cases nor parties.
const WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// Sums of one moment are written; large sums need room to be sorted in.
const ADDING_UP: &str =
    "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL jit = off; SET LOCAL work_mem = '256MB'";
/// Rows are compared with a table that grows from nothing meanwhile: a plan made while it was empty would read
/// all of it each time, so only its indexes are used.
const COMPARING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL jit = off; \
     SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";
/// Several questions about one moment.
const LOOKING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; \
     SET LOCAL work_mem = '64MB'";

pub(crate) type Writing = Transaction<'static, Postgres>;

pub(crate) async fn committing(pool: &PgPool) -> Result<Writing, Failure> {
    Ok(pool.begin_with(COMMITTING).await?)
}

pub(crate) async fn changing_parties(pool: &PgPool) -> Result<Writing, Failure> {
    Ok(pool.begin_with(CHANGING_PARTIES).await?)
}

pub(crate) async fn writing(pool: &PgPool) -> Result<Writing, Failure> {
    Ok(pool.begin_with(WRITING).await?)
}

pub(crate) async fn adding_up(pool: &PgPool) -> Result<Writing, Failure> {
    Ok(pool.begin_with(ADDING_UP).await?)
}

pub(crate) async fn comparing(pool: &PgPool) -> Result<Writing, Failure> {
    Ok(pool.begin_with(COMPARING).await?)
}

pub(crate) async fn looking(pool: &PgPool) -> Result<Writing, Failure> {
    Ok(pool.begin_with(LOOKING).await?)
}

/// Runs a step, again if it lost a race (a deadlock, a serialization failure), and tells a failure
/// in the port's words.
pub(crate) async fn step<T, F>(
    what: &'static str,
    mut run: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, Failure>> + Send,
{
    for _ in 1..ATTEMPTS {
        match run().await {
            Err(failure) if lost_a_race(&failure) => {}
            done => return done.map_err(|failure| failure.told(what, is_refusal)),
        }
    }
    run()
        .await
        .map_err(|failure| failure.told(what, is_refusal))
}

fn lost_a_race(failure: &Failure) -> bool {
    let Failure::Database(sqlx::Error::Database(error)) = failure else {
        return false;
    };
    matches!(error.code().as_deref(), Some("40001" | "40P01"))
}

/// Whether an error is about the data: classes 21 cardinality, 22 data, 23 constraints, 54 limits,
/// and what a trigger raised.
pub(crate) fn is_refusal(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    ["21", "22", "23", "54", "P0001"]
        .iter()
        .any(|class| code.starts_with(class))
}
