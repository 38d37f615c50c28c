//! The difference between what is and what ought to be, as effects.

use super::{
    effect::{Effect, Plan},
    holding, matches,
    ought::{Ought, OughtBond},
    outstanding, publishing, rates,
    scene::Scene,
    telling, waits,
};
use crate::{
    bond::{BondState, Cause},
    calendar::Timestamp,
    identifier::BondId,
    liability::{self, Posting, Standings},
    notice::HubEvent,
    procurement::BondRecord,
    task::Subject,
};

/// The plan that makes what is what it ought to be.
pub(crate) fn plan(scene: &Scene<'_>, ought: &Ought) -> Plan {
    let mut plan = Plan {
        effects: rates::effects(scene),
        next_due_at: ought.next(),
    };
    for (id, bond) in &ought.bonds {
        plan.effects.extend(bond_effects(scene, id, bond));
        let (reminders, next) = telling::reminders(scene, id, bond, same_version(scene, id, bond));
        plan.effects.extend(reminders);
        plan.next_due_at = earliest(plan.next_due_at, next);
        let obstacle = waits::next_obstacle(scene, id, bond);
        plan.next_due_at = earliest(plan.next_due_at, obstacle);
        let signing = waits::next_signing(scene, id, bond);
        plan.next_due_at = earliest(plan.next_due_at, signing);
        plan.next_due_at = earliest(plan.next_due_at, next_match(scene, id, bond));
    }
    let (balances, untold) = publishing::balances(scene, &ought.bonds, &plan.effects);
    plan.effects.extend(balances);
    plan.next_due_at = earliest(plan.next_due_at, untold);
    let untold = publishing::next_task(scene, &ought.bonds, &ought.tasks);
    plan.next_due_at = earliest(plan.next_due_at, untold);
    plan.next_due_at = earliest(plan.next_due_at, matches::next_opening(scene));
    plan.effects.extend(telling::openings(scene, &ought.bonds));
    task_effects(scene, ought, &mut plan);
    wait_effects(scene, ought, &mut plan);
    plan
}

/// When more of the match may be known, and more people asked, by time alone.
fn next_match(scene: &Scene<'_>, id: &BondId, bond: &OughtBond) -> Option<Timestamp> {
    let result = bond.matched.as_ref()?;
    let embargo = matches::embargo(scene, id, &bond.terms);
    let outstanding = bond.standing.state.is_outstanding();
    matches::next_public(result, embargo).filter(|_| outstanding)
}

/// The record, if the bond keeps its version: a new version is reminded of anew.
fn same_version<'a>(scene: &Scene<'a>, id: &BondId, bond: &OughtBond) -> Option<&'a BondRecord> {
    let record = scene.file.carried.bonds.get(id)?;
    (!is_revised(record, bond)).then_some(record)
}

pub(super) fn is_revised(record: &BondRecord, ought: &OughtBond) -> bool {
    let open = record.state.is_outstanding() || ought.standing.reinstated;
    open && (record.terms != ought.terms
        || record.basis != ought.basis
        || ought.standing.reinstated)
}

fn bond_effects(scene: &Scene<'_>, id: &BondId, ought: &OughtBond) -> Vec<Effect> {
    let record = scene.file.carried.bonds.get(id);
    let mut effects = content_effects(scene, id, ought, record);
    let state = match record {
        Some(record) if !ought.standing.reinstated => record.state,
        _ => BondState::alive(ought.terms.kind),
    };
    if state != ought.standing.state {
        effects.extend(move_effects(scene, id, ought));
    }
    effects.extend(holding::key_effects(scene, id, ought, record));
    effects.extend(match_effects(scene, id, ought, record));
    effects.extend(ledger_effects(scene, id, ought, record));
    effects
}

/// A new bond, or a new version of one.
fn content_effects(
    scene: &Scene<'_>,
    id: &BondId,
    ought: &OughtBond,
    record: Option<&BondRecord>,
) -> Vec<Effect> {
    let Some(record) = record else {
        return vec![
            Effect::Register {
                bond: id.clone(),
                terms: ought.terms.clone(),
                cause: ought.terms_cause.clone(),
                basis: ought.basis.clone(),
            },
            Effect::Publish(HubEvent::BondRegistered { bond: id.clone() }),
        ];
    };
    if !is_revised(record, ought) {
        return Vec::new();
    }
    let version = record.version + 1;
    let mut effects = vec![Effect::Revise {
        bond: id.clone(),
        version,
        terms: ought.terms.clone(),
        cause: ought.terms_cause.clone(),
        basis: ought.basis.clone(),
    }];
    effects.extend(telling::revised(scene, id, ought, version));
    effects
}

/// The result of the match, where it changed, and the part of it that may be known outside.
fn match_effects(
    scene: &Scene<'_>,
    id: &BondId,
    ought: &OughtBond,
    record: Option<&BondRecord>,
) -> Vec<Effect> {
    let Some(result) = &ought.matched else {
        return Vec::new();
    };
    if !ought.standing.state.is_outstanding() {
        return Vec::new();
    }
    let told = matches::public(result, matches::embargo(scene, id, &ought.terms));
    let is = record.map(|record| (record.matched.as_ref(), record.match_told.as_ref()));
    if is == Some((Some(result), Some(&told))) {
        return Vec::new();
    }
    let mut effects = vec![Effect::Matched {
        bond: id.clone(),
        result: result.clone(),
        told: told.clone(),
    }];
    if is.is_none_or(|(_, before)| before != Some(&told)) {
        effects.push(Effect::Publish(HubEvent::match_result(id, &told)));
    }
    effects
}

fn move_effects(scene: &Scene<'_>, id: &BondId, ought: &OughtBond) -> Vec<Effect> {
    let cause: Cause = ought.state_cause();
    let mut effects = vec![Effect::Move {
        bond: id.clone(),
        state: ought.standing.state,
        cause: cause.clone(),
    }];
    effects.extend(telling::moved(scene, id, ought, &cause));
    effects
}

/// Counter-movements that make the ledger say what it ought to say.
fn ledger_effects(
    scene: &Scene<'_>,
    id: &BondId,
    ought: &OughtBond,
    record: Option<&BondRecord>,
) -> Vec<Effect> {
    let steps = &ought.outstanding;
    let shares = outstanding::shares(scene, ought, record);
    let is = record.map_or_else(Standings::default, |record| {
        Standings::new(&record.terms.principal, &record.outstanding, &record.shares)
    });
    let now = Standings::new(&ought.terms.principal, steps, &shares);
    let mut effects = foresee(id, record, outstanding::foreseen(ought, &shares));
    if is == now {
        return effects;
    }
    let posts = liability::movements(&is, &now)
        .into_iter()
        .map(|post| Effect::Post {
            bond: id.clone(),
            holder: post.holder,
            effective: post.day,
            delta: post.delta,
            currency: post.currency,
            bonds: post.bonds,
            held: post.held,
        });
    effects.extend(posts);
    effects.push(Effect::Stand {
        bond: id.clone(),
        steps: steps.clone(),
        shares,
    });
    effects
}

/// What will be noted of a bond, where it is not what was said last.
fn foresee(id: &BondId, record: Option<&BondRecord>, postings: Vec<Posting>) -> Vec<Effect> {
    let said = record.map_or(&[][..], |record| &record.foreseen);
    if said == postings.as_slice() {
        return Vec::new();
    }
    vec![Effect::Foresee {
        bond: id.clone(),
        postings,
    }]
}

fn task_effects(scene: &Scene<'_>, ought: &Ought, plan: &mut Plan) {
    let open = &scene.file.carried.tasks;
    for (key, before) in open
        .iter()
        .filter(|(key, _)| !ought.tasks.contains_key(*key))
    {
        plan.effects.push(Effect::CloseTask { key: key.clone() });
        plan.effects.extend(publishing::closed(key, before));
    }
    for (key, task) in ought
        .tasks
        .iter()
        .filter(|(key, task)| open.get(*key) != Some(*task))
    {
        plan.effects.push(Effect::OpenTask {
            key: key.clone(),
            task: task.clone(),
        });
        let before = open.get(key);
        if before.is_none_or(|before| !before.asks_the_same(task)) {
            plan.effects.extend(telling::asked(scene, key, task));
        }
        plan.effects
            .extend(publishing::task(scene, key, task, before));
    }
}

fn wait_effects(scene: &Scene<'_>, ought: &Ought, plan: &mut Plan) {
    let is = &scene.file.carried.waits;
    for on in is.keys().filter(|on| !ought.waits.contains_key(*on)) {
        plan.effects.push(Effect::Placed { on: on.clone() });
    }
    for (on, events) in &ought.waits {
        let known = is.get(on);
        if known.is_none_or(|known| known.events != *events) {
            plan.effects.push(Effect::Wait {
                on: on.clone(),
                events: events.clone(),
            });
        }
        let asked = ought
            .tasks
            .keys()
            .any(|key| key.subject == Subject::Wait(on.clone()));
        if !asked {
            let since = known.map_or(scene.now, |known| known.since);
            let due = since + scene.policy().wait_deadline;
            plan.next_due_at = earliest(plan.next_due_at, Some(due));
        }
    }
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
