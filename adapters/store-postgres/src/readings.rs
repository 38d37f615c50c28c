//! Reading for people.

use async_trait::async_trait;
use bondhub_core::{
    bond::{BondKind, BondState},
    identifier::{BondId, PartyCode, ProcurementId},
    ports::store::{
        BondFilter, BondRow, BondView, CaseListing, CaseView, KeyView, Readings, StoreError,
        TaskView, VersionRow,
    },
};
use bondhub_store::{
    Failure, Instant,
    inquiry::{CasesAsked, medium_pattern},
    limit_of, rows,
};

use crate::{
    connection::PostgresStore,
    transaction::{Writing, looking, step},
};

#[async_trait]
impl Readings for PostgresStore {
    async fn bonds(&self, filter: &BondFilter) -> Result<Vec<BondRow>, StoreError> {
        step("list bonds", || self.bonds_once(filter)).await
    }

    async fn bond(&self, bond: &BondId) -> Result<Option<BondView>, StoreError> {
        step("read a bond", || self.bond_once(bond)).await
    }

    async fn key(&self, kid: &str) -> Result<Option<KeyView>, StoreError> {
        step("read a key", || self.key_once(kid)).await
    }

    async fn case(&self, id: &ProcurementId) -> Result<Option<CaseView>, StoreError> {
        step("read a case", || self.case_once(id)).await
    }

    async fn cases(&self, limit: u32) -> Result<Vec<CaseView>, StoreError> {
        step("list cases", || self.cases_once(limit)).await
    }

    async fn cases_of(&self, listing: &CaseListing) -> Result<Vec<CaseView>, StoreError> {
        step("list an owner's cases", || self.cases_of_once(listing)).await
    }

    async fn tasks(&self, with_closed: bool, limit: u32) -> Result<Vec<TaskView>, StoreError> {
        step("list tasks", || self.tasks_once(with_closed, limit)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        step("ask the database", || self.ping_once()).await
    }
}

impl PostgresStore {
    async fn bonds_once(&self, filter: &BondFilter) -> Result<Vec<BondRow>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Bond,
            "../store/queries/bond_list.sql",
            filter.issuer.as_ref().map(PartyCode::as_str),
            filter.principal.as_ref().map(PartyCode::as_str),
            filter.procurement.as_ref().map(ProcurementId::as_str),
            filter.state.map(BondState::as_str),
            filter.kind.map(BondKind::as_str) as _,
            filter.after.as_ref().map(|after| after.issuer.as_str()),
            filter.after.as_ref().map(|after| after.number.as_str()),
            medium_pattern(filter.medium),
            limit_of(filter.limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    /// All of it as of one moment: a bond and its keys never disagree.
    async fn bond_once(&self, bond: &BondId) -> Result<Option<BondView>, Failure> {
        let mut transaction = looking(&self.pool).await?;
        self::bond(&mut transaction, bond).await
    }

    async fn key_once(&self, kid: &str) -> Result<Option<KeyView>, Failure> {
        let row = sqlx::query_file_as!(rows::Key, "../store/queries/key_by_kid.sql", kid)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(KeyView::try_from).transpose()?)
    }

    async fn case_once(&self, id: &ProcurementId) -> Result<Option<CaseView>, Failure> {
        let row = sqlx::query_file_as!(rows::Case, "../store/queries/case_by_id.sql", id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(CaseView::try_from).transpose()?)
    }

    async fn cases_once(&self, limit: u32) -> Result<Vec<CaseView>, Failure> {
        let limit = limit_of(limit);
        let rows = sqlx::query_file_as!(rows::Case, "../store/queries/case_list.sql", limit)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn cases_of_once(&self, listing: &CaseListing) -> Result<Vec<CaseView>, Failure> {
        let (asked, limit) = (CasesAsked::of(listing), limit_of(listing.limit));
        let rows = match listing.owner.as_ref().map(PartyCode::as_str) {
            Some(owner) => {
                sqlx::query_file_as!(
                    rows::Case,
                    "../store/queries/case_list_owner.sql",
                    owner,
                    asked.before,
                    asked.pattern,
                    limit
                )
                .fetch_all(&self.pool)
                .await?
            }
            None => {
                sqlx::query_file_as!(
                    rows::Case,
                    "../store/queries/case_list_named.sql",
                    asked.before,
                    asked.pattern,
                    limit
                )
                .fetch_all(&self.pool)
                .await?
            }
        };
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn tasks_once(&self, with_closed: bool, limit: u32) -> Result<Vec<TaskView>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Task,
            "../store/queries/task_list.sql",
            with_closed,
            limit_of(limit)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn ping_once(&self) -> Result<(), Failure> {
        sqlx::query_file_scalar!("../store/queries/book_generation.sql")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }
}

/// A bond with its history and keys, as of the transaction's moment.
pub(crate) async fn bond(
    transaction: &mut Writing,
    bond: &BondId,
) -> Result<Option<BondView>, Failure> {
    let Some(now) = current(transaction, bond).await? else {
        return Ok(None);
    };
    Ok(Some(BondView {
        bond: now,
        versions: versions(transaction, bond).await?,
        keys: keys(transaction, bond).await?,
    }))
}

async fn current(transaction: &mut Writing, bond: &BondId) -> Result<Option<BondRow>, Failure> {
    let row = sqlx::query_file_as!(
        rows::Bond,
        "../store/queries/bond_by_id.sql",
        bond.issuer.as_str(),
        bond.number.as_str()
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(BondRow::try_from).transpose()?)
}

async fn versions(transaction: &mut Writing, bond: &BondId) -> Result<Vec<VersionRow>, Failure> {
    let rows = sqlx::query_file_as!(
        rows::Version,
        "../store/queries/bond_versions.sql",
        bond.issuer.as_str(),
        bond.number.as_str()
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter().map(|row| Ok(row.of(bond)?)).collect()
}

async fn keys(transaction: &mut Writing, bond: &BondId) -> Result<Vec<KeyView>, Failure> {
    let rows = sqlx::query_file_as!(
        rows::Key,
        "../store/queries/bond_keys.sql",
        bond.issuer.as_str(),
        bond.number.as_str()
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
