//! R30 lot by lot: each lot has its own fate, and a bond for the whole tender waits for all lots
//! its principal bid for.

use super::{
    facts::{
        award, bid, bid_bond, bids_opened, concluded, ended, morning, opening, outcome,
        performance, period, rebid, reservation, scope,
    },
    story::{Story, opening_of},
};
use crate::{
    bond::BondState::{self, Claimed, Converted, Frozen, InForce, Released, Reserved},
    document::ClaimOutcome,
    procurement::{AwardState, ContractEnd, Fact, TenderOutcome},
    rules::ReleaseLosers,
};

/// Lots 1 and 2. A has a bond per lot, B one for the whole tender, and both bid for both lots.
fn tendered() -> Story {
    let mut story = Story::with_lots(&["1", "2"]);
    story.on("04-01", opening("", "05-10"));
    let bonds = [
        bid_bond("A").lot("1"),
        bid_bond("A").lot("2"),
        reservation("A").lot("1"),
        bid_bond("B"),
    ];
    for bond in bonds {
        story.on("04-02", bond.registered());
    }
    story
}

fn bids() -> Story {
    let mut story = tendered();
    for (contractor, lot) in [("A", "1"), ("A", "2"), ("B", "1"), ("B", "2")] {
        story.on("05-01", bid(contractor, lot));
    }
    story
}

/// A's bonds for lots 1 and 2, its reservation for lot 1, B's bond for the whole tender.
fn states(story: &Story) -> [BondState; 4] {
    ["B-A-1", "B-A-2", "R-A-1", "B-B"].map(|bond| story.state(bond))
}

const ALIVE: [BondState; 4] = [InForce, InForce, Reserved, InForce];

#[test]
fn a_lots_opening_goes_before_an_older_one_of_the_tender_and_moves_only_its_bonds() {
    let mut story = tendered();
    story.on("04-20", opening("2", "08-10"));
    assert_eq!(opening_of(&story, &scope("1")), Some(morning("05-10")));
    assert_eq!(opening_of(&story, &scope("2")), Some(morning("08-10")));
    assert_eq!(
        story.tasks(),
        [
            "extension_needed|bond:S1/B-A-2",
            "extension_needed|bond:S1/B-B"
        ]
    );
    story.on("04-25", opening("", "05-15"));
    assert_eq!(
        opening_of(&story, &scope("2")),
        Some(morning("08-10")),
        "a lot's later one governs"
    );
    assert_eq!(
        story.tasks(),
        [
            "extension_needed|bond:S1/B-A-2",
            "extension_needed|bond:S1/B-B",
            "opening_brought_forward|opening:lot:2"
        ],
        "lot 2 is brought forward: a second person has to say so (E2)"
    );
    let confirmed = Fact::OpeningConfirmed {
        scope: scope("2"),
        at: morning("05-15"),
    };
    story.by("hanako", "04-26", vec![confirmed]);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_bond_for_the_whole_tender_must_last_for_the_latest_of_its_lots() {
    for (first, second) in [("08-10", "08-20"), ("08-20", "08-10")] {
        let mut story = tendered();
        story
            .on("04-20", opening("1", first))
            .on("04-20", opening("2", second));
        let task = story.task("extension_needed|bond:S1/B-B");
        assert_eq!(
            task.period,
            Some(period("04-01", "09-19")),
            "{first} {second}"
        );
        assert_eq!(task.opening_at, Some(morning("08-20")));
    }
}

#[test]
fn a_bid_for_a_lot_hands_over_that_lots_bonds_and_those_for_the_whole_tender() {
    let mut story = tendered();
    story.on("05-01", bid("A", "1")).on("05-01", bid("B", "2"));
    assert_eq!(story.keys("B-A-1"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.keys("R-A-1"), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.keys("B-A-2"), ["contractor A v1"]);
    assert_eq!(story.keys("B-B"), ["contractor B v1", "owner OWNER v1"]);
}

#[test]
fn an_opened_lot_is_told_to_its_own_bidders_and_releases_nothing() {
    let mut story = tendered();
    story.on("05-01", bid("A", "1")).on("05-01", bid("B", "2"));
    story.on("05-10", bids_opened("2", "05-10"));
    assert_eq!(states(&story), ALIVE);
    assert_eq!(story.told("B", "bids_opened").len(), 1);
    assert_eq!(
        story.told("A", "bids_opened").len(),
        1,
        "A has a bond for lot 2"
    );
    story.on("05-11", bids_opened("1", "05-11"));
    assert_eq!(
        story.told("B", "bids_opened").len(),
        1,
        "B has bid for lot 2 alone"
    );
    assert_eq!(story.told("A", "bids_opened").len(), 2);
}

#[test]
fn a_rebid_of_one_lot_asks_for_the_bonds_of_that_lot() {
    let mut story = bids();
    story.on("05-11", rebid("1", "06-01"));
    assert_eq!(
        story.tasks(),
        [
            "rebid_bond_needed|bond:S1/B-A-1",
            "rebid_bond_needed|bond:S1/B-B",
            "rebid_bond_needed|bond:S1/R-A-1",
        ]
    );
    assert_eq!(opening_of(&story, &scope("2")), Some(morning("05-10")));
}

#[test]
fn an_award_on_hold_or_decided_for_one_lot_keeps_all_bonds_by_default() {
    for state in [AwardState::Pending, AwardState::Decided] {
        let mut story = bids();
        story.on("05-20", award("W-1", "A", &["1"], state));
        assert_eq!(states(&story), ALIVE, "{state:?}");
    }
}

#[test]
fn an_award_of_one_lot_releases_that_lots_losers_where_the_installation_says_so() {
    let mut story = bids();
    story.rules.policy.release_losers = ReleaseLosers::AtAward;
    story.on("05-20", award("W-1", "B", &["1"], AwardState::Decided));
    assert_eq!(states(&story), [Released, InForce, Released, InForce]);
}

#[test]
fn an_award_of_one_lot_cancelled_after_the_release_needs_reinstatement_of_that_lots_bonds() {
    let mut story = bids();
    story.rules.policy.release_losers = ReleaseLosers::AtAward;
    story.on("05-20", award("W-1", "B", &["1"], AwardState::Decided));
    story.on("05-25", award("W-1", "B", &["1"], AwardState::Cancelled));
    assert_eq!(
        story.tasks(),
        [
            "reinstatement_needed|bond:S1/B-A-1",
            "reinstatement_needed|bond:S1/R-A-1"
        ]
    );
}

#[test]
fn a_refusal_of_one_lot_freezes_that_lots_bond_and_releases_that_lots_reservation() {
    let mut story = bids();
    story.on("06-01", award("W-1", "A", &["1"], AwardState::Declined));
    assert_eq!(states(&story), [Frozen, InForce, Released, InForce]);
    assert_eq!(story.tasks(), ["forfeiture_proposed|bond:S1/B-A-1"]);
}

#[test]
fn a_refusal_of_one_lot_freezes_a_bond_for_the_whole_tender_at_once() {
    let mut story = bids();
    story.on("06-01", award("W-1", "B", &["1"], AwardState::Declined));
    assert_eq!(states(&story), [InForce, InForce, Reserved, Frozen]);
    assert_eq!(story.tasks(), ["forfeiture_proposed|bond:S1/B-B"]);
    story.until("10-01");
    assert_eq!(story.state("B-B"), Frozen, "the claim came in time");
}

#[test]
fn a_claim_waived_in_one_lot_leaves_the_bond_in_force_for_the_other() {
    let mut story = bids();
    story.on("06-01", award("W-1", "B", &["1"], AwardState::Declined));
    story.on("06-10", bid_bond("B").settled(ClaimOutcome::Waived));
    assert_eq!(story.state("B-B"), InForce);
    story.on("07-01", concluded("K-2", "A", &["2"]));
    assert_eq!(story.state("B-B"), Released);
}

#[test]
fn a_claim_paid_in_one_lot_uses_the_bond_up() {
    let mut story = bids();
    story.on("06-01", award("W-1", "B", &["1"], AwardState::Declined));
    story.on("06-10", bid_bond("B").settled(ClaimOutcome::Paid));
    assert_eq!(story.state("B-B"), Claimed);
}

#[test]
fn no_award_for_one_lot_releases_that_lots_bonds_alone() {
    for how in [TenderOutcome::Unsuccessful, TenderOutcome::Cancelled] {
        let mut story = bids();
        story.on("05-20", outcome("2", how));
        assert_eq!(states(&story), [InForce, Released, Reserved, InForce]);
        story.on("05-21", outcome("1", how));
        assert_eq!(
            states(&story),
            [Released; 4],
            "B's bond waited for both lots"
        );
    }
}

#[test]
fn a_lot_taken_up_again_goes_before_an_older_cancellation_of_the_tender() {
    let mut story = bids();
    story
        .learn("05-20", outcome("", TenderOutcome::Cancelled))
        .unwrap();
    story.on("05-21", outcome("1", TenderOutcome::Active));
    assert_eq!(states(&story), [InForce, Released, Reserved, InForce]);
}

#[test]
fn a_contract_for_one_lot_ends_that_lots_bonds_alone() {
    let mut story = bids();
    story.on("07-01", concluded("K-1", "A", &["1"]));
    assert_eq!(states(&story), [Released, InForce, Converted, InForce]);
}

#[test]
fn a_bond_for_the_whole_tender_waits_for_all_lots_its_principal_bid_for() {
    let mut story = bids();
    story.on("07-01", concluded("K-1", "A", &["1"]));
    assert_eq!(story.state("B-B"), InForce);
    story.on("07-02", concluded("K-2", "A", &["2"]));
    assert_eq!(states(&story), [Released, Released, Converted, Released]);
}

#[test]
fn a_bond_for_the_whole_tender_does_not_wait_for_lots_its_principal_did_not_bid_for() {
    let mut story = tendered();
    story.on("05-01", bid("B", "2"));
    story.on("07-01", concluded("K-2", "A", &["2"]));
    assert_eq!(story.state("B-B"), Released);
}

#[test]
fn a_loser_of_one_lot_with_an_award_of_the_other_keeps_its_bond_until_that_contract() {
    let mut story = bids();
    story.on("05-20", award("W-2", "B", &["2"], AwardState::Decided));
    story.on("07-01", concluded("K-1", "A", &["1"]));
    assert_eq!(story.state("B-B"), InForce);
    story.on("07-02", concluded("K-2", "B", &["2"]));
    assert_eq!(story.state("B-B"), Released);
}

#[test]
fn a_contract_without_lots_of_its_own_covers_those_of_its_award() {
    let mut story = bids();
    story.on("05-20", award("W-1", "A", &["1"], AwardState::Decided));
    story.on("07-01", super::facts::concluded_from("K-1", "W-1"));
    assert_eq!(states(&story), [Released, InForce, Converted, InForce]);
    let task = "performance_bond_needed|contract:K-1";
    assert_eq!(
        story.asked(task),
        ["S1", "OWNER"],
        "the award tells the contractor"
    );
}

#[test]
fn each_contract_asks_the_issuer_that_reserved_for_its_own_lot() {
    let mut story = tendered();
    story.on("04-03", reservation("A").lot("2").issuer("S2").registered());
    story.on("07-01", concluded("K-1", "A", &["1"]));
    story.on("07-02", concluded("K-2", "A", &["2"]));
    assert_eq!(
        story.asked("performance_bond_needed|contract:K-1"),
        ["S1", "OWNER"]
    );
    assert_eq!(
        story.asked("performance_bond_needed|contract:K-2"),
        ["S2", "OWNER"]
    );
}

#[test]
fn a_contract_without_a_reservation_for_its_lot_misses_its_bond() {
    let mut story = bids();
    story.on("07-01", concluded("K-1", "A", &["1"]));
    story.on("07-02", concluded("K-2", "A", &["2"]));
    let tasks = [
        "performance_bond_needed|contract:K-1",
        "bond_missing|contract:K-2",
    ];
    assert_eq!(story.tasks(), tasks);
}

#[test]
fn the_end_of_one_lots_contract_ends_its_performance_bond_alone() {
    let mut story = tendered();
    let first = performance("A").lot("1");
    let second = performance("A").lot("2").contract("K-2");
    for bond in [&first, &second] {
        story.on("06-20", bond.registered());
    }
    story.on("07-01", concluded("K-1", "A", &["1"]));
    story.on("07-02", concluded("K-2", "A", &["2"]));
    assert_eq!(story.tasks(), [""; 0]);
    story.on("2027-01-10", ended("K-1", ContractEnd::Terminated));
    assert_eq!(
        [story.state("P-A-1"), story.state("P-A-2")],
        [Frozen, InForce]
    );
    story.on("2027-03-20", ended("K-2", ContractEnd::Completed));
    assert_eq!(
        [story.state("P-A-1"), story.state("P-A-2")],
        [Frozen, Released]
    );
}
