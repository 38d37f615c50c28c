//! R30, columns one and two, without lots: tender, bids, awards. Contracts are in `contract`.

use super::{
    facts::{
        award, bid, bid_bond, bid_with, bids_opened, concluded, morning, opening, outcome, period,
        rebid, reservation,
    },
    story::{Story, opening_of},
};
use crate::{
    bond::BondState,
    notice::NoticeContent,
    procurement::{AwardState, Scope, TenderOutcome},
    rules::ReleaseLosers,
};

/// Contractor A has a bid bond and a reservation, B a bid bond; the opening is on 10 May.
fn tendered() -> Story {
    let mut story = Story::new();
    story.on("04-01", opening("", "05-10"));
    story.on("04-02", bid_bond("A").registered());
    story.on("04-02", reservation("A").registered());
    story.on("04-03", bid_bond("B").registered());
    story
}

/// Both have bid, and the bids were opened.
fn opened() -> Story {
    let mut story = tendered();
    story.on("05-01", bid("A", "")).on("05-02", bid("B", ""));
    story.on("05-10", bids_opened("", "05-10"));
    story
}

fn states(story: &Story) -> [BondState; 3] {
    ["B-A", "R-A", "B-B"].map(|bond| story.state(bond))
}

const ALIVE: [BondState; 3] = [BondState::InForce, BondState::Reserved, BondState::InForce];

#[test]
fn an_announced_tender_teaches_the_case_and_bonds_are_alive_with_the_contractors_keys() {
    let story = tendered();
    assert_eq!(opening_of(&story, &Scope::Tender), Some(morning("05-10")));
    assert_eq!(states(&story), ALIVE);
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!(story.keys("R-A"), ["contractor A v1"]);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_changed_opening_moves_the_embargo_and_leaves_keys_alone() {
    let mut story = tendered();
    story.on("04-20", opening("", "05-20"));
    assert_eq!(opening_of(&story, &Scope::Tender), Some(morning("05-20")));
    assert_eq!(story.keys("B-A"), ["contractor A v1"]);
    assert_eq!(story.tasks(), [""; 0], "the bonds last long enough");
}

#[test]
fn a_bond_that_ends_too_early_after_a_changed_opening_needs_an_extension() {
    let mut story = tendered();
    story.on("04-20", opening("", "08-10"));
    for bond in ["B-A", "R-A"] {
        let task = format!("extension_needed|bond:S1/{bond}");
        assert_eq!(story.asked(&task), ["S1", "A"]);
        assert_eq!(story.task(&task).period, Some(period("04-01", "09-09")));
        assert_eq!(story.task(&task).opening_at, Some(morning("08-10")));
    }
    story.on("04-25", bid_bond("A").until("09-09").updated());
    assert!(
        !story
            .tasks()
            .contains(&"extension_needed|bond:S1/B-A".into())
    );
    assert!(
        story
            .tasks()
            .contains(&"extension_needed|bond:S1/R-A".into())
    );
}

#[test]
fn a_submitted_bid_hands_bond_and_reservation_over_to_the_owner() {
    let mut story = tendered();
    story.on("05-01", bid("A", ""));
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.keys("R-A"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.keys("B-B"), ["contractor B v1"], "B has not bid");
}

#[test]
fn a_bid_that_names_its_bonds_hands_over_those_alone() {
    let mut story = tendered();
    story.on("05-01", bid_with("A", "", &[&bid_bond("A")]));
    assert_eq!(story.keys("B-A"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.keys("R-A"), ["contractor A v1"]);
}

#[test]
fn opened_bids_are_recorded_and_told_but_release_nothing() {
    let story = opened();
    assert_eq!(states(&story), ALIVE);
    let told = NoticeContent::BidsOpened {
        scope: Scope::Tender,
        at: morning("05-10"),
    };
    for party in ["A", "B", "S1", "OWNER"] {
        assert_eq!(story.told(party, "bids_opened"), [&told], "{party}");
    }
}

#[test]
fn a_rebid_embargoes_again_and_asks_the_issuer_for_the_changed_bonds() {
    let mut story = opened();
    story.on("05-11", rebid("", "06-01"));
    assert_eq!(opening_of(&story, &Scope::Tender), Some(morning("06-01")));
    assert_eq!(states(&story), ALIVE);
    for bond in ["B-A", "R-A", "B-B"] {
        let task = format!("rebid_bond_needed|bond:S1/{bond}");
        assert_eq!(story.asked(&task), ["S1"]);
        assert_eq!(story.task(&task).opening_at, Some(morning("06-01")));
    }
}

#[test]
fn the_bond_changed_for_a_rebid_kills_the_old_keys_and_closes_the_task() {
    let mut story = opened();
    story.on("05-11", rebid("", "06-01"));
    story.on("05-15", bid_bond("A").amount(7_000_000).updated());
    assert_eq!(story.keys("B-A"), ["contractor A v2", "owner OWNER v2"]);
    assert_eq!(
        story.tasks(),
        [
            "rebid_bond_needed|bond:S1/B-B",
            "rebid_bond_needed|bond:S1/R-A"
        ]
    );
}

#[test]
fn who_has_an_award_on_hold_keeps_its_bond_at_another_contract_of_the_scope() {
    let mut story = opened();
    story.on("05-20", award("W-1", "A", &[], AwardState::Pending));
    story.on("05-21", award("W-2", "B", &[], AwardState::Decided));
    story.on("07-01", concluded("K-1", "B", &[]));
    assert_eq!(story.state("B-B"), BondState::Released);
    assert_eq!(story.state("B-A"), BondState::InForce);
    story.on("07-02", award("W-1", "A", &[], AwardState::Cancelled));
    assert_eq!(story.state("B-A"), BondState::Released);
}

#[test]
fn an_award_on_hold_keeps_all_bonds() {
    for losers in [ReleaseLosers::AtContract, ReleaseLosers::AtAward] {
        let mut story = opened();
        story.rules.policy.release_losers = losers;
        story.on("05-20", award("W-1", "A", &[], AwardState::Pending));
        assert_eq!(states(&story), ALIVE, "{losers:?}");
    }
}

#[test]
fn an_award_releases_nobody_by_default_so_that_a_second_bidder_can_still_be_awarded() {
    let mut story = opened();
    story.on("05-20", award("W-1", "A", &[], AwardState::Decided));
    assert_eq!(states(&story), ALIVE);
}

#[test]
fn an_award_releases_the_losers_where_the_installation_says_so() {
    let mut story = opened();
    story.rules.policy.release_losers = ReleaseLosers::AtAward;
    story.on("05-20", award("W-1", "B", &[], AwardState::Decided));
    assert_eq!(
        states(&story),
        [BondState::Released, BondState::Released, BondState::InForce]
    );
    assert_eq!(story.keys("B-A"), [""; 0]);
}

#[test]
fn an_award_cancelled_before_it_had_an_effect_has_none() {
    let mut story = opened();
    story.on("05-20", award("W-1", "B", &[], AwardState::Decided));
    story.on("05-25", award("W-1", "B", &[], AwardState::Cancelled));
    story.on("05-26", award("W-2", "A", &[], AwardState::Decided));
    assert_eq!(states(&story), ALIVE);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn an_award_cancelled_after_a_release_needs_a_reinstatement_by_the_issuer() {
    let mut story = opened();
    story.rules.policy.release_losers = ReleaseLosers::AtAward;
    story.on("05-20", award("W-1", "B", &[], AwardState::Decided));
    story.on("05-25", award("W-1", "B", &[], AwardState::Cancelled));
    assert_eq!(
        states(&story),
        [BondState::Released, BondState::Released, BondState::InForce],
        "nothing revives silently"
    );
    assert_eq!(
        story.tasks(),
        [
            "reinstatement_needed|bond:S1/B-A",
            "reinstatement_needed|bond:S1/R-A"
        ]
    );
    assert_eq!(story.asked("reinstatement_needed|bond:S1/B-A"), ["S1"]);
}

#[test]
fn a_winner_that_refuses_has_its_forfeitable_bond_frozen_and_the_forfeiture_proposed() {
    let mut story = opened();
    story.on("05-20", award("W-1", "A", &[], AwardState::Decided));
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    assert_eq!(story.state("B-A"), BondState::Frozen);
    assert_eq!(story.tasks(), ["forfeiture_proposed|bond:S1/B-A"]);
    assert_eq!(story.asked("forfeiture_proposed|bond:S1/B-A"), ["OWNER"]);
    let keys = ["contractor A v1", "owner OWNER v1"];
    assert_eq!(story.keys("B-A"), keys, "the owner reads it to decide");
}

#[test]
fn a_winner_that_refuses_has_its_reservation_released_and_the_others_stay() {
    let mut story = opened();
    story.on("05-20", award("W-1", "A", &[], AwardState::Decided));
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    assert_eq!(story.state("R-A"), BondState::Released);
    assert_eq!(story.state("B-B"), BondState::InForce);
}

#[test]
fn a_winner_that_refuses_has_its_bond_released_where_it_is_not_forfeitable() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").not_forfeitable().registered());
    story.on("05-20", award("W-1", "A", &[], AwardState::Decided));
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    assert_eq!(story.state("B-A"), BondState::Released);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_refusal_is_overtaken_by_a_later_award_or_contract_with_the_same_contractor() {
    let mut story = opened();
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    story.on("06-05", award("W-2", "A", &[], AwardState::Decided));
    assert_eq!(story.state("B-A"), BondState::InForce);

    let mut story = opened();
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    story.on("06-05", concluded("K-1", "A", &[]));
    assert_eq!(
        story.state("B-A"),
        BondState::Released,
        "it has signed after all"
    );
}

#[test]
fn a_refusal_is_taken_back_with_the_award_it_was_about() {
    let mut story = opened();
    story.on("06-01", award("W-1", "A", &[], AwardState::Declined));
    story.on("06-05", award("W-1", "A", &[], AwardState::Cancelled));
    assert_eq!(story.state("B-A"), BondState::InForce);
    assert_eq!(
        story.tasks(),
        ["reinstatement_needed|bond:S1/R-A"],
        "that was final"
    );
}

#[test]
fn no_award_releases_all_bonds_of_the_bidding() {
    let mut story = opened();
    story.on("05-20", outcome("", TenderOutcome::Unsuccessful));
    assert_eq!(states(&story), [BondState::Released; 3]);
    assert_eq!(story.keys("B-A"), [""; 0]);
}

#[test]
fn a_cancelled_tender_releases_all_bonds_of_the_bidding() {
    let mut story = tendered();
    story.on("04-20", outcome("", TenderOutcome::Cancelled));
    assert_eq!(states(&story), [BondState::Released; 3]);
}

#[test]
fn a_cancellation_taken_back_before_it_was_carried_out_has_no_effect() {
    let mut story = tendered();
    story
        .learn("04-20", outcome("", TenderOutcome::Cancelled))
        .unwrap();
    story.on("04-21", outcome("", TenderOutcome::Active));
    assert_eq!(states(&story), ALIVE);
}
