//! No two versions' keys work at one time (R11).

use std::collections::BTreeSet;

use bondhub_core::{
    bond::Medium, identifier::BondId, party::Role, procurement::CaseFile, reconcile::Effect,
};
use proptest::prelude::*;

use super::{
    play::{config, play, play_as_it_happens},
    tender::{Releases, heard},
};

/// A key as a store outside the case keeps it: bond, edition, role, version.
pub(crate) type Key = (BondId, u32, Role, u32);

/// Applies effects as the key store does: it knows editions, not what the case file thinks.
pub(crate) fn apply(keys: &mut BTreeSet<Key>, effect: &Effect) {
    match effect {
        Effect::EndKeys {
            bond,
            role,
            edition,
            ..
        } => keys.retain(|key| {
            let dead = key.0 == *bond && key.1 <= *edition && role.is_none_or(|role| role == key.2);
            !dead
        }),
        Effect::IssueKey {
            bond,
            edition,
            role,
            version,
            ..
        } => {
            keys.insert((bond.clone(), *edition, *role, *version));
        }
        _ => {}
    }
}

pub(crate) fn live(file: &CaseFile) -> BTreeSet<Key> {
    let bonds = file.carried.bonds.iter();
    bonds
        .flat_map(|(id, record)| {
            let keys = record.keys.iter();
            keys.map(|(role, key)| (id.clone(), key.edition, *role, key.version))
        })
        .collect()
}

fn of_the_current_version(file: &CaseFile) -> Result<(), TestCaseError> {
    for (id, record) in &file.carried.bonds {
        for key in record.keys.values() {
            prop_assert_eq!(key.version, record.version, "{}", id);
        }
        let opens = record.state.has_keys() && record.terms.medium == Medium::Electronic;
        prop_assert!(opens || record.keys.is_empty(), "{} {}", id, record.state);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn live_keys_are_of_the_current_version_and_of_bonds_that_can_be_opened(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| of_the_current_version(&hub.file))?;
        play_as_it_happens(&tender, |hub, _| of_the_current_version(&hub.file))?;
    }

    #[test]
    fn a_store_that_only_applies_effects_has_the_same_live_keys_one_per_role(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        let mut keys = BTreeSet::new();
        play(&tender, &arrival, |hub, plan| {
            for effect in &plan.effects {
                apply(&mut keys, effect);
                let holders: BTreeSet<_> = keys.iter().map(|key| (&key.0, key.2)).collect();
                prop_assert_eq!(holders.len(), keys.len(), "two keys of one role");
            }
            prop_assert_eq!(&keys, &live(&hub.file));
            Ok(())
        })?;
    }

    #[test]
    fn a_number_once_dead_is_never_issued_again((tender, arrival) in heard(Releases::AsUsual)) {
        let mut issued = BTreeSet::new();
        play(&tender, &arrival, |_, plan| {
            for effect in &plan.effects {
                if let Effect::IssueKey { bond, edition, role, .. } = effect {
                    let new = issued.insert((bond.clone(), *edition, *role));
                    prop_assert!(new, "{} {} {}", bond, edition, role);
                }
            }
            Ok(())
        })?;
    }
}
