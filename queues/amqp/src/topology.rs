//! What the hub declares at the broker (CONTRACT §2): one table, and the code that declares it.

use std::{collections::BTreeMap, time::Duration};

use lapin::{
    Channel, Connection, ExchangeKind,
    options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable, ShortString},
};

use crate::{
    connection::within,
    fault::{Fault, Refusal, refusal},
};

/// Where feeds publish to.
pub const FEED_EXCHANGE: &str = "procurement";
/// Where the hub publishes its own events to.
pub const OWN_EXCHANGE: &str = "bondhub";
/// What the hub consumes.
pub const EVENT_QUEUE: &str = "bondhub.events";
/// Exchange and queue of the dead letters.
pub const DEAD_LETTERS: &str = "bondhub.dead";
/// How often a delivery is tried before it goes to the dead letters.
///
/// Only a delivery that the hub never got to commit counts: one that kills the process, say. All
/// deliveries a dying hub holds gain a count together, so it is not small.
pub const DELIVERY_LIMIT: u16 = 20;

/// An exchange: always durable, never deleted by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// How it routes.
    pub kind: Routing,
}

/// How an exchange routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// By a pattern over the routing key.
    Topic,
    /// To everything that is bound.
    Fanout,
}

impl Routing {
    fn kind(self) -> ExchangeKind {
        match self {
            Self::Topic => ExchangeKind::Topic,
            Self::Fanout => ExchangeKind::Fanout,
        }
    }
}

/// A quorum queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: BTreeMap<&'static str, Argument>,
    /// What it is bound to: exchange and pattern.
    pub binding: Option<(String, String)>,
    /// Whether it holds dead letters.
    pub is_dead_letters: bool,
}

/// An argument of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A text.
    Text(&'static str),
    /// A number.
    Number(u16),
    /// Yes or no.
    Flag(bool),
}

/// All that the hub declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// Declared first.
    pub exchanges: Vec<Exchange>,
    /// Declared and bound second, and all consumed.
    pub queues: Vec<Queue>,
}

impl Topology {
    /// The topology with this many partitions beside the one queue.
    pub fn with_partitions(partitions: u16) -> Self {
        let mut queues = vec![dead_letter_queue(), event_queue()];
        queues.extend((0..partitions).map(partition));
        Self {
            exchanges: vec![
                exchange(FEED_EXCHANGE, Routing::Topic),
                exchange(OWN_EXCHANGE, Routing::Topic),
                exchange(DEAD_LETTERS, Routing::Fanout),
            ],
            queues,
        }
    }
}

fn exchange(name: &str, kind: Routing) -> Exchange {
    Exchange {
        name: name.to_owned(),
        kind,
    }
}

fn dead_letter_queue() -> Queue {
    Queue {
        name: DEAD_LETTERS.to_owned(),
        arguments: BTreeMap::from([("x-queue-type", Argument::Text("quorum"))]),
        binding: Some((DEAD_LETTERS.to_owned(), String::new())),
        is_dead_letters: true,
    }
}

fn event_queue() -> Queue {
    Queue {
        name: EVENT_QUEUE.to_owned(),
        arguments: event_arguments(),
        binding: Some((FEED_EXCHANGE.to_owned(), "#".to_owned())),
        is_dead_letters: false,
    }
}

/// A partition is bound to nothing by the hub: publishers, or an exchange that an operator sets up,
/// choose it by the procurement. One hub at a time consumes it, so that its order holds.
fn partition(number: u16) -> Queue {
    let mut arguments = event_arguments();
    arguments.insert("x-single-active-consumer", Argument::Flag(true));
    Queue {
        name: format!("{EVENT_QUEUE}.{number}"),
        arguments,
        binding: None,
        is_dead_letters: false,
    }
}

/// `at-least-once` needs `reject-publish`; with any other overflow RabbitMQ silently falls back to
/// dead-lettering at most once.
fn event_arguments() -> BTreeMap<&'static str, Argument> {
    BTreeMap::from([
        ("x-queue-type", Argument::Text("quorum")),
        ("x-delivery-limit", Argument::Number(DELIVERY_LIMIT)),
        ("x-dead-letter-exchange", Argument::Text(DEAD_LETTERS)),
        ("x-dead-letter-strategy", Argument::Text("at-least-once")),
        ("x-overflow", Argument::Text("reject-publish")),
    ])
}

impl Queue {
    fn table(&self) -> FieldTable {
        let mut table = FieldTable::default();
        for (name, argument) in &self.arguments {
            table.insert((*name).into(), argument.value());
        }
        table
    }
}

impl Argument {
    fn value(&self) -> AMQPValue {
        match self {
            Self::Text(text) => AMQPValue::LongString((*text).into()),
            Self::Number(number) => AMQPValue::LongInt((*number).into()),
            Self::Flag(flag) => AMQPValue::Boolean(*flag),
        }
    }
}

/// Declares everything, on a channel of its own: a refusal closes the channel.
pub(crate) async fn declare(
    connection: &Connection,
    topology: &Topology,
    limit: Duration,
) -> Result<(), Fault> {
    let channel = within(limit, "opening a channel", connection.create_channel()).await?;
    for exchange in &topology.exchanges {
        declare_exchange(&channel, exchange, limit).await?;
    }
    for queue in &topology.queues {
        declare_queue(&channel, queue, limit).await?;
    }
    within(limit, "closing a channel", channel.close(200, "OK".into())).await
}

async fn declare_exchange(
    channel: &Channel,
    exchange: &Exchange,
    limit: Duration,
) -> Result<(), Fault> {
    let options = ExchangeDeclareOptions {
        durable: true,
        ..ExchangeDeclareOptions::default()
    };
    let name = short(&exchange.name)?;
    let kind = exchange.kind.kind();
    let call = channel.exchange_declare(name, kind, options, FieldTable::default());
    within(limit, "declaring an exchange", call)
        .await
        .map_err(|fault| explained(fault, "exchange", &exchange.name))
}

async fn declare_queue(channel: &Channel, queue: &Queue, limit: Duration) -> Result<(), Fault> {
    let options = QueueDeclareOptions {
        durable: true,
        ..QueueDeclareOptions::default()
    };
    let call = channel.queue_declare(short(&queue.name)?, options, queue.table());
    within(limit, "declaring a queue", call)
        .await
        .map_err(|fault| explained(fault, "queue", &queue.name))?;
    match &queue.binding {
        Some((exchange, pattern)) => bind(channel, queue, exchange, pattern, limit).await,
        None => Ok(()),
    }
}

async fn bind(
    channel: &Channel,
    queue: &Queue,
    exchange: &str,
    pattern: &str,
    limit: Duration,
) -> Result<(), Fault> {
    let call = channel.queue_bind(
        short(&queue.name)?,
        short(exchange)?,
        short(pattern)?,
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    within(limit, "binding a queue", call)
        .await
        .map_err(|fault| explained(fault, "queue", &queue.name))
}

/// A name as the protocol takes it: at most 255 bytes.
pub(crate) fn short(text: &str) -> Result<ShortString, Fault> {
    ShortString::try_new(text).map_err(|_| {
        Fault::Misfit(format!(
            "a name at the broker has at most 255 bytes: {text}"
        ))
    })
}

/// Turns the broker's refusal into a sentence that says what to do.
fn explained(fault: Fault, kind: &str, name: &str) -> Fault {
    let Fault::Down {
        source: Some(error),
        ..
    } = &fault
    else {
        return fault;
    };
    match refusal(error) {
        Some(Refusal::Inequivalent(words)) => Fault::Misfit(format!(
            "the {kind} `{name}` exists at the broker with other settings ({words}): if it is not \
             needed as it is, empty and delete it, and the hub declares it anew"
        )),
        Some(Refusal::Forbidden(words)) => Fault::Misfit(format!(
            "the hub's user may not declare or bind the {kind} `{name}` ({words}): give it the \
             permissions in docs/broker.md"
        )),
        Some(Refusal::Unsupported(words)) => Fault::Misfit(format!(
            "the broker cannot declare the {kind} `{name}` ({words}): RabbitMQ 3.10 or later is needed"
        )),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line for each thing, as `rabbitmqctl list_exchanges` and `list_queues` would show it.
    fn table(topology: &Topology) -> String {
        let exchanges = topology
            .exchanges
            .iter()
            .map(|exchange| format!("exchange {} {:?}", exchange.name, exchange.kind));
        let queues = topology.queues.iter().map(|queue| {
            let (name, arguments) = (&queue.name, &queue.arguments);
            let binding = queue.binding.as_ref();
            format!("queue {name} {arguments:?} bound {binding:?}")
        });
        exchanges.chain(queues).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_topology_is_the_contracts_table() {
        insta::assert_snapshot!(table(&Topology::with_partitions(2)), @r##"
        exchange procurement Topic
        exchange bondhub Topic
        exchange bondhub.dead Fanout
        queue bondhub.dead {"x-queue-type": Text("quorum")} bound Some(("bondhub.dead", ""))
        queue bondhub.events {"x-dead-letter-exchange": Text("bondhub.dead"), "x-dead-letter-strategy": Text("at-least-once"), "x-delivery-limit": Number(20), "x-overflow": Text("reject-publish"), "x-queue-type": Text("quorum")} bound Some(("procurement", "#"))
        queue bondhub.events.0 {"x-dead-letter-exchange": Text("bondhub.dead"), "x-dead-letter-strategy": Text("at-least-once"), "x-delivery-limit": Number(20), "x-overflow": Text("reject-publish"), "x-queue-type": Text("quorum"), "x-single-active-consumer": Flag(true)} bound None
        queue bondhub.events.1 {"x-dead-letter-exchange": Text("bondhub.dead"), "x-dead-letter-strategy": Text("at-least-once"), "x-delivery-limit": Number(20), "x-overflow": Text("reject-publish"), "x-queue-type": Text("quorum"), "x-single-active-consumer": Flag(true)} bound None
        "##);
    }
}
