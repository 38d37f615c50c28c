//! Nothing is lost, and nothing is silently done twice, whatever breaks (DESIGN §2; docs/faults.md).
//!
//! | file | what breaks |
//! |---|---|
//! | `ending` | the process ends right after a step of the path: killed, or told to stop |
//! | `matrix` | … at every step, on both databases and both queues |
//! | `neighbours` | the mail server, the database or the broker |
//! | `load` | the events that are under way meanwhile, and what they must lead to |
//!
//! The hub ends itself at a named step, for which only builds with debug assertions listen.

#![cfg(debug_assertions)]
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that panics has failed"
)]

#[path = "../it"]
mod it {
    #[expect(dead_code, reason = "the stories use what these tests do not")]
    pub(crate) mod harness;
}

mod ending;
mod load;
mod matrix;
mod neighbours;

use it::harness;
