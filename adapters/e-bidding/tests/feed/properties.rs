use bondhub_core::{event::Envelope, ports::feed::Feed};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{FEED, sample};

fn kinds() -> Vec<&'static str> {
    bondhub_e_bidding::schemas().into_keys().collect()
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("2026-02-30")),
        Just(json!("9999-12-31T23:59:60+23:59")),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[a-z_]{0,12}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The pointers of everything inside a document.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| places(member, &format!("{path}/{name}"), found)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| places(item, &format!("{path}/{index}"), found)),
        _ => {}
    }
}

fn envelope(kind: &str, data: Value) -> Envelope {
    let mut event = bondhub_core::event::read_structured(sample(kind)).unwrap();
    event.data = data;
    event
}

proptest! {
    #[test]
    fn no_data_makes_the_reader_panic(kind in select(kinds()), data in document()) {
        prop_assert!(FEED.facts(&envelope(kind, data)).is_some());
    }

    #[test]
    fn a_sample_spoilt_anywhere_is_read_or_refused_at_a_place_within_its_data(
        kind in select(kinds()), place in any::<prop::sample::Index>(), with in document()
    ) {
        let mut data = sample(kind)["data"].take();
        let mut all = Vec::new();
        places(&data, "", &mut all);
        *data.pointer_mut(&all[place.index(all.len())]).unwrap() = with;
        if let Some(Err(rejection)) = FEED.facts(&envelope(kind, data)) {
            prop_assert!(rejection.pointer.unwrap().starts_with("/data"));
        }
    }
}
