//! Times ahead of the hub's clock.

use bondhub_core::{calendar::Timestamp, event::Rejection};

/// Clocks differ a little. What is dated later than that would win over everything that follows, and for good.
pub fn is_ahead(time: Timestamp, now: Timestamp) -> bool {
    time > now + chrono::TimeDelta::minutes(5)
}

/// Refuses what is dated later than now.
pub fn too_early(pointer: &str) -> Rejection {
    let member = pointer.rsplit('/').next().unwrap_or_default();
    Rejection::at(pointer, format!("`{member}` is in the future"))
}
