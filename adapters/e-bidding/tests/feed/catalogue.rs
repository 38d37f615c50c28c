//! What is published beside this crate's own schemas: the hub's own events (R33), which these
//! systems show, and the AsyncAPI document.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::{BondState, Rule},
    identifier::{BondId, PartyCode},
    matching::Grade,
    notice::{FindingTold, HubEvent},
    party::Role,
    task::{Subject, TaskKey, TaskKind},
};
use serde_json::{Value, json};

use crate::{repository, sample, schemas::validator};

fn bond() -> BondId {
    BondId::try_from("S-TOKYO/PB-2026-000219".to_owned()).unwrap()
}

fn holder() -> PartyCode {
    PartyCode::parse("C-KAJIMOTO").unwrap()
}

fn state_changes() -> impl Iterator<Item = HubEvent> {
    let change = |state| HubEvent::BondStateChanged {
        bond: bond(),
        state,
        rule: Rule::ContractCompleted,
    };
    BondState::ALL.into_iter().map(change)
}

fn tasks() -> impl Iterator<Item = HubEvent> {
    TaskKind::ALL.into_iter().flat_map(|kind| {
        let task = TaskKey {
            kind,
            subject: Subject::Bond(bond()),
        };
        let closed = HubEvent::TaskClosed { task: task.clone() };
        let opened = |asked| HubEvent::TaskOpened {
            task: task.clone(),
            asked,
        };
        [opened(Some(vec![holder()])), opened(None), closed]
    })
}

fn issued(holder: Option<PartyCode>) -> HubEvent {
    HubEvent::KeyIssued {
        bond: bond(),
        version: 2,
        holder,
        role: Role::Contractor,
    }
}

fn own_events() -> Vec<HubEvent> {
    let rule = Rule::ContractChanged;
    let mut events = vec![
        HubEvent::BondRegistered { bond: bond() },
        HubEvent::BondUpdated {
            bond: bond(),
            version: 2,
            rule,
        },
        issued(Some(holder())),
        issued(None),
        HubEvent::KeysRevoked {
            bond: bond(),
            roles: vec![Role::Contractor, Role::Owner],
            reason: "updated_by_issuer".into(),
        },
        HubEvent::MatchResult {
            bond: bond(),
            grade: Grade::Curable,
            findings: vec![FindingTold {
                finding: "ends_before_contract",
                grade: Grade::Curable,
                waived: false,
            }],
        },
        HubEvent::BalanceChanged {
            contractor: holder(),
            bonds: vec![bond()],
        },
    ];
    events.extend(state_changes());
    events.extend(tasks());
    events
}

/// The event as the hub publishes it: its kind is told by the type alone.
fn published(event: &HubEvent) -> Value {
    let mut data = serde_json::to_value(event).unwrap();
    data.as_object_mut().unwrap().remove("event");
    json!({
        "specversion": "1.0",
        "id": "0199a2b4c5d67e8f9012345678901234-0",
        "source": "/bondhub",
        "type": format!("jp.bondhub.{}", event.kind()),
        "subject": "ocds-jp0001-R8-0042",
        "time": "2026-09-01T01:00:05Z",
        "datacontenttype": "application/json",
        "data": data,
    })
}

#[test]
fn the_hubs_own_events_are_as_their_schemas_say() {
    for event in own_events() {
        let published = published(&event);
        let validator = validator(event.kind());
        let errors: Vec<String> = validator
            .iter_errors(&published)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{published}: {errors:?}");
        let mut without = published.clone();
        without["data"] = json!({});
        assert!(!validator.is_valid(&without), "{}", event.kind());
    }
}

fn files() -> BTreeSet<String> {
    std::fs::read_dir(repository().join("docs/schemas"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect()
}

#[test]
fn the_asyncapi_document_names_every_schema_and_no_other() {
    let text = std::fs::read_to_string(repository().join("docs/schemas/asyncapi.yaml")).unwrap();
    let referred: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("$ref: ./")?.strip_suffix(".json"))
        .map(str::to_owned)
        .collect();
    assert_eq!(referred, files());
    for kind in files() {
        for line in [
            format!("          - {kind}"),
            format!("      {kind}:"),
            format!("      name: jp.bondhub.{kind}"),
        ] {
            assert_eq!(text.lines().filter(|one| *one == line).count(), 1, "{line}");
        }
    }
}

#[test]
fn every_published_schema_is_for_an_event_that_exists() {
    let own = own_events();
    let fed = [
        "contract.concluded",
        "contract.changed",
        "contract.completed",
    ];
    let others = ["contract.terminated", "bond.document", "ocds.release"];
    let expected: BTreeSet<String> = own
        .iter()
        .map(HubEvent::kind)
        .chain(bondhub_e_bidding::schemas().into_keys())
        .chain(fed)
        .chain(others)
        .map(str::to_owned)
        .collect();
    assert_eq!(files(), expected);
}

#[test]
fn an_ocds_release_in_an_envelope_is_as_its_schema_says() {
    let validator = validator("ocds.release");
    let mut event = sample("ocds.release");
    assert!(validator.is_valid(&event));
    event["data"]["ocid"].take();
    assert!(!validator.is_valid(&event));
}
