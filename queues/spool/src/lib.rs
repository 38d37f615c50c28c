//! The embedded queue: a directory (CONTRACT §3).
//!
//! A file that is written elsewhere and renamed into `new/` is an order to take it. Its deliveries
//! go to the hub in order; when the last of them is acknowledged the file moves to `done/`. Until then
//! it stays in `new/`, so that whatever is killed at whatever moment, the worst is that its events
//! come again, which are duplicates for the hub. What the hub publishes is appended to a file of
//! JSON Lines.

#![warn(missing_docs)]

mod file;
mod holds;
mod intake;
mod journal;
mod layout;
mod pieces;
mod receipt;
mod spool;
mod submission;

pub use intake::{FILE_HEADER, SpoolIntake};
pub use spool::{Settings, Spool, SpoolPublisher};
