//! What was tried too often comes back as a dead letter.

use bondhub_amqp::topology::{DEAD_LETTERS, DELIVERY_LIMIT, EVENT_QUEUE};
use bondhub_core::ports::queue::{DEAD_LETTER_HEADER, Submit as _};
use futures::StreamExt as _;
use lapin::{
    options::{BasicConsumeOptions, BasicNackOptions},
    types::FieldTable,
};

use super::support::{VirtualHost, event, eventually, id_of, next, ready, within};

/// Gives a message back as often as the broker lets it, as hubs would that die on it.
async fn die_on_everything(channel: &lapin::Channel) {
    let mut consumer = channel
        .basic_consume(
            EVENT_QUEUE.into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();
    for _ in 0..=DELIVERY_LIMIT {
        let delivery = within(consumer.next()).await.unwrap().unwrap();
        let requeue = BasicNackOptions {
            requeue: true,
            multiple: false,
        };
        delivery.acker.nack(requeue).await.unwrap();
    }
}

#[tokio::test]
async fn an_event_tried_too_often_is_read_back_with_the_reason_and_then_forgotten() {
    let host = VirtualHost::new("dead");
    let broker = host.broker();
    within(broker.check()).await.unwrap();
    within(broker.publisher().submit(event("e-1")))
        .await
        .unwrap();

    let (connection, channel) = host.client().await;
    die_on_everything(&channel).await;
    eventually("the event is in the dead letters", || async {
        ready(&channel, DEAD_LETTERS).await == 1
    })
    .await;
    connection.close(200, "OK".into()).await.unwrap();

    let mut intake = broker.intake();
    let dead = next(&mut intake).await;
    assert_eq!(id_of(&dead), "e-1");
    assert_eq!(dead.arrival.headers[DEAD_LETTER_HEADER], "delivery_limit");
    assert_eq!(
        dead.arrival.content_type.as_deref(),
        Some("application/cloudevents+json")
    );
    dead.receipt.acknowledge().await;
    drop(intake);

    let (_connection, channel) = host.client().await;
    let options = lapin::options::QueueDeleteOptions::default();
    let left = channel
        .queue_delete(DEAD_LETTERS.into(), options)
        .await
        .unwrap();
    assert_eq!(left, 0, "dead letters that were left");
}

#[tokio::test]
async fn an_ordinary_event_carries_no_mark_of_the_dead() {
    let host = VirtualHost::new("alive");
    let broker = host.broker();
    let mut intake = broker.intake();
    within(broker.publisher().submit(event("e-1")))
        .await
        .unwrap();
    let delivery = next(&mut intake).await;
    assert!(delivery.arrival.headers.is_empty());
}
