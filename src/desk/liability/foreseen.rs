//! What a figure of a day to come leaves out: bonds that end before it. The ledger notes an end when it has come; until then
//! the bond's period tells it.

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondState,
    liability::Ended,
    money::Currency,
    ports::store::{Balance, BondStanding, Expiry, Question, SeriesPoint},
};
use chrono::{Datelike as _, NaiveDate};

use crate::desk::{Desk, DeskError};

/// Of the answers to a question, and to the same of other days: what ends before a day to come.
pub(super) struct Foreseen {
    /// Ends before the last day asked about; nothing if no day to come is.
    endings: Vec<SeriesPoint>,
    /// Up to this day the ledger tells the ends.
    today: NaiveDate,
}

impl Foreseen {
    /// What will have ended by a day.
    pub(super) fn on(&self, day: NaiveDate) -> Vec<Balance> {
        self.day_by_day()(day)
    }

    /// The same for the days of a series, in their order.
    pub(super) fn day_by_day(&self) -> impl FnMut(NaiveDate) -> Vec<Balance> {
        let mut ended = Ended::new(&self.endings);
        move |day| {
            if day > self.today {
                ended.before(day)
            } else {
                Vec::new()
            }
        }
    }

    /// What ends when, without it.
    pub(super) fn expiries(&self, ends: Vec<Expiry>, day: NaiveDate) -> Vec<Expiry> {
        let mut left: BTreeMap<(NaiveDate, Currency), (i64, u64)> = ends
            .into_iter()
            .map(|one| ((one.month, one.currency), (one.amount, one.bonds)))
            .collect();
        for SeriesPoint { day, balance } in self.endings.iter().filter(|point| point.day < day) {
            let month = day.with_day(1).unwrap_or(*day);
            if let Some(end) = left.get_mut(&(month, balance.currency)) {
                *end = (end.0 - balance.amount, end.1.saturating_sub(balance.bonds));
            }
        }
        let standing = left.into_iter().filter(|(_, (amount, _))| *amount != 0);
        standing
            .map(|((month, currency), (amount, bonds))| Expiry {
                month,
                amount,
                currency,
                bonds,
            })
            .collect()
    }
}

/// Whether an outstanding bond will have ended before a day, by what it says.
pub(super) fn will_have_ended(one: &BondStanding, day: NaiveDate) -> bool {
    let last_day = one.terms.as_ref().map(|terms| terms.period.to());
    let ends_by_date = one.state.is_some_and(BondState::ends_by_date);
    ends_by_date && last_day.is_some_and(|last| last < day)
}

impl Desk {
    /// What the answers to a question, up to its day, will have lost by ends that are to come.
    pub(super) async fn foreseen(&self, question: &Question) -> Result<Foreseen, DeskError> {
        let endings = if self.foresees(question.as_of, question.known_on) {
            self.store.endings(question).await?
        } else {
            Vec::new()
        };
        let today = self.today();
        Ok(Foreseen { endings, today })
    }

    /// Whether a day is asked about that is to come, by what is known now. What was known on an earlier day is what the ledger
    /// had noted by then.
    pub(super) fn foresees(&self, as_of: NaiveDate, known_on: Option<NaiveDate>) -> bool {
        let today = self.today();
        as_of > today && known_on.is_none_or(|known| known >= today)
    }
}
