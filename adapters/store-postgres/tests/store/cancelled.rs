//! Steps that are given up half-way: by a caller that went away, or by the server.

use std::{sync::Arc, time::Duration};

use bondhub_core::ports::store::{Ledgers as _, Parties as _, StoreError};
use bondhub_store::conformance::{
    Database as _,
    samples::{a_party, at},
};
use bondhub_store_postgres::{PostgresSettings, PostgresStore};
use chrono::NaiveDate;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::database::{Scratch, connect, run, server};

/// Somebody else's commit, as changes of parties see it.
const HOLD: &str = "SELECT pg_advisory_lock_shared(2026, 1)";
const RELEASE: &str = "SELECT pg_advisory_unlock_shared(2026, 1)";
/// Who waits for its end.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event = 'advisory'";
/// Connections that are not done with what they began.
const BUSY: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'";
/// Who has waited for a table longer than [`SHORT`] lets a statement run.
const WAITING_LONG: &str = "SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event_type = 'Lock' \
     AND clock_timestamp() - query_start > interval '1500 ms'";
const LOOK_AGAIN: &str = "SELECT pg_stat_clear_snapshot()";
const SHORT: Duration = Duration::from_secs(1);
/// What the server does when a statement takes too long.
const STOP: &str = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND wait_event = 'advisory'";

/// Waits until a question is answered so. Within a transaction the server would tell who was connected when it was
/// asked first, so it is told to look again.
pub(crate) async fn until(connection: &mut PgConnection, question: &str, expected: i64) {
    let asked = async {
        loop {
            run(&mut *connection, LOOK_AGAIN.to_owned()).await;
            let count = sqlx::query_scalar::<_, i64>(AssertSqlSafe(question.to_owned()));
            if count.fetch_one(&mut *connection).await.unwrap() == expected {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let limit = Duration::from_secs(30);
    let came = tokio::time::timeout(limit, asked).await;
    assert!(came.is_ok(), "never {expected}: {question}");
}

/// A database whose parties cannot be changed, with who holds them.
async fn held() -> (Scratch, Arc<PostgresStore>, PgConnection) {
    let database = Scratch::create().await;
    let store = Arc::new(connect(database.name()).await);
    let url = format!("{}/{}", server(), database.name());
    let mut other = PgConnection::connect(&url).await.unwrap();
    run(&mut other, HOLD.to_owned()).await;
    (database, store, other)
}

/// Everything goes on as if nothing had been: steps are really committed, and nobody waits.
async fn all_is_well(database: Scratch, store: &PostgresStore, mut other: PgConnection) {
    run(&mut other, RELEASE.to_owned()).await;
    until(&mut other, BUSY, 0).await;
    for number in 0..20 {
        let party = a_party(&format!("T{number:03}"));
        store.put_party(&party, at(1), &[]).await.unwrap();
    }
    let seen = connect(database.name()).await.book().await.unwrap();
    let written = |code: &str| code.starts_with('T');
    let codes = seen.parties.iter().map(|party| party.code.as_str());
    assert_eq!(codes.filter(|code| written(code)).count(), 20);
    until(&mut other, BUSY, 0).await;
    other.close().await.unwrap();
    database.destroy().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_while_it_waits_leaves_no_transaction_behind() {
    let (database, store, mut other) = held().await;
    let step = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.put_party(&a_party("G001"), at(1), &[]).await })
    };
    until(&mut other, WAITING, 1).await;
    step.abort();
    assert!(step.await.unwrap_err().is_cancelled());
    all_is_well(database, &store, other).await;
}

#[tokio::test]
async fn a_step_the_server_stopped_while_it_waited_leaves_no_transaction_behind() {
    let (database, store, mut other) = held().await;
    let step = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.put_party(&a_party("G001"), at(1), &[]).await })
    };
    until(&mut other, WAITING, 1).await;
    run(&mut other, STOP.to_owned()).await;
    let stopped = step.await.unwrap();
    assert!(
        matches!(stopped, Err(StoreError::Down { .. })),
        "{stopped:?}"
    );
    all_is_well(database, &store, other).await;
}

#[tokio::test]
async fn sums_over_all_movements_may_take_longer_than_a_question() {
    let database = Scratch::create().await;
    let url = format!("{}/{}", server(), database.name());
    let mut slow = PgConnection::connect(&url).await.unwrap();
    run(&mut slow, "BEGIN; LOCK TABLE balance_horizon".to_owned()).await;
    until(&mut slow, WAITING_LONG, 0).await;
    let hurried = PostgresSettings {
        statement_timeout: SHORT,
        ..PostgresSettings::new(url.as_str())
    };
    let store = PostgresStore::connect(&hurried).await.unwrap();
    let today = NaiveDate::from_ymd_opt(2026, 11, 25).unwrap();
    let job = tokio::spawn(async move { store.fold(today).await });
    until(&mut slow, WAITING_LONG, 1).await;
    run(&mut slow, "COMMIT".to_owned()).await;
    job.await.unwrap().unwrap();
    slow.close().await.unwrap();
    database.destroy().await;
}
