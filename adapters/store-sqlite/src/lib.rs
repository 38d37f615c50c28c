//! The store on SQLite, the embedded default: one file, no server.
//!
//! SQLite has one writer at a time. So there is one connection that writes, whose transactions begin
//! as writers (a reader that turns writer cannot wait for its turn), and some that read a snapshot
//! beside it (WAL). What is committed is on the disk (`synchronous = FULL`).
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

pub use connection::SqliteStore;
