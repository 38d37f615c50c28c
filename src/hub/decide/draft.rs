//! The draft of a batch: cases as they are after the events so far, and what has to be written.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    calendar::Timestamp,
    event::EventIdentity,
    identifier::{BondId, PartyCode, ProcurementId},
    key::first_16,
    notice::NoticeContent,
    ports::store::{CaseWrite, Commit, Compartment, DataKeyRow, Loaded, SigningRequest},
    procurement::{CaseFile, Scope},
    task::{Subject, TaskKind},
    view,
};
use uuid::Uuid;

use super::{Brought, Decision, Job, OpenCases, Order, Outcome, overtaken};
use crate::{hub::directory::Directory, vault::SignedDocument};

/// A case of the batch.
#[derive(Debug)]
pub(super) struct OpenCase {
    pub(super) file: CaseFile,
    /// The version that was loaded; 0 for a new one.
    pub(super) version: i64,
    pub(super) due_at: Option<Timestamp>,
    pub(super) touched: bool,
    /// Counts what this batch makes for the case: part of the ids of what it makes.
    made: u32,
}

impl OpenCase {
    pub(super) fn new(id: &ProcurementId) -> Self {
        Self::loaded(CaseFile::new(id.clone()), 0)
    }

    fn loaded(file: CaseFile, version: i64) -> Self {
        Self {
            file,
            version,
            due_at: None,
            touched: false,
            made: 0,
        }
    }

    /// An id made from case, version and count: the version guard lets it come about only once.
    fn next_id(&mut self) -> Uuid {
        self.made += 1;
        let name = format!("{}\n{}\n{}", self.file.id, self.version + 1, self.made);
        Uuid::from_bytes(first_16(name.as_bytes()))
    }

    /// What the case waits for: what its file says, and the standing instructions it may go on with.
    fn waits(&self) -> Vec<String> {
        let tasks = self.file.carried.tasks.keys();
        let requests = tasks.filter_map(|key| match (&key.kind, &key.subject) {
            (TaskKind::ChangeRequest, Subject::Bond(bond)) => {
                Some(format!("instruction:{}", bond.issuer))
            }
            _ => None,
        });
        let waits = self.file.carried.waits.keys().map(ToString::to_string);
        // A joint venture's shares may change while its bonds are outstanding (R42).
        let bonds = self.file.carried.bonds.values();
        let ventures = bonds
            .filter(|bond| bond.state.is_outstanding() && !bond.shares.is_empty())
            .map(|bond| format!("party:{}", bond.terms.principal));
        let all: BTreeSet<String> = waits.chain(requests).chain(ventures).collect();
        all.into_iter().collect()
    }

    /// With whom the contract is concluded that a notice asks something about.
    fn contractor_of(&self, order: &Order) -> Option<PartyCode> {
        let Order::Notice(notice, _) = order else {
            return None;
        };
        let NoticeContent::TaskOpened { key, .. } = &notice.content else {
            return None;
        };
        let Subject::Contract(contract) = &key.subject else {
            return None;
        };
        self.file
            .contracts
            .get(contract)?
            .concluded
            .as_ref()?
            .value
            .contractor
            .clone()
    }

    fn write(self) -> CaseWrite {
        let waits = self.waits();
        CaseWrite {
            file: self.file,
            version: self.version,
            due_at: self.due_at,
            waits,
        }
    }

    /// The opening that governs what is to be made: of a bond, or of the whole case.
    fn opening(&self, order: &Order) -> Option<Timestamp> {
        let case = Some(&self.file);
        match order {
            Order::Key(key) | Order::Ask(key) => view::opening(&key.bond, &key.terms, case),
            Order::Notice(notice, Some(terms)) => {
                view::opening(notice.content.bond()?, terms, case)
            }
            Order::Notice(_, None) | Order::Events(_) => {
                let scopes: Vec<Scope> = self.file.scopes_of(None);
                let governing = scopes.iter().filter_map(|scope| self.file.governing(scope));
                governing.map(|governing| governing.at).max()
            }
        }
    }
}

/// The batch so far.
pub(super) struct Draft<'a> {
    pub(super) directory: &'a Directory,
    pub(super) now: Timestamp,
    /// The tasks that were open before.
    tasks_before: overtaken::Tasks,
    pub(super) cases: OpenCases,
    /// Events taken before or in this batch, with their digests.
    pub(super) seen: BTreeMap<Uuid, String>,
    pub(super) homes: BTreeMap<BondId, ProcurementId>,
    /// What of the signing queue may be issued now.
    pub(super) queue: Vec<SigningRequest>,
    /// What whoever acts at the desk brought along.
    pub(super) brought: Option<Brought>,
    pub(super) commit: Commit,
    /// The event behind what is being decided; none while time alone is.
    pub(super) behind: Option<EventIdentity>,
    pub(super) jobs: Vec<Job>,
    pub(super) documents: Vec<SignedDocument>,
    data_keys: BTreeMap<Compartment, DataKeyRow>,
    pub(super) renamed: Vec<(Uuid, Uuid)>,
    pub(super) outcomes: Vec<Outcome>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(loaded: Loaded, directory: &'a Directory, now: Timestamp) -> Self {
        let tasks_before = overtaken::tasks_of(loaded.cases.values().map(|stored| &stored.file));
        let cases = loaded
            .cases
            .into_iter()
            .map(|(id, stored)| (id, OpenCase::loaded(stored.file, stored.version)))
            .collect();
        Self {
            directory,
            now,
            cases,
            tasks_before,
            seen: loaded.events,
            homes: loaded.homes,
            queue: loaded.requests,
            brought: None,
            commit: Commit {
                now,
                ..Commit::default()
            },
            behind: None,
            jobs: Vec::new(),
            documents: Vec::new(),
            data_keys: loaded.data_keys,
            renamed: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    /// Adds a job for a case.
    pub(super) fn order(&mut self, procurement: &ProcurementId, order: Order) {
        let Some(case) = self.cases.get_mut(procurement) else {
            return;
        };
        let contractor = case.contractor_of(&order);
        let job = Job {
            id: case.next_id(),
            owner: case.file.owner.as_ref().map(|owner| owner.value.clone()),
            contractor,
            procurement: procurement.clone(),
            title: case.file.title.as_ref().map(|title| title.value.clone()),
            opening_at: case.opening(&order),
            order,
        };
        self.jobs.push(job);
    }

    /// An id for a row of the case.
    pub(super) fn next_id(&mut self, procurement: &ProcurementId) -> Uuid {
        self.cases
            .get_mut(procurement)
            .map_or_else(Uuid::nil, OpenCase::next_id)
    }

    /// What is written, without what was overtaken within this very batch ([`overtaken`]).
    pub(super) fn finish(mut self) -> Decision {
        let cases = std::mem::take(&mut self.cases)
            .into_values()
            .filter(|case| case.touched);
        self.commit.cases = cases.map(OpenCase::write).collect();
        overtaken::drop(&mut self.jobs, &self.commit, &self.tasks_before);
        self.close_issued();
        Decision {
            commit: self.commit,
            jobs: self.jobs,
            documents: self.documents,
            data_keys: self.data_keys,
            renamed: self.renamed,
            outcomes: self.outcomes,
        }
    }

    /// The bond's principal and obligee, for the ledger.
    pub(super) fn parties_of(
        &self,
        procurement: &ProcurementId,
        bond: &BondId,
    ) -> Option<(PartyCode, PartyCode)> {
        let record = self.cases.get(procurement)?.file.carried.bonds.get(bond)?;
        Some((record.terms.principal.clone(), record.terms.obligee.clone()))
    }
}
