//! What one batch overtakes before it was carried out is not carried out (R34): keys that ended within it, tasks that
//! were closed or ask for something else by its end, and what would be told of either.

use std::collections::BTreeMap;

use bondhub_core::{
    identifier::{BondId, ProcurementId},
    notice::{HubEvent, NoticeContent},
    party::Role,
    ports::store::Commit,
    procurement::CaseFile,
    task::{Task, TaskKey},
};

use super::{Job, KeyOrder, Order};

/// Drops the jobs of a batch that its end overtook.
pub(super) fn drop(jobs: &mut Vec<Job>, commit: &Commit, before: &Tasks) {
    let after = tasks_of(commit.cases.iter().map(|case| &case.file));
    let mut keys = NeverIssued::default();
    jobs.retain_mut(|job| match &mut job.order {
        Order::Key(key) if is_ended(key, commit) => {
            keys.ordered.push((key.bond.clone(), key.version, key.role));
            false
        }
        Order::Key(_) => true,
        Order::Ask(key) => !is_ended(key, commit),
        Order::Notice(notice, _) => match &notice.content {
            NoticeContent::TaskOpened { key, task } => {
                let place = (job.procurement.clone(), key.clone());
                let asks =
                    |tasks: &Tasks| tasks.get(&place).is_some_and(|one| one.asks_the_same(task));
                asks(&after) && !asks(before)
            }
            _ => true,
        },
        Order::Events(events) => {
            keys.drop_from(events);
            events.retain(|event| is_told(event, &job.procurement, before, &after));
            !events.is_empty()
        }
    });
}

/// Open tasks, by case.
pub(super) type Tasks = BTreeMap<(ProcurementId, TaskKey), Task>;

/// The open tasks of cases.
pub(super) fn tasks_of<'a>(files: impl Iterator<Item = &'a CaseFile>) -> Tasks {
    let tasks = files.flat_map(|file| {
        let tasks = file.carried.tasks.iter();
        tasks.map(|(key, task)| ((file.id.clone(), key.clone()), task.clone()))
    });
    tasks.collect()
}

/// A task that was not there before the batch and is not there after it is not told of.
fn is_told(event: &HubEvent, case: &ProcurementId, before: &Tasks, after: &Tasks) -> bool {
    let place = |task: &TaskKey| (case.clone(), task.clone());
    match event {
        HubEvent::TaskOpened { task, .. } => after.contains_key(&place(task)),
        HubEvent::TaskClosed { task } => before.contains_key(&place(task)),
        _ => true,
    }
}

fn is_ended(key: &KeyOrder, commit: &Commit) -> bool {
    commit.ended_keys.iter().any(|end| {
        end.bond == key.bond
            && key.edition <= end.edition
            && end.role.is_none_or(|role| role == key.role)
    })
}

/// Keys that ended before they were issued: of them neither is told that they were issued nor that they ended. Their
/// orders stand before the events of the reconciling that made them.
#[derive(Default)]
struct NeverIssued {
    ordered: Vec<(BondId, u32, Role)>,
    /// Those of which the event that they were issued was dropped.
    untold: Vec<(BondId, Role)>,
}

impl NeverIssued {
    fn drop_from(&mut self, events: &mut Vec<HubEvent>) {
        events.retain_mut(|event| match event {
            HubEvent::KeyIssued {
                bond,
                version,
                role,
                ..
            } => {
                let key = (bond.clone(), *version, *role);
                let never = take(&mut self.ordered, &key);
                let is_told = never.is_none();
                self.untold
                    .extend(never.map(|(bond, _, role)| (bond, role)));
                is_told
            }
            HubEvent::KeysRevoked { bond, roles, .. } => {
                roles.retain(|role| take(&mut self.untold, &(bond.clone(), *role)).is_none());
                !roles.is_empty()
            }
            _ => true,
        });
    }
}

fn take<T: PartialEq>(from: &mut Vec<T>, what: &T) -> Option<T> {
    let place = from.iter().position(|one| one == what)?;
    Some(from.remove(place))
}
