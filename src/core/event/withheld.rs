//! What an event says of bids is kept from those who run the hub until the bids are opened (R21, least privilege).
//!
//! They must see events to keep feeds going: which, of whom, in which case, what is wrong with it. The sums they
//! need not; in their place stands [`WITHHELD`], and whoever corrects such an event leaves that where it is.

use serde_json::Value;

use crate::{calendar::Timestamp, procurement::CaseFile};

/// What stands in the place of what is withheld.
pub const WITHHELD: &str = "withheld until the opening";

/// Whether events of this kind may tell what somebody bids, or what guarantees a bid: bids, OCDS releases, paper bonds,
/// signed documents.
fn tells_of_bids(kind: &str) -> bool {
    ["bid.", "ocds", "paper", "bond.document"]
        .iter()
        .any(|begins| kind.starts_with(begins))
}

/// Whether the bids of a case are open, as far as anybody knows: of every lot. What nobody told is not open.
pub fn bids_are_open(case: Option<&CaseFile>, now: Timestamp) -> bool {
    let Some(case) = case else { return false };
    let scopes = case.scopes_of(None);
    let openings: Vec<_> = scopes
        .iter()
        .filter_map(|scope| case.governing(scope))
        .collect();
    !openings.is_empty() && openings.iter().all(|governing| governing.at <= now)
}

/// An event's content as those who run the hub may see it.
#[must_use]
pub fn shown(kind: &str, mut content: Value, open: bool) -> Value {
    if !open && tells_of_bids(kind) {
        withhold(&mut content);
    }
    content
}

/// Puts [`WITHHELD`] into the place of every sum, and of every document.
fn withhold(content: &mut Value) {
    match content {
        Value::Array(items) => items.iter_mut().for_each(withhold),
        Value::Object(members) => {
            for (name, value) in members {
                let is_sum = name == "amount" && !value.is_object() && !value.is_null();
                let is_document =
                    matches!(name.as_str(), "document" | "content") && value.is_string();
                if is_sum || is_document {
                    *value = WITHHELD.into();
                } else {
                    withhold(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Puts what was withheld back, where a corrected event left it in its place.
pub fn restore(corrected: &mut Value, original: &Value) {
    match (corrected, original) {
        (Value::Array(items), Value::Array(originals)) => {
            for (item, original) in items.iter_mut().zip(originals) {
                restore(item, original);
            }
        }
        (Value::Object(members), Value::Object(originals)) => {
            for (name, value) in members {
                if let Some(original) = originals.get(name) {
                    restore(value, original);
                }
            }
        }
        (corrected, original) if corrected.as_str() == Some(WITHHELD) => {
            corrected.clone_from(original);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Any JSON, with the names that matter among its members.
    fn content() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let name = prop_oneof![
                Just("amount".to_owned()),
                Just("document".to_owned()),
                Just("value".to_owned()),
                "[a-z]{1,4}",
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name, inner, 0..4).prop_map(|members| json!(members)),
            ]
        })
    }

    fn sums(value: &Value) -> Vec<&Value> {
        match value {
            Value::Array(items) => items.iter().flat_map(sums).collect(),
            Value::Object(members) => members
                .iter()
                .flat_map(|(name, value)| {
                    let own = (name == "amount").then_some(value);
                    own.into_iter().chain(sums(value)).collect::<Vec<_>>()
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn before_the_opening_no_event_of_a_bid_shows_a_sum(content in content()) {
            for kind in ["bid.submitted", "ocds.release", "paper"] {
                let shown = shown(kind, content.clone(), false);
                for sum in sums(&shown) {
                    prop_assert!(!sum.is_number(), "{sum} in {shown}");
                }
                prop_assert_eq!(super::shown(kind, content.clone(), true), content.clone());
            }
        }

        #[test]
        fn a_correction_that_leaves_what_is_withheld_brings_it_back(content in content()) {
            let mut corrected = shown("bid.submitted", content.clone(), false);
            restore(&mut corrected, &content);
            prop_assert_eq!(corrected, content);
        }
    }

    #[test]
    fn what_tells_of_no_bid_is_shown_and_what_nobody_told_is_not_open() {
        let tender = json!({"bid_guarantee": {"amount": {"amount": 5, "currency": "JPY"}}});
        assert_eq!(shown("tender.announced", tender.clone(), false), tender);
        assert!(!bids_are_open(None, Timestamp::MAX_UTC));
        let signed = shown(
            "bond.document",
            json!({"data": {"document": "MII="}}),
            false,
        );
        assert_eq!(signed, json!({"data": {"document": WITHHELD}}));
    }
}
