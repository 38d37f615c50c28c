//! A party that uses RNP, the engine of Thunderbird.

use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::command::{Ran, run};

/// An RNP key ring in a temporary directory.
#[derive(Debug)]
pub struct Rnp {
    home: TempDir,
}

impl Rnp {
    /// An empty ring.
    pub fn new() -> Result<Self> {
        Ok(Self {
            home: TempDir::new()?,
        })
    }

    /// Takes keys, public or secret, armored.
    pub fn import(&self, keys: &[u8]) -> Result<()> {
        let file = self.home.path().join("import.asc");
        std::fs::write(&file, keys)?;
        let path = file.to_string_lossy().into_owned();
        self.run("rnpkeys", &["--import", &path], b"")?
            .checked()
            .context("rnpkeys --import")
            .map(drop)
    }

    /// `rnp --decrypt`, which verifies as well; what it says of the signature is on standard error.
    pub fn open(&self, message: &[u8]) -> Result<Ran> {
        self.run("rnp", &["--decrypt", "--output", "-"], message)
    }

    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> Result<Ran> {
        let mut command = Command::new(program);
        command
            .arg("--homedir")
            .arg(self.home.path())
            .args(["--password", ""])
            .args(arguments);
        run(&mut command, input)
    }
}
