//! Carrying effects out in the case file: after them, what is equals what ought to be.

use super::{AskedKey, BondRecord, CaseFile, LiveKey, Wait};
use crate::{
    bond::{BondState, BondTerms, Cause},
    calendar::Timestamp,
    event::EventIdentity,
    identifier::BondId,
    party::Role,
    reconcile::Effect,
};

impl CaseFile {
    /// Records that an effect was carried out at `now`.
    pub fn carry_out(&mut self, effect: &Effect, now: Timestamp) {
        let carried = &mut self.carried;
        match effect {
            Effect::Register {
                bond,
                terms,
                cause,
                basis,
            } => {
                carried
                    .bonds
                    .insert(bond.clone(), registered(terms, cause, basis, now));
            }
            Effect::OpenTask { key, task } => {
                carried.tasks.insert(key.clone(), task.clone());
            }
            Effect::CloseTask { key } => {
                carried.tasks.remove(key);
            }
            Effect::Wait { on, events } => {
                let since = carried.waits.get(on).map_or(now, |wait| wait.since);
                carried.waits.insert(
                    on.clone(),
                    Wait {
                        since,
                        events: events.clone(),
                    },
                );
            }
            Effect::Placed { on } => {
                carried.waits.remove(on);
            }
            Effect::OpeningTold { scope, at } => {
                carried.told_opening.insert(scope.clone(), *at);
            }
            Effect::OpenedTold { scope, at } => {
                carried.told_opened.insert(scope.clone(), *at);
            }
            Effect::RateKept { contract, rate } => {
                carried.rates.insert(contract.clone(), rate.clone());
            }
            Effect::Post { .. } | Effect::Tell(_) | Effect::Publish(_) => {}
            _ => self.carry_out_on_bond(effect, now),
        }
    }

    fn carry_out_on_bond(&mut self, effect: &Effect, now: Timestamp) {
        let Some(record) = bond_of(effect).and_then(|bond| self.carried.bonds.get_mut(bond)) else {
            return;
        };
        match effect {
            Effect::Revise {
                version,
                terms,
                cause,
                basis,
                ..
            } => {
                record.revise(*version, terms, cause, basis);
                record.since = Some(now);
            }
            Effect::Move { state, cause, .. } => record.move_to(*state, cause, now),
            Effect::EndKeys { role, edition, .. } => record.end_keys(*role, *edition),
            Effect::AskSignature { .. } | Effect::IssueKey { .. } => record.take_key(effect),
            Effect::Matched { result, told, .. } => {
                record.matched = Some(result.clone());
                record.match_told = Some(told.clone());
            }
            Effect::Stand { steps, shares, .. } => {
                record.outstanding.clone_from(steps);
                record.shares.clone_from(shares);
            }
            Effect::Foresee { postings, .. } => record.foreseen.clone_from(postings),
            Effect::KeepBalances { holders, .. } => record.balances_untold.clone_from(holders),
            Effect::Reminded { days, .. } => record.reminded.extend(days),
            _ => {}
        }
    }
}

fn registered(
    terms: &BondTerms,
    cause: &Cause,
    basis: &EventIdentity,
    now: Timestamp,
) -> BondRecord {
    BondRecord {
        version: 1,
        terms: terms.clone(),
        state: BondState::alive(terms.kind),
        cause: cause.clone(),
        basis: basis.clone(),
        since: Some(now),
        ended_at: None,
        overruled: None,
        keys: std::collections::BTreeMap::new(),
        asked: std::collections::BTreeMap::new(),
        edition: 0,
        outstanding: Vec::new(),
        matched: None,
        match_told: None,
        shares: Vec::new(),
        foreseen: Vec::new(),
        balances_untold: std::collections::BTreeSet::new(),
        reminded: std::collections::BTreeSet::new(),
    }
}

impl BondRecord {
    fn end_keys(&mut self, role: Option<Role>, edition: u32) {
        let stays =
            |holder: Role, number: u32| number > edition || role.is_some_and(|role| role != holder);
        self.keys.retain(|holder, key| stays(*holder, key.edition));
        self.asked.retain(|holder, key| stays(*holder, key.edition));
    }

    /// A key is asked for, or issued: the one in place of the other.
    fn take_key(&mut self, effect: &Effect) {
        match effect {
            Effect::AskSignature {
                version,
                edition,
                role,
                holder,
                after,
                reason,
                ..
            } => {
                let key = AskedKey {
                    holder: holder.clone(),
                    version: *version,
                    edition: *edition,
                    after: *after,
                    reason: *reason,
                };
                self.asked.insert(*role, key);
                self.edition = self.edition.max(*edition);
            }
            Effect::IssueKey {
                version,
                edition,
                role,
                holder,
                after,
                ..
            } => {
                let key = LiveKey {
                    holder: holder.clone(),
                    version: *version,
                    edition: *edition,
                    after: *after,
                };
                self.asked.remove(role);
                self.keys.insert(*role, key);
                self.edition = self.edition.max(*edition);
            }
            _ => {}
        }
    }

    fn revise(&mut self, version: u32, terms: &BondTerms, cause: &Cause, basis: &EventIdentity) {
        if !self.state.is_outstanding() {
            self.overruled = self.overruled.max(Some(self.cause.at));
            self.ended_at = None;
            self.state = BondState::alive(terms.kind);
        }
        self.version = version;
        self.terms = terms.clone();
        self.basis = basis.clone();
        self.reminded.clear();
        if self.state == BondState::alive(terms.kind) {
            self.cause = cause.clone();
        }
    }

    fn move_to(&mut self, state: BondState, cause: &Cause, now: Timestamp) {
        self.state = state;
        self.cause = cause.clone();
        self.ended_at = (!state.is_outstanding()).then_some(now);
    }
}

fn bond_of(effect: &Effect) -> Option<&BondId> {
    match effect {
        Effect::Revise { bond, .. }
        | Effect::Move { bond, .. }
        | Effect::EndKeys { bond, .. }
        | Effect::AskSignature { bond, .. }
        | Effect::IssueKey { bond, .. }
        | Effect::Matched { bond, .. }
        | Effect::Stand { bond, .. }
        | Effect::Foresee { bond, .. }
        | Effect::KeepBalances { bond, .. }
        | Effect::Reminded { bond, .. } => Some(bond),
        _ => None,
    }
}
