//! Figures from the sums at ends of months.
//!
//! What stands at the end of a day is what stood at the nearest end of a month that sums are kept of, plus or
//! less the movements of the days between. As it was known on an earlier day, it is corrected by what was
//! recorded since then.

use bondhub_core::{
    identifier::PartyCode,
    ports::store::{BalanceBy, Question, SeriesPoint},
};
use bondhub_store::{
    Failure,
    ledger::{self, except},
    rows,
};
use chrono::{Days, NaiveDate};

use super::{at, codes};
use crate::transaction::{Writing, alone};

/// Sums are kept by month; the nearest one will do.
const HALF_A_MONTH: Days = Days::new(15);

/// How sums are kept, and the one name that is asked for.
pub(super) type Kept<'a> = (BalanceBy, Option<&'a PartyCode>);

/// The sums that answer a question.
pub(super) async fn sums(
    transaction: &mut Writing,
    kept: Kept<'_>,
    question: &Question,
) -> Result<ledger::Sums, Failure> {
    let until = question
        .known_on
        .map_or(question.as_of, |known| question.as_of.min(known));
    let month = ledger::nearest_month(until, horizon(transaction).await?);
    let (by, name) = (kept.0.as_str(), kept.1.map(PartyCode::as_str));
    let mut rows = sqlx::query_file_as!(
        rows::Balance,
        "queries/balance_quick.sql",
        by,
        name,
        month,
        ledger::month_after(month),
        until,
    )
    .fetch_all(&mut **transaction)
    .await?;
    if let Some(known) = question.known_on {
        alone(transaction).await?;
        let corrections = sqlx::query_file_as!(
            rows::Balance,
            "queries/balance_corrections.sql",
            by,
            name,
            until,
            known,
            question.as_of,
        )
        .fetch_all(&mut **transaction)
        .await?;
        rows.extend(corrections);
    }
    let named = rows.into_iter().map(|row| rows::Balance {
        of: ledger::named(question.by, row.of),
        ..row
    });
    Ok(ledger::sums(named))
}

/// Whether what stands of every bond answers a question: as known now, and of a day that not much has happened after.
pub(super) async fn is_recent(
    transaction: &mut Writing,
    question: &Question,
) -> Result<bool, Failure> {
    let since = ledger::month_before(horizon(transaction).await?);
    Ok(question.known_on.is_none() && question.as_of >= since)
}

/// The sums of what stands.
pub(super) async fn standing(
    transaction: &mut Writing,
    question: &Question,
) -> Result<ledger::Sums, Failure> {
    let (issuer, contractor, owner) = codes(&question.within);
    let rows = sqlx::query_file_as!(
        rows::Balance,
        "queries/balance_standing.sql",
        question.by.as_str(),
        issuer,
        contractor,
        owner,
        question.as_of,
        at(question.without.as_ref()) as _,
        except(question.without.as_ref()),
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ledger::sums(rows))
}

/// What ends when, of what stands, by the last days the bonds have now.
pub(super) async fn expiries(
    transaction: &mut Writing,
    question: &Question,
) -> Result<Vec<rows::Expiry>, Failure> {
    if question.within.is_everything() && question.without.is_none() {
        let rows = sqlx::query_file_as!(
            rows::Expiry,
            "queries/expiries_everything.sql",
            question.as_of
        )
        .fetch_all(&mut **transaction)
        .await?;
        return Ok(rows);
    }
    let (issuer, contractor, owner) = codes(&question.within);
    let rows = sqlx::query_file_as!(
        rows::Expiry,
        "queries/expiries_standing.sql",
        issuer,
        contractor,
        owner,
        question.as_of,
        at(question.without.as_ref()) as _,
        except(question.without.as_ref()),
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows)
}

/// Which part of what stands on a day to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What is over by then, at the first of the days asked about after its last day.
    Over,
    /// What is left.
    Left,
}

/// A part of what stands on days to come, in order, by the last days the bonds have now.
pub(super) async fn then(
    transaction: &mut Writing,
    question: &Question,
    days: &[NaiveDate],
    part: Part,
) -> Result<Vec<rows::Change>, Failure> {
    let (issuer, contractor, owner) = codes(&question.within);
    let (by, is_over) = (question.by.as_str(), part == Part::Over);
    let (at, except) = (
        at(question.without.as_ref()),
        except(question.without.as_ref()),
    );
    let mut rows = sqlx::query_file_as!(
        rows::Change,
        "queries/standing_noted.sql",
        by,
        issuer,
        contractor,
        owner,
        question.as_of,
        days,
        at as _,
        except,
        is_over,
    )
    .fetch_all(&mut **transaction)
    .await?;
    let moved = sqlx::query_file_as!(
        rows::Change,
        "queries/standing_moved.sql",
        by,
        issuer,
        contractor,
        owner,
        question.as_of,
        days,
        at as _,
        except,
        is_over,
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.extend(moved);
    Ok(rows)
}

/// Whether it is quicker to add up what is left on a day to come than what stands, less what is over.
pub(super) async fn is_left_quicker(
    transaction: &mut Writing,
    question: &Question,
) -> Result<bool, Failure> {
    if !question.within.is_everything() {
        return Ok(true);
    }
    // What stands takes longer to tell without what is under embargo, so that less must be over.
    let percent = if question.without.is_some() { 30 } else { 50 };
    let nearest = question.as_of.checked_add_days(HALF_A_MONTH);
    let nearest = nearest.unwrap_or(question.as_of);
    let month = nearest.format("%Y-%m").to_string();
    let enough = sqlx::query_file_scalar!("queries/ending_share.sql", month, percent)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(enough)
}

async fn horizon(transaction: &mut Writing) -> Result<NaiveDate, Failure> {
    let month = sqlx::query_file_scalar!("queries/balance_horizon.sql")
        .fetch_one(&mut **transaction)
        .await?;
    Ok(month)
}

/// The days a series begins with that are ends of months sums are kept of, and the days after them.
pub(super) async fn split<'a>(
    transaction: &mut Writing,
    days: &'a [NaiveDate],
) -> Result<(&'a [NaiveDate], &'a [NaiveDate]), Failure> {
    let horizon = horizon(transaction).await?;
    let is_kept = |day: &NaiveDate| ledger::ends_month(*day) && ledger::month_of(*day) <= horizon;
    let kept = days.iter().take_while(|day| is_kept(day)).count();
    Ok(days.split_at(kept))
}

/// The points at ends of months, without what is hidden.
pub(super) async fn months(
    transaction: &mut Writing,
    by: BalanceBy,
    kept: Kept<'_>,
    days: &[NaiveDate],
    hidden: &[rows::Change],
) -> Result<Vec<SeriesPoint>, Failure> {
    let Some(last) = days.last() else {
        return Ok(Vec::new());
    };
    let (kind, name) = (kept.0.as_str(), kept.1.map(PartyCode::as_str));
    let months: Vec<NaiveDate> = days.iter().map(|day| ledger::month_of(*day)).collect();
    let stood = sqlx::query_file_as!(
        rows::Change,
        "queries/balance_months.sql",
        kind,
        name,
        &months
    )
    .fetch_all(&mut **transaction)
    .await?;
    let new = sqlx::query_file_as!(
        rows::Change,
        "queries/balance_unfolded.sql",
        kind,
        name,
        ledger::month_after(*last),
    )
    .fetch_all(&mut **transaction)
    .await?;
    let rename = |row: rows::Change| rows::Change {
        of: ledger::named(by, row.of),
        ..row
    };
    Ok(ledger::standing_at(
        days,
        stood.into_iter().map(rename),
        new.into_iter().map(rename).chain(hidden.iter().cloned()),
    )?)
}
