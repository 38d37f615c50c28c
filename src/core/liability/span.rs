//! The days of a series: the ends of days, months or fiscal years between two days.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// How far apart the points of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Each day.
    Day,
    /// The last day of each month.
    Month,
    /// The last day of each fiscal year, which begins in April: 31 March.
    FiscalYear,
}

/// Two days and the steps between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from: NaiveDate,
    to: NaiveDate,
    step: Step,
}

/// Why two days are no span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// The end lies before the beginning.
    #[error("the span ends ({to}) before it begins ({from})")]
    Reversed {
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// More points than anybody reads.
    #[error(
        "the series would have more than {} points; take a longer step",
        Span::MOST_POINTS
    )]
    TooLong,
}

impl Span {
    /// The most points of one series: a century of months, thirteen years of days.
    pub const MOST_POINTS: usize = 5_000;

    /// The points from one day to another.
    pub fn new(from: NaiveDate, to: NaiveDate, step: Step) -> Result<Self, SpanError> {
        if to < from {
            return Err(SpanError::Reversed { from, to });
        }
        let span = Self { from, to, step };
        let most = Self::MOST_POINTS;
        if span.walk().take(most + 1).count() > most {
            return Err(SpanError::TooLong);
        }
        Ok(span)
    }

    /// The days of which the series tells, in order: ends of the steps; the last is the span's last day.
    pub fn days(&self) -> Vec<NaiveDate> {
        self.walk().collect()
    }

    fn walk(&self) -> impl Iterator<Item = NaiveDate> {
        let (to, step) = (self.to, self.step);
        let first = Some(end_of(self.from, step).min(to));
        std::iter::successors(first, move |day| {
            let next = day
                .checked_add_days(Days::new(1))
                .filter(|next| *next <= to)?;
            Some(end_of(next, step).min(to))
        })
    }
}

/// The last day of the step a day lies in.
fn end_of(day: NaiveDate, step: Step) -> NaiveDate {
    let end = match step {
        Step::Day => Some(day),
        Step::Month => month_after(day, 1),
        Step::FiscalYear => {
            let until_april = (12 + 3 - day.month0()) % 12;
            month_after(day, if until_april == 0 { 12 } else { until_april })
        }
    };
    end.unwrap_or(day)
}

/// The last day before the month that begins so many months later.
fn month_after(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    let first = day.with_day(1)?;
    first.checked_add_months(Months::new(months))?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(from: &str, to: &str, step: Step) -> Vec<String> {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let span = Span::new(day(from), day(to), step).unwrap();
        span.days().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_fiscal_year_ends_with_march() {
        assert_eq!(
            days("2026-04-01", "2028-03-31", Step::FiscalYear),
            ["2027-03-31", "2028-03-31"]
        );
        assert_eq!(
            days("2026-03-31", "2026-12-01", Step::FiscalYear),
            ["2026-03-31", "2026-12-01"]
        );
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        assert_eq!(
            days("2028-01-15", "2028-03-10", Step::Month),
            ["2028-01-31", "2028-02-29", "2028-03-10"]
        );
        assert_eq!(days("2026-05-01", "2026-05-01", Step::Day), ["2026-05-01"]);
    }

    #[test]
    fn a_reversed_or_endless_span_is_refused() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let reversed = Span::new(day("2026-05-02"), day("2026-05-01"), Step::Day);
        assert!(matches!(reversed, Err(SpanError::Reversed { .. })));
        let endless = Span::new(NaiveDate::MIN, NaiveDate::MAX, Step::Day);
        assert_eq!(endless, Err(SpanError::TooLong));
    }
}
