//! What ought to be: a function of the facts, the rules and the time.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ending::{self, Standing},
    keys::{self, OughtKey},
    matches, outstanding, performance,
    scene::Scene,
    tasks, waits,
};
use crate::{
    bond::{BondTerms, Cause},
    calendar::Timestamp,
    event::EventIdentity,
    identifier::BondId,
    matching::MatchResult,
    party::Role,
    procurement::{BondFile, BondRecord, Step, WaitFor},
    task::{Task, TaskKey},
};

/// What ought to be.
pub(crate) struct Ought {
    pub(crate) bonds: BTreeMap<BondId, OughtBond>,
    pub(crate) tasks: BTreeMap<TaskKey, Task>,
    pub(crate) waits: BTreeMap<WaitFor, BTreeSet<EventIdentity>>,
}

/// How a bond ought to be.
pub(crate) struct OughtBond {
    pub(crate) terms: BondTerms,
    /// Why it has these terms.
    pub(crate) terms_cause: Cause,
    /// The document they stand on.
    pub(crate) basis: EventIdentity,
    pub(crate) standing: Standing,
    pub(crate) keys: BTreeMap<Role, OughtKey>,
    pub(crate) outstanding: Vec<Step>,
    /// The same, once every bond has ended that ends by its period; none where each bond counts by itself.
    pub(crate) foreseen: Option<Vec<Step>>,
    /// What the ledger says of a bond that has ended for good; it stands.
    pub(crate) closed: Option<Vec<Step>>,
    /// How it matches its case; none while there is nothing to match it with.
    pub(crate) matched: Option<MatchResult>,
    /// What its contract asks for, if it has one.
    pub(crate) demand: Option<performance::Demand>,
}

/// Computes what ought to be.
pub(crate) fn ought(scene: &Scene<'_>) -> Ought {
    let mut bonds: BTreeMap<BondId, OughtBond> = BTreeMap::new();
    for (bond, file) in &scene.file.bonds {
        if let Some(ought) = ought_bond(scene, bond, file) {
            bonds.insert(bond.clone(), ought);
        }
    }
    outstanding::count_once(scene, &mut bonds);
    let waits = waits::ought_waits(scene, &bonds);
    let tasks = tasks::ought_tasks(scene, &bonds, &waits);
    Ought {
        bonds,
        tasks,
        waits,
    }
}

fn ought_bond(scene: &Scene<'_>, bond: &BondId, file: &BondFile) -> Option<OughtBond> {
    let signed = file.signed.as_ref()?;
    let course = performance::course(scene, bond, file)?;
    let terms = BondTerms {
        amount: course.amount,
        period: course.period,
        ..signed.value.clone()
    };
    let standing = ending::standing(scene, bond, file, &terms);
    let record = scene.file.carried.bonds.get(bond);
    let current = record.filter(|record| {
        let same = record.terms == terms && record.basis == signed.stamp.event;
        same && !standing.reinstated
    });
    let keys = if standing.state.has_keys() {
        let from = version_from(scene, &course.cause, current);
        keys::ought_keys(scene, bond, file, &terms, from)
    } else {
        BTreeMap::new()
    };
    let ended = record.filter(|record| {
        let outstanding = record.state.is_outstanding();
        !outstanding && !standing.reinstated
    });
    let outstanding = outstanding::steps(scene, &course, &standing);
    let matched = matches::result(scene, bond, file, &terms, course.demand.as_ref());
    Some(OughtBond {
        terms,
        terms_cause: course.cause,
        basis: signed.stamp.event.clone(),
        standing,
        keys,
        outstanding,
        foreseen: None,
        closed: ended.map(|record| record.outstanding.clone()),
        matched,
        demand: course.demand,
    })
}

/// From when on a revocation by hand is about this version: since it came about, or since the hub made it, if business
/// time runs ahead of the hub's.
fn version_from(scene: &Scene<'_>, cause: &Cause, current: Option<&BondRecord>) -> Timestamp {
    let since = current.map_or(Some(scene.now), |record| record.since);
    since.map_or(cause.at, |since| since.min(cause.at))
}

impl Ought {
    /// The next instant at which time alone may change something about a bond.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.bonds
            .values()
            .filter_map(|bond| bond.standing.next)
            .min()
    }
}

impl OughtBond {
    /// Why the bond is in its state.
    pub(crate) fn state_cause(&self) -> Cause {
        self.standing
            .cause
            .clone()
            .unwrap_or_else(|| self.terms_cause.clone())
    }
}
