//! A database of one test on the PostgreSQL server, made and dropped with `psql`.
//!
//! `BONDHUB_TEST_POSTGRES_URL` names the server, without a database
//! (default `postgres://postgres@127.0.0.1:5432`).

use std::process::Command;

use anyhow::Result;

use crate::command::run;

/// The database; dropped with this.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// An empty database. `unique` is a name no other test has: letters, digits and `_`.
    pub fn create(unique: &str) -> Result<Self> {
        let server = std::env::var("BONDHUB_TEST_POSTGRES_URL")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned());
        let database = Self {
            server: server.trim_end_matches('/').to_owned(),
            name: format!("bondhub_test_{unique}"),
        };
        database.administer(&format!(
            "CREATE DATABASE {} TEMPLATE template0",
            database.name
        ))?;
        Ok(database)
    }

    /// `postgres://…/NAME`.
    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// Ends every connection to this database.
    pub fn end_connections(&self) -> Result<()> {
        self.administer(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ))
    }

    /// What a query on this database answers, columns divided by `|`.
    pub fn query(&self, sql: &str) -> Result<String> {
        psql(&self.url(), sql)
    }

    fn administer(&self, sql: &str) -> Result<()> {
        psql(&format!("{}/postgres", self.server), sql).map(drop)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        // A test that failed tells why itself; a database left behind is no further failure.
        drop(self.administer(&sql));
    }
}

fn psql(url: &str, sql: &str) -> Result<String> {
    let mut command = Command::new("psql");
    command.args([
        url,
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-c",
        sql,
    ]);
    let output = run(&mut command, b"")?.checked()?;
    Ok(String::from_utf8(output)?.trim_end().to_owned())
}
