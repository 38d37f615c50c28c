//! Settings, connections, and the state of the schema.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use bondhub_core::ports::store::StoreError;
use bondhub_store::{Failure, SchemaError, schema};
use sqlx::{
    Connection as _, PgPool, Row as _,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};

use crate::{embargo, transaction::is_refusal};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How to reach the database, and how much of it to use.
#[derive(Clone)]
pub struct PostgresSettings {
    /// `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=…`.
    pub url: String,
    /// At most so many connections; a connection works on one step at a time.
    pub connections: u32,
    /// How long a step waits for a free or new connection before the database counts as down.
    pub acquire_timeout: Duration,
    /// How long one statement may run; it is stopped by the server.
    pub statement_timeout: Duration,
}

impl PostgresSettings {
    /// Eight connections, five seconds for a connection, thirty for a statement.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        }
    }

    fn options(&self) -> Result<PgConnectOptions, StoreError> {
        let options = PgConnectOptions::from_str(&self.url)
            .map_err(|error| Failure::from(error).told("read the database URL", is_refusal))?;
        let timeout = self.statement_timeout.as_millis().to_string();
        let options = match options.get_ssl_mode() {
            PgSslMode::Prefer if is_this_machine(options.get_host()) => {
                options.ssl_mode(PgSslMode::Disable)
            }
            _ => options,
        };
        // A plan that was made once for an empty table would be kept; planning each time costs less
        // than a batch of such statements with a sequential scan each.
        Ok(options.application_name("bondhub").options([
            ("plan_cache_mode", "force_custom_plan"),
            ("jit", "off"),
            ("statement_timeout", timeout.as_str()),
        ]))
    }
}

/// Whether what is sent there never leaves the machine. Without a word about TLS none is used there: it would hide nothing from
/// anybody, and sqlx 0.9.0 leaves Nagle's algorithm on, so that each batch of more than one TLS record waits 40 ms for the
/// server to acknowledge the first one (a list of paper bonds took four times as long; docs/benchmark.md).
fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Without the URL: it may hold a password.
impl fmt::Debug for PostgresSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresSettings")
            .field("connections", &self.connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .finish_non_exhaustive()
    }
}

/// The store on PostgreSQL; cheap to clone, all clones share the connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pub(crate) pool: PgPool,
}

impl PostgresStore {
    /// Connects, and finds out at once if the database cannot be reached.
    pub async fn connect(settings: &PostgresSettings) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.acquire_timeout)
            .connect_with(settings.options()?)
            .await
            .map_err(|error| Failure::from(error).told("connect to the database", is_refusal))?;
        Ok(Self { pool })
    }

    /// Brings the schema up to date; one process at a time, by advisory lock. A schema made by a
    /// newer program is refused and left as it is.
    pub async fn migrate(&self) -> Result<(), SchemaError> {
        let connection = self.pool.acquire().await.map_err(SchemaError::unread)?;
        // Not given back to the pool: a migration may take longer than any statement of a step.
        let mut connection = connection.detach();
        sqlx::query("SET statement_timeout = 0")
            .execute(&mut connection)
            .await
            .map_err(SchemaError::unread)?;
        MIGRATOR.run(&mut connection).await?;
        embargo::learn(&mut connection)
            .await
            .map_err(SchemaError::unfinished)?;
        connection.close().await.map_err(SchemaError::unread)
    }

    /// Refuses a schema that is not the one this program was written for.
    pub async fn check(&self) -> Result<(), SchemaError> {
        schema::compare(&MIGRATOR, &self.applied().await?)
    }

    async fn applied(&self) -> Result<Vec<(i64, Vec<u8>)>, SchemaError> {
        let known = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
        let known: bool = sqlx::query_scalar(known)
            .fetch_one(&self.pool)
            .await
            .map_err(SchemaError::unread)?;
        if !known {
            return Ok(Vec::new());
        }
        let rows = sqlx::query("SELECT version, checksum FROM _sqlx_migrations WHERE success")
            .fetch_all(&self.pool)
            .await
            .map_err(SchemaError::unread)?;
        let pair = |row: sqlx::postgres::PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
        let pairs: Result<_, sqlx::Error> = rows.into_iter().map(pair).collect();
        pairs.map_err(SchemaError::unread)
    }

    /// Ends the connections; what was committed stays.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
