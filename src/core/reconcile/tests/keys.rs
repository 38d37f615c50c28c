//! R10, R11, R14 and the hand-over's consequences for deletions (E25): who holds which live key.

use super::{
    facts::{bid, bid_bond, bid_with, outcome, performance},
    story::Story,
};
use crate::{
    bond::{BondState, Rule},
    party::Role,
    procurement::{Learned, TenderOutcome},
    reconcile::{Effect, KeyReason},
};

const CONSENT: &str = "owner_consent_needed|bond:S1/B-A";

fn registered() -> Story {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story
}

fn handed_over() -> Story {
    let mut story = registered();
    story.on("05-01", bid("A", ""));
    story
}

/// The reasons of the keys issued, in order.
fn reasons(story: &Story) -> Vec<KeyReason> {
    let reason = |effect: &Effect| match effect {
        Effect::IssueKey { reason, .. } => Some(*reason),
        _ => None,
    };
    story.effects.iter().filter_map(reason).collect()
}

/// The reasons the holders of dead keys were given, in order.
fn endings(story: &Story) -> Vec<&str> {
    let reason = |effect: &'_ Effect| match effect {
        Effect::EndKeys { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    let found: Vec<String> = story.effects.iter().filter_map(reason).collect();
    found.into_iter().map(|reason| &*reason.leak()).collect()
}

#[test]
fn a_registration_issues_the_contractors_key_and_the_hand_over_the_owners() {
    let mut story = registered();
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    story.on("04-10", bid_bond("A").handed_over());
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(
        reasons(&story),
        [KeyReason::Registered, KeyReason::HandedOver]
    );
}

#[test]
fn a_hand_over_again_issues_no_second_key() {
    let mut story = handed_over();
    story.on("05-02", bid_bond("A").handed_over());
    assert_eq!(reasons(&story).len(), 2);
}

#[test]
fn a_bid_hands_over_no_performance_bond() {
    let mut story = Story::new();
    story
        .on("06-20", performance("A").registered())
        .on("06-21", bid("A", ""));
    assert_eq!(story.keys("P-A"), ["contractor A v1"]);
}

#[test]
fn a_bond_registered_after_the_bid_that_names_it_is_handed_over_at_once() {
    let mut story = Story::new();
    story.on("05-01", bid_with("A", "", &[&bid_bond("A")]));
    assert_eq!(story.waits(), ["bond:S1/B-A"]);
    story.on("05-02", bid_bond("A").registered());
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.waits(), [""; 0]);
}

#[test]
fn an_update_ends_the_old_versions_keys_in_the_plan_that_issues_the_new_ones() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").amount(7_000_000).updated());
    assert_eq!(story.keys("B-A"), ["contractor A v2", "owner OWNER v2"]);
    let place = |wanted: fn(&Effect) -> bool| story.plan.effects.iter().position(wanted).unwrap();
    let revised = place(|effect| matches!(effect, Effect::Revise { version: 2, .. }));
    let dead = place(|effect| {
        matches!(
            effect,
            Effect::EndKeys {
                role: None,
                edition: 2,
                ..
            }
        )
    });
    let issued = place(|effect| matches!(effect, Effect::IssueKey { version: 2, .. }));
    assert!(revised < dead && dead < issued);
    assert_eq!(endings(&story), ["updated_by_issuer"]);
    assert_eq!(reasons(&story)[2..], [KeyReason::Updated; 2]);
}

#[test]
fn an_update_with_the_same_content_is_a_new_version_too() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").updated());
    assert_eq!(story.keys("B-A"), ["contractor A v2", "owner OWNER v2"]);
}

#[test]
fn a_revocation_by_hand_with_reissue_replaces_that_roles_key_alone() {
    let mut story = handed_over();
    let before = story.record("B-A").keys.clone();
    story.on(
        "05-05",
        bid_bond("A").keys_revoked(Role::Owner, true, "the laptop was stolen"),
    );
    let after = &story.record("B-A").keys;
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(after[&Role::Contractor], before[&Role::Contractor]);
    assert!(after[&Role::Owner].edition > before[&Role::Owner].edition);
    assert_eq!(endings(&story), ["the laptop was stolen"]);
    assert_eq!(reasons(&story).last(), Some(&KeyReason::Reissued));
}

#[test]
fn a_second_revocation_replaces_the_key_again() {
    let mut story = handed_over();
    for day in ["05-05", "05-06"] {
        story.on(day, bid_bond("A").keys_revoked(Role::Owner, true, "lost"));
    }
    assert_eq!(endings(&story), ["lost", "lost"]);
    assert_eq!(story.keys("B-A").len(), 2);
}

#[test]
fn a_revocation_without_reissue_leaves_the_holder_without_a_key_until_the_next_version() {
    let mut story = handed_over();
    story.on(
        "05-05",
        bid_bond("A").keys_revoked(Role::Owner, false, "left the office"),
    );
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    story.on("05-10", bid_bond("A").until("09-30").updated());
    assert_eq!(story.keys("B-A"), ["contractor A v2", "owner OWNER v2"]);
}

#[test]
fn a_late_revocation_of_an_older_versions_keys_leaves_the_newer_versions_alone() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").until("09-30").updated());
    let issued = reasons(&story).len();
    for reissue in [true, false] {
        story.heard(
            "05-03",
            bid_bond("A").keys_revoked(Role::Owner, reissue, "lost"),
        );
        assert_eq!(story.keys("B-A"), ["contractor A v2", "owner OWNER v2"]);
    }
    assert_eq!(
        reasons(&story).len(),
        issued,
        "nobody is mailed a key for nothing"
    );
}

#[test]
fn a_bond_that_ended_has_no_keys_and_its_holders_are_told_the_rule() {
    let mut story = handed_over();
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(story.keys("B-A"), [""; 0]);
    assert_eq!(endings(&story), ["no_award"]);
}

#[test]
fn a_paper_bond_has_no_keys() {
    let mut story = Story::new();
    story
        .on("04-02", bid_bond("A").paper().registered())
        .on("05-01", bid("A", ""));
    assert_eq!(story.keys("B-A"), [""; 0]);
    assert_eq!(story.state("B-A"), BondState::InForce);
}

#[test]
fn an_issuer_deletes_a_bond_that_was_not_handed_over_and_the_key_dies_at_once() {
    let mut story = registered();
    story.rules.policy.release_hold = chrono::TimeDelta::days(10);
    story.on("04-10", bid_bond("A").deleted());
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(story.record("B-A").cause.rule, Rule::DeletedByIssuer);
    assert_eq!(
        story.keys("B-A"),
        [""; 0],
        "a hold is for events, not for the issuer's own act"
    );
}

#[test]
fn an_issuer_deletes_a_bond_the_owner_holds_only_when_the_owner_consents() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").deleted());
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.asked(CONSENT), ["OWNER"]);
    story.on("05-09", bid_bond("A").owner_consents());
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(
        story.outstanding("B-A", "05-08"),
        6_000_000,
        "it bound until the consent"
    );
    assert_eq!(story.outstanding("B-A", "05-09"), 0);
}

#[test]
fn a_deletion_waiting_for_consent_is_settled_by_a_release() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").deleted());
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(story.record("B-A").cause.rule, Rule::NoAward);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_deletion_before_the_release_is_what_ended_the_bond() {
    let mut story = registered();
    story.learn("04-10", bid_bond("A").deleted()).unwrap();
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(story.record("B-A").cause.rule, Rule::DeletedByIssuer);
    assert_eq!(story.outstanding("B-A", "04-10"), 0);
}

#[test]
fn a_deletion_is_overtaken_when_the_issuer_signs_the_bond_again() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").deleted());
    story.on("05-06", bid_bond("A").updated());
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(story.state("B-A"), BondState::InForce);
}

#[test]
fn a_frozen_bond_cannot_be_deleted() {
    use super::facts::award;
    use crate::procurement::AwardState;
    let mut story = registered();
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    story.on("06-02", bid_bond("A").deleted());
    assert_eq!(story.state("B-A"), BondState::Frozen);
}

#[test]
fn a_consent_does_not_outlast_the_document_it_was_given_for() {
    let mut story = handed_over();
    story.on("05-05", bid_bond("A").owner_consents());
    story.on("05-06", bid_bond("A").updated());
    story.on("05-07", bid_bond("A").deleted());
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.tasks(), [CONSENT]);
}

#[test]
fn a_revocation_ends_the_keys_of_a_version_whose_business_time_runs_ahead() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    let ahead = bid_bond("A").amount(7_000_000).updated();
    story.heard("2027-04-03", ahead);
    assert_eq!(story.keys("B-A"), ["contractor A v2"]);
    let revoked = bid_bond("A").keys_revoked(Role::Contractor, false, "lost");
    story.on("04-04", revoked);
    assert_eq!(story.keys("B-A"), [""; 0]);
}

#[test]
fn keys_revoked_for_different_reasons_end_with_their_own() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("04-03", bid_bond("A").handed_over());
    for (role, reason) in [(Role::Contractor, "lost"), (Role::Owner, "staff changed")] {
        let revoked = bid_bond("A").keys_revoked(role, false, reason);
        assert_eq!(story.learn("04-04", revoked), Ok(Learned::New));
    }
    story.now = super::facts::morning("04-05");
    story.reconcile();
    let ended = story.plan.effects.iter().filter_map(|effect| match effect {
        Effect::EndKeys { role, reason, .. } => Some((*role, reason.as_str())),
        _ => None,
    });
    let ended: Vec<_> = ended.collect();
    assert_eq!(
        ended,
        [
            (Some(Role::Contractor), "lost"),
            (Some(Role::Owner), "staff changed")
        ]
    );
}

#[test]
fn a_handover_after_a_deletion_was_carried_out_asks_for_nothing() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("04-03", bid_bond("A").deleted());
    assert_eq!(story.state("B-A"), BondState::Released);
    story.on("04-04", bid("A", ""));
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_handover_before_a_deletion_that_was_heard_first_is_for_the_issuer_to_reinstate() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("04-05", bid_bond("A").deleted());
    story.heard("04-04", bid("A", ""));
    assert_eq!(story.tasks(), ["reinstatement_needed|bond:S1/B-A"]);
}

#[test]
fn a_deletion_dated_before_a_handover_does_not_take_the_owners_key_away() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("04-05", bid("A", ""));
    story.heard("04-04", bid_bond("A").deleted());
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(story.tasks(), ["owner_consent_needed|bond:S1/B-A"]);
}
