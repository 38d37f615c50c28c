//! Who is told what, when something changes (R33, R51). Nobody is told of another bidder.

use std::collections::{BTreeMap, BTreeSet};

use super::{effect::Effect, keys, ought::OughtBond, scene::Scene};
use crate::{
    bond::{BondKind, Cause, Rule},
    calendar::{Timestamp, start_of},
    identifier::{BondId, PartyCode},
    notice::{HubEvent, Notice, NoticeContent},
    procurement::{BondRecord, Scope},
    task::{Task, TaskKey},
};

/// A notice to each party that reads mail, once.
pub(crate) fn tell<'a>(
    scene: &Scene<'_>,
    to: impl IntoIterator<Item = &'a PartyCode>,
    content: &NoticeContent,
) -> Vec<Effect> {
    let parties: BTreeSet<&PartyCode> = to
        .into_iter()
        .filter(|party| scene.rules.parties.can_be_told(party))
        .collect();
    let notice = |to: &PartyCode| Notice {
        to: to.clone(),
        procurement: scene.file.id.clone(),
        content: content.clone(),
    };
    parties
        .into_iter()
        .map(|party| Effect::Tell(notice(party)))
        .collect()
}

/// Issuer and contractor, and the owner if it has (or had) a key.
pub(crate) fn concerned<'a>(
    scene: &Scene<'_>,
    id: &'a BondId,
    bond: &'a OughtBond,
) -> Vec<&'a PartyCode> {
    let mut parties = vec![&id.issuer, &bond.terms.principal];
    let file = scene.file.bonds.get(id);
    let performance = bond.terms.kind == BondKind::Performance;
    if performance || file.is_some_and(|file| keys::handed_over(scene, id, file, &bond.terms)) {
        parties.push(&bond.terms.obligee);
    }
    parties
}

/// A bond moved to another state.
pub(crate) fn moved(
    scene: &Scene<'_>,
    id: &BondId,
    bond: &OughtBond,
    cause: &Cause,
) -> Vec<Effect> {
    let content = NoticeContent::StateChanged {
        bond: id.clone(),
        state: bond.standing.state,
        rule: cause.rule,
    };
    let mut effects = tell(scene, concerned(scene, id, bond), &content);
    effects.push(Effect::Publish(HubEvent::BondStateChanged {
        bond: id.clone(),
        state: bond.standing.state,
        rule: cause.rule,
    }));
    effects
}

/// A bond has a new version: holders get new keys, and the issuer is told what the hub did by itself.
pub(crate) fn revised(
    scene: &Scene<'_>,
    id: &BondId,
    bond: &OughtBond,
    version: u32,
) -> Vec<Effect> {
    let rule = bond.terms_cause.rule;
    let content = NoticeContent::Updated {
        bond: id.clone(),
        version,
        amount: bond.terms.amount,
        period: bond.terms.period,
        rule,
    };
    let told = (rule == Rule::ContractChanged).then_some(&id.issuer);
    let mut effects = tell(scene, told, &content);
    effects.push(Effect::Publish(HubEvent::BondUpdated {
        bond: id.clone(),
        version,
        rule,
    }));
    effects
}

/// A task was opened or asks for something else: who is asked is told.
pub(crate) fn asked(scene: &Scene<'_>, key: &TaskKey, task: &Task) -> Vec<Effect> {
    let content = NoticeContent::TaskOpened {
        key: key.clone(),
        task: Task {
            withheld: false,
            ..task.clone()
        },
    };
    tell(scene, &task.asked, &content)
}

/// Openings that moved or took place since the parties were told last.
pub(crate) fn openings(scene: &Scene<'_>, bonds: &BTreeMap<BondId, OughtBond>) -> Vec<Effect> {
    let governing = governing(scene);
    let mut effects = Vec::new();
    for (scope, parties) in moved_for(scene, bonds, &governing) {
        if let Some(at) = governing.get(scope) {
            let content = NoticeContent::OpeningMoved {
                scope: scope.clone(),
                opening_at: *at,
            };
            effects.extend(tell(scene, parties, &content));
        }
    }
    let told = &scene.file.carried.told_opening;
    let news = governing
        .into_iter()
        .filter(|(scope, at)| told.get(scope) != Some(at));
    effects.extend(news.map(|(scope, at)| Effect::OpeningTold {
        scope: scope.clone(),
        at,
    }));
    for (scope, opened) in &scene.file.opened {
        if scene.file.carried.told_opened.get(scope) == Some(&opened.value) {
            continue;
        }
        let content = NoticeContent::BidsOpened {
            scope: scope.clone(),
            at: opened.value,
        };
        effects.extend(tell(scene, bidders(scene, bonds, scope), &content));
        effects.push(Effect::OpenedTold {
            scope: scope.clone(),
            at: opened.value,
        });
    }
    effects
}

/// The openings that govern: of the tender, and of each lot of which something was said.
fn governing<'a>(scene: &Scene<'a>) -> BTreeMap<&'a Scope, Timestamp> {
    let scopes = scene.file.opening_history.keys();
    scopes
        .filter_map(|scope| Some((scope, scene.file.governing(scope)?.at)))
        .collect()
}

/// Whose opening moved, by scope: each bidder hears of the lots it answers for. A lot of which nothing was said goes with
/// the tender, and of one that moves with the tender to the same time the tender's notice is enough.
fn moved_for<'a>(
    scene: &Scene<'_>,
    bonds: &'a BTreeMap<BondId, OughtBond>,
    governing: &BTreeMap<&'a Scope, Timestamp>,
) -> BTreeMap<&'a Scope, BTreeSet<&'a PartyCode>> {
    let mut own: BTreeMap<&PartyCode, BTreeSet<&Scope>> = BTreeMap::new();
    for (id, bond) in bonds.iter().filter(|(_, bond)| bids(bond)) {
        for scope in scene.scopes_of_bond(&bond.terms) {
            let said = governing.get_key_value(&scope);
            let Some((scope, _)) = said.or_else(|| governing.get_key_value(&Scope::Tender)) else {
                continue;
            };
            for party in [&id.issuer, &bond.terms.principal] {
                own.entry(party).or_default().insert(scope);
            }
        }
    }
    let mut moved: BTreeMap<&Scope, BTreeSet<&PartyCode>> = BTreeMap::new();
    for (party, mut scopes) in own {
        scopes.retain(|scope| is_moved(scene, governing, scope));
        let whole = scopes
            .get(&Scope::Tender)
            .and_then(|scope| governing.get(*scope));
        for scope in &scopes {
            if **scope == Scope::Tender || whole.is_none_or(|at| governing.get(*scope) != Some(at))
            {
                moved.entry(*scope).or_default().insert(party);
            }
        }
    }
    moved
}

/// A scope's opening is another one than its bidders were told last; what was first said of a lot moves it away from
/// what they were told of the tender.
fn is_moved(scene: &Scene<'_>, governing: &BTreeMap<&Scope, Timestamp>, scope: &Scope) -> bool {
    let told = &scene.file.carried.told_opening;
    let before = told.get(scope).or_else(|| told.get(&Scope::Tender));
    before.is_some_and(|before| governing.get(scope) != Some(before))
}

fn bids(bond: &OughtBond) -> bool {
    bond.terms.kind.is_bid_stage() && bond.standing.state.is_outstanding()
}

/// Issuers and contractors of the outstanding bid-stage bonds of a scope, and their owner.
fn bidders<'a>(
    scene: &Scene<'_>,
    bonds: &'a BTreeMap<BondId, OughtBond>,
    scope: &Scope,
) -> BTreeSet<&'a PartyCode> {
    let concerns = |bond: &OughtBond| {
        bids(bond) && (*scope == Scope::Tender || scene.scopes_of_bond(&bond.terms).contains(scope))
    };
    bonds
        .iter()
        .filter(|(_, bond)| concerns(bond))
        .flat_map(|(id, bond)| [&id.issuer, &bond.terms.principal, &bond.terms.obligee])
        .collect()
}

/// Reminders that are due for a bond that ends soon, and when the next one is.
///
/// Only the tightest reminder is given: a bond registered ten days before its end is not announced
/// with the sixty-day one.
pub(crate) fn reminders(
    scene: &Scene<'_>,
    id: &BondId,
    bond: &OughtBond,
    record: Option<&BondRecord>,
) -> (Vec<Effect>, Option<Timestamp>) {
    if !bond.standing.state.is_outstanding() {
        return (Vec::new(), None);
    }
    let last_day = bond.terms.period.to();
    let at = |days: i64| {
        start_of(
            last_day - chrono::TimeDelta::days(days),
            scene.policy().zone,
        )
    };
    let all = scene.policy().reminder_days.iter().copied();
    let (due, coming): (Vec<i64>, Vec<i64>) = all.partition(|days| at(*days) <= scene.now);
    let next = coming.into_iter().map(at).min();
    let given = record
        .map(|record| record.reminded.clone())
        .unwrap_or_default();
    let due: BTreeSet<i64> = due
        .into_iter()
        .filter(|days| !given.contains(days))
        .collect();
    let Some(tightest) = due.first().copied() else {
        return (Vec::new(), next);
    };
    let content = NoticeContent::Expiring {
        bond: id.clone(),
        last_day,
        days: tightest,
    };
    let overtaken = given.first().is_some_and(|given| *given < tightest);
    let to = if overtaken {
        Vec::new()
    } else {
        concerned(scene, id, bond)
    };
    let mut effects = tell(scene, to, &content);
    effects.push(Effect::Reminded {
        bond: id.clone(),
        days: due,
    });
    (effects, next)
}
