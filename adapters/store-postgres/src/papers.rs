//! Lists of paper bonds on their way in.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    calendar::Timestamp,
    ports::store::{AcceptedList, Clash, PaperList, PaperLists, PaperRow, StoreError},
};
use bondhub_store::{Failure, Instant, limit_of, rows, text::to_json};
use uuid::Uuid;

use crate::{
    audit,
    connection::PostgresStore,
    transaction::{comparing, step, writing},
    writing::column,
};

#[async_trait]
impl PaperLists for PostgresStore {
    async fn begin_list(&self, list: &PaperList) -> Result<(), StoreError> {
        step("begin a list", || self.begin_list_once(list)).await
    }

    async fn clashes(&self, list: &PaperList, rows: &[PaperRow]) -> Result<Vec<Clash>, StoreError> {
        step("compare rows of a list", || self.clashes_once(list, rows)).await
    }

    async fn note_rows(&self, list: Uuid, rows: &[PaperRow]) -> Result<(), StoreError> {
        step("note rows of a list", || self.note_rows_once(list, rows)).await
    }

    async fn accept_list(
        &self,
        list: Uuid,
        at: Timestamp,
        told: &AuditEntry,
    ) -> Result<(), StoreError> {
        step("accept a list", || self.accept_list_once(list, at, told)).await
    }

    async fn lists_left(&self, since: Timestamp) -> Result<Vec<AcceptedList>, StoreError> {
        step("look for lists", || self.lists_left_once(since)).await
    }

    async fn rows_after(
        &self,
        list: Uuid,
        line: u64,
        limit: u32,
    ) -> Result<Vec<PaperRow>, StoreError> {
        step("read rows of a list", || {
            self.rows_after_once(list, line, limit)
        })
        .await
    }

    async fn rows_taken(&self, list: Uuid, line: u64, at: Timestamp) -> Result<(), StoreError> {
        step("note how far a list is taken", || {
            self.rows_taken_once(list, line, at)
        })
        .await
    }

    async fn end_list(&self, list: Uuid) -> Result<(), StoreError> {
        step("end a list", || self.end_list_once(list)).await
    }

    async fn drop_lists(&self, begun_before: Timestamp) -> Result<u64, StoreError> {
        step("drop lists", || self.drop_lists_once(begun_before)).await
    }
}

impl PostgresStore {
    async fn begin_list_once(&self, list: &PaperList) -> Result<(), Failure> {
        sqlx::query_file!(
            "../store/queries/paper_begin.sql",
            list.id,
            list.issuer.as_str(),
            list.entered_by,
            list.begun_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn clashes_once(
        &self,
        list: &PaperList,
        rows: &[PaperRow],
    ) -> Result<Vec<Clash>, Failure> {
        let mut transaction = comparing(&self.pool).await?;
        let clashes = sqlx::query_file_as!(
            rows::PaperClash,
            "queries/paper_clashes.sql",
            list.id,
            list.issuer.as_str(),
            &column(rows, |row| line_of(row.line)),
            &column(rows, |row| row.number.as_str()) as _,
            &column(rows, |row| row.guarantee.as_deref()) as _,
            &column(rows, |row| row.terms.period.from()),
            &column(rows, |row| row.terms.period.to()),
        )
        .fetch_all(&mut *transaction)
        .await?;
        clashes.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn note_rows_once(&self, list: Uuid, rows: &[PaperRow]) -> Result<(), Failure> {
        let terms: Result<Vec<String>, StoreError> = rows
            .iter()
            .map(|row| to_json("note rows of a list", &row.terms))
            .collect();
        sqlx::query_file!(
            "queries/paper_note.sql",
            list,
            &column(rows, |row| line_of(row.line)),
            &column(rows, |row| row.number.as_str()) as _,
            &column(rows, |row| row.deed.as_str()) as _,
            &column(rows, |row| row.guarantee.as_deref()) as _,
            &column(rows, |row| row.terms.period.from()),
            &column(rows, |row| row.terms.period.to()),
            &terms?,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn accept_list_once(
        &self,
        list: Uuid,
        at: Timestamp,
        told: &AuditEntry,
    ) -> Result<(), Failure> {
        let mut transaction = writing(&self.pool).await?;
        let done = sqlx::query_file!("../store/queries/paper_accept.sql", list, at)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 1 {
            audit::append(&mut transaction, std::slice::from_ref(told)).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn lists_left_once(&self, since: Timestamp) -> Result<Vec<AcceptedList>, Failure> {
        let lists =
            sqlx::query_file_as!(rows::PaperListed, "../store/queries/paper_left.sql", since)
                .fetch_all(&self.pool)
                .await?;
        lists.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn rows_after_once(
        &self,
        list: Uuid,
        line: u64,
        limit: u32,
    ) -> Result<Vec<PaperRow>, Failure> {
        let noted = sqlx::query_file_as!(
            rows::PaperNoted,
            "../store/queries/paper_rows.sql",
            list,
            line_of(line),
            limit_of(limit),
        )
        .fetch_all(&self.pool)
        .await?;
        noted.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn rows_taken_once(&self, list: Uuid, line: u64, at: Timestamp) -> Result<(), Failure> {
        sqlx::query_file!("../store/queries/paper_taken.sql", list, line_of(line), at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn end_list_once(&self, list: Uuid) -> Result<(), Failure> {
        sqlx::query_file!("../store/queries/paper_end.sql", list)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn drop_lists_once(&self, begun_before: Timestamp) -> Result<u64, Failure> {
        let done = sqlx::query_file!("../store/queries/paper_drop.sql", begun_before)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected())
    }
}

fn line_of(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}
