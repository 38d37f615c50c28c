//! `bondhub audit …` (R70).

use std::{
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use bondhub_core::{
    audit::{Head, head_text},
    calendar::{Timestamp, start_of},
    ports::{Clock as _, store::AuditFilter},
};
use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failure, output::Output, party::read_file};
use crate::{
    assemble,
    audit::{Range, Report, Signatures, entry_of, verify_export, verify_store},
    hub::system::SystemClock,
    settings::Settings,
};

/// The audit log: who did what, when and why, in a chain that anybody can check.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Checks the whole chain, in the database or in an export.
    Verify(Verify),
    /// Writes a run of the chain as JSON Lines that can be checked without hub and database.
    Export(Export),
    /// Shows where the chain ends, and the heads that were signed.
    Head(ShowHead),
    /// Lists entries.
    List(List),
    /// Signs the head now, if this day has no signed head yet.
    Sign,
    /// Removes names, addresses and amounts kept beside old entries (R72); the chain stays whole.
    Purge {
        /// Entries of this day and later keep theirs.
        #[arg(long)]
        before: NaiveDate,
    },
}

/// Checks the chain.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An export to check instead of the database: needs neither hub nor settings.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// A signed head that was kept elsewhere (`audit-head-DAY.txt`); the chain must hold it.
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// The hub's OpenPGP certificate, to check the signatures of heads.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Writes a run of the chain.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// From this day on, in the hub's zone.
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Up to and including this day.
    #[arg(long)]
    to: Option<NaiveDate>,
    /// With names, addresses and amounts kept beside the chain.
    #[arg(long)]
    with_details: bool,
    /// Where to; stdout if left out.
    file: Option<PathBuf>,
}

/// Shows the head.
#[derive(Debug, Args)]
pub(super) struct ShowHead {
    /// Writes the newest signed head and its signature into this folder, for `gpg --verify`.
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

/// Which entries.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only on this, e.g. `bond:S1/B-1` or `case:OCID`.
    #[arg(long)]
    subject: Option<String>,
    /// Only behind this number.
    #[arg(long, default_value_t = 0)]
    after: u64,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Verify {
    /// The export to check, if it is not the database.
    pub(super) fn is_offline(&self) -> bool {
        self.from.is_some()
    }

    /// Checks an export: no settings are read.
    pub(super) fn run_offline(&mut self, output: Output) -> Result<(), Failure> {
        let (heads, certificate) = self.given()?;
        let path = self.from.take().unwrap_or_default();
        let file = std::fs::File::open(&path).map_err(|error| {
            Failure::failed(anyhow::anyhow!(
                "{}: cannot be read: {error}",
                path.display()
            ))
        })?;
        let checker = assemble::signature_checker();
        let signatures = Signatures {
            checker: checker.as_ref(),
            certificate: certificate.as_deref(),
        };
        let report = verify_export(BufReader::new(file), &heads, &signatures)
            .map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
        told(&report, output)
    }

    async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let store = assemble::store(settings).await.map_err(Failure::failed)?;
        let (heads, certificate) = self.given()?;
        let own = assemble::hub_certificate(settings)
            .ok()
            .map(String::into_bytes);
        let checker = assemble::signature_checker();
        let signatures = Signatures {
            checker: checker.as_ref(),
            certificate: certificate.as_deref().or(own.as_deref()),
        };
        let report = verify_store(store.as_ref(), &heads, &signatures).await;
        told(&report.map_err(Failure::failed)?, output)
    }

    fn given(&self) -> Result<(Vec<Head>, Option<Vec<u8>>), Failure> {
        let heads: Result<Vec<_>, _> = self.head.iter().map(|path| read_head(path)).collect();
        let certificate = self.certificate.as_deref().map(read_file).transpose()?;
        Ok((heads?, certificate))
    }
}

/// Reads a head that was written for `gpg --verify`.
fn read_head(path: &Path) -> Result<Head, Failure> {
    let text = String::from_utf8_lossy(&read_file(path)?).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let head = match words.as_slice() {
        ["bondhub", "audit", "head", _, sequence, hash] => {
            let sequence: u64 = sequence.parse().unwrap_or_default();
            serde_json::from_value(json!({"sequence": sequence, "hash": hash})).ok()
        }
        _ => None,
    };
    let misread = || Failure::refused(format!("{}: this is no audit head", path.display()));
    head.ok_or_else(misread)
}

/// Prints a report; a broken chain is a failure.
fn told(report: &Report, output: Output) -> Result<(), Failure> {
    output.one(&json!({
        "whole": report.is_whole(),
        "entries": report.check.entries,
        "details_purged": report.check.purged,
        "heads_met": report.check.heads_met,
        "signatures_good": report.signatures,
        "signatures_unchecked": report.unchecked,
        "head": report.check.head,
        "findings": findings(report),
    }))?;
    if report.is_whole() {
        return Ok(());
    }
    let first = findings(report).into_iter().next().unwrap_or_default();
    let count = report.check.findings.len() + report.refused.len();
    Err(Failure::failed(anyhow::anyhow!(
        "the audit log is not whole: {count} findings, the first: {first}"
    )))
}

fn findings(report: &Report) -> Vec<String> {
    let chain = report.check.findings.iter().map(ToString::to_string);
    chain.chain(report.refused.iter().cloned()).collect()
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        match self {
            Self::Verify(verify) => verify.run(settings, output).await,
            Self::Export(export) => export.run(settings).await,
            Self::Head(head) => head.run(settings, output).await,
            Self::List(list) => list.run(settings, output).await,
            Self::Sign => sign(settings, output).await,
            Self::Purge { before } => purge(settings, before, output).await,
        }
    }
}

impl Export {
    async fn run(self, settings: &Settings) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        let zone = settings.rules.to_policy().zone;
        let range = Range {
            from: self.from.map(|day| start_of(day, zone)),
            to: self
                .to
                .and_then(|day| day.succ_opt())
                .map(|day| start_of(day, zone)),
            with_details: self.with_details,
        };
        let mut to = destination(self.file.as_deref())?;
        desk.export_audit(range, &mut to).await?;
        Ok(())
    }
}

fn destination(file: Option<&Path>) -> Result<Box<dyn Write + Send>, Failure> {
    let Some(path) = file else {
        return Ok(Box::new(BufWriter::new(std::io::stdout())));
    };
    let made = std::fs::File::create_new(path);
    let made = made.map_err(|error| anyhow::anyhow!("{}: cannot be made: {error}", path.display()));
    Ok(Box::new(BufWriter::new(made.map_err(Failure::failed)?)))
}

impl ShowHead {
    async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let store = assemble::store(settings).await.map_err(Failure::failed)?;
        let head = store.audit_head().await.map_err(Failure::failed)?;
        let signed = store.signed_heads().await.map_err(Failure::failed)?;
        let newest = signed.last();
        if let (Some(folder), Some(newest)) = (&self.write, newest) {
            let name = folder.join(format!("audit-head-{}.txt", newest.day));
            let text = head_text(&newest.head, newest.day);
            let written = std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&name, text))
                .and_then(|()| std::fs::write(name.with_extension("txt.asc"), &newest.signature));
            written.map_err(Failure::failed)?;
        }
        output.one(&json!({
            "sequence": head.sequence,
            "hash": json!(head).get("hash"),
            "signed_heads": signed.len(),
            "last_signed_day": newest.map(|one| one.day),
            "last_signed_sequence": newest.map(|one| one.head.sequence),
        }))
    }
}

impl List {
    async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let store = assemble::store(settings).await.map_err(Failure::failed)?;
        let filter = AuditFilter {
            subject: self.subject,
            after: self.after,
            limit: self.limit,
            ..AuditFilter::default()
        };
        let links = store.audit_links(&filter).await.map_err(Failure::failed)?;
        let rows: Vec<Value> = links.iter().map(entry_of).collect();
        output.rows(
            &["sequence", "at", "act", "subject", "actor", "details"],
            &rows,
        )
    }
}

async fn sign(settings: &Settings, output: Output) -> Result<(), Failure> {
    let heads = assemble::head_signer(settings)
        .await
        .map_err(Failure::failed)?;
    let signed = heads.run_once(SystemClock.now()).await;
    match signed.map_err(Failure::failed)? {
        Some(head) => output.one(&json!({"day": head.day, "sequence": head.head.sequence})),
        None => output.one(&json!({"day": null, "because": "this day has a signed head, or there is no entry yet"})),
    }
}

async fn purge(settings: &Settings, before: NaiveDate, output: Output) -> Result<(), Failure> {
    let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
    let before: Timestamp = start_of(before, settings.rules.to_policy().zone);
    let purged = desk.purge_audit(before).await?;
    output.one(&json!({"before": before, "purged": purged}))
}
