//! Who acts at the desk, how that is told, and reading the audit log out (R70, R72).

use bondhub_core::{
    audit::{Act, Actor, AuditEntry, Head},
    calendar::Timestamp,
};
use serde_json::json;

use super::{Desk, DeskError};
use crate::audit::{self, ExportFailure, Pour, Range};

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

    /// Writes a run of the audit log, and tells that it was read out; also if whoever reads goes away before its end.
    pub async fn export_audit(&self, range: Range, to: &mut impl Pour) -> Result<Head, DeskError> {
        let exported = audit::export(self.store.as_ref(), range, to).await;
        let up_to = match &exported {
            Ok(head) => json!(head.sequence),
            Err(ExportFailure::Written(_)) => json!("cut off"),
            Err(ExportFailure::Store(_)) => return Ok(exported?),
        };
        let told = self
            .told(Act::AuditExported, "audit")
            .with("from", json!(range.from))
            .with("to", json!(range.to))
            .with("with_details", range.with_details)
            .with("up_to", up_to);
        self.store.record(&[told]).await?;
        Ok(exported?)
    }

    /// Removes what is kept beside entries older than `before` (R72).
    pub async fn purge_audit(&self, before: Timestamp) -> Result<u64, DeskError> {
        let told = self
            .told(Act::DetailsPurged, "audit")
            .with("before", json!(before));
        Ok(self.store.purge_details(before, &told).await?)
    }
}
