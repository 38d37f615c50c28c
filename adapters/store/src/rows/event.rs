//! Events.

use bondhub_core::{
    event::EventIdentity,
    ports::store::{EventRow, EventState, StoreError},
};
use uuid::Uuid;

use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Event {
    pub id: Uuid,
    pub source: String,
    pub event_id: String,
    pub kind: String,
    pub subject: Option<String>,
    pub happened_at: Instant,
    pub digest: String,
    pub state: String,
    pub rejection: Option<String>,
    pub waits_for: Option<String>,
    pub body: Vec<u8>,
    pub sealed: bool,
    pub content_type: Option<String>,
    pub received_at: Instant,
}

impl TryFrom<Event> for EventRow {
    type Error = StoreError;

    fn try_from(row: Event) -> Result<Self, StoreError> {
        let place = Place {
            table: "event",
            row: &row.id,
        };
        Ok(Self {
            id: row.id,
            subject: row.subject.map(|text| place.name(text)).transpose()?,
            state: place.found("state", EventState::parse(&row.state))?,
            rejection: row.rejection.map(|text| place.json(&text)).transpose()?,
            identity: EventIdentity {
                id: row.event_id,
                source: row.source,
            },
            kind: row.kind,
            time: row.happened_at.0,
            digest: row.digest,
            waits_for: row.waits_for,
            body: row.body,
            sealed: row.sealed,
            content_type: row.content_type,
            received_at: row.received_at.0,
        })
    }
}

#[derive(Debug)]
pub struct EventCount {
    pub state: String,
    pub count: i64,
}

impl TryFrom<EventCount> for (EventState, u64) {
    type Error = StoreError;

    fn try_from(row: EventCount) -> Result<Self, StoreError> {
        let place = Place {
            table: "event",
            row: &row.state,
        };
        let state = place.found("state", EventState::parse(&row.state))?;
        Ok((state, u64::try_from(row.count).unwrap_or(0)))
    }
}
