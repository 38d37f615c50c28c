//! What ends when, and the report.

use std::path::PathBuf;

use bondhub_core::{
    identifier::PartyCode, liability::Beholder, party::Language, ports::store::BalanceBy,
};
use chrono::NaiveDate;
use clap::Args;
use serde_json::{Value, json};

use super::{Part, print, shown};
use crate::{
    cli::{Failure, output::Output},
    desk::{Desk, Figure, ReportOrder},
};

/// What ends when.
#[derive(Debug, Args)]
pub(super) struct Expiries {
    /// Of what is outstanding at the end of which day, YYYY-MM-DD; today if not given.
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// As the hub knew it at the end of this day; what it knows now if not given.
    #[arg(long)]
    known_on: Option<NaiveDate>,
    #[command(flatten)]
    part: Part,
    /// Also as CSV into this file.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// A report.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The PDF to write.
    #[arg(long, value_name = "FILE")]
    pdf: PathBuf,
    /// At the end of which day, YYYY-MM-DD; today if not given.
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// As the hub knew it at the end of this day; what it knows now if not given.
    #[arg(long)]
    known_on: Option<NaiveDate>,
    /// With what this party may see; everything if not given.
    #[arg(long, value_parser = PartyCode::parse)]
    party: Option<PartyCode>,
    /// ja or en.
    #[arg(long, default_value = "ja", value_parser = read_language)]
    language: Language,
}

fn read_language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "expected ja or en".to_owned())
}

impl Expiries {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let figure = Figure {
            by: BalanceBy::Total,
            within: self.part.into(),
            as_of: self.as_of,
            known_on: self.known_on,
        };
        let told = desk.expiries(&Beholder::Hub, &figure).await?;
        let rows: Vec<Value> = told
            .iter()
            .map(|one| {
                json!({"month": one.month.format("%Y-%m").to_string(), "ends": shown(one.amount, one.currency),
                       "amount": one.amount, "currency": one.currency, "bonds": one.bonds})
            })
            .collect();
        print(&["month", "ends", "bonds"], &rows, self.csv, output)
    }
}

impl Report {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let beholder = match &self.party {
            Some(party) => desk.party_beholding(party).await?,
            None => Beholder::Hub,
        };
        let order = ReportOrder {
            as_of: self.as_of,
            known_on: self.known_on,
            language: self.language,
        };
        let report = desk.balance_report(&beholder, &order).await?;
        std::fs::write(&self.pdf, &report.bytes).map_err(Failure::failed)?;
        output.one(&json!({"pdf": self.pdf, "as_of": report.as_of, "bytes": report.bytes.len()}))
    }
}
