//! The store on PostgreSQL.
//!
//! A commit is one transaction with one statement per table that has rows: rows travel as arrays
//! that `unnest` turns back into rows, so a batch of 64 events costs as many round trips as one.
//! Commits share an advisory lock that changes of parties take alone: a commit can tell whether the
//! parties it decided with are still the ones that are stored.
#![warn(missing_docs)]

mod accounts;
mod audit;
mod cases;
mod coming;
mod connection;
mod embargo;
mod enrolments;
mod exposure;
mod inbox;
mod inquiry;
mod ledger;
mod looks;
mod outbox;
mod papers;
mod parties;
mod queue;
mod readings;
mod sign_ins;
mod transaction;
mod vault;
mod writing;

pub use connection::{PostgresSettings, PostgresStore};
