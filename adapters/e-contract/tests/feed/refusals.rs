use bondhub_core::event::Reason;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{changed, learn, sample};

/// A sample spoilt in one place, and what the reader must say of it.
#[derive(Deserialize)]
pub(crate) struct Refusal {
    pub(crate) kind: String,
    pub(crate) pointer: String,
    /// What stands there instead; without it the member is taken away.
    #[serde(default, deserialize_with = "present")]
    with: Option<Value>,
    /// Part of the sentence.
    says: String,
    /// Rules between members cannot be said in JSON Schema.
    #[serde(default)]
    pub(crate) beyond_schema: bool,
}

impl Refusal {
    pub(crate) fn event(&self) -> Value {
        changed(&self.kind, &self.pointer, self.with.clone())
    }
}

/// `null` is a value like others here.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

pub(crate) fn refusals() -> Vec<Refusal> {
    serde_json::from_str(include_str!("refusals.json")).unwrap()
}

#[test]
fn bad_input_is_refused_with_its_place_and_one_sentence() {
    for refusal in refusals() {
        let place = format!("{} {}", refusal.kind, refusal.pointer);
        let rejection = learn(refusal.event()).expect_err(&place);
        assert_eq!(rejection.reason, Reason::Invalid, "{place}");
        assert_eq!(
            rejection.pointer.as_deref(),
            Some(refusal.pointer.as_str()),
            "{place}"
        );
        let message = &rejection.message;
        assert!(message.contains(&refusal.says), "{place}: {message}");
        assert!(
            !message.contains('\n') && !message.ends_with('.'),
            "{message}"
        );
    }
}

#[test]
fn every_required_member_is_missed_by_name() {
    for (kind, schema) in bondhub_e_contract::schemas() {
        for member in schema["properties"]["data"]["required"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let pointer = format!("/data/{}", member.as_str().unwrap());
            let rejection = learn(changed(kind, &pointer, None)).unwrap_err();
            assert_eq!(
                rejection.pointer.as_deref(),
                Some(pointer.as_str()),
                "{kind}"
            );
            assert!(
                rejection.message.ends_with("is missing"),
                "{}",
                rejection.message
            );
        }
    }
}

#[test]
fn an_event_without_its_procurement_is_refused() {
    for kind in bondhub_e_contract::schemas().keys() {
        let rejection = learn(changed(kind, "/subject", None)).unwrap_err();
        assert_eq!(rejection.pointer.as_deref(), Some("/subject"), "{kind}");
    }
}

#[test]
fn unknown_members_and_null_for_absent_ones_are_taken() {
    for (kind, schema) in bondhub_e_contract::schemas() {
        let data = &schema["properties"]["data"];
        let mut event = sample(kind);
        event["data"]["x-vendor"] = json!({"anything": [1, 2]});
        assert!(learn(event.clone()).is_ok(), "{kind}");
        for member in data["properties"].as_object().unwrap().keys() {
            let required = data["required"]
                .as_array()
                .is_some_and(|all| all.contains(&json!(member)));
            if !required {
                event["data"][member] = Value::Null;
            }
        }
        assert!(learn(event).is_ok(), "{kind}");
    }
}
