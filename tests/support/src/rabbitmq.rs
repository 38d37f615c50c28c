//! A virtual host of one test at the RabbitMQ broker, and a client of the feeds' side.
//!
//! `BONDHUB_TEST_AMQP_URL` names the broker, without a virtual host (default
//! `amqp://guest:guest@127.0.0.1:5672`); it must be on this machine, and the tests run as a user who
//! may call `rabbitmqctl`.

use std::{process::Command, sync::Arc};

use anyhow::{Context, Result};
use lapin::{
    BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind,
    options::{
        BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
        QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    },
    types::FieldTable,
};

use crate::command::run;

/// What is bound to the hub's exchange: its own events are `mandatory`, somebody must listen.
const LISTENER: &str = "test.listener";

/// The virtual host; deleted with this.
#[derive(Debug)]
pub struct VirtualHost {
    server: String,
    name: String,
}

impl VirtualHost {
    /// An empty virtual host. `unique` is a name no other test has.
    pub fn create(unique: &str) -> Result<Self> {
        let server = std::env::var("BONDHUB_TEST_AMQP_URL")
            .unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672".to_owned());
        let host = Self {
            server: server.trim_end_matches('/').to_owned(),
            name: format!("bondhub-test-{unique}"),
        };
        control(&["add_vhost", &host.name])?;
        let user = host.user().context("the broker's URL names no user")?;
        control(&["set_permissions", "-p", &host.name, &user, ".*", ".*", ".*"])?;
        Ok(host)
    }

    /// `amqp://…/NAME`.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Closes every connection to this virtual host.
    pub fn close_connections(&self) -> Result<()> {
        control(&["close_all_connections", "--vhost", &self.name, "a test"])
    }

    fn user(&self) -> Option<String> {
        let (_, rest) = self.server.split_once("://")?;
        let (account, _) = rest.split_once('@')?;
        Some(account.split(':').next()?.to_owned())
    }
}

impl Drop for VirtualHost {
    fn drop(&mut self) {
        // A test that failed tells why itself; a host left behind is no further failure.
        drop(control(&["delete_vhost", &self.name]));
    }
}

fn control(arguments: &[&str]) -> Result<()> {
    let mut command = Command::new("rabbitmqctl");
    command.arg("-q").args(arguments);
    run(&mut command, b"")?.checked().map(drop)
}

/// A feed that publishes to the hub, and listens to the hub's own events.
#[derive(Clone)]
pub struct Feed {
    channel: Channel,
    _connection: Arc<Connection>,
}

impl Feed {
    /// Connects, and binds a listener to the hub's exchange.
    pub async fn connect(host: &VirtualHost) -> Result<Self> {
        let connection = Connection::connect(&host.url(), ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        channel
            .confirm_select(ConfirmSelectOptions::default())
            .await?;
        let feed = Self {
            channel,
            _connection: Arc::new(connection),
        };
        feed.listen().await?;
        Ok(feed)
    }

    async fn listen(&self) -> Result<()> {
        let durable = ExchangeDeclareOptions {
            durable: true,
            ..Default::default()
        };
        let table = FieldTable::default;
        let declared =
            self.channel
                .exchange_declare("bondhub".into(), ExchangeKind::Topic, durable, table());
        declared.await?;
        let durable = QueueDeclareOptions {
            durable: true,
            ..Default::default()
        };
        let queue = self
            .channel
            .queue_declare(LISTENER.into(), durable, table());
        queue.await?;
        let bound = self.channel.queue_bind(
            LISTENER.into(),
            "bondhub".into(),
            "#".into(),
            QueueBindOptions::default(),
            table(),
        );
        Ok(bound.await?)
    }

    /// Publishes bytes to the feeds' exchange, and waits until the broker has them.
    pub async fn publish(&self, routing_key: &str, body: &[u8]) -> Result<()> {
        let properties = BasicProperties::default()
            .with_content_type("application/cloudevents+json".into())
            .with_delivery_mode(2);
        let published = self.channel.basic_publish(
            "procurement".into(),
            routing_key.into(),
            BasicPublishOptions {
                mandatory: true,
                ..Default::default()
            },
            body,
            properties,
        );
        let confirmation = published.await?.await?;
        let routed = confirmation.is_ack() && confirmation.take_message().is_none();
        anyhow::ensure!(routed, "the broker did not take the event");
        Ok(())
    }

    /// The hub's own events that were published since the last time.
    pub async fn heard(&self) -> Result<Vec<Vec<u8>>> {
        let mut heard = Vec::new();
        let options = BasicGetOptions { no_ack: true };
        while let Some(message) = self.channel.basic_get(LISTENER.into(), options).await? {
            heard.push(message.delivery.data);
        }
        Ok(heard)
    }

    /// Deletes a queue, as an operator who errs does.
    pub async fn delete_queue(&self, name: &str) -> Result<()> {
        let deleted = self
            .channel
            .queue_delete(name.into(), QueueDeleteOptions::default());
        deleted.await?;
        Ok(())
    }
}
