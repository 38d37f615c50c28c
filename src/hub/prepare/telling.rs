//! What the audit log is told of what was made: keys and letters.

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    ports::store::{KeyRow, OutboxRow, SigningRequest},
};
use serde_json::json;

use crate::hub::decide::KeyOrder;

/// A key was made; its name is no secret.
pub(super) fn key_issued(order: &KeyOrder, key: &KeyRow) -> AuditEntry {
    let subject = format!("bond:{}", key.bond);
    AuditEntry::new(key.issued_at, Actor::Hub, Act::KeyIssued, subject)
        .with("kid", key.kid.as_str())
        .with("version", key.version)
        .with("edition", key.edition)
        .with("holder", key.holder.as_str())
        .with("role", key.role.as_str())
        .with("because", json!(order.reason))
}

/// A key waits for its issuer's signature.
pub(super) fn key_asked(request: &SigningRequest) -> AuditEntry {
    let subject = format!("bond:{}", request.bond);
    AuditEntry::new(request.requested_at, Actor::Hub, Act::KeyAsked, subject)
        .with("kid", request.kid.as_str())
        .with("version", request.version)
        .with("edition", request.edition)
        .with("holder", request.holder.as_str())
        .with("role", request.role.as_str())
}

/// A letter was made for a party.
pub(super) fn party_told(mail: &OutboxRow) -> AuditEntry {
    let subject = format!("case:{}", mail.procurement);
    AuditEntry::new(mail.created_at, Actor::Hub, Act::PartyTold, subject)
        .with("letter", mail.name.as_str())
        .with("to", json!(mail.recipient))
        .with("mail", mail.id.to_string())
        .with("encrypted_to", json!(mail.encrypted_to))
}
