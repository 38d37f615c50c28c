//! The signing queue.

use bondhub_core::{
    party::Role,
    ports::store::{RequestState, SigningRequest, StoreError},
};

use super::case::bond_id;
use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Request {
    pub kid: String,
    pub procurement: String,
    pub issuer: String,
    pub number: String,
    pub version: i64,
    pub edition: i64,
    pub role: String,
    pub holder: String,
    pub digest: Vec<u8>,
    pub statement: Vec<u8>,
    pub sealed: Option<Vec<u8>>,
    pub signature: Option<Vec<u8>>,
    pub state: String,
    pub requested_at: Instant,
}

impl TryFrom<Request> for SigningRequest {
    type Error = StoreError;

    fn try_from(row: Request) -> Result<Self, StoreError> {
        let place = Place {
            table: "signing_request",
            row: &row.kid,
        };
        Ok(Self {
            kid: row.kid.clone(),
            procurement: place.name(row.procurement)?,
            bond: bond_id(row.issuer, row.number)?,
            version: place.count(row.version)?,
            edition: place.count(row.edition)?,
            role: place.found("role", Role::parse(&row.role))?,
            holder: place.name(row.holder)?,
            digest: row.digest,
            statement: row.statement,
            sealed: row.sealed.unwrap_or_default(),
            signature: row.signature,
            state: place.found("state", RequestState::parse(&row.state))?,
            requested_at: row.requested_at.0,
        })
    }
}
