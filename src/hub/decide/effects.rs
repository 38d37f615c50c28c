//! Taking the effects of a plan into the draft: rows to write and jobs to prepare.

use std::collections::BTreeSet;

use bondhub_core::{
    bond::BondTerms,
    calendar::day_of,
    event::EventIdentity,
    identifier::{BondId, ProcurementId},
    notice::{HubEvent, NoticeContent},
    ports::store::{
        BondRow, EndedKeys, EventRow, EventState, KeyName, MovementRow, TaskRow, VersionRow,
    },
    procurement::WaitFor,
    reconcile::{Delivery, Effect, Signing},
    task::TaskKey,
};

use super::{Draft, KeyOrder, Order, queue, telling};

/// Carries effects out in the case file and notes what that means for the store and for the world.
pub(super) fn carry_out(draft: &mut Draft<'_>, procurement: &ProcurementId, effects: &[Effect]) {
    let mut published = Vec::new();
    let mut moved: BTreeSet<BondId> = BTreeSet::new();
    for effect in effects {
        let waited = released_events(draft, procurement, effect);
        queue::overtake(draft, procurement, effect);
        let now = draft.now;
        if let Some(case) = draft.cases.get_mut(procurement) {
            case.file.carry_out(effect, now);
        }
        telling::effect(draft, procurement, effect);
        note(draft, procurement, effect, &mut published);
        placed(draft, procurement, &waited);
        moved.extend(changed_bond(effect).cloned());
    }
    for bond in moved {
        draft.write_bond(procurement, &bond);
    }
    if !published.is_empty() {
        draft.order(procurement, Order::Events(published));
    }
}

fn note(
    draft: &mut Draft<'_>,
    procurement: &ProcurementId,
    effect: &Effect,
    published: &mut Vec<HubEvent>,
) {
    match effect {
        Effect::Register {
            bond, terms, cause, ..
        } => {
            draft.homes.insert(bond.clone(), procurement.clone());
            draft.commit.versions.push(version(bond, 1, terms, cause));
        }
        Effect::Revise {
            bond,
            version: number,
            terms,
            cause,
            ..
        } => {
            draft
                .commit
                .versions
                .push(version(bond, *number, terms, cause));
        }
        Effect::EndKeys {
            bond,
            role,
            edition,
            reason,
        } => draft.commit.ended_keys.push(EndedKeys {
            bond: bond.clone(),
            role: *role,
            edition: *edition,
            reason: reason.clone(),
        }),
        Effect::AskSignature { .. } => {
            if let Some(order) = key_order(draft, procurement, effect) {
                draft.order(procurement, Order::Ask(Box::new(order)));
            }
        }
        Effect::IssueKey { .. } => {
            if let Some(order) = key_order(draft, procurement, effect) {
                draft.order(procurement, Order::Key(Box::new(order)));
            }
        }
        Effect::Post { .. } => post(draft, procurement, effect),
        Effect::OpenTask { key, task } => {
            forget_task(draft, procurement, key);
            draft.commit.tasks_opened.push(TaskRow {
                procurement: procurement.clone(),
                key: key.clone(),
                task: task.clone(),
            });
        }
        Effect::CloseTask { key } => {
            forget_task(draft, procurement, key);
            draft
                .commit
                .tasks_closed
                .push((procurement.clone(), key.clone()));
        }
        Effect::Wait { on, events } => wait(draft, on, events),
        Effect::Tell(notice) => {
            let terms = terms_of(draft, procurement, &notice.content);
            draft.order(
                procurement,
                Order::Notice(Box::new(notice.clone()), terms.map(Box::new)),
            );
        }
        Effect::Publish(event) => published.push(event.clone()),
        Effect::Move { .. }
        | Effect::Matched { .. }
        | Effect::Stand { .. }
        | Effect::Foresee { .. }
        | Effect::KeepBalances { .. }
        | Effect::Placed { .. }
        | Effect::OpeningTold { .. }
        | Effect::OpenedTold { .. }
        | Effect::RateKept { .. }
        | Effect::Reminded { .. } => {}
    }
}

/// The last word of a batch about a task is the one that counts.
fn forget_task(draft: &mut Draft<'_>, procurement: &ProcurementId, key: &TaskKey) {
    let commit = &mut draft.commit;
    commit
        .tasks_opened
        .retain(|row| row.procurement != *procurement || row.key != *key);
    commit
        .tasks_closed
        .retain(|(case, closed)| case != procurement || closed != key);
}

fn version(
    bond: &BondId,
    number: u32,
    terms: &BondTerms,
    cause: &bondhub_core::bond::Cause,
) -> VersionRow {
    VersionRow {
        bond: bond.clone(),
        version: number,
        terms: terms.clone(),
        cause: cause.clone(),
    }
}

fn key_order(draft: &Draft<'_>, procurement: &ProcurementId, effect: &Effect) -> Option<KeyOrder> {
    let (Effect::IssueKey {
        bond,
        version,
        edition,
        role,
        holder,
        reason,
        ..
    }
    | Effect::AskSignature {
        bond,
        version,
        edition,
        role,
        holder,
        reason,
        ..
    }) = effect
    else {
        return None;
    };
    let record = draft.cases.get(procurement)?.file.carried.bonds.get(bond)?;
    let (signing, delivery) = match effect {
        Effect::IssueKey {
            signing, delivery, ..
        } => (*signing, *delivery),
        _ => (Signing::AtDesk, Delivery::Mail),
    };
    let name = KeyName {
        bond: bond.clone(),
        role: *role,
        edition: *edition,
    };
    Some(KeyOrder {
        bond: bond.clone(),
        terms: record.terms.clone(),
        version: *version,
        edition: *edition,
        role: *role,
        holder: holder.clone(),
        reason: *reason,
        signing,
        request: draft
            .requested(&name)
            .filter(|_| signing == Signing::AtDesk),
        delivery,
    })
}

fn post(draft: &mut Draft<'_>, procurement: &ProcurementId, effect: &Effect) {
    let Effect::Post {
        bond,
        holder,
        effective,
        delta,
        currency,
        bonds,
        held,
    } = effect
    else {
        return;
    };
    let Some((principal, obligee)) = draft.parties_of(procurement, bond) else {
        return;
    };
    let id = draft.next_id(procurement);
    draft.commit.movements.push(MovementRow {
        id,
        bond: bond.clone(),
        principal,
        holder: holder.clone(),
        obligee,
        effective: *effective,
        delta: *delta,
        currency: *currency,
        bonds: *bonds,
        held: *held,
        recorded: day_of(draft.now, draft.directory.rules.policy.zone),
    });
}

/// The bond a notice is about, if it is about one.
fn terms_of(
    draft: &Draft<'_>,
    procurement: &ProcurementId,
    content: &NoticeContent,
) -> Option<BondTerms> {
    let bond = content.bond()?;
    let record = draft.cases.get(procurement)?.file.carried.bonds.get(bond)?;
    Some(record.terms.clone())
}

/// Events that begin to wait: those of this batch in their own rows, earlier ones by an update.
fn wait(draft: &mut Draft<'_>, on: &WaitFor, events: &BTreeSet<EventIdentity>) {
    for event in events {
        let id = EventRow::key(event, "");
        match draft.commit.events.iter_mut().find(|row| row.id == id) {
            Some(row) => {
                row.state = EventState::Waiting;
                row.waits_for = Some(on.to_string());
            }
            None => draft.commit.waiting.push((id, on.to_string())),
        }
    }
}

/// The events that a wait held back, if the effect ends or changes one.
fn released_events(
    draft: &Draft<'_>,
    procurement: &ProcurementId,
    effect: &Effect,
) -> BTreeSet<EventIdentity> {
    let (Effect::Placed { on } | Effect::Wait { on, .. }) = effect else {
        return BTreeSet::new();
    };
    let waits = draft
        .cases
        .get(procurement)
        .map(|case| &case.file.carried.waits);
    waits
        .and_then(|waits| waits.get(on))
        .map(|wait| wait.events.clone())
        .unwrap_or_default()
}

/// Marks events as placed that nothing holds back any more.
fn placed(draft: &mut Draft<'_>, procurement: &ProcurementId, waited: &BTreeSet<EventIdentity>) {
    let Some(case) = draft.cases.get(procurement) else {
        return;
    };
    let waits = &case.file.carried.waits;
    let free: Vec<_> = waited
        .iter()
        .filter(|event| !waits.values().any(|wait| wait.events.contains(*event)))
        .map(|event| EventRow::key(event, ""))
        .collect();
    for id in free {
        draft.commit.waiting.retain(|(waiting, _)| *waiting != id);
        match draft.commit.events.iter_mut().find(|row| row.id == id) {
            Some(row) => {
                row.state = EventState::Applied;
                row.waits_for = None;
            }
            None => draft.commit.placed.push(id),
        }
    }
}

fn changed_bond(effect: &Effect) -> Option<&BondId> {
    match effect {
        Effect::Register { bond, .. } | Effect::Revise { bond, .. } | Effect::Move { bond, .. } => {
            Some(bond)
        }
        _ => None,
    }
}

impl Draft<'_> {
    /// Writes a bond's row as it is now, in place of an earlier one of this batch.
    fn write_bond(&mut self, procurement: &ProcurementId, bond: &BondId) {
        let case = self.cases.get(procurement);
        let Some(record) = case.and_then(|case| case.file.carried.bonds.get(bond)) else {
            return;
        };
        let row = BondRow {
            bond: bond.clone(),
            terms: record.terms.clone(),
            version: record.version,
            state: record.state,
            cause: record.cause.clone(),
        };
        self.commit.bonds.retain(|earlier| earlier.bond != *bond);
        self.commit.bonds.push(row);
    }
}
