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
            "tender.announced",
            "/data",
            json!(null),
            "expected an object",
        ),
        at(
            "tender.announced",
            "/data",
            json!(["M", "x", "2026-03-09T10:00:00Z"]),
            "expected an object",
        ),
        at(
            "tender.announced",
            "/data/owner",
            json!(" "),
            "`owner` is empty",
        ),
        at(
            "tender.announced",
            "/data/owner",
            json!("M\r\nBcc: x"),
            "`owner` contains a control",
        ),
        at(
            "tender.announced",
            "/data/owner",
            json!("m".repeat(201)),
            "`owner` is longer than",
        ),
        at(
            "tender.announced",
            "/data/title",
            json!(["x"]),
            "expected a string",
        ),
        at(
            "tender.changed",
            "/data/title",
            json!("a\nb"),
            "`title` contains a control",
        ),
        at(
            "tender.changed",
            "/data/opening_at",
            json!("2026-03-09T10:00:00"),
            "with an offset",
        ),
        at(
            "tender.changed",
            "/data/opening_at",
            json!("2026-03-09"),
            "is not an RFC 3339 time",
        ),
        at(
            "tender.announced",
            "/data/lots",
            json!({}),
            "expected a sequence",
        ),
        at(
            "tender.announced",
            "/data/lots/1/id",
            json!(2),
            "expected a string",
        ),
        at(
            "tender.announced",
            "/data/lots/0/id",
            json!(""),
            "`id` is empty",
        ),
        at(
            "tender.announced",
            "/data/lots/0/title",
            None,
            "`title` is missing",
        ),
        beyond_schema(at(
            "tender.announced",
            "/data/lots/1/id",
            json!("1"),
            "told twice",
        )),
        at(
            "tender.announced",
            "/data/bid_guarantee/required",
            json!("yes"),
            "expected a boolean",
        ),
        at(
            "tender.announced",
            "/data/bid_guarantee/rate_bp",
            json!(10_001),
            "10001 is not 0 to 10000",
        ),
        at(
            "tender.announced",
            "/data/bid_guarantee/rate_bp",
            json!(-1),
            "is not 0 to 10000",
        ),
        at(
            "tender.announced",
            "/data/bid_guarantee/rate_bp",
            json!(5.5),
            "is not 0 to 10000",
        ),
        at(
            "tender.announced",
            "/data/bid_guarantee",
            json!({"required": true, "rate_bp": 500, "amount": {"amount": 1, "currency": "JPY"}}),
            "not both",
        ),
        at(
            "tender.announced",
            "/data/related/kind",
            json!("prior"),
            "unknown variant `prior`",
        ),
        at(
            "tender.announced",
            "/data/related/procurement",
            json!("\t"),
            "`procurement` is empty",
        ),
        beyond_schema(at(
            "tender.announced",
            "/data/related/procurement",
            json!("ocds-jp0001-R8-0042"),
            "cannot follow itself",
        )),
        at(
            "tender.cancelled",
            "/data/lot",
            json!(2),
            "expected a string",
        ),
        at(
            "tender.unsuccessful",
            "/data/lot",
            json!(""),
            "`lot` is empty",
        ),
        at(
            "tender.cancelled",
            "/data/reason",
            json!(1),
            "expected a string",
        ),
        at(
            "bid.submitted",
            "/data/contractor",
            json!({}),
            "expected a string",
        ),
        at(
            "bid.submitted",
            "/data/amount/amount",
            json!(-1),
            "the amount -1 is negative",
        ),
        at(
            "bid.submitted",
            "/data/amount/amount",
            json!(1.5),
            "1.5 is not a whole number",
        ),
        at(
            "bid.submitted",
            "/data/amount/amount",
            json!("7"),
            "expected a JSON number",
        ),
        at(
            "bid.submitted",
            "/data/amount/amount",
            json!(u64::MAX),
            "is not a whole number",
        ),
        at(
            "bid.submitted",
            "/data/amount/currency",
            json!("yen"),
            "ISO 4217",
        ),
        at(
            "bid.submitted",
            "/data/amount/currency",
            None,
            "`currency` is missing",
        ),
        at(
            "bid.submitted",
            "/data/bonds",
            json!("BB-1"),
            "expected a sequence",
        ),
        at(
            "bid.submitted",
            "/data/bonds/1/number",
            json!(""),
            "`number` is empty",
        ),
        at(
            "bid.submitted",
            "/data/bonds/0/issuer",
            None,
            "`issuer` is missing",
        ),
        at(
            "bid.opened",
            "/data/opened_at",
            json!(1_772_000_000),
            "expected a string",
        ),
        at(
            "rebid.called",
            "/data/round",
            json!(0),
            "expected a nonzero",
        ),
        at(
            "rebid.called",
            "/data/round",
            json!("2"),
            "expected a nonzero",
        ),
        at(
            "rebid.called",
            "/data/opening_at",
            json!("tomorrow"),
            "is not an RFC 3339 time",
        ),
        at(
            "award.pending",
            "/data/award",
            json!(7),
            "expected a string",
        ),
        at(
            "award.decided",
            "/data/contractor",
            json!("  "),
            "`contractor` is empty",
        ),
        at(
            "award.cancelled",
            "/data/amount",
            json!(115_500_000),
            "expected an object",
        ),
        at(
            "award.declined",
            "/data/lot",
            json!(["1"]),
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
    for (kind, schema) in bondhub_e_bidding::schemas() {
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
    for kind in bondhub_e_bidding::schemas().keys() {
        let rejection = learn(changed(kind, "/subject", None)).unwrap_err();
        assert_eq!(rejection.pointer.as_deref(), Some("/subject"), "{kind}");
    }
}

#[test]
fn unknown_members_and_null_for_absent_ones_are_taken() {
    for (kind, schema) in bondhub_e_bidding::schemas() {
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
