//! `bondhub grant …`: who may look before the opening (R21).

use bondhub_core::{
    account::AccountName,
    calendar::Timestamp,
    identifier::{PartyCode, ProcurementId},
    ports::store::LookFilter,
    view::Grant,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, output::Output};
use crate::{
    assemble,
    desk::{Desk, EarlyGrant},
    settings::Settings,
};

/// Grants to look before the opening.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lets a named account of an owner see its bonds before the opening.
    Add(Add),
    /// Lists grants, those that are over too.
    List {
        /// Only of this account.
        #[arg(long)]
        account: Option<String>,
    },
    /// Takes a grant back.
    Revoke {
        /// Its id.
        id: Uuid,
    },
    /// Shows what was looked at under a grant.
    Uses {
        /// Its id.
        id: Uuid,
    },
}

/// A grant.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// The account.
    account: String,
    /// The owner it belongs to.
    #[arg(long)]
    party: String,
    /// Only for this procurement; every one of the owner if not given.
    #[arg(long)]
    procurement: Option<String>,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Until when, RFC 3339 with an offset.
    #[arg(long)]
    until: String,
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Add(add) => add.run(&desk, output).await,
            Self::List { account } => list(&desk, account.as_deref(), output).await,
            Self::Revoke { id } => {
                desk.revoke_grant(id, &crate::assemble::system_user())
                    .await?;
                output.one(&json!({"id": id, "revoked": true}))
            }
            Self::Uses { id } => uses(&desk, id, output).await,
        }
    }
}

impl Add {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let procurement = self.procurement.as_deref().map(ProcurementId::parse);
        let asked = EarlyGrant {
            account: AccountName::parse(&self.account).map_err(Failure::usage)?,
            party: PartyCode::parse(&self.party).map_err(Failure::usage)?,
            procurement: procurement.transpose().map_err(Failure::usage)?,
            reason: self.reason,
            until: read_instant("--until", &self.until)?,
        };
        output.one(&grant_row(
            &desk.grant(asked, &crate::assemble::system_user()).await?,
        ))
    }
}

async fn list(desk: &Desk, account: Option<&str>, output: Output) -> Result<(), Failure> {
    let account = account.map(AccountName::parse).transpose();
    let account = account.map_err(Failure::usage)?;
    let grants = desk.grants(account.as_ref()).await?;
    let rows: Vec<Value> = grants.iter().map(grant_row).collect();
    let columns = [
        "id",
        "account",
        "party",
        "procurement",
        "until",
        "by",
        "reason",
        "revoked",
    ];
    output.rows(&columns, &rows)
}

async fn uses(desk: &Desk, grant: Uuid, output: Output) -> Result<(), Failure> {
    let filter = LookFilter {
        grant: Some(grant),
        limit: 10_000,
        ..LookFilter::default()
    };
    let looks = desk.looks(&filter).await?;
    let row = |look: &bondhub_core::ports::store::LookRow| {
        json!({"at": look.at, "bond": look.bond, "version": look.version, "account": look.account,
               "from": look.address, "opening_at": look.opening_at})
    };
    let rows: Vec<Value> = looks.iter().map(row).collect();
    output.rows(
        &["at", "bond", "version", "account", "from", "opening_at"],
        &rows,
    )
}

fn grant_row(grant: &Grant) -> Value {
    let revoked = grant.revoked.as_ref();
    json!({
        "id": grant.id, "account": grant.account, "party": grant.party, "procurement": grant.procurement,
        "reason": grant.reason, "by": grant.granted_by, "since": grant.granted_at, "until": grant.until,
        "revoked": revoked.map(|(at, _)| at), "revoked_by": revoked.map(|(_, by)| by),
    })
}

/// Reads an instant of the command line.
pub(super) fn read_instant(name: &str, text: &str) -> Result<Timestamp, Failure> {
    bondhub_core::event::read_time("", text)
        .map_err(|rejection| Failure::misused(format!("{name}: {rejection}")))
}
