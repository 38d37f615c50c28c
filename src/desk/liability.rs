//! Figures of outstanding liability, each for whoever may see it (R40, R43, R22).
//!
//! Who asks is part of the question: [`liability::allow`] says whether it is answered at all. An owner's
//! answer leaves out what is under embargo: bonds of tenders whose bids are not open yet, of its own and
//! of others, lest a sum that jumps tells who bids (R21).

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    account::Viewer,
    bond::BondTerms,
    calendar::day_of,
    identifier::{BondId, PartyCode},
    liability::{self, Beholder, Sight, Span, Step},
    money::Currency,
    party::Role,
    ports::store::{
        Balance, BalanceBy, BondQuestion, BondStanding, Expiry, Folded, Posted, Question,
        SeriesPoint, SeriesQuestion, Within,
    },
    view,
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

/// Bonds are read in pages of this size.
const PAGE: u32 = 1000;
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
        let Some(code) = viewer.party.clone() else {
            return Ok(Beholder::Operator);
        };
        let roles: BTreeSet<Role> = self.party(&code).await?.roles.into_iter().collect();
        let mut contractors = BTreeSet::new();
        if roles.contains(&Role::Owner) {
            let shown = self
                .shown_to_owner(&towards(&code), self.today(), None)
                .await?;
            contractors = shown.into_iter().map(|bond| bond.principal).collect();
        }
        Ok(Beholder::Party {
            code,
            roles,
            contractors,
        })
    }

    /// What is outstanding (R40), if the beholder may see it (R43).
    pub async fn balances(
        &self,
        beholder: &Beholder,
        figure: &Figure,
    ) -> Result<Vec<Balance>, DeskError> {
        self.check(beholder, figure).await?;
        let question = Question {
            by: figure.by,
            within: figure.within.clone(),
            as_of: figure.as_of.unwrap_or_else(|| self.today()),
            known_on: figure.known_on,
        };
        if looks_as_owner(beholder) {
            let Question {
                within,
                as_of,
                known_on,
                ..
            } = &question;
            let bonds = self.shown_to_owner(within, *as_of, *known_on).await?;
            return Ok(add_up(figure.by, within, &bonds));
        }
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
        if looks_as_owner(beholder) {
            return self.series_for_owner(figure, span).await;
        }
        let question = SeriesQuestion {
            by: figure.by,
            within: figure.within.clone(),
            days: span.days(),
            known_on: figure.known_on,
        };
        Ok(self.store.balance_series(&question).await?)
    }

    /// The bonds behind a figure, with their periods: a page after one of them.
    pub async fn outstanding_bonds(
        &self,
        beholder: &Beholder,
        question: &BondQuestion,
    ) -> Result<Vec<BondStanding>, DeskError> {
        check_bonds(beholder, &question.within)?;
        let mut page = self.store.bond_standings(question).await?;
        if looks_as_owner(beholder) {
            let hidden = self.embargoed(&page).await?;
            page.retain(|one| !is_hidden(&hidden, one));
        }
        Ok(page)
    }

    /// What ends when, of what is outstanding today.
    pub async fn expiries(
        &self,
        beholder: &Beholder,
        within: &Within,
    ) -> Result<Vec<Expiry>, DeskError> {
        let figure = Figure {
            by: BalanceBy::Total,
            within: within.clone(),
            as_of: None,
            known_on: None,
        };
        self.check(beholder, &figure).await?;
        if looks_as_owner(beholder) {
            let bonds = self.shown_to_owner(within, self.today(), None).await?;
            return Ok(by_month(&bonds));
        }
        Ok(self.store.expiries(within, self.today()).await?)
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
            Some(contractor) if *beholder != Beholder::Operator => {
                self.has_consented(contractor).await?
            }
            _ => false,
        };
        let sight = Sight {
            by: figure.by,
            within: figure.within.clone(),
            consent,
        };
        Ok(liability::allow(beholder, &sight).map_err(Refusal::from)?)
    }

    /// The bonds outstanding on a day, without those of tenders that are not open yet.
    async fn shown_to_owner(
        &self,
        within: &Within,
        as_of: NaiveDate,
        known_on: Option<NaiveDate>,
    ) -> Result<Vec<BondStanding>, DeskError> {
        let mut bonds = self.all_standing(within, as_of, known_on).await?;
        let hidden = self.embargoed(&bonds).await?;
        bonds.retain(|one| !is_hidden(&hidden, one));
        Ok(bonds)
    }

    async fn all_standing(
        &self,
        within: &Within,
        as_of: NaiveDate,
        known_on: Option<NaiveDate>,
    ) -> Result<Vec<BondStanding>, DeskError> {
        let mut all: Vec<BondStanding> = Vec::new();
        loop {
            let question = BondQuestion {
                within: within.clone(),
                as_of,
                known_on,
                after: all.last().map(|one| one.bond.clone()),
                limit: PAGE,
            };
            let page = self.store.bond_standings(&question).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// The bonds whose bids are not open yet, as far as the hub knows: by the opening that governs each (R21, E2), and
    /// what nobody told is not open.
    async fn embargoed(&self, bonds: &[BondStanding]) -> Result<Hidden, DeskError> {
        let (mut files, mut hidden) = (BTreeMap::new(), Hidden::new());
        let now = self.clock.now();
        for one in bonds {
            let bid_stage = |terms: &&BondTerms| terms.kind.is_bid_stage();
            let Some(terms) = one.terms.as_ref().filter(bid_stage) else {
                continue;
            };
            if !files.contains_key(&terms.procurement) {
                let case = self.store.case(&terms.procurement).await?;
                files.insert(terms.procurement.clone(), case.map(|case| case.file));
            }
            let file = files.get(&terms.procurement).and_then(Option::as_ref);
            if view::opening(&one.bond, terms, file).is_none_or(|opening| now < opening) {
                hidden.insert(one.bond.clone());
            }
        }
        Ok(hidden)
    }

    /// A series for an owner: what the store says less what is under embargo.
    async fn series_for_owner(
        &self,
        figure: &Figure,
        span: &Span,
    ) -> Result<Vec<SeriesPoint>, DeskError> {
        let mut points = Vec::new();
        for day in span.days() {
            let bonds = self
                .shown_to_owner(&figure.within, day, figure.known_on)
                .await?;
            let sums = add_up(figure.by, &figure.within, &bonds).into_iter();
            points.extend(sums.map(|balance| SeriesPoint { day, balance }));
        }
        Ok(points)
    }
}

/// Bonds under embargo.
type Hidden = BTreeSet<BondId>;

/// Single bonds name their issuer: nobody sees another's by asking for bonds.
fn check_bonds(beholder: &Beholder, within: &Within) -> Result<(), DeskError> {
    let sight = Sight {
        by: BalanceBy::Issuer,
        within: within.clone(),
        consent: false,
    };
    Ok(liability::allow(beholder, &sight).map_err(Refusal::from)?)
}

fn is_hidden(hidden: &Hidden, one: &BondStanding) -> bool {
    one.terms.is_none() || hidden.contains(&one.bond)
}

/// Whether somebody is an owner: what it sees leaves out what is under embargo.
fn looks_as_owner(beholder: &Beholder) -> bool {
    match beholder {
        Beholder::Operator => false,
        Beholder::Party { roles, .. } => roles.contains(&Role::Owner),
    }
}

fn add_up(by: BalanceBy, within: &Within, bonds: &[BondStanding]) -> Vec<Balance> {
    let mut sums: BTreeMap<(String, Currency), (i64, u64)> = BTreeMap::new();
    for one in bonds {
        let of = match (by, &within.contractor) {
            (BalanceBy::Total, _) => String::new(),
            (BalanceBy::Contractor, Some(contractor)) => contractor.to_string(),
            (BalanceBy::Contractor, None) => one.principal.to_string(),
            (BalanceBy::Issuer, _) => one.bond.issuer.to_string(),
            (BalanceBy::Owner, _) => one.obligee.to_string(),
        };
        let sum = sums.entry((of, one.currency)).or_default();
        (sum.0, sum.1) = (sum.0 + one.amount, sum.1 + 1);
    }
    let balance = |((of, currency), (amount, bonds))| Balance {
        of,
        amount,
        currency,
        bonds,
    };
    sums.into_iter().map(balance).collect()
}

fn by_month(bonds: &[BondStanding]) -> Vec<Expiry> {
    use chrono::Datelike as _;
    let mut sums: BTreeMap<(NaiveDate, Currency), (i64, u64)> = BTreeMap::new();
    for one in bonds {
        let last = one.terms.as_ref().map(|terms| terms.period.to());
        let Some(month) = last.and_then(|day| day.with_day(1)) else {
            continue;
        };
        let sum = sums.entry((month, one.currency)).or_default();
        (sum.0, sum.1) = (sum.0 + one.amount, sum.1 + 1);
    }
    let expiry = |((month, currency), (amount, bonds))| Expiry {
        month,
        amount,
        currency,
        bonds,
    };
    sums.into_iter().map(expiry).collect()
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
