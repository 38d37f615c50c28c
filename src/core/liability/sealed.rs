//! Figures without what is under embargo (R21): what is sealed is added up by itself and taken away.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    money::Currency,
    ports::store::{Balance, BalanceBy, MovementRow, Question, SeriesPoint},
};

/// What movements add up to: the meaning of a figure, whatever a store keeps to be quicker.
///
/// Shares of a joint venture count for its members; asked for within the venture itself, all of its bonds do.
pub fn add_up<'a>(
    movements: impl IntoIterator<Item = &'a MovementRow>,
    question: &Question,
) -> Vec<Balance> {
    let mut sums: BTreeMap<(String, Currency), (i64, i64)> = BTreeMap::new();
    for row in movements.into_iter().filter(|row| counts(row, question)) {
        let asked = question.within.contractor.as_ref();
        let of = match question.by {
            BalanceBy::Contractor => asked.unwrap_or(&row.holder).as_str(),
            BalanceBy::Issuer => row.bond.issuer.as_str(),
            BalanceBy::Owner => row.obligee.as_str(),
            BalanceBy::Total => "",
        };
        let held = match asked {
            Some(contractor) => *contractor == row.holder,
            None => question.by == BalanceBy::Contractor,
        };
        let sum = sums.entry((of.to_owned(), row.currency)).or_default();
        sum.0 += row.delta;
        sum.1 += i64::from(if held { row.held } else { row.bonds });
    }
    let standing = sums.into_iter().filter(|(_, (amount, _))| *amount != 0);
    standing
        .map(|((of, currency), (amount, bonds))| Balance {
            of,
            amount,
            currency,
            bonds: u64::try_from(bonds).unwrap_or(0),
        })
        .collect()
}

fn counts(row: &MovementRow, question: &Question) -> bool {
    let within = &question.within;
    let holds = within.contractor.as_ref().is_none_or(|contractor| {
        *contractor == row.holder || (*contractor == row.principal && row.holder != row.principal)
    });
    row.effective <= question.as_of
        && question.known_on.is_none_or(|known| row.recorded <= known)
        && within
            .issuer
            .as_ref()
            .is_none_or(|code| *code == row.bond.issuer)
        && within
            .owner
            .as_ref()
            .is_none_or(|code| *code == row.obligee)
        && holds
}

/// Sums less others of the same question; what is nothing then is left out.
pub fn less(sums: Vec<Balance>, taken: &[Balance]) -> Vec<Balance> {
    let mut left = sums;
    for away in taken {
        let same = |sum: &&mut Balance| sum.of == away.of && sum.currency == away.currency;
        match left.iter_mut().find(same) {
            Some(sum) => {
                sum.amount -= away.amount;
                sum.bonds = sum.bonds.saturating_sub(away.bonds);
            }
            // Together they were nothing: what is left is the opposite.
            None => left.push(Balance {
                amount: -away.amount,
                bonds: 0,
                ..away.clone()
            }),
        }
    }
    left.retain(|sum| sum.amount != 0);
    left.sort_by(|one, other| (&one.of, one.currency).cmp(&(&other.of, other.currency)));
    left
}

/// A series less what sealed movements add up to on each of its days.
pub fn less_series(
    points: Vec<SeriesPoint>,
    days: &[NaiveDate],
    sealed: impl Fn(NaiveDate) -> Vec<Balance>,
) -> Vec<SeriesPoint> {
    let mut by_day: BTreeMap<NaiveDate, Vec<Balance>> = BTreeMap::new();
    for point in points {
        by_day.entry(point.day).or_default().push(point.balance);
    }
    let mut left = Vec::new();
    for day in days {
        let sums = by_day.remove(day).unwrap_or_default();
        let sums = less(sums, &sealed(*day));
        left.extend(
            sums.into_iter()
                .map(|balance| SeriesPoint { day: *day, balance }),
        );
    }
    left
}
