//! R40–R42: what the ledger says.

use chrono::NaiveDate;

use super::{
    facts::{Draft, bid_bond, concluded, day, opening, outcome, performance, reservation},
    story::Story,
};
use crate::{
    identifier::PartyCode,
    money::{Currency, Money},
    notice::HubEvent,
    party::Member,
    procurement::TenderOutcome,
    reconcile::Effect,
};

fn total(story: &Story, bonds: &[&str], on: &str) -> i64 {
    bonds.iter().map(|bond| story.outstanding(bond, on)).sum()
}

#[test]
fn a_bond_counts_from_the_first_day_of_its_period_whenever_it_was_registered() {
    let mut story = Story::new();
    story.on(
        "05-02",
        bid_bond("A").lasting("05-10", "08-31").registered(),
    );
    assert_eq!(story.outstanding("B-A", "05-09"), 0);
    assert_eq!(story.outstanding("B-A", "05-10"), 6_000_000);
}

#[test]
fn an_update_counts_from_the_day_it_was_signed() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("05-05", bid_bond("A").amount(7_000_000).updated());
    assert_eq!(story.outstanding("B-A", "05-04"), 6_000_000);
    assert_eq!(story.outstanding("B-A", "05-05"), 7_000_000);
}

#[test]
fn an_update_that_moves_the_first_day_leaves_nothing_of_the_day_before() {
    let mut story = Story::new();
    let registered = bid_bond("A").lasting("05-10", "08-31");
    story.on("04-02", registered.registered());
    let earlier = bid_bond("A").lasting("05-01", "08-31").amount(7_000_000);
    story.on("04-20", earlier.updated());
    let on = |story: &Story, days: [&str; 3]| days.map(|day| story.outstanding("B-A", day));
    let million = 1_000_000;
    assert_eq!(
        on(&story, ["04-30", "05-01", "05-10"]),
        [0, 7 * million, 7 * million]
    );
    let later = bid_bond("A").lasting("05-20", "08-31").amount(8_000_000);
    story.on("05-05", later.updated());
    assert_eq!(
        on(&story, ["05-04", "05-05", "05-20"]),
        [7 * million, 0, 8 * million]
    );
}

#[test]
fn a_late_older_update_corrects_the_past_by_counter_movements() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").registered());
    story.on("05-05", bid_bond("A").amount(7_000_000).updated());
    let before = story.posts().count();
    story.heard("04-20", bid_bond("A").amount(9_000_000).updated());
    assert_eq!(story.outstanding("B-A", "04-19"), 6_000_000);
    assert_eq!(story.outstanding("B-A", "04-20"), 9_000_000);
    assert_eq!(story.outstanding("B-A", "05-05"), 7_000_000);
    assert_eq!(
        story.posts().count(),
        before + 2,
        "nothing is rewritten, two movements are added"
    );
}

#[test]
fn a_bond_released_before_it_began_never_counted() {
    let mut story = Story::new();
    story.on(
        "04-02",
        bid_bond("A").lasting("06-01", "08-31").registered(),
    );
    assert_eq!(story.outstanding("B-A", "06-01"), 6_000_000);
    story.on("05-20", outcome("", TenderOutcome::Cancelled));
    assert_eq!(story.outstanding("B-A", "06-01"), 0);
}

#[test]
fn a_paper_bond_counts_like_any_other() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").paper().registered());
    assert_eq!(story.outstanding("B-A", "04-02"), 6_000_000);
}

#[test]
fn a_bid_bond_and_its_reservation_count_once_with_the_larger_amount() {
    let mut story = Story::new();
    story
        .on("04-02", bid_bond("A").registered())
        .on("04-02", reservation("A").registered());
    assert_eq!(total(&story, &["B-A", "R-A"], "04-02"), 12_000_000);
    assert_eq!(story.outstanding("B-A", "04-02"), 6_000_000);
}

#[test]
fn a_reservation_counts_in_full_before_and_after_its_bid_bond() {
    let mut story = Story::new();
    story.on("04-02", reservation("A").registered());
    assert_eq!(story.outstanding("R-A", "04-02"), 12_000_000);
    story.on(
        "04-05",
        bid_bond("A").lasting("04-05", "08-31").registered(),
    );
    assert_eq!(total(&story, &["B-A", "R-A"], "04-05"), 12_000_000);
    story.on("05-01", bid_bond("A").deleted());
    assert_eq!(story.outstanding("R-A", "04-30"), 6_000_000);
    assert_eq!(story.outstanding("R-A", "05-01"), 12_000_000);
    assert_eq!(story.outstanding("B-A", "05-01"), 0);
}

/// What will be noted of a bond when others end by their periods: from which day on, by how much.
fn foreseen(story: &Story, bond: &str) -> Vec<(NaiveDate, i64, i32)> {
    let postings = story.record(bond).foreseen.iter();
    postings
        .map(|one| (one.day, one.delta, one.bonds))
        .collect()
}

#[test]
fn a_reservation_is_foreseen_to_count_in_full_from_the_day_after_its_bid_bond() {
    let mut story = Story::new();
    let bid = bid_bond("A").lasting("04-02", "08-31");
    let reservation = reservation("A").lasting("04-02", "12-31");
    story.on("04-02", bid.registered());
    story.on("04-02", reservation.registered());
    let million = 1_000_000;
    assert_eq!(
        foreseen(&story, "R-A"),
        [
            (day("09-01"), 6 * million, 0),
            (day("2027-01-01"), -6 * million, 0)
        ],
        "until its own end"
    );
    assert_eq!(foreseen(&story, "B-A"), []);
    story.until("09-01");
    assert_eq!(foreseen(&story, "R-A"), [], "it has come");
    assert_eq!(story.outstanding("R-A", "09-01"), 12 * million);
}

#[test]
fn a_reservation_that_a_larger_bid_bond_covers_is_foreseen_to_come_back() {
    let mut story = Story::new();
    let bid = bid_bond("A").lasting("04-02", "08-31").amount(9_000);
    let small = reservation("A").lasting("04-02", "12-31").amount(5_000);
    story.on("04-02", bid.registered());
    story.on("04-02", small.registered());
    assert_eq!(total(&story, &["B-A", "R-A"], "04-02"), 9_000);
    assert_eq!(
        foreseen(&story, "R-A"),
        [(day("09-01"), 5_000, 1), (day("2027-01-01"), -5_000, -1)],
        "as a bond of its own"
    );
}

#[test]
fn bonds_of_another_issuer_contractor_or_lot_are_no_double_count() {
    for other in [
        reservation("A").issuer("S2"),
        reservation("B"),
        reservation("A").lot("1"),
    ] {
        let mut story = Story::new();
        story
            .on("04-02", bid_bond("A").registered())
            .on("04-02", other.registered());
        let posted: i64 = story.posts().map(|(_, _, delta)| delta).sum();
        assert_eq!(posted, 18_000_000, "{}", other.id);
    }
}

#[test]
fn at_the_contract_the_performance_bond_takes_the_place_of_what_was_promised() {
    let mut story = Story::new();
    story
        .on("04-02", bid_bond("A").registered())
        .on("04-02", reservation("A").registered());
    story.on("06-20", performance("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(total(&story, &["B-A", "R-A", "P-A"], "06-30"), 12_000_000);
    assert_eq!(total(&story, &["B-A", "R-A", "P-A"], "07-01"), 12_000_000);
    assert_eq!(total(&story, &["B-A", "R-A"], "07-01"), 0);
}

#[test]
fn a_performance_bond_that_begins_before_the_contract_counts_beside_its_reservation_only_with_the_excess()
 {
    let early = performance("A")
        .amount(13_000_000)
        .lasting("06-15", "12-31")
        .taking_over("R-A");
    let mut story = Story::new();
    story
        .on("04-02", bid_bond("A").registered())
        .on("04-02", reservation("A").registered())
        .on("07-01", concluded("K-1", "A", &[]))
        .on("07-05", early.registered());
    let all = ["B-A", "R-A", "P-A"];
    assert_eq!(total(&story, &all, "06-14"), 12_000_000);
    assert_eq!(story.outstanding("P-A", "06-15"), 1_000_000);
    assert_eq!(total(&story, &all, "06-30"), 13_000_000);
    assert_eq!(story.outstanding("P-A", "07-01"), 13_000_000);
    assert_eq!(total(&story, &all, "07-01"), 13_000_000);
}

/// A reservation of A's, and a performance bond that names it and begins before the contract.
fn named_by(heir: &Draft) -> Story {
    let early = heir.clone().lasting("06-15", "12-31").taking_over("R-A");
    let mut story = Story::new();
    story
        .on("04-02", reservation("A").registered())
        .on("04-03", early.registered());
    story
}

#[test]
fn a_performance_bond_that_may_not_take_the_reservation_over_counts_in_full_beside_it() {
    let mut dollars = performance("A");
    dollars.terms.amount = Money::new(1_000_000, Currency::parse("USD").unwrap()).unwrap();
    for (heir, amount) in [
        (performance("B"), 12_000_000),
        (performance("A").obligee("S2"), 12_000_000),
        (dollars, 1_000_000),
    ] {
        let story = named_by(&heir);
        let number = heir.id.number.as_str();
        assert_eq!(story.outstanding("R-A", "06-15"), 12_000_000);
        assert_eq!(story.outstanding(number, "06-15"), amount);
    }
    let story = named_by(&performance("A"));
    assert_eq!(
        story.outstanding("R-A", "06-15"),
        0,
        "it is taken over by the document itself"
    );
}

#[test]
fn a_bond_in_another_currency_is_posted_in_its_own_whatever_reservation_it_names() {
    let dollars = Currency::parse("USD").unwrap();
    let mut heir = performance("A");
    heir.terms.amount = Money::new(1_000_000, dollars).unwrap();
    let mut story = named_by(&heir);
    story.until("2027-01-05");
    let posted = story.effects.iter().filter_map(|effect| match effect {
        Effect::Post { bond, currency, .. } if *bond == heir.id => Some(*currency),
        _ => None,
    });
    assert_eq!(posted.collect::<Vec<_>>(), [dollars; 2]);
}

#[test]
fn of_two_reservations_the_first_goes_with_the_bid_bond_and_the_second_after_it_has_ended() {
    let mut story = Story::new();
    let [first, second] = ["R-1", "R-2"].map(|number| reservation("A").number(number));
    for bond in [&bid_bond("A"), &first, &second] {
        story.on("04-02", bond.registered());
    }
    story.on("05-01", first.deleted());
    let all = ["B-A", "R-1", "R-2"];
    assert_eq!(total(&story, &all, "04-30"), 24_000_000);
    assert_eq!(total(&story, &all, "05-01"), 12_000_000);
}

fn held(story: &Story, holder: &str, on: &str) -> i64 {
    let on = day(on);
    let of = |effect: &Effect| match effect {
        Effect::Post {
            holder: who,
            effective,
            delta,
            ..
        } if who.as_str() == holder && *effective <= on => Some(*delta),
        _ => None,
    };
    story.effects.iter().filter_map(of).sum()
}

fn shares(story: &mut Story, of: &str, members: &[(&str, u32)]) {
    let member = |(code, share): &(&str, u32)| Member {
        party: PartyCode::parse(code).unwrap(),
        share: *share,
    };
    story.correspondent(of).members = members.iter().map(member).collect();
}

#[test]
fn a_joint_venture_counts_for_its_members_by_shares_to_the_last_yen() {
    let mut story = Story::new();
    shares(&mut story, "A", &[("B", 1), ("C", 2)]);
    story.on("04-02", bid_bond("A").amount(1_000_000).registered());
    assert_eq!(held(&story, "B", "05-01"), 333_333);
    assert_eq!(held(&story, "C", "05-01"), 666_667);
    assert_eq!(held(&story, "A", "05-01"), 0);
    assert_eq!(story.outstanding("B-A", "05-01"), 1_000_000);
}

#[test]
fn shares_known_late_hold_from_the_beginning_and_changed_ones_from_the_day_they_are_known() {
    let mut story = Story::new();
    story.on("04-02", bid_bond("A").amount(1_000_000).registered());
    assert_eq!(held(&story, "A", "04-02"), 1_000_000);
    shares(&mut story, "A", &[("B", 1), ("C", 1)]);
    story.until("04-10");
    assert_eq!(
        held(&story, "A", "04-02"),
        0,
        "posted to the venture for want of shares"
    );
    assert_eq!(held(&story, "B", "04-02"), 500_000);
    shares(&mut story, "A", &[("B", 1)]);
    story.until("05-01");
    assert_eq!(
        held(&story, "C", "04-30"),
        500_000,
        "the past keeps its shares"
    );
    assert_eq!(held(&story, "C", "05-01"), 0);
    assert_eq!(held(&story, "B", "05-01"), 1_000_000);
}

#[test]
fn a_bond_that_has_ended_keeps_its_shares() {
    let mut story = Story::new();
    shares(&mut story, "A", &[("B", 1)]);
    story.on("04-02", bid_bond("A").registered());
    story.on("05-01", outcome("", TenderOutcome::Cancelled));
    let before = story.effects.len();
    shares(&mut story, "A", &[("C", 1)]);
    story.until("05-02");
    assert!(
        !story.effects[before..]
            .iter()
            .any(|effect| matches!(effect, Effect::Post { .. }))
    );
    assert_eq!(held(&story, "B", "04-30"), 6_000_000);
}

#[test]
fn what_changed_is_told_once_for_each_contractor_whatever_number_of_bonds() {
    let mut story = Story::new();
    let both = [
        bid_bond("A").registered(),
        reservation("A").amount(20_000_000).registered(),
    ];
    story.on("04-01", opening("", "05-10"));
    story.on("04-02", both.concat());
    let told = |story: &Story| -> Vec<(String, usize)> {
        let effects = story.effects.iter();
        let told = effects.filter_map(|effect| match effect {
            Effect::Publish(HubEvent::BalanceChanged { contractor, bonds }) => {
                Some((contractor.to_string(), bonds.len()))
            }
            _ => None,
        });
        told.collect()
    };
    assert_eq!(told(&story), [], "it would tell who bids (R21)");
    story.until("05-10");
    assert_eq!(told(&story), [("A".to_owned(), 2)]);
    story.until("05-11");
    assert_eq!(told(&story).len(), 1);
    story.on("05-12", bid_bond("A").amount(7_000_000).updated());
    assert_eq!(told(&story).len(), 2);
}
