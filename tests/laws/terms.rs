//! Nothing lowers a bond but a document its issuer signed (R31).

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondTerms, event::EventIdentity, identifier::BondId, money::BasisPoints,
    reconcile::reconcile, rules::Guarantee,
};
use proptest::prelude::*;

use super::{
    play::{config, play_as_it_happens},
    tender::{Releases, tender},
};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn amount_and_last_day_never_fall_without_a_newer_signed_document(
        tender in tender(Releases::AsUsual)
    ) {
        let mut before: BTreeMap<BondId, (EventIdentity, BondTerms)> = BTreeMap::new();
        play_as_it_happens(&tender, |hub, _| {
            for (bond, record) in &hub.file.carried.bonds {
                let (basis, terms) = (record.basis.clone(), record.terms.clone());
                let Some((signed, last)) = before.insert(bond.clone(), (basis, terms)) else {
                    continue;
                };
                if signed == record.basis {
                    let now = &record.terms;
                    prop_assert!(last.amount.amount() <= now.amount.amount(), "{} {:?}", bond, now);
                    prop_assert!(last.period.to() <= now.period.to(), "{} {:?}", bond, now);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_the_installation_asks_of_contracts_to_come_changes_nothing_of_those_there_are(
        tender in tender(Releases::AsUsual),
        rate in 0_u32..=10_000,
    ) {
        let mut rules = tender.rules.clone();
        rules.policy.performance_guarantee = Guarantee::of_rate(BasisPoints(rate));
        play_as_it_happens(&tender, |hub, _| {
            let plan = reconcile(&hub.file, &rules, hub.now);
            prop_assert_eq!(plan.effects, []);
            Ok(())
        })?;
    }
}
