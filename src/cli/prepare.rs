//! `bondhub bond prepare`: the performance bond of a reservation, ready to be signed (R6).

use std::path::{Path, PathBuf};

use bondhub_core::identifier::BondNumber;
use clap::Args;
use serde_json::{Map, Value};

use super::{Failure, bond::read_bond, output::print_line, party::read_file};
use crate::desk::Desk;

/// A performance bond to prepare.
#[derive(Debug, Args)]
pub(super) struct Prepare {
    /// The reservation, ISSUER/NUMBER.
    reservation: String,
    /// The number of the performance bond.
    number: String,
    /// JSON with members of the bond that are not to be taken over as they are.
    #[arg(long, value_name = "FILE")]
    with: Option<PathBuf>,
}

impl Prepare {
    /// Prints the statement, JSON; `bondhub bond sign` signs it.
    pub(super) async fn run(self, desk: &Desk) -> Result<(), Failure> {
        let reservation = read_bond(&self.reservation)?;
        let number = BondNumber::parse(&self.number).map_err(Failure::usage)?;
        let given = self.with.as_deref().map(read_members).transpose()?;
        let given = given.unwrap_or_default();
        let statement = desk.registration_of(&reservation, &number, &given).await?;
        let text = serde_json::to_string_pretty(&statement).map_err(Failure::failed)?;
        print_line(&text);
        Ok(())
    }
}

fn read_members(file: &Path) -> Result<Map<String, Value>, Failure> {
    let bytes = read_file(file)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::refused(format!("{}: not a JSON object: {error}", file.display()))
    })
}
