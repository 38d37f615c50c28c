//! Figures of days to come: the ledger's, with what will have changed by then by periods alone.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Months, NaiveDate};

use super::Posting;
use crate::{
    money::Currency,
    ports::store::{
        Balance, BalanceBy, Coming, Expiry, Question, SeriesPoint, SeriesQuestion, Within,
    },
};

/// What figures of days to come differ by from what the ledger says of them: bonds end by their periods, and others come to
/// count for more by that (R42). The ledger notes both when they have come; until then the periods tell them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Foreseen {
    /// That what stands of bonds that end by date is gone, from the first of the days asked about on which they are over.
    pub endings: Vec<Change>,
    /// Bonds that come to count differently.
    pub coming: Vec<Coming>,
}

impl Foreseen {
    /// Sums of a day as they will be.
    pub fn balances(&self, sums: Vec<Balance>, question: &Question) -> Vec<Balance> {
        let changes = self.changes(question);
        let come = changes.iter().filter(|one| one.day <= question.as_of);
        Sums::of(come).added_to(sums)
    }

    /// A series as it will be: up to today the ledger tells it.
    pub fn series(&self, points: Vec<SeriesPoint>, question: &SeriesQuestion) -> Vec<SeriesPoint> {
        let (Some(last), Some(first)) = (question.days.last(), question.days_to_come().first())
        else {
            return points;
        };
        let changes = self.changes(&question.on(*last));
        series_with_changes(points, *first, &question.days, changes)
    }

    /// What ends when, of what will stand on the day of a question. The endings are those of [`ends_of_months`].
    pub fn expiries(&self, ends: Vec<Expiry>, question: &Question) -> Vec<Expiry> {
        let mut left: BTreeMap<(NaiveDate, Currency), (i64, i64)> = ends
            .into_iter()
            .map(|one| ((one.month, one.currency), (one.amount, signed(one.bonds))))
            .collect();
        for (last_day, change) in self.by_last_day(question) {
            let month = last_day.with_day(1).unwrap_or(last_day);
            let end = left.entry((month, change.currency)).or_default();
            *end = (end.0 + change.amount, end.1 + change.bonds);
        }
        let standing = left.into_iter().filter(|(_, (amount, _))| *amount != 0);
        standing
            .map(|((month, currency), (amount, bonds))| Expiry {
                month,
                amount,
                currency,
                bonds: unsigned(bonds),
            })
            .collect()
    }

    /// What has changed by the day of a question, with the last day of the bonds it is of, or a later one of the same month.
    fn by_last_day(&self, question: &Question) -> Vec<(NaiveDate, Change)> {
        let endings = self.endings.iter().cloned();
        let endings = endings.map(|change| (change.day.pred_opt(), change));
        let coming = self.coming.iter().flat_map(|one| {
            let changes = Change::of_bond(one, question.by, &question.within).into_iter();
            changes.map(|change| (one.last_day, change))
        });
        let told = endings
            .chain(coming)
            .filter(|(_, change)| change.day <= question.as_of);
        told.filter_map(|(last_day, change)| Some((last_day?, change)))
            .collect()
    }

    fn changes(&self, question: &Question) -> Vec<Change> {
        let coming = self.coming.iter();
        let coming = coming.flat_map(|one| Change::of_bond(one, question.by, &question.within));
        self.endings.iter().cloned().chain(coming).collect()
    }
}

/// The days on which endings are asked for, to tell what ends when on a day to come: the first ones after the months in which
/// something ends, and the day itself.
pub fn ends_of_months(ends: &[Expiry], as_of: NaiveDate) -> Vec<NaiveDate> {
    let next = |end: &Expiry| end.month.checked_add_months(Months::new(1));
    let days = ends.iter().filter_map(next).filter(|day| *day < as_of);
    let mut days: Vec<NaiveDate> = days.chain([as_of]).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// What changes in a figure from a day on.
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
    /// What a bond that comes to count differently changes in the answer to a question, added up as the ledger is.
    fn of_bond(coming: &Coming, by: BalanceBy, within: &Within) -> Vec<Self> {
        let contractor = within.contractor.as_ref();
        let change = |posting: &Posting| {
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

/// Changes added up: minor units and number of bonds, by name and currency.
#[derive(Debug, Clone, Default)]
struct Sums(BTreeMap<(String, Currency), (i64, i64)>);

impl Sums {
    fn of<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Self {
        let mut sums = Self::default();
        for change in changes {
            sums.add(
                change.of.clone(),
                change.currency,
                (change.amount, change.bonds),
            );
        }
        sums
    }

    fn add(&mut self, of: String, currency: Currency, (amount, bonds): (i64, i64)) {
        let sum = self.0.entry((of, currency)).or_default();
        *sum = (sum.0.saturating_add(amount), sum.1.saturating_add(bonds));
    }

    /// Sums with these changes; what is nothing then is gone. What was not there was nothing together.
    fn added_to(&self, sums: Vec<Balance>) -> Vec<Balance> {
        let mut left = self.clone();
        for sum in sums {
            left.add(sum.of, sum.currency, (sum.amount, signed(sum.bonds)));
        }
        let standing = left.0.into_iter().filter(|(_, (amount, _))| *amount != 0);
        standing.map(balance).collect()
    }
}

fn balance(((of, currency), (amount, bonds)): ((String, Currency), (i64, i64))) -> Balance {
    Balance {
        of,
        amount,
        currency,
        bonds: unsigned(bonds),
    }
}

/// A series with what will have changed by each of its days from the first one to come on.
fn series_with_changes(
    points: Vec<SeriesPoint>,
    first_to_come: NaiveDate,
    days: &[NaiveDate],
    mut changes: Vec<Change>,
) -> Vec<SeriesPoint> {
    let mut by_day: BTreeMap<NaiveDate, Vec<Balance>> = BTreeMap::new();
    for point in points {
        by_day.entry(point.day).or_default().push(point.balance);
    }
    changes.sort_by_key(|change| change.day);
    let mut changes = changes.into_iter().peekable();
    let (mut come, mut told) = (Sums::default(), Vec::new());
    for day in days {
        let mut sums = by_day.remove(day).unwrap_or_default();
        if *day >= first_to_come {
            while let Some(change) = changes.next_if(|change| change.day <= *day) {
                come.add(change.of, change.currency, (change.amount, change.bonds));
            }
            sums = come.added_to(sums);
        }
        let points = sums
            .into_iter()
            .map(|balance| SeriesPoint { day: *day, balance });
        told.extend(points);
    }
    told
}

fn signed(bonds: u64) -> i64 {
    i64::try_from(bonds).unwrap_or(i64::MAX)
}

fn unsigned(bonds: i64) -> u64 {
    u64::try_from(bonds).unwrap_or_default()
}
