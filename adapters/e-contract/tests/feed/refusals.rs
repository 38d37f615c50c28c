use bondhub_core::event::Reason;
use serde_json::{Value, json};

use crate::{changed, learn, sample};

/// A sample spoilt in one place, and what the reader must say of it.
pub(crate) struct Refusal {
    pub(crate) kind: &'static str,
    spoilt: &'static str,
    with: Option<Value>,
    pub(crate) pointer: &'static str,
    message: &'static str,
    /// Rules between members and beyond dates cannot be said in JSON Schema.
    pub(crate) beyond_schema: bool,
}

impl Refusal {
    pub(crate) fn event(&self) -> Value {
        changed(self.kind, self.spoilt, self.with.clone())
    }
}

/// The member spoilt is the one pointed at.
fn at(
    kind: &'static str,
    pointer: &'static str,
    with: impl Into<Option<Value>>,
    message: &'static str,
) -> Refusal {
    Refusal {
        kind,
        spoilt: pointer,
        with: with.into(),
        pointer,
        message,
        beyond_schema: false,
    }
}

fn beyond_schema(refusal: Refusal) -> Refusal {
    Refusal {
        beyond_schema: true,
        ..refusal
    }
}

pub(crate) fn refusals() -> Vec<Refusal> {
    vec![
        at(
            "contract.concluded",
            "/data",
            json!("K"),
            "expected an object",
        ),
        at(
            "contract.concluded",
            "/data/contract",
            json!(""),
            "`contract` is empty",
        ),
        at(
            "contract.concluded",
            "/data/award",
            json!(1),
            "expected a string",
        ),
        at(
            "contract.concluded",
            "/data/lot",
            json!("\n"),
            "`lot` is empty",
        ),
        at(
            "contract.concluded",
            "/data/contractor",
            json!(null),
            "expected a string",
        ),
        at(
            "contract.concluded",
            "/data/amount/amount",
            json!(-120),
            "the amount -120 is negative",
        ),
        at(
            "contract.concluded",
            "/data/amount/amount",
            json!("120"),
            "expected a JSON number",
        ),
        at(
            "contract.concluded",
            "/data/amount/amount",
            json!(0.5),
            "0.5 is not a whole number",
        ),
        at(
            "contract.concluded",
            "/data/amount/currency",
            json!("JPYX"),
            "ISO 4217",
        ),
        at(
            "contract.concluded",
            "/data/amount/currency",
            None,
            "`currency` is missing",
        ),
        at(
            "contract.concluded",
            "/data/period",
            json!("2026"),
            "expected an object",
        ),
        at(
            "contract.concluded",
            "/data/period/to",
            None,
            "`to` is missing",
        ),
        at(
            "contract.concluded",
            "/data/period/to",
            json!("2027-02-29"),
            "is not a day such as",
        ),
        at(
            "contract.concluded",
            "/data/signed_at",
            json!("2026-03-25T10:00:00+09:00"),
            "is not a day",
        ),
        at(
            "contract.concluded",
            "/data/signed_at",
            json!("25.3.2026"),
            "is not a day such as",
        ),
        at(
            "contract.concluded",
            "/data/performance_guarantee/rate_bp",
            json!(20_000),
            "20000 is not 0 to 10000",
        ),
        at(
            "contract.concluded",
            "/data/performance_guarantee/required",
            None,
            "`required` is missing",
        ),
        beyond_schema(at(
            "contract.changed",
            "/data/period",
            json!({"from": "2027-10-01", "to": "2027-09-30"}),
            "the period ends (2027-09-30) before it begins (2027-10-01)",
        )),
        at(
            "contract.changed",
            "/data/change",
            json!(0),
            "the change 0 is not numbered",
        ),
        at(
            "contract.changed",
            "/data/change",
            json!(-1),
            "is not numbered",
        ),
        at(
            "contract.changed",
            "/data/change",
            json!("1"),
            "expected a JSON number",
        ),
        at(
            "contract.changed",
            "/data/change",
            json!(u64::MAX),
            "is not numbered",
        ),
        at(
            "contract.changed",
            "/data/amount",
            json!(135),
            "expected an object",
        ),
        at(
            "contract.completed",
            "/data/date",
            json!("2027-13-01"),
            "is not a day such as",
        ),
        at(
            "contract.completed",
            "/data/reason",
            json!("a\u{7}"),
            "`reason` contains a control",
        ),
        at(
            "contract.terminated",
            "/data/contract",
            json!(["K"]),
            "expected a string",
        ),
        at(
            "contract.terminated",
            "/data/date",
            json!(20_270_131),
            "expected a string",
        ),
    ]
}

#[test]
fn bad_input_is_refused_with_its_place_and_one_sentence() {
    for refusal in refusals() {
        let place = format!("{} {}", refusal.kind, refusal.pointer);
        let rejection = learn(refusal.event()).expect_err(&place);
        assert_eq!(rejection.reason, Reason::Invalid, "{place}");
        assert_eq!(
            rejection.pointer.as_deref(),
            Some(refusal.pointer),
            "{place}"
        );
        let message = &rejection.message;
        assert!(message.contains(refusal.message), "{place}: {message}");
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
