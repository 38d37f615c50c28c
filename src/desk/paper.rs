//! Paper bonds (R41): entered by their issuer's people, counted like any other, never opened by a key.
//!
//! An entry is a fact like a signed registration and takes the same path. It is not signed: what authorises it is the
//! account that enters it, and the event keeps who that was (docs/adr/0021).

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, BufRead},
};

use bondhub_core::{
    audit::Act,
    bond::{BondTerms, Medium},
    event::{EventIdentity, Stamp, hex_digest},
    identifier::{BondId, PartyCode, ProcurementId},
    party::Role,
    ports::store::{EventRow, EventState, Loaded, Wanted},
    procurement::{BondFact, Fact, Lesson},
};
use serde::Serialize;
use serde_json::json;

use super::{Desk, DeskError, LimitUse, Refusal, Taken};
use crate::{
    hub::{
        decide::{Outcome, Work},
        read::{Content, Incoming},
    },
    paper::{Columns, Entry, Fault, Known, Place, Records},
};

/// How a list is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportMode {
    /// Only tell what would be done.
    pub dry_run: bool,
    /// Take the good rows although others are at fault; else one fault keeps the whole list out.
    pub good_rows: bool,
    /// Rows whose number is known with other content update it; else they are at fault.
    pub update: bool,
}

/// What became of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Rows read, without the header.
    pub rows: u64,
    /// Bonds added; in a dry run, that would be added.
    pub added: u64,
    /// Bonds changed.
    pub updated: u64,
    /// Rows whose bond is known just so.
    pub unchanged: u64,
    /// Rows at fault.
    pub faulty: u64,
    /// Whether anything was written.
    pub written: bool,
    /// What is wrong and where: the first [`ImportReport::MOST_FAULTS`].
    pub faults: Vec<Place>,
    /// Limits that the list exceeds (R43); they keep nothing out.
    pub exceeded: Vec<Exceeded>,
}

/// A limit that is exceeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exceeded {
    /// For whom.
    pub contractor: PartyCode,
    /// Its currency.
    pub currency: bondhub_core::money::Currency,
    /// The limit in minor units.
    pub limit: i64,
    /// What would be outstanding.
    pub outstanding: i64,
}

impl ImportReport {
    /// More faults than this are counted, not told.
    pub const MOST_FAULTS: usize = 1_000;

    fn fault(&mut self, places: Vec<Place>) {
        self.faulty += 1;
        let room = Self::MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(places.into_iter().take(room));
    }
}

/// What is to be done about a row.
enum Deed {
    Add,
    Update,
    Nothing,
}

/// So many rows are looked up, and committed, together.
const AT_ONCE: usize = 250;

impl Desk {
    /// Takes a list of paper bonds from an issuer. `open` gives the list from its beginning; it is read twice: once to
    /// find every fault, then, unless a fault keeps it out, to take it.
    pub async fn import_paper<R: BufRead + Send>(
        &self,
        issuer: &PartyCode,
        open: impl Fn() -> io::Result<R> + Send,
        mode: ImportMode,
        by: &str,
    ) -> Result<ImportReport, DeskError> {
        let look = ImportMode {
            dry_run: true,
            ..mode
        };
        let mut report = self
            .pass(
                issuer,
                open().map_err(|error| unreadable(&error))?,
                look,
                by,
            )
            .await?;
        let kept_out = report.faulty > 0 && !mode.good_rows;
        if mode.dry_run || kept_out || report.added + report.updated == 0 {
            return Ok(report);
        }
        let exceeded = std::mem::take(&mut report.exceeded);
        let report = self
            .pass(
                issuer,
                open().map_err(|error| unreadable(&error))?,
                mode,
                by,
            )
            .await?;
        let told = self.told(Act::PapersImported, issuer.as_str());
        let told = told
            .with("added", report.added)
            .with("updated", report.updated);
        self.store.record(&[told]).await?;
        Ok(ImportReport {
            written: true,
            exceeded,
            ..report
        })
    }

    /// Adds or updates one paper bond, given as a row.
    pub async fn add_paper(
        &self,
        issuer: &PartyCode,
        cells: &BTreeMap<String, String>,
        update: bool,
        by: &str,
    ) -> Result<ImportReport, DeskError> {
        let quote = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
        let line = |cells: Vec<String>| cells.join(",");
        let names = line(cells.keys().map(quote).collect());
        let values = line(cells.values().map(quote).collect());
        let list = format!("{names}\n{values}\n");
        let mode = ImportMode {
            dry_run: false,
            good_rows: false,
            update,
        };
        self.import_paper(
            issuer,
            || Ok(io::Cursor::new(list.clone().into_bytes())),
            mode,
            by,
        )
        .await
    }

    /// Ends a paper bond: its issuer was given it back, or it was settled.
    pub async fn end_paper(
        &self,
        bond: &BondId,
        reason: &str,
        by: &str,
    ) -> Result<Taken, DeskError> {
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        if view.bond.terms.medium != Medium::Paper {
            return Err(Refusal::NotOnPaper { bond: bond.clone() }.into());
        }
        let entry = Entry {
            line: 0,
            bond: bond.clone(),
            terms: view.bond.terms,
        };
        let said = json!({"act": "paper_end", "bond": bond, "reason": reason, "by": by});
        self.perform(self.event_of(&entry, BondFact::Deleted, &said))
            .await
    }

    /// Reads a list once, in batches.
    async fn pass(
        &self,
        issuer: &PartyCode,
        list: impl BufRead + Send,
        mode: ImportMode,
        by: &str,
    ) -> Result<ImportReport, DeskError> {
        let mut report = ImportReport::default();
        let (mut records, mut known) = (Records::new(list), self.known(issuer).await?);
        let Some(columns) = header(&mut records, &mut report)? else {
            return Ok(report);
        };
        let (mut batch, mut sums) = (Vec::new(), BTreeMap::new());
        while let Some(record) = records.next_record().map_err(|error| unreadable(&error))? {
            report.rows += 1;
            let read = match &record.cells {
                Ok(cells) => columns.entry(issuer, record.line, cells, &mut known),
                Err(fault) => Err(vec![whole(record.line, fault.clone())]),
            };
            match read {
                Ok(entry) => batch.push(entry),
                Err(places) => report.fault(places),
            }
            if batch.len() == AT_ONCE {
                self.take_rows(std::mem::take(&mut batch), mode, by, &mut report, &mut sums)
                    .await?;
            }
        }
        self.take_rows(batch, mode, by, &mut report, &mut sums)
            .await?;
        report.exceeded = self.exceeded(issuer, sums).await?;
        Ok(report)
    }

    async fn known(&self, issuer: &PartyCode) -> Result<Known, DeskError> {
        if !self.party(issuer).await?.roles.contains(&Role::Issuer) {
            let party = issuer.clone();
            return Err(Refusal::NotAnIssuer { party }.into());
        }
        let book = self.store.book().await?;
        Ok(Known::new(
            book.parties
                .into_iter()
                .map(|party| (party.code, party.roles)),
        ))
    }

    /// Compares rows with what is known and, unless it is a dry run, takes those that say something new.
    async fn take_rows(
        &self,
        entries: Vec<Entry>,
        mode: ImportMode,
        by: &str,
        report: &mut ImportReport,
        sums: &mut Sums,
    ) -> Result<(), DeskError> {
        let loaded = self.homes(&entries).await?;
        let mut works = Vec::new();
        for entry in entries {
            match deed(&entry, &loaded, mode.update) {
                Err(fault) => report.fault(vec![in_number(entry.line, fault)]),
                Ok(Deed::Nothing) => report.unchanged += 1,
                Ok(deed) => {
                    let terms = entry.terms.clone();
                    let (count, fact) = match deed {
                        Deed::Update => (&mut report.updated, BondFact::Updated(terms)),
                        Deed::Add | Deed::Nothing => {
                            let sum =
                                sums.entry((terms.principal.clone(), terms.amount.currency()));
                            *sum.or_insert(0) += terms.amount.amount();
                            (&mut report.added, BondFact::Registered(terms))
                        }
                    };
                    *count += 1;
                    let said =
                        json!({"act": "paper", "bond": entry.bond, "terms": entry.terms, "by": by});
                    works.push((entry.line, self.event_of(&entry, fact, &said)));
                }
            }
        }
        if mode.dry_run {
            return Ok(());
        }
        self.commit_rows(works, report).await
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

    async fn commit_rows(
        &self,
        works: Vec<(u64, Incoming)>,
        report: &mut ImportReport,
    ) -> Result<(), DeskError> {
        if works.is_empty() {
            return Ok(());
        }
        let (lines, events): (Vec<u64>, Vec<Incoming>) = works.into_iter().unzip();
        let ids: Vec<_> = events.iter().map(|event| event.row.id).collect();
        let works = events
            .into_iter()
            .map(|event| Work::Event(Box::new(event)))
            .collect();
        let outcomes = self.bench.perform_all(works).await?;
        for ((line, id), outcome) in lines.into_iter().zip(ids).zip(outcomes) {
            if outcome == Outcome::Taken(EventState::SetAside) {
                let why = self.store.event(id).await?.and_then(|row| row.rejection);
                let why = why.map_or_else(String::new, |rejection| rejection.to_string());
                report.fault(vec![in_number(line, Fault::Refused { why })]);
            }
        }
        Ok(())
    }

    fn event_of(&self, entry: &Entry, fact: BondFact, said: &serde_json::Value) -> Incoming {
        let now = self.clock.now();
        let body = serde_json::to_vec(&json!({"said": said, "at": now})).unwrap_or_default();
        let digest = hex_digest(&body);
        let identity = EventIdentity {
            source: "paper".to_owned(),
            id: digest.clone(),
        };
        let procurement = entry.terms.procurement.clone();
        let row = EventRow {
            id: EventRow::key(&identity, ""),
            identity: identity.clone(),
            kind: "paper".to_owned(),
            subject: Some(procurement.clone()),
            time: now,
            digest,
            state: EventState::Applied,
            rejection: None,
            waits_for: None,
            body,
            sealed: false,
            content_type: None,
            received_at: now,
        };
        let stamp = Stamp {
            time: now,
            sequence: 0,
            event: identity,
        };
        let facts = vec![Fact::Bond {
            bond: entry.bond.clone(),
            fact,
        }];
        Incoming {
            row,
            actor: Some(self.actor.clone()),
            before: None,
            content: Content::Facts {
                procurement,
                lesson: Lesson { stamp, facts },
                document: None,
            },
        }
    }

    async fn exceeded(&self, issuer: &PartyCode, sums: Sums) -> Result<Vec<Exceeded>, DeskError> {
        let mut exceeded = Vec::new();
        if self.store.limits(Some(issuer)).await?.is_empty() {
            return Ok(exceeded);
        }
        for ((contractor, currency), more) in sums {
            let Ok(more) = bondhub_core::money::Money::new(more, currency) else {
                continue;
            };
            let used = self.would_exceed(issuer, &contractor, more).await?;
            exceeded.extend(used.map(Exceeded::from));
        }
        Ok(exceeded)
    }
}

/// What a list adds, by contractor and currency.
type Sums = BTreeMap<(PartyCode, bondhub_core::money::Currency), i64>;

impl From<LimitUse> for Exceeded {
    fn from(used: LimitUse) -> Self {
        Self {
            contractor: used.contractor,
            currency: used.currency,
            limit: used.limit,
            outstanding: used.outstanding,
        }
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
fn deed(entry: &Entry, loaded: &Loaded, update: bool) -> Result<Deed, Fault> {
    let Some(home) = loaded.homes.get(&entry.bond) else {
        return Ok(Deed::Add);
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
        None => Ok(Deed::Add),
        Some(terms) if *terms == entry.terms => Ok(Deed::Nothing),
        Some(terms) if terms.medium != Medium::Paper => Err(Fault::Taken),
        Some(_) if update => Ok(Deed::Update),
        Some(_) => Err(Fault::Differs),
    }
}

fn whole(line: u64, fault: Fault) -> Place {
    Place {
        line,
        column: None,
        name: None,
        fault,
    }
}

fn in_number(line: u64, fault: Fault) -> Place {
    Place {
        name: Some("number"),
        ..whole(line, fault)
    }
}

fn unreadable(error: &io::Error) -> DeskError {
    let cause = error.to_string();
    Refusal::ListUnreadable { cause }.into()
}
