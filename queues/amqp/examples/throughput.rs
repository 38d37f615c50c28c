//! How fast the queue is, alone: `throughput URL [EVENTS]`, on a virtual host that is empty.
//!
//! Publishes own events in batches as the relay does, submits one by one from many tasks as the HTTP
//! side does, then consumes and acknowledges in micro-batches as the hub does.

use std::{
    error::Error,
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use bondhub_amqp::{Broker, BrokerUrl, Settings};
use bondhub_core::{
    calendar::Timestamp,
    ports::{
        Clock, Randomness, RandomnessError,
        queue::{Intake as _, Outgoing, Publish as _, Receipt, Submit as _},
    },
};
use futures::future::join_all;
use lapin::{
    Connection, ConnectionProperties, options::QueueBindOptions, options::QueueDeclareOptions,
    types::FieldTable,
};
use serde_json::json;

const BATCH: usize = 64;
const SUBMITTERS: usize = 64;

struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }
}

impl Randomness for Epoch {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(0);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("usage: throughput URL [EVENTS]")?;
    let count: usize = arguments.next().map_or(Ok(20_000), |text| text.parse())?;
    let broker = Broker::new(
        Settings::new(BrokerUrl::parse(&url)?),
        Arc::new(Epoch),
        Arc::new(Epoch),
    );
    broker.check().await?;
    listen(&url).await?;
    publish(&broker, count).await?;
    submit(&broker, count).await?;
    consume(&broker, count).await
}

/// Somebody must be bound, or each event comes back.
async fn listen(url: &str) -> Result<(), Box<dyn Error>> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel
        .queue_declare("listener".into(), options, FieldTable::default())
        .await?;
    let options = QueueBindOptions::default();
    let exchange = "bondhub".into();
    let bound = channel.queue_bind(
        queue.name().clone(),
        exchange,
        "#".into(),
        options,
        FieldTable::default(),
    );
    bound.await?;
    connection.close(200, "OK".into()).await?;
    Ok(())
}

fn event(number: usize) -> Outgoing {
    Outgoing {
        kind: "bond.released".to_owned(),
        id: format!("e-{number}"),
        content_type: "application/cloudevents+json".to_owned(),
        body: json!({ "id": number, "filling": "x".repeat(1000) }),
    }
}

async fn publish(broker: &Broker, count: usize) -> Result<(), Box<dyn Error>> {
    let publisher = broker.publisher();
    let events: Vec<Outgoing> = (0..count).map(event).collect();
    let start = Instant::now();
    for batch in events.chunks(BATCH) {
        for answer in publisher.publish(batch).await {
            answer?;
        }
    }
    report(
        &format!("published in batches of {BATCH}"),
        count,
        start.elapsed(),
    )
}

async fn submit(broker: &Broker, count: usize) -> Result<(), Box<dyn Error>> {
    let publisher = broker.publisher();
    let start = Instant::now();
    let tasks = (0..SUBMITTERS).map(|task| {
        let publisher = publisher.clone();
        async move {
            for number in (task..count).step_by(SUBMITTERS) {
                publisher.submit(event(number)).await?;
            }
            Ok::<(), bondhub_core::ports::queue::QueueError>(())
        }
    });
    for done in join_all(tasks).await {
        done?;
    }
    report(
        &format!("submitted by {SUBMITTERS} tasks"),
        count,
        start.elapsed(),
    )
}

async fn consume(broker: &Broker, count: usize) -> Result<(), Box<dyn Error>> {
    let mut intake = broker.intake();
    let mut receipts = Vec::with_capacity(BATCH);
    let first = intake.next().await?.ok_or("stopped")?;
    receipts.push(first.receipt);
    let start = Instant::now();
    for number in 1..count {
        receipts.push(intake.next().await?.ok_or("stopped")?.receipt);
        if receipts.len() == BATCH || number + 1 == count {
            join_all(receipts.drain(..).map(Receipt::acknowledge)).await;
        }
    }
    let took = start.elapsed();
    intake.stop().await;
    report(
        &format!("consumed and acknowledged in batches of {BATCH}"),
        count,
        took,
    )
}

#[expect(clippy::cast_precision_loss, reason = "an order of size is asked for")]
fn report(what: &str, count: usize, took: Duration) -> Result<(), Box<dyn Error>> {
    let rate = count as f64 / took.as_secs_f64();
    writeln!(std::io::stdout(), "{rate:>9.0}/s {what}")?;
    Ok(())
}
