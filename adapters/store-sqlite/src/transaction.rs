//! Transactions, and which errors are about the data.

use bondhub_core::{calendar::Timestamp, ports::store::StoreError};
use bondhub_store::Failure;
use sqlx::{Sqlite, SqlitePool, Transaction, error::DatabaseError};

pub(crate) type Writing = Transaction<'static, Sqlite>;

/// Begins as a writer: waits for its turn here, and never fails for it later.
pub(crate) async fn writing(writer: &SqlitePool) -> Result<Writing, Failure> {
    Ok(writer.begin_with("BEGIN IMMEDIATE").await?)
}

/// Several questions about one moment.
pub(crate) async fn looking(readers: &SqlitePool) -> Result<Writing, Failure> {
    Ok(readers.begin_with("BEGIN DEFERRED").await?)
}

/// Runs a step and tells a failure in the port's words.
pub(crate) async fn step<T>(
    what: &'static str,
    run: impl Future<Output = Result<T, Failure>> + Send,
) -> Result<T, StoreError> {
    run.await.map_err(|failure| failure.told(what, is_refusal))
}

/// A time as it is kept: microseconds since 1970, UTC.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.timestamp_micros()
}

/// Whether an error is about the data: too big (18), a constraint (19), a wrong type (20). The
/// number's low byte is the class.
pub(crate) fn is_refusal(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    code.parse::<u32>()
        .is_ok_and(|code| (18..=20).contains(&(code & 0xff)))
}
