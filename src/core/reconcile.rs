//! Reconciling: what ought to be, compared with what is, gives a plan (DESIGN §1).
//!
//! [`reconcile`] is pure. What ought to be is computed from the facts ([`ought`]) and from what was asked of contracts
//! when they were concluded ([`rates`]), so the order in which facts came cannot matter; the difference to what was carried out becomes effects
//! ([`difference`]). Carrying the effects out and reconciling again plans nothing.
//!
//! | file | concern |
//! |---|---|
//! | `bidding` | bid bonds and reservations: when they end (R30) |
//! | `performance` | performance bonds: terms after contract changes (R31), when they end |
//! | `rates` | what the installation asks of contracts, kept as it was (R7) |
//! | `ending` | what every bond shares: deletion, claims, the end of the period, final ends |
//! | `keys` | who ought to hold a key |
//! | `holding` | keys that end, are asked of their issuer, are issued |
//! | `matches` | what does not match the case (R7), openings brought forward (E2) |
//! | `takeover` | what a performance bond takes over from its reservation (R6) |
//! | `outstanding` | what ought to stand in the ledger (R40, R42) |
//! | `tasks`, `waits` | what people must do, what the case lacks |
//! | `publishing` | what other systems are told, and what not before the opening (R21, R33) |
//! | `difference` | effects, from what is and what ought to be |

mod bidding;
mod difference;
mod effect;
mod ending;
mod holding;
mod keys;
mod matches;
mod ought;
mod outstanding;
mod performance;
mod publishing;
mod rates;
mod scene;
mod takeover;
mod tasks;
mod telling;
mod waits;

use std::collections::BTreeMap;

use crate::{
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    party::Role,
    procurement::CaseFile,
    rules::Rules,
};

pub use effect::{Delivery, Effect, KeyReason, Plan, Signing};
pub use takeover::continued;

/// Compares what is with what ought to be at `now`.
pub fn reconcile(file: &CaseFile, rules: &Rules, now: Timestamp) -> Plan {
    reconcile_with(file, rules, now, None)
}

/// Like [`reconcile`], while the holder of a key is there to take it with its own hands (R14).
///
/// Being there is an argument like the time: a key that is to be taken by hand is issued now or not
/// at all, and never into the void.
pub fn reconcile_with(
    file: &CaseFile,
    rules: &Rules,
    now: Timestamp,
    collector: Option<&Collector>,
) -> Plan {
    let mut scene = scene::Scene::new(file, rules, now);
    scene.collector = collector;
    let ought = ought::ought(&scene);
    difference::plan(&scene, &ought)
}

/// Somebody who is there to take a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// To which bond.
    pub bond: BondId,
    /// Of which role.
    pub role: Role,
}

/// Who ought to hold a key to a bond at `now`, whether it is issued or cannot be yet (R10, R14).
pub fn entitled(
    file: &CaseFile,
    rules: &Rules,
    now: Timestamp,
    bond: &BondId,
) -> BTreeMap<Role, PartyCode> {
    let ought = ought::ought(&scene::Scene::new(file, rules, now));
    let keys = ought.bonds.get(bond).map(|bond| bond.keys.iter());
    keys.into_iter()
        .flatten()
        .map(|(role, key)| (*role, key.holder.clone()))
        .collect()
}

#[cfg(test)]
mod tests;
