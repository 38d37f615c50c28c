//! What other systems are told (R33), and what not before the opening: no amount, and nobody who bids (R21).
//!
//! Everybody who may listen hears the hub's events, other bidders' systems too. What is kept back is told when the
//! opening has come: a task that is still open, and whose balances changed.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    effect::Effect,
    matches::{self, Embargo},
    ought::OughtBond,
    scene::Scene,
};
use crate::{
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    notice::HubEvent,
    procurement::WaitFor,
    task::{Subject, Task, TaskKey, TaskKind},
    view,
};

type Bonds = BTreeMap<BondId, OughtBond>;

/// Whether an event that names the party would tell who bids: it bids or has a bond, and the opening has not come.
pub(super) fn names_bidder(scene: &Scene<'_>, party: &PartyCode) -> bool {
    let bonds = scene.file.bonds.iter();
    let mut own = bonds.filter_map(|(id, file)| {
        let terms = &file.signed.as_ref()?.value;
        (terms.principal == *party).then(|| matches::embargo(scene, id, terms))
    });
    own.any(|embargo| embargo != Embargo::Over) || bids_unopened(scene, party)
}

fn bids_unopened(scene: &Scene<'_>, party: &PartyCode) -> bool {
    let bids = scene.file.bids.get(party);
    let mut scopes = bids.into_iter().flat_map(BTreeMap::keys);
    scopes.any(|scope| !view::is_opened(scene.file, scope, scene.now))
}

/// Marks the tasks of which other systems are not told yet.
pub(super) fn withhold(scene: &Scene<'_>, bonds: &Bonds, tasks: &mut BTreeMap<TaskKey, Task>) {
    for (key, task) in tasks {
        task.withheld = match &key.subject {
            Subject::Bond(bond) if key.kind == TaskKind::MatchFailed => {
                tells_amount(scene, bonds, bond, task)
            }
            Subject::Wait(WaitFor::Party(party) | WaitFor::Certificate(party)) => {
                names_bidder(scene, party)
            }
            Subject::Bond(_)
            | Subject::Contract(_)
            | Subject::Opening(_)
            | Subject::Wait(_)
            | Subject::Trust(_) => false,
        };
    }
}

fn tells_amount(scene: &Scene<'_>, bonds: &Bonds, bond: &BondId, task: &Task) -> bool {
    let embargo = bonds
        .get(bond)
        .map(|ought| matches::embargo(scene, bond, &ought.terms));
    let of_amounts = task
        .because
        .iter()
        .all(|finding| finding.what.tells_amount());
    of_amounts && embargo != Some(Embargo::Over)
}

/// What other systems are told of a task that is there now, with what was there before.
pub(super) fn task(
    scene: &Scene<'_>,
    key: &TaskKey,
    task: &Task,
    before: Option<&Task>,
) -> Option<Effect> {
    let shown = before.filter(|before| !before.withheld);
    if task.withheld {
        return shown.and_then(|shown| closed(key, shown));
    }
    // That findings changed may be because of an amount.
    let tells = key.kind != TaskKind::MatchFailed;
    let same = shown.is_some_and(|shown| shown.asked == task.asked);
    (!same || tells).then(|| {
        let asked = &task.asked;
        let bidder = asked.iter().any(|party| names_bidder(scene, party));
        Effect::Publish(HubEvent::TaskOpened {
            task: key.clone(),
            asked: (!bidder).then(|| asked.clone()),
        })
    })
}

/// What other systems are told of a task that is gone.
pub(super) fn closed(key: &TaskKey, before: &Task) -> Option<Effect> {
    let task = key.clone();
    (!before.withheld).then_some(Effect::Publish(HubEvent::TaskClosed { task }))
}

/// Whose balances changed, one event for each contractor, however many of its bonds moved; those of bonds under embargo
/// are kept until the instant that comes with it, if it is known.
pub(super) fn balances(
    scene: &Scene<'_>,
    bonds: &Bonds,
    effects: &[Effect],
) -> (Vec<Effect>, Option<Timestamp>) {
    let mut moved: BTreeMap<&BondId, BTreeSet<&PartyCode>> = BTreeMap::new();
    for effect in effects {
        if let Effect::Post { bond, holder, .. } = effect {
            moved.entry(bond).or_default().insert(holder);
        }
    }
    let mut told: BTreeMap<PartyCode, BTreeSet<&BondId>> = BTreeMap::new();
    let (mut kept, mut until) = (Vec::new(), BTreeSet::new());
    for (id, bond) in bonds {
        let record = scene.file.carried.bonds.get(id);
        let before = record.map(|record| record.balances_untold.clone());
        let before = before.unwrap_or_default();
        let mut holders = before.clone();
        holders.extend(moved.remove(id).into_iter().flatten().cloned());
        match matches::embargo(scene, id, &bond.terms) {
            Embargo::Over => {
                for holder in std::mem::take(&mut holders) {
                    told.entry(holder).or_default().insert(id);
                }
            }
            Embargo::Until(at) if !holders.is_empty() => until.extend(at),
            Embargo::Until(_) => {}
        }
        if holders != before {
            let bond = id.clone();
            kept.push(Effect::KeepBalances { bond, holders });
        }
    }
    let events = told.into_iter().map(|(contractor, bonds)| {
        Effect::Publish(HubEvent::BalanceChanged {
            contractor,
            bonds: bonds.into_iter().cloned().collect(),
        })
    });
    kept.extend(events);
    (kept, until.pop_first())
}

/// When tasks that are withheld may be told by time alone: the next opening of the case or of a bond.
pub(super) fn next_task(
    scene: &Scene<'_>,
    bonds: &Bonds,
    tasks: &BTreeMap<TaskKey, Task>,
) -> Option<Timestamp> {
    if !tasks.values().any(|task| task.withheld) {
        return None;
    }
    let scopes = scene.file.opening_history.keys();
    let of_case = scopes.filter_map(|scope| Some(scene.file.governing(scope)?.at));
    let of_bonds =
        bonds.iter().filter_map(
            |(id, bond)| match matches::embargo(scene, id, &bond.terms) {
                Embargo::Over => None,
                Embargo::Until(until) => until,
            },
        );
    of_case.chain(of_bonds).filter(|at| scene.now < *at).min()
}
