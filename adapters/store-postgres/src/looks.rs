//! Looks at bonds, and grants to look early.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    identifier::{BondId, PartyCode, ProcurementId},
    ports::store::{
        CaseView, KeyView, LookFilter, LookRow, Looks, Readings as _, Sighting, StoreError,
    },
    view::{Grant, Seen},
};
use bondhub_store::{Failure, Instant, limit_of, rows};
use uuid::Uuid;

use crate::{
    audit::append,
    connection::PostgresStore,
    readings,
    transaction::{Writing, looking, step, writing},
    writing::column,
};

#[async_trait]
impl Looks for PostgresStore {
    async fn presented(&self, kid: &str) -> Result<Option<KeyView>, StoreError> {
        self.key(kid).await
    }

    async fn sighting(&self, kid: &str) -> Result<Option<Sighting>, StoreError> {
        step("look at a bond", || self.sight_once(kid)).await
    }

    async fn record_looks(&self, looks: &[LookRow]) -> Result<(), StoreError> {
        step("record looks", || self.add_looks_once(looks)).await
    }

    async fn looks(&self, filter: &LookFilter) -> Result<Vec<LookRow>, StoreError> {
        step("list looks", || self.looks_once(filter)).await
    }

    async fn add_grant(&self, grant: &Grant, told: &AuditEntry) -> Result<(), StoreError> {
        step("add a grant", || self.add_grant_once(grant, told)).await
    }

    async fn revoke_grant(
        &self,
        id: Uuid,
        by: &str,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        step("take a grant back", || self.revoke_grant_once(id, by, told)).await
    }

    async fn grants(&self, account: Option<&str>) -> Result<Vec<Grant>, StoreError> {
        step("list grants", || self.grants_once(account)).await
    }
}

impl PostgresStore {
    async fn sight_once(&self, kid: &str) -> Result<Option<Sighting>, Failure> {
        let mut transaction = looking(&self.pool).await?;
        let Some(key) = key(&mut transaction, kid).await? else {
            return Ok(None);
        };
        let Some(bond) = readings::bond(&mut transaction, &key.key.bond).await? else {
            return Ok(None);
        };
        let case = case(&mut transaction, &bond.bond.terms.procurement).await?;
        let seen = seen(&mut transaction, &key.key.bond, &key.key.holder).await?;
        Ok(Some(Sighting {
            key,
            bond,
            case,
            seen,
        }))
    }

    async fn add_looks_once(&self, looks: &[LookRow]) -> Result<(), Failure> {
        if looks.is_empty() {
            return Ok(());
        }
        let mut transaction = writing(&self.pool).await?;
        let added = sqlx::query_file_scalar!(
            "queries/look_add.sql",
            &column(looks, |look| look.id),
            &column(looks, |look| look.at),
            &column(looks, |look| look.kid.as_str()) as _,
            &column(looks, |look| look.bond.issuer.as_str()) as _,
            &column(looks, |look| look.bond.number.as_str()) as _,
            &column(looks, |look| i64::from(look.version)),
            &column(looks, |look| look.holder.as_str()) as _,
            &column(looks, |look| look.role.as_str()) as _,
            &column(looks, |look| look.account.as_deref()) as _,
            &column(looks, |look| look.address.as_deref()) as _,
            &column(looks, |look| look.shown.as_str()) as _,
            &column(looks, |look| look.round.as_str()) as _,
            &column(looks, |look| look.opening_at) as _,
            &column(looks, |look| look.grant) as _,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let told: Vec<AuditEntry> = looks
            .iter()
            .filter(|look| added.contains(&look.id))
            .map(LookRow::told)
            .collect();
        append(&mut transaction, &told).await?;
        Ok(transaction.commit().await?)
    }

    async fn looks_once(&self, filter: &LookFilter) -> Result<Vec<LookRow>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Look,
            "../store/queries/look_list.sql",
            filter.bond.as_ref().map(|bond| bond.issuer.as_str()),
            filter.bond.as_ref().map(|bond| bond.number.as_str()),
            filter.kid,
            filter.grant,
            limit_of(filter.limit),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn add_grant_once(&self, grant: &Grant, told: &AuditEntry) -> Result<(), Failure> {
        let mut transaction = writing(&self.pool).await?;
        sqlx::query_file!(
            "../store/queries/grant_add.sql",
            grant.id,
            grant.account.as_str(),
            grant.party.as_str(),
            grant.procurement.as_ref().map(ProcurementId::as_str),
            grant.reason,
            grant.granted_by,
            grant.granted_at,
            grant.until,
        )
        .execute(&mut *transaction)
        .await?;
        append(&mut transaction, std::slice::from_ref(told)).await?;
        Ok(transaction.commit().await?)
    }

    async fn revoke_grant_once(
        &self,
        id: Uuid,
        by: &str,
        told: &AuditEntry,
    ) -> Result<bool, Failure> {
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/grant_revoke.sql", id, told.at, by)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut transaction, std::slice::from_ref(told)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn grants_once(&self, account: Option<&str>) -> Result<Vec<Grant>, Failure> {
        let rows = sqlx::query_file_as!(rows::Grant, "../store/queries/grant_list.sql", account)
            .fetch_all(&self.pool)
            .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}

async fn key(transaction: &mut Writing, kid: &str) -> Result<Option<KeyView>, Failure> {
    let row = sqlx::query_file_as!(rows::Key, "../store/queries/key_by_kid.sql", kid)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.map(KeyView::try_from).transpose()?)
}

async fn case(transaction: &mut Writing, id: &ProcurementId) -> Result<Option<CaseView>, Failure> {
    let row = sqlx::query_file_as!(rows::Case, "../store/queries/case_by_id.sql", id.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.map(CaseView::try_from).transpose()?)
}

async fn seen(
    transaction: &mut Writing,
    bond: &BondId,
    holder: &PartyCode,
) -> Result<Option<Seen>, Failure> {
    let row = sqlx::query_file_as!(
        rows::Seen,
        "../store/queries/look_seen.sql",
        bond.issuer.as_str(),
        bond.number.as_str(),
        holder.as_str()
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(Seen::try_from).transpose()?)
}
