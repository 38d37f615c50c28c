//! The store on SQLite: what every store must do, and what only this one has.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod plans;
mod schema;
mod tampering;
mod upgrade;

use std::sync::Arc;

use async_trait::async_trait;
use bondhub_core::ports::store::Store;
use bondhub_store::conformance::Database;
use bondhub_store_sqlite::SqliteStore;
use tempfile::TempDir;

struct File {
    directory: TempDir,
}

#[async_trait]
impl Database for File {
    async fn open(&self) -> Arc<dyn Store> {
        let path = self.directory.path().join("bondhub.db");
        let store = SqliteStore::open(path.to_str().unwrap()).await.unwrap();
        store.migrate().await.unwrap();
        Arc::new(store)
    }

    async fn run(&self, sql: &str) {
        tampering::run(self, sql).await.unwrap();
    }

    async fn destroy(&self) {}
}

async fn create() -> Arc<dyn Database> {
    Arc::new(File {
        directory: TempDir::new().unwrap(),
    })
}

bondhub_store::conformance_suite!(create);
