//! Openings brought forward (E2), openings that a registration names (R8), and when an owner sees (R21).

use super::{
    facts::{bid, bid_bond, morning, opening, owner, rebid},
    story::{Story, bond_id, opening_of},
};
use crate::{
    calendar::Timestamp,
    matching::Grade,
    party::Role,
    procurement::{BondFact, Fact, Scope, Waiver},
    view::{self, Onlooker, View, Viewed},
};

const TASK: &str = "opening_brought_forward|opening:tender";

fn confirmed(on: &str) -> Vec<Fact> {
    vec![Fact::OpeningConfirmed {
        scope: Scope::Tender,
        at: morning(on),
    }]
}

fn governing(story: &Story) -> Option<Timestamp> {
    opening_of(story, &Scope::Tender)
}

/// What the owner sees of A's bid bond at an instant.
fn seen(story: &Story, now: Timestamp) -> View {
    let record = story.record("B-A");
    let bond = bond_id("B-A");
    let viewed = Viewed {
        bond: &bond,
        terms: &record.terms,
        version: record.version,
    };
    view::view(
        &Onlooker::plain(Role::Owner),
        viewed,
        Some(&story.file),
        now,
    )
}

fn is_shown(story: &Story, on: &str) -> bool {
    matches!(seen(story, morning(on)), View::Content { .. })
}

fn tendered() -> Story {
    let mut story = Story::new();
    story.on("04-01", opening("", "05-10"));
    story.on("04-02", bid_bond("A").registered());
    story.on("04-03", bid("A", ""));
    story
}

#[test]
fn an_opening_brought_forward_does_not_lift_the_embargo_by_itself() {
    let mut story = tendered();
    story.on("04-10", opening("", "04-20"));
    assert_eq!(governing(&story), Some(morning("05-10")));
    assert!(!is_shown(&story, "04-20"));
    assert!(is_shown(&story, "05-10"));
    assert_eq!(story.asked(TASK), ["OWNER"]);
    assert_eq!(story.task(TASK).opening_at, Some(morning("04-20")));
}

#[test]
fn a_second_person_confirms_it_and_then_it_governs() {
    let mut story = tendered();
    story.on("04-10", opening("", "04-20"));
    story.by("hanako", "04-11", confirmed("04-20"));
    assert_eq!(governing(&story), Some(morning("04-20")));
    assert!(is_shown(&story, "04-20"));
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn who_brought_it_forward_cannot_confirm_it() {
    let mut story = tendered();
    story.by("taro", "04-10", opening("", "04-20"));
    story.by("taro", "04-11", confirmed("04-20"));
    assert_eq!(governing(&story), Some(morning("05-10")));
    story.by("hanako", "04-12", confirmed("04-20"));
    assert_eq!(governing(&story), Some(morning("04-20")));
}

#[test]
fn a_confirmation_of_another_time_confirms_nothing() {
    let mut story = tendered();
    story.on("04-10", opening("", "04-20"));
    story.by("hanako", "04-11", confirmed("04-25"));
    assert_eq!(governing(&story), Some(morning("05-10")));
}

#[test]
fn brought_forward_again_it_has_to_be_confirmed_again() {
    let mut story = tendered();
    story.on("04-10", opening("", "04-25"));
    story.by("hanako", "04-11", confirmed("04-25"));
    story.on("04-12", opening("", "04-20"));
    assert_eq!(governing(&story), Some(morning("04-25")));
    story.on("04-13", opening("", "05-30"));
    assert_eq!(
        governing(&story),
        Some(morning("05-30")),
        "a postponement needs nobody"
    );
    story.on("04-14", opening("", "04-25"));
    assert_eq!(
        governing(&story),
        Some(morning("05-30")),
        "the old word is used up"
    );
}

#[test]
fn the_task_is_gone_when_the_later_time_has_come() {
    let mut story = tendered();
    story.on("04-10", opening("", "04-20"));
    assert_eq!(story.plan.next_due_at, Some(morning("05-10")));
    story.until("05-10");
    assert!(!story.tasks().contains(&TASK.to_owned()));
}

#[test]
fn the_order_in_which_openings_are_heard_does_not_matter() {
    let mut story = tendered();
    let told = [("04-12", "04-20"), ("04-10", "05-20"), ("04-11", "05-01")];
    for (when, at) in told {
        story.heard(when, opening("", at));
    }
    let mut other = tendered();
    for (when, at) in [told[1], told[2], told[0]] {
        other.heard(when, opening("", at));
    }
    assert_eq!(governing(&story), Some(morning("05-20")));
    assert_eq!(governing(&story), governing(&other));
    assert_eq!(story.task(TASK), other.task(TASK));
}

#[test]
fn a_rebid_after_the_opening_embargoes_again() {
    let mut story = tendered();
    story.on("05-11", rebid("", "06-01"));
    assert_eq!(governing(&story), Some(morning("06-01")));
    story.on("05-12", opening("", "05-20"));
    assert_eq!(governing(&story), Some(morning("06-01")));
    assert!(!is_shown(&story, "05-20"));
}

#[test]
fn a_rebid_before_the_opening_that_governs_brings_it_forward_and_needs_a_second_person() {
    let mut story = tendered();
    story.by("taro", "05-01", rebid("", "05-02"));
    assert_eq!(governing(&story), Some(morning("05-10")));
    assert!(!is_shown(&story, "05-02"));
    assert_eq!(story.task(TASK).opening_at, Some(morning("05-02")));
    story.by("taro", "05-01", confirmed("05-02"));
    assert_eq!(governing(&story), Some(morning("05-10")));
    story.by("hanako", "05-01", confirmed("05-02"));
    assert_eq!(governing(&story), Some(morning("05-02")));
}

#[test]
fn who_repeats_an_earlier_opening_is_no_second_person_for_its_announcer() {
    let mut story = tendered();
    story.by("taro", "04-10", opening("", "04-20"));
    story.by("hanako", "04-11", opening("", "04-20"));
    story.by("taro", "04-12", confirmed("04-20"));
    assert_eq!(governing(&story), Some(morning("05-10")));
}

#[test]
fn a_registration_that_names_a_later_opening_governs_until_it_is_settled() {
    let mut story = Story::new();
    let mut bond = bid_bond("A");
    bond.terms.opening_at = Some(morning("05-12"));
    story.on("04-02", bond.registered());
    story.on("04-03", opening("", "05-10"));
    assert!(!is_shown(&story, "05-10"));
    assert!(is_shown(&story, "05-12"));
    let result = story.record("B-A").matched.clone().unwrap();
    assert_eq!(result.grade, Grade::Curable);
    let what = result.findings[0].finding.what.clone();
    assert_eq!(what.code(), "other_opening");
    let waiver = Waiver {
        what,
        by: "hanako".into(),
        reason: "公告が正しい".into(),
    };
    story.on("04-04", bond.fact(BondFact::Waived(waiver)));
    assert!(is_shown(&story, "05-10"), "settled by a person");
    assert_eq!(
        story.record("B-A").matched.as_ref().unwrap().grade,
        Grade::Ok
    );
    story.on("04-05", opening("", "05-11"));
    assert!(
        !is_shown(&story, "05-11"),
        "the difference is another one now"
    );
}

#[test]
fn a_registration_that_quotes_an_announcement_follows_what_is_announced_later() {
    let mut story = Story::new();
    let mut bond = bid_bond("A");
    bond.terms.opening_at = Some(morning("05-10"));
    story.on("04-02", bond.registered());
    story.on("04-03", opening("", "05-10"));
    story.on("04-10", opening("", "04-20"));
    story.by("hanako", "04-11", confirmed("04-20"));
    assert!(is_shown(&story, "04-20"));
    let result = story.record("B-A").matched.clone().unwrap();
    assert_eq!(result.grade, Grade::Ok, "{result:?}");
}

#[test]
fn without_any_opening_nothing_is_shown() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("04-03", owner());
    assert!(!is_shown(&story, "2027-01-01"));
}
