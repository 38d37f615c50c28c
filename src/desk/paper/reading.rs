//! Reading a list: every fault is found, and what is not at fault is noted in the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use bondhub_core::{
    bond::{BondTerms, Medium},
    identifier::{BondId, PartyCode, ProcurementId},
    money::{Currency, Money},
    ports::store::{ClashWith, Loaded, PaperDeed, PaperList, PaperRow, Wanted, guarantee},
};

use super::{AT_ONCE, Exceeded, ImportMode, ImportReport, in_number, unreadable, whole};
use crate::{
    desk::{Desk, DeskError},
    paper::{Columns, Entry, Fault, Known, Records},
};

/// What a list adds, by contractor and currency.
type Sums = BTreeMap<(PartyCode, Currency), i64>;

impl Desk {
    /// Reads a list once, in batches.
    pub(super) async fn read_list(
        &self,
        list: &PaperList,
        source: impl BufRead + Send,
        mode: ImportMode,
    ) -> Result<ImportReport, DeskError> {
        let mut report = ImportReport::default();
        let (mut records, mut known) = (Records::new(source), self.known().await?);
        let Some(columns) = header(&mut records, &mut report)? else {
            return Ok(report);
        };
        let (mut batch, mut sums) = (Vec::new(), Sums::new());
        while let Some(record) = records.next_record().map_err(|error| unreadable(&error))? {
            report.rows += 1;
            let read = match &record.cells {
                Ok(cells) => columns.entry(&list.issuer, record.line, cells, &mut known),
                Err(fault) => Err(vec![whole(record.line, fault.clone())]),
            };
            match read {
                Ok(entry) => batch.push(entry),
                Err(places) => report.fault(places),
            }
            if batch.len() == AT_ONCE {
                let rows = std::mem::take(&mut batch);
                let good = self
                    .compare(list, &columns, rows, mode, &mut report)
                    .await?;
                self.note(list, &good, &mut report, &mut sums).await?;
                known.forget_rows();
            }
        }
        let good = self
            .compare(list, &columns, batch, mode, &mut report)
            .await?;
        self.note(list, &good, &mut report, &mut sums).await?;
        report.faults.sort_by_key(|place| place.line);
        report.exceeded = self.exceeded(&list.issuer, sums).await?;
        Ok(report)
    }

    async fn known(&self) -> Result<Known, DeskError> {
        let book = self.store.book().await?;
        let parties = book.parties.into_iter();
        Ok(Known::new(parties.map(|party| (party.code, party.roles))))
    }

    /// Compares rows with what is known and with the rows before; what is left is not at fault.
    async fn compare(
        &self,
        list: &PaperList,
        columns: &Columns,
        entries: Vec<Entry>,
        mode: ImportMode,
        report: &mut ImportReport,
    ) -> Result<Vec<PaperRow>, DeskError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let loaded = self.homes(&entries).await?;
        let mut rows = Vec::new();
        for entry in entries {
            match deed(&entry, &loaded, mode.update) {
                Err(fault) => report.fault(vec![in_number(entry.line, fault)]),
                Ok(deed) => rows.push(PaperRow {
                    line: entry.line,
                    number: entry.bond.number,
                    deed,
                    guarantee: guarantee(&entry.terms),
                    terms: entry.terms,
                }),
            }
        }
        let clashes = self.store.clashes(list, &rows).await?;
        let mut at_fault: BTreeMap<u64, _> = BTreeMap::new();
        for clash in clashes {
            let (name, fault) = fault_of(clash.with);
            let place = columns.fault(clash.line, name, fault);
            at_fault.entry(clash.line).or_insert(place);
        }
        rows.retain(|row| !at_fault.contains_key(&row.line));
        for place in at_fault.into_values() {
            report.fault(vec![place]);
        }
        Ok(rows)
    }

    async fn note(
        &self,
        list: &PaperList,
        rows: &[PaperRow],
        report: &mut ImportReport,
        sums: &mut Sums,
    ) -> Result<(), DeskError> {
        for row in rows {
            match row.deed {
                PaperDeed::Nothing => report.unchanged += 1,
                PaperDeed::Update => report.updated += 1,
                PaperDeed::Add => {
                    report.added += 1;
                    let amount = row.terms.amount;
                    let of = (row.terms.principal.clone(), amount.currency());
                    let sum = sums.entry(of).or_insert(0);
                    *sum = sum.saturating_add(amount.amount());
                }
            }
        }
        if !rows.is_empty() {
            self.store.note_rows(list.id, rows).await?;
        }
        Ok(())
    }

    /// What is known of the rows' bonds and cases.
    async fn homes(&self, entries: &[Entry]) -> Result<Loaded, DeskError> {
        let bonds: Vec<BondId> = entries.iter().map(|entry| entry.bond.clone()).collect();
        let wanted = Wanted {
            bonds,
            ..Wanted::default()
        };
        let mut loaded = self.store.load(&wanted).await?;
        let cases: BTreeSet<ProcurementId> = loaded.homes.values().cloned().collect();
        if !cases.is_empty() {
            let wanted = Wanted {
                cases: cases.into_iter().collect(),
                ..Wanted::default()
            };
            loaded.cases = self.store.load(&wanted).await?.cases;
        }
        Ok(loaded)
    }

    async fn exceeded(&self, issuer: &PartyCode, sums: Sums) -> Result<Vec<Exceeded>, DeskError> {
        let mut exceeded = Vec::new();
        if self.store.limits(Some(issuer)).await?.is_empty() {
            return Ok(exceeded);
        }
        for ((contractor, currency), more) in sums {
            let Ok(more) = Money::new(more, currency) else {
                continue;
            };
            let used = self.would_exceed(issuer, &contractor, more).await?;
            exceeded.extend(used.map(Exceeded::from));
        }
        Ok(exceeded)
    }
}

fn header<R: BufRead>(
    records: &mut Records<R>,
    report: &mut ImportReport,
) -> Result<Option<Columns>, DeskError> {
    let read = match records.next_record().map_err(|error| unreadable(&error))? {
        None => Err(vec![whole(1, Fault::Empty)]),
        Some(record) => match record.cells {
            Err(fault) => Err(vec![whole(record.line, fault)]),
            Ok(cells) => Columns::read(record.line, &cells),
        },
    };
    match read {
        Ok(columns) => Ok(Some(columns)),
        Err(places) => {
            report.fault(places);
            Ok(None)
        }
    }
}

/// The same number and content is the same bond; other content is an update, if one is asked for.
fn deed(entry: &Entry, loaded: &Loaded, update: bool) -> Result<PaperDeed, Fault> {
    let Some(home) = loaded.homes.get(&entry.bond) else {
        return Ok(PaperDeed::Add);
    };
    if *home != entry.terms.procurement {
        return Err(Fault::Taken);
    }
    let case = loaded.cases.get(home);
    let file = case.and_then(|case| case.file.bonds.get(&entry.bond));
    let signed: Option<&BondTerms> = file
        .and_then(|file| file.signed.as_ref())
        .map(|signed| &signed.value);
    match signed {
        None => Ok(PaperDeed::Add),
        Some(terms) if *terms == entry.terms => Ok(PaperDeed::Nothing),
        Some(terms) if terms.medium != Medium::Paper => Err(Fault::Taken),
        Some(_) if update => Ok(PaperDeed::Update),
        Some(_) => Err(Fault::Differs),
    }
}

fn fault_of(with: ClashWith) -> (&'static str, Fault) {
    match with {
        ClashWith::Number(line) => ("number", Fault::Twice { line }),
        ClashWith::Guarantee(line) => ("from", Fault::Overlaps { line }),
        ClashWith::Bond(number) => {
            let number = number.as_str().to_owned();
            ("from", Fault::OverlapsBond { number })
        }
    }
}
