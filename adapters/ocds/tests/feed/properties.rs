use bondhub_core::{
    event::Envelope,
    identifier::ProcurementId,
    money::{Currency, Money},
    ports::feed::Feed,
    procurement::Fact,
};
use bondhub_ocds::{Ocds, RELEASE};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::{feeds, learn};

const OCID: &str = "ocds-213czf-000-00001";

fn published() -> Vec<Value> {
    let path = feeds().join("ocds-contract-completion/releases.json");
    let completion: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let path = feeds().join("ocds-unsuccessful/related_process.json");
    let lots: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    vec![completion, lots]
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(vec![
            "active",
            "terminated",
            "unsuccessful",
            "2026-02-30",
            "2026-05-01",
            OCID
        ])
        .prop_map(Value::from),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let known = vec![
        "ocid",
        "id",
        "date",
        "tag",
        "tender",
        "lots",
        "status",
        "bidOpening",
        "awards",
        "suppliers",
        "contracts",
        "value",
        "amount",
        "currency",
        "period",
        "startDate",
        "endDate",
        "implementation",
        "milestones",
        "releases",
        "publisher",
        "uri",
        "relatedLots",
        "bids",
        "details",
        "tenderers",
        "amendments",
        "relatedProcesses",
        "transactions",
        "parties",
    ];
    prop_oneof![select(known).prop_map(str::to_owned), "[a-z/~]{0,8}"]
}

fn document() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(name(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

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

/// Reads a whole document as far as it goes; each refusal has a place.
fn read(document: &Value) -> Result<(), TestCaseError> {
    for piece in Ocds.split(document).into_iter().flatten() {
        match piece {
            Ok(envelope) => match Ocds.facts(&envelope) {
                Some(Err(rejection)) => {
                    let pointer = rejection.pointer.unwrap();
                    prop_assert!(pointer.starts_with("/data") || pointer == "/subject");
                }
                answer => prop_assert!(answer.is_some()),
            },
            Err(rejected) => prop_assert!(rejected.rejection.pointer.is_some()),
        }
    }
    Ok(())
}

fn carried(data: Value) -> Envelope {
    let document = json!({"ocid": OCID, "id": "1", "date": "2026-05-01T00:00:00Z"});
    let mut envelope = Ocds.split(&document).unwrap().remove(0).unwrap();
    envelope.subject = Some(ProcurementId::parse(OCID).unwrap());
    envelope.data = data;
    envelope
}

proptest! {
    #[test]
    fn no_document_makes_the_reader_panic(document in document()) {
        read(&document)?;
        let mut data = document;
        if let Value::Object(members) = &mut data {
            members.insert("ocid".into(), OCID.into());
        }
        let envelope = carried(data);
        prop_assert_eq!(&envelope.kind, RELEASE);
        prop_assert!(Ocds.facts(&envelope).is_some());
    }

    #[test]
    fn published_data_spoilt_anywhere_is_read_or_refused_at_a_place(
        package in select(published()), spoilt in vec((any::<prop::sample::Index>(), document()), 1..4)
    ) {
        let mut package = package;
        for (place, with) in spoilt {
            let mut all = Vec::new();
            places(&package, "", &mut all);
            if let Some(value) = package.pointer_mut(&all[place.index(all.len())]) {
                *value = with;
            }
        }
        read(&package)?;
    }

    #[test]
    fn a_price_in_major_units_is_the_same_price_in_minor_units(pence in 0_i64..1_000_000_000_000_000) {
        let text = format!(r#"{{"amount": {}.{:02}, "currency": "GBP"}}"#, pence / 100, pence % 100);
        let value: Value = serde_json::from_str(&text).unwrap();
        let facts = learn(json!({"contracts": [{"id": "K", "value": value}]})).unwrap();
        let Some(Fact::Terms { terms, .. }) = facts.first() else {
            panic!("no terms in {facts:?}");
        };
        let expected = Money::new(pence, Currency::parse("GBP").unwrap()).unwrap();
        prop_assert_eq!(terms.amount, Some(expected));
    }
}
