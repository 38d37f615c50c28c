//! Instants as sequoia has them, and back.

use std::time::SystemTime;

use bondhub_core::calendar::Timestamp;

/// The instant as sequoia takes it.
pub(crate) fn system_time(instant: Timestamp) -> SystemTime {
    SystemTime::from(instant)
}

/// The instant as the hub has it.
pub(crate) fn timestamp(instant: SystemTime) -> Timestamp {
    Timestamp::from(instant)
}
