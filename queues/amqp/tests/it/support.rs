//! A virtual host for each test, made and deleted with `rabbitmqctl`, and small helpers.
//!
//! `BONDHUB_TEST_AMQP_URL` names the broker (default `amqp://guest:guest@127.0.0.1:5672`). It must be
//! local, and the tests must run as a user who may call `rabbitmqctl`.

use std::{
    future::Future,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use bondhub_amqp::{AmqpIntake, Broker, BrokerUrl, Settings};
use bondhub_core::{
    calendar::Timestamp,
    ports::{
        Clock, Randomness, RandomnessError,
        queue::{Delivery, Intake, Outgoing},
    },
};
use chrono::DateTime;
use lapin::{Channel, Connection, ConnectionProperties, types::FieldTable};
use serde_json::json;
use tokio::time::{sleep, timeout};

/// Longer than anything takes on a busy machine; no test waits so long when it passes.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);

pub(crate) struct VirtualHost {
    pub(crate) name: String,
    address: String,
}

impl VirtualHost {
    pub(crate) fn new(test: &str) -> Self {
        let name = format!("bondhub-test-{test}-{}", std::process::id());
        let url = std::env::var("BONDHUB_TEST_AMQP_URL")
            .unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672".to_owned());
        let user = BrokerUrl::parse(&url).unwrap().user().to_owned();
        control(&["add_vhost", &name]);
        let host = Self {
            name,
            address: url.trim_end_matches('/').to_owned(),
        };
        control(&["set_permissions", "-p", &host.name, &user, ".*", ".*", ".*"]);
        host
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/{}", self.address, self.name)
    }

    /// Host and port of the broker.
    pub(crate) fn broker_address(&self) -> &str {
        let after_user = self.address.rsplit(['@', '/']).next();
        after_user.expect("an address has a host")
    }

    pub(crate) fn settings(&self) -> Settings {
        settings(&self.url())
    }

    pub(crate) fn broker(&self) -> Broker {
        broker(self.settings())
    }

    pub(crate) fn close_all_connections(&self) {
        control(&["close_all_connections", "--vhost", &self.name, "a test"]);
    }

    /// A client of its own, for what the hub does not do itself.
    pub(crate) async fn client(&self) -> (Connection, Channel) {
        let properties = ConnectionProperties::default();
        let connection = Connection::connect(&self.url(), properties).await.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }
}

impl Drop for VirtualHost {
    fn drop(&mut self) {
        let deleted = Command::new("rabbitmqctl")
            .args(["-q", "delete_vhost", &self.name])
            .status();
        if !deleted.is_ok_and(|status| status.success()) {
            eprintln!("the virtual host {} is left behind", self.name);
        }
    }
}

/// Runs `rabbitmqctl`, which needs the broker on this machine and the rights of its user (or root).
pub(crate) fn control(arguments: &[&str]) {
    let output = Command::new("rabbitmqctl")
        .arg("-q")
        .args(arguments)
        .output()
        .expect("these tests need `rabbitmqctl`: install RabbitMQ here and run them as root");
    assert!(
        output.status.success(),
        "these tests must be allowed to run `rabbitmqctl {}`: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
}

pub(crate) fn settings(url: &str) -> Settings {
    Settings::new(BrokerUrl::parse(url).unwrap())
}

pub(crate) fn broker(settings: Settings) -> Broker {
    Broker::new(settings, Arc::new(Ticks::default()), Arc::new(Steady))
}

/// A clock that goes on by a second whenever it is read.
#[derive(Default)]
struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp(self.0.fetch_add(1, Ordering::Relaxed), 0).unwrap()
    }
}

struct Steady;

impl Randomness for Steady {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(7);
        Ok(())
    }
}

pub(crate) fn event(id: &str) -> Outgoing {
    Outgoing {
        kind: "contract.changed".to_owned(),
        id: id.to_owned(),
        content_type: "application/cloudevents+json".to_owned(),
        body: json!({ "id": id }),
    }
}

pub(crate) fn events(range: std::ops::Range<usize>) -> Vec<Outgoing> {
    range.map(|number| event(&format!("e-{number}"))).collect()
}

pub(crate) fn id_of(delivery: &Delivery) -> String {
    id_in(&delivery.arrival.body)
}

pub(crate) fn id_in(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn next(intake: &mut AmqpIntake) -> Delivery {
    within(intake.next()).await.unwrap().expect("a delivery")
}

/// Acknowledges deliveries until `count` different events came; how often each came is returned.
pub(crate) async fn drain(
    intake: &mut AmqpIntake,
    count: usize,
) -> std::collections::BTreeMap<String, usize> {
    let mut seen = std::collections::BTreeMap::new();
    while seen.len() < count {
        let delivery = next(intake).await;
        *seen.entry(id_of(&delivery)).or_insert(0) += 1;
        delivery.receipt.acknowledge().await;
    }
    seen
}

pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    timeout(LIMIT, work).await.expect("it took too long")
}

/// Asks until it is so.
pub(crate) async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let asking = async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, asking)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

/// Messages ready in a queue, by a passive declaration.
pub(crate) async fn ready(channel: &Channel, queue: &str) -> u32 {
    let options = lapin::options::QueueDeclareOptions {
        passive: true,
        ..Default::default()
    };
    let declared = channel.queue_declare(queue.into(), options, FieldTable::default());
    declared.await.unwrap().message_count()
}
