//! Loading and committing cases.

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    identifier::ProcurementId,
    ports::store::{Cases, Commit, Compartment, Loaded, StoreError, Wanted},
};
use bondhub_store::{
    Failure, Instant,
    rows::{self, Found},
    text::Place,
};
use uuid::Uuid;

use crate::{
    connection::PostgresStore,
    transaction::{Writing, changing_parties, committing, step},
    writing::{self, column},
};

#[async_trait]
impl Cases for PostgresStore {
    async fn load(&self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        step("load cases", || self.load_once(wanted)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        step("commit a batch", || self.commit_once(commit)).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ProcurementId>, StoreError> {
        step("look for due cases", || self.due_once(now, limit)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        step("look for the next due case", || self.next_due_once()).await
    }
}

/// A row of `load.sql`.
struct Anything {
    what: String,
    name: String,
    event: Option<Uuid>,
    number: i64,
    content: String,
    home: String,
    wrapped: Option<Vec<u8>>,
}

impl From<Anything> for Found {
    fn from(row: Anything) -> Self {
        match (row.what.as_str(), row.event) {
            ("case", _) => Self::Case(row.name, row.number, row.content),
            ("home", _) => Self::Home(row.name, row.content, row.home),
            ("data_key", _) => {
                Self::DataKey(row.name, row.content, row.wrapped.unwrap_or_default())
            }
            (_, Some(event)) => Self::Event(event, row.content),
            (_, None) => Self::Generation(row.number),
        }
    }
}

impl PostgresStore {
    async fn load_once(&self, wanted: &Wanted) -> Result<Loaded, Failure> {
        let rows = sqlx::query_file_as!(
            Anything,
            "queries/load.sql",
            &column(&wanted.cases, ProcurementId::as_str) as _,
            &wanted.events,
            &column(&wanted.bonds, |bond| bond.issuer.as_str()) as _,
            &column(&wanted.bonds, |bond| bond.number.as_str()) as _,
            &column(&wanted.compartments, |one| one.issuer.as_str()) as _,
            &column(&wanted.compartments, Compartment::number) as _,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows::gather(rows.into_iter().map(Found::from))?)
    }

    async fn commit_once(&self, commit: &Commit) -> Result<(), Failure> {
        let mut transaction = self.begin(commit).await?;
        writing::write(&mut transaction, commit).await?;
        Ok(transaction.commit().await?)
    }

    /// Instructions change what is known of the parties; nothing else in a commit does.
    async fn begin(&self, commit: &Commit) -> Result<Writing, Failure> {
        if commit.instructions.is_empty() {
            committing(&self.pool).await
        } else {
            changing_parties(&self.pool).await
        }
    }

    async fn due_once(&self, now: Timestamp, limit: u32) -> Result<Vec<ProcurementId>, Failure> {
        let ids = sqlx::query_file_scalar!("../store/queries/case_due.sql", now, i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        let named = ids.into_iter().map(|id| {
            let place = Place {
                table: "procurement_case",
                row: &id,
            };
            Ok(place.name(id.clone())?)
        });
        named.collect()
    }

    async fn next_due_once(&self) -> Result<Option<Timestamp>, Failure> {
        let due = sqlx::query_file_scalar!("../store/queries/case_next_due.sql")
            .fetch_one(&self.pool)
            .await?;
        Ok(due.map(Timestamp::from))
    }
}
