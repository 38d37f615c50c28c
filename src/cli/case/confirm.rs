//! `bondhub case confirm-opening`: the word of a second person, who signs in (E2).

use std::{io::IsTerminal as _, path::PathBuf};

use bondhub_core::{
    account::{AccountName, Viewer},
    audit::Actor,
    identifier::{LotId, ProcurementId},
    procurement::Scope,
};
use clap::Args;
use zeroize::Zeroizing;

use crate::{
    cli::{
        Failure, account::read_name, bond::taken_row, grant::read_instant, output::Output,
        party::read_line,
    },
    desk::{Attempt, Deed, Desk, Happening},
};

/// An opening that somebody else brought forward.
#[derive(Debug, Args)]
pub(in crate::cli) struct ConfirmOpening {
    /// The procurement id.
    procurement: String,
    /// The announced time, RFC 3339 with an offset.
    #[arg(long, value_name = "TIME")]
    opening_at: String,
    /// Only this lot's.
    #[arg(long)]
    lot: Option<String>,
    /// The account of the second person: of the case's owner, or an operator's.
    #[arg(long, value_parser = read_name)]
    account: AccountName,
    /// A file with its password; its last line end is cut off. Without it the terminal is asked.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The one-time password its app shows now, or a recovery code. Without it the terminal is asked.
    #[arg(long)]
    code: Option<String>,
}

impl ConfirmOpening {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let at = read_instant("--opening-at", &self.opening_at)?;
        let lot = self.lot.as_deref().map(LotId::parse).transpose();
        let scope = Scope::from(lot.map_err(Failure::usage)?);
        let procurement = ProcurementId::parse(&self.procurement).map_err(Failure::usage)?;
        let viewer = self.second_person(desk).await?;
        let deed = Deed {
            procurement,
            what: Happening::OpeningConfirmed(scope, at),
            at: None,
            by: viewer.account.to_string(),
        };
        let actor = Actor::Account(viewer.account.to_string(), viewer.party.clone());
        let taken = desk.by(actor).deed_of(&viewer, &deed).await?;
        output.one(&taken_row(&taken))
    }

    /// Signs the second person in, for as long as this takes.
    async fn second_person(&self, desk: &Desk) -> Result<Viewer, Failure> {
        let password = match &self.password_file {
            Some(file) => read_line(file)?,
            None => ask("Password: ", "--password-file FILE")?,
        };
        let code = match &self.code {
            Some(code) => Zeroizing::new(code.clone()),
            None => ask("One-time password: ", "--code CODE")?,
        };
        let attempt = Attempt {
            name: self.account.as_str(),
            password: &password,
            code: &code,
            address: None,
            agent: Some("bondhub case confirm-opening"),
            replaces: None,
        };
        let began = desk.sign_in(attempt).await;
        let began = began.map_err(|refusal| Failure::refused(refusal.to_string()))?;
        desk.sign_out(&began.cookie).await?;
        Ok(began.viewer)
    }
}

/// Asks the terminal, which shows nothing of what is typed.
fn ask(prompt: &str, instead: &str) -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        let message = format!("no terminal to ask the second person; give {instead}");
        return Err(Failure::misused(message));
    }
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(Failure::failed)
}
