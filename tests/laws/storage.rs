//! A stored case reads back as it was.

use bondhub_core::procurement::CaseFile;
use proptest::prelude::*;

use super::{
    play::{Hub, config, play},
    tender::{Releases, heard},
};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_case_reads_back_from_its_json_and_reconciles_the_same(
        (tender, arrival) in heard(Releases::AsUsual)
    ) {
        play(&tender, &arrival, |hub, _| {
            let text = serde_json::to_string(&hub.file).unwrap();
            let file: CaseFile = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&file, &hub.file);
            let later = hub.now + chrono::TimeDelta::days(40);
            let plan = |file: &CaseFile| Hub { file: file.clone(), rules: hub.rules, now: later }.plan();
            prop_assert_eq!(plan(&file), plan(&hub.file));
            Ok(())
        })?;
    }
}
