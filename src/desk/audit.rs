//! Who acts at the desk, and how that is told (R70).

use bondhub_core::audit::{Act, Actor, AuditEntry};

use super::Desk;

impl Desk {
    /// The same desk, for somebody else: what is done at it is told as done by `actor`.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }

    /// An entry of the audit log: who acts here did `act`, now, on `subject`.
    pub fn told(&self, act: Act, subject: impl Into<String>) -> AuditEntry {
        AuditEntry::new(self.clock.now(), self.actor.clone(), act, subject)
    }
}
