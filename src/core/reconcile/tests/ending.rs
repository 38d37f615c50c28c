//! What every bond shares: the end of its period, releases held back, final ends and reinstatement.

use super::{
    facts::{award, bid, bid_bond, concluded, morning, outcome, performance},
    story::Story,
};
use crate::{
    bond::{BondState, Rule},
    calendar::start_of,
    procurement::{AwardState, TenderOutcome},
    rules::ReleaseLosers,
};

const REINSTATE: &str = "reinstatement_needed|bond:S1/B-A";

/// A's bid bond was released because B was awarded; then that award was cancelled.
fn contradicted() -> Story {
    let mut story = Story::new();
    story.rules.policy.release_losers = ReleaseLosers::AtAward;
    story
        .on("04-02", bid_bond("A").registered())
        .on("05-01", bid("A", ""));
    story.on("05-20", award("W-1", "B", &[], AwardState::Decided));
    assert_eq!(story.state("B-A"), BondState::Released);
    story.on("05-25", award("W-1", "B", &[], AwardState::Cancelled));
    story
}

#[test]
fn a_bond_expires_at_the_end_of_its_last_day_in_tokyo() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    let midnight = start_of(super::facts::day("09-01"), story.rules.policy.zone);
    story.now = midnight - chrono::TimeDelta::microseconds(1);
    story.reconcile();
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.plan.next_due_at, Some(midnight));
    story.now = midnight;
    story.reconcile();
    assert_eq!(story.state("B-A"), BondState::Expired);
    assert_eq!(story.keys("B-A"), [""; 0]);
    assert_eq!(story.outstanding("B-A", "08-31"), 6_000_000);
    assert_eq!(story.outstanding("B-A", "09-01"), 0);
}

#[test]
fn an_expired_bond_is_not_released_by_a_later_event() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story
        .learn("09-20", outcome("", TenderOutcome::Unsuccessful))
        .unwrap();
    story.until("09-21");
    assert_eq!(story.state("B-A"), BondState::Expired);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_release_is_held_back_for_the_stated_time_and_the_bond_binds_so_long() {
    let mut story = Story::new();
    story.rules.policy.release_hold = chrono::TimeDelta::days(10);
    story.on("04-02", bid_bond("A").registered());
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    let held_until = story.now + chrono::TimeDelta::days(10);
    assert_eq!(story.plan.next_due_at, Some(held_until));
    story.now = held_until;
    story.reconcile();
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(
        story.record("B-A").cause.at,
        morning("05-20") + chrono::TimeDelta::seconds(3)
    );
    assert_eq!(story.outstanding("B-A", "05-29"), 6_000_000);
    assert_eq!(story.outstanding("B-A", "05-30"), 0);
}

#[test]
fn a_release_that_is_taken_back_while_it_is_held_never_happens() {
    let mut story = Story::new();
    story.rules.policy.release_hold = chrono::TimeDelta::days(10);
    story.on("04-02", bid_bond("A").registered());
    story.on("05-20", outcome("", TenderOutcome::Cancelled));
    story.on("05-25", outcome("", TenderOutcome::Active));
    story.until("07-01");
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_bond_whose_period_ends_while_its_release_is_held_expires() {
    let mut story = Story::new();
    story.rules.policy.release_hold = chrono::TimeDelta::days(10);
    story.on("04-02", bid_bond("A").registered());
    story.on("08-28", outcome("", TenderOutcome::Unsuccessful));
    story.until("09-01");
    assert_eq!(story.state("B-A"), BondState::Expired);
}

#[test]
fn a_signed_document_after_the_release_reinstates_the_bond_with_new_keys() {
    let mut story = contradicted();
    assert_eq!(story.tasks(), [REINSTATE]);
    assert_eq!(story.outstanding("B-A", "05-24"), 0);
    story.on("05-28", bid_bond("A").updated());
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.record("B-A").cause.rule, Rule::UpdatedByIssuer);
    assert_eq!(story.keys("B-A"), ["contractor A v2", "owner OWNER v2"]);
    assert_eq!(story.tasks(), [""; 0]);
    let days = ["05-24", "05-28"].map(|day| story.outstanding("B-A", day));
    assert_eq!(
        days, [6_000_000; 2],
        "the period signed covers the days between"
    );
}

#[test]
fn a_document_signed_before_the_release_does_not_reinstate_however_late_it_comes() {
    let mut story = contradicted();
    story.heard("05-18", bid_bond("A").updated());
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(story.tasks(), [REINSTATE]);
}

#[test]
fn a_document_known_when_the_bond_was_released_does_not_reinstate_it_whatever_its_date() {
    let mut story = Story::new();
    story.on("04-10", outcome("", TenderOutcome::Cancelled));
    story.heard("04-11", bid_bond("A").registered());
    assert_eq!(
        story.state("B-A"),
        BondState::Released,
        "the issuer's clock is ahead of the hub's"
    );
}

#[test]
fn a_reinstated_bond_ends_again_by_a_later_event_alone() {
    let mut story = contradicted();
    story.on("05-28", bid_bond("A").updated());
    story.heard("05-19", outcome("", TenderOutcome::Cancelled));
    assert_eq!(
        story.state("B-A"),
        BondState::InForce,
        "that was before the issuer signed again"
    );
    story.on("07-01", concluded("K-1", "B", &[]));
    assert_eq!(story.state("B-A"), BondState::Released);
}

#[test]
fn a_bond_signed_again_too_short_is_reinstated_and_expires_in_one_plan() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.until("09-01");
    story.on("09-10", bid_bond("A").until("09-05").updated());
    assert_eq!(story.state("B-A"), BondState::Expired);
    assert_eq!(story.keys("B-A"), [""; 0]);
}

#[test]
fn an_expired_bond_that_the_issuer_extends_is_in_force_again() {
    let mut story = Story::new();
    story.on("06-20", performance("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    story.until("2027-04-01");
    assert_eq!(story.tasks(), ["expired_uncovered|bond:S1/P-A"]);
    assert_eq!(story.outstanding("P-A", "2027-04-02"), 0);
    story.on("2027-04-05", performance("A").until("2027-12-31").updated());
    assert_eq!(story.state("P-A"), BondState::InForce);
    assert_eq!(story.tasks(), [""; 0]);
    let days = ["2027-04-02", "2027-04-05"].map(|day| story.outstanding("P-A", day));
    assert_eq!(
        days[0], days[1],
        "the longer period covers the days between"
    );
    assert_ne!(days[0], 0);
}

#[test]
fn a_contradiction_that_time_resolves_closes_its_task_at_that_time() {
    let mut story = contradicted();
    let expiry = start_of(super::facts::day("09-01"), story.rules.policy.zone);
    assert_eq!(story.plan.next_due_at, Some(expiry));
    story.until("09-01");
    assert_eq!(story.tasks(), [""; 0], "it would be over by now anyway");
    assert_eq!(story.state("B-A"), BondState::Released);
}
