//! Looks, and grants to look early.

use bondhub_core::{
    identifier::ProcurementId,
    party::Role,
    ports::store::{LookRow, ShownAs, StoreError},
    view,
};
use uuid::Uuid;

use super::case::bond_id;
use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Look {
    pub id: Uuid,
    pub looked_at: Instant,
    pub kid: String,
    pub issuer: String,
    pub number: String,
    pub version: i64,
    pub holder: String,
    pub role: String,
    pub account: Option<String>,
    pub address: Option<String>,
    pub shown: String,
    pub round: String,
    pub opening_at: Option<Instant>,
    pub early_grant: Option<Uuid>,
}

impl TryFrom<Look> for LookRow {
    type Error = StoreError;

    fn try_from(row: Look) -> Result<Self, StoreError> {
        let place = Place {
            table: "look",
            row: &row.id,
        };
        Ok(Self {
            id: row.id,
            at: row.looked_at.0,
            kid: row.kid,
            bond: bond_id(row.issuer, row.number)?,
            version: place.count(row.version)?,
            holder: place.name(row.holder)?,
            role: place.found("role", Role::parse(&row.role))?,
            account: row.account,
            address: row.address,
            shown: place.found("shown", ShownAs::parse(&row.shown))?,
            round: row.round,
            opening_at: row.opening_at.map(|at| at.0),
            grant: row.early_grant,
        })
    }
}

#[derive(Debug)]
pub struct Seen {
    pub looked_at: Instant,
    pub version: i64,
    pub round: String,
}

impl TryFrom<Seen> for view::Seen {
    type Error = StoreError;

    fn try_from(row: Seen) -> Result<Self, StoreError> {
        let at = row.looked_at.0;
        let place = Place {
            table: "look",
            row: &at,
        };
        Ok(Self {
            at,
            version: place.count(row.version)?,
            round: row.round,
        })
    }
}

#[derive(Debug)]
pub struct Grant {
    pub id: Uuid,
    pub account: String,
    pub party: String,
    pub procurement: Option<String>,
    pub reason: String,
    pub granted_by: String,
    pub granted_at: Instant,
    pub until: Instant,
    pub revoked_at: Option<Instant>,
    pub revoked_by: Option<String>,
}

impl TryFrom<Grant> for view::Grant {
    type Error = StoreError;

    fn try_from(row: Grant) -> Result<Self, StoreError> {
        let place = Place {
            table: "early_grant",
            row: &row.id,
        };
        let procurement: Option<ProcurementId> =
            row.procurement.map(|id| place.name(id)).transpose()?;
        Ok(Self {
            id: row.id,
            account: place.name(row.account)?,
            party: place.name(row.party)?,
            procurement,
            reason: row.reason,
            granted_by: row.granted_by,
            granted_at: row.granted_at.0,
            until: row.until.0,
            revoked: row.revoked_at.map(|at| at.0).zip(row.revoked_by),
        })
    }
}
