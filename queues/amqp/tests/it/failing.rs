//! What an operator is told when the broker, or what exists there, does not fit.

use bondhub_amqp::topology::{EVENT_QUEUE, FEED_EXCHANGE};
use bondhub_core::ports::queue::{Intake as _, QueueError, Submit as _};
use lapin::{
    ExchangeKind,
    options::{ExchangeDeclareOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::FieldTable,
};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use super::support::{VirtualHost, broker, control, event, id_of, next, settings, within};

fn misfit<T>(result: Result<T, QueueError>) -> String {
    match result {
        Err(QueueError::Misfit(sentence)) => sentence,
        Err(other) => panic!("not a misfit: {other:?}"),
        Ok(_) => panic!("it fits"),
    }
}

#[tokio::test]
async fn a_queue_of_another_type_is_told_everywhere_and_used_once_it_is_gone() {
    let host = VirtualHost::new("misfit");
    let (_connection, channel) = host.client().await;
    let options = QueueDeclareOptions {
        durable: true,
        ..Default::default()
    };
    let classic = channel.queue_declare(EVENT_QUEUE.into(), options, FieldTable::default());
    classic.await.unwrap();

    let broker = host.broker();
    let mut intake = broker.intake();
    let publisher = broker.publisher();
    for sentence in [
        misfit(within(broker.check()).await),
        misfit(within(intake.next()).await),
        misfit(within(publisher.submit(event("e-1"))).await),
    ] {
        assert!(
            sentence.contains("the queue `bondhub.events` exists"),
            "{sentence}"
        );
        assert!(sentence.contains("delete it"), "{sentence}");
    }

    let deleted = channel.queue_delete(EVENT_QUEUE.into(), QueueDeleteOptions::default());
    deleted.await.unwrap();
    super::support::eventually("the publisher found it mended", || async {
        publisher.submit(event("e-1")).await.is_ok()
    })
    .await;
    let delivery = loop {
        match within(intake.next()).await {
            Ok(delivery) => break delivery.unwrap(),
            Err(error) => drop(misfit::<()>(Err(error))),
        }
    };
    assert_eq!(id_of(&delivery), "e-1");
}

#[tokio::test]
async fn an_exchange_of_another_kind_is_told() {
    let host = VirtualHost::new("exchange");
    let (_connection, channel) = host.client().await;
    let options = ExchangeDeclareOptions::default();
    let (name, kind) = (FEED_EXCHANGE.into(), ExchangeKind::Direct);
    let declared = channel.exchange_declare(name, kind, options, FieldTable::default());
    declared.await.unwrap();
    let sentence = misfit(within(host.broker().check()).await);
    assert!(
        sentence.contains("the exchange `procurement` exists"),
        "{sentence}"
    );
}

#[tokio::test]
async fn least_privileges_suffice_and_without_them_the_missing_one_is_told() {
    let host = VirtualHost::new("privileges");
    let user = format!("{}-user", host.name);
    control(&["add_user", &user, "pw"]);
    let ours = "^(procurement|bondhub(\\..*)?)$";
    let address = format!("amqp://{user}:pw@{}/{}", host.broker_address(), host.name);
    let grant = |configure: &str| {
        control(&[
            "set_permissions",
            "-p",
            &host.name,
            &user,
            configure,
            ours,
            ours,
        ]);
    };

    grant("^$");
    let refused = within(broker(settings(&address)).check()).await;
    grant(ours);
    let broker = broker(settings(&address));
    let mut intake = broker.intake();
    let submitted = within(broker.publisher().submit(event("e-1"))).await;
    let delivery = next(&mut intake).await;
    control(&["delete_user", &user]);

    let sentence = misfit(refused);
    assert!(sentence.contains("user may not declare"), "{sentence}");
    submitted.unwrap();
    assert_eq!(id_of(&delivery), "e-1");
}

#[tokio::test]
async fn a_wrong_password_is_told_without_showing_it() {
    let host = VirtualHost::new("password");
    let address = format!(
        "amqp://guest:s3cret@{}/{}",
        host.broker_address(),
        host.name
    );
    let error = within(broker(settings(&address)).check())
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        shown.contains("ACCESS_REFUSED") && !shown.contains("s3cret"),
        "{shown}"
    );
    assert!(matches!(error, QueueError::Down { .. }));
}

#[tokio::test]
async fn amqps_speaks_tls_and_never_sends_the_password_in_the_clear() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let broker = broker(settings(&format!("amqps://hub:s3cret@127.0.0.1:{port}/v")));
    let _intake = broker.intake();
    let (mut stream, _) = within(listener.accept()).await.unwrap();
    let mut bytes = [0; 2];
    within(stream.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(bytes, [0x16, 0x03], "a TLS handshake record");
}
