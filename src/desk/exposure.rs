//! Limits of issuers, and contractors' consent to figures across issuers (R43).

mod watching;

use std::collections::BTreeSet;

use bondhub_core::{
    audit::{Act, Actor},
    calendar::Timestamp,
    identifier::PartyCode,
    key::first_16,
    liability::{Beholder, Detail, Hides, hides},
    money::{Currency, Money},
    ports::store::{BalanceBy, ConsentRow, LimitRow, SeriesQuestion, Within},
};
use chrono::{Datelike as _, Months, NaiveDate};
use uuid::Uuid;

use super::{Desk, DeskError, parties::subject};

pub use watching::watch_exposures;

/// How far ahead bonds count that have not begun.
const MONTHS_AHEAD: u32 = 12;

/// A limit and what is used of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitUse {
    /// Whose limit.
    pub issuer: PartyCode,
    /// For whom.
    pub contractor: PartyCode,
    /// In which currency.
    pub currency: Currency,
    /// Minor units.
    pub limit: i64,
    /// The most that is outstanding today, or will be at the end of a month within a year, as far as that is known.
    pub outstanding: i64,
    /// Since when the hub knows that it is exceeded.
    pub since: Option<Timestamp>,
}

impl LimitUse {
    /// Whether more is outstanding than the issuer wants.
    pub fn is_exceeded(&self) -> bool {
        self.outstanding > self.limit
    }
}

impl Desk {
    /// An issuer says up to where it wants to answer for a contractor; none lifts the limit.
    pub async fn set_limit(
        &self,
        issuer: &PartyCode,
        contractor: &PartyCode,
        currency: Currency,
        amount: Option<i64>,
        said_by: &str,
    ) -> Result<(), DeskError> {
        self.party(issuer).await?;
        self.party(contractor).await?;
        let at = self.clock.now();
        let name = format!("limit\n{issuer}\n{contractor}\n{currency}\n{amount:?}\n{at}");
        let row = LimitRow {
            id: Uuid::from_bytes(first_16(name.as_bytes())),
            issuer: issuer.clone(),
            contractor: contractor.clone(),
            currency,
            amount,
            said_by: said_by.to_owned(),
            at,
        };
        let told = self
            .told(Act::LimitSet, subject(contractor))
            .with("issuer", issuer.as_str())
            .privately("amount", amount)
            .privately("currency", currency.as_str());
        self.store.add_limit(&row, &told).await?;
        self.exceeded_for(issuer, [contractor.clone()].into())
            .await?;
        Ok(())
    }

    /// The limits of one issuer, or of all, and what is used of each.
    pub async fn limits(&self, issuer: Option<&PartyCode>) -> Result<Vec<LimitUse>, DeskError> {
        let mut uses = self.uses(issuer, None).await?;
        let noted = self.store.exceeded(issuer).await?;
        for used in &mut uses {
            let same = noted.iter().find(|row| {
                (&row.issuer, &row.contractor, row.currency)
                    == (&used.issuer, &used.contractor, used.currency)
            });
            used.since = same.map(|row| row.since);
        }
        Ok(uses)
    }

    /// The limits of one issuer as somebody sees them: an account of those who run the hub learns nothing of bids that are not
    /// open yet (R21), since each limit names a contractor.
    pub async fn limits_seen_by(
        &self,
        beholder: &Beholder,
        issuer: &PartyCode,
    ) -> Result<Vec<LimitUse>, DeskError> {
        let uses = self.limits(Some(issuer)).await?;
        self.seen_by(beholder, uses).await
    }

    /// Uses of limits as whoever acts is told them. A party acts on its own limits only.
    pub(in crate::desk) async fn for_whoever_acts(
        &self,
        uses: Vec<LimitUse>,
    ) -> Result<Vec<LimitUse>, DeskError> {
        match self.actor {
            Actor::Account(_, None) => self.seen_by(&Beholder::Operator, uses).await,
            _ => Ok(uses),
        }
    }

    async fn seen_by(
        &self,
        beholder: &Beholder,
        mut uses: Vec<LimitUse>,
    ) -> Result<Vec<LimitUse>, DeskError> {
        for used in &mut uses {
            let within = between(&used.issuer, &used.contractor);
            let hides = hides(beholder, Detail::Sums(BalanceBy::Total), &within);
            used.outstanding -= self.hidden_between(hides, used).await?;
            used.since = used.since.filter(|_| used.is_exceeded());
        }
        Ok(uses)
    }

    /// The limits of a part, and what is used of each.
    async fn uses(
        &self,
        issuer: Option<&PartyCode>,
        of: Option<&BTreeSet<PartyCode>>,
    ) -> Result<Vec<LimitUse>, DeskError> {
        let mut uses = Vec::new();
        let limits = self.store.limits(issuer).await?.into_iter();
        for row in limits.filter(|row| of.is_none_or(|of| of.contains(&row.contractor))) {
            let outstanding = self.outstanding_between(&row.issuer, &row.contractor, row.currency);
            uses.push(LimitUse {
                outstanding: outstanding.await?,
                issuer: row.issuer,
                contractor: row.contractor,
                currency: row.currency,
                limit: row.amount.unwrap_or_default(),
                since: None,
            });
        }
        Ok(uses)
    }

    /// The issuer's limit for a contractor, if one more bond of this amount would exceed it; it would then be
    /// used as told.
    pub async fn would_exceed(
        &self,
        issuer: &PartyCode,
        contractor: &PartyCode,
        more: Money,
    ) -> Result<Option<LimitUse>, DeskError> {
        let limits = self.store.limits(Some(issuer)).await?;
        let limit = limits
            .into_iter()
            .find(|row| row.contractor == *contractor && row.currency == more.currency());
        let Some(limit) = limit.and_then(|row| row.amount) else {
            return Ok(None);
        };
        let now = self
            .outstanding_between(issuer, contractor, more.currency())
            .await?;
        let used = LimitUse {
            issuer: issuer.clone(),
            contractor: contractor.clone(),
            currency: more.currency(),
            limit,
            outstanding: now.saturating_add(more.amount()),
            since: None,
        };
        Ok(used.is_exceeded().then_some(used))
    }

    async fn outstanding_between(
        &self,
        issuer: &PartyCode,
        contractor: &PartyCode,
        currency: Currency,
    ) -> Result<i64, DeskError> {
        let all = Hides::Nothing;
        self.outstanding_seen(all, issuer, contractor, currency)
            .await
    }

    /// What of a use somebody must not learn of. The use itself may count bonds that are only about to come.
    async fn hidden_between(&self, hides: Hides<'_>, used: &LimitUse) -> Result<i64, DeskError> {
        if hides == Hides::Nothing {
            return Ok(0);
        }
        let (issuer, contractor) = (&used.issuer, &used.contractor);
        let all = self.outstanding_between(issuer, contractor, used.currency);
        let seen = self.outstanding_seen(hides, issuer, contractor, used.currency);
        Ok(all.await? - seen.await?)
    }

    async fn outstanding_seen(
        &self,
        hides: Hides<'_>,
        issuer: &PartyCode,
        contractor: &PartyCode,
        currency: Currency,
    ) -> Result<i64, DeskError> {
        let question = SeriesQuestion {
            by: BalanceBy::Total,
            within: between(issuer, contractor),
            days: self.days_ahead(),
            known_on: None,
            without: self.embargo(hides),
            foreseen_after: self.foreseen_after(None),
        };
        let points = self.store.balance_series(&question).await?.into_iter();
        let standing = points.map(|point| point.balance);
        let amounts = standing.filter(|sum| sum.currency == currency);
        Ok(amounts.map(|sum| sum.amount).max().unwrap_or_default())
    }

    /// Today, and the ends of the months of a year: bonds are signed before they begin.
    fn days_ahead(&self) -> Vec<NaiveDate> {
        let today = self.today();
        let month = |ahead| {
            let day = today.checked_add_months(Months::new(ahead + 1))?;
            day.with_day(1)?.pred_opt()
        };
        let ends = (0..=MONTHS_AHEAD).filter_map(month);
        let ahead = ends.filter(|day| *day > today);
        std::iter::once(today).chain(ahead).collect()
    }

    /// A contractor lets issuers see what it has outstanding with all of them, or takes that back.
    pub async fn set_consent(
        &self,
        contractor: &PartyCode,
        given: bool,
        said_by: &str,
    ) -> Result<(), DeskError> {
        self.party(contractor).await?;
        let at = self.clock.now();
        let name = format!("consent\n{contractor}\n{given}\n{at}");
        let row = ConsentRow {
            id: Uuid::from_bytes(first_16(name.as_bytes())),
            contractor: contractor.clone(),
            given,
            said_by: said_by.to_owned(),
            at,
        };
        let told = self
            .told(Act::FiguresConsented, subject(contractor))
            .with("given", given);
        Ok(self.store.add_consent(&row, &told).await?)
    }

    /// What a contractor said about it, the last word first.
    pub async fn consents(&self, contractor: &PartyCode) -> Result<Vec<ConsentRow>, DeskError> {
        Ok(self.store.consents(contractor).await?)
    }

    /// Whether its last word was yes; nobody who said nothing has agreed.
    pub async fn has_consented(&self, contractor: &PartyCode) -> Result<bool, DeskError> {
        let said = self.store.consents(contractor).await?;
        Ok(said.first().is_some_and(|word| word.given))
    }
}

/// What an issuer answers for of a contractor.
fn between(issuer: &PartyCode, contractor: &PartyCode) -> Within {
    Within {
        issuer: Some(issuer.clone()),
        contractor: Some(contractor.clone()),
        owner: None,
    }
}
