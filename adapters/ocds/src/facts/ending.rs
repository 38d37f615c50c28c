//! How a contract ended.
//!
//! OCDS says *terminated* of the normal end as well as of the early one (E18). A bond is only
//! released where the release shows that the works were completed; what is unclear counts as ended
//! early, which freezes the bond until its parties settle it.

use bondhub_core::{
    event::Rejection,
    money::Money,
    procurement::{ContractEnd, Terms},
};
use chrono::NaiveDate;

use super::Release;
use crate::{amount, node::Node};

/// What a release shows about a contract's end.
struct Signs {
    told: Told,
    /// `implementation.endDate`, unless it is still to come.
    ended_on: Option<NaiveDate>,
    /// `implementation.finalValue`: the final payment is recorded.
    paid_finally: bool,
    /// The payments reach the price.
    paid_in_full: bool,
    milestones: Milestones,
    /// The last day of the contract's period.
    last_day: Option<NaiveDate>,
    today: NaiveDate,
}

/// Whether the contract is said to be terminated.
#[derive(PartialEq, Eq)]
enum Told {
    Nothing,
    /// The release is tagged `contractTermination` and is about this contract alone.
    ByTag,
    /// `status` is `terminated`.
    ByStatus,
}

#[derive(PartialEq, Eq)]
enum Milestones {
    None,
    Open,
    Missed,
    AllMet,
}

pub(super) fn end(
    release: &Release<'_>,
    contract: &Node<'_>,
    terms: &Terms,
    alone: bool,
) -> Result<Option<ContractEnd>, Rejection> {
    Ok(signs(release, contract, terms, alone)?.verdict())
}

impl Signs {
    fn verdict(&self) -> Option<ContractEnd> {
        let told = self.told != Told::Nothing;
        if !told && !self.is_finished() {
            return None;
        }
        let completed = self.milestones != Milestones::Missed
            && (self.paid_finally || !told || self.is_complete_after_all());
        Some(if completed {
            ContractEnd::Completed
        } else {
            ContractEnd::Terminated
        })
    }

    fn is_finished(&self) -> bool {
        self.paid_finally || self.ended_on.is_some()
    }

    /// Whether a contract that is called terminated was completed.
    fn is_complete_after_all(&self) -> bool {
        let reached = |day: NaiveDate| self.last_day.is_some_and(|last| last <= day);
        let over = self.last_day.is_some_and(|last| last < self.today);
        self.paid_in_full
            || self.milestones == Milestones::AllMet
            || self.ended_on.is_some_and(reached)
            || (self.told == Told::ByStatus && self.ended_on.is_none() && over)
    }
}

fn signs(
    release: &Release<'_>,
    contract: &Node<'_>,
    terms: &Terms,
    alone: bool,
) -> Result<Signs, Rejection> {
    let works = contract.object("implementation")?;
    let today = release.time.date_naive();
    let ended_on = match &works {
        Some(works) => works.day("endDate")?,
        None => None,
    };
    let paid_finally = works.as_ref().is_some_and(|works| {
        let value = works.member("finalValue");
        value.is_some_and(|value| value.member("amount").is_some())
    });
    Ok(Signs {
        told: told(release, contract, alone),
        ended_on: ended_on.filter(|day| *day <= today),
        paid_finally,
        paid_in_full: works
            .as_ref()
            .is_some_and(|works| reaches(works, terms.amount)),
        milestones: milestones(contract, works.as_ref())?,
        last_day: terms.period.map(|period| period.to()),
        today,
    })
}

fn told(release: &Release<'_>, contract: &Node<'_>, alone: bool) -> Told {
    if contract.text("status") == Some("terminated") {
        Told::ByStatus
    } else if alone && release.is_tagged("contractTermination") {
        Told::ByTag
    } else {
        Told::Nothing
    }
}

/// Whether the payments recorded reach the price; one that cannot be read counts for nothing.
fn reaches(works: &Node<'_>, price: Option<Money>) -> bool {
    let Some(price) = price.filter(|price| price.amount() > 0) else {
        return false;
    };
    let payments = works.objects("transactions").unwrap_or_default();
    let paid = payments
        .iter()
        .filter_map(|payment| amount::money(&payment.member("value")?).ok().flatten())
        .try_fold(Money::zero(price.currency()), |sum, one| sum.plus(&one));
    paid.is_ok_and(|paid| paid.amount() >= price.amount())
}

fn milestones(contract: &Node<'_>, works: Option<&Node<'_>>) -> Result<Milestones, Rejection> {
    let mut all = contract.objects("milestones")?;
    if let Some(works) = works {
        all.extend(works.objects("milestones")?);
    }
    let states: Vec<Option<&str>> = all.iter().map(|one| one.text("status")).collect();
    Ok(if states.is_empty() {
        Milestones::None
    } else if states.contains(&Some("notMet")) {
        Milestones::Missed
    } else if states.iter().all(|state| *state == Some("met")) {
        Milestones::AllMet
    } else {
        Milestones::Open
    })
}
