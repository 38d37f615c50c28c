//! What a deed would lead to: bonds, keys, mails, tasks.

use bondhub_core::{
    bond::BondState,
    event::Rejection,
    identifier::{BondId, PartyCode},
    party::Role,
    ports::store::EventState,
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
    pub tasks_opened: Vec<String>,
    /// Tasks that would be closed.
    pub tasks_closed: Vec<String>,
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
            .map(|row| row.key.to_string())
            .collect(),
        tasks_closed: commit
            .tasks_closed
            .iter()
            .map(|(_, key)| key.to_string())
            .collect(),
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
        }),
        Order::Notice(notice, _) => Some(Mailing {
            to: notice.to.clone(),
            name: notice.content.name(),
        }),
        Order::Ask(_) | Order::Events(_) => None,
    }
}
