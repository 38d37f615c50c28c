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
    connection::SqliteStore,
    readings,
    transaction::{Writing, looking, micros, step, writing},
};

#[async_trait]
impl Looks for SqliteStore {
    async fn presented(&self, kid: &str) -> Result<Option<KeyView>, StoreError> {
        self.key(kid).await
    }

    async fn sighting(&self, kid: &str) -> Result<Option<Sighting>, StoreError> {
        step("look at a bond", self.sight(kid)).await
    }

    async fn record_looks(&self, looks: &[LookRow]) -> Result<(), StoreError> {
        step("record looks", self.add_looks(looks)).await
    }

    async fn looks(&self, filter: &LookFilter) -> Result<Vec<LookRow>, StoreError> {
        step("list looks", self.list_looks(filter)).await
    }

    async fn add_grant(&self, grant: &Grant, told: &AuditEntry) -> Result<(), StoreError> {
        step("add a grant", self.put_grant(grant, told)).await
    }

    async fn revoke_grant(
        &self,
        id: Uuid,
        by: &str,
        told: &AuditEntry,
    ) -> Result<bool, StoreError> {
        step("take a grant back", self.end_grant(id, by, told)).await
    }

    async fn grants(&self, account: Option<&str>) -> Result<Vec<Grant>, StoreError> {
        step("list grants", self.list_grants(account)).await
    }
}

impl SqliteStore {
    async fn sight(&self, kid: &str) -> Result<Option<Sighting>, Failure> {
        let mut transaction = looking(&self.readers).await?;
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

    async fn add_looks(&self, looks: &[LookRow]) -> Result<(), Failure> {
        let mut transaction = writing(&self.writer).await?;
        let mut told = Vec::new();
        for look in looks {
            if add_look(&mut transaction, look).await? {
                told.push(look.told());
            }
        }
        append(&mut transaction, &told).await?;
        Ok(transaction.commit().await?)
    }

    async fn list_looks(&self, filter: &LookFilter) -> Result<Vec<LookRow>, Failure> {
        let issuer = filter.bond.as_ref().map(|bond| bond.issuer.as_str());
        let number = filter.bond.as_ref().map(|bond| bond.number.as_str());
        let limit = limit_of(filter.limit);
        let rows = sqlx::query_file_as!(
            rows::Look,
            "../store/queries/look_list.sql",
            issuer,
            number,
            filter.kid,
            filter.grant,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn put_grant(&self, grant: &Grant, told: &AuditEntry) -> Result<(), Failure> {
        let mut transaction = writing(&self.writer).await?;
        let (account, party) = (grant.account.as_str(), grant.party.as_str());
        let procurement = grant.procurement.as_ref().map(ProcurementId::as_str);
        let (granted_at, until) = (micros(grant.granted_at), micros(grant.until));
        sqlx::query_file!(
            "../store/queries/grant_add.sql",
            grant.id,
            account,
            party,
            procurement,
            grant.reason,
            grant.granted_by,
            granted_at,
            until,
        )
        .execute(&mut *transaction)
        .await?;
        append(&mut transaction, std::slice::from_ref(told)).await?;
        Ok(transaction.commit().await?)
    }

    async fn end_grant(&self, id: Uuid, by: &str, told: &AuditEntry) -> Result<bool, Failure> {
        let mut transaction = writing(&self.writer).await?;
        let now = micros(told.at);
        let done = sqlx::query_file!("../store/queries/grant_revoke.sql", id, now, by)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        append(&mut transaction, std::slice::from_ref(told)).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn list_grants(&self, account: Option<&str>) -> Result<Vec<Grant>, Failure> {
        let rows = sqlx::query_file_as!(rows::Grant, "../store/queries/grant_list.sql", account)
            .fetch_all(&self.readers)
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
    let id = id.as_str();
    let row = sqlx::query_file_as!(rows::Case, "../store/queries/case_by_id.sql", id)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.map(CaseView::try_from).transpose()?)
}

async fn seen(
    transaction: &mut Writing,
    bond: &BondId,
    holder: &PartyCode,
) -> Result<Option<Seen>, Failure> {
    let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
    let holder = holder.as_str();
    let row = sqlx::query_file_as!(
        rows::Seen,
        "../store/queries/look_seen.sql",
        issuer,
        number,
        holder
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.map(Seen::try_from).transpose()?)
}

/// False if it is there already.
async fn add_look(transaction: &mut Writing, look: &LookRow) -> Result<bool, Failure> {
    let (issuer, number) = (look.bond.issuer.as_str(), look.bond.number.as_str());
    let (holder, role) = (look.holder.as_str(), look.role.as_str());
    let (looked_at, opening_at) = (micros(look.at), look.opening_at.map(micros));
    let shown = look.shown.as_str();
    let done = sqlx::query_file!(
        "queries/look_add.sql",
        look.id,
        looked_at,
        look.kid,
        issuer,
        number,
        look.version,
        holder,
        role,
        look.account,
        look.address,
        shown,
        look.round,
        opening_at,
        look.grant,
    )
    .execute(&mut **transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}
