use serde_json::json;

use super::*;

fn at(second: u32) -> Timestamp {
    chrono::DateTime::from_timestamp(1_800_000_000 + i64::from(second), 120_000).unwrap()
}

fn entry(number: u32) -> AuditEntry {
    let actor = Actor::Account(format!("clerk-{number}"), None);
    AuditEntry::new(
        at(number),
        actor,
        Act::BondMoved,
        "bond:S1/\u{0}\"é\u{2028}",
    )
    .with("state", "released")
    .with("number", number)
    .privately("amount", 9_007_199_254_740_991_i64)
}

fn run(length: u32) -> Vec<Link> {
    let mut head = Head::START;
    (1..=length)
        .map(|number| {
            let link = head.append(&entry(number), &number.to_be_bytes());
            head = link.head();
            link
        })
        .collect()
}

fn check(links: &[Link], anchors: &[Head]) -> Check {
    let mut verifier = Verifier::new(Head::START, anchors.iter().copied());
    for link in links {
        verifier.read(link);
    }
    verifier.finish()
}

fn findings(links: &[Link]) -> Vec<Finding> {
    check(links, &[]).findings
}

#[test]
fn an_entry_around_its_number_is_the_canonical_json_of_the_whole() {
    for private in [true, false] {
        let mut entry = entry(7);
        if !private {
            entry.private.clear();
            entry.actor = Actor::Feed("urn:e-bidding:長野".to_owned());
        }
        let link = Head::START.append(&entry, b"salt");
        let value: Value = serde_json::from_str(&link.entry).unwrap();
        assert_eq!(canonical(&value), link.entry);
        assert_eq!(value["sequence"], json!(1));
        assert_eq!(value.get("private").is_some(), private);
    }
}

#[test]
fn no_name_of_a_person_stands_in_the_chain() {
    let link = Head::START.append(&entry(1), b"salt");
    assert!(!link.entry.contains("clerk-1"), "{}", link.entry);
    assert!(!link.entry.contains("9007199254740991"), "{}", link.entry);
    assert!(link.private.unwrap().content.contains("clerk-1"));
}

#[test]
fn a_whole_run_has_no_finding_and_meets_its_heads() {
    let links = run(5);
    let check = check(&links, &[Head::START, links[2].head(), links[4].head()]);
    assert!(check.is_whole(), "{:?}", check.findings);
    assert_eq!((check.entries, check.heads_met, check.purged), (5, 3, 0));
    assert_eq!(check.head, links[4].head());
}

#[test]
fn any_changed_byte_of_any_entry_is_found() {
    let links = run(4);
    for place in 0..links.len() {
        for byte in 0..links[place].entry.len() {
            let mut changed = links.clone();
            let mut bytes = changed[place].entry.clone().into_bytes();
            bytes[byte] ^= 1;
            changed[place].entry = String::from_utf8_lossy(&bytes).into_owned();
            assert!(!findings(&changed).is_empty(), "entry {place}, byte {byte}");
        }
    }
}

#[test]
fn an_entry_rewritten_with_its_hash_breaks_the_next_one() {
    let mut links = run(4);
    let forged = links[0].head().append(&entry(99), b"salt");
    links[1] = forged;
    assert_eq!(findings(&links), [Finding::Changed { sequence: 3 }]);
}

#[test]
fn a_rewritten_tail_is_found_by_a_head_kept_elsewhere() {
    let links = run(4);
    let kept = links[3].head();
    let mut forged = links[..2].to_vec();
    for number in [98, 99] {
        let last = forged.last().unwrap().head();
        forged.push(last.append(&entry(number), b"salt"));
    }
    assert!(findings(&forged).is_empty());
    let found = check(&forged, &[kept]).findings;
    assert_eq!(found, [Finding::ForeignHead { sequence: 4 }]);
}

#[test]
fn entries_cut_off_at_the_end_are_found_by_a_head_kept_elsewhere() {
    let links = run(5);
    let found = check(&links[..3], &[links[4].head()]).findings;
    assert_eq!(found, [Finding::Missing { from: 4, to: 5 }]);
}

#[test]
fn entries_missing_in_the_middle_are_named() {
    let mut links = run(6);
    links.drain(1..3);
    assert_eq!(findings(&links), [Finding::Missing { from: 2, to: 3 }]);
}

#[test]
fn a_head_within_a_gap_is_not_taken_for_met() {
    let links = run(6);
    let mut gapped = links.clone();
    gapped.drain(1..3);
    let found = check(&gapped, &[links[2].head()]).findings;
    assert!(found.contains(&Finding::Missing { from: 2, to: 3 }));
    assert!(found.contains(&Finding::ForeignHead { sequence: 3 }));
}

#[test]
fn entries_in_another_order_are_named() {
    let mut links = run(6);
    links.swap(2, 3);
    assert_eq!(findings(&links), [Finding::Reordered { sequence: 3 }]);
}

#[test]
fn an_entry_that_stands_twice_is_named() {
    let mut links = run(3);
    links.insert(2, links[1].clone());
    assert_eq!(findings(&links), [Finding::Duplicated { sequence: 2 }]);
}

#[test]
fn purged_details_leave_the_chain_whole_and_changed_ones_do_not() {
    let mut links = run(3);
    links[0].private = None;
    let whole = check(&links, &[]);
    assert!(whole.is_whole());
    assert_eq!(whole.purged, 1);
    links[1].private.as_mut().unwrap().content.push(' ');
    assert_eq!(findings(&links), [Finding::DetailsChanged { sequence: 2 }]);
}

#[test]
fn a_line_of_an_export_reads_back_as_its_link() {
    for link in run(3) {
        let text = serde_json::to_string(&ExportLine::of(&link, true)).unwrap();
        let read = ExportLine::read(1, &text).unwrap().link(1).unwrap();
        assert_eq!(read, Some(link));
    }
    assert!(ExportLine::read(4, "{\"entry\":1}").is_err());
}

#[test]
fn each_act_reads_back_and_is_named_once() {
    let names: std::collections::BTreeSet<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
    assert_eq!(names.len(), Act::ALL.len());
    for act in Act::ALL {
        assert_eq!(Act::parse(act.as_str()), Some(*act));
    }
}
