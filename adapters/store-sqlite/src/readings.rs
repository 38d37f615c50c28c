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
    connection::SqliteStore,
    transaction::{Writing, looking, step},
};

#[async_trait]
impl Readings for SqliteStore {
    async fn bonds(&self, filter: &BondFilter) -> Result<Vec<BondRow>, StoreError> {
        step("list bonds", self.list_bonds(filter)).await
    }

    async fn bond(&self, bond: &BondId) -> Result<Option<BondView>, StoreError> {
        step("read a bond", self.read_bond(bond)).await
    }

    async fn key(&self, kid: &str) -> Result<Option<KeyView>, StoreError> {
        step("read a key", self.read_key(kid)).await
    }

    async fn case(&self, id: &ProcurementId) -> Result<Option<CaseView>, StoreError> {
        step("read a case", self.read_case(id)).await
    }

    async fn cases(&self, limit: u32) -> Result<Vec<CaseView>, StoreError> {
        step("list cases", self.list_cases(limit)).await
    }

    async fn cases_of(&self, listing: &CaseListing) -> Result<Vec<CaseView>, StoreError> {
        step("list an owner's cases", self.list_cases_of(listing)).await
    }

    async fn tasks(&self, with_closed: bool, limit: u32) -> Result<Vec<TaskView>, StoreError> {
        step("list tasks", self.list_tasks(with_closed, limit)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        step("ask the database", self.answer()).await
    }
}

impl SqliteStore {
    async fn list_bonds(&self, filter: &BondFilter) -> Result<Vec<BondRow>, Failure> {
        let issuer = filter.issuer.as_ref().map(PartyCode::as_str);
        let principal = filter.principal.as_ref().map(PartyCode::as_str);
        let procurement = filter.procurement.as_ref().map(ProcurementId::as_str);
        let state = filter.state.map(BondState::as_str);
        let medium = medium_pattern(filter.medium);
        let limit = limit_of(filter.limit);
        let kind = filter.kind.map(BondKind::as_str);
        let after = filter.after.as_ref();
        let after_issuer = after.map(|after| after.issuer.as_str());
        let after_number = after.map(|after| after.number.as_str());
        let rows = sqlx::query_file_as!(
            rows::Bond,
            "../store/queries/bond_list.sql",
            issuer,
            principal,
            procurement,
            state,
            kind,
            after_issuer,
            after_number,
            medium,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    /// All of it as of one moment: a bond and its keys never disagree.
    async fn read_bond(&self, bond: &BondId) -> Result<Option<BondView>, Failure> {
        let mut transaction = looking(&self.readers).await?;
        self::bond(&mut transaction, bond).await
    }

    async fn read_key(&self, kid: &str) -> Result<Option<KeyView>, Failure> {
        let row = sqlx::query_file_as!(rows::Key, "../store/queries/key_by_kid.sql", kid)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(KeyView::try_from).transpose()?)
    }

    async fn read_case(&self, id: &ProcurementId) -> Result<Option<CaseView>, Failure> {
        let id = id.as_str();
        let row = sqlx::query_file_as!(rows::Case, "../store/queries/case_by_id.sql", id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(CaseView::try_from).transpose()?)
    }

    async fn list_cases(&self, limit: u32) -> Result<Vec<CaseView>, Failure> {
        let limit = limit_of(limit);
        let rows = sqlx::query_file_as!(rows::Case, "../store/queries/case_list.sql", limit)
            .fetch_all(&self.readers)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn list_cases_of(&self, listing: &CaseListing) -> Result<Vec<CaseView>, Failure> {
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
                .fetch_all(&self.readers)
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
                .fetch_all(&self.readers)
                .await?
            }
        };
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn list_tasks(&self, with_closed: bool, limit: u32) -> Result<Vec<TaskView>, Failure> {
        let limit = limit_of(limit);
        let rows = sqlx::query_file_as!(
            rows::Task,
            "../store/queries/task_list.sql",
            with_closed,
            limit
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn answer(&self) -> Result<(), Failure> {
        sqlx::query_file_scalar!("../store/queries/book_generation.sql")
            .fetch_one(&self.readers)
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
    let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
    let row = sqlx::query_file_as!(
        rows::Bond,
        "../store/queries/bond_by_id.sql",
        issuer,
        number
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(BondRow::try_from).transpose()?)
}

async fn versions(transaction: &mut Writing, bond: &BondId) -> Result<Vec<VersionRow>, Failure> {
    let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
    let rows = sqlx::query_file_as!(
        rows::Version,
        "../store/queries/bond_versions.sql",
        issuer,
        number
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter().map(|row| Ok(row.of(bond)?)).collect()
}

async fn keys(transaction: &mut Writing, bond: &BondId) -> Result<Vec<KeyView>, Failure> {
    let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
    let rows = sqlx::query_file_as!(rows::Key, "../store/queries/bond_keys.sql", issuer, number)
        .fetch_all(&mut **transaction)
        .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}
