use serde_json::json;

use super::*;

fn sample() -> Value {
    json!({"specversion": "1.0", "id": "c-0007", "source": "/e-contract/kanto",
           "type": "jp.bondhub.contract.changed", "subject": "ocds-jp0001-R8-0042",
           "time": "2026-09-01T10:00:00+09:00", "data": {"contract": "K-1"}})
}

#[test]
fn structured_and_binary_mode_of_one_event_have_the_same_identity_and_digest() {
    let structured = read_structured(sample()).unwrap();
    for prefix in ["cloudEvents:", "cloudEvents_", "ce-"] {
        let headers = sample()
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| *name != "data")
            .map(|(name, value)| {
                (
                    format!("{prefix}{name}"),
                    value.as_str().unwrap().to_owned(),
                )
            })
            .collect();
        assert!(is_binary(&headers));
        let binary = read_binary(&headers, json!({"contract": "K-1"})).unwrap();
        assert_eq!(binary, structured);
        assert_eq!(binary.digest(), structured.digest());
    }
}

#[test]
fn the_digest_does_not_depend_on_the_order_of_members_but_on_content() {
    let event = |data| Envelope {
        data,
        ..read_structured(sample()).unwrap()
    };
    let one = event(serde_json::from_str(r#"{"a":1,"b":2}"#).unwrap());
    let other = event(serde_json::from_str(r#"{"b":2,"a":1}"#).unwrap());
    assert_eq!(one.digest(), other.digest());
    assert_ne!(one.digest(), event(json!({"a": 1, "b": 3})).digest());
}

#[test]
fn a_missing_attribute_is_named_by_a_pointer() {
    for name in ["specversion", "id", "source", "type", "time"] {
        let mut event = sample();
        event.as_object_mut().unwrap().remove(name);
        let rejection = read_structured(event).unwrap_err();
        assert_eq!(
            rejection.pointer.as_deref(),
            Some(format!("/{name}").as_str())
        );
    }
}

#[test]
fn a_foreign_type_a_local_time_and_a_line_break_in_an_id_are_refused() {
    let with = |name: &str, value: &str| {
        let mut event = sample();
        event[name] = value.into();
        read_structured(event).unwrap_err()
    };
    assert_eq!(with("type", "com.example.x").reason, Reason::UnknownType);
    assert_eq!(
        with("time", "2026-09-01T10:00:00").pointer.as_deref(),
        Some("/time")
    );
    assert_eq!(with("id", "a\r\nb").pointer.as_deref(), Some("/id"));
}

#[test]
fn a_wrong_member_deep_inside_is_pointed_at() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only the error matters")]
    struct Data {
        amount: crate::money::Money,
    }
    let rejection =
        read_data::<Data>(&json!({"amount": {"amount": "7", "currency": "JPY"}})).unwrap_err();
    assert_eq!(rejection.pointer.as_deref(), Some("/data/amount/amount"));
    let rejection =
        read_data::<Data>(&json!({"amount": {"amount": -7, "currency": "JPY"}})).unwrap_err();
    assert_eq!(rejection.pointer.as_deref(), Some("/data/amount"));
    assert!(rejection.message.contains("negative"));
}

#[test]
fn bytes_beyond_the_limit_are_refused_before_they_are_parsed() {
    assert_eq!(
        parse_json(b"{}   ", 4).unwrap_err().reason,
        Reason::TooLarge
    );
    assert_eq!(parse_json(b"{", 4).unwrap_err().reason, Reason::NotJson);
    let twice = br#"{"data":{"amount":1,"amount":2}}"#;
    let refused = parse_json(twice, 100).unwrap_err();
    assert_eq!(refused.reason, Reason::NotJson);
    assert!(refused.message.contains("amount"), "{refused}");
}

#[test]
fn what_is_kept_of_an_event_reads_back_as_the_same_event() {
    let event = read_structured(sample()).unwrap();
    assert_eq!(read_structured(event.to_json()).unwrap(), event);
}

#[test]
fn a_missing_member_is_pointed_at_by_its_own_name() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only the error matters")]
    struct Data {
        amount: crate::money::Money,
    }
    let rejection = read_data::<Data>(&json!({"amount": {"amount": 7}})).unwrap_err();
    assert_eq!(rejection.message, "`currency` is missing");
    let rejection = read_data::<Data>(&json!({})).unwrap_err();
    assert_eq!(rejection.pointer.as_deref(), Some("/data/amount"));
}

#[test]
fn an_unusable_identifier_is_refused_in_a_whole_sentence() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only the error matters")]
    struct Data {
        contract: crate::identifier::ContractId,
    }
    let rejection = read_data::<Data>(&json!({"contract": " "})).unwrap_err();
    assert_eq!(rejection.message, "`contract` is empty");
}
