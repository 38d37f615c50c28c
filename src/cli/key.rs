//! `bondhub key …`.

pub(super) mod copies;
mod issue;
mod sign;

use std::path::PathBuf;

use bondhub_core::{
    identifier::BondId,
    matching::Finding,
    party::{Language, Role},
    ports::{Clock as _, store::KeyState},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    bond::{read_bond, taken_row, view_row},
    output::Output,
    party::read_file,
};
use crate::{
    assemble,
    desk::{Desk, LiabilityOf},
    hub::system::SystemClock,
    settings::Settings,
    vault::{Look, Shown},
};

/// Authentication keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Checks a key file's signature and content, offline.
    Verify(Verify),
    /// Looks at a bond with a key file.
    Open {
        /// The key file.
        file: PathBuf,
        /// Also makes a copy of the original (PDF), into a new file.
        #[arg(long, value_name = "FILE")]
        copy: Option<PathBuf>,
    },
    /// Hands a bond to its owner with the contractor's key file.
    Handover {
        /// The contractor's key file.
        file: PathBuf,
    },
    /// Agrees, with the owner's key file, that the issuer deletes the bond.
    Consent {
        /// The owner's key file.
        file: PathBuf,
    },
    /// Revokes the keys of one role, or of all.
    Revoke(Revoke),
    /// Issues a key by hand, into a folder: for whoever is entitled to it and gets no mail.
    Issue(issue::Issue),
    /// Signs, as an issuer at its desk, the keys that wait for its signature.
    Sign(sign::Sign),
}

/// A key file to check.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The key file.
    file: PathBuf,
    /// Certificates of authorities that are trusted, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The issuer's own certificate, PEM or DER: the surest check.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
}

/// Keys to revoke.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    /// ISSUER/NUMBER.
    bond: String,
    /// Whose keys: contractor or owner; without it everybody's.
    #[arg(long)]
    role: Option<String>,
    /// Why; the holder is told.
    #[arg(long)]
    reason: String,
    /// Issue a new key at once.
    #[arg(long)]
    reissue: bool,
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        if let Self::Verify(verify) = self {
            return verify.run(output);
        }
        if let Self::Sign(sign) = self {
            return sign.run(settings, output).await;
        }
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Open { file, copy } => {
                let look = desk.open(&read_file(&file)?).await?;
                let mut row = look_row(&look);
                let liability = desk.liability_of(&look).await?;
                if let (Some(members), Some(told)) = (row.as_object_mut(), liability) {
                    members.insert("liability".into(), liability_row(&told));
                }
                if let Some(to) = copy {
                    copies::make(&desk, &look, &to, &mut row).await?;
                }
                output.one(&row)
            }
            Self::Handover { file } => {
                let handed = desk.hand_over(&read_file(&file)?).await?;
                let zone = desk.directories.newest().rules.policy.zone;
                let finding = |one: &Finding| {
                    json!({"finding": one.what.code(), "grade": one.grade,
                           "sentence": one.what.sentence(Language::En, zone)})
                };
                let mut row = taken_row(&handed.taken);
                if let Some(members) = row.as_object_mut() {
                    let findings: Vec<Value> = handed.findings.iter().map(finding).collect();
                    members.insert("findings".into(), findings.into());
                }
                output.one(&row)
            }
            Self::Consent { file } => {
                let taken = desk.consent(&read_file(&file)?).await?;
                output.one(&taken_row(&taken))
            }
            Self::Revoke(revoke) => revoke.run(&desk, output).await,
            Self::Issue(issue) => issue.run(&desk, output).await,
            Self::Verify(_) | Self::Sign(_) => Ok(()),
        }
    }
}

/// What a look shows.
pub(super) fn look_row(look: &Look) -> Value {
    match &look.shown {
        Shown::Existence {
            procurement,
            principal,
            opening_at,
        } => json!({
            "bond": look.bond, "role": look.role, "shown": "existence", "procurement": procurement,
            "principal": principal, "readable_from": opening_at,
        }),
        Shown::Content(content) => {
            let mut row = view_row(&content.view);
            if let Some(members) = row.as_object_mut() {
                members.insert("role".into(), json!(look.role));
                members.insert("shown".into(), "content".into());
                members.insert("ground".into(), json!(content.ground));
                members.insert("history".into(), json!(content.history));
                members.insert("grant".into(), json!(look.grant));
            }
            row
        }
    }
}

/// What the contractor has outstanding, beside a look that shows it (R22).
fn liability_row(told: &LiabilityOf) -> Value {
    let sums = told.sums.iter();
    let sums =
        sums.map(|sum| json!({"amount": sum.amount, "currency": sum.currency, "bonds": sum.bonds}));
    json!({"contractor": told.contractor, "as_of": told.as_of, "sums": sums.collect::<Vec<_>>()})
}

impl Verify {
    /// Checks the file.
    pub(super) fn run(self, output: Output) -> Result<(), Failure> {
        let file = read_file(&self.file)?;
        let ca = self.ca.as_deref().map(read_file).transpose()?;
        let certificate = self.certificate.as_deref().map(read_file).transpose()?;
        let now = SystemClock.now();
        let verified = assemble::verify_key(&file, ca.as_deref(), certificate.as_deref(), now);
        let verified = verified
            .map_err(|reason| Failure::refused(format!("{}: {reason}", self.file.display())))?;
        output.one(&verified)
    }
}

impl Revoke {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let bond = read_bond(&self.bond)?;
        if let Some(role) = &self.role {
            let row = self.of(desk, &bond, issue::read_role(role)?).await?;
            return output.one(&row);
        }
        let mut rows = Vec::new();
        for role in holders(desk, &bond).await? {
            rows.push(self.of(desk, &bond, role).await?);
        }
        output.rows(&["role", "event", "state"], &rows)
    }

    /// Revokes the keys of one role.
    async fn of(&self, desk: &Desk, bond: &BondId, role: Role) -> Result<Value, Failure> {
        let (reissue, reason) = (self.reissue, &self.reason);
        let taken = desk.revoke_keys(bond, role, reissue, reason).await?;
        let mut row = taken_row(&taken);
        if let Some(members) = row.as_object_mut() {
            members.insert("role".into(), json!(role));
        }
        Ok(row)
    }
}

/// The roles that hold a key to a bond.
async fn holders(desk: &Desk, bond: &BondId) -> Result<Vec<Role>, Failure> {
    let view = desk.store.bond(bond).await.map_err(Failure::failed)?;
    let view = view.ok_or_else(|| Failure::not_found(format!("bond {bond} is not known")))?;
    let live = view.keys.iter().filter(|one| one.state == KeyState::Live);
    let mut roles: Vec<Role> = live.map(|one| one.key.role).collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() {
        return Err(Failure::refused(format!(
            "nobody holds a key to bond {bond}"
        )));
    }
    Ok(roles)
}
