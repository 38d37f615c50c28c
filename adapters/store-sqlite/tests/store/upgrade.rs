//! A database that an earlier program wrote.

use bondhub_store::{
    conformance::{
        samples::{at, knowing},
        upgrade::{
            bonds_before_embargoes, its_movement_is_told_from_the_opening_on,
            their_embargoes_are_known,
        },
    },
    text::to_json,
};
use bondhub_store_sqlite::SqliteStore;
use sqlx::{Connection as _, SqliteConnection, migrate::Migrator};
use tempfile::TempDir;

#[tokio::test]
async fn what_a_migration_cannot_know_of_embargoes_the_program_works_out() {
    let directory = TempDir::new().unwrap();
    let (store, mut connection) = opened(&directory).await;
    migrate_before(17, &mut connection).await;
    for (row, sealed_until) in bonds_before_embargoes() {
        let file = knowing(row.terms.procurement.as_str(), 0, &row).file;
        let case = sqlx::query(
            "INSERT INTO procurement_case (id, version, state, changed_at, owner, sealed_until) VALUES ($1, 1, $2, $3, 'O1', $4)",
        );
        case.bind(file.id.as_str())
            .bind(to_json("test", &file).unwrap())
            .bind(at(0).timestamp_micros())
            .bind(sealed_until.map(|time| time.timestamp_micros()))
            .execute(&mut connection)
            .await
            .unwrap();
        let written = sqlx::query(
            "INSERT INTO bond (issuer, number, procurement, principal, obligee, version, state, terms, cause, changed_at) \
             VALUES ('S1', $1, $2, $3, 'O1', 1, 'in_force', $4, '{}', $5)",
        );
        written
            .bind(row.bond.number.as_str())
            .bind(file.id.as_str())
            .bind(row.terms.principal.as_str())
            .bind(to_json("test", &row.terms).unwrap())
            .bind(at(0).timestamp_micros())
            .execute(&mut connection)
            .await
            .unwrap();
    }
    store.migrate().await.unwrap();
    their_embargoes_are_known(&store).await;
    store.close().await;
}

#[tokio::test]
async fn what_is_under_embargo_in_the_ledger_of_before_is_left_out() {
    let directory = TempDir::new().unwrap();
    let (store, mut connection) = opened(&directory).await;
    migrate_before(19, &mut connection).await;
    sqlx::query(
        "INSERT INTO bond (issuer, number, procurement, principal, obligee, version, state, terms, cause, changed_at, sealed_until) \
         VALUES ('S1', 'B-1', 'P-1', 'C1', 'O1', 1, 'in_force', '{}', '{}', $1, $1)",
    )
    .bind(at(50).timestamp_micros())
    .execute(&mut connection)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO movement (id, issuer, number, principal, holder, obligee, effective, recorded, delta, currency, bonds, held, created_at) \
         VALUES (zeroblob(16), 'S1', 'B-1', 'C1', 'C1', 'O1', '2026-04-01', '2026-04-01', 1, 'JPY', 1, 1, $1)",
    )
    .bind(at(0).timestamp_micros())
    .execute(&mut connection)
    .await
    .unwrap();
    store.migrate().await.unwrap();
    its_movement_is_told_from_the_opening_on(&store).await;
    store.close().await;
}

/// A database without tables, and a connection of its own to it.
async fn opened(directory: &TempDir) -> (SqliteStore, SqliteConnection) {
    let path = directory.path().join("bondhub.db");
    let path = path.to_str().unwrap();
    let store = SqliteStore::open(path).await.unwrap();
    let connection = SqliteConnection::connect(&format!("sqlite://{path}"));
    (store, connection.await.unwrap())
}

/// What an earlier program had migrated.
async fn migrate_before(version: i64, connection: &mut SqliteConnection) {
    let all = sqlx::migrate!("../../migrations/sqlite");
    let before = all.iter().filter(|one| one.version < version).cloned();
    let before = Migrator::with_migrations(before.collect());
    before.run(connection).await.unwrap();
}
