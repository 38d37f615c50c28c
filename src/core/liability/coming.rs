//! Figures of days to come: the ledger's, with what will have changed by then by periods alone.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    money::Currency,
    ports::store::{Balance, BalanceBy, Coming, SeriesPoint, Within},
};

/// What changes in a figure from a day on: a bond ends, or counts for more since another one ended (R42).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From this day on.
    pub day: NaiveDate,
    /// The contractor, issuer or owner; empty for the total.
    pub of: String,
    /// Minor units.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
    /// By how much the number of bonds changes.
    pub bonds: i64,
}

impl Change {
    /// That what stands at the end of a bond's last day is gone on the next.
    pub fn ending(last: &SeriesPoint) -> Option<Self> {
        let balance = &last.balance;
        Some(Self {
            day: last.day.succ_opt()?,
            of: balance.of.clone(),
            amount: -balance.amount,
            currency: balance.currency,
            bonds: -i64::try_from(balance.bonds).ok()?,
        })
    }

    /// What a bond that comes to count differently changes in the answer to a question, added up as the ledger is.
    pub fn of_bond(coming: &Coming, by: BalanceBy, within: &Within) -> Vec<Self> {
        let contractor = within.contractor.as_ref();
        let change = |posting: &super::Posting| {
            let of = match by {
                BalanceBy::Issuer => coming.bond.issuer.as_str(),
                BalanceBy::Owner => coming.obligee.as_str(),
                BalanceBy::Total => "",
                BalanceBy::Contractor => contractor.unwrap_or(&posting.holder).as_str(),
            };
            let by_holder = match contractor {
                Some(one) => *one == posting.holder,
                None => by == BalanceBy::Contractor,
            };
            let bonds = if by_holder {
                posting.held
            } else {
                posting.bonds
            };
            Self {
                day: posting.day,
                of: of.to_owned(),
                amount: posting.delta,
                currency: posting.currency,
                bonds: i64::from(bonds),
            }
        };
        coming.postings_within(within).map(change).collect()
    }
}

/// Sums with what changes in them; what is nothing then is gone.
pub fn with_changes<'a>(
    sums: Vec<Balance>,
    changes: impl IntoIterator<Item = &'a Change>,
) -> Vec<Balance> {
    let mut left: BTreeMap<(String, Currency), (i64, i64)> = sums
        .into_iter()
        .map(|sum| {
            let bonds = i64::try_from(sum.bonds).unwrap_or(i64::MAX);
            ((sum.of, sum.currency), (sum.amount, bonds))
        })
        .collect();
    for change in changes {
        // What is not there was nothing together: what comes of it is the change.
        let sum = left
            .entry((change.of.clone(), change.currency))
            .or_default();
        *sum = (
            sum.0.saturating_add(change.amount),
            sum.1.saturating_add(change.bonds),
        );
    }
    let standing = left.into_iter().filter(|(_, (amount, _))| *amount != 0);
    standing.map(balance).collect()
}

fn balance(((of, currency), (amount, bonds)): ((String, Currency), (i64, i64))) -> Balance {
    Balance {
        of,
        amount,
        currency,
        bonds: u64::try_from(bonds).unwrap_or_default(),
    }
}

/// A series with what will have changed by each of its days after today; up to today the ledger tells it.
pub fn series_with_changes(
    points: Vec<SeriesPoint>,
    days: &[NaiveDate],
    today: NaiveDate,
    changes: &[Change],
) -> Vec<SeriesPoint> {
    let mut by_day: BTreeMap<NaiveDate, Vec<Balance>> = BTreeMap::new();
    for point in points {
        by_day.entry(point.day).or_default().push(point.balance);
    }
    let mut told = Vec::new();
    for day in days {
        let sums = by_day.remove(day).unwrap_or_default();
        let come = changes.iter().filter(|change| change.day <= *day);
        let sums = with_changes(sums, come.filter(|_| *day > today));
        told.extend(
            sums.into_iter()
                .map(|balance| SeriesPoint { day: *day, balance }),
        );
    }
    told
}
