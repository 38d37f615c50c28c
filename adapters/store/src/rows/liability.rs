//! The ledger.

use bondhub_core::{
    bond::{BondState, BondTerms},
    liability,
    money::Currency,
    ports::store::{self, ConsentRow, ExceededRow, LimitRow, MovementRow, StoreError},
};
use chrono::NaiveDate;
use uuid::Uuid;

use super::case::bond_id;
use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Balance {
    pub of: String,
    pub amount: i64,
    pub currency: String,
    pub bonds: i64,
}

impl TryFrom<Balance> for store::Balance {
    type Error = StoreError;

    fn try_from(row: Balance) -> Result<Self, StoreError> {
        Ok(Self {
            currency: currency(&row.of, &row.currency)?,
            amount: row.amount,
            bonds: u64::try_from(row.bonds).unwrap_or(0),
            of: row.of,
        })
    }
}

fn currency(row: &String, text: &str) -> Result<Currency, StoreError> {
    let place = Place {
        table: "movement",
        row,
    };
    Currency::kept(text).map_err(|error| place.unreadable(error))
}

/// A sum of a day: what changed, or what stood.
#[derive(Debug, Clone)]
pub struct Change {
    pub of: String,
    pub day: NaiveDate,
    pub amount: i64,
    pub currency: String,
    pub bonds: i64,
}

impl TryFrom<Change> for liability::Change {
    type Error = StoreError;

    fn try_from(row: Change) -> Result<Self, StoreError> {
        Ok(Self {
            day: row.day,
            amount: row.amount,
            currency: currency(&row.of, &row.currency)?,
            bonds: row.bonds,
            of: row.of,
        })
    }
}

#[derive(Debug)]
pub struct Standing {
    pub issuer: String,
    pub number: String,
    pub principal: String,
    pub obligee: String,
    pub amount: i64,
    pub currency: String,
    pub state: Option<String>,
    pub terms: Option<String>,
}

impl TryFrom<Standing> for store::BondStanding {
    type Error = StoreError;

    fn try_from(row: Standing) -> Result<Self, StoreError> {
        let bond = bond_id(row.issuer, row.number)?;
        let place = Place {
            table: "bond",
            row: &bond,
        };
        let terms: Option<BondTerms> = row.terms.map(|terms| place.json(&terms)).transpose()?;
        Ok(Self {
            principal: place.name(row.principal)?,
            obligee: place.name(row.obligee)?,
            amount: row.amount,
            currency: currency(&bond.to_string(), &row.currency)?,
            terms,
            state: row.state.as_deref().and_then(BondState::parse),
            bond: bond.clone(),
        })
    }
}

/// A bond of which something is foreseen.
#[derive(Debug)]
pub struct Coming {
    pub issuer: String,
    pub number: String,
    pub principal: String,
    pub obligee: String,
    pub ends: Option<String>,
    pub foreseen: String,
}

impl TryFrom<Coming> for store::Coming {
    type Error = StoreError;

    fn try_from(row: Coming) -> Result<Self, StoreError> {
        let bond = bond_id(row.issuer, row.number)?;
        let place = Place {
            table: "bond",
            row: &bond,
        };
        let ends = row.ends.map(|day| day.parse::<NaiveDate>()).transpose();
        Ok(Self {
            principal: place.name(row.principal)?,
            obligee: place.name(row.obligee)?,
            last_day: ends.map_err(|error| place.unreadable(error))?,
            postings: place.json(&row.foreseen)?,
            bond: bond.clone(),
        })
    }
}

#[derive(Debug)]
pub struct Expiry {
    pub month: String,
    pub amount: i64,
    pub currency: String,
    pub bonds: i64,
}

impl TryFrom<Expiry> for store::Expiry {
    type Error = StoreError;

    fn try_from(row: Expiry) -> Result<Self, StoreError> {
        let place = Place {
            table: "bond",
            row: &row.month,
        };
        let month = format!("{}-01", row.month).parse::<NaiveDate>();
        Ok(Self {
            month: month.map_err(|error| place.unreadable(error))?,
            amount: row.amount,
            currency: currency(&row.month, &row.currency)?,
            bonds: u64::try_from(row.bonds).unwrap_or(0),
        })
    }
}

#[derive(Debug)]
pub struct Posted {
    pub id: Uuid,
    pub issuer: String,
    pub number: String,
    pub principal: String,
    pub holder: String,
    pub obligee: String,
    pub effective: NaiveDate,
    pub recorded: NaiveDate,
    pub delta: i64,
    pub currency: String,
    pub bonds: i64,
    pub held: i64,
    pub created_at: Instant,
}

impl TryFrom<Posted> for store::Posted {
    type Error = StoreError;

    fn try_from(row: Posted) -> Result<Self, StoreError> {
        let place = Place {
            table: "movement",
            row: &row.id,
        };
        let movement = MovementRow {
            id: row.id,
            bond: bond_id(row.issuer, row.number)?,
            principal: place.name(row.principal)?,
            holder: place.name(row.holder)?,
            obligee: place.name(row.obligee)?,
            effective: row.effective,
            delta: row.delta,
            currency: currency(&row.id.to_string(), &row.currency)?,
            bonds: i32::try_from(row.bonds).unwrap_or_default(),
            held: i32::try_from(row.held).unwrap_or_default(),
            recorded: row.recorded,
        };
        Ok(Self {
            row: movement,
            at: row.created_at.0,
        })
    }
}

#[derive(Debug)]
pub struct Consent {
    pub id: Uuid,
    pub contractor: String,
    pub given: bool,
    pub said_by: String,
    pub at: Instant,
}

impl TryFrom<Consent> for ConsentRow {
    type Error = StoreError;

    fn try_from(row: Consent) -> Result<Self, StoreError> {
        let place = Place {
            table: "liability_consent",
            row: &row.id,
        };
        Ok(Self {
            id: row.id,
            contractor: place.name(row.contractor)?,
            given: row.given,
            said_by: row.said_by,
            at: row.at.0,
        })
    }
}

#[derive(Debug)]
pub struct Limit {
    pub id: Uuid,
    pub issuer: String,
    pub contractor: String,
    pub currency: String,
    pub amount: Option<i64>,
    pub said_by: String,
    pub at: Instant,
}

impl TryFrom<Limit> for LimitRow {
    type Error = StoreError;

    fn try_from(row: Limit) -> Result<Self, StoreError> {
        let place = Place {
            table: "liability_limit",
            row: &row.id,
        };
        Ok(Self {
            id: row.id,
            issuer: place.name(row.issuer)?,
            contractor: place.name(row.contractor)?,
            currency: currency(&row.id.to_string(), &row.currency)?,
            amount: row.amount,
            said_by: row.said_by,
            at: row.at.0,
        })
    }
}

#[derive(Debug)]
pub struct Exceeded {
    pub issuer: String,
    pub contractor: String,
    pub currency: String,
    pub amount: i64,
    pub outstanding: i64,
    pub since: Instant,
}

impl TryFrom<Exceeded> for ExceededRow {
    type Error = StoreError;

    fn try_from(row: Exceeded) -> Result<Self, StoreError> {
        let place = Place {
            table: "limit_exceeded",
            row: &row.contractor,
        };
        Ok(Self {
            issuer: place.name(row.issuer)?,
            contractor: place.name(row.contractor.clone())?,
            currency: currency(&row.contractor, &row.currency)?,
            amount: row.amount,
            outstanding: row.outstanding,
            since: row.since.0,
        })
    }
}
