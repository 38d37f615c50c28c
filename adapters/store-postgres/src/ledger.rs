//! The ledger: figures from sums at ends of months where there are some, exact in any case.

mod fold;
mod quick;

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
    ledger::{self, Told, codes, except},
    limit_of, rows,
};
use chrono::NaiveDate;
use uuid::Uuid;

use quick::Part;

use crate::{
    coming,
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

    async fn coming(
        &self,
        within: &Within,
        without: Option<&Embargo>,
    ) -> Result<Vec<Coming>, StoreError> {
        step("list what comes", || self.coming_once(within, without)).await
    }

    async fn expiries(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, StoreError> {
        step("add up expiries", || self.expiries_once(question, before)).await
    }

    async fn contractors_of(
        &self,
        owner: &PartyCode,
        at: Timestamp,
    ) -> Result<Vec<PartyCode>, StoreError> {
        step("list an owner's contractors", || {
            self.contractors_once(owner, at)
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
        if question.is_to_come() {
            return standing_then(&mut transaction, question).await;
        }
        let sums = standing(&mut transaction, question).await?;
        Ok(ledger::balances(&sums)?)
    }

    async fn series_once(&self, question: &SeriesQuestion) -> Result<Vec<SeriesPoint>, Failure> {
        let Some(last) = question.days.last() else {
            return Ok(Vec::new());
        };
        let mut transaction = looking(&self.pool).await?;
        let hidden = hidden(&mut transaction, &question.on(*last), Told::Each).await?;
        let mut points = Vec::new();
        let mut rest = question.days.as_slice();
        let kept = ledger::kept(question.by, &question.within);
        if let (Some(kept), None) = (kept, question.known_on) {
            let (months, later) = quick::split(&mut transaction, rest).await?;
            points = quick::months(&mut transaction, question.by, kept, months, &hidden).await?;
            rest = later;
        }
        points.extend(tail(&mut transaction, question, rest, hidden).await?);
        let to_come = question.days_to_come();
        if to_come.is_empty() {
            return Ok(points);
        }
        let foreseen = foreseen(&mut transaction, &question.on(*last), to_come).await?;
        Ok(foreseen.series(points, question))
    }

    async fn bonds_standing_once(
        &self,
        question: &BondQuestion,
        before: Option<Timestamp>,
    ) -> Result<Vec<BondStanding>, Failure> {
        let (issuer, contractor, owner) = codes(&question.within);
        let after = question.after.as_ref();
        let after_issuer = after.map(|bond| bond.issuer.as_str());
        let after_number = after.map(|bond| bond.number.as_str());
        let (limit, before) = (limit_of(question.limit), ledger::until(before));
        let embargo = question.without.as_ref();
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
                at(embargo) as _,
                except(embargo),
            )
            .fetch_all(&self.pool)
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
                at(embargo) as _,
                except(embargo),
            )
            .fetch_all(&self.pool)
            .await?
        };
        rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn expiries_once(
        &self,
        question: &Question,
        before: Option<Timestamp>,
    ) -> Result<Vec<Expiry>, Failure> {
        let mut transaction = looking(&self.pool).await?;
        let ends = expiring(&mut transaction, question, before).await?;
        if !question.is_to_come() {
            return Ok(ends);
        }
        let days = ends_of_months(&ends, question.as_of);
        let foreseen = foreseen(&mut transaction, question, &days).await?;
        Ok(foreseen.expiries(ends, question))
    }

    async fn contractors_once(
        &self,
        owner: &PartyCode,
        at: Timestamp,
    ) -> Result<Vec<PartyCode>, Failure> {
        let rows =
            sqlx::query_file_scalar!("../store/queries/owner_contractors.sql", owner.as_str(), at)
                .fetch_all(&self.pool)
                .await?;
        let named = rows.into_iter().map(|row| Ok(ledger::principal(row)?));
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

/// What the ledger says of a day by itself.
async fn standing(transaction: &mut Writing, question: &Question) -> Result<ledger::Sums, Failure> {
    let kept = ledger::kept(question.by, &question.within);
    if kept.is_none() && quick::is_recent(transaction, question).await? {
        return quick::standing(transaction, question).await;
    }
    let hidden = hidden(transaction, question, Told::Together).await?;
    let sums = match kept {
        Some(kept) => quick::sums(transaction, kept, question).await?,
        None => plain(transaction, question).await?,
    };
    Ok(ledger::changed(sums, hidden))
}

/// What ends when, of what the ledger says by itself.
async fn expiring(
    transaction: &mut Writing,
    question: &Question,
    before: Option<Timestamp>,
) -> Result<Vec<Expiry>, Failure> {
    if before.is_none() && quick::is_recent(transaction, question).await? {
        let rows = quick::expiries(transaction, question).await?;
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
        at(question.without.as_ref()) as _,
        except(question.without.as_ref()),
    )
    .fetch_all(&mut **transaction)
    .await?;
    rows.into_iter().map(|row| Ok(row.try_into()?)).collect()
}

/// What will stand on a day to come.
async fn standing_then(
    transaction: &mut Writing,
    question: &Question,
) -> Result<Vec<Balance>, Failure> {
    let days = [question.as_of];
    if !quick::is_left_quicker(transaction, question).await? {
        let sums = ledger::balances(&standing(transaction, question).await?)?;
        let foreseen = foreseen(transaction, question, &days).await?;
        return Ok(foreseen.balances(sums, question));
    }
    let left = quick::then(transaction, question, &days, Part::Left).await?;
    let sums = ledger::balances(&ledger::changed(ledger::Sums::new(), left))?;
    let without = question.without.as_ref();
    let foreseen = Foreseen {
        endings: Vec::new(),
        coming: coming::list(transaction, &question.within, without).await?,
    };
    Ok(foreseen.balances(sums, question))
}

/// What time alone will change in the answers to a question by days to come, in order.
async fn foreseen(
    transaction: &mut Writing,
    question: &Question,
    days: &[NaiveDate],
) -> Result<Foreseen, Failure> {
    let over = quick::then(transaction, question, days, Part::Over).await?;
    let over = ledger::taken_away(over);
    let without = question.without.as_ref();
    Ok(Foreseen {
        endings: over
            .into_iter()
            .map(Change::try_from)
            .collect::<Result<_, _>>()?,
        coming: coming::list(transaction, &question.within, without).await?,
    })
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

/// What of a figure is under embargo, as changes that take it away.
async fn hidden(
    transaction: &mut Writing,
    question: &Question,
    told: Told,
) -> Result<Vec<rows::Change>, Failure> {
    let Some(embargo) = &question.without else {
        return Ok(Vec::new());
    };
    let (issuer, contractor, owner) = codes(&question.within);
    let rows = sqlx::query_file_as!(
        rows::Change,
        "../store/queries/balance_sealed.sql",
        question.by.as_str(),
        issuer,
        contractor,
        owner,
        question.as_of,
        question.known_on,
        embargo.at,
        except(Some(embargo)),
        told == Told::Each,
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(ledger::taken_away(rows))
}

fn at(embargo: Option<&Embargo>) -> Option<Timestamp> {
    embargo.map(|embargo| embargo.at)
}

/// The days of a series that no sums are kept of: what stood before them, and what changed day by day.
async fn tail(
    transaction: &mut Writing,
    question: &SeriesQuestion,
    days: &[NaiveDate],
    hidden: Vec<rows::Change>,
) -> Result<Vec<SeriesPoint>, Failure> {
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        return Ok(Vec::new());
    };
    let before = question.on(ledger::before(*first));
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
    let changes = changes.into_iter().chain(hidden);
    Ok(ledger::series(days, opening, changes)?)
}
