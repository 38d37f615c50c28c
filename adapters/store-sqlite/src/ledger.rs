//! The ledger. This store keeps no sums: it adds up the movements themselves.

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    ports::store::{
        Balance, BondQuestion, BondStanding, Coming, Embargo, Expiry, Folded, Ledgers, Posted,
        Question, SeriesPoint, SeriesQuestion, StoreError, Within,
    },
};
use bondhub_store::{
    Failure, Instant,
    ledger::{self, Told, codes},
    limit_of, rows,
};
use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    connection::SqliteStore,
    transaction::{Writing, looking, micros, step},
};

#[async_trait]
impl Ledgers for SqliteStore {
    async fn balances(&self, question: &Question) -> Result<Vec<Balance>, StoreError> {
        step("add up balances", self.add_up(question)).await
    }

    async fn balance_series(
        &self,
        question: &SeriesQuestion,
    ) -> Result<Vec<SeriesPoint>, StoreError> {
        step("add up a series", self.add_up_series(question)).await
    }

    async fn bond_standings(
        &self,
        question: &BondQuestion,
        before: Option<Timestamp>,
    ) -> Result<Vec<BondStanding>, StoreError> {
        step("add up bonds", self.add_up_bonds(question, before)).await
    }

    async fn endings(&self, question: &Question) -> Result<Vec<SeriesPoint>, StoreError> {
        step("add up endings", self.add_up_endings(question)).await
    }

    async fn coming(
        &self,
        within: &Within,
        without: Option<&Embargo>,
    ) -> Result<Vec<Coming>, StoreError> {
        step("list what comes", self.list_coming(within, without)).await
    }

    async fn expiries(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, StoreError> {
        step("add up expiries", self.add_up_expiries(question, before)).await
    }

    async fn contractors_of(
        &self,
        owner: &PartyCode,
        at: Timestamp,
    ) -> Result<Vec<PartyCode>, StoreError> {
        step(
            "list an owner's contractors",
            self.list_contractors(owner, at),
        )
        .await
    }

    async fn movements(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Posted>, StoreError> {
        step("read the ledger", self.list_movements(after, limit)).await
    }

    async fn fold(&self, _today: NaiveDate) -> Result<Folded, StoreError> {
        Ok(Folded::default())
    }
}

impl SqliteStore {
    async fn add_up(&self, question: &Question) -> Result<Vec<Balance>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let by = question.by.as_str();
        let mut transaction = looking(&self.readers).await?;
        let rows = sqlx::query_file_as!(
            rows::Balance,
            "../store/queries/balance_plain.sql",
            by,
            issuer,
            contractor,
            owner,
            question.as_of,
            question.known_on,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let hidden = hidden(&mut transaction, question, Told::Together).await?;
        let sums = ledger::changed(ledger::sums(rows), hidden);
        Ok(ledger::balances(&sums)?)
    }

    async fn add_up_series(&self, question: &SeriesQuestion) -> Result<Vec<SeriesPoint>, Failure> {
        let (Some(first), Some(last)) = (question.days.first(), question.days.last()) else {
            return Ok(Vec::new());
        };
        let (issuer, contractor, owner) = codes(&question.within);
        let (by, before) = (question.by.as_str(), ledger::before(*first));
        let mut transaction = looking(&self.readers).await?;
        let opening = sqlx::query_file_as!(
            rows::Balance,
            "../store/queries/balance_plain.sql",
            by,
            issuer,
            contractor,
            owner,
            before,
            question.known_on,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let changes = sqlx::query_file_as!(
            rows::Change,
            "../store/queries/balance_changes.sql",
            by,
            issuer,
            contractor,
            owner,
            before,
            *last,
            question.known_on,
        )
        .fetch_all(&mut *transaction)
        .await?;
        let hidden = hidden(&mut transaction, &question.on(*last), Told::Each).await?;
        let (opening, changes) = (ledger::sums(opening), changes.into_iter().chain(hidden));
        Ok(ledger::series(&question.days, opening, changes)?)
    }

    async fn add_up_bonds(
        &self,
        question: &BondQuestion,
        before: Option<Timestamp>,
    ) -> Result<Vec<BondStanding>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let after = question.after.as_ref();
        let after_issuer = after.map(|bond| bond.issuer.as_str());
        let after_number = after.map(|bond| bond.number.as_str());
        let (limit, before) = (limit_of(question.limit), micros(ledger::until(before)));
        let (at, except) = sealed(question.without.as_ref());
        let rows = if contractor.is_none() && owner.is_none() {
            sqlx::query_file_as!(
                rows::Standing,
                "../store/queries/bond_standings.sql",
                issuer,
                contractor,
                owner,
                question.as_of,
                question.known_on,
                after_issuer,
                after_number,
                limit,
                before,
                at,
                except,
            )
            .fetch_all(&self.readers)
            .await?
        } else {
            sqlx::query_file_as!(
                rows::Standing,
                "../store/queries/bond_standings_of.sql",
                issuer,
                contractor,
                owner,
                question.as_of,
                question.known_on,
                after_issuer,
                after_number,
                limit,
                before,
                at,
                except,
            )
            .fetch_all(&self.readers)
            .await?
        };
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn add_up_endings(&self, question: &Question) -> Result<Vec<SeriesPoint>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let (by, day) = (question.by.as_str(), question.as_of.to_string());
        let (at, except) = sealed(question.without.as_ref());
        let rows = sqlx::query_file_as!(
            rows::Ending,
            "queries/balance_endings.sql",
            by,
            issuer,
            contractor,
            owner,
            question.as_of,
            day,
            at,
            except,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn add_up_expiries(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let before = micros(ledger::until(before));
        let (at, except) = sealed(question.without.as_ref());
        let rows = sqlx::query_file_as!(
            rows::Expiry,
            "../store/queries/balance_expiries.sql",
            issuer,
            contractor,
            owner,
            question.as_of,
            question.known_on,
            before,
            at,
            except,
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn list_contractors(
        &self,
        owner: &PartyCode,
        at: Timestamp,
    ) -> Result<Vec<PartyCode>, Failure> {
        let (owner, at) = (owner.as_str(), micros(at));
        let rows = sqlx::query_file_scalar!("../store/queries/owner_contractors.sql", owner, at)
            .fetch_all(&self.readers)
            .await?;
        let named = rows.into_iter().map(|row| Ok(ledger::principal(row)?));
        named.collect()
    }

    async fn list_movements(
        &self,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Posted>, Failure> {
        let (after, limit) = (after.unwrap_or_default(), limit_of(limit));
        let rows = sqlx::query_file_as!(
            rows::Posted,
            "../store/queries/movement_list.sql",
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }
}

/// What of a figure is under embargo, as changes that take it away.
async fn hidden(
    transaction: &mut Writing,
    question: &Question,
    told: Told,
) -> Result<Vec<rows::Change>, Failure> {
    if question.without.is_none() {
        return Ok(Vec::new());
    }
    let (issuer, contractor, owner) = codes(&question.within);
    let (at, except) = sealed(question.without.as_ref());
    let (by, daily) = (question.by.as_str(), told == Told::Each);
    let rows = sqlx::query_file_as!(
        rows::Change,
        "../store/queries/balance_sealed.sql",
        by,
        issuer,
        contractor,
        owner,
        question.as_of,
        question.known_on,
        at,
        except,
        daily,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ledger::taken_away(rows))
}

/// When what is left out is under embargo, and whose bonds are not.
pub(crate) fn sealed(embargo: Option<&Embargo>) -> (Option<i64>, Option<&str>) {
    (
        embargo.map(|embargo| micros(embargo.at)),
        ledger::except(embargo),
    )
}
