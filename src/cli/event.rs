//! `bondhub event …`.

use std::path::{Path, PathBuf};

use bondhub_core::{
    event::{Rejection, TYPE_PREFIX},
    ports::{
        queue::Outgoing,
        store::{EventFilter, EventRow, EventState},
    },
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, bond::taken_row, output::Output, party::read_file};
use crate::{assemble, desk::Desk, settings::Settings};

/// Events that came, and what became of them.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Hands event files to the hub's queue: a CloudEvent, a JSON array, JSON Lines or OCDS each.
    Send {
        /// The files, sent in this order.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Lists events, newest first.
    List(List),
    /// Shows one event with its content.
    Show {
        /// Its id in the list.
        id: Uuid,
    },
    /// Sends a set-aside event again, as it is or corrected.
    Resubmit {
        /// Its id in the list.
        id: Uuid,
        /// The corrected event.
        #[arg(long, value_name = "FILE")]
        with: Option<PathBuf>,
    },
}

/// Which events.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only in this state, e.g. `set_aside`.
    #[arg(long, value_parser = read_state)]
    state: Option<EventState>,
    /// Only of this procurement.
    #[arg(long)]
    procurement: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

fn read_state(text: &str) -> Result<EventState, String> {
    let all = EventState::ALL.map(EventState::as_str).join(", ");
    EventState::parse(text).ok_or_else(|| format!("expected one of {all}"))
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        if let Self::Send { files } = self {
            return send(settings, &files, output).await;
        }
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::List(list) => list.run(&desk, output).await,
            Self::Show { id } => {
                let (row, content) = desk.event_shown(id).await?;
                output.one(&event_row(&row, content))
            }
            Self::Resubmit { id, with } => {
                let bytes = with.as_deref().map(read_file).transpose()?;
                let taken = desk.resubmit(id, bytes.as_deref()).await?;
                output.rows(
                    &["event", "state"],
                    &taken.iter().map(taken_row).collect::<Vec<_>>(),
                )
            }
            Self::Send { .. } => Ok(()),
        }
    }
}

async fn send(settings: &Settings, files: &[PathBuf], output: Output) -> Result<(), Failure> {
    let submit = assemble::submit(settings).await.map_err(Failure::failed)?;
    let mut rows = Vec::new();
    for file in files {
        for event in events_of(file)? {
            let row = json!({"file": file, "id": event.id, "type": event.kind});
            submit.submit(event).await.map_err(Failure::failed)?;
            rows.push(row);
        }
    }
    output.rows(&["file", "id", "type"], &rows)
}

/// The events of a file: each element of an array and each line of JSON Lines by itself.
fn events_of(file: &Path) -> Result<Vec<Outgoing>, Failure> {
    let bytes = read_file(file)?;
    let refused = |error: serde_json::Error| {
        Failure::refused(format!("{}: not JSON: {error}", file.display()))
    };
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(&bytes)
        .into_iter::<Value>()
        .collect();
    let values = values.map_err(refused)?;
    let events = values.into_iter().flat_map(|value| match value {
        Value::Array(items) => items,
        other => vec![other],
    });
    Ok(events.map(outgoing).collect())
}

/// An event as the queue takes it; its kind is the routing key.
pub(super) fn outgoing(body: Value) -> Outgoing {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let native = body.get("specversion").is_some();
    let kind = text("type");
    let kind = if native {
        kind.strip_prefix(TYPE_PREFIX).unwrap_or(kind)
    } else {
        "ocds.release"
    };
    let content_type = if native {
        "application/cloudevents+json"
    } else {
        "application/json"
    };
    Outgoing {
        kind: kind.to_owned(),
        id: text("id").to_owned(),
        content_type: content_type.to_owned(),
        body,
    }
}

impl List {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let subject = self
            .procurement
            .map(|text| bondhub_core::identifier::ProcurementId::parse(&text));
        let filter = EventFilter {
            state: self.state,
            subject: subject.transpose().map_err(Failure::usage)?,
            waits_for: None,
            limit: self.limit,
        };
        let events = desk.store.events(&filter).await.map_err(Failure::failed)?;
        let rows: Vec<Value> = events.iter().map(list_row).collect();
        output.rows(
            &["id", "type", "procurement", "time", "state", "because"],
            &rows,
        )
    }
}

fn list_row(row: &EventRow) -> Value {
    let because = row
        .rejection
        .as_ref()
        .map(sentence)
        .or(row.waits_for.clone());
    json!({"id": row.id, "source": row.identity.source, "event": row.identity.id, "type": row.kind,
           "procurement": row.subject, "time": row.time, "state": row.state, "because": because,
           "received_at": row.received_at})
}

fn sentence(rejection: &Rejection) -> String {
    let pointer = rejection.pointer.as_deref().unwrap_or_default();
    let space = if pointer.is_empty() { "" } else { " " };
    format!("{}: {pointer}{space}{rejection}", rejection.reason.as_str())
}

fn event_row(row: &EventRow, content: Value) -> Value {
    let mut shown = list_row(row);
    if let Some(members) = shown.as_object_mut() {
        members.insert("content".into(), content);
        members.insert("digest".into(), row.digest.clone().into());
    }
    shown
}
