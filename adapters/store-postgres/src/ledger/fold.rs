//! Taking movements up into the sums at ends of months.
//!
//! All of it is one transaction that sees one moment: a movement is counted in the sums and its note is
//! gone, or neither. Movements that are committed meanwhile are left to the next time. Nothing waits for it:
//! commits only add notes, and readers see the moment before or after.

use bondhub_core::ports::store::Folded;
use bondhub_store::{Failure, ledger};
use chrono::NaiveDate;

use crate::{
    connection::PostgresStore,
    transaction::{Writing, adding_up},
};

impl PostgresStore {
    pub(super) async fn fold_once(&self, today: NaiveDate) -> Result<Folded, Failure> {
        let mut transaction = adding_up(&self.pool).await?;
        let mine = sqlx::query_file_scalar!("queries/fold_lock.sql")
            .fetch_one(&mut *transaction)
            .await?;
        if !mine {
            return Ok(Folded::default());
        }
        let horizon = sqlx::query_file_scalar!("queries/balance_horizon.sql")
            .fetch_one(&mut *transaction)
            .await?;
        // The month that runs, too: of its days yet to come little is known, so today is near its end.
        let last = ledger::month_of(today).max(horizon);
        let mut sums = extend(&mut transaction, horizon, last).await?;
        sums += add(&mut transaction, horizon, last).await?;
        stand(&mut transaction).await?;
        let taken = sqlx::query_file!("queries/fold_done.sql")
            .execute(&mut *transaction)
            .await?;
        let movements = taken.rows_affected();
        sums += end(&mut transaction, movements > 0).await?;
        transaction.commit().await?;
        Ok(Folded { movements, sums })
    }
}

/// What stands of each bond, for questions about several dimensions at once.
async fn stand(transaction: &mut Writing) -> Result<(), Failure> {
    sqlx::query_file!("queries/fold_stand.sql")
        .execute(&mut **transaction)
        .await?;
    sqlx::query_file!("queries/fold_stand_clear.sql")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// What of it ends when, if it changed or bonds have moved.
async fn end(transaction: &mut Writing, has_changed: bool) -> Result<u64, Failure> {
    sqlx::query_file!("queries/fold_note.sql")
        .execute(&mut **transaction)
        .await?;
    let moved = sqlx::query_file!("queries/fold_moved.sql")
        .execute(&mut **transaction)
        .await?;
    if !has_changed && moved.rows_affected() == 0 {
        return Ok(0);
    }
    sqlx::query_file!("queries/fold_ending_clear.sql")
        .execute(&mut **transaction)
        .await?;
    let added = sqlx::query_file!("queries/fold_ending.sql")
        .execute(&mut **transaction)
        .await?;
    Ok(added.rows_affected())
}

async fn extend(
    transaction: &mut Writing,
    horizon: NaiveDate,
    last: NaiveDate,
) -> Result<u64, Failure> {
    if last == horizon {
        return Ok(0);
    }
    let copied = sqlx::query_file!("queries/fold_extend.sql", horizon, last)
        .execute(&mut **transaction)
        .await?;
    sqlx::query_file!("queries/fold_horizon.sql", last)
        .execute(&mut **transaction)
        .await?;
    Ok(copied.rows_affected())
}

async fn add(
    transaction: &mut Writing,
    horizon: NaiveDate,
    last: NaiveDate,
) -> Result<u64, Failure> {
    let added = sqlx::query_file!(
        "queries/fold_add.sql",
        ledger::month_after(horizon),
        ledger::month_after(last),
        last,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(added.rows_affected())
}
