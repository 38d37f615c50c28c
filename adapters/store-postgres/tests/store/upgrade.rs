//! A database that an earlier program wrote.

use crate::{
    cancelled::until,
    database::{Scratch, connect, run, server},
};
use bondhub_store::{
    conformance::{
        Database as _,
        samples::{at, knowing},
        upgrade::{
            bonds_before_embargoes, its_movement_is_told_from_the_opening_on,
            their_embargoes_are_known,
        },
    },
    text::to_json,
};
use sqlx::{Connection as _, PgConnection, migrate::Migrator};

#[tokio::test]
async fn what_a_migration_cannot_know_of_embargoes_the_program_works_out() {
    let database = Scratch::create_empty().await;
    let store = connect(database.name()).await;
    let mut connection = joined(&database).await;
    migrate_before(17, &mut connection).await;
    for (row, sealed_until) in bonds_before_embargoes() {
        let file = knowing(row.terms.procurement.as_str(), 0, &row).file;
        let case = sqlx::query(
            "INSERT INTO procurement_case (id, version, state, changed_at, owner, sealed_until) VALUES ($1, 1, $2, $3, 'O1', $4)",
        );
        case.bind(file.id.as_str())
            .bind(to_json("test", &file).unwrap())
            .bind(at(0))
            .bind(sealed_until)
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
            .bind(at(0))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    store.migrate().await.unwrap();
    their_embargoes_are_known(&store).await;
    connection.close().await.unwrap();
    database.destroy().await;
}

/// A bond under embargo until an instant.
const BOND: &str = "INSERT INTO bond (issuer, number, procurement, principal, obligee, version, state, terms, cause, changed_at, sealed_until) \
     VALUES ('S1', 'B-1', 'P-1', 'C1', 'O1', 1, 'in_force', '{}', '{}', $1, $1)";
const MOVEMENT: &str = "INSERT INTO movement (id, issuer, number, principal, holder, obligee, effective, recorded, delta, currency, bonds, held, created_at) \
     VALUES ('00000000-0000-0000-0000-000000000001', 'S1', 'B-1', 'C1', 'C1', 'O1', '2026-04-01', '2026-04-01', 1, 'JPY', 1, 1, $1)";
const LOCKED: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event_type = 'Lock'";

#[tokio::test]
async fn what_is_under_embargo_in_the_ledger_of_before_is_left_out() {
    let database = Scratch::create_empty().await;
    let store = connect(database.name()).await;
    let mut connection = joined(&database).await;
    migrate_before(19, &mut connection).await;
    for (row, time) in [(BOND, at(50)), (MOVEMENT, at(0))] {
        let written = sqlx::query(row).bind(time).execute(&mut connection);
        written.await.unwrap();
    }
    store.migrate().await.unwrap();
    its_movement_is_told_from_the_opening_on(&store).await;
    connection.close().await.unwrap();
    database.destroy().await;
}

#[tokio::test]
async fn a_movement_that_comes_while_an_embargo_is_worked_out_is_told_with_it() {
    let database = Scratch::create().await;
    let store = connect(database.name()).await;
    let mut learns = joined(&database).await;
    let written = sqlx::query(BOND).bind(at(1000)).execute(&mut learns);
    written.await.unwrap();
    run(&mut learns, "BEGIN".to_owned()).await;
    let changed = sqlx::query("UPDATE bond SET sealed_until = $1").bind(at(50));
    changed.execute(&mut learns).await.unwrap();
    let mut writes = joined(&database).await;
    let movement = tokio::spawn(async move {
        let written = sqlx::query(MOVEMENT).bind(at(0)).execute(&mut writes);
        written.await.unwrap();
    });
    let mut watches = joined(&database).await;
    until(&mut watches, LOCKED, 1).await;
    run(&mut learns, "COMMIT".to_owned()).await;
    movement.await.unwrap();
    run(
        &mut learns,
        "INSERT INTO movement_new SELECT id FROM movement".to_owned(),
    )
    .await;
    its_movement_is_told_from_the_opening_on(&store).await;
    for connection in [learns, watches] {
        connection.close().await.unwrap();
    }
    database.destroy().await;
}

async fn joined(database: &Scratch) -> PgConnection {
    let url = format!("{}/{}", server(), database.name());
    PgConnection::connect(&url).await.unwrap()
}

/// What an earlier program had migrated.
async fn migrate_before(version: i64, connection: &mut PgConnection) {
    let all = sqlx::migrate!("../../migrations/postgres");
    let before = all.iter().filter(|one| one.version < version).cloned();
    let before = Migrator::with_migrations(before.collect());
    before.run(connection).await.unwrap();
}
