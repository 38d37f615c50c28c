//! `bondhub paper …`.

use std::{collections::BTreeMap, fs::File, io::BufReader, path::PathBuf};

use bondhub_core::{
    bond::Medium,
    identifier::{BondId, BondNumber, PartyCode},
    party::Language,
    ports::store::BondFilter,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Failure,
    output::{Output, print_line},
};
use crate::{
    assemble,
    desk::{Desk, ImportMode, ImportReport},
    paper::TEMPLATE,
    settings::Settings,
};

/// Paper bonds: entered so that they count.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds one paper bond.
    Add(Box<Add>),
    /// Takes a list of paper bonds: CSV in UTF-8 or `Shift_JIS`.
    Import(Import),
    /// Lists an issuer's paper bonds.
    List {
        /// The issuer.
        #[arg(long, value_parser = PartyCode::parse)]
        issuer: Option<PartyCode>,
        /// At most so many.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Ends a paper bond that was given back or settled.
    End {
        /// The issuer.
        #[arg(long, value_parser = PartyCode::parse)]
        issuer: PartyCode,
        /// The bond's number.
        #[arg(value_parser = BondNumber::parse)]
        number: BondNumber,
        /// Why.
        #[arg(long, default_value = "returned")]
        reason: String,
    },
    /// Prints a list to begin with.
    Template,
}

/// A paper bond.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// The issuer.
    #[arg(long, value_parser = PartyCode::parse)]
    issuer: PartyCode,
    /// The bond's number.
    number: String,
    /// `bid`, `performance_reservation` or `performance`.
    #[arg(long)]
    kind: String,
    /// `surety_bond`, `insurance`, `bank_guarantee` or `contract_guarantee`.
    #[arg(long)]
    instrument: String,
    /// The contractor's code.
    #[arg(long)]
    contractor: String,
    /// The owner's code.
    #[arg(long)]
    owner: String,
    /// The procurement it is for; none gives it a case of its own.
    #[arg(long, default_value = "")]
    procurement: String,
    /// The contract it is for.
    #[arg(long, default_value = "")]
    contract: String,
    /// The lot it is for.
    #[arg(long, default_value = "")]
    lot: String,
    /// When the bids are opened, if the hub does not know the opening of the tender: `2026-04-01 10:00`.
    #[arg(long, default_value = "")]
    opening_at: String,
    /// In minor units of the currency.
    #[arg(long)]
    amount: String,
    /// ISO 4217.
    #[arg(long, default_value = "JPY")]
    currency: String,
    /// First day of the guarantee.
    #[arg(long)]
    from: String,
    /// Last day of the guarantee.
    #[arg(long)]
    to: String,
    /// Changes the bond if the number is known.
    #[arg(long)]
    update: bool,
}

/// A list to take.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The issuer.
    #[arg(long, value_parser = PartyCode::parse)]
    issuer: PartyCode,
    /// The list.
    file: PathBuf,
    /// Only tells what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Takes the good rows although others are at fault; else a fault keeps the whole list out.
    #[arg(long)]
    good_rows: bool,
    /// Changes bonds whose number is known with other content; else such a row is at fault.
    #[arg(long)]
    update: bool,
    /// The language in which faults are told: ja or en.
    #[arg(long, default_value = "en", value_parser = read_language)]
    language: Language,
}

fn read_language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "expected ja or en".to_owned())
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        if matches!(self, Self::Template) {
            print_line(TEMPLATE.trim_end());
            return Ok(());
        }
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Add(add) => add.run(&desk, output).await,
            Self::Import(import) => import.run(&desk, output).await,
            Self::List { issuer, limit } => list(&desk, issuer, limit, output).await,
            Self::End {
                issuer,
                number,
                reason,
            } => {
                let bond = BondId::new(issuer, number);
                desk.end_paper(&bond, &reason, &crate::assemble::system_user())
                    .await?;
                output.one(&json!({"bond": bond, "ended": reason}))
            }
            Self::Template => Ok(()),
        }
    }
}

impl Add {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let cells = [
            ("number", self.number),
            ("kind", self.kind),
            ("instrument", self.instrument),
            ("contractor", self.contractor),
            ("owner", self.owner),
            ("procurement", self.procurement),
            ("contract", self.contract),
            ("lot", self.lot),
            ("opening_at", self.opening_at),
            ("amount", self.amount),
            ("currency", self.currency),
            ("from", self.from),
            ("to", self.to),
        ];
        let cells: BTreeMap<String, String> = cells
            .into_iter()
            .map(|(name, cell)| (name.to_owned(), cell))
            .collect();
        let report = desk
            .add_paper(
                &self.issuer,
                &cells,
                self.update,
                &crate::assemble::system_user(),
            )
            .await?;
        tell(&report, Language::En, output)
    }
}

impl Import {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let mode = ImportMode {
            dry_run: self.dry_run,
            good_rows: self.good_rows,
            update: self.update,
        };
        let open = || File::open(&self.file).map(BufReader::new);
        let report = desk
            .import_paper(&self.issuer, open, mode, &crate::assemble::system_user())
            .await?;
        tell(&report, self.language, output)
    }
}

/// The report; a list that was kept out is a refusal.
fn tell(report: &ImportReport, language: Language, output: Output) -> Result<(), Failure> {
    let faults: Vec<Value> = report
        .faults
        .iter()
        .map(|place| {
            json!({"line": place.line, "column": place.column, "name": place.name,
                   "fault": place.fault, "text": place.fault.text(language)})
        })
        .collect();
    let exceeded: Vec<Value> = report.exceeded.iter().map(|one| json!(one)).collect();
    output.one(
        &json!({"rows": report.rows, "added": report.added, "updated": report.updated,
        "unchanged": report.unchanged, "faulty": report.faulty, "written": report.written,
        "faults": faults, "limits_exceeded": exceeded}),
    )?;
    if report.faulty == 0 {
        return Ok(());
    }
    let taken = if report.written {
        "the others were taken"
    } else {
        "nothing was taken"
    };
    let first = report.faults.first().map_or_else(String::new, |place| {
        let name = place
            .name
            .map_or_else(String::new, |name| format!(", {name}"));
        format!(
            ": line {}{name}: {}",
            place.line,
            place.fault.text(language)
        )
    });
    Err(Failure::refused(format!(
        "{} rows are at fault, {taken}{first}",
        report.faulty
    )))
}

async fn list(
    desk: &Desk,
    issuer: Option<PartyCode>,
    limit: u32,
    output: Output,
) -> Result<(), Failure> {
    let filter = BondFilter {
        issuer,
        medium: Some(Medium::Paper),
        limit,
        ..BondFilter::default()
    };
    let bonds = desk.store.bonds(&filter).await.map_err(Failure::failed)?;
    let rows: Vec<Value> = bonds
        .into_iter()
        .map(|row| {
            json!({"bond": row.bond, "kind": row.terms.kind, "contractor": row.terms.principal,
                   "owner": row.terms.obligee, "amount": row.terms.amount.to_string(),
                   "from": row.terms.period.from(), "to": row.terms.period.to(), "state": row.state})
        })
        .collect();
    let columns = [
        "bond",
        "kind",
        "contractor",
        "owner",
        "amount",
        "from",
        "to",
        "state",
    ];
    output.rows(&columns, &rows)
}
