//! When embargoes end, beside the bonds.

use bondhub_core::ports::store::Commit;
use bondhub_store::{
    Failure,
    embargo::{Sealed, of_case, of_commit, unknown},
};
use sqlx::PgConnection;

use crate::{transaction::Writing, writing::column};

/// Writes when the embargoes of the bonds of a commit's cases end: its bonds are there already.
pub(crate) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let sealed = of_commit(commit);
    if sealed.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/bond_embargo.sql",
        &column(&sealed, issuer) as _,
        &column(&sealed, number) as _,
        &column(&sealed, |one| one.1) as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn issuer((bond, _): &Sealed) -> &str {
    bond.issuer.as_str()
}

fn number((bond, _): &Sealed) -> &str {
    bond.number.as_str()
}

/// Works out what a migration could not know. Case by case: what was worked out needs not be worked out again, and a hub that runs
/// already waits for no more than one.
pub(crate) async fn learn(connection: &mut PgConnection) -> Result<(), Failure> {
    let cases = sqlx::query_file!("../store/queries/embargo_unknown.sql", unknown())
        .fetch_all(&mut *connection)
        .await?;
    for case in cases {
        let sealed = of_case(&case.id, &case.state)?;
        sqlx::query_file!(
            "queries/embargo_learn.sql",
            &column(&sealed, issuer) as _,
            &column(&sealed, number) as _,
            &column(&sealed, |one| one.1) as _,
            unknown(),
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
