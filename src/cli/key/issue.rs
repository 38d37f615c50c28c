//! `bondhub key issue`: a key goes by hand, into a folder (the specification's CD-R) (R14).

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::{account::Viewer, party::Role};
use clap::Args;
use serde_json::json;

use crate::{
    cli::{Failure, bond::read_bond, init::write_new, output::Output},
    desk::{ByHand, Desk},
    hub::prepare::HandedKey,
    vault::key_sheet::how_to,
};

/// Whose key, and where it goes.
#[derive(Debug, Args)]
pub(in crate::cli) struct Issue {
    /// ISSUER/NUMBER.
    bond: String,
    /// Whose key: contractor or owner.
    #[arg(long)]
    role: String,
    /// The folder for the key file, its instructions and the issuer's certificate.
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

impl Issue {
    /// Issues the key. The role's earlier key dies, so the folder is tried first.
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let bond = read_bond(&self.bond)?;
        let role = read_role(&self.role)?;
        try_folder(&self.to)?;
        let operator = Viewer::at_the_command_line(&crate::assemble::system_user());
        match desk.issue_by_hand(&operator, &bond, role).await? {
            ByHand::WaitsForSignature { issuer } => output.one(&json!({
                "bond": bond, "role": role, "state": "waiting for the issuer's signature",
                "issuer": issuer,
            })),
            ByHand::Issued { key, certificate } => {
                let file = write_folder(&self.to, &key, certificate.as_deref())?;
                output.one(&json!({
                    "bond": bond, "role": role, "state": "issued", "version": key.version,
                    "holder": key.holder, "file": file,
                }))
            }
        }
    }
}

/// Reads the role of somebody who can hold a key.
pub(super) fn read_role(text: &str) -> Result<Role, Failure> {
    Role::parse(text)
        .filter(|role| *role != Role::Issuer)
        .ok_or_else(|| Failure::misused("--role: expected contractor or owner"))
}

/// Whether the folder is empty and can be written to.
fn try_folder(folder: &Path) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::misused(format!("cannot write to {}: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    if std::fs::read_dir(folder).map_err(cannot)?.next().is_some() {
        let message = format!("{} is not empty: give an empty folder", folder.display());
        return Err(Failure::misused(message));
    }
    let trial = folder.join(".bondhub");
    std::fs::write(&trial, b"").map_err(cannot)?;
    std::fs::remove_file(&trial).map_err(cannot)
}

fn write_folder(
    folder: &Path,
    key: &HandedKey,
    certificate: Option<&[u8]>,
) -> Result<PathBuf, Failure> {
    let file = folder.join(&key.name);
    let text = how_to(
        key.bond.number.as_str(),
        key.version,
        &key.name,
        certificate.is_some(),
    );
    let mut files = vec![
        (file.clone(), key.file.to_vec()),
        (folder.join("README.txt"), text.into_bytes()),
    ];
    files.extend(certificate.map(|der| (folder.join("issuer.pem"), pem(der))));
    for (path, bytes) in files {
        write_new(&path, || Ok(bytes)).map_err(|error| {
            Failure::failed(error.context(
                "the key was issued and could not be written; issue it again, this one is lost",
            ))
        })?;
    }
    Ok(file)
}

fn pem(der: &[u8]) -> Vec<u8> {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem.into_bytes()
}
