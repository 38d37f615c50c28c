//! What a relay sends with.

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    ports::store::{LeasedItem, Verdict},
};

/// Sends rows and says what became of each.
#[async_trait]
pub trait Courier: Send + Sync {
    /// One verdict for each row, in order.
    async fn deliver(&self, items: &[LeasedItem], now: Timestamp) -> Vec<Verdict>;
}
