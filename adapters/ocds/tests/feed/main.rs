//! The reader against published feeds, made-up releases, bad input and arbitrary input.
#![cfg(test)]

mod mapping;
mod properties;
mod published;
mod refusals;

use std::path::PathBuf;

use bondhub_core::{
    event::{Envelope, Rejection},
    ports::feed::{Feed, Rejected},
    procurement::Fact,
};
use bondhub_ocds::Ocds;
use serde_json::{Value, json};

fn feeds() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/feeds")
}

fn split(document: &Value) -> Vec<Result<Envelope, Rejected>> {
    Ocds.split(document).expect("an OCDS document")
}

/// A release of 2026-05-01 with these parts.
fn release(parts: Value) -> Value {
    let mut release = json!({
        "ocid": "ocds-jp0001-R8-0042",
        "id": "r-1",
        "date": "2026-05-01T09:00:00+09:00",
        "tag": ["tender"],
    });
    let (Value::Object(all), Value::Object(parts)) = (&mut release, parts) else {
        panic!("parts are an object");
    };
    all.extend(parts);
    release
}

/// What a single release teaches.
fn learn(parts: Value) -> Result<Vec<Fact>, Rejection> {
    let envelope = split(&release(parts))
        .remove(0)
        .map_err(|rejected| rejected.rejection)?;
    Ocds.facts(&envelope).expect("an OCDS release")
}
