//! What the hub holds, in a form to be compared.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    identifier::BondId,
    money::Money,
    ports::store::{BalanceBy, BondFilter, KeyState, Question, Store, Within},
};
use chrono::NaiveDate;

/// Bonds, live keys, open tasks and balances: what any order of the same events must agree on (R34).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ledger {
    /// State, amount and last day by bond.
    pub(crate) bonds: BTreeMap<String, (String, Money, NaiveDate)>,
    /// Bond, role and holder of each live key.
    pub(crate) keys: BTreeSet<(String, String, String)>,
    /// Case, kind and subject of each open task.
    pub(crate) tasks: BTreeSet<String>,
    /// Minor units by contractor, on a day within every bond's period.
    pub(crate) balances: BTreeMap<String, i64>,
}

impl Ledger {
    /// Reads everything.
    pub(crate) async fn read(store: &dyn Store) -> Self {
        let mut ledger = Self::default();
        let filter = BondFilter {
            limit: 10_000,
            ..BondFilter::default()
        };
        for row in store.bonds(&filter).await.unwrap() {
            let content = (
                row.state.as_str().to_owned(),
                row.terms.amount,
                row.terms.period.to(),
            );
            ledger.bonds.insert(row.bond.to_string(), content);
            ledger.read_keys(store, &row.bond).await;
        }
        for task in store.tasks(false, 10_000).await.unwrap() {
            let name = format!("{} {}", task.procurement, task.key);
            ledger.tasks.insert(name);
        }
        let question = Question {
            by: BalanceBy::Contractor,
            within: Within::default(),
            as_of: NaiveDate::from_ymd_opt(2027, 1, 15).unwrap(),
            known_on: None,
            without: None,
            foreseen_after: None,
        };
        for balance in store.balances(&question).await.unwrap() {
            ledger.balances.insert(balance.of, balance.amount);
        }
        ledger
    }

    async fn read_keys(&mut self, store: &dyn Store, bond: &BondId) {
        let view = store.bond(bond).await.unwrap().unwrap();
        for key in view.keys.iter().filter(|key| key.state == KeyState::Live) {
            assert_eq!(
                key.key.version, view.bond.version,
                "a live key of an old version"
            );
            let name = (
                bond.to_string(),
                key.key.role.to_string(),
                key.key.holder.to_string(),
            );
            assert!(self.keys.insert(name.clone()), "two live keys: {name:?}");
        }
    }

    /// A bond's state.
    pub(crate) fn state(&self, bond: &str) -> &str {
        &self
            .bonds
            .get(bond)
            .unwrap_or_else(|| panic!("no bond {bond}"))
            .0
    }

    /// A bond's amount in minor units, and its last day.
    pub(crate) fn cover(&self, bond: &str) -> (i64, String) {
        let (_, amount, to) = &self.bonds[bond];
        (amount.amount(), to.to_string())
    }

    /// Who holds live keys to a bond.
    pub(crate) fn holders(&self, bond: &str) -> Vec<&str> {
        let of_bond = self.keys.iter().filter(|(of, ..)| of == bond);
        of_bond.map(|(.., holder)| holder.as_str()).collect()
    }
}
