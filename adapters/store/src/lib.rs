//! Rows, conversions and the conformance suite that both stores share.
//!
//! A query both databases understand is one file in `queries/`; each store crate checks it against
//! its own database when it is compiled. What comes back is one of [`rows`], which turns into the
//! core's types here, once. `conformance` says what every method of the ports means.
#![warn(missing_docs)]

pub mod coming;
pub mod commit;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod embargo;
pub mod failure;
pub mod inquiry;
mod instant;
pub mod ledger;
pub mod outcome;
pub mod rows;
pub mod schema;
pub mod text;

pub use failure::Failure;
pub use instant::Instant;
pub use schema::SchemaError;

use bondhub_core::ports::store::rows_at_most;

/// How many rows a list has at most, as databases count.
pub fn limit_of(limit: u32) -> i64 {
    i64::from(rows_at_most(limit))
}
