//! One life of the consuming connection: from connecting to its first failure.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bondhub_core::ports::queue::{Delivery, Receipt};
use futures::{
    StreamExt as _,
    future::ready,
    stream::{self, BoxStream, SelectAll},
};
use lapin::{
    Acker, Channel, Connection, Consumer,
    options::{BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicQosOptions},
    types::{FieldTable, ShortString},
};

use crate::{
    connection::{self, within},
    fault::Fault,
    headers,
    settings::Settings,
    topology::{self, Queue, Topology},
};

/// How long an acknowledgement may take to reach the socket.
const ACKNOWLEDGE_LIMIT: Duration = Duration::from_secs(10);

/// The number of the life that counts now; a receipt of another one is void.
#[derive(Clone, Default)]
pub(crate) struct Epoch(Arc<AtomicU64>);

impl Epoch {
    fn current(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Ends the current life: its receipts do nothing from now on.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// What a consumer yields; none when it ended, which the broker decided unless the hub cancelled.
type Yield = Option<lapin::Result<(bool, lapin::message::Delivery)>>;

/// One life: consumers on one channel of one connection.
pub(crate) struct Consumption {
    line: Arc<Line>,
    deliveries: SelectAll<BoxStream<'static, Yield>>,
    tags: Vec<ShortString>,
    limit: Duration,
}

/// What must stay open as long as a receipt may still be settled.
struct Line {
    number: u64,
    epoch: Epoch,
    channel: Channel,
    connection: Connection,
}

/// A delivery on its way to the hub.
pub(crate) struct Handed {
    line: Arc<Line>,
    delivery: Delivery,
}

impl Handed {
    /// The delivery, unless its life is over: then it comes again anyway.
    pub(crate) fn fresh(self) -> Option<Delivery> {
        (self.line.epoch.current() == self.line.number).then_some(self.delivery)
    }
}

impl Consumption {
    /// Connects, declares, and starts a consumer for each queue.
    pub(crate) async fn begin(settings: &Settings, epoch: &Epoch) -> Result<Self, Fault> {
        let limit = settings.connect_timeout;
        let topology = Topology::with_partitions(settings.partitions);
        let connection = connection::open(settings, "intake").await?;
        topology::declare(&connection, &topology, limit).await?;
        let channel = within(limit, "opening a channel", connection.create_channel()).await?;
        let qos = channel.basic_qos(settings.prefetch, BasicQosOptions::default());
        within(limit, "setting the prefetch", qos).await?;
        let line = Arc::new(Line {
            number: epoch.current(),
            epoch: epoch.clone(),
            channel,
            connection,
        });
        Self::consuming(line, &topology.queues, limit).await
    }

    async fn consuming(line: Arc<Line>, queues: &[Queue], limit: Duration) -> Result<Self, Fault> {
        let mut consumption = Self {
            line,
            deliveries: SelectAll::new(),
            tags: Vec::new(),
            limit,
        };
        for queue in queues {
            consumption.consume(queue).await?;
        }
        Ok(consumption)
    }

    async fn consume(&mut self, queue: &Queue) -> Result<(), Fault> {
        let call = self.line.channel.basic_consume(
            topology::short(&queue.name)?,
            ShortString::default(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let consumer = within(self.limit, "starting to consume", call).await?;
        self.tags.push(consumer.tag());
        self.deliveries
            .push(yields(consumer, queue.is_dead_letters));
        Ok(())
    }

    /// Waits for the next delivery; a failure ends this life.
    pub(crate) async fn next(&mut self) -> Result<Handed, Fault> {
        match self.deliveries.next().await {
            Some(Some(Ok((is_dead, delivery)))) => Ok(self.hand(delivery, is_dead)),
            Some(Some(Err(error))) => Err(Fault::from_client("the connection was lost", error)),
            Some(None) | None => Err(Fault::down(
                "the broker ended a consumer, as it does when a queue is deleted",
            )),
        }
    }

    fn hand(&self, mut delivery: lapin::message::Delivery, is_dead: bool) -> Handed {
        let arrival = headers::arrival(&mut delivery, is_dead);
        let receipt = AmqpReceipt {
            acker: delivery.acker,
            line: Arc::clone(&self.line),
        };
        Handed {
            line: Arc::clone(&self.line),
            delivery: Delivery {
                arrival,
                receipt: Box::new(receipt),
            },
        }
    }

    /// Asks for no more. The connection stays open until the last receipt is gone.
    pub(crate) async fn cancel(self) {
        for tag in &self.tags {
            let options = BasicCancelOptions::default();
            let call = self.line.channel.basic_cancel(tag.clone(), options);
            if let Err(fault) = within(self.limit, "cancelling a consumer", call).await {
                tracing::debug!(
                    reason = fault.chain(),
                    "a consumer was not cancelled in order"
                );
            }
        }
    }

    /// Ends this life: what is unacknowledged comes again on the next one.
    pub(crate) async fn end(self) {
        self.line.epoch.advance();
        connection::close(&self.line.connection).await;
    }
}

fn yields(consumer: Consumer, is_dead: bool) -> BoxStream<'static, Yield> {
    consumer
        .map(move |item| Some(item.map(|delivery| (is_dead, delivery))))
        .chain(stream::once(ready(None)))
        .boxed()
}

/// Settles a delivery on the channel it came by, while that channel lives.
struct AmqpReceipt {
    acker: Acker,
    line: Arc<Line>,
}

#[async_trait]
impl Receipt for AmqpReceipt {
    async fn acknowledge(self: Box<Self>) {
        if self.line.epoch.current() != self.line.number {
            return;
        }
        let call = self.acker.ack(BasicAckOptions::default());
        if let Err(fault) = within(ACKNOWLEDGE_LIMIT, "acknowledging", call).await {
            tracing::debug!(reason = fault.chain(), "an acknowledgement was lost");
        }
    }
}
