//! What the ledger will note of bonds by time alone, beside the bonds.

use bondhub_core::ports::store::{Coming, Commit, Embargo, Within};
use bondhub_store::{
    Failure,
    coming::{Told, of_commit},
    ledger::{codes, except},
    rows,
};
use sqlx::PgConnection;

use crate::{connection::PostgresStore, transaction::Writing, writing::column};

/// Writes what is foreseen of the bonds of a commit's cases: they are there already.
pub(crate) async fn write(transaction: &mut Writing, commit: &Commit) -> Result<(), Failure> {
    let told = of_commit(commit)?;
    if told.is_empty() {
        return Ok(());
    }
    sqlx::query_file!(
        "queries/bond_foresee.sql",
        &column(&told, |(bond, _): &Told| bond.issuer.as_str()) as _,
        &column(&told, |(bond, _): &Told| bond.number.as_str()) as _,
        &column(&told, |(_, foreseen): &Told| foreseen.as_deref()) as _,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Bonds that will count differently.
pub(crate) async fn list(
    connection: &mut PgConnection,
    within: &Within,
    without: Option<&Embargo>,
) -> Result<Vec<Coming>, Failure> {
    let (issuer, _, owner) = codes(within);
    let rows = sqlx::query_file_as!(
        rows::Coming,
        "../store/queries/bond_coming.sql",
        issuer,
        owner,
        without.map(|embargo| embargo.at) as _,
        except(without),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

impl PostgresStore {
    pub(crate) async fn coming_once(
        &self,
        within: &Within,
        without: Option<&Embargo>,
    ) -> Result<Vec<Coming>, Failure> {
        list(&mut *self.pool.acquire().await?, within, without).await
    }
}
