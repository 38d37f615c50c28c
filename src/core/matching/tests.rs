//! The match by example (R7).

use super::{
    Contract, Discrepancy, Finding, Grade, MatchResult, ReservationDifference, Tender,
    bid_findings, findings, fits, reservation_difference, reservation_finding,
};
use crate::{
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::Period,
    identifier::{ContractId, LotId, PartyCode, ProcurementId},
    money::{BasisPoints, Currency, Money},
    party::Language,
    procurement::{Lot, Waiver},
};

fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, Currency::parse(currency).unwrap()).unwrap()
}

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// A bond of A for OWNER over 100 yen until the end of March.
fn bond() -> BondTerms {
    BondTerms {
        kind: BondKind::Performance,
        instrument: Instrument::BankGuarantee,
        medium: Medium::Electronic,
        principal: party("A"),
        obligee: party("OWNER"),
        procurement: ProcurementId::parse("P-1").unwrap(),
        lot: None,
        contract: ContractId::parse("K-1").ok(),
        amount: money(100, "JPY"),
        period: Period::new(day("2026-07-01"), day("2027-03-31")).unwrap(),
        wording: String::new(),
        opening_at: None,
        forfeitable: false,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    }
}

/// What the bond's contract asks for: exactly the bond.
fn matched(change: impl FnOnce(&mut BondTerms)) -> Vec<Finding> {
    let mut bond = bond();
    change(&mut bond);
    let [contractor, owner] = [party("A"), party("OWNER")];
    let contract = Contract {
        contract: &ContractId::parse("K-1").unwrap(),
        lots: &[LotId::parse("1").unwrap()],
        contractor: Some(&contractor),
        owner: Some(&owner),
        amount: &money(100, "JPY"),
        last_day: Some(day("2027-03-31")),
        fatal_shortfall: BasisPoints(2_000),
    };
    findings(&bond, &contract)
}

fn grades(found: &[Finding]) -> Vec<Grade> {
    found.iter().map(|finding| finding.grade).collect()
}

#[test]
fn a_bond_that_is_exactly_what_is_asked_for_has_no_findings() {
    assert_eq!(matched(|_| ()), []);
    assert!(fits(&MatchResult::default(), false));
}

#[test]
fn more_than_is_asked_for_is_no_finding() {
    let found = matched(|bond| {
        bond.amount = money(101, "JPY");
        bond.period = bond.period.reaching(day("2027-04-01"));
    });
    assert_eq!(found, []);
}

#[test]
fn a_bond_one_yen_short_or_one_day_short_can_be_cured() {
    let found = matched(|bond| {
        bond.amount = money(99, "JPY");
        bond.period = Period::new(day("2026-07-01"), day("2027-03-30")).unwrap();
    });
    assert_eq!(grades(&found), [Grade::Curable, Grade::Curable]);
    assert_eq!(
        english(&found[0]),
        "JPY 99 is guaranteed, JPY 100 is required."
    );
    assert_eq!(
        english(&found[1]),
        "The bond ends on 2027-03-30, the contract on 2027-03-31."
    );
}

#[test]
fn another_principal_or_obligee_or_currency_is_fatal() {
    assert_eq!(
        grades(&matched(|bond| bond.principal = party("B"))),
        [Grade::Fatal]
    );
    assert_eq!(
        grades(&matched(|bond| bond.obligee = party("CITY"))),
        [Grade::Fatal]
    );
    let found = matched(|bond| bond.amount = money(1_000, "USD"));
    assert_eq!(grades(&found), [Grade::Fatal]);
    assert_eq!(
        english(&found[0]),
        "The bond is in USD, another currency is required."
    );
}

#[test]
fn another_kind_or_lot_is_fatal_and_the_whole_tender_covers_each_lot() {
    let found = matched(|bond| bond.kind = BondKind::Bid);
    assert_eq!(grades(&found), [Grade::Fatal]);
    assert_eq!(
        english(&found[0]),
        "It is a bid bond, not a performance bond."
    );
    let found = matched(|bond| bond.lot = LotId::parse("2").ok());
    assert_eq!(grades(&found), [Grade::Fatal]);
    assert_eq!(
        english(&found[0]),
        "The bond is for lot 2, which the contract does not cover."
    );
    assert_eq!(matched(|bond| bond.lot = LotId::parse("1").ok()), []);
}

#[test]
fn what_a_feed_does_not_tell_is_not_held_against_the_bond() {
    let contract = Contract {
        contract: &ContractId::parse("K-1").unwrap(),
        lots: &[LotId::parse("1").unwrap()],
        contractor: None,
        owner: None,
        amount: &money(100, "JPY"),
        last_day: None,
        fatal_shortfall: BasisPoints(0),
    };
    assert_eq!(findings(&bond(), &contract), []);
}

fn english(finding: &Finding) -> String {
    sentence(finding, Language::En)
}

fn sentence(finding: &Finding, language: Language) -> String {
    let tokyo = chrono::FixedOffset::east_opt(9 * 3600).unwrap();
    finding.what.sentence(language, tokyo)
}

fn unwaived(findings: Vec<Finding>) -> MatchResult {
    MatchResult::of(findings, |_| None)
}

#[test]
fn a_curable_finding_fits_after_a_change_alone_and_a_fatal_one_never() {
    let short = unwaived(matched(|bond| bond.amount = money(99, "JPY")));
    assert!(!fits(&short, false));
    assert!(
        fits(&short, true),
        "then it is a change request, not a missing bond"
    );
    let wrong = unwaived(matched(|bond| bond.principal = party("B")));
    assert!(!fits(&wrong, true));
}

#[test]
fn a_shortfall_beyond_the_threshold_is_fatal() {
    let grade = |amount| matched(|bond| bond.amount = money(amount, "JPY"))[0].grade;
    assert_eq!(grade(80), Grade::Curable, "a fifth, as is tolerated");
    assert_eq!(grade(79), Grade::Fatal);
}

#[test]
fn a_waiver_counts_for_the_finding_as_it_is_and_for_no_fatal_one() {
    let about = |what: &Discrepancy| Waiver {
        what: what.clone(),
        by: "hanako".into(),
        reason: "軽微".into(),
    };
    let short = |amount| matched(|bond| bond.amount = money(amount, "JPY"));
    let waived = about(&short(99)[0].what);
    let result = MatchResult::of(short(99), |code| {
        (code == "amount_short").then_some(&waived)
    });
    assert_eq!(result.grade, Grade::Ok);
    assert_eq!(result.findings[0].waived.as_ref().unwrap().by, "hanako");
    let changed = MatchResult::of(short(98), |_| Some(&waived));
    assert_eq!(
        changed.grade,
        Grade::Curable,
        "void when the finding changes"
    );
    let fatal = short(1);
    let tried = about(&fatal[0].what);
    let result = MatchResult::of(fatal, |_| Some(&tried));
    assert_eq!(result.grade, Grade::Fatal);
    assert_eq!(result.findings[0].waived, None);
}

/// A bid bond over 100 yen until the end of March, and what its tender asks for: exactly that.
fn bid(change: impl FnOnce(&mut BondTerms, &mut Tender<'_>)) -> Vec<Finding> {
    let mut bond = bond();
    bond.kind = BondKind::Bid;
    bond.contract = None;
    let owner = party("OWNER");
    let lots = ["1", "2"].map(|id| Lot {
        id: LotId::parse(id).unwrap(),
        title: String::new(),
    });
    let mut tender = Tender {
        owner: Some(&owner),
        lots: &lots,
        did_not_bid: false,
        amount: Some(money(100, "JPY")),
        last_day: Some(day("2027-03-31")),
        other_opening: None,
        fatal_shortfall: BasisPoints(2_000),
    };
    change(&mut bond, &mut tender);
    bid_findings(&bond, &tender)
}

#[test]
fn a_bid_bond_is_matched_with_its_tender() {
    assert_eq!(bid(|_, _| ()), []);
    let code = |change: fn(&mut BondTerms, &mut Tender<'_>)| {
        let found = bid(change);
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].what.code(), found[0].grade)
    };
    let at = |text: &str| text.parse::<crate::calendar::Timestamp>().unwrap();
    assert_eq!(
        code(|bond, _| bond.obligee = party("CITY")),
        ("other_obligee", Grade::Fatal)
    );
    assert_eq!(
        code(|bond, _| bond.lot = LotId::parse("3").ok()),
        ("unknown_lot", Grade::Fatal)
    );
    assert_eq!(
        code(|_, tender| tender.did_not_bid = true),
        ("no_bid", Grade::Curable)
    );
    assert_eq!(
        code(|bond, _| bond.amount = money(99, "JPY")),
        ("amount_short", Grade::Curable)
    );
    assert_eq!(
        code(|bond, _| bond.amount = money(100, "USD")),
        ("other_currency", Grade::Fatal)
    );
    assert_eq!(
        code(|_, tender| tender.last_day = Some(day("2027-04-01"))),
        ("ends_before_acceptance", Grade::Curable)
    );
    let differing = bid(|bond, tender| {
        bond.opening_at = Some(at("2026-05-12T01:00:00Z"));
        tender.other_opening = Some(at("2026-05-10T01:00:00Z"));
    });
    assert_eq!(
        english(&differing[0]),
        "The registration names 2026-05-12 10:00 as opening time, 2026-05-10 10:00 is announced; \
         until this is settled the later one counts."
    );
    assert_eq!(
        code(|bond, tender| {
            bond.lot = LotId::parse("2").ok();
            tender.amount = None;
            bond.amount = money(1, "JPY");
            bond.obligee = party("CITY");
        }),
        ("other_obligee", Grade::Fatal),
        "without a known sum the amount is not held against the bond"
    );
}

#[test]
fn a_performance_bond_continues_only_its_own_reservation() {
    let mut reservation = bond();
    reservation.kind = BondKind::PerformanceReservation;
    let differs = |change: fn(&mut BondTerms)| {
        let mut other = reservation.clone();
        change(&mut other);
        reservation_difference(&bond(), Some(&other))
    };
    assert_eq!(differs(|_| ()), None);
    assert_eq!(
        differs(|other| other.amount = money(7, "JPY")),
        None,
        "the sum may differ: the contract's price does"
    );
    assert_eq!(
        differs(|other| other.kind = BondKind::Bid),
        Some(ReservationDifference::Kind)
    );
    assert_eq!(
        differs(|other| other.principal = party("B")),
        Some(ReservationDifference::Principal)
    );
    assert_eq!(
        differs(|other| other.obligee = party("CITY")),
        Some(ReservationDifference::Obligee)
    );
    assert_eq!(
        differs(|other| other.amount = money(1, "USD")),
        Some(ReservationDifference::Currency)
    );
    assert_eq!(
        reservation_difference(&bond(), None),
        Some(ReservationDifference::Unknown)
    );
    let number = crate::identifier::BondNumber::parse("R-1").unwrap();
    let grade = |differs| reservation_finding(&number, differs).grade;
    assert_eq!(grade(ReservationDifference::Unknown), Grade::Curable);
    assert_eq!(grade(ReservationDifference::Principal), Grade::Fatal);
}

#[test]
fn every_finding_has_a_sentence_of_its_own_in_both_languages() {
    let at = "2026-05-12T01:00:00Z".parse().unwrap();
    let all = [
        Discrepancy::WrongKind {
            kind: BondKind::Bid,
        },
        Discrepancy::LotNotCovered {
            lot: LotId::parse("1").unwrap(),
        },
        Discrepancy::UnknownLot {
            lot: LotId::parse("1").unwrap(),
        },
        Discrepancy::OtherPrincipal {
            principal: party("A"),
        },
        Discrepancy::NoBid {
            principal: party("A"),
        },
        Discrepancy::OtherObligee {
            obligee: party("O"),
        },
        Discrepancy::OtherCurrency {
            currency: Currency::JPY,
        },
        Discrepancy::AmountShort {
            guaranteed: money(1, "JPY"),
            required: money(2, "JPY"),
        },
        Discrepancy::EndsBeforeContract {
            ends: day("2026-01-01"),
            needed: day("2026-01-02"),
        },
        Discrepancy::EndsBeforeAcceptance {
            ends: day("2026-01-01"),
            needed: day("2026-01-02"),
        },
        Discrepancy::OtherOpening {
            registered: at,
            announced: at,
        },
        Discrepancy::NotTheReservation {
            number: crate::identifier::BondNumber::parse("R-1").unwrap(),
            differs: ReservationDifference::Kind,
        },
    ];
    let mut told = std::collections::BTreeSet::new();
    for what in &all {
        let finding = Finding {
            grade: Grade::Curable,
            what: what.clone(),
        };
        let (ja, en) = (
            sentence(&finding, Language::Ja),
            sentence(&finding, Language::En),
        );
        assert!(ja.ends_with('。') && en.ends_with('.'), "{ja} {en}");
        let text = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&text).unwrap(), finding);
        assert!(text.contains(&format!("\"{}\"", what.code())), "{text}");
        told.extend([ja, en]);
    }
    assert_eq!(told.len(), all.len() * 2);
}
