//! The ledger: figures from sums at ends of months where there are some, exact in any case.

mod fold;
mod quick;

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{
        Balance, BondQuestion, BondStanding, Expiry, Folded, Ledgers, Posted, Question, SealedBond,
        SeriesPoint, SeriesQuestion, StoreError, Within,
    },
};
use bondhub_store::{Failure, Instant, ledger, limit_of, rows};
use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    connection::PostgresStore,
    transaction::{Writing, looking, step},
};

#[async_trait]
impl Ledgers for PostgresStore {
    async fn balances(&self, question: &Question) -> Result<Vec<Balance>, StoreError> {
        step("add up balances", || self.balances_once(question)).await
    }

    async fn balance_series(
        &self,
        question: &SeriesQuestion,
    ) -> Result<Vec<SeriesPoint>, StoreError> {
        step("add up a series", || self.series_once(question)).await
    }

    async fn bond_standings(
        &self,
        question: &BondQuestion,
        before: Option<Timestamp>,
    ) -> Result<Vec<BondStanding>, StoreError> {
        step("add up bonds", || {
            self.bonds_standing_once(question, before)
        })
        .await
    }

    async fn expiries(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, StoreError> {
        step("add up expiries", || self.expiries_once(question, before)).await
    }

    async fn sealed(
        &self,
        within: &Within,
        now: Timestamp,
        before: Option<Timestamp>,
    ) -> Result<Vec<SealedBond>, StoreError> {
        step("read sealed bonds", || {
            self.read_sealed_once(within, now, before)
        })
        .await
    }

    async fn contractors_of(&self, owner: &PartyCode) -> Result<Vec<(PartyCode, u64)>, StoreError> {
        step("list an owner's contractors", || {
            self.contractors_once(owner)
        })
        .await
    }

    async fn movements(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Posted>, StoreError> {
        step("read the ledger", || self.movements_once(after, limit)).await
    }

    async fn fold(&self, today: NaiveDate) -> Result<Folded, StoreError> {
        step("take movements up into sums", || self.fold_once(today)).await
    }
}

impl PostgresStore {
    async fn balances_once(&self, question: &Question) -> Result<Vec<Balance>, Failure> {
        let mut transaction = looking(&self.pool).await?;
        let sums = match ledger::kept(question.by, &question.within) {
            Some(kept) => quick::sums(&mut transaction, kept, question).await?,
            None if quick::is_recent(&mut transaction, question).await? => {
                quick::standing(&mut transaction, question).await?
            }
            None => plain(&mut transaction, question).await?,
        };
        Ok(ledger::balances(&sums)?)
    }

    async fn series_once(&self, question: &SeriesQuestion) -> Result<Vec<SeriesPoint>, Failure> {
        let mut transaction = looking(&self.pool).await?;
        let mut points = Vec::new();
        let mut rest = question.days.as_slice();
        let kept = ledger::kept(question.by, &question.within);
        if let (Some(kept), None) = (kept, question.known_on) {
            let (months, later) = quick::split(&mut transaction, rest).await?;
            points = quick::months(&mut transaction, question.by, kept, months).await?;
            rest = later;
        }
        points.extend(tail(&mut transaction, question, rest).await?);
        Ok(points)
    }

    async fn bonds_standing_once(
        &self,
        question: &BondQuestion,
        before: Option<Timestamp>,
    ) -> Result<Vec<BondStanding>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let after = question.after.as_ref();
        let rows = sqlx::query_file_as!(
            rows::Standing,
            "../store/queries/bond_standings.sql",
            issuer,
            contractor,
            owner,
            question.as_of,
            question.known_on,
            after.map(|bond| bond.issuer.as_str()),
            after.map(|bond| bond.number.as_str()),
            limit_of(question.limit),
            ledger::until(before),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn expiries_once(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, Failure> {
        let mut transaction = looking(&self.pool).await?;
        if before.is_none() && quick::is_recent(&mut transaction, question).await? {
            let rows = quick::expiries(&mut transaction, question).await?;
            return rows.into_iter().map(|row| Ok(row.try_into()?)).collect();
        }
        let (issuer, contractor, owner) = codes(&question.within);
        let rows = sqlx::query_file_as!(
            rows::Expiry,
            "../store/queries/balance_expiries.sql",
            issuer,
            contractor,
            owner,
            question.as_of,
            question.known_on,
            ledger::until(before),
        )
        .fetch_all(&mut *transaction)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn read_sealed_once(
        &self,
        within: &Within,
        now: Timestamp,
        before: Option<Timestamp>,
    ) -> Result<Vec<SealedBond>, Failure> {
        let (issuer, contractor, owner) = codes(within);
        let mut transaction = looking(&self.pool).await?;
        let rows = sqlx::query_file_as!(
            rows::Sealed,
            "../store/queries/sealed_bonds.sql",
            issuer,
            contractor,
            owner,
            now,
            ledger::until(before),
        )
        .fetch_all(&mut *transaction)
        .await?;
        Ok(rows::sealed_bonds(rows)?)
    }

    async fn contractors_once(&self, owner: &PartyCode) -> Result<Vec<(PartyCode, u64)>, Failure> {
        let rows = sqlx::query_file!("../store/queries/owner_contractors.sql", owner.as_str())
            .fetch_all(&self.pool)
            .await?;
        let named = rows
            .into_iter()
            .map(|row| Ok(ledger::counted(&row.principal, row.bonds)?));
        named.collect()
    }

    async fn movements_once(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Posted>, Failure> {
        let rows = sqlx::query_file_as!(
            rows::Posted,
            "../store/queries/movement_list.sql",
            after.unwrap_or_default(),
            limit_of(limit)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}

/// Added up from the movements themselves.
async fn plain(transaction: &mut Writing, question: &Question) -> Result<ledger::Sums, Failure> {
    let (issuer, contractor, owner) = codes(&question.within);
    let rows = sqlx::query_file_as!(
        rows::Balance,
        "../store/queries/balance_plain.sql",
        question.by.as_str(),
        issuer,
        contractor,
        owner,
        question.as_of,
        question.known_on,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ledger::sums(rows))
}

/// The days of a series that no sums are kept of: what stood before them, and what changed day by day.
async fn tail(
    transaction: &mut Writing,
    question: &SeriesQuestion,
    days: &[NaiveDate],
) -> Result<Vec<SeriesPoint>, Failure> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Ok(Vec::new());
    };
    let before = Question {
        by: question.by,
        within: question.within.clone(),
        as_of: ledger::before(*first),
        known_on: question.known_on,
    };
    let opening = match ledger::kept(question.by, &question.within) {
        Some(kept) => quick::sums(transaction, kept, &before).await?,
        None => plain(transaction, &before).await?,
    };
    let (issuer, contractor, owner) = codes(&question.within);
    let changes = sqlx::query_file_as!(
        rows::Change,
        "../store/queries/balance_changes.sql",
        question.by.as_str(),
        issuer,
        contractor,
        owner,
        before.as_of,
        *last,
        question.known_on,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ledger::series(days, opening, changes)?)
}

fn codes(within: &Within) -> (Option<&str>, Option<&str>, Option<&str>) {
    (
        within.issuer.as_ref().map(PartyCode::as_str),
        within.contractor.as_ref().map(PartyCode::as_str),
        within.owner.as_ref().map(PartyCode::as_str),
    )
}
