//! What figures of days to come differ by from what the ledger says of them: bonds end by their periods, and others come to
//! count for more by that (R42). The ledger notes both when they have come; until then the periods tell them.

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondState,
    liability::Change,
    money::Currency,
    ports::store::{BondQuestion, BondStanding, Coming, Expiry, Question, SeriesPoint},
};
use chrono::{Datelike as _, NaiveDate};

use crate::desk::{Desk, DeskError};

/// What is foreseen for the answers to a question; nothing if no day to come is asked about.
#[derive(Default)]
pub(super) struct Foreseen {
    /// What stands of bonds that end by date, at their last days.
    endings: Vec<SeriesPoint>,
    /// What others come to count for.
    coming: Vec<Coming>,
}

impl Foreseen {
    /// What changes in the answers to a question.
    pub(super) fn changes(&self, question: &Question) -> Vec<Change> {
        let endings = self.endings.iter().filter_map(Change::ending);
        let coming = self.coming.iter();
        let coming = coming.flat_map(|one| Change::of_bond(one, question.by, &question.within));
        endings.chain(coming).collect()
    }

    /// What ends when, on the day of a question.
    pub(super) fn expiries(&self, ends: Vec<Expiry>, question: &Question) -> Vec<Expiry> {
        let mut left: BTreeMap<(NaiveDate, Currency), (i64, i64)> = ends
            .into_iter()
            .map(|one| {
                let bonds = i64::try_from(one.bonds).unwrap_or(i64::MAX);
                ((one.month, one.currency), (one.amount, bonds))
            })
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
                bonds: u64::try_from(bonds).unwrap_or_default(),
            })
            .collect()
    }

    /// What has changed by the day of a question, with the last day of the bond it is of.
    fn by_last_day(&self, question: &Question) -> Vec<(NaiveDate, Change)> {
        let endings = self.endings.iter();
        let endings = endings.filter_map(|last| Some((last.day, Change::ending(last)?)));
        let coming = self.coming.iter().flat_map(|one| {
            let changes = Change::of_bond(one, question.by, &question.within);
            changes
                .into_iter()
                .filter_map(|change| Some((one.last_day?, change)))
        });
        let all = endings.chain(coming);
        all.filter(|(_, change)| change.day <= question.as_of)
            .collect()
    }
}

/// Of a page of bonds that are outstanding on a day, those that will be, with what they will count for then.
pub(super) struct Page<'a> {
    pub(super) question: &'a BondQuestion,
    /// Bonds that count differently then.
    pub(super) coming: &'a [Coming],
}

impl Page<'_> {
    /// What will have come of a bond by the day of the question.
    fn come(&self, coming: &Coming) -> i64 {
        let (as_of, within) = (self.question.as_of, &self.question.within);
        let come = coming.postings_within(within);
        let come = come.filter(|one| one.day <= as_of);
        come.map(|one| one.delta).sum()
    }

    /// The same bond with what it will count for; none if it has ended by then.
    pub(super) fn then(&self, one: BondStanding) -> Option<BondStanding> {
        let mut coming = self.coming.iter();
        let coming = coming.find(|coming| is_of(coming, &one));
        let amount = one.amount + coming.map_or(0, |coming| self.come(coming));
        let is_over = will_have_ended(&one, self.question.as_of);
        (!is_over && amount != 0).then_some(BondStanding { amount, ..one })
    }

    /// Bonds that count for nothing yet, and will: between the end of the page before and the end of this one.
    pub(super) fn appearing(&self, page: &[BondStanding], is_last: bool) -> Vec<&Coming> {
        let after = self.question.after.as_ref();
        let end = page.last().map(|one| &one.bond).filter(|_| !is_last);
        let missing = self.coming.iter().filter(|coming| {
            let in_page = after.is_none_or(|after| coming.bond > *after)
                && end.is_none_or(|end| coming.bond <= *end);
            in_page && !page.iter().any(|one| is_of(coming, one)) && self.come(coming) != 0
        });
        missing.collect()
    }
}

fn is_of(coming: &Coming, one: &BondStanding) -> bool {
    (&coming.bond, &coming.principal, &coming.obligee) == (&one.bond, &one.principal, &one.obligee)
}

/// Whether an outstanding bond will have ended before a day, by what it says.
fn will_have_ended(one: &BondStanding, day: NaiveDate) -> bool {
    let last_day = one.terms.as_ref().map(|terms| terms.period.to());
    let ends_by_date = one.state.is_some_and(BondState::ends_by_date);
    ends_by_date && last_day.is_some_and(|last| last < day)
}

impl Desk {
    /// What the answers to a question, up to its day, will differ by from what the ledger says now.
    pub(super) async fn foreseen(&self, question: &Question) -> Result<Foreseen, DeskError> {
        if !self.foresees(question.as_of, question.known_on) {
            return Ok(Foreseen::default());
        }
        let without = question.without.as_ref();
        Ok(Foreseen {
            endings: self.store.endings(question).await?,
            coming: self.store.coming(&question.within, without).await?,
        })
    }

    /// Whether a day is asked about that is to come, by what is known now. What was known on an earlier day is what the ledger
    /// had noted by then.
    pub fn foresees(&self, as_of: NaiveDate, known_on: Option<NaiveDate>) -> bool {
        let today = self.today();
        as_of > today && known_on.is_none_or(|known| known >= today)
    }

    /// A page of bonds as they will stand on the day of a question.
    pub(super) async fn standing_then(
        &self,
        question: &BondQuestion,
        coming: &[Coming],
        page: Vec<BondStanding>,
        is_last: bool,
    ) -> Result<Vec<BondStanding>, DeskError> {
        let then = Page { question, coming };
        let mut standing = Vec::new();
        for coming in then.appearing(&page, is_last) {
            standing.extend(self.nothing_yet(coming).await?);
        }
        standing.extend(page);
        standing.sort_by(|one, other| one.bond.cmp(&other.bond));
        let standing = standing.into_iter().filter_map(|one| then.then(one));
        Ok(standing.collect())
    }

    /// A bond that counts for nothing now.
    async fn nothing_yet(&self, coming: &Coming) -> Result<Option<BondStanding>, DeskError> {
        let view = self.store.bond(&coming.bond).await?;
        Ok(view.map(|view| BondStanding {
            bond: coming.bond.clone(),
            principal: coming.principal.clone(),
            obligee: coming.obligee.clone(),
            amount: 0,
            currency: view.bond.terms.amount.currency(),
            state: Some(view.bond.state),
            terms: Some(view.bond.terms),
        }))
    }
}
