//! What a deed would lead to: bonds, keys, mails, tasks.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::BondState,
    event::Rejection,
    identifier::{BondId, PartyCode},
    party::Role,
    ports::store::EventState,
    task::{Subject, TaskKey},
};
use serde::Serialize;

use crate::hub::decide::{Decision, Job, Order, Outcome};

/// What would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rehearsal {
    /// `applied`, `overtaken`, `nothing`, `waiting` or `duplicate`.
    pub state: &'static str,
    /// The bonds that would change: how each would stand.
    pub bonds: Vec<BondChange>,
    /// Keys that would stop working.
    pub keys_ended: Vec<KeyChange>,
    /// Keys that would be issued.
    pub keys_issued: Vec<KeyChange>,
    /// Mails that would be sent.
    pub mails: Vec<Mailing>,
    /// Tasks that would be opened or changed.
    pub tasks_opened: Vec<TaskKey>,
    /// Tasks that would be closed.
    pub tasks_closed: Vec<TaskKey>,
    /// What it would do to bonds before their opening is left out: it is not the reader's to know (R21).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// What whoever rehearses may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    /// For whom it acts.
    pub(super) party: Option<PartyCode>,
    /// The bonds of the case it knows.
    pub(super) bonds: BTreeSet<BondId>,
    /// It acts for the case's owner: contracts and openings are its own.
    pub(super) is_owner: bool,
    /// There may be bonds that it must not know of. Whether there are any tells something too.
    pub(super) embargoed: bool,
}

impl Sight {
    fn knows(&self, bond: &BondId) -> bool {
        self.bonds.contains(bond)
    }

    fn sees_task(&self, key: &TaskKey) -> bool {
        match &key.subject {
            Subject::Bond(bond) => self.knows(bond),
            Subject::Contract(_) | Subject::Opening(_) => self.is_owner,
            // Whose certificate is missing tells who has a bond.
            Subject::Wait(_) | Subject::Trust(_) => false,
        }
    }

    fn sees_mail(&self, mail: &Mailing) -> bool {
        match &mail.about {
            Some(bond) => self.knows(bond),
            None => self.party.as_ref() == Some(&mail.to),
        }
    }
}

impl Rehearsal {
    /// As much of it as somebody may know (R21).
    pub(super) fn seen(mut self, sight: &Sight) -> Self {
        self.bonds.retain(|change| sight.knows(&change.bond));
        self.keys_ended.retain(|change| sight.knows(&change.bond));
        self.keys_issued.retain(|change| sight.knows(&change.bond));
        self.mails.retain(|mail| sight.sees_mail(mail));
        self.tasks_opened.retain(|key| sight.sees_task(key));
        self.tasks_closed.retain(|key| sight.sees_task(key));
        self.withheld = sight.embargoed;
        self
    }
}

/// A bond as it would stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BondChange {
    /// Which.
    pub bond: BondId,
    /// Its state.
    pub state: BondState,
    /// Its version.
    pub version: u32,
    /// The rule behind it.
    pub because: &'static str,
}

/// A key that would end or be issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyChange {
    /// Of which bond.
    pub bond: BondId,
    /// In which role; none is every role.
    pub role: Option<Role>,
    /// Whose, where it is issued.
    pub holder: Option<PartyCode>,
}

/// A mail that would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mailing {
    /// To whom.
    pub to: PartyCode,
    /// What: `key`, or the notice's name.
    pub name: &'static str,
    /// The bond it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<BondId>,
}

/// What a decision amounts to; the rejection where the event would be set aside.
pub(super) fn of(decision: &Decision) -> Result<Rehearsal, Rejection> {
    let commit = &decision.commit;
    let refused = commit.events.iter().find_map(|row| row.rejection.clone());
    if let Some(rejection) = refused {
        return Err(rejection);
    }
    let bonds = commit.bonds.iter().map(|row| BondChange {
        bond: row.bond.clone(),
        state: row.state,
        version: row.version,
        because: row.cause.rule.as_str(),
    });
    let ended = commit.ended_keys.iter().map(|ended| KeyChange {
        bond: ended.bond.clone(),
        role: ended.role,
        holder: None,
    });
    Ok(Rehearsal {
        state: state(decision),
        bonds: bonds.collect(),
        keys_ended: ended.collect(),
        keys_issued: decision.jobs.iter().filter_map(issued).collect(),
        mails: decision.jobs.iter().filter_map(mailing).collect(),
        tasks_opened: commit
            .tasks_opened
            .iter()
            .map(|row| row.key.clone())
            .collect(),
        tasks_closed: commit
            .tasks_closed
            .iter()
            .map(|(_, key)| key.clone())
            .collect(),
        withheld: false,
    })
}

/// The event's own state: what it waits for is worked out after it was taken.
fn state(decision: &Decision) -> &'static str {
    let row = decision.commit.events.first();
    match (row, decision.outcomes.first()) {
        (Some(row), _) => row.state.as_str(),
        (None, Some(Outcome::Taken(state))) => state.as_str(),
        (None, Some(Outcome::Duplicate)) => "duplicate",
        (None, Some(Outcome::Reconciled) | None) => EventState::Nothing.as_str(),
    }
}

fn issued(job: &Job) -> Option<KeyChange> {
    let Order::Key(key) = &job.order else {
        return None;
    };
    Some(KeyChange {
        bond: key.bond.clone(),
        role: Some(key.role),
        holder: Some(key.holder.clone()),
    })
}

fn mailing(job: &Job) -> Option<Mailing> {
    match &job.order {
        Order::Key(key) => Some(Mailing {
            to: key.holder.clone(),
            name: "key",
            about: Some(key.bond.clone()),
        }),
        Order::Notice(notice, _) => Some(Mailing {
            to: notice.to.clone(),
            name: notice.content.name(),
            about: notice.content.bond().cloned(),
        }),
        Order::Ask(_) | Order::Events(_) => None,
    }
}
