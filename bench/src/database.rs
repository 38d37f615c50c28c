//! Questions to PostgreSQL by `psql`: what the hub wrote, read by somebody else.

use std::process::Command;

use anyhow::Context as _;

/// The database of the measurement.
#[derive(Debug, Clone)]
pub(crate) struct Database(pub(crate) String);

impl Database {
    /// Rows of columns, as text.
    pub(crate) fn rows(&self, query: &str) -> anyhow::Result<Vec<Vec<String>>> {
        let output = Command::new("psql")
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-F",
                "\t",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                &self.0,
            ])
            .args(["-c", query])
            .output()
            .context("cannot run psql")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.success(), "psql: {said}");
        let text = String::from_utf8(output.stdout)?;
        let columns = |line: &str| line.split('\t').map(str::to_owned).collect();
        Ok(text.lines().map(columns).collect())
    }

    /// One value.
    pub(crate) fn value(&self, query: &str) -> anyhow::Result<String> {
        let rows = self.rows(query)?;
        let first = rows.into_iter().flatten().next();
        first.with_context(|| format!("no answer to {query}"))
    }

    /// One whole number.
    pub(crate) fn number(&self, query: &str) -> anyhow::Result<u64> {
        Ok(self.value(query)?.parse()?)
    }

    /// Mails and own events that have not left yet.
    pub(crate) fn unsent(&self) -> anyhow::Result<u64> {
        self.number("SELECT count(*) FROM outbox WHERE state IN ('ready', 'leased', 'retry')")
    }

    /// Transactions committed so far, of all sessions that have ended.
    pub(crate) fn commits(&self) -> anyhow::Result<u64> {
        self.number("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    }
}
