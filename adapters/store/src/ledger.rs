//! What both stores work out of sums: series, and which single name a question is about.

use std::collections::BTreeMap;

use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{Balance, BalanceBy, Embargo, SeriesPoint, StoreError, Within},
};
use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::{rows, text::Place};

/// Name and currency, and what stands: minor units and number of bonds. Wider than any answer: what does not fit is told when
/// it is asked for, and not before something else took it away again.
pub type Sums = BTreeMap<(String, String), (i128, i128)>;

/// Sums of rows.
pub fn sums(rows: impl IntoIterator<Item = rows::Balance>) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        add(&mut sums, (row.of, row.currency), (row.amount, row.bonds));
    }
    sums
}

/// The sums with what changed, whatever the day.
pub fn changed(mut sums: Sums, changes: impl IntoIterator<Item = rows::Change>) -> Sums {
    for row in changes {
        add(&mut sums, (row.of, row.currency), (row.amount, row.bonds));
    }
    sums
}

/// How what is left out of a figure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Up to a day.
    Together,
    /// By the days it is effective from.
    Each,
}

/// Issuer, contractor and owner that a part is of, as they are stored.
pub fn codes(within: &Within) -> (Option<&str>, Option<&str>, Option<&str>) {
    (
        within.issuer.as_ref().map(PartyCode::as_str),
        within.contractor.as_ref().map(PartyCode::as_str),
        within.owner.as_ref().map(PartyCode::as_str),
    )
}

/// The issuer whose bonds an embargo does not hide.
pub fn except(embargo: Option<&Embargo>) -> Option<&str> {
    embargo.and_then(|embargo| embargo.except.as_ref().map(PartyCode::as_str))
}

/// What is left out of a figure, as changes of it.
pub fn taken_away(rows: Vec<rows::Change>) -> Vec<rows::Change> {
    let away = rows.into_iter().map(|row| rows::Change {
        amount: -row.amount,
        bonds: -row.bonds,
        ..row
    });
    away.collect()
}

fn add(
    sums: &mut Sums,
    name: (String, String),
    (amount, bonds): (impl Into<i128>, impl Into<i128>),
) {
    let sum = sums.entry(name).or_default();
    sum.0 += amount.into();
    sum.1 += bonds.into();
}

/// The sums that are not zero, by name and currency.
pub fn balances(sums: &Sums) -> Result<Vec<Balance>, StoreError> {
    let standing = sums.iter().filter(|(_, (amount, _))| *amount != 0);
    standing
        .map(|((of, currency), (amount, bonds))| {
            let place = Place {
                table: "movement",
                row: of,
            };
            let fits = |sum: i128| {
                i64::try_from(sum).map_err(|_| place.unreadable("the sum does not fit 64 bits"))
            };
            Balance::try_from(rows::Balance {
                amount: fits(*amount)?,
                bonds: fits(*bonds)?,
                currency: currency.clone(),
                of: of.clone(),
            })
        })
        .collect()
}

/// A series: what stood before it, and what changed by day, in any order; changes after the last day do not
/// matter.
pub fn series(
    days: &[NaiveDate],
    opening: Sums,
    changes: impl IntoIterator<Item = rows::Change>,
) -> Result<Vec<SeriesPoint>, StoreError> {
    let mut by_day: BTreeMap<NaiveDate, Vec<rows::Change>> = BTreeMap::new();
    for change in changes {
        by_day.entry(change.day).or_default().push(change);
    }
    let (mut sums, mut points) = (opening, Vec::new());
    let mut changes = by_day.into_iter().peekable();
    for day in days {
        while let Some((_, changed)) = changes.next_if(|(changed, _)| changed <= day) {
            for row in changed {
                add(&mut sums, (row.of, row.currency), (row.amount, row.bonds));
            }
        }
        let standing = balances(&sums)?.into_iter();
        points.extend(standing.map(|balance| SeriesPoint { day: *day, balance }));
    }
    Ok(points)
}

/// A series of which sums are kept for every day of it, plus changes that the sums do not contain.
pub fn standing_at(
    days: &[NaiveDate],
    stood: impl IntoIterator<Item = rows::Change>,
    changes: impl IntoIterator<Item = rows::Change>,
) -> Result<Vec<SeriesPoint>, StoreError> {
    let mut by_month: BTreeMap<NaiveDate, Sums> = BTreeMap::new();
    for row in stood {
        let sums = by_month.entry(month_of(row.day)).or_default();
        add(sums, (row.of, row.currency), (row.amount, row.bonds));
    }
    let mut changes: Vec<rows::Change> = changes.into_iter().collect();
    changes.sort_by_key(|row| row.day);
    let mut changes = changes.into_iter().peekable();
    let (mut since, mut points) = (Sums::new(), Vec::new());
    for day in days {
        while let Some(row) = changes.next_if(|row| row.day <= *day) {
            add(&mut since, (row.of, row.currency), (row.amount, row.bonds));
        }
        let mut sums = by_month.remove(&month_of(*day)).unwrap_or_default();
        for (name, (amount, bonds)) in &since {
            add(&mut sums, name.clone(), (*amount, *bonds));
        }
        let standing = balances(&sums)?.into_iter();
        points.extend(standing.map(|balance| SeriesPoint { day: *day, balance }));
    }
    Ok(points)
}

/// The one name that a question is about, for stores that keep sums by name: how it is added up there,
/// and the name; none for all of them. A question about several dimensions at once has no such sums.
pub fn kept(by: BalanceBy, within: &Within) -> Option<(BalanceBy, Option<&PartyCode>)> {
    let Within {
        issuer,
        contractor,
        owner,
    } = within;
    let (dimension, name) = match (issuer, contractor, owner) {
        (None, None, None) => return Some((by, None)),
        (Some(name), None, None) => (BalanceBy::Issuer, name),
        (None, Some(name), None) => (BalanceBy::Contractor, name),
        (None, None, Some(name)) => (BalanceBy::Owner, name),
        _ => return None,
    };
    (by == BalanceBy::Total || by == dimension).then_some((dimension, Some(name)))
}

/// The same rows under the name the question asked for: the total has none.
pub fn named(by: BalanceBy, name: String) -> String {
    if by == BalanceBy::Total {
        String::new()
    } else {
        name
    }
}

/// The instant before which versions count; none is after all of them.
pub fn until(before: Option<Timestamp>) -> Timestamp {
    before
        .or_else(|| Timestamp::from_timestamp(253_402_214_400, 0))
        .unwrap_or(Timestamp::MAX_UTC)
}

/// The first of some days, which are in order, after a bond's last day.
pub fn first_after(last_day: NaiveDate, days: &[NaiveDate]) -> Option<NaiveDate> {
    let over = days.partition_point(|day| *day <= last_day);
    days.get(over).copied()
}

/// The contractor of a bond.
pub fn principal(party: String) -> Result<PartyCode, StoreError> {
    let place = Place {
        table: "bond",
        row: &party.clone(),
    };
    place.name(party)
}

/// The first day of a day's month.
pub fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the month after a day's month.
pub fn month_after(day: NaiveDate) -> NaiveDate {
    month_of(day)
        .checked_add_months(Months::new(1))
        .unwrap_or(NaiveDate::MAX)
}

/// The first day of the month before a day's month.
pub fn month_before(day: NaiveDate) -> NaiveDate {
    month_of(day)
        .checked_sub_months(Months::new(1))
        .unwrap_or(NaiveDate::MIN)
}

/// The last month that has ended by the end of a day, as its first day.
pub fn last_whole_month(day: NaiveDate) -> NaiveDate {
    month_before(day.checked_add_days(Days::new(1)).unwrap_or(day))
}

/// The month whose end lies nearest to the end of a day, of those up to a last one: so that few days lie between.
pub fn nearest_month(day: NaiveDate, last: NaiveDate) -> NaiveDate {
    let ended = last_whole_month(day);
    let running = month_after(ended);
    let since = day - before(running);
    let until = before(month_after(running)) - day;
    if until < since && running <= last {
        running
    } else {
        ended.min(last)
    }
}

/// The day before.
pub fn before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

/// Whether a day is the last of its month.
pub fn ends_month(day: NaiveDate) -> bool {
    last_whole_month(day) == month_of(day)
}

#[cfg(test)]
mod tests {
    use super::{balances, nearest_month, sums};
    use crate::rows;

    #[test]
    fn sums_that_do_not_fit_are_an_error_and_none_where_something_took_them_away_again() {
        let row = |amount| rows::Balance {
            of: "C1".to_owned(),
            amount,
            currency: "JPY".to_owned(),
            bonds: 1,
        };
        let told = balances(&sums([row(i64::MAX), row(1)]));
        assert!(told.unwrap_err().to_string().contains("does not fit"));
        let told = balances(&sums([row(i64::MAX), row(1), row(-1)])).unwrap();
        assert_eq!(told.first().map(|sum| sum.amount), Some(i64::MAX));
    }

    #[test]
    fn a_day_is_told_from_the_nearest_end_of_a_month_that_sums_are_kept_of() {
        for (day, last, month) in [
            ("2026-02-28", "2026-11-01", "2026-02-01"),
            ("2026-03-01", "2026-11-01", "2026-02-01"),
            ("2026-03-15", "2026-11-01", "2026-02-01"),
            ("2026-03-16", "2026-11-01", "2026-03-01"),
            ("2026-03-31", "2026-11-01", "2026-03-01"),
            ("2026-11-30", "2026-10-01", "2026-10-01"),
            ("2026-11-29", "2026-11-01", "2026-11-01"),
            ("2027-05-31", "2026-11-01", "2026-11-01"),
        ] {
            let [day, last, month] = [day, last, month].map(|one| one.parse().unwrap());
            assert_eq!(nearest_month(day, last), month, "{day}, {last}");
        }
    }
}
