//! `bondhub bond original`: the signed document and its attachments, as files.

use std::path::{Path, PathBuf};

use bondhub_core::{attachment::check_name, ports::signing::Revocation};
use clap::Args;
use serde_json::json;

use super::{super::Failure, super::output::Output, read_bond};
use crate::desk::{Desk, Original as FromVault};

/// Which original, and where it goes.
#[derive(Debug, Args)]
pub(in super::super) struct Original {
    /// ISSUER/NUMBER.
    bond: String,
    /// An earlier version; the current one if not given.
    #[arg(long)]
    version: Option<u32>,
    /// A new folder for the files.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

impl Original {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let bond = read_bond(&self.bond)?;
        let original = desk.original(&bond, self.version).await?;
        let files = write(&original, &self.to)?;
        let revocation = original.document.revocation.as_ref();
        output.one(&json!({
            "bond": bond, "version": original.version.version, "current": original.is_current,
            "signed_at": original.document.signed_at, "signer": original.document.signer,
            "document": original.document.digest, "files": files,
            "revocation": revocation.map(Revocation::as_str),
            "revocation_unchecked": revocation.and_then(Revocation::why),
        }))
    }
}

fn write(original: &FromVault, folder: &Path) -> Result<Vec<String>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::misused(format!("cannot write {}: {error}", folder.display()))
    };
    std::fs::create_dir(folder).map_err(failed)?;
    std::fs::write(folder.join("document.p7m"), &original.cms).map_err(failed)?;
    let mut files = vec!["document.p7m".to_owned()];
    for (index, (entry, bytes)) in original.attachments.iter().enumerate() {
        // Names were checked when they were taken; a path is made of them only here.
        let name = match check_name(&entry.name) {
            Ok(()) if entry.name != "document.p7m" => entry.name.clone(),
            _ => format!("attachment-{}.pdf", index + 1),
        };
        std::fs::write(folder.join(&name), bytes).map_err(failed)?;
        files.push(name);
    }
    Ok(files)
}
