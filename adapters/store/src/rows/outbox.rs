//! What leaves the hub.

use bondhub_core::{
    party::Role,
    ports::store::{Channel, KeyName, LeasedItem, OutboxRow, OutboxState, OutboxView, StoreError},
};
use uuid::Uuid;

use super::case::bond_id;
use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Leased {
    pub id: Uuid,
    pub channel: String,
    pub procurement: String,
    pub name: String,
    pub recipient: Option<String>,
    pub envelope_to: String,
    pub message_id: String,
    pub body: Vec<u8>,
    pub carries_issuer: Option<String>,
    pub carries_number: Option<String>,
    pub carries_role: Option<String>,
    pub carries_edition: Option<i64>,
    pub encrypted_to: Option<String>,
    pub attempts: i64,
    pub due_at: Instant,
    pub created_at: Instant,
}

impl Leased {
    /// The order in which rows are sent: earliest due first.
    pub fn turn(&self) -> (bondhub_core::calendar::Timestamp, Uuid) {
        (self.due_at.0, self.id)
    }

    fn carried(&self, place: &Place<'_>) -> Result<Option<KeyName>, StoreError> {
        let (Some(issuer), Some(number)) = (&self.carries_issuer, &self.carries_number) else {
            return Ok(None);
        };
        let role = self.carries_role.as_deref().and_then(Role::parse);
        Ok(Some(KeyName {
            bond: bond_id(issuer.clone(), number.clone())?,
            role: place.found("carries_role", role)?,
            edition: place.count(self.carries_edition.unwrap_or(-1))?,
        }))
    }
}

impl TryFrom<Leased> for LeasedItem {
    type Error = StoreError;

    fn try_from(row: Leased) -> Result<Self, StoreError> {
        let place = Place {
            table: "outbox",
            row: &row.id,
        };
        let carries = row.carried(&place)?;
        let attempts = place.count(row.attempts)?;
        let outgoing = OutboxRow {
            id: row.id,
            channel: place.found("channel", Channel::parse(&row.channel))?,
            procurement: place.name(row.procurement)?,
            name: row.name,
            recipient: row.recipient.map(|code| place.name(code)).transpose()?,
            to: place.json(&row.envelope_to)?,
            message_id: row.message_id,
            body: row.body,
            carries,
            encrypted_to: row.encrypted_to,
            created_at: row.created_at.0,
        };
        Ok(Self {
            row: outgoing,
            attempts,
        })
    }
}

#[derive(Debug)]
pub struct Outgoing {
    pub id: Uuid,
    pub channel: String,
    pub procurement: String,
    pub name: String,
    pub recipient: Option<String>,
    pub message_id: String,
    pub state: String,
    pub attempts: i64,
    pub due_at: Instant,
    pub last_reply: Option<String>,
    pub created_at: Instant,
    pub changed_at: Instant,
}

impl TryFrom<Outgoing> for OutboxView {
    type Error = StoreError;

    fn try_from(row: Outgoing) -> Result<Self, StoreError> {
        let place = Place {
            table: "outbox",
            row: &row.id,
        };
        Ok(Self {
            id: row.id,
            channel: place.found("channel", Channel::parse(&row.channel))?,
            procurement: place.name(row.procurement)?,
            name: row.name,
            recipient: row.recipient.map(|code| place.name(code)).transpose()?,
            message_id: row.message_id,
            state: place.found("state", OutboxState::parse(&row.state))?,
            attempts: place.count(row.attempts)?,
            due_at: row.due_at.0,
            last_reply: row.last_reply,
            created_at: row.created_at.0,
            changed_at: row.changed_at.0,
        })
    }
}

#[derive(Debug)]
pub struct OutboxCount {
    pub channel: String,
    pub state: String,
    pub count: i64,
}

impl TryFrom<OutboxCount> for (Channel, OutboxState, u64) {
    type Error = StoreError;

    fn try_from(row: OutboxCount) -> Result<Self, StoreError> {
        let place = Place {
            table: "outbox",
            row: &row.state,
        };
        let channel = place.found("channel", Channel::parse(&row.channel))?;
        let state = place.found("state", OutboxState::parse(&row.state))?;
        Ok((channel, state, u64::try_from(row.count).unwrap_or(0)))
    }
}
