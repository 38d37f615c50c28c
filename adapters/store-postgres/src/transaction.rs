//! Transactions, and trying again what two of them did to each other.

use bondhub_core::ports::store::StoreError;
use bondhub_store::Failure;
use sqlx::{PgPool, Postgres, Transaction, error::DatabaseError};

/// How often a step is tried that lost against another one.
const ATTEMPTS: u32 = 5;

/// A step that writes.
const WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// Sums of one moment are written.
const ADDING_UP: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ";
/// Rows are compared with a table that grows from nothing meanwhile.
const COMPARING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY";
/// Several questions about one moment.
const LOOKING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Many commits at a time, but none while parties change.
const COMMITTING: &str = "SELECT pg_advisory_xact_lock_shared(2026, 1)";
/// Parties change: no commit runs meanwhile.
const CHANGING_PARTIES: &str = "SELECT pg_advisory_xact_lock(2026, 1)";
/// Large sums need room to be sorted in, and time: the first ones, over all movements there are, take longer than any
/// question somebody waits for.
const LARGE_SUMS: &str = "SET LOCAL jit = off; SET LOCAL work_mem = '256MB'; \
     SET LOCAL statement_timeout = '15min'";
/// Figures are short questions over many rows: compiling them costs more than it saves.
const FIGURES: &str = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'";
/// Where the planner takes few rows for many: starting workers costs more than the question.
const ALONE: &str = "SET LOCAL max_parallel_workers_per_gather = 0";
/// A plan made while the table was empty would read all of it each time, so only its indexes are used.
const BY_INDEX: &str = "SET LOCAL jit = off; SET LOCAL enable_seqscan = off; \
     SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

pub(crate) type Writing = Transaction<'static, Postgres>;

pub(crate) async fn committing(pool: &PgPool) -> Result<Writing, Failure> {
    begin(pool, WRITING, Some(COMMITTING)).await
}

pub(crate) async fn changing_parties(pool: &PgPool) -> Result<Writing, Failure> {
    begin(pool, WRITING, Some(CHANGING_PARTIES)).await
}

/// A step that touches neither cases nor parties.
pub(crate) async fn writing(pool: &PgPool) -> Result<Writing, Failure> {
    begin(pool, WRITING, None).await
}

pub(crate) async fn adding_up(pool: &PgPool) -> Result<Writing, Failure> {
    begin(pool, ADDING_UP, Some(LARGE_SUMS)).await
}

pub(crate) async fn comparing(pool: &PgPool) -> Result<Writing, Failure> {
    begin(pool, COMPARING, Some(BY_INDEX)).await
}

pub(crate) async fn looking(pool: &PgPool) -> Result<Writing, Failure> {
    begin(pool, LOOKING, Some(FIGURES)).await
}

/// From here on no statement of the transaction starts workers.
pub(crate) async fn alone(transaction: &mut Writing) -> Result<(), Failure> {
    sqlx::query(ALONE).execute(&mut **transaction).await?;
    Ok(())
}

/// Begins a transaction that ends whatever becomes of the caller.
///
/// sqlx counts a transaction as begun when the server has answered. A caller that went away before (a browser that
/// hung up), or an error behind the BEGIN, would give the connection back to the pool with the transaction open. So
/// a task of its own waits for the answer, and the BEGIN stands alone: what may wait or fail comes inside.
async fn begin(
    pool: &PgPool,
    how: &'static str,
    first: Option<&'static str>,
) -> Result<Writing, Failure> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(how).await });
    let mut transaction = begun.await.map_err(|_| sqlx::Error::WorkerCrashed)??;
    if let Some(first) = first {
        sqlx::raw_sql(first).execute(&mut *transaction).await?;
    }
    Ok(transaction)
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
