//! Documents and attachments in an event: `data.document`, and `data.attachments` beside it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{
    attachment::Enclosed,
    calendar::Timestamp,
    event::{Envelope, EventIdentity, Reason, Rejection, hex_digest},
};
use serde_json::{Value, json};

/// The CMS block and the attachments of an event. Each attachment must have the digest it is sent
/// under; whether the digests are those that were signed is another question.
pub(super) fn read(envelope: &Envelope) -> Result<(Vec<u8>, Enclosed), Rejection> {
    let cms = bytes_at(&envelope.data, "document", "/data/document")?;
    let mut enclosed = Enclosed::default();
    let listed = envelope.data.get("attachments");
    let listed = match listed {
        None | Some(Value::Null) => return Ok((cms, enclosed)),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let message = "`attachments` is not a list";
            return Err(Rejection::at("/data/attachments", message));
        }
    };
    for (index, item) in listed.iter().enumerate() {
        let pointer = format!("/data/attachments/{index}");
        let bytes = bytes_at(item, "content", &format!("{pointer}/content"))?;
        let digest = enclosed.add(bytes);
        if item.get("sha256").and_then(Value::as_str) != Some(&digest) {
            let message = format!("`sha256` is not that of `content`, which is {digest}");
            return Err(Rejection::at(format!("{pointer}/sha256"), message));
        }
    }
    Ok((cms, enclosed))
}

fn bytes_at(value: &Value, member: &str, pointer: &str) -> Result<Vec<u8>, Rejection> {
    let text = value.get(member).and_then(Value::as_str);
    let text =
        text.ok_or_else(|| Rejection::at(pointer, format!("`{member}` is missing or not a text")))?;
    let compact: String = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace())
        .collect();
    STANDARD
        .decode(compact)
        .map_err(|_| Rejection::at(pointer, format!("`{member}` is not base 64")))
}

/// Attachments as an event lists them.
pub(super) fn listed(attachments: &Enclosed) -> Value {
    let items = attachments.iter();
    items
        .map(|(sha256, bytes)| json!({"sha256": sha256, "content": STANDARD.encode(bytes)}))
        .collect()
}

/// The event that a document handed over at the desk is.
pub(super) fn envelope(cms: &[u8], attachments: &Enclosed, now: Timestamp) -> Envelope {
    let document = STANDARD.encode(cms);
    let data = if attachments.is_empty() {
        json!({"document": document})
    } else {
        json!({"document": document, "attachments": listed(attachments)})
    };
    Envelope {
        identity: EventIdentity {
            id: hex_digest(cms),
            source: "desk".to_owned(),
        },
        kind: "bond.document".to_owned(),
        time: now,
        sequence: 0,
        subject: None,
        data,
    }
}

/// The event as it is kept.
pub(super) fn body(envelope: &Envelope) -> Vec<u8> {
    serde_json::to_vec(&envelope.to_json()).unwrap_or_default()
}

/// The event as it is kept once its attachments are in the vault.
pub(super) fn without_attachments(envelope: &Envelope) -> Vec<u8> {
    let mut event = envelope.to_json();
    if let Some(data) = event.get_mut("data").and_then(Value::as_object_mut) {
        data.remove("attachments");
    }
    serde_json::to_vec(&event).unwrap_or_default()
}

/// A document that is too large to wait in the inbox.
pub(super) fn cannot_wait() -> Rejection {
    let message = "no signing certificate is registered for this issuer, and the document with its \
                   attachments is too large to wait for one: register the certificate first";
    Rejection::whole(Reason::TooLarge, message)
}
