//! The ledger of outstanding liability (R40): figures for any day, as known on any day.

use async_trait::async_trait;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{MovementRow, StoreError};
use crate::{
    bond::{BondState, BondTerms},
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    liability::Posting,
    money::Currency,
};

/// How balances are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceBy {
    /// By who answers for it: contractors, joint ventures by their members' shares.
    Contractor,
    /// By issuer.
    Issuer,
    /// By owner.
    Owner,
    /// Everything.
    Total,
}

impl BalanceBy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Contractor, Self::Issuer, Self::Owner, Self::Total];

    /// The way as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contractor => "contractor",
            Self::Issuer => "issuer",
            Self::Owner => "owner",
            Self::Total => "total",
        }
    }

    /// Reads what [`BalanceBy::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == text)
    }
}

/// A part of the ledger: what satisfies everything that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Within {
    /// Bonds of this issuer.
    pub issuer: Option<PartyCode>,
    /// What this party answers for: its bonds, its shares; for a joint venture all of its bonds.
    pub contractor: Option<PartyCode>,
    /// Bonds towards this owner.
    pub owner: Option<PartyCode>,
}

impl Within {
    /// Whether it is the whole ledger.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// Bid-stage bonds whose opening has not come, which a figure is told without (R21), whatever day it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embargo {
    /// What is under embargo after this instant, as [`embargoes`](crate::view::embargoes) tells it.
    pub at: Timestamp,
    /// But not the bonds of this issuer, who knows them.
    pub except: Option<PartyCode>,
}

/// What is outstanding at the end of a day?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// How it is added up.
    pub by: BalanceBy,
    /// Of which part.
    pub within: Within,
    /// At the end of this day.
    pub as_of: NaiveDate,
    /// As the hub knew it at the end of this day; none is what it knows now.
    pub known_on: Option<NaiveDate>,
    /// Without these.
    pub without: Option<Embargo>,
    /// With what time alone will change by a day after this one, which is today; none is what the ledger says by itself.
    pub foreseen_after: Option<NaiveDate>,
}

impl Question {
    /// Whether it is about a day to come, of which the ledger does not say everything yet.
    pub fn is_to_come(&self) -> bool {
        self.foreseen_after.is_some_and(|today| self.as_of > today)
    }
}

/// What is outstanding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The contractor, issuer or owner; empty for the total.
    pub of: String,
    /// Minor units.
    pub amount: i64,
    /// Their currency; currencies are never added.
    pub currency: Currency,
    /// How many bonds are behind it.
    pub bonds: u64,
}

/// What was outstanding at the ends of several days?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeriesQuestion {
    /// How it is added up.
    pub by: BalanceBy,
    /// Of which part.
    pub within: Within,
    /// At the ends of these days, in order.
    pub days: Vec<NaiveDate>,
    /// As the hub knew it at the end of this day; none is what it knows now.
    pub known_on: Option<NaiveDate>,
    /// Without these.
    pub without: Option<Embargo>,
    /// With what time alone will change by days after this one, which is today; none is what the ledger says by itself.
    pub foreseen_after: Option<NaiveDate>,
}

impl SeriesQuestion {
    /// The days to come, of which the ledger does not say everything yet.
    pub fn days_to_come(&self) -> &[NaiveDate] {
        let Some(today) = self.foreseen_after else {
            return &[];
        };
        let told = self.days.partition_point(|day| *day <= today);
        self.days.get(told..).unwrap_or_default()
    }

    /// The same of one day.
    pub fn on(&self, as_of: NaiveDate) -> Question {
        Question {
            by: self.by,
            within: self.within.clone(),
            as_of,
            known_on: self.known_on,
            without: self.without.clone(),
            foreseen_after: self.foreseen_after,
        }
    }
}

/// A point of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeriesPoint {
    /// At the end of this day.
    pub day: NaiveDate,
    /// What was outstanding.
    #[serde(flatten)]
    pub balance: Balance,
}

/// Which bonds are outstanding at the end of a day?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondQuestion {
    /// Of which part.
    pub within: Within,
    /// At the end of this day.
    pub as_of: NaiveDate,
    /// As the hub knew it at the end of this day; none is what it knows now.
    pub known_on: Option<NaiveDate>,
    /// Without these, and without bonds the store has only movements of.
    pub without: Option<Embargo>,
    /// Only what comes after this bond, by issuer and number.
    pub after: Option<BondId>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

/// A bond and what is outstanding of it. Its state is today's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondStanding {
    /// Which.
    pub bond: BondId,
    /// Its principal.
    pub principal: PartyCode,
    /// Its obligee.
    pub obligee: PartyCode,
    /// Minor units; within a contractor, that one's share.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
    /// What it said then, with its period; none for a bond the store has only movements of.
    pub terms: Option<BondTerms>,
    /// Its state.
    pub state: Option<BondState>,
}

/// How much ends in a month: the bonds outstanding on a day, by the month of the last day they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Expiry {
    /// The month, as its first day.
    pub month: NaiveDate,
    /// Minor units that stand on that day.
    pub amount: i64,
    /// Their currency.
    pub currency: Currency,
    /// How many bonds end.
    pub bonds: u64,
}

/// A bond that will count differently by time alone, before its period is over: a reservation in full once the bid bond beside it
/// has ended (R42), nothing once a release that is held back comes into effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coming {
    /// Which.
    pub bond: BondId,
    /// Its principal.
    pub principal: PartyCode,
    /// Its obligee.
    pub obligee: PartyCode,
    /// The last day of its period.
    pub last_day: Option<NaiveDate>,
    /// What the ledger will note then, as far as it is known now.
    pub postings: Vec<Posting>,
}

impl Coming {
    /// What of it belongs to what a contractor answers for, if one is asked about.
    pub fn postings_within(&self, within: &Within) -> impl Iterator<Item = &Posting> {
        let contractor = within.contractor.clone();
        let answers = move |one: &&Posting| {
            let party = contractor.as_ref();
            party.is_none_or(|party| *party == one.holder || *party == self.principal)
        };
        self.postings.iter().filter(answers)
    }
}

/// A movement as it stands in the ledger, for export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The movement.
    pub row: MovementRow,
    /// The instant it was recorded.
    pub at: Timestamp,
}

/// What a snapshot took up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Folded {
    /// Movements taken up.
    pub movements: u64,
    /// Sums at ends of months that were written.
    pub sums: u64,
}

/// Reading the ledger.
///
/// Every answer is exact: a store may keep sums to be quick, and answers the same without them.
#[async_trait]
pub trait Ledgers: Send + Sync {
    /// What is outstanding: rows that are not zero, by name and currency.
    ///
    /// A day to come, if it is [foreseen](Question::foreseen_after), is told with what time alone will have changed, by what is known
    /// now: bonds that are reserved or in force end after their last day (frozen bonds do not end by date), and what reconciling
    /// foresees of a bond has come. All of it is of one moment; so are series and what ends when. Nothing of a bond that ends by date
    /// takes effect after its last day.
    async fn balances(&self, question: &Question) -> Result<Vec<Balance>, StoreError>;

    /// A series, by day, name and currency; what is zero is left out.
    async fn balance_series(
        &self,
        question: &SeriesQuestion,
    ) -> Result<Vec<SeriesPoint>, StoreError>;

    /// The bonds outstanding, by issuer and number; what they say is told by the last version made before an instant,
    /// or the first; by the last of all if no instant is given.
    async fn bond_standings(
        &self,
        question: &BondQuestion,
        before: Option<Timestamp>,
    ) -> Result<Vec<BondStanding>, StoreError>;

    /// What ends when, of what is outstanding at the end of a day (`by` does not matter); last days are told by the
    /// last version made before an instant, or the first; by the last of all if no instant is given.
    async fn expiries(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, StoreError>;

    /// Bonds of an issuer, of an owner that will count differently, by issuer and number.
    async fn coming(
        &self,
        within: &Within,
        without: Option<&Embargo>,
    ) -> Result<Vec<Coming>, StoreError>;

    /// Whose bonds towards an owner are outstanding, but for those under embargo after an instant.
    async fn contractors_of(
        &self,
        owner: &PartyCode,
        at: Timestamp,
    ) -> Result<Vec<PartyCode>, StoreError>;

    /// The ledger itself, by id: what comes after one, at most so many.
    async fn movements(
        &self,
        after: Option<uuid::Uuid>,
        limit: u32,
    ) -> Result<Vec<Posted>, StoreError>;

    /// Takes new movements up into the sums at ends of months, up to the month of `today`. Changes no
    /// answer. Returns nothing done if another hub is at it, or the store keeps no sums.
    async fn fold(&self, today: NaiveDate) -> Result<Folded, StoreError>;
}
