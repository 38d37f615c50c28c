use bondhub_core::{
    calendar::Period,
    identifier::{AwardId, ContractId, LotId, PartyCode},
    money::{BasisPoints, Currency, Money},
    ports::feed::Feed,
    procurement::{ContractEnd, Fact, Terms},
    rules::Guarantee,
};
use chrono::NaiveDate;

use crate::{FEED, changed, learn, sample};

fn contract() -> ContractId {
    ContractId::parse("K-2026-0042").unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn terms(change: &str, amount: i64, last_day: &str, signed_at: &str) -> Fact {
    Fact::Terms {
        contract: contract(),
        change: change.into(),
        terms: Terms {
            amount: Some(Money::new(amount, Currency::JPY).unwrap()),
            period: Some(Period::new(day("2026-04-01"), day(last_day)).unwrap()),
            signed_at: Some(day(signed_at)),
        },
    }
}

fn concluded() -> Fact {
    Fact::Contract {
        contract: contract(),
        award: Some(AwardId::parse("A-2026-0042-1").unwrap()),
        lots: vec![LotId::parse("1").unwrap()],
        contractor: Some(PartyCode::parse("C-KAJIMOTO").unwrap()),
        guarantee: Some(Guarantee {
            required: true,
            rate_bp: Some(BasisPoints(1000)),
            amount: None,
        }),
    }
}

#[test]
fn a_concluded_contract_teaches_the_contract_and_its_first_terms() {
    let facts = learn(sample("contract.concluded")).unwrap();
    let terms = terms("0", 120_000_000, "2027-03-31", "2026-03-25");
    assert_eq!(facts, [concluded(), terms]);
}

#[test]
fn a_contract_that_says_nothing_of_lot_award_and_guarantee_leaves_them_to_others() {
    let mut event = sample("contract.concluded");
    for member in ["lot", "award", "performance_guarantee"] {
        event["data"].as_object_mut().unwrap().remove(member);
    }
    let facts = learn(event).unwrap();
    let expected = Fact::Contract {
        contract: contract(),
        award: None,
        lots: vec![],
        contractor: Some(PartyCode::parse("C-KAJIMOTO").unwrap()),
        guarantee: None,
    };
    assert_eq!(facts[0], expected);
}

#[test]
fn a_changed_contract_teaches_the_terms_of_that_change() {
    let facts = learn(sample("contract.changed")).unwrap();
    let expected = terms("1", 135_000_000, "2027-09-30", "2026-09-01");
    assert_eq!(facts, [expected]);
}

#[test]
fn a_completed_and_a_terminated_contract_end_differently() {
    for (kind, how) in [
        ("contract.completed", ContractEnd::Completed),
        ("contract.terminated", ContractEnd::Terminated),
    ] {
        let contract = contract();
        let expected = [Fact::ContractEnded { contract, how }];
        assert_eq!(learn(sample(kind)).unwrap(), expected);
        let silent = changed(kind, "/data/reason", None);
        assert_eq!(learn(silent).unwrap(), expected, "the reason is optional");
    }
}

#[test]
fn an_event_of_another_feed_is_not_answered() {
    for kind in ["tender.changed", "bid.submitted"] {
        let envelope = bondhub_core::event::read_structured(sample(kind)).unwrap();
        assert!(FEED.facts(&envelope).is_none());
    }
    assert!(FEED.split(&sample("contract.changed")).is_none());
}
