//! The match of every kind of bond with its case (R7), waivers, and what other systems hear of it (R33).

use super::{
    facts::{
        award, bid, bid_bond, bids_opened, changed, concluded, lots, morning, opening, party,
        performance, rebid, reservation, scope, yen,
    },
    story::Story,
};
use crate::{
    bond::BondState,
    identifier::PartyCode,
    matching::{Discrepancy, Grade, MatchResult},
    money::BasisPoints,
    notice::{FindingTold, HubEvent},
    procurement::{AwardState, BondFact, Fact, Scope, Waiver},
    reconcile::Effect,
    rules::{Guarantee, RuleOverride},
    task::TaskKey,
};

const TASK: &str = "match_failed|bond:S1/B-A";

fn guarantee(rate: u32) -> Vec<Fact> {
    vec![Fact::BidGuarantee(Guarantee::of_rate(BasisPoints(rate)))]
}

fn bid_over(contractor: &str, price: i64) -> Vec<Fact> {
    vec![Fact::Bid {
        contractor: party(contractor),
        scope: Scope::Tender,
        bonds: Vec::new(),
        amount: Some(yen(price)),
    }]
}

/// A's bid bond over six million; the tender asks for a twentieth of the bid.
fn tendered() -> Story {
    let mut story = Story::new();
    story.on("04-01", opening("", "05-10"));
    story.on("04-01", guarantee(500));
    story.on("04-02", bid_bond("A").registered());
    story
}

fn result<'a>(story: &'a Story, bond: &str) -> &'a MatchResult {
    story.record(bond).matched.as_ref().unwrap()
}

fn codes(result: &MatchResult) -> Vec<&'static str> {
    result
        .findings
        .iter()
        .map(|found| found.finding.what.code())
        .collect()
}

/// The tasks about matches that were published: which, and who is asked.
fn tasks_told(story: &Story) -> Vec<(String, Option<Vec<PartyCode>>)> {
    let told = story.effects.iter().filter_map(|effect| match effect {
        Effect::Publish(HubEvent::TaskOpened { task, asked }) => {
            Some((task.to_string(), asked.clone()))
        }
        _ => None,
    });
    told.filter(|(task, _)| task.starts_with("match_failed"))
        .collect()
}

/// What was published about matches: grade and findings.
fn published(story: &Story) -> Vec<(Grade, Vec<FindingTold>)> {
    let told = story.effects.iter().filter_map(|effect| match effect {
        Effect::Publish(HubEvent::MatchResult {
            grade, findings, ..
        }) => Some((*grade, findings.clone())),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_bid_bond_is_matched_with_a_share_of_the_price_bid() {
    let mut story = tendered();
    assert_eq!(result(&story, "B-A"), &MatchResult::default());
    story.on("05-01", bid_over("A", 120_000_000));
    assert_eq!(
        result(&story, "B-A").grade,
        Grade::Ok,
        "exactly a twentieth"
    );
    story.on("05-02", bid_over("A", 120_000_020));
    let short = Discrepancy::AmountShort {
        guaranteed: yen(6_000_000),
        required: yen(6_000_001),
    };
    assert_eq!(result(&story, "B-A").findings[0].finding.what, short);
    assert_eq!(
        story.asked(TASK),
        ["S1", "A"],
        "not the owner before the opening"
    );
    story.on("05-03", bid_bond("A").amount(6_000_001).updated());
    assert_eq!(result(&story, "B-A").grade, Grade::Ok);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn other_systems_hear_of_the_match_but_of_no_amount_before_the_opening() {
    let mut story = tendered();
    story.on("05-01", bid_over("A", 140_000_000));
    assert_eq!(published(&story), [(Grade::Ok, vec![])]);
    assert_eq!(
        story
            .plan
            .next_due_at
            .map(|at| at.date_naive().to_string())
            .as_deref(),
        Some("2026-05-10")
    );
    assert_eq!(tasks_told(&story), [], "it would tell of the amount");
    story.until("05-10");
    let asked = ["S1", "A", "OWNER"].map(party).to_vec();
    assert_eq!(tasks_told(&story), [(TASK.to_owned(), Some(asked))]);
    let short = FindingTold {
        finding: "amount_short",
        grade: Grade::Curable,
        waived: false,
    };
    assert_eq!(published(&story)[1..], [(Grade::Curable, vec![short])]);
    assert_eq!(story.asked(TASK), ["S1", "A", "OWNER"]);
}

#[test]
fn a_task_that_other_systems_were_told_of_ends_for_them_where_only_an_amount_is_left() {
    let mut story = tendered();
    let mut elsewhere = bid_bond("A");
    elsewhere.terms.opening_at = Some(morning("05-11"));
    story.on("04-05", elsewhere.updated());
    story.on("05-01", bid_over("A", 140_000_000));
    assert_eq!(tasks_told(&story), [(TASK.to_owned(), None)]);
    let task = TaskKey::try_from(TASK.to_owned()).unwrap();
    let closed = Effect::Publish(HubEvent::TaskClosed { task });
    assert!(!story.effects.contains(&closed));
    story.on("05-02", bid_bond("A").updated());
    assert_eq!(story.asked(TASK), ["S1", "A"]);
    assert!(story.effects.contains(&closed));
}

#[test]
fn no_event_names_a_bidder_before_the_opening() {
    let mut story = tendered();
    story.correspondent("B").keys_until = None;
    story.on("04-05", bid_bond("B").issuer("S2").registered());
    story.on("05-01", bid_over("A", 140_000_000));
    story.on("05-02", opening("", "08-20"));
    let told = |story: &Story| {
        let events = story.effects.iter().filter_map(|effect| match effect {
            Effect::Publish(event) => Some(serde_json::to_string(event).unwrap()),
            _ => None,
        });
        events.collect::<Vec<_>>().join("\n")
    };
    let before = told(&story);
    for kind in ["key_issued", "task_opened", "extension_needed"] {
        assert!(before.contains(kind), "{kind} in {before}");
    }
    for name in ["\"A\"", "\"B\"", ":A\"", ":B\""] {
        assert!(!before.contains(name), "{name} in {before}");
    }
    story.until("08-20");
    let after = told(&story);
    for name in ["\"A\"", "certificate_needed|wait:certificate:B"] {
        assert!(after.contains(name), "{name} in {after}");
    }
}

#[test]
fn another_owner_on_the_bond_is_fatal_and_told_before_the_opening() {
    let mut story = tendered();
    story.on("04-05", bid_bond("B").obligee("S2").registered());
    assert_eq!(codes(result(&story, "B-B")), ["other_obligee"]);
    assert_eq!(published(&story).last().unwrap().0, Grade::Fatal);
    assert_eq!(story.asked("match_failed|bond:S1/B-B"), ["S1", "B"]);
}

#[test]
fn who_has_no_bid_when_the_bids_are_opened_has_a_finding() {
    let mut story = tendered();
    story.on("04-03", bid_bond("B").registered());
    story.on("05-01", bid("A", ""));
    assert_eq!(result(&story, "B-B").grade, Grade::Ok);
    story.on("05-10", bids_opened("", "05-10"));
    assert_eq!(codes(result(&story, "B-B")), ["no_bid"]);
    assert_eq!(codes(result(&story, "B-A")), [""; 0]);
}

#[test]
fn what_was_bid_before_a_rebid_asks_for_nothing_after_it() {
    let mut story = tendered();
    story.on("05-01", bid_over("A", 120_000_000));
    story.on("05-10", bids_opened("", "05-10"));
    story.on("05-11", rebid("", "05-20"));
    story.on("05-12", bid_bond("A").amount(5_700_000).updated());
    assert_eq!(codes(result(&story, "B-A")), [""; 0], "no price is bid yet");
    story.on("05-13", bid_over("A", 115_000_000));
    assert_eq!(codes(result(&story, "B-A")), ["amount_short"]);
    story.on("05-14", bid_over("A", 114_000_000));
    assert_eq!(codes(result(&story, "B-A")), [""; 0]);
}

#[test]
fn who_does_not_bid_again_has_a_finding_once_the_new_bids_are_opened() {
    let mut story = tendered();
    story.on("04-03", bid_bond("B").registered());
    story.on("05-01", bid("A", ""));
    story.on("05-01", bid("B", ""));
    story.on("05-10", bids_opened("", "05-10"));
    story.on("05-11", rebid("", "05-20"));
    story.on("05-12", bid("A", ""));
    assert_eq!(codes(result(&story, "B-B")), [""; 0], "not opened yet");
    story.on("05-20", bids_opened("", "05-20"));
    assert_eq!(codes(result(&story, "B-B")), ["no_bid"]);
    assert_eq!(codes(result(&story, "B-A")), [""; 0]);
}

#[test]
fn a_rebid_of_one_lot_leaves_what_was_bid_for_the_other() {
    let mut story = Story::new();
    story.on(
        "04-01",
        [opening("", "05-10"), lots(&["L1", "L2"])].concat(),
    );
    story.on("04-01", guarantee(500));
    story.on("04-02", bid_bond("A").lot("L1").registered());
    story.on("04-02", bid_bond("B").lot("L2").registered());
    for (contractor, lot) in [("A", "L1"), ("B", "L2")] {
        let priced = Fact::Bid {
            contractor: party(contractor),
            scope: scope(lot),
            bonds: Vec::new(),
            amount: Some(yen(140_000_000)),
        };
        story.on("05-01", vec![priced]);
    }
    story.on("05-11", rebid("L1", "05-20"));
    assert_eq!(codes(result(&story, "B-A-L1")), [""; 0]);
    assert_eq!(codes(result(&story, "B-B-L2")), ["amount_short"]);
}

#[test]
fn a_waived_finding_is_shown_and_counts_no_more_until_it_changes() {
    let mut story = tendered();
    story.on("05-01", bid_over("A", 140_000_000));
    let what = result(&story, "B-A").findings[0].finding.what.clone();
    let waiver = Waiver {
        what,
        by: "hanako".into(),
        reason: "唯一の入札".into(),
    };
    story.on("05-02", bid_bond("A").fact(BondFact::Waived(waiver)));
    assert_eq!(result(&story, "B-A").grade, Grade::Ok);
    let shown = result(&story, "B-A").findings[0].waived.as_ref().unwrap();
    assert_eq!(
        (shown.by.as_str(), shown.reason.as_str()),
        ("hanako", "唯一の入札")
    );
    assert_eq!(story.tasks(), [""; 0]);
    story.on("05-03", bid_over("A", 150_000_000));
    assert_eq!(
        result(&story, "B-A").grade,
        Grade::Curable,
        "void: it is another finding"
    );
}

#[test]
fn the_case_goes_before_the_owner_and_the_owner_before_the_installation() {
    let required = |story: &Story| match &result(story, "B-A").findings[..] {
        [found] => match &found.finding.what {
            Discrepancy::AmountShort { required, .. } => required.amount(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.rules.policy.bid_guarantee = Guarantee::of_rate(BasisPoints(800));
    story.on("05-01", bid_over("A", 100_000_000));
    assert_eq!(required(&story), 8_000_000);
    let of_owner = RuleOverride {
        bid_guarantee_rate_bp: Some(BasisPoints(700)),
        ..RuleOverride::default()
    };
    story.rules.policy.owners.insert(party("OWNER"), of_owner);
    story.reconcile();
    assert_eq!(required(&story), 7_000_000);
    story.on("05-02", guarantee(900));
    assert_eq!(required(&story), 9_000_000, "what the tender says");
    let of_case = RuleOverride {
        bid_guarantee_rate_bp: Some(BasisPoints(650)),
        fatal_shortfall_bp: Some(BasisPoints(0)),
        ..RuleOverride::default()
    };
    story.on("05-03", vec![Fact::OwnRules(of_case)]);
    assert_eq!(required(&story), 6_500_000);
    assert_eq!(
        result(&story, "B-A").grade,
        Grade::Fatal,
        "nothing is tolerated here"
    );
}

#[test]
fn a_waived_shortfall_lets_a_performance_bond_count_for_its_contract() {
    let mut story = Story::new();
    story.on("06-20", performance("A").amount(11_000_000).registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.tasks(), ["bond_missing|contract:K-1"]);
    let what = result(&story, "P-A").findings[0].finding.what.clone();
    let waiver = Waiver {
        what,
        by: "hanako".into(),
        reason: "端数".into(),
    };
    story.on("07-02", performance("A").fact(BondFact::Waived(waiver)));
    assert_eq!(story.tasks(), [""; 0]);
    story.on("08-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(story.tasks(), ["change_request|bond:S1/P-A"]);
}

#[test]
fn a_reservation_of_another_contractor_is_not_taken_over() {
    let mut story = Story::new();
    story.on("04-02", reservation("B").registered());
    story.on("06-20", performance("A").taking_over("R-B").registered());
    assert_eq!(story.state("R-B"), BondState::Reserved);
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(codes(result(&story, "P-A")), ["not_the_reservation"]);
    assert_eq!(result(&story, "P-A").grade, Grade::Fatal);
}

#[test]
fn a_bond_towards_another_owner_is_made_good_by_another_bond_and_not_by_an_update() {
    let mut story = tendered();
    story.on("04-05", bid_bond("B").obligee("S2").registered());
    let corrected = story.learn("04-06", bid_bond("B").updated());
    assert_eq!(
        corrected.unwrap_err().message,
        "bond S1/B-B has another obligee"
    );
    story
        .on("04-06", bid_bond("B").deleted())
        .on("04-07", bid_bond("B").number("B-B2").registered());
    assert_eq!(story.state("B-B"), BondState::Released);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn an_ended_bond_keeps_the_result_it_ended_with() {
    let mut story = tendered();
    story.on("05-01", bid("A", ""));
    story.on("06-01", award("W-1", "A", &[], AwardState::Decided));
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.state("B-A"), BondState::Released);
    let told = published(&story).len();
    story.on("07-02", bid_over("A", 900_000_000));
    assert_eq!(published(&story).len(), told);
}
