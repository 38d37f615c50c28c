//! `bondhub certificates …` and `bondhub party cert enrol|prove|waiting`.

use std::path::PathBuf;

use bondhub_core::identifier::PartyCode;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failure, output::Output, party::read_file};
use crate::{assemble, desk::Desk, settings::Settings};

/// Certificates and revocation lists, all of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Looks for certificates and revocation lists that end soon, and tells their parties once at 30, 14
    /// and 3 days before; the hub does so by itself every hour.
    Check,
}

/// A certificate to enrol with proof of possession.
#[derive(Debug, Args)]
pub(super) struct Enrol {
    /// The party's code.
    code: String,
    /// The OpenPGP certificate.
    file: PathBuf,
    /// The holder's software reads the newest OpenPGP messages (SEIPDv2); GnuPG 2.2 does not.
    #[arg(long)]
    modern: bool,
}

/// A code that came back.
#[derive(Debug, Args)]
pub(super) struct Prove {
    /// The party's code.
    code: String,
    /// What stood in the mail, as the party gave it in person.
    secret: String,
}

impl Command {
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Check => {
                let warnings = desk.check_certificates().await?;
                let rows: Vec<Value> = warnings.iter().map(|one| json!(one)).collect();
                output.rows(&["kind", "party", "what", "ends_at", "days", "new"], &rows)
            }
        }
    }
}

impl Enrol {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let code = read_code(&self.code)?;
        let begun = desk
            .begin_enrolment(&code, &read_file(&self.file)?, self.modern)
            .await?;
        output.one(
            &json!({"party": code, "fingerprint": begun.facts.fingerprint,
            "user_id": begun.facts.user_id, "state": "waiting", "until": begun.ends_at}),
        )
    }
}

impl Prove {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let code = read_code(&self.code)?;
        let certificate = desk.finish_enrolment(&code, &self.secret).await?;
        output.one(
            &json!({"party": code, "fingerprint": certificate.fingerprint,
            "usable_until": certificate.usable_until, "state": "enrolled"}),
        )
    }
}

/// Confirms what a party has proven.
pub(super) async fn confirm(desk: &Desk, code: &str, output: Output) -> Result<(), Failure> {
    let code = read_code(code)?;
    let certificate = desk.confirm_enrolment(&code).await?;
    output.one(
        &json!({"party": code, "fingerprint": certificate.fingerprint,
        "usable_until": certificate.usable_until, "state": "enrolled"}),
    )
}

/// Rejects what waits.
pub(super) async fn reject(desk: &Desk, code: &str, output: Output) -> Result<(), Failure> {
    let code = read_code(code)?;
    desk.reject_enrolment(&code).await?;
    output.one(&json!({"party": code, "state": "rejected"}))
}

/// Lists what waits for its code or for a confirmation.
pub(super) async fn waiting(desk: &Desk, output: Output) -> Result<(), Failure> {
    let rows: Vec<Value> = desk.enrolments().await?.iter().map(|row| {
        json!({"party": row.certificate.party, "fingerprint": row.certificate.fingerprint,
               "since": row.certificate.added_at, "until": row.ends_at, "tries_left": row.tries_left,
               "state": if row.is_proven() { "proven" } else { "waiting" }})
    }).collect();
    output.rows(
        &[
            "party",
            "fingerprint",
            "state",
            "since",
            "until",
            "tries_left",
        ],
        &rows,
    )
}

fn read_code(text: &str) -> Result<PartyCode, Failure> {
    PartyCode::parse(text).map_err(|error| Failure::misused(format!("the party's code {error}")))
}
