//! The ledger. This store keeps no sums: it adds up the movements themselves.

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    identifier::PartyCode,
    liability::{Change, Foreseen, ends_of_months},
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
    coming,
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
        let sums = ledger::balances(&ledger::changed(ledger::sums(rows), hidden))?;
        if !question.is_to_come() {
            return Ok(sums);
        }
        let foreseen = foreseen(&mut transaction, question, &[question.as_of]).await?;
        Ok(foreseen.balances(sums, question))
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
        let points = ledger::series(&question.days, opening, changes)?;
        let to_come = question.days_to_come();
        if to_come.is_empty() {
            return Ok(points);
        }
        let foreseen = foreseen(&mut transaction, &question.on(*last), to_come).await?;
        Ok(foreseen.series(points, question))
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

    async fn add_up_expiries(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let before = micros(ledger::until(before));
        let (at, except) = sealed(question.without.as_ref());
        let mut transaction = looking(&self.readers).await?;
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
        .fetch_all(&mut *transaction)
        .await?;
        let ends = rows.into_iter().map(Expiry::try_from);
        let ends = ends.collect::<Result<Vec<_>, _>>()?;
        if !question.is_to_come() {
            return Ok(ends);
        }
        let days = ends_of_months(&ends, question.as_of);
        let foreseen = foreseen(&mut transaction, question, &days).await?;
        Ok(foreseen.expiries(ends, question))
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

/// What time alone will change in the answers to a question by days to come, in order.
async fn foreseen(
    transaction: &mut Writing,
    question: &Question,
    days: &[NaiveDate],
) -> Result<Foreseen, Failure> {
    let (issuer, contractor, owner) = codes(&question.within);
    let without = question.without.as_ref();
    let (by, (at, except)) = (question.by.as_str(), sealed(without));
    let (as_of, as_text) = (question.as_of, question.as_of.to_string());
    let rows = sqlx::query_file_as!(
        rows::Change,
        "queries/balance_endings.sql",
        by,
        issuer,
        contractor,
        owner,
        as_of,
        as_text,
        at,
        except,
    )
    .fetch_all(&mut **transaction)
    .await?;
    let over = ledger::taken_away(rows).into_iter().filter_map(|row| {
        let day = ledger::first_after(row.day, days)?;
        Some(rows::Change { day, ..row })
    });
    Ok(Foreseen {
        endings: over.map(Change::try_from).collect::<Result<_, _>>()?,
        coming: coming::list(transaction, &question.within, without).await?,
    })
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
