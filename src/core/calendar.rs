//! Days, instants and spans of days.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// An instant, to the microsecond: what both databases can store without loss.
pub type Timestamp = DateTime<Utc>;

/// A span of whole days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PeriodParts", into = "PeriodParts")]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

#[derive(Serialize, Deserialize)]
struct PeriodParts {
    from: NaiveDate,
    to: NaiveDate,
}

/// Why two days are not a period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the period ends ({to}) before it begins ({from})")]
pub struct PeriodError {
    from: NaiveDate,
    to: NaiveDate,
}

impl TryFrom<PeriodParts> for Period {
    type Error = PeriodError;
    fn try_from(parts: PeriodParts) -> Result<Self, PeriodError> {
        Self::new(parts.from, parts.to)
    }
}

impl From<Period> for PeriodParts {
    fn from(period: Period) -> Self {
        Self {
            from: period.from,
            to: period.to,
        }
    }
}

impl Period {
    /// The days `from` to `to`, both included; refuses a period that ends before it begins.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, PeriodError> {
        if to < from {
            return Err(PeriodError { from, to });
        }
        Ok(Self { from, to })
    }

    /// First day.
    pub fn from(&self) -> NaiveDate {
        self.from
    }

    /// Last day.
    pub fn to(&self) -> NaiveDate {
        self.to
    }

    /// This period, reaching at least to `day`.
    pub fn reaching(self, day: NaiveDate) -> Self {
        Self {
            to: self.to.max(day),
            ..self
        }
    }
}

/// The day an instant falls on in the hub's zone.
pub fn day_of(instant: Timestamp, zone: FixedOffset) -> NaiveDate {
    instant.with_timezone(&zone).date_naive()
}

/// The first instant of a day in the hub's zone.
pub fn start_of(day: NaiveDate, zone: FixedOffset) -> Timestamp {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    midnight.and_utc() - zone_shift(zone)
}

fn zone_shift(zone: FixedOffset) -> chrono::TimeDelta {
    chrono::TimeDelta::seconds(i64::from(zone.local_minus_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_that_ends_before_it_begins_is_refused() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 4, d).unwrap();
        assert!(Period::new(day(2), day(1)).is_err());
        assert!(Period::new(day(1), day(1)).is_ok());
    }

    #[test]
    fn a_day_begins_at_midnight_in_tokyo_not_in_greenwich() {
        let tokyo = FixedOffset::east_opt(9 * 3600).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        assert_eq!(
            start_of(day, tokyo).to_rfc3339(),
            "2026-03-31T15:00:00+00:00"
        );
        assert_eq!(day_of(start_of(day, tokyo), tokyo), day);
    }
}
