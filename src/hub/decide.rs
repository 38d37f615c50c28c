//! Deciding: each event of a batch is learned and its case reconciled. Pure: no I/O, no clock, no
//! randomness; what must be made with secrets is left to `prepare` as jobs.

mod draft;
mod effects;
mod overtaken;
mod queue;
mod telling;

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondTerms,
    calendar::Timestamp,
    event::{Reason, Rejection},
    identifier::{BondId, PartyCode, ProcurementId},
    notice::{HubEvent, Notice},
    party::Role,
    ports::store::{
        Commit, Compartment, DataKeyRow, EventRow, EventState, Loaded, SigningRequest, Wanted,
    },
    procurement::{Fact, Learned, Lesson},
    reconcile::{Delivery, KeyReason, Signing, reconcile_with},
};
use uuid::Uuid;

use super::{
    directory::Directory,
    read::{Before, Content, Incoming},
};
use crate::vault::SignedDocument;
use draft::{Draft, OpenCase};

pub use queue::Brought;

/// One piece of work for a lane.
#[derive(Debug, Clone)]
pub enum Work {
    /// An event that came.
    Event(Box<Incoming>),
    /// An event that waited until it could be read; its row is in the inbox.
    Again(Box<Incoming>),
    /// An act at the desk, with what whoever acts brings along.
    Act(Box<Incoming>, Box<Brought>),
    /// A case that is due.
    Due(ProcurementId),
}

/// What a batch leads to.
#[derive(Debug, Default)]
pub struct Decision {
    /// What is written, but for keys and mails.
    pub commit: Commit,
    /// What must be prepared.
    pub jobs: Vec<Job>,
    /// Signed documents to seal.
    pub documents: Vec<SignedDocument>,
    /// The data keys that exist for them.
    pub data_keys: BTreeMap<Compartment, DataKeyRow>,
    /// Rows of the inbox with another id than they were read with, and that one: what is sealed in them is sealed for it.
    pub renamed: Vec<(Uuid, Uuid)>,
    /// What became of each piece of work, in order.
    pub outcomes: Vec<Outcome>,
}

/// What became of one piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// An event was taken, in this state.
    Taken(EventState),
    /// The event was known: nothing changed.
    Duplicate,
    /// A due case was reconciled.
    Reconciled,
}

/// Something to prepare.
#[derive(Debug, Clone)]
pub struct Job {
    /// The id of its row in the outbox, made from what caused it.
    pub id: Uuid,
    /// The case.
    pub procurement: ProcurementId,
    /// Its title, for letters.
    pub title: Option<String>,
    /// Its owner, for letters.
    pub owner: Option<PartyCode>,
    /// The contractor of the contract a notice is about, for letters.
    pub contractor: Option<PartyCode>,
    /// When its bids are opened, for the embargo of letters.
    pub opening_at: Option<Timestamp>,
    /// What to make.
    pub order: Order,
}

/// What to make.
#[derive(Debug, Clone)]
pub enum Order {
    /// A key, and the mail that carries it if it goes by mail.
    Key(Box<KeyOrder>),
    /// A key that its issuer must sign: secret and statement, for the signing queue.
    Ask(Box<KeyOrder>),
    /// A notice, with the bond it is about if there is one.
    Notice(Box<Notice>, Option<Box<BondTerms>>),
    /// Events of the hub, published together.
    Events(Vec<HubEvent>),
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct KeyOrder {
    /// For which bond.
    pub bond: BondId,
    /// What the bond says.
    pub terms: BondTerms,
    /// For which version.
    pub version: u32,
    /// In which edition.
    pub edition: u32,
    /// In which role.
    pub role: Role,
    /// For whom.
    pub holder: PartyCode,
    /// Why.
    pub reason: KeyReason,
    /// How it is signed.
    pub signing: Signing,
    /// What the signing queue holds of it, if its issuer signed it there.
    pub request: Option<SigningRequest>,
    /// How it reaches its holder.
    pub delivery: Delivery,
}

/// What must be loaded to decide about a batch.
pub fn wanted(batch: &[Work]) -> Wanted {
    let mut wanted = Wanted::default();
    for work in batch {
        match work {
            Work::Due(case) => wanted.cases.push(case.clone()),
            Work::Event(event) | Work::Again(event) | Work::Act(event, _) => {
                wanted.events.push(event.row.id);
                wanted.events.push(conflict_id(&event.row));
                wanted.events.extend(event.before.iter().map(|one| one.id));
                want_content(&event.content, &mut wanted);
            }
        }
    }
    wanted.cases.sort();
    wanted.cases.dedup();
    wanted
}

fn want_content(content: &Content, wanted: &mut Wanted) {
    let document = match content {
        Content::Facts {
            procurement,
            lesson,
            document,
        } => {
            wanted.cases.push(procurement.clone());
            wanted.bonds.extend(bonds_of(lesson).cloned());
            document.as_deref()
        }
        Content::Instruction(_, document) => Some(document.as_ref()),
        Content::Waits(_) | Content::Refused(_) => None,
    };
    wanted
        .compartments
        .extend(document.map(SignedDocument::compartment));
}

/// Decides about a batch.
pub fn decide(batch: &[Work], loaded: Loaded, directory: &Directory, now: Timestamp) -> Decision {
    let mut draft = Draft::new(loaded, directory, now);
    for work in batch {
        let outcome = one(&mut draft, work);
        draft.outcomes.push(outcome);
    }
    draft.finish()
}

fn one(draft: &mut Draft<'_>, work: &Work) -> Outcome {
    let told_before = draft.commit.audit.len();
    let (event, outcome) = match work {
        Work::Due(case) => {
            draft.behind = None;
            draft.reconcile(case);
            return Outcome::Reconciled;
        }
        Work::Event(event) => {
            draft.behind = Some(event.row.identity.clone());
            (event, take(draft, event))
        }
        Work::Again(event) => {
            draft.behind = Some(event.row.identity.clone());
            (event, take_again(draft, event))
        }
        Work::Act(event, brought) => {
            draft.behind = Some(event.row.identity.clone());
            draft.brought = Some(Brought::clone(brought));
            let outcome = take(draft, event);
            draft.brought = None;
            (event, outcome)
        }
    };
    if let Outcome::Taken(state) = outcome {
        telling::taken(draft, event, state, told_before);
    }
    outcome
}

/// A first sight of an event, a duplicate, or a conflict: same identity, other content.
fn take(draft: &mut Draft<'_>, event: &Incoming) -> Outcome {
    let seen = |one: &Before| draft.seen.get(&one.id) == Some(&one.digest);
    if event.before.as_ref().is_some_and(seen) {
        return Outcome::Duplicate;
    }
    match draft.seen.get(&event.row.id) {
        Some(digest) if *digest == event.row.digest => Outcome::Duplicate,
        Some(_) => conflict(draft, event),
        None => learn(draft, event, event.row.clone()),
    }
}

fn conflict(draft: &mut Draft<'_>, event: &Incoming) -> Outcome {
    let id = conflict_id(&event.row);
    if draft.seen.contains_key(&id) {
        return Outcome::Duplicate;
    }
    let message = format!(
        "event {} came before with other content",
        event.row.identity
    );
    let rejection = Rejection::whole(Reason::Conflict, message);
    draft.renamed.push((id, event.row.id));
    draft.set_aside(
        EventRow {
            id,
            ..event.row.clone()
        },
        rejection,
    )
}

fn conflict_id(row: &EventRow) -> Uuid {
    EventRow::key(&row.identity, &row.digest)
}

fn learn(draft: &mut Draft<'_>, event: &Incoming, row: EventRow) -> Outcome {
    if let Some(rejection) = revoked_meanwhile(draft, &event.content) {
        return draft.set_aside(row, rejection);
    }
    match &event.content {
        Content::Refused(rejection) => draft.set_aside(row, rejection.clone()),
        Content::Waits(on) => {
            let waits_for = Some(on.clone());
            draft.record(EventRow {
                state: EventState::Waiting,
                waits_for,
                ..row
            })
        }
        Content::Instruction(instruction, document) => {
            draft.commit.instructions.push(instruction.clone());
            draft.documents.push((**document).clone());
            draft.record(EventRow {
                state: EventState::Applied,
                ..row
            })
        }
        Content::Facts {
            procurement,
            lesson,
            document,
        } => {
            if let Some(rejection) =
                bonds_of(lesson).find_map(|bond| draft.elsewhere(bond, procurement))
            {
                return draft.set_aside(row, rejection);
            }
            match draft.case(procurement).file.learn(lesson) {
                Err(rejection) => draft.set_aside(row, rejection),
                Ok(learned) => {
                    draft.documents.extend(document.as_deref().cloned());
                    if learned == Learned::New {
                        draft.take_signature();
                    }
                    let outcome = draft.record(EventRow {
                        state: state_of(learned),
                        ..row
                    });
                    draft.reconcile(procurement);
                    outcome
                }
            }
        }
    }
}

/// A document is verified when it arrives, with the parties as they were known then. Whose certificate was revoked
/// meanwhile came too late (R5); commits are guarded by the parties' generation, so that nothing slips in after this.
fn revoked_meanwhile(draft: &Draft<'_>, content: &Content) -> Option<Rejection> {
    let document = match content {
        Content::Facts { document, .. } => document.as_deref()?,
        Content::Instruction(_, document) => document,
        Content::Waits(_) | Content::Refused(_) => return None,
    };
    let mut pins = draft.directory.pinned.iter();
    let pin =
        pins.find(|pin| pin.party == document.issuer && pin.fingerprint == document.signer)?;
    let since = pin.revoked_at.filter(|since| *since <= draft.now)?;
    let message = format!("the signer's certificate is no longer accepted since {since}");
    Some(Rejection::whole(Reason::Signature, message))
}

/// The bonds that a lesson tells of.
fn bonds_of(lesson: &Lesson) -> impl Iterator<Item = &BondId> {
    lesson.facts.iter().filter_map(|fact| match fact {
        Fact::Bond { bond, .. } => Some(bond),
        _ => None,
    })
}

fn state_of(learned: Learned) -> EventState {
    match learned {
        Learned::New => EventState::Applied,
        Learned::Overtaken => EventState::Overtaken,
        Learned::Nothing => EventState::Nothing,
    }
}

/// An event that waited to be readable: its row exists, only what it says is new.
fn take_again(draft: &mut Draft<'_>, event: &Incoming) -> Outcome {
    let rows_before = draft.commit.events.len();
    let outcome = learn(draft, event, event.row.clone());
    let taken = draft.commit.events.drain(rows_before..).next();
    match taken.map(|row| (row.state, row.rejection)) {
        Some((EventState::SetAside, rejection)) => {
            let aside = rejection.map(|why| (event.row.id, why));
            draft.commit.set_aside.extend(aside);
        }
        Some((EventState::Waiting, _)) | None => {}
        Some(_) => draft.commit.placed.push(event.row.id),
    }
    outcome
}

impl Draft<'_> {
    /// Reconciles a case and takes the plan's effects into the draft.
    fn reconcile(&mut self, procurement: &ProcurementId) {
        let rules = &self.directory.rules;
        let now = self.now;
        let case = self
            .cases
            .entry(procurement.clone())
            .or_insert_with(|| OpenCase::new(procurement));
        let collector = self.brought.as_ref();
        let collector = collector.and_then(|brought| brought.collector.as_ref());
        let plan = reconcile_with(&case.file, rules, now, collector);
        case.due_at = plan.next_due_at;
        case.touched = true;
        effects::carry_out(self, procurement, &plan.effects);
    }

    fn case(&mut self, procurement: &ProcurementId) -> &mut OpenCase {
        let case = self
            .cases
            .entry(procurement.clone())
            .or_insert_with(|| OpenCase::new(procurement));
        case.touched = true;
        case
    }

    /// A bond belongs to one case for good.
    fn elsewhere(&self, bond: &BondId, procurement: &ProcurementId) -> Option<Rejection> {
        let home = self.homes.get(bond)?;
        (home != procurement).then(|| {
            let message = format!("bond {bond} belongs to case {home}");
            Rejection::whole(Reason::NotAllowed, message)
        })
    }

    fn set_aside(&mut self, row: EventRow, rejection: Rejection) -> Outcome {
        self.record(EventRow {
            state: EventState::SetAside,
            rejection: Some(rejection),
            ..row
        })
    }

    fn record(&mut self, row: EventRow) -> Outcome {
        let state = row.state;
        self.seen.insert(row.id, row.digest.clone());
        self.commit.events.push(row);
        Outcome::Taken(state)
    }
}

/// The cases of a batch, by id.
type OpenCases = BTreeMap<ProcurementId, OpenCase>;
