//! A database of one test, copied from a template that is migrated once.

use std::sync::Arc;

use async_trait::async_trait;
use bondhub_core::ports::store::Store;
use bondhub_store::conformance::Database;
use bondhub_store_postgres::{PostgresSettings, PostgresStore};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

/// Any number; whoever makes or copies the template holds it.
const TEMPLATE_LOCK: i64 = 2_026_040_199;

/// Has the rights `roles.sql` gives.
const RUN_ROLE: &str = "bondhub_test_run";

pub(crate) struct Scratch {
    name: String,
}

/// Where the test server is, without a database name.
pub(crate) fn server() -> String {
    let given = std::env::var("BONDHUB_TEST_POSTGRES_URL");
    let url = given.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned());
    url.trim_end_matches('/').to_owned()
}

pub(crate) async fn administrator() -> PgConnection {
    let url = format!("{}/postgres", server());
    PgConnection::connect(&url).await.unwrap()
}

pub(crate) async fn run(connection: &mut PgConnection, sql: String) {
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
}

/// Names the template after migrations and roles: changed ones make a new template.
fn template_name() -> String {
    let roles = include_bytes!("../../roles.sql");
    let migrator = sqlx::migrate!("../../migrations/postgres");
    let sums: Vec<u8> = migrator
        .iter()
        .flat_map(|one| one.checksum.iter().copied())
        .chain(roles.iter().copied())
        .collect();
    let sum = sums.iter().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte)
    });
    format!("bondhub_template_{sum:016x}")
}

async fn make_template(administrator: &mut PgConnection, name: &str) {
    let known = sqlx::query_scalar("SELECT count(*) > 0 FROM pg_database WHERE datname = $1");
    let known: bool = known
        .bind(name)
        .fetch_one(&mut *administrator)
        .await
        .unwrap();
    if known {
        return;
    }
    let unfinished = format!("{name}_unfinished");
    run(
        administrator,
        format!("DROP DATABASE IF EXISTS {unfinished}"),
    )
    .await;
    run(administrator, format!("CREATE DATABASE {unfinished}")).await;
    let store = connect(&unfinished).await;
    store.migrate().await.unwrap();
    store.close().await;
    grant(administrator, &unfinished).await;
    let rename = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
    run(administrator, rename).await;
}

/// Gives the role the tests run as what `roles.sql` gives the one of a hub.
async fn grant(administrator: &mut PgConnection, database: &str) {
    let role = "DO $$ BEGIN CREATE ROLE bondhub_test_run; EXCEPTION WHEN duplicate_object THEN NULL; END $$";
    run(administrator, role.to_owned()).await;
    let grants = include_str!("../../roles.sql").replace("bondhub_run", RUN_ROLE);
    let url = format!("{}/{database}", server());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    run(&mut connection, grants).await;
    connection.close().await.unwrap();
}

/// Connects as the one who may do everything.
pub(crate) async fn connect(database: &str) -> PostgresStore {
    open(format!("{}/{database}", server())).await
}

/// Connects with the rights a hub has.
async fn connect_to_run(database: &str) -> PostgresStore {
    open(format!("{}/{database}?options[role]={RUN_ROLE}", server())).await
}

async fn open(url: String) -> PostgresStore {
    let settings = PostgresSettings {
        connections: 4,
        acquire_timeout: std::time::Duration::from_secs(30),
        ..PostgresSettings::new(url)
    };
    PostgresStore::connect(&settings).await.unwrap()
}

impl Scratch {
    /// A migrated database.
    pub(crate) async fn create() -> Self {
        let template = template_name();
        let mut administrator = administrator().await;
        let lock = format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})");
        run(&mut administrator, lock).await;
        make_template(&mut administrator, &template).await;
        Self::copy(&mut administrator, &template).await
    }

    /// A database without anything in it.
    pub(crate) async fn create_empty() -> Self {
        Self::copy(&mut administrator().await, "template0").await
    }

    async fn copy(administrator: &mut PgConnection, template: &str) -> Self {
        let unique = sqlx::query_scalar("SELECT gen_random_uuid()");
        let unique: Uuid = unique.fetch_one(&mut *administrator).await.unwrap();
        let name = format!("bondhub_test_{}", unique.simple());
        run(
            administrator,
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        Self { name }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

#[async_trait]
impl Database for Scratch {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(connect_to_run(self.name()).await)
    }

    async fn run(&self, sql: &str) {
        let url = format!("{}/{}", server(), self.name);
        let mut connection = PgConnection::connect(&url).await.unwrap();
        run(&mut connection, sql.to_owned()).await;
        connection.close().await.unwrap();
    }

    async fn destroy(&self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        run(&mut administrator().await, sql).await;
    }
}
