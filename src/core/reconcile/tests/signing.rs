//! R12, R14: keys that their issuer signs at its desk, and keys that their holder takes by hand.

use chrono::TimeDelta;

use super::{
    facts::{bid, bid_bond, morning, outcome},
    story::{Story, bond_id},
};
use crate::{
    party::Role,
    procurement::{Learned, TenderOutcome},
    reconcile::{Delivery, Effect, KeyReason, Signing},
};

/// A case whose issuer signs at its own desk, with a bond that is registered.
fn at_the_desk() -> Story {
    let mut story = Story::new();
    story.correspondent("S1").signs_here = false;
    story.on("04-02", bid_bond("A").registered());
    story
}

/// What lies in the signing queue: `contractor A v1 e1`.
fn queue(story: &Story) -> Vec<String> {
    let asked = story.record("B-A").asked.iter();
    asked
        .map(|(role, key)| format!("{role} {} v{} e{}", key.holder, key.version, key.edition))
        .collect()
}

/// How the keys issued so far were signed and delivered, and why.
fn issued(story: &Story) -> Vec<(Signing, Delivery, KeyReason)> {
    let one = |effect: &Effect| match effect {
        Effect::IssueKey {
            signing,
            delivery,
            reason,
            ..
        } => Some((*signing, *delivery, *reason)),
        _ => None,
    };
    story.effects.iter().filter_map(one).collect()
}

/// The issuer signs what is asked for in an edition.
fn sign(story: &mut Story, when: &str, role: Role, edition: u32) -> Learned {
    let fact = bid_bond("A").key_signed(role, edition);
    let learned = story.learn(when, fact).unwrap();
    story.now = story.now.max(morning(when));
    story.reconcile();
    learned
}

#[test]
fn a_key_whose_issuer_signs_at_its_desk_is_asked_for_and_works_from_its_signature_on() {
    let mut story = at_the_desk();
    assert_eq!(queue(&story), ["contractor A v1 e1"]);
    assert_eq!(story.keys("B-A"), [""; 0]);
    assert_eq!(story.asked("signature_needed|wait:signature:S1"), ["S1"]);
    let learned = sign(&mut story, "04-03", Role::Contractor, 1);
    assert_eq!(learned, Learned::New);
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!(queue(&story), [""; 0]);
    assert_eq!((story.waits(), story.tasks()), (vec![], vec![]));
    let how = (Signing::AtDesk, Delivery::Mail, KeyReason::Registered);
    assert_eq!(issued(&story), [how]);
}

#[test]
fn a_signature_given_twice_changes_nothing_the_second_time() {
    let mut story = at_the_desk();
    sign(&mut story, "04-03", Role::Contractor, 1);
    let before = story.file.clone();
    let again = sign(&mut story, "04-04", Role::Contractor, 1);
    assert_eq!(again, Learned::Overtaken);
    assert_eq!(story.file, before);
}

#[test]
fn a_new_version_overtakes_what_waits_and_a_signature_for_it_changes_nothing() {
    let mut story = at_the_desk();
    story.on("04-03", bid_bond("A").amount(7_000_000).updated());
    assert_eq!(queue(&story), ["contractor A v2 e2"]);
    let late = sign(&mut story, "04-04", Role::Contractor, 1);
    assert_eq!(late, Learned::Overtaken);
    assert_eq!(story.keys("B-A"), [""; 0]);
    sign(&mut story, "04-05", Role::Contractor, 2);
    assert_eq!(story.keys("B-A"), ["contractor A v2"]);
}

#[test]
fn an_update_ends_the_live_keys_at_once_although_the_new_ones_wait_for_their_signature() {
    let mut story = at_the_desk();
    story.on("04-10", bid_bond("A").handed_over());
    sign(&mut story, "04-11", Role::Contractor, 1);
    sign(&mut story, "04-11", Role::Owner, 2);
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
    story.on("05-05", bid_bond("A").updated());
    assert_eq!(story.keys("B-A"), [""; 0]);
    assert_eq!(queue(&story), ["contractor A v2 e3", "owner OWNER v2 e3"]);
    sign(&mut story, "05-06", Role::Owner, 3);
    assert_eq!(story.keys("B-A"), ["owner OWNER v2"]);
    assert_eq!(story.waits(), ["signature:S1"]);
    let reasons: Vec<_> = issued(&story).into_iter().map(|one| one.2).collect();
    let expected = [
        KeyReason::Registered,
        KeyReason::HandedOver,
        KeyReason::Updated,
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn a_revocation_of_one_roles_key_leaves_what_the_other_role_waits_for() {
    let mut story = at_the_desk();
    sign(&mut story, "04-03", Role::Contractor, 1);
    story.on("04-10", bid_bond("A").handed_over());
    let stolen = bid_bond("A").keys_revoked(Role::Contractor, false, "stolen");
    story.on("04-11", stolen);
    assert_eq!(queue(&story), ["owner OWNER v1 e2"]);
    sign(&mut story, "04-12", Role::Owner, 2);
    assert_eq!(story.keys("B-A"), ["owner OWNER v1"]);
}

#[test]
fn a_bond_that_ends_leaves_nothing_in_the_queue() {
    let mut story = at_the_desk();
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(queue(&story), [""; 0]);
    let late = sign(&mut story, "05-21", Role::Contractor, 1);
    assert_eq!(late, Learned::Overtaken);
    assert_eq!(story.keys("B-A"), [""; 0]);
}

#[test]
fn an_issuer_that_lets_the_hub_sign_meanwhile_need_not_sign_what_waits() {
    let mut story = at_the_desk();
    story.correspondent("S1").signs_here = true;
    story.reconcile();
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!(queue(&story), [""; 0]);
    let late = sign(&mut story, "04-04", Role::Contractor, 1);
    assert_eq!(late, Learned::Overtaken);
    assert_eq!(story.keys("B-A").len(), 1);
}

#[test]
fn a_signed_key_waits_for_a_certificate_that_ended_meanwhile_and_is_not_asked_for_again() {
    let mut story = at_the_desk();
    story.correspondent("A").keys_until = Some(morning("04-03"));
    sign(&mut story, "04-05", Role::Contractor, 1);
    assert_eq!(story.waits(), ["certificate:A"]);
    assert_eq!(queue(&story), ["contractor A v1 e1"]);
    story.correspondent("A").keys_until = Some(morning("2027-01-01"));
    story.reconcile();
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
}

#[test]
fn a_key_taken_by_hand_needs_no_certificate_and_closes_the_task() {
    let mut story = Story::new();
    story.correspondent("A").keys_until = None;
    story.on("04-02", bid_bond("A").registered());
    assert_eq!(story.tasks(), ["certificate_needed|wait:certificate:A"]);
    story.collects("B-A", Role::Contractor);
    story.on("04-03", bid_bond("A").key_by_hand(Role::Contractor));
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!((story.waits(), story.tasks()), (vec![], vec![]));
    let how = (Signing::Entrusted, Delivery::Hand, KeyReason::Reissued);
    assert_eq!(issued(&story), [how]);
}

#[test]
fn a_key_taken_by_hand_ends_the_one_before_in_the_same_plan() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("05-01", bid("A", ""));
    story.collects("B-A", Role::Owner);
    story.on("05-02", bid_bond("A").key_by_hand(Role::Owner));
    let ends = |effect: &Effect| {
        matches!(effect, Effect::EndKeys { role: Some(Role::Owner), reason, .. }
            if reason == "issued_by_hand")
    };
    let place = |wanted: &dyn Fn(&Effect) -> bool| story.plan.effects.iter().position(wanted);
    let issues = |effect: &Effect| matches!(effect, Effect::IssueKey { .. });
    assert!(place(&ends).unwrap() < place(&issues).unwrap());
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
}

#[test]
fn a_key_that_is_to_be_taken_by_hand_is_issued_only_while_its_holder_is_there() {
    let mut story = at_the_desk();
    story.on("04-03", bid_bond("A").key_by_hand(Role::Contractor));
    assert_eq!(queue(&story), ["contractor A v1 e2"]);
    sign(&mut story, "04-04", Role::Contractor, 2);
    assert_eq!(story.keys("B-A"), [""; 0], "it was signed, nobody is there");
    assert_eq!((story.waits(), story.tasks()), (vec![], vec![]));
    story.collects("B-A", Role::Contractor).reconcile();
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    let how = (Signing::AtDesk, Delivery::Hand, KeyReason::Reissued);
    assert_eq!(issued(&story), [how]);
}

#[test]
fn the_next_version_comes_by_mail_again() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.collects("B-A", Role::Contractor);
    story.on("04-03", bid_bond("A").key_by_hand(Role::Contractor));
    story.collector = None;
    story.on("05-05", bid_bond("A").updated());
    let deliveries: Vec<_> = issued(&story).into_iter().map(|one| one.1).collect();
    assert_eq!(deliveries, [Delivery::Mail, Delivery::Hand, Delivery::Mail]);
}

#[test]
fn whoever_has_no_right_to_a_key_is_not_entitled_to_one() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    let roles = |story: &Story| {
        let found =
            crate::reconcile::entitled(&story.file, &story.rules, story.now, &bond_id("B-A"));
        found.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(roles(&story), [Role::Contractor]);
    story.on("04-10", bid_bond("A").handed_over());
    assert_eq!(roles(&story), [Role::Contractor, Role::Owner]);
    let left = bid_bond("A").keys_revoked(Role::Owner, false, "left the office");
    story.on("04-11", left);
    assert_eq!(roles(&story), [Role::Contractor]);
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(roles(&story), []);
}

#[test]
fn a_key_whose_token_is_away_waits_a_while_and_nobody_is_asked() {
    let mut story = Story::new();
    let back = morning("04-02") + TimeDelta::minutes(1);
    story.correspondent("S1").away_until = Some(back);
    story.on("04-02", bid_bond("A").registered());
    story.on("04-02", bid_bond("B").issuer("S2").registered());
    assert_eq!(story.waits(), ["signature:S1"]);
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(story.record("B-A").asked.len(), 0);
    assert_eq!(story.keys("S2/B-B"), ["contractor B v1"], "others go on");
    assert_eq!(story.plan.next_due_at, Some(back));
    story.until("04-02");
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!(story.waits(), [""; 0]);
}

#[test]
fn a_token_that_stays_away_becomes_an_operators_task_at_the_deadline() {
    let mut story = Story::new();
    story.correspondent("S1").away_until = Some(morning("2027-01-01"));
    story.on("04-02", bid_bond("A").registered());
    story.until("04-03");
    assert_eq!(story.tasks(), ["unplaced|wait:signature:S1"]);
}
