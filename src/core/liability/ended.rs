//! Figures of days to come: what ends before them is added up by itself and taken away.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    money::Currency,
    ports::store::{Balance, SeriesPoint},
};

/// Sums less others of the same question; what is nothing then is gone.
pub fn less(sums: Vec<Balance>, taken: &[Balance]) -> Vec<Balance> {
    let mut left: BTreeMap<(String, Currency), (i64, u64)> = sums
        .into_iter()
        .map(|sum| ((sum.of, sum.currency), (sum.amount, sum.bonds)))
        .collect();
    for away in taken {
        // What is not there was nothing together: what is left is the opposite.
        let sum = left.entry((away.of.clone(), away.currency)).or_default();
        *sum = (sum.0 - away.amount, sum.1.saturating_sub(away.bonds));
    }
    let standing = left.into_iter().filter(|(_, (amount, _))| *amount != 0);
    standing.map(balance).collect()
}

fn balance(((of, currency), (amount, bonds)): ((String, Currency), (i64, u64))) -> Balance {
    Balance {
        of,
        amount,
        currency,
        bonds,
    }
}

/// What is over on the days of a series, one after the other, of bonds that end by date.
#[derive(Debug)]
pub struct Ended<'a> {
    rest: &'a [SeriesPoint],
    sums: BTreeMap<(&'a str, Currency), (i64, u64)>,
}

impl<'a> Ended<'a> {
    /// From sums at last days, in order of days.
    pub fn new(endings: &'a [SeriesPoint]) -> Self {
        Self {
            rest: endings,
            sums: BTreeMap::new(),
        }
    }

    /// What ended before a day, which is not before the last one asked about: a bond counts to the end of its last day.
    pub fn before(&mut self, day: NaiveDate) -> Vec<Balance> {
        while let Some((SeriesPoint { balance, .. }, rest)) =
            self.rest.split_first().filter(|(point, _)| point.day < day)
        {
            let sum = self
                .sums
                .entry((&balance.of, balance.currency))
                .or_default();
            *sum = (sum.0 + balance.amount, sum.1 + balance.bonds);
            self.rest = rest;
        }
        let sums = self.sums.iter();
        sums.map(|((of, currency), sum)| balance((((*of).to_owned(), *currency), *sum)))
            .collect()
    }
}

/// A series less what is taken away on each of its days.
pub fn less_series(
    points: Vec<SeriesPoint>,
    days: &[NaiveDate],
    mut taken: impl FnMut(NaiveDate) -> Vec<Balance>,
) -> Vec<SeriesPoint> {
    let mut by_day: BTreeMap<NaiveDate, Vec<Balance>> = BTreeMap::new();
    for point in points {
        by_day.entry(point.day).or_default().push(point.balance);
    }
    let mut left = Vec::new();
    for day in days {
        let sums = by_day.remove(day).unwrap_or_default();
        let sums = less(sums, &taken(*day));
        left.extend(
            sums.into_iter()
                .map(|balance| SeriesPoint { day: *day, balance }),
        );
    }
    left
}
