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
    procurement::{BondFile, Step, WaitFor},
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
    outstanding::count_once(&mut bonds);
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
    let keys = if standing.state.has_keys() {
        keys::ought_keys(scene, bond, file, &terms, course.cause.at)
    } else {
        BTreeMap::new()
    };
    let ended = scene.file.carried.bonds.get(bond).filter(|record| {
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
        closed: ended.map(|record| record.outstanding.clone()),
        matched,
        demand: course.demand,
    })
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
