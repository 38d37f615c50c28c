//! R34, R50, R12: what the case lacks, and what happens when it comes or does not.

use super::{
    facts::{bid_bond, bid_with, changed, morning},
    story::Story,
};
use crate::identifier::PartyCode;

fn strangers() -> Story {
    let mut story = Story::new();
    story
        .rules
        .parties
        .parties
        .remove(&PartyCode::parse("A").unwrap());
    story.on("04-02", bid_bond("A").registered());
    story
}

#[test]
fn a_bond_of_an_unknown_party_counts_and_waits_for_the_party() {
    let mut story = strangers();
    assert_eq!(story.waits(), ["party:A"]);
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(story.outstanding("B-A", "04-02"), 6_000_000);
    assert_eq!(story.keys("B-A"), [""; 0]);
    story.meet("A");
    story.until("04-03");
    assert_eq!(story.waits(), [""; 0]);
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
}

#[test]
fn what_waits_too_long_becomes_an_operators_task_at_the_deadline() {
    let mut story = strangers();
    let since = story.now;
    let deadline = since + story.rules.policy.wait_deadline;
    assert_eq!(story.plan.next_due_at, Some(deadline));
    story.now = deadline - chrono::TimeDelta::seconds(1);
    story.reconcile();
    assert_eq!(story.tasks(), [""; 0]);
    story.now = deadline;
    story.reconcile();
    assert_eq!(
        story.asked("unplaced|wait:party:A"),
        [""; 0],
        "the operator"
    );
    story.meet("A");
    story.reconcile();
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_wait_names_the_events_that_wait() {
    let mut story = Story::new();
    story.on("05-01", bid_with("A", "", &[&bid_bond("A")]));
    story.on("05-02", bid_with("B", "", &[&bid_bond("A")]));
    let wait = story.file.carried.waits.values().next().unwrap();
    let ids: Vec<&str> = wait.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["e-0002", "e-0003"]);
    assert_eq!(
        wait.since,
        story.now - chrono::TimeDelta::days(1) - chrono::TimeDelta::seconds(1)
    );
}

#[test]
fn a_change_and_an_end_of_an_unknown_contract_wait_for_its_conclusion() {
    use crate::procurement::ContractEnd;
    let mut story = Story::new();
    story.on("09-01", changed("K-1", "1", 1, "2027-03-31"));
    story.on("09-02", super::facts::ended("K-2", ContractEnd::Completed));
    assert_eq!(story.waits(), ["contract:K-1", "contract:K-2"]);
}

#[test]
fn a_key_without_a_usable_certificate_is_not_issued_but_asked_for_at_once() {
    let mut story = Story::new();
    story.correspondent("A").keys_until = None;
    story.on("04-02", bid_bond("A").registered());
    assert_eq!(story.keys("B-A"), [""; 0]);
    assert_eq!(story.waits(), ["certificate:A"]);
    assert_eq!(story.asked("certificate_needed|wait:certificate:A"), ["A"]);
    story.correspondent("A").keys_until = Some(morning("2027-01-01"));
    story.reconcile();
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!((story.waits(), story.tasks()), (vec![], vec![]));
}

#[test]
fn an_update_ends_the_old_key_even_when_the_new_one_cannot_be_issued() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.correspondent("A").keys_until = Some(morning("04-03"));
    story.on("04-05", bid_bond("A").updated());
    assert_eq!(story.keys("B-A"), [""; 0]);
    story.correspondent("A").keys_until = Some(morning("2027-01-01"));
    story.reconcile();
    assert_eq!(story.keys("B-A"), ["contractor A v2"]);
}

#[test]
fn a_key_that_its_issuer_does_not_sign_here_waits_for_the_signature() {
    let mut story = Story::new();
    story.correspondent("S1").signs_here = false;
    story.on("04-02", bid_bond("A").registered());
    assert_eq!(story.waits(), ["signature:S1"]);
    assert_eq!(story.asked("signature_needed|wait:signature:S1"), ["S1"]);
    story.correspondent("S1").signs_here = true;
    story.reconcile();
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
}

#[test]
fn a_certificate_that_ends_while_the_signature_is_waited_for_is_asked_for_when_it_ends() {
    let mut story = Story::new();
    story.correspondent("S1").signs_here = false;
    story.correspondent("A").keys_until = Some(morning("04-10"));
    story.on("04-02", bid_bond("A").registered());
    assert_eq!(story.plan.next_due_at, Some(morning("04-10")));
    story.until("04-10");
    assert_eq!(story.waits(), ["certificate:A"]);
}

#[test]
fn a_party_without_a_mail_address_is_told_nothing_and_gets_no_key() {
    let mut story = Story::new();
    story.correspondent("A").has_mail = false;
    story.on("04-02", bid_bond("A").registered());
    assert_eq!(story.waits(), ["certificate:A"]);
    assert_eq!(story.notices().count(), 0);
}
