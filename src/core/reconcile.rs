//! Reconciling: what ought to be, compared with what is, gives a plan (DESIGN §1).
//!
//! [`reconcile`] is pure. What ought to be is computed from the facts alone ([`ought`]), so the order
//! in which they came cannot matter; the difference to what was carried out becomes effects
//! ([`difference`]). Carrying the effects out and reconciling again plans nothing.
//!
//! | file | concern |
//! |---|---|
//! | `bidding` | bid bonds and reservations: when they end (R30) |
//! | `performance` | performance bonds: terms after contract changes (R31), when they end |
//! | `ending` | what every bond shares: deletion, claims, the end of the period, final ends |
//! | `keys` | who ought to hold a key |
//! | `outstanding` | what ought to stand in the ledger (R40, R42) |
//! | `tasks`, `waits` | what people must do, what the case lacks |
//! | `difference` | effects, from what is and what ought to be |

mod bidding;
mod difference;
mod effect;
mod ending;
mod keys;
mod ought;
mod outstanding;
mod performance;
mod scene;
mod tasks;
mod telling;
mod waits;

use crate::{calendar::Timestamp, procurement::CaseFile, rules::Rules};

pub use effect::{Effect, KeyReason, Plan};

/// Compares what is with what ought to be at `now`.
pub fn reconcile(file: &CaseFile, rules: &Rules, now: Timestamp) -> Plan {
    let scene = scene::Scene::new(file, rules, now);
    let ought = ought::ought(&scene);
    difference::plan(&scene, &ought)
}

#[cfg(test)]
mod tests;
