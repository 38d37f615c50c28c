//! JSON Schemas of the whole events, made from the wire types.

use std::collections::BTreeMap;

use bondhub_core::event::TYPE_PREFIX;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::wire;

/// The JSON Schema (draft 2020-12) of each event type this crate reads, by the type after `jp.bondhub.`.
pub fn schemas() -> BTreeMap<&'static str, Value> {
    [
        event::<wire::Concluded>("contract.concluded", "A contract was concluded"),
        event::<wire::Changed>(
            "contract.changed",
            "A contract's price or period was changed",
        ),
        event::<wire::Ended>("contract.completed", "The works were inspected and paid"),
        event::<wire::Ended>("contract.terminated", "A contract ended early"),
    ]
    .into()
}

/// The envelope's schema around the schema of the data.
fn event<T: JsonSchema>(kind: &'static str, title: &str) -> (&'static str, Value) {
    let settings = SchemaSettings::draft2020_12().for_deserialize();
    let mut data = settings.into_generator().into_root_schema_for::<T>();
    let dialect = data.remove("$schema");
    let definitions = data.remove("$defs").unwrap_or_else(|| json!({}));
    let schema = json!({
        "$schema": dialect,
        "title": title,
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "subject", "data"],
        "properties": members(kind, &data.to_value()),
        "$defs": definitions,
    });
    (kind, schema)
}

fn members(kind: &str, data: &Value) -> Value {
    json!({
        "specversion": {"type": "string", "pattern": r"^1\."},
        "id": {"type": "string", "minLength": 1, "maxLength": 200,
            "description": "With `source` the event's identity: the same pair again changes nothing."},
        "source": {"type": "string", "format": "uri-reference", "minLength": 1, "maxLength": 200,
            "description": "Who says so."},
        "type": {"const": format!("{TYPE_PREFIX}{kind}")},
        "time": {"type": "string", "format": "date-time",
            "description": "Business time: when it happened at the source."},
        "subject": {"type": "string", "minLength": 1, "maxLength": 200,
            "description": "The procurement id."},
        "sequence": {"type": ["string", "integer"], "pattern": "^-?[0-9]+$",
            "description": "Breaks ties of `time`."},
        "datacontenttype": {"type": "string"},
        "data": data,
    })
}
