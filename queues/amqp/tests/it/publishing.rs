//! The hub's own events: confirms, returns, and a wire that breaks.

use std::time::Duration;

use bondhub_core::ports::queue::{Publish as _, QueueError, Submit as _};
use lapin::{
    Channel,
    options::{BasicGetOptions, QueueBindOptions, QueueDeclareOptions},
    types::FieldTable,
};

use super::{
    proxy::Proxy,
    support::{VirtualHost, broker, event, events, eventually, id_in, ready, settings, within},
};

/// Somebody who listens to the hub's own events of these kinds.
async fn listener(channel: &Channel, queue: &str, pattern: &str) {
    let options = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    let declared = channel.queue_declare(queue.into(), options, FieldTable::default());
    declared.await.unwrap();
    let options = QueueBindOptions::default();
    let (exchange, pattern) = ("bondhub".into(), pattern.into());
    let bound = channel.queue_bind(
        queue.into(),
        exchange,
        pattern,
        options,
        FieldTable::default(),
    );
    bound.await.unwrap();
}

#[tokio::test]
async fn own_events_reach_those_who_listen_with_id_type_and_persistence() {
    let host = VirtualHost::new("own");
    let broker = host.broker();
    within(broker.check()).await.unwrap();
    let (_connection, channel) = host.client().await;
    listener(&channel, "listener", "#").await;

    let answers = within(broker.publisher().publish(&events(0..3))).await;
    assert!(answers.iter().all(Result::is_ok) && answers.len() == 3);
    for number in 0..3 {
        let got = channel
            .basic_get("listener".into(), BasicGetOptions { no_ack: true })
            .await;
        let delivery = got.unwrap().expect("a message").delivery;
        let properties = &delivery.properties;
        assert_eq!(id_in(&delivery.data), format!("e-{number}"));
        assert_eq!(delivery.routing_key.as_str(), "contract.changed");
        assert_eq!(properties.delivery_mode(), &Some(2));
        let id = properties.message_id().as_ref().unwrap();
        assert_eq!(id.as_str(), format!("e-{number}"));
    }
}

#[tokio::test]
async fn an_event_nobody_listens_to_is_reported_and_the_others_of_the_batch_are_not() {
    let host = VirtualHost::new("unroutable");
    let broker = host.broker();
    within(broker.check()).await.unwrap();
    let (_connection, channel) = host.client().await;
    listener(&channel, "listener", "contract.*").await;

    let mut batch = events(0..40);
    for unheard in batch.iter_mut().skip(1).step_by(3) {
        unheard.kind = "bond.released".to_owned();
    }
    let answers = within(broker.publisher().publish(&batch)).await;
    for (event, answer) in batch.iter().zip(&answers) {
        assert_eq!(
            answer.is_ok(),
            event.kind == "contract.changed",
            "{}",
            event.id
        );
    }
    let Err(QueueError::Unrouted(what)) = &answers[1] else {
        panic!("{:?}", answers[1]);
    };
    assert_eq!(
        what,
        "nobody is bound to exchange `bondhub` for key `bond.released`"
    );
    assert_eq!(ready(&channel, "listener").await, 27);

    listener(&channel, "late", "bond.*").await;
    let retried = within(broker.publisher().publish(&batch[1..2])).await;
    assert!(retried[0].is_ok(), "once somebody listens, it is taken");
}

#[tokio::test]
async fn publishes_without_confirm_when_the_wire_breaks_fail_and_can_be_retried() {
    let host = VirtualHost::new("broken");
    within(host.broker().check()).await.unwrap();
    let (_connection, channel) = host.client().await;
    listener(&channel, "listener", "#").await;
    let proxy = Proxy::start(host.broker_address().parse().unwrap()).await;
    let address = format!("amqp://guest:guest@{}/{}", proxy.address, host.name);
    let through = broker(settings(&address));
    let publisher = through.publisher();
    assert!(within(publisher.publish(&events(0..1))).await[0].is_ok());

    proxy.silence(true);
    let batch = events(1..101);
    let publishing = publisher.publish(&batch);
    let breaking = async {
        eventually("the broker has all of it", || async {
            ready(&channel, "listener").await == 101
        })
        .await;
        proxy.break_all();
    };
    let (answers, ()) = within(async { tokio::join!(publishing, breaking) }).await;
    proxy.silence(false);
    assert_eq!(answers.iter().filter(|answer| answer.is_err()).count(), 100);

    eventually("the retry is taken", || async {
        publisher.publish(&batch).await.iter().all(Result::is_ok)
    })
    .await;
    assert_eq!(
        ready(&channel, "listener").await,
        201,
        "the retries are duplicates"
    );
    assert_eq!(through.status().publisher.reconnects, 1);
}

#[tokio::test]
async fn a_broker_that_never_confirms_is_given_up_after_the_limit() {
    let host = VirtualHost::new("silent");
    within(host.broker().check()).await.unwrap();
    let proxy = Proxy::start(host.broker_address().parse().unwrap()).await;
    let address = format!("amqp://guest:guest@{}/{}", proxy.address, host.name);
    let mut impatient = settings(&address);
    impatient.confirm_timeout = Duration::from_millis(300);
    let through = broker(impatient);
    let publisher = through.publisher();
    within(publisher.submit(event("e-1"))).await.unwrap();

    proxy.silence(true);
    let error = within(publisher.submit(event("e-2"))).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the queue is not available: the broker did not confirm in time"
    );
    proxy.silence(false);
    eventually("a new connection confirms", || async {
        publisher.submit(event("e-2")).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn without_a_broker_a_submission_waits_a_little_and_then_fails() {
    let mut lonely = settings("amqp://guest:s3cret@127.0.0.1:1/v");
    lonely.patience = Duration::from_millis(50);
    let broker = broker(lonely);
    let publisher = broker.publisher();
    let error = within(publisher.submit(event("e-1"))).await.unwrap_err();
    assert!(matches!(error, QueueError::Down { .. }), "{error:?}");
    eventually("the reason is told", || async {
        let error = broker.status().publisher.last_error;
        error.is_some_and(|error| error.contains("refused") && !error.contains("s3cret"))
    })
    .await;
    assert_eq!(broker.status().publisher.connected_since, None);
}

#[tokio::test]
async fn what_is_submitted_while_the_connection_is_being_built_is_taken() {
    let host = VirtualHost::new("waiting");
    let broker = host.broker();
    let publisher = broker.publisher();
    let many = (0..50).map(|number| publisher.submit(event(&format!("e-{number}"))));
    let answers = within(futures::future::join_all(many.collect::<Vec<_>>())).await;
    assert!(answers.iter().all(Result::is_ok));
    let (_connection, channel) = host.client().await;
    assert_eq!(ready(&channel, "bondhub.events").await, 50);
}

#[tokio::test]
async fn an_event_that_does_not_fit_the_protocol_is_refused_and_the_rest_is_published() {
    let host = VirtualHost::new("unfit");
    let broker = host.broker();
    within(broker.check()).await.unwrap();
    let (_connection, channel) = host.client().await;
    listener(&channel, "listener", "#").await;
    let mut batch = events(0..3);
    batch[1].id = "x".repeat(256);
    let answers = within(broker.publisher().publish(&batch)).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(
        matches!(answers[1], Err(QueueError::Misfit(_))),
        "{:?}",
        answers[1]
    );
}

/// A method frame of the class `connection` on channel 0.
fn connection_frame(method: u8, arguments: &[u8]) -> Vec<u8> {
    let mut payload = vec![0, 10, 0, method];
    payload.extend_from_slice(arguments);
    let length = u8::try_from(payload.len()).unwrap();
    let mut frame = vec![1, 0, 0, 0, 0, 0, length];
    frame.append(&mut payload);
    frame.push(0xCE);
    frame
}

#[tokio::test]
async fn while_the_broker_blocks_publishers_events_fail_at_once_and_the_connection_is_kept() {
    const BLOCKED: u8 = 60;
    const UNBLOCKED: u8 = 61;
    let host = VirtualHost::new("blocked");
    within(host.broker().check()).await.unwrap();
    let proxy = Proxy::start(host.broker_address().parse().unwrap()).await;
    let address = format!("amqp://guest:guest@{}/{}", proxy.address, host.name);
    let through = broker(settings(&address));
    let publisher = through.publisher();
    within(publisher.submit(event("e-1"))).await.unwrap();

    proxy.say(connection_frame(BLOCKED, b"\x0dlow on memory"));
    eventually("the block is shown", || async {
        through.status().publisher.blocked.as_deref() == Some("low on memory")
    })
    .await;
    let error = within(publisher.submit(event("e-2"))).await.unwrap_err();
    assert!(error.to_string().contains("blocks publishers"), "{error}");

    proxy.say(connection_frame(UNBLOCKED, b""));
    eventually("events are taken again", || async {
        publisher.submit(event("e-2")).await.is_ok()
    })
    .await;
    let status = through.status().publisher;
    assert_eq!((status.blocked, status.reconnects), (None, 0));
}
