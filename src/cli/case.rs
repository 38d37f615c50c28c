//! `bondhub case …`: procurement cases, and what people report where no feed does (R8).

mod confirm;
mod contract;
mod report;

use bondhub_core::{
    identifier::ProcurementId,
    ports::store::CaseView,
    procurement::{CaseFile, Scope},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failure, bond::taken_row, output::Output};
use crate::{
    assemble,
    desk::{Deed, Desk},
    settings::Settings,
};

/// Procurement cases.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// A tender was announced.
    Announce(report::Announce),
    /// A tender was changed: what is not given stays as it is known.
    Change(report::Change),
    /// The bids were opened.
    Open(report::Open),
    /// A contractor handed in its bid; with it its bonds are handed over.
    Bid(report::Bid),
    /// The bidders were asked to bid again.
    Rebid(report::Rebid),
    /// An award: decided, on hold, cancelled, or declined by the winner.
    Award(report::Award),
    /// A contract was concluded.
    Conclude(contract::Conclude),
    /// A contract's price or period was changed.
    ChangeContract(contract::ChangeContract),
    /// A contract was completed: inspected and paid.
    Complete(contract::End),
    /// A contract ended early; a claim may follow.
    Terminate(contract::End),
    /// A tender or lot was cancelled, or ended without an award.
    Cancel(report::Cancel),
    /// Confirms an opening that somebody else brought forward: the second person signs in.
    ConfirmOpening(confirm::ConfirmOpening),
    /// Gives the case rates and thresholds of its own.
    Rules(report::OwnRules),
    /// Shows a case.
    Show {
        /// The procurement id.
        procurement: String,
    },
    /// Lists cases, the last changed first.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// How a report is made.
#[derive(Debug, Args)]
pub(super) struct Reporting {
    /// When it happened, RFC 3339 with an offset; now if not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Who reports it; the operating system's user if not given.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Shows what would happen, and does nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        let (deed, dry_run) = match self {
            Self::Show { procurement } => return show(&desk, &procurement, output).await,
            Self::List { limit } => return list(&desk, limit, output).await,
            Self::Announce(act) => act.deed()?,
            Self::Change(act) => act.deed(&desk).await?,
            Self::Open(act) => act.deed()?,
            Self::Bid(act) => act.deed()?,
            Self::Rebid(act) => act.deed()?,
            Self::Award(act) => act.deed()?,
            Self::Conclude(act) => act.deed()?,
            Self::ChangeContract(act) => act.deed()?,
            Self::Complete(act) => act.deed(crate::desk::Step::ContractCompleted)?,
            Self::Terminate(act) => act.deed(crate::desk::Step::ContractTerminated)?,
            Self::Cancel(act) => act.deed()?,
            Self::ConfirmOpening(act) => return act.run(&desk, output).await,
            Self::Rules(act) => act.deed()?,
        };
        perform(&desk, &deed, dry_run, output).await
    }
}

/// Does a deed, or tells what it would do.
pub(super) async fn perform(
    desk: &Desk,
    deed: &Deed,
    dry_run: bool,
    output: Output,
) -> Result<(), Failure> {
    if dry_run {
        let rehearsal = desk.rehearse(deed).await?;
        return output.one(&json!(rehearsal));
    }
    output.one(&taken_row(&desk.deed(deed).await?))
}

async fn show(desk: &Desk, procurement: &str, output: Output) -> Result<(), Failure> {
    let procurement = ProcurementId::parse(procurement).map_err(Failure::usage)?;
    output.one(&case_row(&desk.case(&procurement).await?))
}

async fn list(desk: &Desk, limit: u32, output: Output) -> Result<(), Failure> {
    let cases = desk.cases(limit).await?;
    let rows: Vec<Value> = cases.iter().map(summary).collect();
    let columns = [
        "procurement",
        "title",
        "owner",
        "opening_at",
        "bonds",
        "tasks",
        "changed_at",
    ];
    output.rows(&columns, &rows)
}

fn summary(case: &CaseView) -> Value {
    let file = &case.file;
    let governing = file.governing(&Scope::Tender);
    json!({
        "procurement": file.id,
        "title": file.title.as_ref().map(|title| &title.value),
        "owner": file.owner.as_ref().map(|owner| &owner.value),
        "opening_at": governing.map(|governing| governing.at),
        "bonds": file.carried.bonds.len(),
        "tasks": file.carried.tasks.len(),
        "changed_at": case.changed_at,
    })
}

fn case_row(case: &CaseView) -> Value {
    let file = &case.file;
    let mut row = summary(case);
    let more = json!({
        "lots": file.lots.as_ref().map(|lots| &lots.value),
        "openings": openings(file),
        "bids": file.bids.keys().collect::<Vec<_>>(),
        "bonds": bonds(file),
        "contracts": file.contracts.keys().collect::<Vec<_>>(),
        "tasks": file.carried.tasks.keys().map(ToString::to_string).collect::<Vec<_>>(),
        "waits": file.carried.waits.keys().map(ToString::to_string).collect::<Vec<_>>(),
        "own_rules": file.own_rules.as_ref().map(|rules| &rules.value),
        "due_at": case.due_at,
    });
    if let (Some(members), Value::Object(more)) = (row.as_object_mut(), more) {
        members.extend(more);
    }
    row
}

fn openings(file: &CaseFile) -> Vec<Value> {
    let governing = file.opening_history.keys().filter_map(|scope| {
        let governing = file.governing(scope)?;
        let unconfirmed = governing.brought_forward.map(|earlier| earlier.at);
        Some(json!({"scope": scope, "opening_at": governing.at, "unconfirmed": unconfirmed}))
    });
    governing.collect()
}

fn bonds(file: &CaseFile) -> Vec<Value> {
    let row = |(id, record): (_, &bondhub_core::procurement::BondRecord)| {
        let matched = record.matched.as_ref();
        json!({
            "bond": id, "kind": record.terms.kind, "state": record.state, "principal": record.terms.principal,
            "match": matched.map(|result| result.grade), "findings": matched.map(|result| &result.findings),
        })
    };
    file.carried.bonds.iter().map(row).collect()
}
