//! The broker as the hub sees it: hands out the two ends of the queue.

use std::sync::Arc;

use bondhub_core::ports::{Clock, Randomness, queue::QueueError};

use crate::{
    backoff::Backoff,
    board::{Board, BrokerStatus},
    connection,
    intake::AmqpIntake,
    publisher::AmqpPublisher,
    settings::Settings,
    topology::{self, Topology},
};

/// A RabbitMQ broker.
pub struct Broker {
    settings: Arc<Settings>,
    randomness: Arc<dyn Randomness>,
    intake: Board,
    publisher: Board,
}

impl Broker {
    /// Connects to nothing yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self {
            settings: Arc::new(settings),
            randomness,
            intake: Board::new("intake", Arc::clone(&clock)),
            publisher: Board::new("publisher", clock),
        }
    }

    /// Connects once and declares everything: tells at the start what would otherwise be retried.
    pub async fn check(&self) -> Result<(), QueueError> {
        let topology = Topology::with_partitions(self.settings.partitions);
        let connection = connection::open(&self.settings, "check").await?;
        let declared =
            topology::declare(&connection, &topology, self.settings.connect_timeout).await;
        connection::close(&connection).await;
        Ok(declared?)
    }

    /// Starts to consume. Must be called within a Tokio runtime.
    pub fn intake(&self) -> AmqpIntake {
        AmqpIntake::start(
            Arc::clone(&self.settings),
            self.intake.clone(),
            self.backoff(),
        )
    }

    /// Starts to publish. Must be called within a Tokio runtime.
    pub fn publisher(&self) -> AmqpPublisher {
        AmqpPublisher::start(
            Arc::clone(&self.settings),
            self.publisher.clone(),
            self.backoff(),
        )
    }

    /// How both connections are.
    pub fn status(&self) -> BrokerStatus {
        BrokerStatus {
            intake: self.intake.read(),
            publisher: self.publisher.read(),
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(Arc::clone(&self.randomness))
    }
}
