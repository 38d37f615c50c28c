//! Figures of outstanding liability, each for whoever may see it (R40, R43, R22).
//!
//! Who asks is part of the question: [`liability::allow`] says whether it is answered at all, and
//! [`liability::hides`] what the answer leaves out of what is under embargo: bonds of tenders
//! whose bids are not open yet, of the asker's own and of others (R21). Of a day to come, what ends before it is left out too.

mod foreseen;

use std::collections::BTreeSet;

use bondhub_core::{
    account::Viewer,
    calendar::{Timestamp, day_of, start_of},
    identifier::PartyCode,
    liability::{self, Beholder, Detail, Hides, Sight, Span, Step},
    party::Role,
    ports::store::{
        Balance, BalanceBy, BondQuestion, BondStanding, Embargo, Expiry, Folded, Posted, Question,
        SeriesPoint, SeriesQuestion, Within, rows_at_most,
    },
};
use chrono::{Months, NaiveDate};
use uuid::Uuid;

use super::{Desk, DeskError, Refusal};
use crate::vault::{Look, Shown};

/// Which figure is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// How it is added up.
    pub by: BalanceBy,
    /// Of which part.
    pub within: Within,
    /// At the end of which day; none is today.
    pub as_of: Option<NaiveDate>,
    /// As known at the end of which day; none is now.
    pub known_on: Option<NaiveDate>,
}

/// What a contractor has outstanding, for an owner who looks at one of its bonds (R22).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiabilityOf {
    /// The contractor.
    pub contractor: PartyCode,
    /// At the end of which day.
    pub as_of: NaiveDate,
    /// With all issuers together, one sum per currency.
    pub sums: Vec<Balance>,
    /// The days of its history, oldest first: ends of months, and the last one.
    pub days: Vec<NaiveDate>,
    /// What was outstanding on those days.
    pub history: Vec<SeriesPoint>,
}

/// How far back the history goes that an owner sees beside a bond.
const HISTORY_MONTHS: u32 = 12;

impl Desk {
    /// Today, in the hub's zone.
    pub fn today(&self) -> NaiveDate {
        let zone = self.directories.newest().rules.policy.zone;
        day_of(self.clock.now(), zone)
    }

    /// Whom somebody looks as: an operator, or its party with the contractors of its cases.
    pub async fn beholder(&self, viewer: &Viewer) -> Result<Beholder, DeskError> {
        match &viewer.party {
            None => Ok(Beholder::Operator),
            Some(code) => self.party_beholding(code).await,
        }
    }

    /// A party that looks, in every role it has.
    pub async fn party_beholding(&self, code: &PartyCode) -> Result<Beholder, DeskError> {
        let roles: BTreeSet<Role> = self.party(code).await?.roles.into_iter().collect();
        let mut contractors = BTreeSet::new();
        if roles.contains(&Role::Owner) {
            contractors = self.contractors_shown(code).await?;
        }
        Ok(Beholder::Party {
            code: code.clone(),
            roles,
            contractors,
        })
    }

    /// The contractors of an owner's cases whose bids are open: of others it does not even learn that they bid.
    async fn contractors_shown(&self, owner: &PartyCode) -> Result<BTreeSet<PartyCode>, DeskError> {
        let shown = self.store.contractors_of(owner, self.clock.now()).await?;
        Ok(shown.into_iter().collect())
    }

    /// What is outstanding (R40), if the beholder may see it (R43).
    pub async fn balances(
        &self,
        beholder: &Beholder,
        figure: &Figure,
    ) -> Result<Vec<Balance>, DeskError> {
        self.check(beholder, figure).await?;
        let question = self.question(beholder, figure);
        Ok(self.store.balances(&question).await?)
    }

    /// A series of it over a span.
    pub async fn balance_series(
        &self,
        beholder: &Beholder,
        figure: &Figure,
        span: &Span,
    ) -> Result<Vec<SeriesPoint>, DeskError> {
        self.check(beholder, figure).await?;
        let question = SeriesQuestion {
            by: figure.by,
            within: figure.within.clone(),
            days: span.days(),
            known_on: figure.known_on,
            without: self.embargo(hides(beholder, figure)),
            foreseen_after: self.foreseen_after(figure.known_on),
        };
        Ok(self.store.balance_series(&question).await?)
    }

    /// The bonds behind a figure, with their periods: a page after one of them. A page that is shorter than it may be is the
    /// last one: what somebody may not see yet, or has ended by a day to come, is left out, and what comes after it takes its place.
    /// Who asks decides what is left out, whatever the question says.
    pub async fn outstanding_bonds(
        &self,
        beholder: &Beholder,
        question: &BondQuestion,
    ) -> Result<Vec<BondStanding>, DeskError> {
        check_bonds(beholder, &question.within)?;
        let (as_of, known_on) = (question.as_of, question.known_on);
        let before = self.end_of(as_of, known_on);
        let hides = liability::hides(beholder, Detail::Bonds, &question.within);
        let mut question = question.clone();
        question.without = self.embargo(hides);
        let foresees = self.foresees(as_of, known_on);
        if hides == Hides::Nothing && !foresees {
            return Ok(self.store.bond_standings(&question, before).await?);
        }
        let mut coming = Vec::new();
        if foresees {
            let without = question.without.as_ref();
            coming = self.store.coming(&question.within, without).await?;
        }
        let mut shown = Vec::new();
        let most = rows_at_most(question.limit) as usize;
        loop {
            let mut page = self.store.bond_standings(&question, before).await?;
            let is_last = page.len() < most;
            let last = page.last().map(|one| one.bond.clone());
            if foresees {
                page = self
                    .standing_then(&question, &coming, page, is_last)
                    .await?;
            }
            let is_shown = |one: &BondStanding| hides == Hides::Nothing || one.terms.is_some();
            shown.extend(page.into_iter().filter(is_shown));
            question.after = last;
            if is_last || shown.len() >= most {
                shown.truncate(most);
                return Ok(shown);
            }
        }
    }

    /// What ends when, of what is outstanding on a day, by the last days the bonds had then. How the figure is added up
    /// does not matter.
    pub async fn expiries(
        &self,
        beholder: &Beholder,
        figure: &Figure,
    ) -> Result<Vec<Expiry>, DeskError> {
        let figure = Figure {
            by: BalanceBy::Total,
            ..figure.clone()
        };
        self.check(beholder, &figure).await?;
        let question = self.question(beholder, &figure);
        let before = self.end_of(question.as_of, question.known_on);
        Ok(self.store.expiries(&question, before).await?)
    }

    /// What the contractor of the bond that was looked at has outstanding with all issuers together (R22): none where the look
    /// shows no liability, as before the opening and to anybody but the owner. Nothing of it comes from tenders that are not
    /// open yet, and nothing is split by issuer (R43).
    pub async fn liability_of(&self, look: &Look) -> Result<Option<LiabilityOf>, DeskError> {
        let Some(contractor) = liable(look) else {
            return Ok(None);
        };
        let as_of = self.today();
        let owner = as_owner_of(look, contractor);
        let figure = Figure {
            by: BalanceBy::Total,
            within: of_contractor(contractor),
            as_of: Some(as_of),
            known_on: None,
        };
        let from = as_of.checked_sub_months(Months::new(HISTORY_MONTHS));
        let span = Span::new(from.unwrap_or(as_of), as_of, Step::Month).map_err(Refusal::from)?;
        Ok(Some(LiabilityOf {
            contractor: contractor.clone(),
            as_of,
            sums: self.balances(&owner, &figure).await?,
            days: span.days(),
            history: self.balance_series(&owner, &figure, &span).await?,
        }))
    }

    /// The ledger itself, for operators and for whoever checks the figures.
    pub async fn ledger(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Posted>, DeskError> {
        Ok(self.store.movements(after, limit).await?)
    }

    /// Takes new movements up into the sums (R61: the balance snapshot).
    pub async fn snapshot_balances(&self) -> Result<Folded, DeskError> {
        Ok(self.store.fold(self.today()).await?)
    }

    async fn check(&self, beholder: &Beholder, figure: &Figure) -> Result<(), DeskError> {
        let consent = match &figure.within.contractor {
            Some(contractor) if matches!(beholder, Beholder::Party { .. }) => {
                self.has_consented(contractor).await?
            }
            Some(_) | None => false,
        };
        let sight = Sight {
            by: figure.by,
            within: figure.within.clone(),
            consent,
        };
        Ok(liability::allow(beholder, &sight).map_err(Refusal::from)?)
    }

    fn question(&self, beholder: &Beholder, figure: &Figure) -> Question {
        Question {
            by: figure.by,
            within: figure.within.clone(),
            as_of: figure.as_of.unwrap_or_else(|| self.today()),
            known_on: figure.known_on,
            without: self.embargo(hides(beholder, figure)),
            foreseen_after: self.foreseen_after(figure.known_on),
        }
    }

    /// What is hidden from somebody, as the store leaves it out: bid-stage bonds of tenders whose bids are not open now, whatever
    /// day is asked about.
    pub(in crate::desk) fn embargo(&self, hides: Hides<'_>) -> Option<Embargo> {
        let except = match hides {
            Hides::Nothing => return None,
            Hides::All => None,
            Hides::ThoseOfOthers(own) => Some(own.clone()),
        };
        Some(Embargo {
            at: self.clock.now(),
            except,
        })
    }

    /// What was made before this instant was there at the end of the day, and known; none while the day is not over.
    fn end_of(&self, as_of: NaiveDate, known_on: Option<NaiveDate>) -> Option<Timestamp> {
        let day = known_on.map_or(as_of, |known| known.min(as_of));
        let zone = self.directories.newest().rules.policy.zone;
        let end = start_of(day.succ_opt().unwrap_or(day), zone);
        (end <= self.clock.now()).then_some(end)
    }
}

/// Single bonds name their issuer: nobody sees another's by asking for bonds.
fn check_bonds(beholder: &Beholder, within: &Within) -> Result<(), DeskError> {
    let sight = Sight {
        by: BalanceBy::Issuer,
        within: within.clone(),
        consent: false,
    };
    Ok(liability::allow(beholder, &sight).map_err(Refusal::from)?)
}

fn hides<'a>(beholder: &'a Beholder, figure: &Figure) -> Hides<'a> {
    liability::hides(beholder, Detail::Sums(figure.by), &figure.within)
}

/// Whose liability a look shows.
fn liable(look: &Look) -> Option<&PartyCode> {
    match &look.shown {
        Shown::Content(content) if content.liability => Some(&content.view.bond.terms.principal),
        Shown::Content(_) | Shown::Existence { .. } => None,
    }
}

/// Whoever looked, with the contractor of the bond that its key opened.
fn as_owner_of(look: &Look, contractor: &PartyCode) -> Beholder {
    Beholder::Party {
        code: look.holder.clone(),
        roles: BTreeSet::from([look.role]),
        contractors: BTreeSet::from([contractor.clone()]),
    }
}

fn of_contractor(contractor: &PartyCode) -> Within {
    Within {
        contractor: Some(contractor.clone()),
        ..Within::default()
    }
}
