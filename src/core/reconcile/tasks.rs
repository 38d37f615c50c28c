//! The tasks that ought to be open (R30, R31, R34): each is a function of the facts, so it closes by
//! itself when its reason is gone.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ending, keys, matches, matches::awaited, ought::OughtBond, performance, publishing,
    scene::Scene,
};
use crate::{
    bond::{BondKind, BondState, Rule},
    calendar::Timestamp,
    event::EventIdentity,
    identifier::{BondId, ContractId, PartyCode},
    matching,
    procurement::{Scope, WaitFor},
    task::{Subject, Task, TaskKey, TaskKind},
};

type Tasks = BTreeMap<TaskKey, Task>;
type Bonds = BTreeMap<BondId, OughtBond>;

/// Everything that ought to be open.
pub(crate) fn ought_tasks(
    scene: &Scene<'_>,
    bonds: &Bonds,
    waits: &BTreeMap<WaitFor, BTreeSet<EventIdentity>>,
) -> Tasks {
    let mut tasks = Tasks::new();
    for (id, bond) in bonds {
        life(id, bond, &mut tasks);
        if bond.standing.state.is_outstanding() {
            bidding(scene, id, bond, &mut tasks);
            tasks.extend(matches::task(scene, id, bond));
            change(id, bond, &mut tasks);
            deletion(scene, id, bond, &mut tasks);
        }
    }
    contracts(scene, bonds, &mut tasks);
    matches::brought_forward(scene, &mut tasks);
    waiting(scene, waits, &mut tasks);
    publishing::withhold(scene, bonds, &mut tasks);
    tasks
}

/// Frozen bonds wait for a decision; a contradicted end for the issuer's.
fn life(id: &BondId, bond: &OughtBond, tasks: &mut Tasks) {
    let ask = |kind, asked: Vec<PartyCode>, tasks: &mut Tasks| {
        let task = Task {
            asked,
            amount: Some(bond.terms.amount),
            ..Task::default()
        };
        tasks.insert(about_bond(kind, id), task);
    };
    if bond.standing.state == BondState::Frozen {
        let declined = bond
            .standing
            .cause
            .as_ref()
            .is_some_and(|cause| cause.rule == Rule::AwardDeclined);
        if declined {
            ask(
                TaskKind::ForfeitureProposed,
                vec![bond.terms.obligee.clone()],
                tasks,
            );
        } else {
            ask(
                TaskKind::ClaimWindow,
                vec![id.issuer.clone(), bond.terms.obligee.clone()],
                tasks,
            );
        }
    }
    if bond.standing.contradicted {
        ask(
            TaskKind::ReinstatementNeeded,
            vec![id.issuer.clone()],
            tasks,
        );
    }
}

/// A bond that ends too early after the opening; a re-bid that asks for a changed bond. Of several
/// lots the latest opening asks.
fn bidding(scene: &Scene<'_>, id: &BondId, bond: &OughtBond, tasks: &mut Tasks) {
    if !bond.terms.kind.is_bid_stage() {
        return;
    }
    let scopes = scene.scopes_of_bond(&bond.terms);
    let opening = scopes.iter().filter_map(|scope| awaited(scene, scope));
    if let Some(opening) = opening.max() {
        extension(scene, id, bond, opening, tasks);
    }
    let rebids = scopes
        .iter()
        .filter_map(|scope| unanswered(scene, id, scope));
    if let Some(opening) = rebids.max() {
        let task = Task {
            asked: vec![id.issuer.clone()],
            opening_at: Some(opening),
            ..Task::default()
        };
        tasks.insert(about_bond(TaskKind::RebidBondNeeded, id), task);
    }
}

fn extension(
    scene: &Scene<'_>,
    id: &BondId,
    bond: &OughtBond,
    opening: Timestamp,
    tasks: &mut Tasks,
) {
    let day = scene.day(opening + scene.match_rules().bid_acceptance);
    if bond.terms.period.to() >= day {
        return;
    }
    let task = Task {
        asked: vec![id.issuer.clone(), bond.terms.principal.clone()],
        period: Some(bond.terms.period.reaching(day)),
        opening_at: Some(opening),
        ..Task::default()
    };
    tasks.insert(about_bond(TaskKind::ExtensionNeeded, id), task);
}

/// The opening of a re-bid that the issuer has signed nothing after.
fn unanswered(scene: &Scene<'_>, id: &BondId, scope: &Scope) -> Option<Timestamp> {
    let rebid = scene.file.for_scope(&scene.file.rebids, scope)?;
    let signed = scene.file.bonds.get(id)?.signed.as_ref();
    let answered = signed.is_some_and(|signed| signed.stamp >= rebid.stamp);
    (!answered).then_some(rebid.value.1)
}

/// What a changed contract asks beyond the bond, or less than it (R31).
fn change(id: &BondId, bond: &OughtBond, tasks: &mut Tasks) {
    let Some(demand) = bond.demand.as_ref().filter(|demand| demand.by_change) else {
        return;
    };
    let terms = &bond.terms;
    let same = terms.amount.same_currency(&demand.amount).is_ok();
    if performance::is_short(terms.amount, terms.period, demand) {
        let task = Task {
            asked: vec![id.issuer.clone()],
            amount: Some(terms.amount.at_least(demand.amount)),
            period: Some(
                demand
                    .last_day
                    .map_or(terms.period, |day| terms.period.reaching(day)),
            ),
            ..Task::default()
        };
        tasks.insert(about_bond(TaskKind::ChangeRequest, id), task);
    } else if same && demand.amount.amount() < terms.amount.amount() {
        let task = Task {
            asked: vec![id.issuer.clone(), terms.principal.clone()],
            amount: Some(demand.amount),
            ..Task::default()
        };
        tasks.insert(about_bond(TaskKind::DecreaseProposed, id), task);
    }
}

fn deletion(scene: &Scene<'_>, id: &BondId, bond: &OughtBond, tasks: &mut Tasks) {
    let Some(file) = scene.file.bonds.get(id) else {
        return;
    };
    let held = keys::handed_over(scene, id, file, &bond.terms) && ending::consent(file).is_none();
    if held && ending::last_deletion(file).is_some() {
        let task = Task {
            asked: vec![bond.terms.obligee.clone()],
            ..Task::default()
        };
        tasks.insert(about_bond(TaskKind::OwnerConsentNeeded, id), task);
    }
}

/// Concluded contracts that still run and are not guaranteed as they must be.
fn contracts(scene: &Scene<'_>, bonds: &Bonds, tasks: &mut Tasks) {
    for (contract, file, concluded) in scene.concluded() {
        let required =
            performance::demand_of(scene, contract).filter(|demand| demand.amount.amount() > 0);
        let (Some(demand), None) = (required, &file.ended) else {
            continue;
        };
        let guarantee = matching::Contract {
            contract,
            lots: scene.lots_of(&concluded.value),
            contractor: scene.contractor_of(&concluded.value),
            owner: scene.owner(),
            amount: &demand.amount,
            last_day: demand.last_day,
            fatal_shortfall: scene.match_rules().fatal_shortfall,
        };
        missing_bond(scene, bonds, &guarantee, tasks);
    }
}

fn missing_bond(
    scene: &Scene<'_>,
    bonds: &Bonds,
    guarantee: &matching::Contract<'_>,
    tasks: &mut Tasks,
) {
    let own = |bond: &&(_, &OughtBond)| bond.1.terms.contract.as_ref() == Some(guarantee.contract);
    let candidates: Vec<(&BondId, &OughtBond)> = bonds.iter().filter(|pair| own(&pair)).collect();
    let outstanding = |bond: &OughtBond| bond.standing.state.is_outstanding();
    let alive: Vec<_> = candidates
        .iter()
        .filter(|(_, bond)| outstanding(bond))
        .collect();
    let changed = alive
        .iter()
        .any(|(_, bond)| bond.demand.as_ref().is_some_and(|demand| demand.by_change));
    let findings: Vec<_> = alive
        .iter()
        .map(|(id, bond)| matches::against(scene, id, &bond.terms, guarantee))
        .collect();
    if findings.iter().any(|found| matching::fits(found, changed)) {
        return;
    }
    if let Some((id, bond)) = candidates
        .iter()
        .find(|(_, bond)| bond.standing.state == BondState::Expired)
    {
        let asked = vec![
            bond.terms.obligee.clone(),
            id.issuer.clone(),
            bond.terms.principal.clone(),
        ];
        tasks.insert(
            about_bond(TaskKind::ExpiredUncovered, id),
            Task {
                asked,
                ..Task::default()
            },
        );
        return;
    }
    let because = findings
        .iter()
        .flat_map(matching::MatchResult::open)
        .cloned()
        .collect();
    ask_for_bond(scene, bonds, guarantee, because, tasks);
}

/// The issuer that promised the bond is asked for it; without a promise, owner and issuers are told
/// that it is missing.
fn ask_for_bond(
    scene: &Scene<'_>,
    bonds: &Bonds,
    guarantee: &matching::Contract<'_>,
    because: Vec<matching::Finding>,
    tasks: &mut Tasks,
) {
    let owner = guarantee.owner.cloned();
    let promised = bonds
        .iter()
        .find(|(_, bond)| is_promise(scene, bond, guarantee));
    let kind = if promised.is_some() {
        TaskKind::PerformanceBondNeeded
    } else {
        TaskKind::BondMissing
    };
    let issuers = promised
        .map(|(id, _)| id.issuer.clone())
        .into_iter()
        .chain(issuers_of(bonds, guarantee.contract));
    let mut asked: Vec<PartyCode> = Vec::new();
    for party in issuers.chain(owner) {
        if !asked.contains(&party) {
            asked.push(party);
        }
    }
    let task = Task {
        asked,
        amount: Some(*guarantee.amount),
        period: None,
        opening_at: None,
        because,
        withheld: false,
        note: None,
    };
    tasks.insert(
        TaskKey {
            kind,
            subject: Subject::Contract(guarantee.contract.clone()),
        },
        task,
    );
}

/// Whether a bond is the contractor's converted reservation for what the contract covers.
fn is_promise(scene: &Scene<'_>, bond: &OughtBond, guarantee: &matching::Contract<'_>) -> bool {
    let contract = scene.file.contracts.get(guarantee.contract);
    let concluded = contract.and_then(|contract| contract.concluded.as_ref());
    bond.terms.kind == BondKind::PerformanceReservation
        && bond.standing.state == BondState::Converted
        && Some(&bond.terms.principal) == guarantee.contractor
        && concluded.is_some_and(|concluded| {
            let mut scopes = scene.scopes_of_bond(&bond.terms).into_iter();
            scopes.any(|scope| scene.contract_covers(&concluded.value, &scope))
        })
}

fn issuers_of<'a>(
    bonds: &'a Bonds,
    contract: &'a ContractId,
) -> impl Iterator<Item = PartyCode> + 'a {
    bonds
        .iter()
        .filter(|(_, bond)| bond.terms.contract.as_ref() == Some(contract))
        .map(|(id, _)| id.issuer.clone())
}

/// A missing certificate or signature is asked for at once; anything else after the deadline (R34), a token that is away
/// too.
fn waiting(
    scene: &Scene<'_>,
    waits: &BTreeMap<WaitFor, BTreeSet<EventIdentity>>,
    tasks: &mut Tasks,
) {
    let parties = &scene.rules.parties;
    let is_away = |issuer| parties.away_until(issuer, scene.now).is_some();
    for wait in waits.keys() {
        let (kind, asked) = match wait {
            WaitFor::Certificate(party) => (TaskKind::CertificateNeeded, vec![party.clone()]),
            WaitFor::Signature(issuer) if !is_away(issuer) => {
                (TaskKind::SignatureNeeded, vec![issuer.clone()])
            }
            _ if overdue(scene, wait) => (TaskKind::Unplaced, Vec::new()),
            _ => continue,
        };
        let key = TaskKey {
            kind,
            subject: Subject::Wait(wait.clone()),
        };
        tasks.insert(
            key,
            Task {
                asked,
                ..Task::default()
            },
        );
    }
}

fn overdue(scene: &Scene<'_>, wait: &WaitFor) -> bool {
    let known = scene.file.carried.waits.get(wait);
    known.is_some_and(|known| scene.now >= known.since + scene.policy().wait_deadline)
}

fn about_bond(kind: TaskKind, bond: &BondId) -> TaskKey {
    TaskKey {
        kind,
        subject: Subject::Bond(bond.clone()),
    }
}
