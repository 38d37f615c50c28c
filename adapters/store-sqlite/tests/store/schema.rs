//! Migrations, and what the file is asked to guard.

use bondhub_core::ports::store::{Readings as _, StoreError};
use bondhub_store::SchemaError;
use bondhub_store_sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;

/// A file that was not migrated.
async fn empty() -> (TempDir, String, SqliteStore) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("bondhub.db");
    let path = path.to_str().unwrap().to_owned();
    let store = SqliteStore::open(&path).await.unwrap();
    (directory, path, store)
}

/// Runs SQL on a file; tells whether it was refused.
async fn refuses(path: &str, sql: &str) -> bool {
    let url = format!("sqlite://{path}");
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let outcome = connection.execute(AssertSqlSafe(sql.to_owned())).await;
    connection.close().await.unwrap();
    outcome.is_err()
}

#[tokio::test]
async fn an_empty_file_is_told_to_be_migrated_and_then_fits() {
    let (_directory, path, store) = empty().await;
    let before = store.check().await.unwrap_err();
    assert!(matches!(before, SchemaError::Behind { found: 0, .. }));
    assert!(before.to_string().contains("run `bondhub migrate`"));
    store.migrate().await.unwrap();
    store.check().await.unwrap();
    store.close().await;
    let again = SqliteStore::open(&format!("sqlite://{path}"))
        .await
        .unwrap();
    again.check().await.unwrap();
    again.migrate().await.unwrap();
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused_and_left_as_it_is() {
    let (_directory, path, store) = empty().await;
    store.migrate().await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'newer', true, x'00', 0)";
    assert!(!refuses(&path, newer).await);
    for refused in [store.check().await, store.migrate().await] {
        assert!(matches!(refused, Err(SchemaError::Ahead { found: 9999 })));
    }
}

#[tokio::test]
async fn history_cannot_be_rewritten_even_by_sql() {
    let (_directory, path, store) = empty().await;
    store.migrate().await.unwrap();
    let version = "INSERT INTO bond_version (issuer, number, version, terms, cause, created_at) \
         VALUES ('S1', 'B-1', 1, '{}', '{}', 0)";
    let movement = "INSERT INTO movement (id, issuer, number, principal, holder, obligee, effective, recorded, \
         delta, currency, bonds, held, created_at) \
         VALUES (x'01', 'S1', 'B-1', 'C', 'C', 'O', '2026-04-01', '2026-04-01', 100, 'JPY', 1, 1, 0)";
    for row in [version, movement] {
        assert!(!refuses(&path, row).await, "{row}");
    }
    for change in [
        "UPDATE bond_version SET terms = ''",
        "DELETE FROM bond_version",
        "UPDATE movement SET delta = 0",
        "UPDATE movement SET recorded = '2026-04-02'",
        "DELETE FROM movement",
    ] {
        assert!(refuses(&path, change).await, "{change}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_down() {
    let error = SqliteStore::open("/nowhere/at/all/bondhub.db")
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Down { .. }), "{error:?}");
}

#[tokio::test]
async fn a_missing_table_is_an_outage_not_a_verdict_on_the_data() {
    let (_directory, _path, store) = empty().await;
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Down { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_committed_is_on_the_disk_and_readers_do_not_wait_for_the_writer() {
    let (_directory, path, store) = empty().await;
    store.migrate().await.unwrap();
    let url = format!("sqlite://{path}");
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(mode, "wal");
    connection.execute("BEGIN IMMEDIATE").await.unwrap();
    store.ping().await.unwrap();
}
