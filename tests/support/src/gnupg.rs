//! A party that uses `GnuPG`, with a home of its own.

use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::command::{Ran, run};

/// A `GnuPG` home in a temporary directory; its agent ends with it.
#[derive(Debug)]
pub struct GnuPg {
    home: TempDir,
}

/// What `gpg --decrypt` made of a message.
#[derive(Debug)]
pub struct Opened {
    /// What was inside. Only to be trusted with `success`, `decrypted` and `signed`: gpg writes out
    /// what it decrypted before it knows whether it is whole.
    pub content: Vec<u8>,
    /// Exit code 0.
    pub success: bool,
    /// `DECRYPTION_OKAY`.
    pub decrypted: bool,
    /// Fingerprint of the signing key of a `VALIDSIG`, and of its primary key.
    pub signed: Option<(String, String)>,
    /// All status lines.
    pub status: String,
}

impl GnuPg {
    /// An empty home.
    pub fn new() -> Result<Self> {
        // Short on purpose: the agent's socket path must stay below 108 bytes.
        let home = tempfile::Builder::new().prefix("gpg").tempdir_in("/tmp")?;
        Ok(Self { home })
    }

    /// Runs gpg without questions and passwords.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Ran> {
        let mut command = self.command("gpg");
        command
            .args([
                "--batch",
                "--yes",
                "--no-tty",
                "--pinentry-mode",
                "loopback",
            ])
            .args(["--passphrase", "", "--trust-model", "always"])
            .args(arguments);
        run(&mut command, input)
    }

    /// Runs gpg and expects success.
    pub fn checked(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>> {
        self.run(arguments, input)?
            .checked()
            .with_context(|| format!("gpg {}", arguments.join(" ")))
    }

    /// Makes a key as of a past day (`YYYYMMDD`): a primary key that certifies and signs, and, where
    /// asked for, a subkey that encrypts.
    pub fn generate(
        &self,
        user_id: &str,
        primary: &str,
        encryption: Option<&str>,
        day: &str,
    ) -> Result<String> {
        let time = format!("{day}T000000!");
        let faked = ["--faked-system-time", &time];
        let make = [
            "--quick-generate-key",
            user_id,
            primary,
            "sign,cert",
            "never",
        ];
        self.checked(&[&faked[..], &make[..]].concat(), b"")?;
        let fingerprint = self.fingerprint(user_id)?;
        if let Some(algorithm) = encryption {
            let add = ["--quick-add-key", &fingerprint, algorithm, "encr", "never"];
            self.checked(&[&faked[..], &add[..]].concat(), b"")?;
        }
        Ok(fingerprint)
    }

    /// The full fingerprint of the newest primary key with this user id.
    pub fn fingerprint(&self, user_id: &str) -> Result<String> {
        let search = format!("={user_id}");
        let listing = self.checked(&["--with-colons", "--list-keys", &search], b"")?;
        let listing = String::from_utf8(listing)?;
        let line = listing.lines().find(|line| line.starts_with("fpr:"));
        let field = line.and_then(|line| line.split(':').nth(9));
        field.map(str::to_owned).context("gpg lists no such key")
    }

    /// The public certificate, armored.
    pub fn export(&self, fingerprint: &str) -> Result<Vec<u8>> {
        self.checked(&["--armor", "--export", fingerprint], b"")
    }

    /// Takes somebody's certificate.
    pub fn import(&self, certificate: &[u8]) -> Result<()> {
        self.checked(&["--import"], certificate).map(drop)
    }

    /// Decrypts and verifies.
    pub fn open(&self, message: &[u8]) -> Result<Opened> {
        let file = tempfile::NamedTempFile::new_in(self.home.path())?;
        let path = file.path().to_string_lossy().into_owned();
        let ran = self.run(&["--status-file", &path, "--decrypt"], message)?;
        let status = String::from_utf8_lossy(&std::fs::read(file.path())?).into_owned();
        Ok(Opened {
            content: ran.stdout,
            success: ran.success,
            decrypted: status
                .lines()
                .any(|line| line == "[GNUPG:] DECRYPTION_OKAY"),
            signed: status.lines().find_map(signed_by),
            status,
        })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("GNUPGHOME", self.home.path())
            .env("LC_ALL", "C");
        command
    }
}

/// `VALIDSIG` names the key that signed first, and its primary key last.
fn signed_by(line: &str) -> Option<(String, String)> {
    let mut fields = line.strip_prefix("[GNUPG:] VALIDSIG ")?.split(' ');
    let key = fields.next()?.to_owned();
    Some((key, fields.next_back()?.to_owned()))
}

impl Drop for GnuPg {
    fn drop(&mut self) {
        let mut stop = self.command("gpgconf");
        // The home is removed next; an agent that is left notices that and ends as well.
        drop(run(stop.args(["--kill", "all"]), b""));
    }
}
