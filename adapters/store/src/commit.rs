//! What both stores work out of a commit before they write it.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    identifier::{BondId, PartyCode, ProcurementId},
    ports::store::{BondRow, Commit, EventRow, TaskRow},
    task::TaskKey,
};
use uuid::Uuid;

/// The bonds to write; of one that is listed twice the last counts.
pub fn bonds(commit: &Commit) -> Vec<&BondRow> {
    let by_id: BTreeMap<&BondId, &BondRow> =
        commit.bonds.iter().map(|row| (&row.bond, row)).collect();
    by_id.into_values().collect()
}

/// The tasks to open; of one that is listed twice the last counts.
pub fn tasks_opened(commit: &Commit) -> Vec<&TaskRow> {
    let by_key: BTreeMap<(&ProcurementId, &TaskKey), &TaskRow> = commit
        .tasks_opened
        .iter()
        .map(|row| ((&row.procurement, &row.key), row))
        .collect();
    by_key.into_values().collect()
}

/// The tasks to close after opening [`tasks_opened`]: a batch may close and open the same one, and
/// then the case's file knows how it ended.
pub fn tasks_closed(commit: &Commit) -> Vec<&(ProcurementId, TaskKey)> {
    let open: BTreeSet<(&ProcurementId, &TaskKey)> = commit
        .cases
        .iter()
        .flat_map(|write| {
            write
                .file
                .carried
                .tasks
                .keys()
                .map(|key| (&write.file.id, key))
        })
        .collect();
    commit
        .tasks_closed
        .iter()
        .filter(|(procurement, key)| !open.contains(&(procurement, key)))
        .collect()
}

/// Waiting events whose rows are replaced by rows of this commit.
pub fn replaced(commit: &Commit) -> Vec<Uuid> {
    let rows: BTreeSet<Uuid> = commit.events.iter().map(|row| row.id).collect();
    let placed = commit.placed.iter().copied();
    placed.filter(|id| rows.contains(id)).collect()
}

/// Waiting events that become applied as they are.
pub fn placed(commit: &Commit) -> Vec<Uuid> {
    let replaced = replaced(commit);
    let placed = commit.placed.iter().copied();
    placed.filter(|id| !replaced.contains(id)).collect()
}

/// Issuers whose standing instructions are taken, once each.
pub fn instructed(commit: &Commit) -> BTreeSet<&PartyCode> {
    commit.instructions.iter().map(|row| &row.issuer).collect()
}

/// What cases wait for that wait for an issuer's standing instruction.
pub fn instruction_wait(issuer: &PartyCode) -> String {
    format!("instruction:{issuer}")
}

/// What cases wait for that wait for a party, its certificate or its signature.
pub fn party_waits(party: &PartyCode) -> [String; 3] {
    ["party", "certificate", "signature"].map(|what| format!("{what}:{party}"))
}

/// The subject of an event as a column.
pub fn subject_of(row: &EventRow) -> Option<&str> {
    row.subject.as_ref().map(ProcurementId::as_str)
}
