use super::*;

const HEADER: &str =
    "number,kind,instrument,contractor,owner,procurement,contract,lot,amount,currency,from,to";

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn known() -> Known {
    Known::new([
        (party("C-77"), vec![Role::Contractor]),
        (party("O-1"), vec![Role::Owner]),
    ])
}

fn cells(line: &str) -> Vec<String> {
    line.split(',').map(str::to_owned).collect()
}

/// Column, name and fault of each thing wrong with the last of some rows; the ones before it are good.
fn faults(rows: &[&str]) -> Vec<(Option<usize>, Option<&'static str>, Fault)> {
    let columns = Columns::read(1, &cells(HEADER)).unwrap();
    let mut known = known();
    let mut last = Vec::new();
    for (line, row) in (2..).zip(rows) {
        let read = columns.entry(&party("S1"), line, &cells(row), &mut known);
        last = read.err().unwrap_or_default();
    }
    last.into_iter()
        .map(|place| (place.column, place.name, place.fault))
        .collect()
}

const GOOD: &str =
    "P-1,performance,bank_guarantee,C-77,O-1,,K-1,,12000000,JPY,2026-04-01,2027-03-31";

#[test]
fn a_good_row_becomes_a_paper_bond_in_a_case_of_its_own() {
    let columns = Columns::read(1, &cells(HEADER)).unwrap();
    let entry = columns
        .entry(&party("S1"), 2, &cells(GOOD), &mut known())
        .unwrap();
    assert_eq!(entry.bond.to_string(), "S1/P-1");
    assert_eq!(entry.terms.medium, Medium::Paper);
    assert_eq!(entry.terms.procurement.as_str(), "paper:S1/P-1");
    assert_eq!(entry.terms.amount.amount(), 12_000_000);
}

#[test]
fn a_japanese_header_in_another_order_is_read_alike() {
    let header = "保証金額,証券番号,種別,証書の種類,建設会社,発注者,保証期間開始,保証期間終了";
    let columns = Columns::read(1, &cells(header)).unwrap();
    let row = "1000,甲-1,履行ボンド,履行保証保険,C-77,O-1,2026/4/1,2027/3/31";
    let entry = columns
        .entry(&party("S1"), 2, &cells(row), &mut known())
        .unwrap();
    assert_eq!(entry.bond.number.as_str(), "甲-1");
    assert_eq!(entry.terms.instrument, Instrument::Insurance);
}

#[test]
fn a_header_without_a_column_or_with_an_odd_one_is_told() {
    let faults = Columns::read(1, &cells("number,kind,kind,colour")).unwrap_err();
    let odd = |column: &str| Fault::OddColumn {
        column: column.into(),
    };
    assert_eq!(
        (faults[0].column, &faults[0].fault),
        (Some(3), &odd("kind"))
    );
    assert_eq!(
        (faults[1].column, &faults[1].fault),
        (Some(4), &odd("colour"))
    );
    assert_eq!(
        faults[2].fault,
        Fault::NoColumn {
            column: "instrument"
        }
    );
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_column() {
    for (from, to, column, name, fault) in [
        (
            "C-77",
            "C-78",
            4,
            "contractor",
            Fault::Unknown { role: "contractor" },
        ),
        (
            "O-1,",
            "C-77,",
            5,
            "owner",
            Fault::Unknown { role: "owner" },
        ),
        ("12000000", "1000000000000001", 9, "amount", Fault::TooLarge),
        (
            "12000000",
            "99999999999999999999",
            9,
            "amount",
            Fault::TooLarge,
        ),
        ("12000000", "-5", 9, "amount", Fault::Amount),
        ("12000000", "1.5", 9, "amount", Fault::Amount),
        ("12000000", "0", 9, "amount", Fault::Amount),
        ("12000000", "", 9, "amount", Fault::Missing),
        ("JPY", "yen", 10, "currency", Fault::Currency),
        ("2026-04-01", "2026-02-30", 11, "from", Fault::Day),
        ("2026-04-01", "1026-04-01", 11, "from", Fault::Implausible),
        ("2027-03-31", "2026-03-31", 12, "to", Fault::Reversed),
        (
            "performance",
            "promise",
            2,
            "kind",
            Fault::Word {
                expected: KIND_WORDS,
            },
        ),
    ] {
        let row = GOOD.replacen(from, to, 1);
        assert_eq!(
            faults(&[&row]),
            [(Some(column), Some(name), fault)],
            "{row}"
        );
    }
}

#[test]
fn the_largest_amount_of_a_bond_is_still_taken() {
    assert_eq!(
        faults(&[&GOOD.replacen("12000000", "1000000000000000", 1)]),
        []
    );
    assert_eq!(faults(&[GOOD]), []);
}

#[test]
fn everything_wrong_with_a_row_is_told_at_once() {
    let row = "P-1,promise,bank_guarantee,C-99,O-1,,K-1,,x,JPY,2026-04-01,2027-03-31";
    assert_eq!(faults(&[row]).len(), 3);
    let short = "P-1,performance";
    assert_eq!(
        faults(&[short]),
        [(
            None,
            None,
            Fault::Cells {
                expected: 12,
                found: 2
            }
        )]
    );
}

#[test]
fn a_number_that_comes_twice_is_told_with_the_first_line() {
    let again = GOOD.replacen("K-1", "K-2", 1);
    let fault = (Some(1), Some("number"), Fault::Twice { line: 2 });
    assert_eq!(faults(&[GOOD, &again]), [fault]);
}

#[test]
fn the_same_guarantee_for_overlapping_days_is_told_and_for_days_after_it_taken() {
    let overlapping = GOOD
        .replacen("P-1", "P-2", 1)
        .replacen("2026-04-01", "2027-03-31", 1);
    let overlapping = overlapping.replacen("2027-03-31,2027-03-31", "2027-03-31,2028-03-31", 1);
    let fault = (Some(11), Some("from"), Fault::Overlaps { line: 2 });
    assert_eq!(faults(&[GOOD, &overlapping]), [fault]);
    let next = overlapping.replacen("2027-03-31,", "2027-04-01,", 1);
    assert_eq!(faults(&[GOOD, &next]), []);
    let other_contract = overlapping.replacen("K-1", "K-2", 1);
    assert_eq!(faults(&[GOOD, &other_contract]), []);
}
