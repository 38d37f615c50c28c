//! When embargoes end, beside the bonds, so that databases tell what a figure leaves out (R21). The law of looking says it.

use bondhub_core::{
    calendar::Timestamp,
    identifier::BondId,
    ports::store::{Commit, StoreError},
    procurement::CaseFile,
    view::embargoes,
};

use crate::text::Place;

/// A bond, and when its embargo ends; none if it is never under one.
pub type Sealed = (BondId, Option<Timestamp>);

/// The bonds of the cases of a commit. In a case that is new there are none yet whose embargo was told before: of those that are
/// never under one nothing has to be said.
pub fn of_commit(commit: &Commit) -> Vec<Sealed> {
    let told = commit.cases.iter().flat_map(|case| {
        let is_new = case.version == 0;
        of_file(&case.file).filter(move |(_, until)| !is_new || until.is_some())
    });
    told.collect()
}

fn of_file(file: &CaseFile) -> impl Iterator<Item = Sealed> {
    embargoes(file)
        .into_iter()
        .map(|(bond, until)| (bond.clone(), until))
}

/// The bonds of a case as it is stored.
pub fn of_case(id: &str, state: &str) -> Result<Vec<Sealed>, StoreError> {
    let place = Place {
        table: "procurement_case",
        row: &id,
    };
    let file: CaseFile = place.json(state)?;
    Ok(of_file(&file).collect())
}

/// What a migration wrote where it could not know: no case says this day.
pub fn unknown() -> Timestamp {
    Timestamp::from_timestamp(253_402_128_000, 0).unwrap_or(Timestamp::MAX_UTC)
}
