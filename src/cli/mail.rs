//! `bondhub mail …`: what leaves the hub, and what to do about mails whose fate nobody knows.

use bondhub_core::{
    identifier::PartyCode,
    ports::store::{Channel, MailFilter, OutboxState, Resolution},
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, output::Output};
use crate::{assemble, settings::Settings};

/// What leaves the hub.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists mails, newest first; with --events the hub's own events.
    List(List),
    /// Decides about a mail that is uncertain or failed.
    Resolve {
        /// Its id in the list.
        id: Uuid,
        /// What to do.
        #[arg(value_enum)]
        how: How,
    },
}

/// Which mails.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only in this state, e.g. `uncertain`.
    #[arg(long, value_parser = read_state)]
    state: Option<OutboxState>,
    /// Only to this party.
    #[arg(long)]
    to: Option<String>,
    /// The hub's own events instead of mails.
    #[arg(long)]
    events: bool,
    /// At most so many.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

/// What to do about a mail.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum How {
    /// Send the same bytes again.
    Resend,
    /// It arrived: count it as sent.
    MarkSent,
}

fn read_state(text: &str) -> Result<OutboxState, String> {
    let all = OutboxState::ALL.map(OutboxState::as_str).join(", ");
    OutboxState::parse(text).ok_or_else(|| format!("expected one of {all}"))
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let store = assemble::store(settings).await.map_err(Failure::failed)?;
        match self {
            Self::List(list) => {
                let mails = store
                    .outbox(&list.filter()?)
                    .await
                    .map_err(Failure::failed)?;
                let rows: Result<Vec<Value>, _> = mails.iter().map(serde_json::to_value).collect();
                let columns = [
                    "id",
                    "name",
                    "recipient",
                    "state",
                    "attempts",
                    "due_at",
                    "last_reply",
                ];
                output.rows(&columns, &rows.map_err(Failure::failed)?)
            }
            Self::Resolve { id, how } => {
                let resolution = match how {
                    How::Resend => Resolution::Resend,
                    How::MarkSent => Resolution::MarkSent,
                };
                let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
                desk.resolve_mail(id, resolution).await?;
                output.one(&json!({"id": id, "resolved": resolution}))
            }
        }
    }
}

impl List {
    fn filter(&self) -> Result<MailFilter, Failure> {
        let recipient = self.to.as_deref().map(PartyCode::parse).transpose();
        Ok(MailFilter {
            channel: Some(if self.events {
                Channel::Event
            } else {
                Channel::Mail
            }),
            state: self.state,
            recipient: recipient.map_err(Failure::usage)?,
            procurement: None,
            limit: self.limit,
        })
    }
}
