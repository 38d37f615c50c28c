//! The store on PostgreSQL: what every store must do, and what only this one has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cancelled;
mod database;
mod encryption;
mod schema;
mod tampering;
mod upgrade;

use std::sync::Arc;

use bondhub_store::conformance::Database;
use database::Scratch;

async fn create() -> Arc<dyn Database> {
    Arc::new(Scratch::create().await)
}

bondhub_store::conformance_suite!(create);
