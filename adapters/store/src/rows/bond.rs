//! Bonds, their versions and keys, tasks.

use bondhub_core::{
    bond::BondState,
    identifier::BondId,
    party::Role,
    ports::store::{
        BondRow, KeyRow, KeyState, KeyView, ListedBond, StoreError, TaskView, VersionRow,
    },
};

use super::case::bond_id;
use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Bond {
    pub issuer: String,
    pub number: String,
    pub version: i64,
    pub state: String,
    pub terms: String,
    pub cause: String,
}

impl TryFrom<Bond> for BondRow {
    type Error = StoreError;

    fn try_from(row: Bond) -> Result<Self, StoreError> {
        let bond = bond_id(row.issuer, row.number)?;
        let place = Place {
            table: "bond",
            row: &bond,
        };
        Ok(Self {
            terms: place.json(&row.terms)?,
            version: place.count(row.version)?,
            state: place.found("state", BondState::parse(&row.state))?,
            cause: place.json(&row.cause)?,
            bond: bond.clone(),
        })
    }
}

/// A bond of a list.
#[derive(Debug)]
pub struct Listed {
    pub issuer: String,
    pub number: String,
    pub version: i64,
    pub state: String,
    pub terms: String,
    pub cause: String,
    pub changed_at: Instant,
}

impl TryFrom<Listed> for ListedBond {
    type Error = StoreError;

    fn try_from(row: Listed) -> Result<Self, StoreError> {
        let changed_at = row.changed_at.0;
        let bond = Bond {
            issuer: row.issuer,
            number: row.number,
            version: row.version,
            state: row.state,
            terms: row.terms,
            cause: row.cause,
        };
        Ok(Self {
            row: bond.try_into()?,
            changed_at,
        })
    }
}

#[derive(Debug)]
pub struct Version {
    pub version: i64,
    pub terms: String,
    pub cause: String,
}

impl Version {
    /// The version of `bond`.
    pub fn of(self, bond: &BondId) -> Result<VersionRow, StoreError> {
        let row = format!("{bond} {}", self.version);
        let place = Place {
            table: "bond_version",
            row: &row,
        };
        Ok(VersionRow {
            bond: bond.clone(),
            version: place.count(self.version)?,
            terms: place.json(&self.terms)?,
            cause: place.json(&self.cause)?,
        })
    }
}

#[derive(Debug)]
pub struct Key {
    pub kid: String,
    pub issuer: String,
    pub number: String,
    pub version: i64,
    pub edition: i64,
    pub holder: String,
    pub role: String,
    pub digest: Vec<u8>,
    pub statement: Vec<u8>,
    pub issued_at: Instant,
    pub ended_at: Option<Instant>,
    pub ended_reason: Option<String>,
}

impl TryFrom<Key> for KeyView {
    type Error = StoreError;

    fn try_from(row: Key) -> Result<Self, StoreError> {
        let state = key_state(row.ended_at, row.ended_reason);
        let place = Place {
            table: "bond_key",
            row: &row.kid,
        };
        let key = KeyRow {
            kid: row.kid.clone(),
            bond: bond_id(row.issuer, row.number)?,
            version: place.count(row.version)?,
            edition: place.count(row.edition)?,
            holder: place.name(row.holder)?,
            role: place.found("role", Role::parse(&row.role))?,
            digest: row.digest,
            statement: row.statement,
            issued_at: row.issued_at.0,
        };
        Ok(Self { key, state })
    }
}

fn key_state(ended_at: Option<Instant>, reason: Option<String>) -> KeyState {
    match ended_at {
        None => KeyState::Live,
        Some(at) => KeyState::Ended {
            at: at.0,
            reason: reason.unwrap_or_default(),
        },
    }
}

#[derive(Debug)]
pub struct Task {
    pub procurement: String,
    pub task: String,
    pub content: String,
    pub opened_at: Instant,
    pub closed_at: Option<Instant>,
}

impl TryFrom<Task> for TaskView {
    type Error = StoreError;

    fn try_from(row: Task) -> Result<Self, StoreError> {
        let key = format!("{} {}", row.procurement, row.task);
        let place = Place {
            table: "task",
            row: &key,
        };
        Ok(Self {
            procurement: place.name(row.procurement)?,
            key: place.name(row.task)?,
            task: place.json(&row.content)?,
            opened_at: row.opened_at.0,
            closed_at: row.closed_at.map(|time| time.0),
        })
    }
}
