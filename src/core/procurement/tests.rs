//! Learning by example; that its order does not matter is a law in `tests/laws`.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::{BondFact, CaseFile, ContractFile, Fact, Learned, Lesson, Register, Scope, Terms};
use crate::{
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::{Period, Timestamp},
    event::{EventIdentity, Reason, Stamp},
    identifier::{BondId, ContractId, LotId, PartyCode, ProcurementId},
    money::{Currency, Money},
};

fn case() -> CaseFile {
    CaseFile::new(ProcurementId::parse("P-1").unwrap())
}

fn noon() -> Timestamp {
    "2026-04-01T03:00:00Z".parse().unwrap()
}

fn stamp(minute: i64, sequence: i64, id: &str) -> Stamp {
    Stamp {
        time: noon() + TimeDelta::minutes(minute),
        sequence,
        event: EventIdentity {
            id: id.into(),
            source: "/feed".into(),
        },
    }
}

fn lesson(stamp: Stamp, fact: Fact) -> Lesson {
    Lesson {
        stamp,
        facts: vec![fact],
    }
}

fn title(text: &str) -> Fact {
    Fact::Title(text.into())
}

fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, Currency::parse(currency).unwrap()).unwrap()
}

fn bond() -> BondId {
    BondId::try_from("S1/B-1".to_owned()).unwrap()
}

fn terms() -> BondTerms {
    let day = |text: &str| text.parse().unwrap();
    BondTerms {
        kind: BondKind::Bid,
        instrument: Instrument::SuretyBond,
        medium: Medium::Electronic,
        principal: PartyCode::parse("A").unwrap(),
        obligee: PartyCode::parse("OWNER").unwrap(),
        procurement: ProcurementId::parse("P-1").unwrap(),
        lot: None,
        contract: None,
        amount: money(100, "JPY"),
        period: Period::new(day("2026-04-01"), day("2026-08-31")).unwrap(),
        wording: String::new(),
        opening_at: None,
        forfeitable: true,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    }
}

fn about_bond(fact: BondFact) -> Fact {
    Fact::Bond { bond: bond(), fact }
}

fn price(change: &str, amount: Money) -> Fact {
    Fact::Terms {
        contract: ContractId::parse("K-1").unwrap(),
        change: change.into(),
        terms: Terms {
            amount: Some(amount),
            period: None,
            signed_at: None,
        },
    }
}

#[test]
fn of_two_facts_the_later_in_business_time_counts_whichever_comes_first() {
    let older = lesson(stamp(0, 0, "e-1"), title("old"));
    let newer = lesson(stamp(1, 0, "e-2"), title("new"));
    let mut one = case();
    assert_eq!(one.learn(&older), Ok(Learned::New));
    assert_eq!(one.learn(&newer), Ok(Learned::New));
    let mut other = case();
    assert_eq!(other.learn(&newer), Ok(Learned::New));
    assert_eq!(other.learn(&older), Ok(Learned::Overtaken));
    assert_eq!(one, other);
    assert_eq!(one.title.unwrap().value, "new");
}

#[test]
fn facts_of_one_instant_are_ordered_by_sequence_and_then_by_id() {
    let mut file = case();
    for (sequence, id, text) in [(2, "a", "second"), (1, "z", "first"), (2, "b", "third")] {
        file.learn(&lesson(stamp(0, sequence, id), title(text)))
            .unwrap();
    }
    assert_eq!(file.title.unwrap().value, "third");
}

#[test]
fn the_same_lesson_again_is_overtaken_and_an_empty_one_says_nothing() {
    let mut file = case();
    let one = lesson(stamp(0, 0, "e-1"), title("bridge"));
    file.learn(&one).unwrap();
    assert_eq!(file.learn(&one), Ok(Learned::Overtaken));
    let empty = Lesson {
        facts: Vec::new(),
        ..one
    };
    assert_eq!(file.learn(&empty), Ok(Learned::Nothing));
}

#[test]
fn a_second_registration_of_a_number_is_refused_and_the_same_one_again_is_not() {
    let mut file = case();
    let first = lesson(
        stamp(0, 0, "e-1"),
        about_bond(BondFact::Registered(terms())),
    );
    file.learn(&first).unwrap();
    assert_eq!(file.learn(&first), Ok(Learned::Overtaken));
    let second = lesson(
        stamp(1, 0, "e-2"),
        about_bond(BondFact::Registered(terms())),
    );
    let refused = file.learn(&second).unwrap_err();
    assert_eq!(refused.reason, Reason::NotAllowed);
    assert_eq!(
        refused.message,
        "bond S1/B-1 is registered already; send an update"
    );
}

#[test]
fn documents_that_disagree_about_what_makes_the_bond_are_refused_in_either_order() {
    let cases = [
        (
            BondTerms {
                kind: BondKind::Performance,
                ..terms()
            },
            "bond S1/B-1 is of another kind",
        ),
        (
            BondTerms {
                principal: PartyCode::parse("B").unwrap(),
                ..terms()
            },
            "bond S1/B-1 has another principal",
        ),
        (
            BondTerms {
                obligee: PartyCode::parse("CITY").unwrap(),
                ..terms()
            },
            "bond S1/B-1 has another obligee",
        ),
        (
            BondTerms {
                medium: Medium::Paper,
                ..terms()
            },
            "bond S1/B-1 is electronic",
        ),
        (
            BondTerms {
                amount: money(1, "USD"),
                ..terms()
            },
            "bond S1/B-1 is in JPY",
        ),
    ];
    for (other, message) in cases {
        for fact in [
            BondFact::Registered(other.clone()),
            BondFact::Updated(other),
        ] {
            let mut file = case();
            let known = about_bond(BondFact::Updated(terms()));
            file.learn(&lesson(stamp(0, 0, "e-1"), known)).unwrap();
            let before = file.clone();
            let refused = file
                .learn(&lesson(stamp(1, 0, "e-2"), about_bond(fact)))
                .unwrap_err();
            assert_eq!(refused.message, message);
            assert_eq!(file, before);
        }
    }
}

#[test]
fn a_refused_lesson_changes_nothing_although_some_of_its_facts_are_good() {
    let mut file = case();
    file.learn(&lesson(stamp(0, 0, "e-1"), price("0", money(100, "JPY"))))
        .unwrap();
    let before = file.clone();
    let mixed = Lesson {
        stamp: stamp(1, 0, "e-2"),
        facts: vec![title("bridge"), price("1", money(1, "USD"))],
    };
    let refused = file.learn(&mixed).unwrap_err();
    assert_eq!(refused.pointer.as_deref(), Some("/data/amount/currency"));
    assert_eq!(
        refused.message,
        "the amount is in USD, contract K-1 is in JPY"
    );
    assert_eq!(file, before);
}

#[test]
fn a_bond_in_another_currency_does_not_refuse_its_contract() {
    let performance = BondTerms {
        kind: BondKind::Performance,
        contract: ContractId::parse("K-1").ok(),
        amount: money(1, "USD"),
        ..terms()
    };
    let mut file = case();
    let registered = about_bond(BondFact::Registered(performance));
    file.learn(&lesson(stamp(0, 0, "e-1"), registered)).unwrap();
    let concluded = lesson(stamp(1, 0, "e-2"), price("0", money(100, "JPY")));
    assert_eq!(file.learn(&concluded), Ok(Learned::New));
}

#[test]
fn a_lots_opening_and_the_tenders_count_by_their_age_and_a_rebid_counts_as_one() {
    let lot = Scope::Lot(LotId::parse("1").unwrap());
    let at = |hour| noon() + TimeDelta::hours(hour);
    let opening = |scope: &Scope, hour| Fact::Opening {
        scope: scope.clone(),
        at: at(hour),
    };
    let mut file = case();
    let learn = |file: &mut CaseFile, age, fact| {
        let stamp = stamp(age, 0, &format!("e-{age}"));
        file.learn(&lesson(stamp, fact)).unwrap();
        let governs = |scope| file.governing(scope).map(|governing| governing.at);
        (governs(&lot), governs(&Scope::Tender))
    };
    let told = learn(&mut file, 0, opening(&Scope::Tender, 10));
    assert_eq!(told, (Some(at(10)), Some(at(10))));
    let told = learn(&mut file, 1, opening(&lot, 20));
    assert_eq!(told, (Some(at(20)), Some(at(10))));
    let rebid = Fact::Rebid {
        scope: Scope::Tender,
        round: 2,
        opening_at: at(30),
    };
    let told = learn(&mut file, 2, rebid);
    assert_eq!(told, (Some(at(30)), Some(at(30))));
    let told = learn(&mut file, 3, opening(&lot, 35));
    assert_eq!(told, (Some(at(35)), Some(at(30))));
    assert_eq!(file.announced_last(&lot), Some(at(35)));
}

#[test]
fn a_rebid_whose_bids_would_be_opened_before_it_was_called_is_refused() {
    let rebid = |opening_at| Fact::Rebid {
        scope: Scope::Tender,
        round: 2,
        opening_at,
    };
    let called = stamp(5, 0, "e-1");
    let mut file = case();
    let refused = file.learn(&lesson(called.clone(), rebid(called.time)));
    let pointer = refused.unwrap_err().pointer;
    assert_eq!(pointer.as_deref(), Some("/data/opening_at"));
    assert_eq!(file, case());
    let after = called.time + TimeDelta::seconds(1);
    assert_eq!(file.learn(&lesson(called, rebid(after))), Ok(Learned::New));
}

#[test]
fn a_contract_stored_with_the_newest_word_on_each_change_reads_as_what_was_told() {
    let mut file = case();
    let told = [("1", 5, 130), ("0", 1, 120)];
    for (change, age, amount) in told {
        let stamp = stamp(age, 0, &format!("e-{change}"));
        let price = price(change, money(amount, "JPY"));
        file.learn(&lesson(stamp, price)).unwrap();
    }
    let contract = file.contracts.values().next().unwrap();
    let mut stored = serde_json::to_value(contract).unwrap();
    let mut newest = serde_json::Map::new();
    for told in stored["terms"].as_array().unwrap() {
        let mut told = told.clone();
        let change = told["v"].as_object_mut().unwrap().remove("change").unwrap();
        newest.insert(change.as_str().unwrap().to_owned(), told);
    }
    stored["terms"] = newest.into();
    let read: ContractFile = serde_json::from_value(stored).unwrap();
    assert_eq!(read, *contract);
}

proptest! {
    #[test]
    fn a_register_holds_the_newest_value_whatever_the_order(
        mut times in prop::collection::vec(0_i64..5, 1..8)
    ) {
        let learn = |times: &[i64]| {
            let mut slot = None;
            for time in times {
                Register::learn(&mut slot, *time, &stamp(*time, 0, "e"));
            }
            slot.map(|register| register.value)
        };
        let heard = learn(&times);
        times.sort_unstable();
        prop_assert_eq!(heard, times.last().copied());
    }
}
