//! The queue on RabbitMQ (AMQP 0-9-1).
//!
//! [`Broker`] hands out the two ends of the queue: an [`AmqpIntake`] with a connection for
//! consuming, and an [`AmqpPublisher`] with a connection for publishing. Two connections, because a
//! broker that blocks publishers (memory, disk) must not stop acknowledgements.
//!
//! Each connection is owned by one task, which never repairs: any error, and any end of a consumer
//! that was not asked for, throws away everything of that connection and builds topology, quality of
//! service, confirm mode and consumers anew, for as long as it takes. `lapin`'s own recovery stays
//! off, because it leaves a dead consumer behind when a queue is deleted.

#![warn(missing_docs)]

mod backoff;
mod board;
mod broker;
mod connection;
mod consumption;
mod fault;
mod headers;
mod intake;
mod publisher;
mod request;
mod settings;
pub mod topology;
mod window;

pub use board::{BrokerStatus, LinkStatus};
pub use broker::Broker;
pub use intake::AmqpIntake;
pub use publisher::AmqpPublisher;
pub use settings::{BrokerUrl, Settings, UrlError};
