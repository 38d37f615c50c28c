//! Comparing rows with what the hub holds and with one another: what is left is not at fault.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    bond::Medium,
    identifier::{BondId, ProcurementId},
    ports::store::{ClashWith, Loaded, PaperDeed, PaperList, PaperRow, Wanted, guarantee},
    procurement::{BondFile, BondRecord, OtherBond, other_bond},
    view::opening,
};

use super::{ImportMode, ImportReport, adding::Ventures};
use crate::{
    desk::{Desk, DeskError},
    paper::{Beside, Columns, Entry, Fault},
};

/// A row that is not at fault, and what it adds.
pub(super) struct Compared {
    pub(super) row: PaperRow,
    pub(super) adds: super::adding::Parts,
}

/// What rows are compared with.
pub(super) struct Against<'a> {
    pub(super) list: &'a PaperList,
    pub(super) columns: &'a Columns,
    pub(super) mode: ImportMode,
    pub(super) ventures: &'a Ventures,
}

/// Rows that overlap a bond which a later row may change; at the end of the list they are compared once more.
pub(super) struct Waiting(pub(super) Vec<Entry>, usize);

impl Waiting {
    /// No more rows than this wait; further ones are at fault at once.
    const MOST: usize = 1_000;

    pub(super) fn new() -> Self {
        Self(Vec::new(), Self::MOST)
    }

    /// Nothing comes any more that a row could wait for.
    pub(super) fn over() -> Self {
        Self(Vec::new(), 0)
    }

    fn has_room(&self) -> bool {
        self.0.len() < self.1
    }
}

impl Desk {
    /// Compares rows with what is known and with the rows before; what is left is not at fault.
    pub(super) async fn compare(
        &self,
        against: &Against<'_>,
        entries: Vec<Entry>,
        waiting: &mut Waiting,
        report: &mut ImportReport,
    ) -> Result<Vec<Compared>, DeskError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let (loaded, today) = (self.homes(&entries).await?, self.today());
        let (mut rows, mut adds) = (Vec::new(), BTreeMap::new());
        for entry in entries {
            let held = Held::of(&entry, &loaded);
            let deed = held.deed(&entry, against.mode.update);
            match deed.and_then(|deed| opening_is_known(&entry, &loaded).map(|()| deed)) {
                Err((name, fault)) => {
                    report.fault(vec![against.columns.fault(entry.line, name, fault)]);
                }
                Ok(deed) => {
                    let parts = against.ventures.adds(&entry.terms, held.record, today);
                    adds.insert(entry.line, parts);
                    rows.push(held.row(entry, deed));
                }
            }
        }
        let mut clashes = self.clashing(against.list, &rows).await?;
        let mut good = Vec::new();
        for row in rows {
            match clashes.remove(&row.line) {
                None => good.push(Compared {
                    adds: adds.remove(&row.line).unwrap_or_default(),
                    row,
                }),
                Some(ClashWith::Bond(_)) if waiting.has_room() => {
                    waiting.0.push(entry_of(against.list, row));
                }
                Some(with) => {
                    let (name, fault) = fault_of(with);
                    report.fault(vec![against.columns.fault(row.line, name, fault)]);
                }
            }
        }
        Ok(good)
    }

    /// The rows that clash with others. A row that clashes with what the store holds is in no other row's way, and a bond that
    /// only it names is compared as the store has it: so the store is asked again without it, until nothing is found.
    async fn clashing(
        &self,
        list: &PaperList,
        rows: &[PaperRow],
    ) -> Result<BTreeMap<u64, ClashWith>, DeskError> {
        let mut found: BTreeMap<u64, ClashWith> = BTreeMap::new();
        loop {
            let left = || rows.iter().filter(|row| !found.contains_key(&row.line));
            let beside = Beside::clashes(left());
            let counting = left().filter(|row| !beside.contains_key(&row.line));
            let counting: Vec<PaperRow> = counting.cloned().collect();
            let clashes = self.store.clashes(list, &counting).await?;
            if clashes.is_empty() {
                found.extend(beside);
                return Ok(found);
            }
            for clash in clashes {
                found.entry(clash.line).or_insert(clash.with);
            }
        }
    }

    /// What is known of the rows' bonds and cases, and of the cases that bids are said to be for.
    async fn homes(&self, entries: &[Entry]) -> Result<Loaded, DeskError> {
        let bonds: Vec<BondId> = entries.iter().map(|entry| entry.bond.clone()).collect();
        let wanted = Wanted {
            bonds,
            ..Wanted::default()
        };
        let mut loaded = self.store.load(&wanted).await?;
        let mut cases: BTreeSet<ProcurementId> = loaded.homes.values().cloned().collect();
        let bids = entries.iter().map(|entry| &entry.terms);
        let bids = bids.filter(|terms| terms.kind.is_bid_stage() && terms.opening_at.is_none());
        cases.extend(bids.map(|terms| terms.procurement.clone()));
        if !cases.is_empty() {
            let wanted = Wanted {
                cases: cases.into_iter().collect(),
                ..Wanted::default()
            };
            loaded.cases = self.store.load(&wanted).await?.cases;
        }
        Ok(loaded)
    }
}

/// A bid of which nobody said when it is opened would be under embargo for ever (R21).
fn opening_is_known(entry: &Entry, loaded: &Loaded) -> Result<(), (&'static str, Fault)> {
    let terms = &entry.terms;
    let case = loaded.cases.get(&terms.procurement).map(|case| &case.file);
    if !terms.kind.is_bid_stage() || opening(&entry.bond, terms, case).is_some() {
        return Ok(());
    }
    Err(("opening_at", Fault::NoOpening))
}

/// What the hub knows of a row's bond.
struct Held<'a> {
    home: Option<&'a ProcurementId>,
    file: Option<&'a BondFile>,
    record: Option<&'a BondRecord>,
}

impl<'a> Held<'a> {
    fn of(entry: &Entry, loaded: &'a Loaded) -> Self {
        let home = loaded.homes.get(&entry.bond);
        let case = home.and_then(|home| loaded.cases.get(home));
        Self {
            home,
            file: case.and_then(|case| case.file.bonds.get(&entry.bond)),
            record: case.and_then(|case| case.file.carried.bonds.get(&entry.bond)),
        }
    }

    /// The same number and content is the same bond; other content is an update, if one is asked for and the case would take it.
    fn deed(&self, entry: &Entry, update: bool) -> Result<PaperDeed, (&'static str, Fault)> {
        let terms = &entry.terms;
        if self.home.is_some_and(|home| *home != terms.procurement) {
            return Err(("number", Fault::Taken));
        }
        let signed = self.file.and_then(|file| file.signed.as_ref());
        let Some(known) = signed.map(|signed| &signed.value) else {
            return Ok(PaperDeed::Add);
        };
        if known.medium != Medium::Paper {
            return Err(("number", Fault::Taken));
        }
        if let Some(what) = other_bond(known, terms).map(column_of) {
            return Err((what, Fault::OtherBond { what }));
        }
        if known == terms {
            Ok(PaperDeed::Nothing)
        } else if update {
            Ok(PaperDeed::Update)
        } else {
            Err(("number", Fault::Differs))
        }
    }

    /// A bond that has ended, and stays as it is, gives no guarantee any more.
    fn row(&self, entry: Entry, deed: PaperDeed) -> PaperRow {
        let ended = self
            .record
            .is_some_and(|record| !record.state.is_outstanding());
        let gives = !(ended && deed == PaperDeed::Nothing);
        PaperRow {
            line: entry.line,
            number: entry.bond.number,
            deed,
            guarantee: guarantee(&entry.terms).filter(|_| gives),
            terms: entry.terms,
        }
    }
}

fn column_of(other: OtherBond) -> &'static str {
    match other {
        OtherBond::Kind => "kind",
        OtherBond::Principal => "contractor",
        OtherBond::Obligee => "owner",
        OtherBond::Medium => "number",
        OtherBond::Currency => "currency",
    }
}

fn entry_of(list: &PaperList, row: PaperRow) -> Entry {
    Entry {
        line: row.line,
        bond: BondId::new(list.issuer.clone(), row.number),
        terms: row.terms,
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
