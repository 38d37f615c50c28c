//! `bondhub account token …`.

use bondhub_core::{
    account::{AccountName, Permission},
    ports::{Clock as _, store::TokenRow},
};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{super::output::Output, Failure, read_name};
use crate::{desk::Desk, hub::system::SystemClock};

/// Tokens of programs.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Makes a token and prints it once.
    Add(Add),
    /// Lists tokens; never the tokens themselves.
    List {
        /// Only of this account.
        #[arg(value_parser = read_name)]
        account: Option<AccountName>,
    },
    /// Revokes a token.
    Revoke {
        /// The account.
        #[arg(value_parser = read_name)]
        account: AccountName,
        /// The token's name.
        label: String,
    },
}

/// A token to make.
#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// The account it speaks for.
    #[arg(value_parser = read_name)]
    account: AccountName,
    /// The token's name.
    label: String,
    /// What it may do at most, e.g. `events:send`; may be given several times.
    #[arg(long = "scope", required = true, value_parser = read_scope)]
    scopes: Vec<Permission>,
    /// After so many days it does not work any more.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: Option<u32>,
}

fn read_scope(text: &str) -> Result<Permission, String> {
    Permission::parse(text).ok_or_else(|| {
        let names: Vec<_> = Permission::ALL.iter().map(|one| one.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

impl Command {
    pub(super) async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        match self {
            Self::Add(add) => {
                let days = add.days.map(|days| TimeDelta::days(days.into()));
                let expires_at = days.map(|days| SystemClock.now() + days);
                let scopes = add.scopes.into_iter().collect();
                let made = desk
                    .add_token(&add.account, &add.label, scopes, expires_at)
                    .await?;
                let mut row = token_row(&made.row);
                if let Some(members) = row.as_object_mut() {
                    members.insert("token".to_owned(), made.token.as_str().into());
                }
                output.one(&row)
            }
            Self::List { account } => {
                let tokens = desk.tokens(account.as_ref()).await?;
                let rows: Vec<Value> = tokens.iter().map(token_row).collect();
                let columns = [
                    "account",
                    "label",
                    "scopes",
                    "expires_at",
                    "last_used_at",
                    "revoked_at",
                ];
                output.rows(&columns, &rows)
            }
            Self::Revoke { account, label } => {
                desk.revoke_token(&account, &label).await?;
                output.one(&json!({"account": account, "revoked": label}))
            }
        }
    }
}

fn token_row(row: &TokenRow) -> Value {
    json!({
        "account": row.account, "label": row.label, "scopes": row.scopes, "created_at": row.created_at,
        "expires_at": row.expires_at, "last_used_at": row.last_used_at, "revoked_at": row.revoked_at,
    })
}
