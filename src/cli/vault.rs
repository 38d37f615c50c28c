//! `bondhub vault …`.

use std::{ops::ControlFlow, path::Path};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    init::{random_32, write_new},
    output::Output,
};
use crate::{
    assemble,
    desk::Desk,
    settings::{KeyPlace, Settings},
    vault::{Progress, Rotated, Status},
};

/// The vault and its master key.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Counts what lies under which master key.
    Status,
    /// Makes a new master key, in a file or in a token; overwrites nothing.
    NewKey {
        /// A path, or a `pkcs11:` URI that names the key to make.
        place: String,
    },
    /// Puts everything that lies under other master keys under the configured one; goes on where it was
    /// when it was stopped.
    Rotate(Rotate),
}

/// How to change the master key.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Only counts what there is to do.
    #[arg(long)]
    dry_run: bool,
    /// So many things in one transaction.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    batch: u32,
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        if let Self::NewKey { place } = self {
            return new_key(&place, output);
        }
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Rotate(rotate) if !rotate.dry_run => rotate.run(&desk, output).await,
            Self::Status | Self::Rotate(_) | Self::NewKey { .. } => status(&desk, output).await,
        }
    }
}

fn new_key(place: &str, output: Output) -> Result<(), Failure> {
    match KeyPlace::parse(place) {
        KeyPlace::Token(uri) => assemble::make_token_key(&uri).map_err(Failure::failed)?,
        KeyPlace::File(path) => new_file(&path)?,
    }
    let next = "set it in [vault], put the old one into other_master_keys, restart the hubs, run `bondhub vault rotate`";
    output.one(&json!({"made": place, "next": next}))
}

fn new_file(path: &Path) -> Result<(), Failure> {
    let is_new = write_new(path, || random_32().map(|key| key.to_vec()));
    if is_new.map_err(Failure::failed)? {
        return Ok(());
    }
    let message = format!("{} is there already; it was left as it is", path.display());
    Err(Failure::refused(message))
}

async fn status(desk: &Desk, output: Output) -> Result<(), Failure> {
    let status = desk.rotation(1).status().await.map_err(Failure::failed)?;
    let rows: Vec<Value> = status.iter().map(row).collect();
    output.rows(&["kind", "master_key", "is", "count"], &rows)
}

fn row(one: &Status) -> Value {
    let is = match (one.current, &one.key, one.known) {
        (true, _, _) => "current",
        (false, None, _) => "unnamed",
        (false, Some(_), true) => "readable",
        (false, Some(_), false) => "missing",
    };
    json!({"kind": one.kind.as_str(), "master_key": one.key, "is": is, "count": one.count})
}

impl Rotate {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let mut told = |progress: Progress| {
            report(progress);
            ControlFlow::Continue(())
        };
        let rotated = desk.rotate(self.batch, &mut told).await?;
        output.one(&json!({
            "master_key": desk.master.name(), "done": rotated.done, "failed": rotated.failed,
            "problems": rotated.problems,
        }))?;
        outcome(&rotated)
    }
}

fn outcome(rotated: &Rotated) -> Result<(), Failure> {
    if rotated.failed == 0 {
        return Ok(());
    }
    let message = format!(
        "{} things could not be put under the master key; keep the old keys",
        rotated.failed
    );
    Err(Failure::refused(message))
}

#[expect(clippy::print_stderr, reason = "progress is no result")]
fn report(progress: Progress) {
    let Progress { kind, done, of } = progress;
    eprintln!("{}: {done} of {of}", kind.as_str());
}
