//! The hub's own events by the publish port.

use std::sync::Arc;

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    event::TYPE_PREFIX,
    ports::{
        queue::{Outgoing, Publish, QueueError},
        store::{LeasedItem, Verdict},
    },
};
use serde_json::Value;

use super::{Courier, schedule::GIVEN_BACK};

/// Publishes events.
pub struct PublishCourier {
    /// The way out.
    pub publish: Arc<dyn Publish>,
}

#[async_trait]
impl Courier for PublishCourier {
    async fn deliver(&self, items: &[LeasedItem], now: Timestamp) -> Vec<Verdict> {
        let mut counts = Vec::with_capacity(items.len());
        let mut all = Vec::new();
        for item in items {
            let before = all.len();
            all.extend(events_of(item));
            counts.push(all.len() - before);
        }
        let mut results = self.publish.publish(&all).await.into_iter();
        counts
            .into_iter()
            .map(|count| verdict(results.by_ref().take(count).collect(), count, now))
            .collect()
    }
}

/// A row is sent when all its events are; published twice, an event is known by its id.
fn verdict(results: Vec<Result<(), QueueError>>, expected: usize, now: Timestamp) -> Verdict {
    let confirmed = results.len() == expected;
    match results.into_iter().find_map(Result::err) {
        None if confirmed => Verdict::Sent("confirmed".to_owned()),
        None => Verdict::GiveBack(now + GIVEN_BACK, "no confirmation".to_owned()),
        Some(error) => Verdict::GiveBack(now + GIVEN_BACK, error.to_string()),
    }
}

fn events_of(item: &LeasedItem) -> impl Iterator<Item = Outgoing> {
    let events: Vec<Value> = serde_json::from_slice(&item.row.body).unwrap_or_default();
    events.into_iter().map(outgoing)
}

fn outgoing(body: Value) -> Outgoing {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let kind = text("type");
    Outgoing {
        kind: kind.strip_prefix(TYPE_PREFIX).unwrap_or(&kind).to_owned(),
        id: text("id"),
        content_type: "application/cloudevents+json".to_owned(),
        body,
    }
}
