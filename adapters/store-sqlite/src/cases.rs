//! Loading and committing cases.

use async_trait::async_trait;
use bondhub_core::{
    calendar::Timestamp,
    identifier::{BondId, ProcurementId},
    ports::store::{Cases, Commit, Compartment, Loaded, StoreError, Wanted},
};
use bondhub_store::{
    Failure, Instant,
    rows::{self, Found},
    text::Place,
};
use uuid::Uuid;

use crate::{
    connection::SqliteStore,
    transaction::{Writing, looking, micros, step, writing},
    writing,
};

#[async_trait]
impl Cases for SqliteStore {
    async fn load(&self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        step("load cases", self.load_all(wanted)).await
    }

    async fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        step("commit a batch", self.commit_all(commit)).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ProcurementId>, StoreError> {
        step("look for due cases", self.due_by(now, limit)).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        step("look for the next due case", self.first_due()).await
    }
}

impl SqliteStore {
    async fn load_all(&self, wanted: &Wanted) -> Result<Loaded, Failure> {
        let mut transaction = looking(&self.readers).await?;
        let mut found = vec![generation(&mut transaction).await?];
        for case in &wanted.cases {
            found.extend(find_case(&mut transaction, case).await?);
        }
        for event in &wanted.events {
            found.extend(find_event(&mut transaction, *event).await?);
        }
        for bond in &wanted.bonds {
            found.extend(find_home(&mut transaction, bond).await?);
        }
        for compartment in &wanted.compartments {
            found.extend(find_data_key(&mut transaction, compartment).await?);
        }
        Ok(rows::gather(found)?)
    }

    async fn commit_all(&self, commit: &Commit) -> Result<(), Failure> {
        let mut transaction = writing(&self.writer).await?;
        writing::write(&mut transaction, commit).await?;
        Ok(transaction.commit().await?)
    }

    async fn due_by(&self, now: Timestamp, limit: u32) -> Result<Vec<ProcurementId>, Failure> {
        let (now, limit) = (micros(now), i64::from(limit));
        let ids = sqlx::query_file_scalar!("../store/queries/case_due.sql", now, limit)
            .fetch_all(&self.readers)
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

    async fn first_due(&self) -> Result<Option<Timestamp>, Failure> {
        let due = sqlx::query_file_scalar!("../store/queries/case_next_due.sql")
            .fetch_one(&self.readers)
            .await?;
        Ok(due.map(Timestamp::from))
    }
}

async fn generation(transaction: &mut Writing) -> Result<Found, Failure> {
    let generation = sqlx::query_file_scalar!("../store/queries/book_generation.sql")
        .fetch_one(&mut **transaction)
        .await?;
    Ok(Found::Generation(generation))
}

async fn find_case(
    transaction: &mut Writing,
    case: &ProcurementId,
) -> Result<Option<Found>, Failure> {
    let id = case.as_str();
    let row = sqlx::query_file!("queries/case_load.sql", id)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(row.map(|row| Found::Case(id.to_owned(), row.version, row.state)))
}

async fn find_event(transaction: &mut Writing, event: Uuid) -> Result<Option<Found>, Failure> {
    let digest = sqlx::query_file_scalar!("queries/event_digest.sql", event)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(digest.map(|digest| Found::Event(event, digest)))
}

async fn find_home(transaction: &mut Writing, bond: &BondId) -> Result<Option<Found>, Failure> {
    let (issuer, number) = (bond.issuer.as_str(), bond.number.as_str());
    let home = sqlx::query_file_scalar!("queries/bond_home.sql", issuer, number)
        .fetch_optional(&mut **transaction)
        .await?;
    Ok(home.map(|home| Found::Home(issuer.to_owned(), number.to_owned(), home)))
}

async fn find_data_key(
    transaction: &mut Writing,
    compartment: &Compartment,
) -> Result<Option<Found>, Failure> {
    let (issuer, number) = (compartment.issuer.as_str(), compartment.number());
    let wrapped = sqlx::query_file_scalar!(
        "../store/queries/data_key_by_compartment.sql",
        issuer,
        number
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(wrapped.map(|wrapped| Found::DataKey(issuer.to_owned(), number.to_owned(), wrapped)))
}
