//! A broker's delivery as the hub reads it: headers as text.

use std::collections::BTreeMap;

use bondhub_core::{event::Arrival, ports::queue::DEAD_LETTER_HEADER};
use chrono::{DateTime, SecondsFormat};
use lapin::{
    message::Delivery,
    protocol::basic::AMQPProperties,
    types::{AMQPValue, DecimalValue},
};

/// Takes body and headers out of a delivery; from the dead letters it carries the reason as a header.
pub(crate) fn arrival(delivery: &mut Delivery, is_dead: bool) -> Arrival {
    let mut headers = texts(&delivery.properties);
    headers.retain(|name, _| !name.eq_ignore_ascii_case(DEAD_LETTER_HEADER));
    if is_dead {
        let reason = headers.get("x-first-death-reason").cloned();
        let reason = reason.unwrap_or_else(|| "unknown".to_owned());
        headers.insert(DEAD_LETTER_HEADER.to_owned(), reason);
    }
    Arrival {
        content_type: delivery
            .properties
            .content_type()
            .as_ref()
            .map(ToString::to_string),
        headers,
        body: std::mem::take(&mut delivery.data),
    }
}

fn texts(properties: &AMQPProperties) -> BTreeMap<String, String> {
    let Some(table) = properties.headers() else {
        return BTreeMap::new();
    };
    table
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_string(), text(value)?)))
        .collect()
}

/// A header's value as text; none for what has no obvious text (lists, tables, raw bytes).
fn text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::ShortString(text) => Some(text.to_string()),
        AMQPValue::LongString(text) => Some(text.to_string()),
        AMQPValue::Boolean(flag) => Some(flag.to_string()),
        AMQPValue::Float(number) => Some(number.to_string()),
        AMQPValue::Double(number) => Some(number.to_string()),
        AMQPValue::DecimalValue(number) => Some(decimal(*number)),
        AMQPValue::Timestamp(seconds) => Some(instant(*seconds)),
        AMQPValue::ByteArray(bytes) => String::from_utf8(bytes.as_slice().to_vec()).ok(),
        AMQPValue::FieldArray(_) | AMQPValue::FieldTable(_) | AMQPValue::Void => None,
        integer => integer_text(integer),
    }
}

fn integer_text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::ShortShortInt(number) => Some(number.to_string()),
        AMQPValue::ShortShortUInt(number) => Some(number.to_string()),
        AMQPValue::ShortInt(number) => Some(number.to_string()),
        AMQPValue::ShortUInt(number) => Some(number.to_string()),
        AMQPValue::LongInt(number) => Some(number.to_string()),
        AMQPValue::LongUInt(number) => Some(number.to_string()),
        AMQPValue::LongLongInt(number) => Some(number.to_string()),
        _ => None,
    }
}

/// RFC 3339: the CloudEvents attribute `time` may come as the protocol's own timestamp.
fn instant(seconds: u64) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(
            || seconds.to_string(),
            |time| time.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
}

fn decimal(number: DecimalValue) -> String {
    let places = usize::from(number.scale);
    if places == 0 {
        return number.value.to_string();
    }
    let digits = format!("{:0>width$}", number.value, width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use lapin::types::{FieldTable, LongString};

    use super::*;

    fn delivery(headers: &[(&str, AMQPValue)]) -> Delivery {
        let mut table = FieldTable::default();
        for (name, value) in headers {
            table.insert((*name).into(), value.clone());
        }
        let mut delivery = Delivery::mock(1, "".into(), "".into(), false, b"{}".to_vec());
        delivery.properties = AMQPProperties::default()
            .with_content_type("application/json".into())
            .with_headers(table);
        delivery
    }

    #[test]
    fn values_become_text_and_lists_and_tables_are_left_out() {
        let long = |text: &str| AMQPValue::LongString(LongString::from(text));
        let cases = [
            ("cloudEvents:id", long("e-1"), Some("e-1")),
            (
                "cloudEvents_sequence",
                AMQPValue::LongLongInt(-7),
                Some("-7"),
            ),
            ("small", AMQPValue::ShortShortUInt(255), Some("255")),
            ("flag", AMQPValue::Boolean(true), Some("true")),
            (
                "ce-time",
                AMQPValue::Timestamp(1_790_000_000),
                Some("2026-09-21T14:13:20Z"),
            ),
            (
                "far",
                AMQPValue::Timestamp(u64::MAX),
                Some("18446744073709551615"),
            ),
            (
                "price",
                AMQPValue::DecimalValue(DecimalValue { scale: 2, value: 5 }),
                Some("0.05"),
            ),
            ("nothing", AMQPValue::Void, None),
            ("table", AMQPValue::FieldTable(FieldTable::default()), None),
        ];
        let pairs: Vec<_> = cases
            .iter()
            .map(|(name, value, _)| (*name, value.clone()))
            .collect();
        let arrival = arrival(&mut delivery(&pairs), false);
        for (name, _, expected) in &cases {
            assert_eq!(
                arrival.headers.get(*name).map(String::as_str),
                *expected,
                "{name}"
            );
        }
        assert_eq!(arrival.content_type.as_deref(), Some("application/json"));
        assert_eq!(arrival.body, b"{}");
    }

    #[test]
    fn only_the_dead_letters_carry_the_marker_whatever_a_sender_writes() {
        let forged = [("X-Bondhub-Dead", AMQPValue::LongString("rejected".into()))];
        assert!(arrival(&mut delivery(&forged), false).headers.is_empty());
        let dead = arrival(&mut delivery(&forged), true);
        assert_eq!(dead.headers[DEAD_LETTER_HEADER], "unknown");
        let reason = [(
            "x-first-death-reason",
            AMQPValue::LongString("delivery_limit".into()),
        )];
        let dead = arrival(&mut delivery(&reason), true);
        assert_eq!(dead.headers[DEAD_LETTER_HEADER], "delivery_limit");
    }
}
