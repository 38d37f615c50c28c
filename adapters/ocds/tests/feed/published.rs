use std::fmt::Write;

use bondhub_core::{
    event::{Reason, parse_json, read_structured},
    ports::feed::Feed,
};
use bondhub_ocds::Ocds;
use serde_json::Value;

use crate::{feeds, split};

const LIMIT: usize = 1_000_000;

/// One line per fact, under the identity and time of its release.
fn taught(path: &str) -> String {
    let bytes = std::fs::read(feeds().join(path)).unwrap();
    let document: Value = parse_json(&bytes, LIMIT).unwrap();
    let mut text = String::new();
    for envelope in split(&document) {
        let envelope = envelope.unwrap();
        writeln!(text, "{} at {}", envelope.identity, envelope.time).unwrap();
        for fact in Ocds.facts(&envelope).unwrap().unwrap() {
            writeln!(text, "  {fact:?}").unwrap();
        }
    }
    text
}

fn releases_of(folder: &str, names: &[&str]) -> String {
    names
        .iter()
        .map(|name| taught(&format!("{folder}/{name}.json")))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_change_history_teaches_a_contract_that_grows_and_lasts_longer() {
    let names = [
        "tender",
        "tenderUpdate",
        "tenderAmendment",
        "award",
        "contract",
        "implementation",
        "contractAmendment",
    ];
    insta::assert_snapshot!(releases_of("ocds-change-history", &names));
}

#[test]
fn the_fictional_process_teaches_a_postponed_opening_and_a_contract() {
    let names = [
        "01-planning",
        "02-tender",
        "03-tenderAmendment",
        "04-award",
        "05-contract",
        "06-implementation",
    ]
    .map(|name| format!("ocds-213czf-000-00001-{name}"));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    insta::assert_snapshot!(releases_of("ocds-fictional-1.1", &names));
}

#[test]
fn the_unsuccessful_tender_of_paraguay_is_followed_by_another() {
    let names = ["planning", "tender", "related_process"];
    insta::assert_snapshot!(releases_of("ocds-unsuccessful", &names));
}

#[test]
fn the_completed_contract_teaches_its_end() {
    insta::assert_snapshot!(taught("ocds-contract-completion/releases.json"));
}

#[test]
fn every_published_file_is_read_and_a_table_is_refused() {
    let mut files = 0;
    for folder in std::fs::read_dir(feeds()).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let read = parse_json(&std::fs::read(&path).unwrap(), LIMIT);
            files += 1;
            if path.extension().is_some_and(|extension| extension == "csv") {
                assert_eq!(read.unwrap_err().reason, Reason::NotJson);
                continue;
            }
            assert!(split(&read.unwrap()).iter().all(Result::is_ok), "{path:?}");
        }
    }
    assert_eq!(files, 18, "all published files are here");
}

#[test]
fn a_release_kept_as_a_cloud_event_teaches_the_same_again() {
    let bytes = std::fs::read(feeds().join("ocds-contract-completion/releases.json")).unwrap();
    for envelope in split(&parse_json(&bytes, LIMIT).unwrap()) {
        let envelope = envelope.unwrap();
        let kept = read_structured(envelope.to_json()).unwrap();
        assert_eq!(kept, envelope);
        assert_eq!(Ocds.facts(&kept), Ocds.facts(&envelope));
    }
}

#[test]
fn the_sample_of_a_release_in_an_envelope_teaches_a_tender_of_two_lots() {
    let path = feeds().join("../events/ocds.release.json");
    let event: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let envelope = read_structured(event).unwrap();
    let facts = Ocds.facts(&envelope).unwrap().unwrap();
    let lines: Vec<String> = facts.iter().map(|fact| format!("{fact:?}")).collect();
    let expected = [
        r#"Owner(PartyCode("JP-LG-131229"))"#,
        r#"Follows(ProcurementId("ocds-jp0001-R7-0488"))"#,
        r#"Title("令和8年度 区道橋りょう補修工事")"#,
        r#"Lots([Lot { id: LotId("1"), title: "青戸橋" }, Lot { id: LotId("2"), title: "高砂橋" }])"#,
        "Opening { scope: Tender, at: 2026-05-12T01:00:00Z }",
        r#"Outcome { scope: Lot(LotId("1")), outcome: Active }"#,
        r#"Outcome { scope: Lot(LotId("2")), outcome: Active }"#,
    ];
    assert_eq!(lines, expected);
}
