//! What the ledger will note of bonds by time alone, beside the bonds.

use bondhub_core::ports::store::{Coming, Commit, Embargo, Within};
use bondhub_store::{Failure, coming::of_commit, ledger::codes, rows};
use sqlx::SqliteConnection;

use crate::{connection::SqliteStore, ledger::sealed, transaction::Writing};

/// Writes what is foreseen of the bonds of a commit's cases: they are there already.
pub(crate) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    for (bond, foreseen) in of_commit(commit)? {
        let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
        sqlx::query_file!("queries/bond_foresee.sql", issuer, number, foreseen)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Bonds that will count differently.
pub(crate) async fn list(
    connection: &mut SqliteConnection,
    within: &Within,
    without: Option<&Embargo>,
) -> Result<Vec<Coming>, Failure> {
    let (issuer, _, owner) = codes(within);
    let (at, except) = sealed(without);
    let rows = sqlx::query_file_as!(
        rows::Coming,
        "../store/queries/bond_coming.sql",
        issuer,
        owner,
        at,
        except,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

impl SqliteStore {
    pub(crate) async fn list_coming(
        &self,
        within: &Within,
        without: Option<&Embargo>,
    ) -> Result<Vec<Coming>, Failure> {
        list(&mut *self.readers.acquire().await?, within, without).await
    }
}
