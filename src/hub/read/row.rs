//! Rows of the inbox as they are read, without the state that deciding gives them.

use bondhub_core::{
    calendar::Timestamp,
    event::{self, Arrival, Envelope, EventIdentity},
    ports::store::{EventRow, EventState},
};

pub(super) fn row_of(envelope: &Envelope, arrival: &Arrival, now: Timestamp) -> EventRow {
    EventRow {
        id: EventRow::key(&envelope.identity, ""),
        identity: envelope.identity.clone(),
        kind: envelope.kind.clone(),
        subject: envelope.subject.clone(),
        time: envelope.time,
        digest: envelope.digest(),
        state: EventState::Applied,
        rejection: None,
        waits_for: None,
        body: serde_json::to_vec(&envelope.to_json()).unwrap_or_default(),
        sealed: false,
        content_type: arrival.content_type.clone(),
        received_at: now,
    }
}

/// The bytes of an arrival, for keeping. In binary mode the attributes stand in headers: they are kept with the body, as
/// an event in structured mode, else two events with one body would be taken for one.
pub(super) fn original(arrival: &Arrival) -> (Vec<u8>, Option<String>) {
    if !event::is_binary(&arrival.headers) {
        return (arrival.body.clone(), arrival.content_type.clone());
    }
    let event = event::as_structured(&arrival.headers, &arrival.body);
    let bytes = serde_json::to_vec(&event).unwrap_or_default();
    (bytes, Some("application/cloudevents+json".to_owned()))
}

/// Bytes without a usable identity are known by their digest: the same bytes again are the same.
pub(super) fn unreadable(bytes: Vec<u8>, content_type: Option<String>, now: Timestamp) -> EventRow {
    let digest = event::hex_digest(&bytes);
    let identity = EventIdentity {
        source: String::new(),
        id: digest.clone(),
    };
    EventRow {
        id: EventRow::key(&identity, ""),
        identity,
        kind: String::new(),
        subject: None,
        time: now,
        digest,
        state: EventState::SetAside,
        rejection: None,
        waits_for: None,
        body: bytes,
        sealed: false,
        content_type,
        received_at: now,
    }
}
