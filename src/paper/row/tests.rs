use super::*;
use crate::paper::Records;

const HEADER: &str =
    "number,kind,instrument,contractor,owner,procurement,contract,lot,amount,currency,from,to";

fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

fn known() -> Known {
    let zone = FixedOffset::east_opt(9 * 3600).unwrap();
    let roles = [
        (party("C-77"), vec![Role::Contractor]),
        (party("O-1"), vec![Role::Owner]),
    ];
    Known::new(roles, zone)
}

fn cells(line: &str) -> Vec<String> {
    line.split(',').map(str::to_owned).collect()
}

/// Column, name and fault of each thing wrong with a row.
fn faults(row: &str) -> Vec<(Option<usize>, Option<&'static str>, Fault)> {
    let columns = Columns::read(1, &cells(HEADER)).unwrap();
    let read = columns.entry(&party("S1"), 2, &cells(row), &known());
    let places = read.err().unwrap_or_default().into_iter();
    places
        .map(|place| (place.column, place.name, place.fault))
        .collect()
}

const GOOD: &str =
    "P-1,performance,bank_guarantee,C-77,O-1,,K-1,,12000000,JPY,2026-04-01,2027-03-31";

#[test]
fn a_good_row_becomes_a_paper_bond_in_a_case_of_its_own() {
    let columns = Columns::read(1, &cells(HEADER)).unwrap();
    let entry = columns
        .entry(&party("S1"), 2, &cells(GOOD), &known())
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
        .entry(&party("S1"), 2, &cells(row), &known())
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
        assert_eq!(faults(&row), [(Some(column), Some(name), fault)], "{row}");
    }
}

#[test]
fn the_largest_amount_of_a_bond_is_still_taken() {
    assert_eq!(
        faults(&GOOD.replacen("12000000", "1000000000000000", 1)),
        []
    );
    assert_eq!(faults(GOOD), []);
}

#[test]
fn everything_wrong_with_a_row_is_told_at_once() {
    let row = "P-1,promise,bank_guarantee,C-99,O-1,,K-1,,x,JPY,2026-04-01,2027-03-31";
    assert_eq!(faults(row).len(), 3);
    let short = "P-1,performance";
    assert_eq!(
        faults(short),
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

/// A list of many rows that is never anywhere as a whole; one row is bad.
struct Endless {
    next: u64,
    rows: u64,
    bad: u64,
    line: Vec<u8>,
    at: usize,
}

impl std::io::Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.line.len() && self.next <= self.rows {
            let amount = if self.next == self.bad { "x" } else { "1" };
            let line = format!(
                "P-{},bid,insurance,C-77,O-1,{amount},2026-04-01,2026-08-31\n",
                self.next
            );
            (self.line, self.at) = (line.into_bytes(), 0);
            self.next += 1;
        }
        let left = &self.line[self.at..];
        let read = left.len().min(into.len());
        into[..read].copy_from_slice(&left[..read]);
        self.at += read;
        Ok(read)
    }
}

#[test]
fn one_bad_row_far_down_a_list_of_a_million_is_told_with_its_line_and_nothing_of_the_others_is_kept()
 {
    let header = "number,kind,instrument,contractor,owner,amount,from,to\n";
    let list = Endless {
        next: 2,
        rows: 1_000_001,
        bad: 900_000,
        line: header.into(),
        at: 0,
    };
    let mut records = Records::new(std::io::BufReader::new(list));
    let first = records.next_record().unwrap().unwrap();
    let columns = Columns::read(first.line, &first.cells.unwrap()).unwrap();
    let (issuer, known) = (party("S1"), known());
    let (mut good, mut faults) = (0, Vec::new());
    while let Some(record) = records.next_record().unwrap() {
        match columns.entry(&issuer, record.line, &record.cells.unwrap(), &known) {
            Ok(_) => good += 1,
            Err(places) => faults.extend(places),
        }
    }
    assert_eq!((good, faults.len()), (999_999, 1));
    assert_eq!(
        (faults[0].line, faults[0].column, &faults[0].fault),
        (900_000, Some(6), &Fault::Amount)
    );
}

#[test]
fn an_opening_is_a_time_of_the_hubs_zone_or_one_with_its_offset() {
    let header = format!("{HEADER},opening_at");
    let columns = Columns::read(1, &cells(&header)).unwrap();
    let read = |time: &str| {
        let row = format!("{},{time}", GOOD.replace("performance", "bid"));
        let entry = columns.entry(&party("S1"), 2, &cells(&row), &known());
        entry.map(|entry| entry.terms.opening_at.unwrap().to_rfc3339())
    };
    let one_utc = Ok("2026-04-01T01:00:00+00:00".to_owned());
    for time in [
        "2026-04-01 10:00",
        "2026/04/01 10:00",
        "2026-04-01T10:00",
        "2026-04-01T03:00:00+02:00",
    ] {
        assert_eq!(read(time), one_utc, "{time}");
    }
    let faults = read("noon").unwrap_err();
    let faults: Vec<_> = faults.iter().map(|one| (one.name, &one.fault)).collect();
    assert_eq!(faults, [(Some("opening_at"), &Fault::Time)]);
}
