//! Rows of a list beside one another: no number twice, no guarantee twice for one day.

use std::collections::BTreeMap;

use bondhub_core::{
    calendar::Period,
    identifier::BondNumber,
    ports::store::{ClashWith, PaperRow},
};

/// What the rows of a batch say that count; those of earlier batches stand in the store.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// Numbers, and their lines.
    numbers: BTreeMap<&'a BondNumber, u64>,
    /// Guarantees: their periods, and lines.
    guarantees: BTreeMap<&'a str, Vec<(Period, u64)>>,
}

impl<'a> Beside<'a> {
    /// With which earlier line each of these rows clashes, if with one; a row that clashes is in no other row's way.
    pub fn clashes(rows: impl Iterator<Item = &'a PaperRow>) -> BTreeMap<u64, ClashWith> {
        let mut beside = Self::default();
        let clash = |row: &'a PaperRow| Some((row.line, beside.put(row)?));
        rows.filter_map(clash).collect()
    }

    fn put(&mut self, row: &'a PaperRow) -> Option<ClashWith> {
        if let Some(line) = self.numbers.get(&row.number) {
            return Some(ClashWith::Number(*line));
        }
        if let Some(guarantee) = row.guarantee.as_deref() {
            let period = row.terms.period;
            let given = self.guarantees.entry(guarantee).or_default();
            let overlaps = |(other, _): &&(Period, u64)| {
                other.from() <= period.to() && period.from() <= other.to()
            };
            if let Some((_, line)) = given.iter().find(overlaps) {
                return Some(ClashWith::Guarantee(*line));
            }
            given.push((period, row.line));
        }
        self.numbers.insert(&row.number, row.line);
        None
    }
}

#[cfg(test)]
mod tests {
    use bondhub_core::{
        bond::{BondKind, BondTerms, Instrument, Medium},
        identifier::{ContractId, PartyCode, ProcurementId},
        money::{Currency, Money},
        ports::store::{PaperDeed, guarantee},
    };

    use super::*;

    /// A bond of a contract for some days of a month.
    fn row(line: u64, number: &str, contract: &str, days: (u32, u32)) -> PaperRow {
        let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 5, day).unwrap();
        let terms = BondTerms {
            kind: BondKind::Performance,
            instrument: Instrument::BankGuarantee,
            medium: Medium::Paper,
            principal: PartyCode::parse("C-77").unwrap(),
            obligee: PartyCode::parse("O-1").unwrap(),
            procurement: ProcurementId::parse(&format!("paper:S1/{number}")).unwrap(),
            lot: None,
            contract: ContractId::parse(contract).ok(),
            amount: Money::new(100, Currency::JPY).unwrap(),
            period: Period::new(day(days.0), day(days.1)).unwrap(),
            wording: String::new(),
            attachments: Vec::new(),
            opening_at: None,
            forfeitable: false,
            converts_to: None,
            takes_over: None,
        };
        PaperRow {
            line,
            number: BondNumber::parse(number).unwrap(),
            deed: PaperDeed::Add,
            guarantee: guarantee(&terms),
            terms,
        }
    }

    fn clashes(rows: &[PaperRow]) -> Vec<(u64, ClashWith)> {
        Beside::clashes(rows.iter()).into_iter().collect()
    }

    #[test]
    fn a_number_that_comes_twice_is_told_with_the_first_line() {
        let twice = [
            row(2, "P-1", "K-1", (1, 9)),
            row(3, "P-1", "K-2", (1, 9)),
            row(4, "P-1", "K-3", (1, 9)),
        ];
        let first = ClashWith::Number(2);
        assert_eq!(clashes(&twice), [(3, first.clone()), (4, first)]);
    }

    #[test]
    fn the_same_guarantee_for_overlapping_days_is_told_and_for_days_after_it_taken() {
        let first = row(2, "P-1", "K-1", (1, 9));
        let overlapping = row(3, "P-2", "K-1", (9, 20));
        let fault = (3, ClashWith::Guarantee(2));
        assert_eq!(clashes(&[first.clone(), overlapping]), [fault]);
        assert_eq!(
            clashes(&[first.clone(), row(3, "P-2", "K-1", (10, 20))]),
            []
        );
        assert_eq!(clashes(&[first, row(3, "P-2", "K-2", (9, 20))]), []);
    }

    #[test]
    fn a_row_that_clashes_is_in_no_other_rows_way() {
        let rows = [
            row(2, "P-1", "K-1", (1, 9)),
            row(3, "P-2", "K-1", (9, 20)),
            row(4, "P-3", "K-1", (15, 25)),
            row(5, "P-2", "K-2", (1, 9)),
        ];
        assert_eq!(clashes(&rows), [(3, ClashWith::Guarantee(2))]);
    }
}
