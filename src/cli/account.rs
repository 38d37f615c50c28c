//! `bondhub account …`: who may sign in to the pages and the interface.

mod token;

use std::{collections::BTreeSet, io::IsTerminal as _, path::PathBuf};

use bondhub_core::{
    account::{AccountName, DEFAULT_ZONE, Role},
    identifier::PartyCode,
    party::Language,
    ports::store::AccountRow,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Failure, output::Output, party::read_line};
use crate::{
    assemble,
    desk::{Change, Desk, Invitation, NewAccount},
    settings::Settings,
};

/// Accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds an account, and prints once the invitation its holder chooses a password with.
    Add(Add),
    /// Lists the accounts.
    List,
    /// Gives an account other roles; whoever is signed in is signed out.
    Role {
        /// The account.
        #[arg(value_parser = read_name)]
        name: AccountName,
        /// The roles it has from now on; may be given several times.
        #[arg(long = "role", required = true, value_parser = read_role)]
        roles: Vec<Role>,
    },
    /// Makes an account unable to sign in, and signs it out.
    Disable {
        /// The account.
        #[arg(value_parser = read_name)]
        name: AccountName,
    },
    /// Lets a disabled account sign in again.
    Enable {
        /// The account.
        #[arg(value_parser = read_name)]
        name: AccountName,
    },
    /// Prints a new invitation; earlier ones are void.
    Invite {
        /// The account.
        #[arg(value_parser = read_name)]
        name: AccountName,
        /// Takes one-time passwords, passkeys and recovery codes away too: the device is lost.
        #[arg(long)]
        reset: bool,
    },
    /// Sets a password, read from a file or asked for; whoever is signed in is signed out.
    Password(Password),
    /// Draws a secret for one-time passwords, and confirms it with a first one.
    Totp(Totp),
    /// Tokens of programs.
    #[command(subcommand)]
    Token(token::Command),
}

/// An account to add.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// What it signs in as.
    #[arg(value_parser = read_name)]
    name: AccountName,
    /// `administrator`, `operator`, `auditor`; of a party: `clerk`, `signer`, `privileged_viewer`. May be given several times.
    #[arg(long = "role", required = true, value_parser = read_role)]
    roles: Vec<Role>,
    /// The party it belongs to.
    #[arg(long, value_parser = read_party)]
    party: Option<PartyCode>,
    /// The language pages are shown in: ja or en.
    #[arg(long, default_value = "ja", value_parser = read_language)]
    language: Language,
    /// The zone dates are shown in.
    #[arg(long, default_value = DEFAULT_ZONE)]
    zone: String,
}

/// A password to set.
#[derive(Debug, Args)]
pub(super) struct Password {
    /// The account.
    #[arg(value_parser = read_name)]
    name: AccountName,
    /// A file with the password; its last line end is cut off. Without it the terminal is asked.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// One-time passwords.
#[derive(Debug, Args)]
pub(super) struct Totp {
    /// The account.
    #[arg(value_parser = read_name)]
    name: AccountName,
    /// The offer a first run printed, to confirm it.
    #[arg(long, requires = "code")]
    offer: Option<String>,
    /// The one-time password the app shows now.
    #[arg(long, requires = "offer")]
    code: Option<String>,
}

pub(super) fn read_name(text: &str) -> Result<AccountName, String> {
    AccountName::parse(text).map_err(|error| error.to_string())
}

fn read_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("expected one of {}", names.join(", "))
    })
}

fn read_party(text: &str) -> Result<PartyCode, String> {
    PartyCode::parse(text).map_err(|error| format!("the party's code {error}"))
}

fn read_language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "expected ja or en".to_owned())
}

impl Command {
    /// Runs the command.
    pub(super) async fn run(self, settings: &Settings, output: Output) -> Result<(), Failure> {
        let desk = assemble::desk(settings).await.map_err(Failure::failed)?;
        match self {
            Self::Add(add) => add.run(&desk, output).await,
            Self::List => list(&desk, output).await,
            Self::Role { name, roles } => {
                let roles: BTreeSet<_> = roles.into_iter().collect();
                let change = Change {
                    roles: Some(roles),
                    ..Change::default()
                };
                change_it(&desk, &name, change, output).await
            }
            Self::Disable { name } => change_it(&desk, &name, enabled(false), output).await,
            Self::Enable { name } => change_it(&desk, &name, enabled(true), output).await,
            Self::Invite { name, reset } => {
                let invitation = if reset {
                    desk.reset_factors(&name).await?
                } else {
                    desk.invite(&name).await?
                };
                output.one(&invitation_row(&invitation))
            }
            Self::Password(password) => password.run(&desk, output).await,
            Self::Totp(totp) => totp.run(&desk, output).await,
            Self::Token(command) => command.run(&desk, output).await,
        }
    }
}

impl Add {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let new = NewAccount {
            name: self.name,
            party: self.party,
            roles: self.roles.into_iter().collect(),
            language: self.language,
            zone: self.zone,
        };
        let invitation = desk.add_account(new).await?;
        output.one(&invitation_row(&invitation))
    }
}

impl Password {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let password = match &self.password_file {
            Some(file) => read_line(file)?,
            None => ask_twice()?,
        };
        desk.put_password(&self.name, &password).await?;
        output.one(&json!({"account": self.name, "password": "set"}))
    }
}

/// Asks the terminal, which shows nothing of what is typed.
fn ask_twice() -> Result<Zeroizing<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        let message = "no terminal to ask for the password; give --password-file FILE";
        return Err(Failure::misused(message));
    }
    let ask = |prompt| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(Failure::failed)
    };
    let (one, again) = (ask("New password: ")?, ask("Once more: ")?);
    if *one == *again {
        Ok(one)
    } else {
        Err(Failure::refused("the two passwords differ"))
    }
}

impl Totp {
    async fn run(self, desk: &Desk, output: Output) -> Result<(), Failure> {
        let (Some(offer), Some(code)) = (&self.offer, &self.code) else {
            let offer = desk.offer_totp(&self.name).await?;
            return output.one(&json!({
                "account": self.name, "address": *offer.address, "secret": *offer.text, "offer": *offer.id,
            }));
        };
        match desk.confirm_totp(&self.name, offer, code).await? {
            Ok(codes) => {
                let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
                output.one(&json!({"account": self.name, "recovery_codes": codes}))
            }
            Err(again) => Err(Failure::refused(format!(
                "this is not the one-time password of now; confirm with --offer {}",
                *again.id
            ))),
        }
    }
}

fn enabled(enabled: bool) -> Change {
    Change {
        enabled: Some(enabled),
        ..Change::default()
    }
}

async fn change_it(
    desk: &Desk,
    name: &AccountName,
    change: Change,
    output: Output,
) -> Result<(), Failure> {
    desk.change_account(name, change).await?;
    let row = desk.account(name).await?;
    output.one(&account_row(&row))
}

async fn list(desk: &Desk, output: Output) -> Result<(), Failure> {
    let accounts = desk.accounts().await?;
    let rows: Vec<Value> = accounts.iter().map(account_row).collect();
    output.rows(
        &[
            "name",
            "party",
            "roles",
            "language",
            "password",
            "totp",
            "disabled_at",
        ],
        &rows,
    )
}

fn account_row(row: &AccountRow) -> Value {
    let account = &row.account;
    let totp = row.totp.as_ref().and_then(|totp| totp.confirmed_at);
    json!({
        "name": account.name, "party": account.party, "roles": account.roles,
        "language": account.language, "zone": account.zone, "password": row.password.is_some(),
        "totp": totp.is_some(), "created_at": account.created_at, "disabled_at": account.disabled_at,
    })
}

fn invitation_row(invitation: &Invitation) -> Value {
    json!({
        "account": invitation.account, "invitation": *invitation.code, "works_until": invitation.until,
        "page": "/welcome",
    })
}
