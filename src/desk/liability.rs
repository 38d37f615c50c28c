//! Figures of outstanding liability, each for whoever may see it (R40, R43, R22).
//!
//! Who asks is part of the question: [`liability::allow`] says whether it is answered at all, and
//! [`liability::leaves_out_sealed`] whether the answer leaves out what is under embargo: bonds of tenders
//! whose bids are not open yet, of the asker's own and of others (R21).

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    account::Viewer,
    calendar::{Timestamp, day_of, start_of},
    identifier::{BondId, PartyCode, ProcurementId},
    liability::{self, Beholder, Detail, Sight, Span, Step, add_up, less, less_series},
    money::Currency,
    party::Role,
    ports::store::{
        Balance, BalanceBy, BondQuestion, BondStanding, Expiry, Folded, MovementRow, Posted,
        Question, SealedBond, SeriesPoint, SeriesQuestion, Wanted, Within, rows_at_most,
    },
    view,
};
use chrono::{Datelike as _, Months, NaiveDate};
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
        let mut bonds: BTreeMap<PartyCode, u64> = self
            .store
            .contractors_of(owner)
            .await?
            .into_iter()
            .collect();
        let sealed = self.sealed(&towards(owner), self.today(), None).await?;
        for one in sealed.iter().filter(|one| one.state.is_outstanding()) {
            if let Some(count) = bonds.get_mut(&one.terms.principal) {
                *count = count.saturating_sub(1);
            }
        }
        bonds.retain(|_, count| *count > 0);
        Ok(bonds.into_keys().collect())
    }

    /// What is outstanding (R40), if the beholder may see it (R43).
    pub async fn balances(
        &self,
        beholder: &Beholder,
        figure: &Figure,
    ) -> Result<Vec<Balance>, DeskError> {
        self.check(beholder, figure).await?;
        let question = self.question(figure);
        let sums = self.store.balances(&question).await?;
        if !leaves_out_sealed(beholder, figure) {
            return Ok(sums);
        }
        let sealed = self.sealed_for(&question).await?;
        Ok(less(sums, &add_up(movements(&sealed), &question)))
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
        };
        let points = self.store.balance_series(&question).await?;
        if !leaves_out_sealed(beholder, figure) {
            return Ok(points);
        }
        let on = |as_of| Question {
            as_of,
            ..self.question(figure)
        };
        let sealed = self.sealed_for(&self.question(figure)).await?;
        Ok(less_series(points, &question.days, |day| {
            add_up(movements(&sealed), &on(day))
        }))
    }

    /// The bonds behind a figure, with their periods: a page after one of them. A page that is shorter than it may be is the
    /// last one: what an owner may not see yet is left out, and what comes after it takes its place.
    pub async fn outstanding_bonds(
        &self,
        beholder: &Beholder,
        question: &BondQuestion,
    ) -> Result<Vec<BondStanding>, DeskError> {
        check_bonds(beholder, &question.within)?;
        let (as_of, known_on) = (question.as_of, question.known_on);
        let before = self.end_of(as_of, known_on);
        if !liability::leaves_out_sealed(beholder, Detail::Bonds, &question.within) {
            return Ok(self.store.bond_standings(question, before).await?);
        }
        let sealed = self.sealed(&question.within, as_of, known_on).await?;
        let sealed: BTreeSet<&BondId> = sealed.iter().map(|one| &one.bond).collect();
        let (mut shown, mut question) = (Vec::new(), question.clone());
        let most = rows_at_most(question.limit) as usize;
        loop {
            let page = self.store.bond_standings(&question, before).await?;
            let is_last = page.len() < most;
            question.after = page.last().map(|one| one.bond.clone());
            let seen = page.into_iter();
            shown.extend(seen.filter(|one| one.terms.is_some() && !sealed.contains(&one.bond)));
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
        let question = self.question(&figure);
        let before = self.end_of(question.as_of, question.known_on);
        let ends = self.store.expiries(&question, before).await?;
        if !leaves_out_sealed(beholder, &figure) {
            return Ok(ends);
        }
        let sealed = self.sealed_for(&question).await?;
        Ok(ends_less(ends, &sealed, &question))
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

    fn question(&self, figure: &Figure) -> Question {
        Question {
            by: figure.by,
            within: figure.within.clone(),
            as_of: figure.as_of.unwrap_or_else(|| self.today()),
            known_on: figure.known_on,
        }
    }

    /// What was made before this instant was there at the end of the day, and known; none while the day is not over.
    fn end_of(&self, as_of: NaiveDate, known_on: Option<NaiveDate>) -> Option<Timestamp> {
        let day = known_on.map_or(as_of, |known| known.min(as_of));
        let zone = self.directories.newest().rules.policy.zone;
        let end = start_of(day.succ_opt().unwrap_or(day), zone);
        (end <= self.clock.now()).then_some(end)
    }

    async fn sealed_for(&self, question: &Question) -> Result<Vec<SealedBond>, DeskError> {
        let (as_of, known_on) = (question.as_of, question.known_on);
        self.sealed(&question.within, as_of, known_on).await
    }

    /// The bonds of a part of the ledger that are under embargo now, whatever day is asked about: bid-stage bonds of tenders
    /// whose bids are not open yet. The store finds cases that may be sealed; the law of looking decides.
    async fn sealed(
        &self,
        within: &Within,
        as_of: NaiveDate,
        known_on: Option<NaiveDate>,
    ) -> Result<Vec<SealedBond>, DeskError> {
        let (now, before) = (self.clock.now(), self.end_of(as_of, known_on));
        let mut sealed = self.store.sealed(within, now, before).await?;
        sealed.retain(|one| one.terms.kind.is_bid_stage());
        let cases: BTreeSet<ProcurementId> = sealed
            .iter()
            .map(|one| one.terms.procurement.clone())
            .collect();
        if cases.is_empty() {
            return Ok(sealed);
        }
        let wanted = Wanted {
            cases: cases.into_iter().collect(),
            ..Wanted::default()
        };
        let loaded = self.store.load(&wanted).await?;
        sealed.retain(|one| {
            let case = loaded.cases.get(&one.terms.procurement);
            let opening = view::opening(&one.bond, &one.terms, case.map(|case| &case.file));
            opening.is_none_or(|opening| now < opening)
        });
        Ok(sealed)
    }
}

fn movements(sealed: &[SealedBond]) -> impl Iterator<Item = &MovementRow> {
    sealed.iter().flat_map(|one| &one.movements)
}

/// What ends when, without what is sealed.
fn ends_less(ends: Vec<Expiry>, sealed: &[SealedBond], question: &Question) -> Vec<Expiry> {
    let mut left: BTreeMap<(NaiveDate, Currency), (i64, u64)> = ends
        .into_iter()
        .map(|one| ((one.month, one.currency), (one.amount, one.bonds)))
        .collect();
    for one in sealed {
        let month = one.ends.with_day(1).unwrap_or(one.ends);
        for sum in add_up(&one.movements, question) {
            if let Some(end) = left.get_mut(&(month, sum.currency)) {
                *end = (end.0 - sum.amount, end.1.saturating_sub(1));
            }
        }
    }
    let expiry = |((month, currency), (amount, bonds))| Expiry {
        month,
        amount,
        currency,
        bonds,
    };
    let standing = left.into_iter().filter(|(_, (amount, _))| *amount != 0);
    standing.map(expiry).collect()
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

fn leaves_out_sealed(beholder: &Beholder, figure: &Figure) -> bool {
    liability::leaves_out_sealed(beholder, Detail::Sums(figure.by), &figure.within)
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

fn towards(owner: &PartyCode) -> Within {
    Within {
        owner: Some(owner.clone()),
        ..Within::default()
    }
}

fn of_contractor(contractor: &PartyCode) -> Within {
    Within {
        contractor: Some(contractor.clone()),
        ..Within::default()
    }
}
