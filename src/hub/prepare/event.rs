//! The hub's own events (R33): CloudEvents, one row of the outbox for those of one reconciling.

use bondhub_core::{
    calendar::Timestamp,
    event::TYPE_PREFIX,
    notice::HubEvent,
    ports::store::{Channel, OutboxRow},
};
use serde_json::{Value, json};

use super::Workshop;
use crate::hub::decide::Job;

impl Workshop {
    /// The row for the events of one reconciling; none if none of them is published here.
    pub(super) fn events(
        &self,
        job: &Job,
        events: &[HubEvent],
        now: Timestamp,
    ) -> Option<OutboxRow> {
        let wanted = events.iter().filter(|event| (self.publishes)(event.kind()));
        let envelopes: Vec<Value> = wanted
            .enumerate()
            .map(|(index, event)| self.envelope(job, index, event, now))
            .collect();
        let first = envelopes.first()?;
        let name = first
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Some(OutboxRow {
            id: job.id,
            channel: Channel::Event,
            procurement: job.procurement.clone(),
            name: name.strip_prefix(TYPE_PREFIX).unwrap_or(name).to_owned(),
            recipient: None,
            to: Vec::new(),
            message_id: job.id.simple().to_string(),
            body: serde_json::to_vec(&envelopes).unwrap_or_default(),
            carries: None,
            encrypted_to: None,
            created_at: now,
        })
    }

    fn envelope(&self, job: &Job, index: usize, event: &HubEvent, now: Timestamp) -> Value {
        let mut data = serde_json::to_value(event).unwrap_or_default();
        if let Some(members) = data.as_object_mut() {
            members.remove("event");
        }
        json!({
            "specversion": "1.0",
            "id": format!("{}-{index}", job.id.simple()),
            "source": self.sender.source,
            "type": format!("{TYPE_PREFIX}{}", event.kind()),
            "subject": job.procurement,
            "time": now,
            "datacontenttype": "application/json",
            "data": data,
        })
    }
}
