//! Lists of paper bonds on their way in.

use async_trait::async_trait;
use bondhub_core::{
    audit::AuditEntry,
    calendar::Timestamp,
    ports::store::{AcceptedList, Clash, ClashWith, PaperList, PaperLists, PaperRow, StoreError},
};
use bondhub_store::{
    Failure, Instant, limit_of, rows,
    text::{Place, to_json},
};
use uuid::Uuid;

use crate::{
    audit,
    connection::SqliteStore,
    transaction::{Writing, looking, micros, step, writing},
};

#[async_trait]
impl PaperLists for SqliteStore {
    async fn begin_list(&self, list: &PaperList) -> Result<(), StoreError> {
        step("begin a list", self.put_list(list)).await
    }

    async fn clashes(&self, list: &PaperList, rows: &[PaperRow]) -> Result<Vec<Clash>, StoreError> {
        step("compare rows of a list", self.compare(list, rows)).await
    }

    async fn note_rows(&self, list: Uuid, rows: &[PaperRow]) -> Result<(), StoreError> {
        step("note rows of a list", self.put_rows(list, rows)).await
    }

    async fn accept_list(
        &self,
        list: Uuid,
        at: Timestamp,
        told: &AuditEntry,
    ) -> Result<(), StoreError> {
        step("accept a list", self.accept(list, at, told)).await
    }

    async fn lists_left(&self, since: Timestamp) -> Result<Vec<AcceptedList>, StoreError> {
        step("look for lists", self.list_left(since)).await
    }

    async fn rows_after(
        &self,
        list: Uuid,
        line: u64,
        limit: u32,
    ) -> Result<Vec<PaperRow>, StoreError> {
        step("read rows of a list", self.read_rows(list, line, limit)).await
    }

    async fn rows_taken(&self, list: Uuid, line: u64, at: Timestamp) -> Result<(), StoreError> {
        step("note how far a list is taken", self.taken(list, line, at)).await
    }

    async fn end_list(&self, list: Uuid) -> Result<(), StoreError> {
        step("end a list", self.end(list)).await
    }

    async fn drop_lists(&self, begun_before: Timestamp) -> Result<u64, StoreError> {
        step("drop lists", self.drop_old(begun_before)).await
    }
}

impl SqliteStore {
    async fn put_list(&self, list: &PaperList) -> Result<(), Failure> {
        let (issuer, begun_at) = (list.issuer.as_str(), micros(list.begun_at));
        sqlx::query_file!(
            "../store/queries/paper_begin.sql",
            list.id,
            issuer,
            list.entered_by,
            begun_at,
        )
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn compare(&self, list: &PaperList, rows: &[PaperRow]) -> Result<Vec<Clash>, Failure> {
        let mut transaction = looking(&self.readers).await?;
        let mut clashes = Vec::new();
        for row in rows {
            let found = [
                with_number(&mut transaction, list, row).await?,
                with_guarantee(&mut transaction, list, row).await?,
                with_bond(&mut transaction, list, row, rows).await?,
            ];
            let line = row.line;
            let found = found.into_iter().flatten();
            clashes.extend(found.map(|with| Clash { line, with }));
        }
        Ok(clashes)
    }

    async fn put_rows(&self, list: Uuid, rows: &[PaperRow]) -> Result<(), Failure> {
        let mut transaction = writing(&self.writer).await?;
        for row in rows {
            let (line, number) = (line_of(row.line), row.number.as_str());
            let (deed, guarantee) = (row.deed.as_str(), row.guarantee.as_deref());
            let (starts, ends) = (row.terms.period.from(), row.terms.period.to());
            let terms = to_json("note rows of a list", &row.terms)?;
            sqlx::query_file!(
                "queries/paper_note.sql",
                list,
                line,
                number,
                deed,
                guarantee,
                starts,
                ends,
                terms,
            )
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn accept(&self, list: Uuid, at: Timestamp, told: &AuditEntry) -> Result<(), Failure> {
        let mut transaction = writing(&self.writer).await?;
        let at = micros(at);
        let done = sqlx::query_file!("../store/queries/paper_accept.sql", list, at)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() == 1 {
            audit::append(&mut transaction, std::slice::from_ref(told)).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn list_left(&self, since: Timestamp) -> Result<Vec<AcceptedList>, Failure> {
        let since = micros(since);
        let lists =
            sqlx::query_file_as!(rows::PaperListed, "../store/queries/paper_left.sql", since)
                .fetch_all(&self.readers)
                .await?;
        lists.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn read_rows(&self, list: Uuid, line: u64, limit: u32) -> Result<Vec<PaperRow>, Failure> {
        let (line, limit) = (line_of(line), limit_of(limit));
        let noted = sqlx::query_file_as!(
            rows::PaperNoted,
            "../store/queries/paper_rows.sql",
            list,
            line,
            limit,
        )
        .fetch_all(&self.readers)
        .await?;
        noted.into_iter().map(|row| Ok(row.try_into()?)).collect()
    }

    async fn taken(&self, list: Uuid, line: u64, at: Timestamp) -> Result<(), Failure> {
        let (line, at) = (line_of(line), micros(at));
        sqlx::query_file!("../store/queries/paper_taken.sql", list, line, at)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn end(&self, list: Uuid) -> Result<(), Failure> {
        sqlx::query_file!("../store/queries/paper_end.sql", list)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn drop_old(&self, begun_before: Timestamp) -> Result<u64, Failure> {
        let begun_before = micros(begun_before);
        let done = sqlx::query_file!("../store/queries/paper_drop.sql", begun_before)
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected())
    }
}

async fn with_number(
    transaction: &mut Writing,
    list: &PaperList,
    row: &PaperRow,
) -> Result<Option<ClashWith>, Failure> {
    let number = row.number.as_str();
    let line = sqlx::query_file_scalar!("queries/paper_number.sql", list.id, number)
        .fetch_one(&mut **transaction)
        .await?;
    Ok(line.map(|line| ClashWith::Number(line.unsigned_abs())))
}

async fn with_guarantee(
    transaction: &mut Writing,
    list: &PaperList,
    row: &PaperRow,
) -> Result<Option<ClashWith>, Failure> {
    let (starts, ends) = (row.terms.period.from(), row.terms.period.to());
    let line = sqlx::query_file_scalar!(
        "queries/paper_guarantee.sql",
        list.id,
        row.guarantee,
        starts,
        ends,
    )
    .fetch_one(&mut **transaction)
    .await?;
    Ok(line.map(|line| ClashWith::Guarantee(line.unsigned_abs())))
}

/// Bonds that a row of this batch names are compared as the list has them.
async fn with_bond(
    transaction: &mut Writing,
    list: &PaperList,
    row: &PaperRow,
    batch: &[PaperRow],
) -> Result<Option<ClashWith>, Failure> {
    let issuer = list.issuer.as_str();
    let (starts, ends) = (row.terms.period.from(), row.terms.period.to());
    let numbers = sqlx::query_file_scalar!(
        "queries/paper_bond.sql",
        list.id,
        issuer,
        row.guarantee,
        starts,
        ends,
    )
    .fetch_all(&mut **transaction)
    .await?;
    let named = |number: &String| batch.iter().any(|row| row.number.as_str() == number);
    let Some(number) = numbers.into_iter().find(|number| !named(number)) else {
        return Ok(None);
    };
    let place = Place {
        table: "bond",
        row: &number,
    };
    Ok(Some(ClashWith::Bond(place.name(number.clone())?)))
}

fn line_of(line: u64) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}
