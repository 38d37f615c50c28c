//! Stories through the front door: events come in by a queue, mails arrive at a mail server.
//!
//! Each story is told on {SQLite, PostgreSQL} × {spool, RabbitMQ}.
//!
//! | file | told |
//! |---|---|
//! | `flows` | both business flows, F01 and F02, from the announcement to the release |
//! | `duplicates` | the same events again change nothing, and nothing is sent twice |
//! | `order` | events in reverse order end the same |
//! | `harness` | the hub and everything around it |

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

mod duplicates;
mod flows;
mod harness;
mod order;
