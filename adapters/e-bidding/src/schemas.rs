//! JSON Schemas of the whole events, made from the wire types.

use std::collections::BTreeMap;

use bondhub_core::event::TYPE_PREFIX;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::wire;

/// The JSON Schema (draft 2020-12) of each event type this crate reads, by the type after `jp.bondhub.`.
pub fn schemas() -> BTreeMap<&'static str, Value> {
    [
        event::<wire::Tender>("tender.announced", "A tender was announced"),
        event::<wire::Tender>("tender.changed", "A tender was changed"),
        event::<wire::TenderEnd>("tender.cancelled", "A tender or lot was cancelled"),
        event::<wire::TenderEnd>(
            "tender.unsuccessful",
            "A tender or lot ended without an award",
        ),
        event::<wire::Bid>("bid.submitted", "A bid was handed in"),
        event::<wire::Opened>("bid.opened", "Bids were opened"),
        event::<wire::Rebid>("rebid.called", "The bidders are asked to bid again"),
        event::<wire::Award>("award.pending", "An award is on hold or not yet final"),
        event::<wire::Award>("award.decided", "An award was decided"),
        event::<wire::Award>("award.cancelled", "An award was withdrawn"),
        event::<wire::Award>("award.declined", "The successful bidder refuses to sign"),
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
