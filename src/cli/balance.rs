//! `bondhub balance`.

mod decided;
mod report;

use std::path::PathBuf;

use bondhub_core::{
    identifier::{BondId, PartyCode},
    liability::{Beholder, Span, Step},
    money::{Currency, Money},
    ports::store::{Balance as Sum, BalanceBy, BondQuestion, Within},
};
use chrono::{Months, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{Failure, output::Output};
use crate::{
    assemble,
    desk::{Desk, Figure},
    settings::Settings,
    sheet::Sheet,
};
use decided::{Consent, Limit};
use report::{Expiries, Report};

/// What is outstanding at the end of a day.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Balance {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    ask: Ask,
}

/// Other things about the ledger.
#[derive(Debug, Subcommand)]
enum Command {
    /// A series: what was outstanding at the ends of days, months or fiscal years.
    Series(Series),
    /// The ledger itself as CSV: every movement, with both of its times.
    Export {
        /// Where to; standard output if not given.
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
    /// What ends when, of what is outstanding at the end of a day, by month.
    Expiries(Expiries),
    /// A report as PDF: totals, histories, tables, what ends when.
    Report(Report),
    /// Takes new movements up into the sums kept for quick answers. Changes no answer.
    Snapshot,
    /// Up to where an issuer wants to answer for a contractor; shows what is used of each.
    Limit(Limit),
    /// Whether issuers may see what a contractor has outstanding with all of them.
    Consent(Consent),
}

/// A figure.
#[derive(Debug, Args)]
struct Ask {
    /// At the end of which day, YYYY-MM-DD; today if not given.
    #[arg(long)]
    as_of: Option<NaiveDate>,
    /// As the hub knew it at the end of this day; what it knows now if not given.
    #[arg(long)]
    known_on: Option<NaiveDate>,
    /// How it is added up.
    #[arg(long, value_enum, default_value_t = By::Total)]
    by: By,
    #[command(flatten)]
    part: Part,
    /// Also as CSV into this file.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// A part of the ledger.
#[derive(Debug, Clone, Default, Args)]
struct Part {
    /// Only bonds of this issuer.
    #[arg(long, value_parser = PartyCode::parse)]
    issuer: Option<PartyCode>,
    /// Only what this contractor answers for.
    #[arg(long, value_parser = PartyCode::parse)]
    contractor: Option<PartyCode>,
    /// Only bonds towards this owner.
    #[arg(long, value_parser = PartyCode::parse)]
    owner: Option<PartyCode>,
}

/// A series.
#[derive(Debug, Args)]
struct Series {
    /// How it is added up.
    #[arg(long, value_enum, default_value_t = By::Total)]
    by: By,
    /// First day; ten years before the last if not given.
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last day; today if not given.
    #[arg(long)]
    to: Option<NaiveDate>,
    /// How far apart the points are.
    #[arg(long, value_enum, default_value_t = Stride::Month)]
    step: Stride,
    /// As the hub knew it at the end of this day; what it knows now if not given.
    #[arg(long)]
    known_on: Option<NaiveDate>,
    #[command(flatten)]
    part: Part,
    /// Also as CSV into this file.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// How balances are added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Each bond by itself, with its period.
    Bond,
    /// By contractor; joint ventures by their members' shares.
    Contractor,
    /// By issuer.
    Issuer,
    /// By owner.
    Owner,
    /// Everything.
    Total,
}

impl By {
    fn sum(self) -> Option<BalanceBy> {
        match self {
            Self::Bond => None,
            Self::Contractor => Some(BalanceBy::Contractor),
            Self::Issuer => Some(BalanceBy::Issuer),
            Self::Owner => Some(BalanceBy::Owner),
            Self::Total => Some(BalanceBy::Total),
        }
    }
}

/// How far apart points are.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Stride {
    /// Each day.
    Day,
    /// Ends of months.
    Month,
    /// Ends of fiscal years: 31 March.
    FiscalYear,
}

impl From<Stride> for Step {
    fn from(stride: Stride) -> Self {
        match stride {
            Stride::Day => Self::Day,
            Stride::Month => Self::Month,
            Stride::FiscalYear => Self::FiscalYear,
        }
    }
}

impl From<Part> for Within {
    fn from(part: Part) -> Self {
        Self {
            issuer: part.issuer,
            contractor: part.contractor,
            owner: part.owner,
        }
    }
}

/// Movements and bonds are read in pages of this size.
const PAGE: u32 = 5_000;

impl Balance {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self.command {
            None => self.ask.run(&desk, output).await,
            Some(Command::Series(series)) => series.run(&desk, output).await,
            Some(Command::Export { csv }) => export(&desk, csv.as_deref()).await,
            Some(Command::Expiries(ask)) => ask.run(&desk, output).await,
            Some(Command::Report(report)) => report.run(&desk, output).await,
            Some(Command::Snapshot) => {
                let folded = desk.snapshot_balances().await?;
                output.one(&json!(folded))
            }
            Some(Command::Limit(limit)) => limit.run(&desk, output).await,
            Some(Command::Consent(consent)) => consent.run(&desk, output).await,
        }
    }
}

impl Ask {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let as_of = self.as_of.unwrap_or_else(|| desk.today());
        let Some(by) = self.by.sum() else {
            return self.bonds(desk, as_of, output).await;
        };
        let figure = Figure {
            by,
            within: self.part.into(),
            as_of: Some(as_of),
            known_on: self.known_on,
        };
        let sums = desk.balances(&Beholder::Hub, &figure).await?;
        let rows: Vec<Value> = sums.iter().map(|sum| row(sum, as_of)).collect();
        let columns = ["of", "as_of", "outstanding", "bonds"];
        print(&columns, &rows, self.csv, output)
    }

    /// Bond by bond.
    async fn bonds(self, desk: &Desk, as_of: NaiveDate, output: Output) -> Result<(), Failure> {
        let within: Within = self.part.into();
        let (mut rows, mut after): (Vec<Value>, Option<BondId>) = (Vec::new(), None);
        loop {
            let question = BondQuestion {
                within: within.clone(),
                as_of,
                known_on: self.known_on,
                after,
                limit: PAGE,
                without: None,
            };
            let page = desk.outstanding_bonds(&Beholder::Hub, &question).await?;
            let is_last = page.len() < PAGE as usize;
            after = page.last().map(|one| one.bond.clone());
            rows.extend(page.into_iter().map(|one| {
                let period = one.terms.as_ref().map(|terms| terms.period);
                json!({"of": one.bond, "as_of": as_of, "outstanding": shown(one.amount, one.currency),
                       "amount": one.amount, "currency": one.currency, "bonds": 1,
                       "contractor": one.principal, "owner": one.obligee,
                       "from": period.map(|period| period.from()), "to": period.map(|period| period.to()),
                       "state": one.state})
            }));
            if is_last {
                break;
            }
        }
        let columns = [
            "of",
            "as_of",
            "outstanding",
            "contractor",
            "owner",
            "from",
            "to",
            "state",
        ];
        print(&columns, &rows, self.csv, output)
    }
}

impl Series {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let to = self.to.unwrap_or_else(|| desk.today());
        let from = self
            .from
            .or_else(|| to.checked_sub_months(Months::new(120)));
        let span = Span::new(from.unwrap_or(to), to, self.step.into()).map_err(Failure::usage)?;
        let Some(by) = self.by.sum() else {
            return Err(Failure::misused(
                "a series is by contractor, issuer, owner or total; `balance --by bond` tells each bond's period",
            ));
        };
        let figure = Figure {
            by,
            within: self.part.into(),
            as_of: None,
            known_on: self.known_on,
        };
        let points = desk.balance_series(&Beholder::Hub, &figure, &span).await?;
        let rows: Vec<Value> = points
            .iter()
            .map(|point| row(&point.balance, point.day))
            .collect();
        print(
            &["as_of", "of", "outstanding", "bonds"],
            &rows,
            self.csv,
            output,
        )
    }
}

/// The ledger, page by page: it may be larger than memory.
async fn export(desk: &Desk, file: Option<&std::path::Path>) -> Result<(), Failure> {
    let mut sheet = Sheet::create(file).map_err(Failure::failed)?;
    sheet
        .row(&[
            "id",
            "issuer",
            "number",
            "principal",
            "holder",
            "owner",
            "effective",
            "recorded",
            "delta",
            "currency",
            "bonds",
            "held",
            "recorded_at",
        ])
        .map_err(Failure::failed)?;
    let mut after = None;
    loop {
        let page = desk.ledger(after, PAGE).await?;
        for posted in &page {
            let row = &posted.row;
            let cells = [
                row.id.to_string(),
                row.bond.issuer.to_string(),
                row.bond.number.to_string(),
                row.principal.to_string(),
                row.holder.to_string(),
                row.obligee.to_string(),
                row.effective.to_string(),
                row.recorded.to_string(),
                row.delta.to_string(),
                row.currency.to_string(),
                row.bonds.to_string(),
                row.held.to_string(),
                posted.at.to_rfc3339(),
            ];
            sheet.row(&cells).map_err(Failure::failed)?;
        }
        after = page.last().map(|posted| posted.row.id);
        if page.len() < PAGE as usize {
            return sheet.finish().map_err(Failure::failed);
        }
    }
}

fn row(sum: &Sum, as_of: NaiveDate) -> Value {
    json!({"of": if sum.of.is_empty() { "total" } else { &sum.of }, "as_of": as_of,
           "outstanding": shown(sum.amount, sum.currency), "amount": sum.amount,
           "currency": sum.currency, "bonds": sum.bonds})
}

fn shown(amount: i64, currency: Currency) -> String {
    Money::new(amount, currency)
        .map(|money| money.to_string())
        .unwrap_or_default()
}

fn print(
    columns: &[&str],
    rows: &[Value],
    csv: Option<PathBuf>,
    output: Output,
) -> Result<(), Failure> {
    if let Some(file) = csv {
        let mut sheet = Sheet::create(Some(&file)).map_err(Failure::failed)?;
        sheet
            .values(rows)
            .and_then(|()| sheet.finish())
            .map_err(Failure::failed)?;
    }
    output.rows(columns, rows)
}
