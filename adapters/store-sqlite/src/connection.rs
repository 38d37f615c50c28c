//! The file, its connections, and the state of the schema.

use std::{path::Path, str::FromStr, time::Duration};

use bondhub_core::ports::store::StoreError;
use bondhub_store::{Failure, SchemaError, schema};
use sqlx::{
    Row as _, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{embargo, transaction::is_refusal};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/sqlite");

const READERS: u32 = 4;
/// Another process may write too (the command line): how long to wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The store on SQLite; cheap to clone, all clones share the connections.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl SqliteStore {
    /// Opens a file (a path, or `sqlite://path`); makes it if it is not there.
    pub async fn open(location: &str) -> Result<Self, StoreError> {
        let told = |error| Failure::from(error).told("open the database file", is_refusal);
        let options = options(location).map_err(told)?;
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(PATIENCE)
            .connect_with(options.clone().create_if_missing(true))
            .await
            .map_err(told)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer, readers })
    }

    /// Brings the schema up to date. A schema made by a newer program is refused and left as it is.
    pub async fn migrate(&self) -> Result<(), SchemaError> {
        MIGRATOR.run(&self.writer).await?;
        embargo::learn(&self.writer)
            .await
            .map_err(SchemaError::unfinished)
    }

    /// Refuses a schema that is not the one this program was written for.
    pub async fn check(&self) -> Result<(), SchemaError> {
        schema::compare(&MIGRATOR, &self.applied().await?)
    }

    async fn applied(&self) -> Result<Vec<(i64, Vec<u8>)>, SchemaError> {
        let known = "SELECT count(*) > 0 FROM sqlite_schema WHERE name = '_sqlx_migrations'";
        let known: bool = sqlx::query_scalar(known)
            .fetch_one(&self.writer)
            .await
            .map_err(SchemaError::unread)?;
        if !known {
            return Ok(Vec::new());
        }
        let rows = sqlx::query("SELECT version, checksum FROM _sqlx_migrations WHERE success")
            .fetch_all(&self.writer)
            .await
            .map_err(SchemaError::unread)?;
        let pair = |row: sqlx::sqlite::SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
        let pairs: Result<_, sqlx::Error> = rows.into_iter().map(pair).collect();
        pairs.map_err(SchemaError::unread)
    }

    /// Ends the connections; what was committed stays.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn options(location: &str) -> Result<SqliteConnectOptions, sqlx::Error> {
    let options = if location.starts_with("sqlite:") {
        SqliteConnectOptions::from_str(location)?
    } else {
        SqliteConnectOptions::new().filename(Path::new(location))
    };
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(PATIENCE))
}
