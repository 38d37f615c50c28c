//! What the ledger will note of bonds once others end, beside the bonds: figures of days to come ask for it (R40, R42).

use bondhub_core::{
    identifier::BondId,
    liability::Posting,
    ports::store::{Commit, StoreError},
};

use crate::text::to_json;

/// A bond, and what will be noted of it, as JSON; none where nothing is.
pub type Told = (BondId, Option<String>);

/// The bonds of a commit's cases. In a case that is new there are none yet of which anything was foreseen before.
pub fn of_commit(commit: &Commit) -> Result<Vec<Told>, StoreError> {
    let told = commit.cases.iter().flat_map(|case| {
        let is_new = case.version == 0;
        let bonds = case.file.carried.bonds.iter();
        bonds.filter(move |(_, record)| !is_new || !record.foreseen.is_empty())
    });
    told.map(|(bond, record)| Ok((bond.clone(), json(&record.foreseen)?)))
        .collect()
}

fn json(foreseen: &[Posting]) -> Result<Option<String>, StoreError> {
    if foreseen.is_empty() {
        return Ok(None);
    }
    to_json("write what is foreseen", &foreseen).map(Some)
}
