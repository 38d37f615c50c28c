//! Amounts, days and times as the visitor writes them, in the visitor's zone (R63).

use bondhub_core::{
    account::Viewer,
    calendar::{Period, Timestamp},
    money::Money,
    party::Language,
};
use chrono::{NaiveDate, Offset as _};
use chrono_tz::Tz;
use serde::Serialize;

use crate::letters::wording;

/// A language and a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The language.
    pub language: Language,
    /// The zone.
    pub zone: Tz,
}

/// An instant for a `time` element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// RFC 3339, for machines.
    pub iso: String,
    /// For people.
    pub text: String,
}

/// The visitor's zone; Tokyo where nobody chose another.
pub(super) fn zone_of(viewer: Option<&Viewer>) -> Tz {
    viewer
        .and_then(|viewer| viewer.zone.parse().ok())
        .unwrap_or(Tz::Asia__Tokyo)
}

impl Words {
    /// `￥120,000,000`, or `JPY 120,000,000`.
    pub fn money(&self, money: &Money) -> String {
        wording::money(money, self.language)
    }

    /// A day.
    pub fn day(&self, day: NaiveDate) -> Moment {
        Moment {
            iso: day.to_string(),
            text: wording::day(day, self.language),
        }
    }

    /// Both ends of a period.
    pub fn period(&self, period: Period) -> String {
        wording::period(period, self.language)
    }

    /// An instant, with its zone.
    pub fn time(&self, at: Timestamp) -> Moment {
        let offset = at.with_timezone(&self.zone).offset().fix();
        Moment {
            iso: at.to_rfc3339(),
            text: wording::time(at, offset, self.language),
        }
    }

    /// An instant for a table: `2026-09-01 10:00`.
    pub fn short_time(&self, at: Timestamp) -> Moment {
        let local = at.with_timezone(&self.zone);
        Moment {
            iso: at.to_rfc3339(),
            text: local.format("%Y-%m-%d %H:%M").to_string(),
        }
    }
}
