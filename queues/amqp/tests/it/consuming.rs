//! Deliveries, acknowledgements, and what happens to them when a connection ends.

use std::time::Duration;

use bondhub_amqp::topology::EVENT_QUEUE;
use bondhub_core::ports::queue::{Intake as _, Submit as _};
use lapin::{
    BasicProperties,
    options::{BasicPublishOptions, QueueDeleteOptions},
    types::{AMQPValue, FieldTable},
};
use tokio::time::timeout;

use super::support::{VirtualHost, drain, event, eventually, id_of, next, ready, within};

#[tokio::test]
async fn what_is_submitted_is_delivered_and_forgotten_once_acknowledged() {
    let host = VirtualHost::new("delivered");
    let broker = host.broker();
    let mut intake = broker.intake();
    within(broker.publisher().submit(event("e-1")))
        .await
        .unwrap();

    let delivery = next(&mut intake).await;
    assert_eq!(id_of(&delivery), "e-1");
    let content_type = delivery.arrival.content_type.as_deref();
    assert_eq!(content_type, Some("application/cloudevents+json"));
    delivery.receipt.acknowledge().await;
    drop(intake);

    let (_connection, channel) = host.client().await;
    let deleted = channel.queue_delete(EVENT_QUEUE.into(), QueueDeleteOptions::default());
    assert_eq!(
        deleted.await.unwrap(),
        0,
        "messages that were left in the queue"
    );
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_after_the_intake_is_gone() {
    let host = VirtualHost::new("unacknowledged");
    let broker = host.broker();
    let publisher = broker.publisher();
    let mut intake = broker.intake();
    for id in ["e-1", "e-2"] {
        within(publisher.submit(event(id))).await.unwrap();
    }
    let first = next(&mut intake).await;
    let second = next(&mut intake).await;
    first.receipt.acknowledge().await;
    drop(second);
    drop(intake);

    let again = next(&mut broker.intake()).await;
    assert_eq!(id_of(&again), "e-2");
}

#[tokio::test]
async fn an_acknowledgement_from_before_a_reconnect_does_nothing_and_the_event_comes_again_once() {
    let host = VirtualHost::new("epoch");
    let broker = host.broker();
    let publisher = broker.publisher();
    let mut intake = broker.intake();
    within(publisher.submit(event("e-1"))).await.unwrap();
    let stale = next(&mut intake).await;

    host.close_all_connections();
    eventually("the intake reconnected", || async {
        broker.status().intake.reconnects == 1
    })
    .await;
    stale.receipt.acknowledge().await;

    let again = next(&mut intake).await;
    assert_eq!(id_of(&again), "e-1");
    again.receipt.acknowledge().await;
    eventually("the publisher is back", || async {
        publisher.submit(event("e-2")).await.is_ok()
    })
    .await;
    let after = next(&mut intake).await;
    assert_eq!(id_of(&after), "e-2", "the first event came once more only");
}

#[tokio::test]
async fn connections_that_the_broker_closes_are_rebuilt_and_nothing_is_lost() {
    const COUNT: usize = 200;
    let host = VirtualHost::new("closed");
    let broker = host.broker();
    let publisher = broker.publisher();
    let mut intake = broker.intake();
    let sending = async {
        for number in 0..COUNT {
            if number == COUNT / 3 || number == 2 * COUNT / 3 {
                host.close_all_connections();
            }
            let event = event(&format!("e-{number}"));
            eventually("the event is taken", || async {
                publisher.submit(event.clone()).await.is_ok()
            })
            .await;
        }
    };
    let ((), seen) = within(async { tokio::join!(sending, drain(&mut intake, COUNT)) }).await;
    assert_eq!(seen.len(), COUNT);
    assert_eq!(broker.status().publisher.reconnects, 2);
    let status = broker.status().intake;
    assert!(
        status.reconnects >= 1 && status.connected_since.is_some(),
        "{status:?}"
    );
    assert!(status.last_error.unwrap().contains("CONNECTION_FORCED"));
}

#[tokio::test]
async fn a_queue_deleted_under_the_consumer_is_declared_again_and_consumed() {
    let host = VirtualHost::new("deleted");
    let broker = host.broker();
    let publisher = broker.publisher();
    let mut intake = broker.intake();
    within(publisher.submit(event("e-1"))).await.unwrap();
    next(&mut intake).await.receipt.acknowledge().await;

    let (_connection, channel) = host.client().await;
    let deleted = channel.queue_delete(EVENT_QUEUE.into(), QueueDeleteOptions::default());
    deleted.await.unwrap();
    eventually("the consumer is rebuilt", || async {
        broker.status().intake.reconnects == 1
    })
    .await;
    within(publisher.submit(event("e-2"))).await.unwrap();
    assert_eq!(id_of(&next(&mut intake).await), "e-2");
    let error = broker.status().intake.last_error.unwrap();
    assert!(error.contains("ended a consumer"), "{error}");
}

#[tokio::test]
async fn a_stopped_intake_yields_nothing_more_and_its_receipts_still_count() {
    let host = VirtualHost::new("stopped");
    let broker = host.broker();
    let publisher = broker.publisher();
    let mut intake = broker.intake();
    within(publisher.submit(event("e-1"))).await.unwrap();
    let outstanding = next(&mut intake).await;

    within(intake.stop()).await;
    within(publisher.submit(event("e-2"))).await.unwrap();
    assert!(within(intake.next()).await.unwrap().is_none());
    drop(intake);
    outstanding.receipt.acknowledge().await;

    let mut other = broker.intake();
    let rest = next(&mut other).await;
    assert_eq!(id_of(&rest), "e-2", "e-1 was acknowledged after the stop");
    rest.receipt.acknowledge().await;
}

#[tokio::test]
async fn an_intake_can_be_stopped_before_it_ever_connected() {
    let broker = super::support::broker(super::support::settings("amqp://guest@127.0.0.1:1"));
    let mut intake = broker.intake();
    within(intake.stop()).await;
    assert!(within(intake.next()).await.unwrap().is_none());
}

#[tokio::test]
async fn dropping_the_wait_for_a_delivery_loses_none() {
    const COUNT: usize = 50;
    let host = VirtualHost::new("cancelled");
    let broker = host.broker();
    let publisher = broker.publisher();
    let mut intake = broker.intake();
    for number in 0..COUNT {
        within(publisher.submit(event(&format!("e-{number}"))))
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    within(async {
        while seen.len() < COUNT {
            if let Ok(next) = timeout(Duration::from_micros(200), intake.next()).await {
                let delivery = next.unwrap().unwrap();
                seen.push(id_of(&delivery));
                delivery.receipt.acknowledge().await;
            }
        }
    })
    .await;
    let expected: Vec<String> = (0..COUNT).map(|number| format!("e-{number}")).collect();
    assert_eq!(seen, expected, "each once, in the order of the queue");
}

#[tokio::test]
async fn the_headers_of_binary_mode_arrive_as_text() {
    let host = VirtualHost::new("binary");
    let broker = host.broker();
    let mut intake = broker.intake();
    eventually("connected", || async {
        broker.status().intake.connected_since.is_some()
    })
    .await;

    let (_connection, channel) = host.client().await;
    let mut headers = FieldTable::default();
    let text = |text: &str| AMQPValue::LongString(text.into());
    headers.insert("cloudEvents:specversion".into(), text("1.0"));
    headers.insert("cloudEvents:id".into(), text("c-7"));
    headers.insert("cloudEvents_sequence".into(), AMQPValue::LongInt(42));
    headers.insert(
        "cloudEvents:time".into(),
        AMQPValue::Timestamp(1_788_220_800),
    );
    let properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_headers(headers);
    let options = BasicPublishOptions::default();
    let key = "contract.changed".into();
    let published = channel.basic_publish("procurement".into(), key, options, b"{}", properties);
    published.await.unwrap().await.unwrap();

    let arrival = next(&mut intake).await.arrival;
    assert_eq!(arrival.content_type.as_deref(), Some("application/json"));
    assert_eq!(arrival.headers["cloudEvents:id"], "c-7");
    assert_eq!(arrival.headers["cloudEvents_sequence"], "42");
    assert_eq!(arrival.headers["cloudEvents:time"], "2026-09-01T00:00:00Z");
}

#[tokio::test]
async fn partitions_are_declared_and_consumed_beside_the_queue() {
    let host = VirtualHost::new("partitions");
    let mut settings = host.settings();
    settings.partitions = 2;
    let broker = super::support::broker(settings);
    let mut intake = broker.intake();
    eventually("connected", || async {
        broker.status().intake.connected_since.is_some()
    })
    .await;
    let (_connection, channel) = host.client().await;
    for (queue, id) in [("bondhub.events.0", "e-0"), ("bondhub.events.1", "e-1")] {
        let body = format!(r#"{{"id":"{id}"}}"#);
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let sent = channel.basic_publish(
            "".into(),
            queue.into(),
            options,
            body.as_bytes(),
            properties,
        );
        sent.await.unwrap().await.unwrap();
    }
    within(broker.publisher().submit(event("e-2")))
        .await
        .unwrap();
    let seen = drain(&mut intake, 3).await;
    assert_eq!(seen.into_values().collect::<Vec<_>>(), [1, 1, 1]);
}

#[tokio::test]
async fn no_more_deliveries_are_fetched_than_the_prefetch_allows() {
    let host = VirtualHost::new("prefetch");
    let mut settings = host.settings();
    settings.prefetch = 5;
    let broker = super::support::broker(settings);
    let publisher = broker.publisher();
    for number in 0..20 {
        within(publisher.submit(event(&format!("e-{number}"))))
            .await
            .unwrap();
    }
    let mut intake = broker.intake();
    let held = next(&mut intake).await;
    let (_connection, channel) = host.client().await;
    eventually("five are under way", || async {
        ready(&channel, EVENT_QUEUE).await == 15
    })
    .await;
    held.receipt.acknowledge().await;
    eventually("a place is free for the sixth", || async {
        ready(&channel, EVENT_QUEUE).await == 14
    })
    .await;
}
