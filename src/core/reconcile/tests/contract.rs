//! R30: the conclusion of a contract, its end, and what follows for every kind of bond (R6, R7).

use super::{
    facts::{
        PRICE, award, bid, bid_bond, changed, concluded, day, ended, guaranteed, performance,
        reservation, yen,
    },
    story::Story,
};
use crate::{
    bond::{BondState, Rule},
    document::ClaimOutcome,
    money::BasisPoints,
    notice::NoticeContent,
    party::Language,
    procurement::{AwardState, ContractEnd},
    rules::Guarantee,
};

/// A and B have bid with bid bonds, A with a reservation too; A is awarded.
fn awarded() -> Story {
    let mut story = Story::new();
    for bond in [bid_bond("A"), reservation("A"), bid_bond("B")] {
        story.on("04-02", bond.registered());
    }
    story.on("05-01", bid("A", "")).on("05-02", bid("B", ""));
    story.on("05-20", award("W-1", "A", &[], AwardState::Decided));
    story
}

/// Contract K-1 with A is concluded and guaranteed.
fn guaranteed_contract() -> Story {
    let mut story = awarded();
    story.on("06-20", performance("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    story
}

#[test]
fn a_concluded_contract_releases_the_winners_bid_bond_and_converts_its_reservation() {
    let story = guaranteed_contract();
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(story.record("B-A").cause.rule, Rule::ContractConcluded);
    assert_eq!(story.state("R-A"), BondState::Converted);
    assert_eq!(story.state("P-A"), BondState::InForce);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_concluded_contract_releases_the_losers() {
    let story = guaranteed_contract();
    assert_eq!(story.state("B-B"), BondState::Released);
    assert_eq!(story.record("B-B").cause.rule, Rule::AwardedToAnother);
    assert_eq!(story.keys("B-B"), [""; 0]);
}

#[test]
fn a_concluded_contract_keeps_a_second_bidder_that_has_an_award_of_its_own() {
    let mut story = awarded();
    story.on("05-21", award("W-2", "B", &[], AwardState::Decided));
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.state("B-B"), BondState::InForce);
}

#[test]
fn the_second_bidder_is_awarded_when_the_winner_refuses_and_its_bond_is_still_there() {
    let mut story = awarded();
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    story.on("06-05", award("W-2", "B", &[], AwardState::Decided));
    assert_eq!(story.state("B-B"), BondState::InForce);
    story.on("07-01", concluded("K-1", "B", &[]));
    assert_eq!(story.state("B-B"), BondState::Released);
    assert_eq!(
        story.state("B-A"),
        BondState::Frozen,
        "only issuer and owner end it"
    );
}

#[test]
fn an_award_cancelled_after_the_contract_released_the_losers_asks_for_nothing() {
    let mut story = awarded();
    story.on("07-01", concluded("K-1", "A", &[]));
    story.on("07-05", award("W-1", "A", &[], AwardState::Cancelled));
    assert_eq!(
        story.tasks(),
        ["performance_bond_needed|contract:K-1"],
        "the contract stands"
    );
}

#[test]
fn the_issuer_that_reserved_is_asked_for_the_performance_bond() {
    let mut story = awarded();
    story.on("07-01", concluded("K-1", "A", &[]));
    let task = "performance_bond_needed|contract:K-1";
    assert_eq!(story.asked(task), ["S1", OWNER]);
    assert_eq!(story.task(task).amount, Some(yen(PRICE / 10)));
    story.on("07-03", performance("A").taking_over("R-A").registered());
    assert_eq!(story.tasks(), [""; 0]);
}

const OWNER: &str = super::facts::OWNER;

#[test]
fn without_a_reservation_the_missing_bond_is_told_to_the_owner() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.asked("bond_missing|contract:K-1"), [OWNER]);
    assert_eq!(story.told(OWNER, "task_opened").len(), 1);
}

#[test]
fn a_performance_bond_that_does_not_match_is_missing_with_a_sentence_for_each_finding() {
    let mut story = Story::new();
    let wrong = performance("A").amount(11_999_999).until("2027-03-30");
    let wrong = wrong.principal("B").obligee("C");
    story.on("06-20", wrong.registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.asked("bond_missing|contract:K-1"), ["S1", OWNER]);
    let zone = story.rules.policy.zone;
    let because = &story.task("bond_missing|contract:K-1").because;
    let sentences = because
        .iter()
        .map(|finding| finding.what.sentence(Language::En, zone));
    assert_eq!(
        sentences.collect::<Vec<_>>(),
        [
            "The bond's principal is B, not the contractor.",
            "The bond's obligee is C, not the owner.",
            "JPY 11,999,999 is guaranteed, JPY 12,000,000 is required.",
            "The bond ends on 2027-03-30, the contract on 2027-03-31.",
        ]
    );
    story.on("07-04", performance("A").number("P-A2").registered());
    assert_eq!(story.tasks(), [""; 0], "another bond covers it");
}

#[test]
fn a_bond_of_another_contract_does_not_count_for_this_one() {
    let mut story = Story::new();
    story.on("06-20", performance("A").contract("K-9").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.tasks(), ["bond_missing|contract:K-1"]);
}

#[test]
fn a_bid_bond_that_names_the_contract_is_not_its_performance_bond() {
    let mut story = Story::new();
    let named = bid_bond("A").amount(12_000_000).contract("K-1");
    story.on("06-20", named.until("2027-03-31").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.tasks(), ["bond_missing|contract:K-1"]);
}

#[test]
fn a_contract_without_a_required_guarantee_misses_no_bond() {
    let none = Guarantee {
        required: false,
        ..Guarantee::default()
    };
    let mut story = Story::new();
    story.on("07-01", guaranteed("K-1", "A", &[], Some(none)));
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_contracts_own_rate_goes_before_the_installations() {
    let third = Guarantee {
        rate_bp: Some(BasisPoints(3000)),
        ..Guarantee::default()
    };
    let mut story = Story::new();
    story.on("07-01", guaranteed("K-1", "A", &[], Some(third)));
    assert_eq!(
        story.task("bond_missing|contract:K-1").amount,
        Some(yen(36_000_000))
    );
}

#[test]
fn a_performance_bond_that_takes_the_reservation_over_converts_it_before_any_contract() {
    let mut story = awarded();
    story.on("06-20", performance("A").taking_over("R-A").registered());
    assert_eq!(story.state("R-A"), BondState::Converted);
    assert_eq!(story.record("R-A").cause.rule, Rule::TakenOver);
    assert_eq!(
        story.state("B-A"),
        BondState::InForce,
        "the bid bond waits for the contract"
    );
}

#[test]
fn only_a_reservation_can_be_taken_over() {
    let mut story = awarded();
    story.on("06-20", performance("A").taking_over("B-A").registered());
    assert_eq!(story.state("B-A"), BondState::InForce);
}

#[test]
fn a_reservation_taken_over_after_its_conversion_was_converted_at_the_contract() {
    let mut story = awarded();
    story.learn("07-01", concluded("K-1", "A", &[])).unwrap();
    story.on("07-05", performance("A").taking_over("R-A").registered());
    assert_eq!(story.record("R-A").cause.rule, Rule::ContractConcluded);
    assert_eq!(story.outstanding("R-A", "06-30"), 6_000_000);
    assert_eq!(story.outstanding("R-A", "07-01"), 0);
}

#[test]
fn a_completed_contract_releases_its_performance_bond() {
    let mut story = guaranteed_contract();
    story.on("2027-03-20", ended("K-1", ContractEnd::Completed));
    assert_eq!(story.state("P-A"), BondState::Released);
    assert_eq!(story.keys("P-A"), [""; 0]);
    assert_eq!(story.tasks(), [""; 0]);
    let told = NoticeContent::StateChanged {
        bond: performance("A").id,
        state: BondState::Released,
        rule: Rule::ContractCompleted,
    };
    for party in ["A", "S1", OWNER] {
        assert!(
            story.told(party, "state_changed").contains(&&told),
            "{party}"
        );
    }
    assert!(!story.told("B", "state_changed").contains(&&told));
}

#[test]
fn a_terminated_contract_freezes_its_performance_bond_and_never_ends_it() {
    let mut story = guaranteed_contract();
    story.on("2027-01-10", ended("K-1", ContractEnd::Terminated));
    assert_eq!(story.state("P-A"), BondState::Frozen);
    assert_eq!(story.keys("P-A"), ["contractor A v1"], "it can be read");
    assert_eq!(story.tasks(), ["claim_window|bond:S1/P-A"]);
    assert_eq!(story.asked("claim_window|bond:S1/P-A"), ["S1", OWNER]);
    story.until("2028-01-10");
    assert_eq!(
        story.state("P-A"),
        BondState::Frozen,
        "the claim came in time"
    );
    assert_eq!(story.outstanding("P-A", "2028-01-10"), 12_000_000);
}

#[test]
fn a_frozen_bond_is_claimed_when_the_issuer_paid_even_after_its_period() {
    let mut story = guaranteed_contract();
    story.on("2027-01-10", ended("K-1", ContractEnd::Terminated));
    story.on("2027-05-01", performance("A").settled(ClaimOutcome::Paid));
    assert_eq!(story.state("P-A"), BondState::Claimed);
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(story.outstanding("P-A", "2027-04-30"), 12_000_000);
    assert_eq!(story.outstanding("P-A", "2027-05-01"), 0);
}

#[test]
fn a_frozen_bond_is_released_when_the_claim_is_waived() {
    let mut story = guaranteed_contract();
    story.on("2027-01-10", ended("K-1", ContractEnd::Terminated));
    story.on("2027-02-01", performance("A").settled(ClaimOutcome::Waived));
    assert_eq!(story.state("P-A"), BondState::Released);
    assert_eq!(story.record("P-A").cause.rule, Rule::ClaimSettled);
}

#[test]
fn a_settlement_before_the_termination_settles_nothing() {
    let mut story = guaranteed_contract();
    story.on("2026-12-01", performance("A").settled(ClaimOutcome::Waived));
    assert_eq!(story.state("P-A"), BondState::InForce);
    story.on("2027-01-10", ended("K-1", ContractEnd::Terminated));
    assert_eq!(story.state("P-A"), BondState::Frozen);
}

#[test]
fn a_termination_after_the_bonds_period_freezes_nothing() {
    let mut story = guaranteed_contract();
    story
        .learn("2027-05-01", ended("K-1", ContractEnd::Terminated))
        .unwrap();
    story.until("2027-05-02");
    assert_eq!(story.state("P-A"), BondState::Expired);

    let mut story = guaranteed_contract();
    story.until("2027-04-02");
    story.on("2027-05-01", ended("K-1", ContractEnd::Terminated));
    assert_eq!(story.state("P-A"), BondState::Expired);
    assert_eq!(story.tasks(), [""; 0], "there is nothing to reinstate");
}

#[test]
fn a_bond_that_expires_before_its_contract_is_completed_leaves_it_uncovered() {
    let mut story = awarded();
    story.on("06-20", performance("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    story.on("2027-03-01", changed("K-1", "1", PRICE, "2027-09-30"));
    story.until("2027-04-01");
    assert_eq!(story.state("P-A"), BondState::Expired);
    assert_eq!(day("2027-04-01"), day("2027-03-31").succ_opt().unwrap());
    assert_eq!(story.tasks(), ["expired_uncovered|bond:S1/P-A"]);
    assert_eq!(
        story.asked("expired_uncovered|bond:S1/P-A"),
        [OWNER, "S1", "A"]
    );
    story.on("2027-09-30", ended("K-1", ContractEnd::Completed));
    assert_eq!(story.tasks(), [""; 0]);
}
