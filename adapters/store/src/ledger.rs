//! What both stores work out of sums: series, and which single name a question is about.

use std::collections::BTreeMap;

use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{Balance, BalanceBy, SeriesPoint, StoreError, Within},
};
use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::{rows, text::Place};

/// Name and currency, and what stands: minor units and number of bonds.
pub type Sums = BTreeMap<(String, String), (i64, i64)>;

/// Sums of rows.
pub fn sums(rows: impl IntoIterator<Item = rows::Balance>) -> Sums {
    let mut sums = Sums::new();
    for row in rows {
        add(&mut sums, (row.of, row.currency), row.amount, row.bonds);
    }
    sums
}

fn add(sums: &mut Sums, name: (String, String), amount: i64, bonds: i64) {
    let sum = sums.entry(name).or_default();
    sum.0 += amount;
    sum.1 += bonds;
}

/// The sums that are not zero, by name and currency.
pub fn balances(sums: &Sums) -> Result<Vec<Balance>, StoreError> {
    let standing = sums.iter().filter(|(_, (amount, _))| *amount != 0);
    standing
        .map(|((of, currency), (amount, bonds))| {
            Balance::try_from(rows::Balance {
                of: of.clone(),
                amount: *amount,
                currency: currency.clone(),
                bonds: *bonds,
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
                add(&mut sums, (row.of, row.currency), row.amount, row.bonds);
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
        add(sums, (row.of, row.currency), row.amount, row.bonds);
    }
    let changes: Vec<rows::Change> = changes.into_iter().collect();
    let mut points = Vec::new();
    for day in days {
        let mut sums = by_month.remove(&month_of(*day)).unwrap_or_default();
        for row in changes.iter().filter(|row| row.day <= *day) {
            let name = (row.of.clone(), row.currency.clone());
            add(&mut sums, name, row.amount, row.bonds);
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

/// A party and how many bonds it has.
pub fn counted(party: &str, bonds: i64) -> Result<(PartyCode, u64), StoreError> {
    let place = Place {
        table: "bond",
        row: &party,
    };
    let code = place.name(party.to_owned())?;
    Ok((code, u64::try_from(bonds).unwrap_or(0)))
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

/// The last month that has ended by the end of a day, as its first day.
pub fn last_whole_month(day: NaiveDate) -> NaiveDate {
    let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
    let month = month_of(next).checked_sub_months(Months::new(1));
    month.unwrap_or(NaiveDate::MIN)
}

/// The day before.
pub fn before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

/// Whether a day is the last of its month.
pub fn ends_month(day: NaiveDate) -> bool {
    last_whole_month(day) == month_of(day)
}
