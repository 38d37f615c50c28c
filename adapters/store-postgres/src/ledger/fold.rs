//! Taking movements up into the sums at ends of months.
//!
//! All of it is one transaction that sees one moment: a movement is counted in the sums and its note is
//! gone, or neither. Movements that are committed meanwhile are left to the next time. Nothing waits for it:
//! commits only add notes, and readers see the moment before or after.

use bondhub_core::ports::store::Folded;
use bondhub_store::{Failure, ledger};
use chrono::{Months, NaiveDate};

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
        let ended = ledger::month_of(today).checked_sub_months(Months::new(1));
        let last = ended.unwrap_or(horizon).max(horizon);
        let mut sums = extend(&mut transaction, horizon, last).await?;
        sums += add(&mut transaction, horizon, last).await?;
        stand(&mut transaction).await?;
        let taken = sqlx::query_file!("queries/fold_done.sql")
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Folded {
            movements: taken.rows_affected(),
            sums,
        })
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
