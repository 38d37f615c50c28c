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

use super::{Courier, RetrySchedule, schedule::GIVEN_BACK};

/// Publishes events.
pub struct PublishCourier {
    /// The way out.
    pub publish: Arc<dyn Publish>,
    /// When an event is published again to which nobody listened.
    pub schedule: RetrySchedule,
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
        items
            .iter()
            .zip(counts)
            .map(|(item, count)| {
                let answers: Vec<_> = results.by_ref().take(count).collect();
                let confirmed = answers.len() == count;
                verdict(&self.schedule, item, answers, confirmed, now)
            })
            .collect()
    }
}

/// A row is sent when all its events are; published twice, an event is known by its id. What nobody listens to is
/// no outage: the others go on. It is never given up, since somebody may begin to listen.
fn verdict(
    schedule: &RetrySchedule,
    item: &LeasedItem,
    answers: Vec<Result<(), QueueError>>,
    confirmed: bool,
    now: Timestamp,
) -> Verdict {
    let mut unheard = None;
    for error in answers.into_iter().filter_map(Result::err) {
        let told = error.to_string();
        match error {
            QueueError::Unrouted(_) => unheard = Some(told),
            QueueError::Down { .. } | QueueError::Misfit(_) => {
                return Verdict::GiveBack(now + GIVEN_BACK, told);
            }
        }
    }
    match unheard {
        Some(told) => schedule.later(item, told, now),
        None if confirmed => Verdict::Sent("confirmed".to_owned()),
        None => Verdict::GiveBack(now + GIVEN_BACK, "no confirmation".to_owned()),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bondhub_core::{
        identifier::ProcurementId,
        ports::store::{Channel, OutboxRow},
    };
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    fn item(attempts: u32) -> LeasedItem {
        let row = OutboxRow {
            id: Uuid::nil(),
            channel: Channel::Event,
            procurement: ProcurementId::parse("P-1").unwrap(),
            name: "events".to_owned(),
            recipient: None,
            to: Vec::new(),
            message_id: String::new(),
            body: Vec::new(),
            carries: None,
            encrypted_to: None,
            created_at: Timestamp::UNIX_EPOCH,
        };
        LeasedItem { row, attempts }
    }

    fn told(answers: Vec<Result<(), QueueError>>, attempts: u32, now: Timestamp) -> Verdict {
        let schedule = RetrySchedule {
            delays: vec![Duration::from_secs(10), Duration::from_mins(1)],
            give_up_after: Duration::from_hours(48),
        };
        verdict(&schedule, &item(attempts), answers, true, now)
    }

    #[test]
    fn an_event_nobody_listens_to_is_tried_again_by_the_schedule_and_never_given_up() {
        let unheard = || vec![Ok(()), Err(QueueError::Unrouted("nobody".to_owned()))];
        let first = Timestamp::UNIX_EPOCH;
        let late = first + TimeDelta::days(365);
        let nobody = "nobody".to_owned();
        assert_eq!(
            told(unheard(), 0, first),
            Verdict::Retry(first + TimeDelta::seconds(10), nobody.clone())
        );
        assert_eq!(
            told(unheard(), 99, late),
            Verdict::Retry(late + TimeDelta::minutes(1), nobody)
        );
    }

    #[test]
    fn a_broker_that_is_down_counts_no_attempt_whatever_else_was_answered() {
        let now = Timestamp::UNIX_EPOCH;
        let answers = vec![
            Err(QueueError::Unrouted("nobody".to_owned())),
            Err(QueueError::Misfit("other settings".to_owned())),
        ];
        assert!(matches!(told(answers, 0, now), Verdict::GiveBack(..)));
        assert!(matches!(told(vec![Ok(())], 0, now), Verdict::Sent(_)));
    }
}
