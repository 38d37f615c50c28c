//! Migrations, and what the server is asked to guard.

use bondhub_core::ports::store::{Readings as _, StoreError};
use bondhub_store::{SchemaError, conformance::Database as _};
use bondhub_store_postgres::{PostgresSettings, PostgresStore};

use crate::database::{Scratch, administrator, connect, run, server};

/// Runs SQL in a database; tells the server's error code.
pub(crate) async fn sql(database: &Scratch, text: &str) -> Option<String> {
    use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
    let url = format!("{}/{}", server(), database.name());
    let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
    let outcome = connection.execute(AssertSqlSafe(text.to_owned())).await;
    connection.close().await.unwrap();
    let error = outcome.err()?;
    error.as_database_error()?.code().map(Into::into)
}

#[tokio::test]
async fn an_empty_database_is_told_to_be_migrated_and_then_fits() {
    let database = Scratch::create_empty().await;
    let store = connect(database.name()).await;
    let before = store.check().await.unwrap_err();
    assert!(matches!(before, SchemaError::Behind { found: 0, .. }));
    assert!(before.to_string().contains("run `bondhub migrate`"));
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    store.migrate().await.unwrap();
    database.destroy().await;
}

#[tokio::test]
async fn two_processes_may_migrate_at_once() {
    let database = Scratch::create_empty().await;
    let (one, other) = (
        connect(database.name()).await,
        connect(database.name()).await,
    );
    let (first, second) = tokio::join!(one.migrate(), other.migrate());
    first.unwrap();
    second.unwrap();
    one.check().await.unwrap();
    database.destroy().await;
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_and_left_as_it_is() {
    let database = Scratch::create().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'newer', true, '\\x00', 0)";
    assert_eq!(sql(&database, newer).await, None);
    let store = connect(database.name()).await;
    for refused in [store.check().await, store.migrate().await] {
        assert!(matches!(refused, Err(SchemaError::Ahead { found: 9999 })));
    }
    database.destroy().await;
}

#[tokio::test]
async fn an_altered_migration_is_refused() {
    let database = Scratch::create().await;
    let altered = "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1";
    assert_eq!(sql(&database, altered).await, None);
    let store = connect(database.name()).await;
    for refused in [store.check().await, store.migrate().await] {
        assert!(matches!(refused, Err(SchemaError::Altered { version: 1 })));
    }
    database.destroy().await;
}

#[tokio::test]
async fn history_cannot_be_rewritten_even_by_sql() {
    let database = Scratch::create().await;
    let version = "INSERT INTO bond_version (issuer, number, version, terms, cause, created_at) \
         VALUES ('S1', 'B-1', 1, '{}', '{}', now())";
    let movement = "INSERT INTO movement (id, issuer, number, principal, holder, obligee, effective, recorded, \
         delta, currency, bonds, held, created_at) \
         VALUES (gen_random_uuid(), 'S1', 'B-1', 'C', 'C', 'O', '2026-04-01', '2026-04-01', 100, 'JPY', 1, 1, now())";
    for row in [version, movement] {
        assert_eq!(sql(&database, row).await, None, "{row}");
    }
    for change in [
        "UPDATE bond_version SET terms = ''",
        "DELETE FROM bond_version",
        "UPDATE movement SET delta = 0",
        "UPDATE movement SET recorded = '2026-04-02'",
        "DELETE FROM movement",
    ] {
        let code = sql(&database, change).await;
        assert_eq!(code.as_deref(), Some("P0001"), "{change}");
    }
    database.destroy().await;
}

#[tokio::test]
async fn the_role_that_runs_the_hub_can_neither_drop_history_nor_change_the_schema() {
    let database = Scratch::create().await;
    for forbidden in [
        "DELETE FROM event",
        "DELETE FROM outbox",
        "UPDATE movement SET delta = 0",
        "UPDATE instruction SET content = ''",
        "DROP TABLE movement",
        "ALTER TABLE movement DISABLE TRIGGER append_only",
        "CREATE TABLE mine (id int)",
    ] {
        let code = sql(
            &database,
            &format!("SET ROLE bondhub_test_run; {forbidden}"),
        )
        .await;
        assert_eq!(code.as_deref(), Some("42501"), "{forbidden}");
    }
    database.destroy().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_down_and_the_password_is_not_told() {
    let settings = PostgresSettings {
        acquire_timeout: std::time::Duration::from_millis(300),
        ..PostgresSettings::new("postgres://hub:sesame@127.0.0.1:1/bondhub")
    };
    let error = PostgresStore::connect(&settings).await.unwrap_err();
    assert!(matches!(error, StoreError::Down { .. }), "{error:?}");
    let told = format!("{error:?} {error} {settings:?}");
    assert!(!told.contains("sesame"), "{told}");
}

#[tokio::test]
async fn a_url_that_is_none_is_an_error_that_tells_no_password() {
    let settings = PostgresSettings::new("postgres://hub:sesame@host:port/bondhub");
    let error = PostgresStore::connect(&settings).await.unwrap_err();
    assert!(!format!("{error:?}").contains("sesame"), "{error:?}");
}

#[tokio::test]
async fn a_cut_connection_is_down_and_the_next_step_connects_again() {
    let database = Scratch::create().await;
    let store = connect(database.name()).await;
    store.ping().await.unwrap();
    let kill = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        database.name()
    );
    run(&mut administrator().await, kill).await;
    let mut outcomes = Vec::new();
    while outcomes.len() < 10 && !matches!(outcomes.last(), Some(Ok(()))) {
        outcomes.push(store.ping().await);
    }
    let last = outcomes.pop();
    assert!(matches!(last, Some(Ok(()))), "{last:?}");
    let down = |outcome: &Result<(), StoreError>| matches!(outcome, Err(StoreError::Down { .. }));
    assert!(outcomes.iter().all(down), "{outcomes:?}");
    database.destroy().await;
}

#[tokio::test]
async fn a_missing_table_is_an_outage_not_a_verdict_on_the_data() {
    let database = Scratch::create_empty().await;
    let store = connect(database.name()).await;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Down { .. }), "{error:?}");
    database.destroy().await;
}
