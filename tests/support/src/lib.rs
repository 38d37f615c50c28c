//! Counterparts of the hub, for tests, demo checks and benchmarks.
//!
//! * [`openpgp`]: a party that receives sealed mail, on sequoia.
//! * [`gnupg`] and [`rnp`]: the same with the programs that real parties use.
//! * [`python`]: its `email` package, as another reader of mails.
//! * [`postgres`] and [`rabbitmq`]: a database and a virtual host of a test's own.
//! * [`smtp_sink`]: a mail server that keeps what it gets, and breaks down where it is told to.
//!
//! Nothing of the hub itself is used here: what the hub writes is read by somebody else's eyes.
#![warn(missing_docs)]

pub mod command;
pub mod gnupg;
pub mod mail;
pub mod openpgp;
pub mod postgres;
pub mod python;
pub mod rabbitmq;
pub mod rnp;
pub mod smtp_sink;
