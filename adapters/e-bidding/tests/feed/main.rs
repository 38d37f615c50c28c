//! The feed against the published samples, bad input and arbitrary input.
#![cfg(test)]

mod catalogue;
mod properties;
mod refusals;
mod samples;
mod schemas;

use std::path::PathBuf;

use bondhub_core::{
    event::{Rejection, read_structured},
    ports::feed::Feed,
    procurement::Fact,
};
use serde_json::Value;

const FEED: bondhub_e_bidding::EBidding = bondhub_e_bidding::EBidding;

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sample(kind: &str) -> Value {
    let path = repository().join(format!("tests/data/events/{kind}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn learn(event: Value) -> Result<Vec<Fact>, Rejection> {
    let envelope = read_structured(event)?;
    FEED.facts(&envelope).expect("the feed knows its own types")
}

/// The sample with the member at `pointer` replaced, or removed where nothing replaces it.
fn changed(kind: &str, pointer: &str, value: Option<Value>) -> Value {
    let mut event = sample(kind);
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).expect(pointer);
    match (parent, value) {
        (Value::Object(object), Some(value)) => drop(object.insert(member.into(), value)),
        (Value::Object(object), None) => drop(object.remove(member).expect(pointer)),
        (Value::Array(array), Some(value)) => array[member.parse::<usize>().unwrap()] = value,
        _ => panic!("nothing to change at {pointer}"),
    }
    event
}
