//! When embargoes end, beside the bonds.

use bondhub_core::ports::store::Commit;
use bondhub_store::{
    Failure,
    embargo::{of_case, of_commit, unknown},
};
use sqlx::SqlitePool;

use crate::transaction::{Writing, micros, writing};

/// Writes when the embargoes of the bonds of a commit's cases end: its bonds are there already.
pub(crate) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for (bond, until) in of_commit(commit) {
        let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
        let until = until.map(micros);
        sqlx::query_file!("queries/bond_embargo.sql", issuer, number, until)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Works out what a migration could not know.
pub(crate) async fn learn(writer: &SqlitePool) -> Result<(), Failure> {
    let mark = micros(unknown());
    let mut transaction = writing(writer).await?;
    let cases = sqlx::query_file!("../store/queries/embargo_unknown.sql", mark)
        .fetch_all(&mut *transaction)
        .await?;
    for case in cases {
        for (bond, until) in of_case(&case.id, &case.state)? {
            let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
            let until = until.map(micros);
            sqlx::query_file!("queries/embargo_learn.sql", issuer, number, until, mark)
                .execute(&mut *transaction)
                .await?;
        }
    }
    Ok(transaction.commit().await?)
}
