//! Paper bonds (R41): entered by their issuer's people, counted like any other, never opened by a key.
//!
//! An entry is a fact like a signed registration and takes the same path. It is not signed: what authorises it is the
//! account that enters it, and the event keeps who that was (docs/adr/0021).

mod adding;
mod comparing;
mod reading;
mod taking;

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use bondhub_core::{
    audit::Act,
    bond::Medium,
    calendar::Timestamp,
    event::{EventIdentity, Stamp, hex_digest},
    identifier::{BondId, PartyCode, ProcurementId},
    key::first_16,
    party::Role,
    ports::store::{AcceptedList, EventRow, EventState, PaperList},
    procurement::{BondFact, Fact, Lesson},
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{Desk, DeskError, LimitUse, Refusal, Taken};
use crate::{
    hub::read::{Content, Incoming},
    paper::{Fault, Place},
};

pub use taking::watch_lists;

/// So many rows are compared, noted and committed together, and no more of a list is held at once.
const AT_ONCE: usize = 250;

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

    /// Whether the list is to be taken: it says something new, and nothing keeps it out.
    fn is_acceptable(&self, mode: ImportMode) -> bool {
        let kept_out = self.faulty > 0 && !mode.good_rows;
        !mode.dry_run && !kept_out && self.added + self.updated > 0
    }

    fn fault(&mut self, places: Vec<Place>) {
        self.faulty += 1;
        let room = Self::MOST_FAULTS.saturating_sub(self.faults.len());
        self.faults.extend(places.into_iter().take(room));
    }
}

impl Desk {
    /// Takes a list of paper bonds from an issuer; `open` gives the list from its beginning.
    ///
    /// The list is read once and noted in the store, row by row. When it is known what is wrong with it, it is accepted
    /// in one step, or thrown away: there is no moment at which a part of it counts and the rest may not follow.
    pub async fn import_paper<R: BufRead + Send>(
        &self,
        issuer: &PartyCode,
        open: impl Fn() -> io::Result<R> + Send,
        mode: ImportMode,
        by: &str,
    ) -> Result<ImportReport, DeskError> {
        let source = open().map_err(|error| unreadable(&error))?;
        let list = self.begin_paper(issuer, by).await?;
        match self.read_list(&list, source, mode).await {
            Ok(report) if report.is_acceptable(mode) => self.accept_paper(list, report).await,
            kept_out => {
                self.store.end_list(list.id).await?;
                kept_out
            }
        }
    }

    /// A list to note rows of; what others left undone of the issuer's lists is done before.
    async fn begin_paper(&self, issuer: &PartyCode, by: &str) -> Result<PaperList, DeskError> {
        if !self.party(issuer).await?.roles.contains(&Role::Issuer) {
            let party = issuer.clone();
            return Err(Refusal::NotAnIssuer { party }.into());
        }
        let now = self.clock.now();
        self.take_lists_left(now, Some(issuer)).await?;
        let name = format!("paper\n{issuer}\n{by}\n{now}");
        let list = PaperList {
            id: Uuid::from_bytes(first_16(name.as_bytes())),
            issuer: issuer.clone(),
            entered_by: by.to_owned(),
            begun_at: now,
        };
        self.store.begin_list(&list).await?;
        Ok(list)
    }

    /// From here on the whole list is taken, whatever happens: by us, or by whoever finds it left.
    async fn accept_paper(
        &self,
        list: PaperList,
        mut report: ImportReport,
    ) -> Result<ImportReport, DeskError> {
        let told = self.told(Act::PapersImported, list.issuer.as_str());
        let told = told
            .with("added", report.added)
            .with("updated", report.updated);
        let accepted_at = self.clock.now();
        self.store.accept_list(list.id, accepted_at, &told).await?;
        let accepted = AcceptedList {
            list,
            accepted_at,
            taken: 0,
        };
        let refused = self.take_list(&accepted).await?;
        for place in refused {
            report.fault(vec![place]);
        }
        report.written = true;
        self.watch_limits(Some(&accepted.list.issuer)).await?;
        Ok(report)
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
        let said = json!({"act": "paper_end", "bond": bond, "reason": reason, "by": by});
        let procurement = view.bond.terms.procurement;
        let event = self.event_of(
            bond,
            procurement,
            BondFact::Deleted,
            &said,
            self.clock.now(),
        );
        let taken = self.perform(event).await?;
        let principal = view.bond.terms.principal;
        self.exceeded_for(&bond.issuer, [principal].into()).await?;
        Ok(taken)
    }

    /// What somebody said of a paper bond, as an event; the same words of the same instant are the same event.
    fn event_of(
        &self,
        bond: &BondId,
        procurement: ProcurementId,
        fact: BondFact,
        said: &serde_json::Value,
        now: Timestamp,
    ) -> Incoming {
        let body = serde_json::to_vec(&json!({"said": said, "at": now})).unwrap_or_default();
        let digest = hex_digest(&body);
        let identity = EventIdentity {
            source: "paper".to_owned(),
            id: digest.clone(),
        };
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
            bond: bond.clone(),
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
}

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
