//! Queues: where events come from, and where the hub's own events go. They know nothing of bonds.

use async_trait::async_trait;
use serde_json::Value;

use super::Cause;
use crate::event::Arrival;

/// Header that an [`Intake`] sets on an arrival that it read back from the dead letters.
///
/// The value is the queue's reason (`delivery_limit`, `rejected`, …). An intake strips a header of
/// this name from every other arrival, so that nobody outside can pretend.
pub const DEAD_LETTER_HEADER: &str = "x-bondhub-dead";

/// A source of deliveries.
///
/// `next` is called by one task only. An implementation supervises its own connection: it returns an
/// error only when it gave up for good, and waits otherwise. Dropping the future loses no delivery.
#[async_trait]
pub trait Intake: Send {
    /// Waits for the next delivery; none after [`Intake::stop`].
    async fn next(&mut self) -> Result<Option<Delivery>, QueueError>;

    /// Takes no further deliveries; those handed out can still be settled.
    async fn stop(&mut self);
}

/// A delivery and the way to settle it.
pub struct Delivery {
    /// What came.
    pub arrival: Arrival,
    /// How to say that it is safe.
    pub receipt: Box<dyn Receipt>,
}

/// Settles one delivery. Dropped unsettled, the delivery comes again.
#[async_trait]
pub trait Receipt: Send {
    /// The hub has committed the delivery; the queue may forget it.
    ///
    /// Fails silently when the connection it came by is gone: it then comes again, and is a duplicate.
    async fn acknowledge(self: Box<Self>);
}

/// Hands events to the hub's own queue: the HTTP side and the command line use it.
#[async_trait]
pub trait Submit: Send + Sync {
    /// Returns when the queue has the event safely.
    async fn submit(&self, event: Outgoing) -> Result<(), QueueError>;
}

/// Publishes the hub's own events.
#[async_trait]
pub trait Publish: Send + Sync {
    /// Publishes a batch; one result for each event, in order, after the broker confirmed or refused.
    async fn publish(&self, events: &[Outgoing]) -> Vec<Result<(), QueueError>>;
}

/// An event on its way out: a CloudEvent in structured mode.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Type without prefix; the routing key.
    pub kind: String,
    /// `id` of the event, also the broker's message id.
    pub id: String,
    /// The content type, e.g. `application/cloudevents+json`.
    pub content_type: String,
    /// The event.
    pub body: Value,
}

/// Why a queue failed. The class decides what happens (DESIGN §2).
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The broker cannot be reached: pause and probe.
    #[error("the queue is not available: {what}")]
    Down {
        /// What failed.
        what: String,
        /// The cause.
        #[source]
        source: Option<Cause>,
    },
    /// Nobody listens to this event: the others may go on, and this one is tried again by the schedule.
    #[error("{0}")]
    Unrouted(String),
    /// What exists at the broker does not fit: an operator must look.
    #[error("the queue does not fit: {0}")]
    Misfit(String),
}

impl QueueError {
    /// The queue is down, for this reason.
    pub fn down(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Down {
            what: what.into(),
            source: Some(source.into()),
        }
    }
}
