//! R31: contract changes, within and beyond the issuer's standing instruction.

use super::{
    facts::{
        PRICE, award, bid_bond, changed, concluded, guaranteed, instruction, morning, party,
        performance, period, yen,
    },
    story::Story,
};
use crate::{
    bond::Rule,
    money::BasisPoints,
    notice::NoticeContent,
    procurement::{AwardState, Fact},
    rules::{Guarantee, RuleOverride, StandingInstruction},
};

const BOND: &str = "P-A";
const REQUEST: &str = "change_request|bond:S1/P-A";

/// A's contract K-1 over 120 million, guaranteed with 12 million until 31 March 2027, handed over.
fn running() -> Story {
    let mut story = Story::new();
    story.on("06-20", performance("A").registered());
    story.on("06-21", performance("A").handed_over());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.tasks(), [""; 0]);
    story
}

fn instructed() -> Story {
    let mut story = running();
    instruct(&mut story, instruction(1, "04-01"));
    story
}

fn instruct(story: &mut Story, instruction: StandingInstruction) {
    let instructions = &mut story.rules.parties.instructions;
    instructions
        .entry(party("S1"))
        .or_default()
        .push(instruction);
}

fn amount(story: &Story) -> i64 {
    story.record(BOND).terms.amount.amount()
}

#[test]
fn a_change_within_the_instruction_makes_a_new_version_with_new_keys() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 135_000_000, "2027-09-27"));
    let record = story.record(BOND);
    assert_eq!((record.version, amount(&story)), (2, 13_500_000));
    assert_eq!(
        record.terms.period,
        period("07-01", "2027-09-27"),
        "180 days more"
    );
    assert_eq!(record.cause.rule, Rule::ContractChanged);
    assert_eq!(story.keys(BOND), ["contractor A v2", "owner OWNER v2"]);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn the_issuer_is_told_what_the_hub_changed_by_itself() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 135_000_000, "2027-09-27"));
    let told = NoticeContent::Updated {
        bond: performance("A").id,
        version: 2,
        amount: yen(13_500_000),
        period: period("07-01", "2027-09-27"),
        rule: Rule::ContractChanged,
    };
    assert_eq!(story.told("S1", "updated"), [&told]);
    assert_eq!(
        story.told("A", "updated").len(),
        0,
        "holders are mailed new keys"
    );
}

#[test]
fn an_amount_beyond_the_instruction_waits_and_the_old_bond_stays_with_its_keys() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 140_000_010, "2027-03-31"));
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (1, 12_000_000)
    );
    assert_eq!(story.keys(BOND), ["contractor A v1", "owner OWNER v1"]);
    assert_eq!(story.asked(REQUEST), ["S1"]);
    assert_eq!(story.task(REQUEST).amount, Some(yen(14_000_001)));
    assert_eq!(
        story.task(REQUEST).period,
        Some(period("07-01", "2027-03-31"))
    );
    assert_eq!(story.tasks(), [REQUEST], "the bond is short, not missing");
}

#[test]
fn a_period_beyond_the_instruction_makes_the_whole_change_wait() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-09-28"));
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (1, 12_000_000)
    );
    assert_eq!(story.task(REQUEST).amount, Some(yen(13_000_000)));
    assert_eq!(
        story.task(REQUEST).period,
        Some(period("07-01", "2027-09-28"))
    );
}

#[test]
fn without_an_instruction_every_increase_waits() {
    let mut story = running();
    story.on("09-01", changed("K-1", "1", PRICE + 10, "2027-03-31"));
    assert_eq!(story.tasks(), [REQUEST]);
    instruct(
        &mut story,
        StandingInstruction {
            max_increase_bp: BasisPoints(0),
            ..instruction(1, "04-01")
        },
    );
    story.reconcile();
    assert_eq!(story.tasks(), [REQUEST]);
}

#[test]
fn the_issuers_signed_update_closes_the_request_and_kills_the_old_keys() {
    let mut story = running();
    story.on("09-01", changed("K-1", "1", 160_000_000, "2027-09-30"));
    let update = performance("A").amount(16_000_000).until("2027-09-30");
    story.on("09-10", update.updated());
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (2, 16_000_000)
    );
    assert_eq!(story.keys(BOND), ["contractor A v2", "owner OWNER v2"]);
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(story.told("S1", "updated").len(), 0, "it did it itself");
}

#[test]
fn a_signed_update_that_is_still_short_leaves_the_rest_to_be_asked_for() {
    let mut story = running();
    story.on("09-01", changed("K-1", "1", 160_000_000, "2027-09-30"));
    story.on("09-10", performance("A").amount(16_000_000).updated());
    assert_eq!(story.tasks(), [REQUEST]);
    assert_eq!(
        story.task(REQUEST).period,
        Some(period("07-01", "2027-09-30"))
    );
}

#[test]
fn a_decrease_is_proposed_to_issuer_and_contractor_and_changes_nothing() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 100_000_000, "2027-03-31"));
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (1, 12_000_000)
    );
    let task = "decrease_proposed|bond:S1/P-A";
    assert_eq!(story.asked(task), ["S1", "A"]);
    assert_eq!(story.task(task).amount, Some(yen(10_000_000)));
    story.on("09-10", performance("A").amount(10_000_000).updated());
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(amount(&story), 10_000_000);
}

#[test]
fn a_decrease_with_an_extension_extends_and_keeps_the_amount() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 100_000_000, "2027-05-31"));
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (2, 12_000_000)
    );
    assert_eq!(
        story.record(BOND).terms.period,
        period("07-01", "2027-05-31")
    );
    assert_eq!(story.tasks(), ["decrease_proposed|bond:S1/P-A"]);
}

#[test]
fn limits_are_measured_from_the_signed_terms_not_from_the_last_automatic_update() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 135_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 13_500_000);
    story.on("10-01", changed("K-1", "2", 150_000_000, "2027-03-31"));
    assert_eq!(
        amount(&story),
        13_500_000,
        "three million more than what was signed"
    );
    assert_eq!(story.tasks(), [REQUEST]);
    story.on("10-05", performance("A").amount(15_000_000).updated());
    story.on("11-01", changed("K-1", "3", 165_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 16_500_000, "measured from the update");
}

#[test]
fn the_instruction_of_the_changes_business_time_counts() {
    let mut story = running();
    let ended = StandingInstruction {
        valid_until: Some(morning("08-31")),
        ..instruction(1, "04-01")
    };
    instruct(&mut story, ended);
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(story.tasks(), [REQUEST], "it held no more");
    let mut story = running();
    instruct(&mut story, instruction(1, "09-02"));
    story.until("09-05");
    story.heard("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(story.tasks(), [REQUEST], "it did not hold yet");
}

#[test]
fn an_instruction_that_arrives_after_the_change_it_covers_is_followed_then() {
    let mut story = running();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(story.tasks(), [REQUEST]);
    instruct(&mut story, instruction(1, "08-01"));
    story.until("09-03");
    assert_eq!(amount(&story), 13_000_000);
    assert_eq!(story.tasks(), [""; 0]);
}

#[test]
fn a_newer_instruction_goes_before_an_older_one() {
    let mut story = instructed();
    instruct(
        &mut story,
        StandingInstruction {
            max_extension_days: 0,
            ..instruction(2, "08-01")
        },
    );
    story.on("09-01", changed("K-1", "1", PRICE, "2027-04-30"));
    assert_eq!(story.tasks(), [REQUEST]);
}

#[test]
fn a_late_older_change_changes_nothing_any_more() {
    let mut story = instructed();
    story.on("10-01", changed("K-1", "2", 130_000_000, "2027-05-31"));
    let keys = story.keys(BOND);
    story.heard("09-01", changed("K-1", "1", 125_000_000, "2027-04-30"));
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (2, 13_000_000)
    );
    assert_eq!(story.keys(BOND), keys);
    assert_eq!(story.tasks(), [""; 0]);
    assert_eq!(
        story.outstanding(BOND, "09-15"),
        12_500_000,
        "but the ledger's past is told right"
    );
}

#[test]
fn a_change_of_a_contract_not_concluded_yet_waits_for_the_conclusion() {
    let mut story = Story::new();
    instruct(&mut story, instruction(1, "04-01"));
    story.on("06-20", performance("A").registered());
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(story.waits(), ["contract:K-1"]);
    assert_eq!(amount(&story), 12_000_000);
    story.heard("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.waits(), [""; 0]);
    assert_eq!(amount(&story), 13_000_000);
}

#[test]
fn a_change_of_one_contract_changes_no_other_contracts_bond() {
    let mut story = instructed();
    let other = performance("A").number("P-A2").contract("K-2");
    story.on("07-02", other.registered());
    story.on("07-03", concluded("K-2", "A", &[]));
    story.on("09-01", changed("K-2", "1", 130_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 12_000_000);
    assert_eq!(story.record("P-A2").terms.amount, yen(13_000_000));
}

#[test]
fn a_short_bond_registered_after_the_change_is_asked_for_the_rest() {
    let mut story = Story::new();
    story.on("07-01", concluded("K-1", "A", &[]));
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    story.on("09-02", performance("A").registered());
    assert_eq!(story.tasks(), [REQUEST]);
}

#[test]
fn a_required_amount_is_rounded_up_as_the_installation_says() {
    let mut story = Story::new();
    story.rules.policy.round_up_to = 1_000;
    instruct(&mut story, instruction(1, "04-01"));
    story.on("06-20", performance("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    story.on("09-01", changed("K-1", "1", 130_000_001, "2027-03-31"));
    assert_eq!(amount(&story), 13_001_000);
}

#[test]
fn a_change_concerns_performance_bonds_alone() {
    let mut story = Story::new();
    instruct(&mut story, instruction(1, "04-01"));
    let named = bid_bond("A").contract("K-1").amount(12_000_000);
    story.on("05-02", named.until("2027-03-31").registered());
    story.on("05-20", award("W-2", "A", &[], AwardState::Decided));
    story.on("07-01", concluded("K-1", "B", &[]));
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(story.record("B-A").terms.amount, yen(12_000_000));
    assert!(!story.tasks().contains(&"change_request|bond:S1/B-A".into()));
}

#[test]
fn a_change_told_again_with_less_lowers_nothing_and_a_decrease_is_proposed() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    let keys = story.keys(BOND);
    story.on("09-05", changed("K-1", "1", 120_000_000, "2027-03-31"));
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (2, 13_000_000)
    );
    assert_eq!(story.keys(BOND), keys);
    let task = "decrease_proposed|bond:S1/P-A";
    assert_eq!(story.task(task).amount, Some(yen(12_000_000)));
    assert_eq!(story.tasks(), [task]);
}

#[test]
fn a_correction_heard_before_what_it_corrects_ends_in_the_same_bond() {
    let mut story = instructed();
    story.on("09-05", changed("K-1", "1", 120_000_000, "2027-03-31"));
    story.heard("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 13_000_000);
    assert_eq!(story.tasks(), ["decrease_proposed|bond:S1/P-A"]);
}

#[test]
fn a_narrower_instruction_signed_after_a_change_takes_nothing_back() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    let keys = story.keys(BOND);
    let narrower = StandingInstruction {
        signed_at: Some(morning("09-10")),
        max_increase_bp: BasisPoints(0),
        ..instruction(2, "08-01")
    };
    instruct(&mut story, narrower);
    story.until("09-11");
    assert_eq!(
        (story.record(BOND).version, amount(&story)),
        (2, 13_000_000)
    );
    assert_eq!(story.keys(BOND), keys);
    story.on("09-12", changed("K-1", "2", 132_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 13_000_000, "but what comes after it waits");
    assert_eq!(story.tasks(), [REQUEST]);
}

#[test]
fn a_lower_rate_told_afterwards_lowers_nothing_and_a_decrease_is_proposed() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 13_000_000);
    let lower = Guarantee::of_rate(BasisPoints(500));
    let corrected = guaranteed("K-1", "A", &[], Some(lower));
    story.on("09-05", corrected);
    assert_eq!(amount(&story), 13_000_000, "the conclusion, told again");
    let task = "decrease_proposed|bond:S1/P-A";
    assert_eq!(story.task(task).amount, Some(yen(6_000_000)));
    let rules = RuleOverride {
        performance_guarantee_rate_bp: Some(BasisPoints(300)),
        ..RuleOverride::default()
    };
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    story.on("09-05", vec![Fact::OwnRules(rules)]);
    assert_eq!(amount(&story), 13_000_000, "the case's own rates");
    assert_eq!(story.task(task).amount, Some(yen(3_900_000)));
}

/// From now on the installation asks another share of the price.
fn configure(story: &mut Story, rate: u32) {
    story.rules.policy.performance_guarantee = Guarantee::of_rate(BasisPoints(rate));
    story.reconcile();
}

#[test]
fn a_lower_configured_rate_lowers_no_bond_of_a_contract_concluded_before() {
    let mut story = instructed();
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    let keys = story.keys(BOND);
    configure(&mut story, 500);
    assert_eq!(amount(&story), 13_000_000);
    assert_eq!((story.keys(BOND), story.tasks()), (keys, vec![]));
    story.on("10-01", changed("K-1", "2", 140_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 14_000_000, "a tenth, as at its conclusion");
}

#[test]
fn a_higher_configured_rate_asks_nothing_of_a_contract_concluded_before() {
    let mut story = instructed();
    configure(&mut story, 1500);
    assert_eq!(amount(&story), 12_000_000);
    assert_eq!(story.tasks(), [""; 0]);
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 13_000_000, "a tenth, as at its conclusion");
}

#[test]
fn how_amounts_are_rounded_stays_for_a_contract_as_it_was_at_its_conclusion() {
    let mut story = instructed();
    story.rules.policy.round_up_to = 10_000_000;
    story.on("09-01", changed("K-1", "1", 130_000_000, "2027-03-31"));
    assert_eq!(amount(&story), 13_000_000, "not 20 million");
}

#[test]
fn a_contract_concluded_after_another_rate_was_configured_goes_by_that_one() {
    let mut story = Story::new();
    configure(&mut story, 2000);
    story.on("06-20", performance("A").registered());
    story.on("07-01", concluded("K-1", "A", &[]));
    assert_eq!(story.tasks(), ["bond_missing|contract:K-1"]);
}

#[test]
fn a_contract_of_an_owner_that_asks_otherwise_goes_by_its_rate_though_the_owner_is_learned_late() {
    let mut story = running();
    let more = RuleOverride {
        performance_guarantee_rate_bp: Some(BasisPoints(2000)),
        ..RuleOverride::default()
    };
    story.rules.policy.owners.insert(party("O2"), more);
    story.on("09-01", vec![Fact::Owner(party("O2"))]);
    assert_eq!(story.tasks(), ["bond_missing|contract:K-1"]);
}
