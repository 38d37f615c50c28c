//! `bondhub task …`: what people must do (R30, R31, R34).

use bondhub_core::{party::Language, ports::store::TaskView};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Failure, output::Output};
use crate::{assemble, desk::Desk, settings::Settings};

/// Tasks.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists tasks, open ones first, then by age; those that ask nobody are the operator's.
    List {
        /// Closed ones too.
        #[arg(long)]
        closed: bool,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        let Self::List { closed, limit } = self;
        let tasks = desk.store.tasks(closed, limit).await;
        let tasks = tasks.map_err(Failure::failed)?;
        let rows: Vec<Value> = tasks.iter().map(|view| row(&desk, view)).collect();
        let columns = [
            "task",
            "procurement",
            "asked",
            "because",
            "opened_at",
            "closed_at",
        ];
        output.rows(&columns, &rows)
    }
}

fn row(desk: &Desk, view: &TaskView) -> Value {
    let zone = desk.directories.newest().rules.policy.zone;
    let because = view.task.because.iter();
    let because = because.map(|finding| finding.what.sentence(Language::En, zone));
    let because: Vec<String> = because.chain(view.task.note.clone()).collect();
    json!({"task": view.key.to_string(), "procurement": view.procurement, "asked": view.task.asked,
           "because": because, "opened_at": view.opened_at, "closed_at": view.closed_at})
}
