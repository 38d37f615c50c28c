//! Nothing lowers a bond but a document its issuer signed (R31).

use std::collections::BTreeMap;

use bondhub_core::{bond::BondTerms, event::EventIdentity, identifier::BondId};
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
}
