use std::path::PathBuf;

use bondhub_e_bidding::schemas;
use serde_json::Value;

use crate::{repository, sample};

fn path(kind: &str) -> PathBuf {
    repository().join(format!("docs/schemas/{kind}.json"))
}

pub(crate) fn validator(kind: &str) -> jsonschema::Validator {
    let committed: Value = serde_json::from_slice(&std::fs::read(path(kind)).unwrap()).unwrap();
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&committed)
        .unwrap()
}

#[test]
fn the_committed_schemas_are_those_of_the_wire_types() {
    for (kind, schema) in schemas() {
        if std::env::var_os("BONDHUB_UPDATE_SCHEMAS").is_some() {
            let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
            std::fs::write(path(kind), text).unwrap();
        }
        let committed = std::fs::read(path(kind)).unwrap_or_default();
        let committed: Value = serde_json::from_slice(&committed).unwrap_or_default();
        assert!(
            committed == schema,
            "docs/schemas/{kind}.json is stale; regenerate it with \
             BONDHUB_UPDATE_SCHEMAS=1 cargo nextest run -p bondhub-e-bidding committed_schemas"
        );
    }
}

#[test]
fn each_event_type_has_a_sample_that_its_schema_accepts() {
    for kind in schemas().keys() {
        let errors: Vec<String> = validator(kind)
            .iter_errors(&sample(kind))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{kind}: {errors:?}");
    }
}

#[test]
fn what_the_reader_refuses_the_schema_refuses_too() {
    for refusal in crate::refusals::refusals() {
        if refusal.beyond_schema {
            continue;
        }
        let valid = validator(&refusal.kind).is_valid(&refusal.event());
        assert!(!valid, "{} {}", refusal.kind, refusal.pointer);
    }
}
