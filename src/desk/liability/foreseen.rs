//! Bonds as they will stand on a day to come (R42): sums of such days the store tells.

use bondhub_core::{
    bond::BondState,
    ports::store::{BondQuestion, BondStanding, Coming},
};
use chrono::NaiveDate;

use crate::desk::{Desk, DeskError};

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
    /// Whether a day is asked about that is to come, by what is known now. What was known on an earlier day is what the ledger
    /// had noted by then.
    pub fn foresees(&self, as_of: NaiveDate, known_on: Option<NaiveDate>) -> bool {
        self.foreseen_after(known_on)
            .is_some_and(|today| as_of > today)
    }

    /// The day after which figures foresee what time alone will change.
    pub(in crate::desk) fn foreseen_after(&self, known_on: Option<NaiveDate>) -> Option<NaiveDate> {
        let today = self.today();
        known_on.is_none_or(|known| known >= today).then_some(today)
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
