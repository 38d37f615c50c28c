//! What comes in: the CloudEvents 1.0 envelope (CONTRACT §1), and why something is set aside.

pub(crate) mod distinct;
mod withheld;

use std::{collections::BTreeMap, fmt};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{calendar::Timestamp, identifier::ProcurementId};

pub use withheld::{WITHHELD, bids_are_open, restore, shown};

/// What the types of native events begin with.
pub const TYPE_PREFIX: &str = "jp.bondhub.";

/// Bytes as a queue, an HTTP request or the command line delivered them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrival {
    /// The content type, where the transport named one.
    pub content_type: Option<String>,
    /// Headers as text, names as they came (binary mode: `cloudEvents:id`, `cloudEvents_id`, `ce-id`).
    pub headers: BTreeMap<String, String>,
    /// The payload.
    pub body: Vec<u8>,
}

/// An event's identity: the same pair again changes nothing (CONTRACT §1).
///
/// Ordered by `id`, then `source`: the last tie-breaker between facts of one instant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventIdentity {
    /// The event's id at its source.
    pub id: String,
    /// Who says so.
    pub source: String,
}

impl fmt::Display for EventIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}#{}", self.source, self.id)
    }
}

/// When a fact happened, and how facts of one instant are ordered (CONTRACT §1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    /// Business time at the source.
    #[serde(rename = "t")]
    pub time: Timestamp,
    /// The source's own count; 0 where it gave none.
    #[serde(rename = "s", default, skip_serializing_if = "is_zero")]
    pub sequence: i64,
    /// The event that taught it.
    #[serde(rename = "e")]
    pub event: EventIdentity,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// An event in the hub's own shape, whatever transport and mode it came by.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// `id` and `source`.
    pub identity: EventIdentity,
    /// The type without [`TYPE_PREFIX`], e.g. `contract.changed`.
    pub kind: String,
    /// Business time.
    pub time: Timestamp,
    /// The `sequence` extension, or 0.
    pub sequence: i64,
    /// The procurement it is about; none for documents that are not about one case.
    pub subject: Option<ProcurementId>,
    /// The payload.
    pub data: Value,
}

impl Envelope {
    /// When and by what the facts of this event are stamped.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            time: self.time,
            sequence: self.sequence,
            event: self.identity.clone(),
        }
    }

    /// SHA-256 over the canonical content (RFC 8785): equal for equal content, whatever the transport.
    pub fn digest(&self) -> String {
        let content = serde_json::json!({
            "type": self.kind,
            "time": self.time,
            "sequence": self.sequence,
            "subject": self.subject,
            "data": self.data,
        });
        hex_digest(&serde_json_canonicalizer::to_vec(&content).unwrap_or_default())
    }

    /// The event in structured mode, as it is kept and can be sent again.
    pub fn to_json(&self) -> Value {
        let mut event = Map::new();
        event.insert("specversion".into(), "1.0".into());
        event.insert("id".into(), self.identity.id.clone().into());
        event.insert("source".into(), self.identity.source.clone().into());
        event.insert("type".into(), format!("{TYPE_PREFIX}{}", self.kind).into());
        event.insert("time".into(), self.time.to_rfc3339().into());
        if self.sequence != 0 {
            event.insert("sequence".into(), self.sequence.to_string().into());
        }
        if let Some(subject) = &self.subject {
            event.insert("subject".into(), subject.as_str().into());
        }
        event.insert("datacontenttype".into(), "application/json".into());
        event.insert("data".into(), self.data.clone());
        Value::Object(event)
    }
}

/// Lower-case hexadecimal SHA-256.
pub fn hex_digest(bytes: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _infallible = write!(text, "{byte:02x}");
            text
        })
}

/// Why something was set aside (R35): a class for machines, a place, and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// The class.
    pub reason: Reason,
    /// Where in the document (RFC 6901), if it is one place; empty is the whole document.
    pub pointer: Option<String>,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// The classes of rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The bytes are not JSON.
    NotJson,
    /// More bytes than the hub takes.
    TooLarge,
    /// JSON, but neither a CloudEvent nor a document that a feed knows.
    NotAnEvent,
    /// A CloudEvent of a type no feed knows.
    UnknownType,
    /// A member is missing, of the wrong type or out of range.
    Invalid,
    /// The identity is known with other content (R34).
    Conflict,
    /// A signature, certificate or signer that is not acceptable (R5).
    Signature,
    /// Understood and signed, but not allowed: a number that exists, a bond of another case.
    NotAllowed,
    /// The hub failed on this message alone; the message is the error.
    Poison,
}

impl Reason {
    /// The class as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::TooLarge => "too_large",
            Self::NotAnEvent => "not_an_event",
            Self::UnknownType => "unknown_type",
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Signature => "signature",
            Self::NotAllowed => "not_allowed",
            Self::Poison => "poison",
        }
    }
}

impl Rejection {
    /// A rejection of the document as a whole.
    pub fn whole(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            pointer: None,
            message: message.into(),
        }
    }

    /// A rejection that points at one place.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            reason: Reason::Invalid,
            pointer: Some(pointer.into()),
            message: message.into(),
        }
    }
}

/// Parses bytes as JSON of any shape, with a size limit. A second member of one name is refused: other programs may have taken the first.
pub fn parse_json(bytes: &[u8], limit: usize) -> Result<Value, Rejection> {
    if bytes.len() > limit {
        let message = format!("{} bytes, at most {limit} are taken", bytes.len());
        return Err(Rejection::whole(Reason::TooLarge, message));
    }
    distinct::parse(bytes)
        .map_err(|error| Rejection::whole(Reason::NotJson, format!("not JSON: {error}")))
}

/// Reads one CloudEvent in structured mode.
pub fn read_structured(event: Value) -> Result<Envelope, Rejection> {
    let Value::Object(mut event) = event else {
        return Err(Rejection::whole(
            Reason::NotAnEvent,
            "a CloudEvent is a JSON object",
        ));
    };
    let data = event.remove("data").unwrap_or(Value::Null);
    let attribute = |name: &str| match event.get(name) {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) if name == "sequence" => Ok(Some(number.to_string())),
        None | Some(Value::Null) => Ok(None),
        Some(_) => Err(Rejection::at(
            format!("/{name}"),
            format!("`{name}` is not a text"),
        )),
    };
    envelope(attribute, data)
}

/// Reads one CloudEvent in binary mode: attributes in headers, data in the body.
///
/// Header names may begin with `cloudEvents:`, `cloudEvents_` or `ce-`, in any case.
pub fn read_binary(headers: &BTreeMap<String, String>, data: Value) -> Result<Envelope, Rejection> {
    let attributes: BTreeMap<String, &String> = headers
        .iter()
        .filter_map(|(name, value)| Some((attribute_name(name)?, value)))
        .collect();
    envelope(
        |name| Ok(attributes.get(name).map(|value| (*value).clone())),
        data,
    )
}

/// An event in binary mode as one in structured mode, whatever is in it: what is no JSON becomes `data_base64`.
pub fn as_structured(headers: &BTreeMap<String, String>, body: &[u8]) -> Value {
    let attributes = headers
        .iter()
        .filter_map(|(name, value)| Some((attribute_name(name)?, value.clone().into())));
    let mut event: Map<String, Value> = attributes.collect();
    match serde_json::from_slice(body) {
        Ok(data) => event.insert("data".to_owned(), data),
        Err(_) => event.insert("data_base64".to_owned(), STANDARD.encode(body).into()),
    };
    Value::Object(event)
}

/// Whether the headers carry a CloudEvent in binary mode.
pub fn is_binary(headers: &BTreeMap<String, String>) -> bool {
    headers
        .keys()
        .any(|name| attribute_name(name).as_deref() == Some("specversion"))
}

fn attribute_name(header: &str) -> Option<String> {
    let name = header.to_ascii_lowercase();
    ["cloudevents:", "cloudevents_", "ce-"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix).map(str::to_owned))
}

fn envelope(
    attribute: impl Fn(&str) -> Result<Option<String>, Rejection>,
    data: Value,
) -> Result<Envelope, Rejection> {
    let required = |name: &str| {
        attribute(name)?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| Rejection::at(format!("/{name}"), format!("`{name}` is missing")))
    };
    let version = required("specversion")?;
    if !version.starts_with("1.") {
        return Err(Rejection::at(
            "/specversion",
            format!("CloudEvents {version}; 1.0 is read"),
        ));
    }
    let identity = EventIdentity {
        id: bounded("id", &required("id")?)?,
        source: bounded("source", &required("source")?)?,
    };
    Ok(Envelope {
        identity,
        kind: read_kind(&required("type")?)?,
        time: read_time("/time", &required("time")?)?,
        sequence: read_sequence(attribute("sequence")?)?,
        subject: read_subject(attribute("subject")?)?,
        data,
    })
}

fn bounded(name: &str, text: &str) -> Result<String, Rejection> {
    match crate::identifier::check(text) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(Rejection::at(
            format!("/{name}"),
            format!("`{name}` {error}"),
        )),
    }
}

fn read_kind(text: &str) -> Result<String, Rejection> {
    text.strip_prefix(TYPE_PREFIX)
        .map(str::to_owned)
        .ok_or_else(|| Rejection {
            reason: Reason::UnknownType,
            pointer: Some("/type".into()),
            message: format!(
                "the type `{}` does not begin with `{TYPE_PREFIX}`",
                shortened(text)
            ),
        })
}

fn read_sequence(text: Option<String>) -> Result<i64, Rejection> {
    text.map_or(Ok(0), |text| {
        text.parse()
            .map_err(|_| Rejection::at("/sequence", "`sequence` is not an integer"))
    })
}

fn read_subject(text: Option<String>) -> Result<Option<ProcurementId>, Rejection> {
    text.map(|text| {
        ProcurementId::parse(&text)
            .map_err(|error| Rejection::at("/subject", format!("the procurement id {error}")))
    })
    .transpose()
}

/// Reads an RFC 3339 instant with an offset, cut to microseconds.
pub fn read_time(pointer: &str, text: &str) -> Result<Timestamp, Rejection> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc).trunc_subsecs(6))
        .map_err(|_| {
            let text = shortened(text);
            Rejection::at(
                pointer,
                format!("`{text}` is not an RFC 3339 time with an offset"),
            )
        })
}

pub(crate) fn shortened(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(80)
        .collect()
}

/// Reads `data` into a wire type; the rejection points at the member that is wrong.
pub fn read_data<T: serde::de::DeserializeOwned>(data: &Value) -> Result<T, Rejection> {
    serde_path_to_error::deserialize(data).map_err(|error| {
        let pointer = format!("/data{}", pointer_to(error.path()));
        let message = shortened_message(&error.into_inner().to_string());
        about_member(pointer, &message)
    })
}

/// Completes what serde and the identifier types leave to the pointer: people look for the member.
fn about_member(pointer: String, message: &str) -> Rejection {
    if let Some(member) = missing_member(message) {
        return Rejection::at(
            format!("{pointer}/{member}"),
            format!("`{member}` is missing"),
        );
    }
    let member = pointer.rsplit('/').next().unwrap_or_default();
    if message.starts_with("is ") || message.starts_with("contains ") {
        let sentence = format!("`{member}` {message}");
        return Rejection::at(pointer, sentence);
    }
    Rejection::at(pointer, message)
}

fn missing_member(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

fn shortened_message(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(300)
        .collect()
}

fn pointer_to(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { variant } => Some(format!("/{variant}")),
            Segment::Unknown => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
