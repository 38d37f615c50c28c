//! When the connection is encrypted.

use bondhub_store::conformance::Database as _;
use bondhub_store_postgres::{PostgresSettings, PostgresStore};

use crate::database::{Scratch, administrator, server};

/// Whether the store's connections are encrypted; none if it could not connect.
async fn is_encrypted(database: &Scratch, said: &str) -> Option<bool> {
    let url = format!("{}/{}{said}", server(), database.name());
    let store = PostgresStore::connect(&PostgresSettings::new(url))
        .await
        .ok()?;
    let seen = sqlx::query_scalar(
        "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = $1",
    );
    let seen = seen.bind(database.name());
    let encrypted = seen.fetch_one(&mut administrator().await).await.unwrap();
    store.close().await;
    encrypted
}

async fn server_offers_encryption() -> bool {
    let setting = sqlx::query_scalar("SELECT current_setting('ssl') = 'on'");
    setting.fetch_one(&mut administrator().await).await.unwrap()
}

#[tokio::test]
async fn a_database_on_this_machine_is_spoken_to_in_the_clear_unless_the_url_asks_for_tls() {
    let database = Scratch::create_empty().await;
    assert_eq!(is_encrypted(&database, "").await, Some(false));
    let asked = is_encrypted(&database, "?sslmode=require").await;
    let offered = server_offers_encryption().await;
    assert_eq!(asked, offered.then_some(true));
    database.destroy().await;
}
