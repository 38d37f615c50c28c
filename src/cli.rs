//! The command line (CONTRACT §5): one file per group of commands.
//!
//! Results go to stdout, as a table or as JSON alone; logs and errors to stderr. An error is one line:
//! what, where, what to do.

mod account;
mod audit;
mod balance;
mod bond;
mod case;
mod certificates;
mod demo;
mod event;
mod failure;
mod grant;
mod init;
mod key;
mod mail;
mod output;
mod paper;
mod party;
mod pin;
mod prepare;
mod schema;
mod serve;
mod task;
mod vault;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::settings::Settings;

pub use failure::Failure;
pub(crate) use init::{make_keys, write_new};
pub(crate) use output::print_line;
use output::{Form, Output};

/// The integration hub for electronic bonds in public-works procurement.
#[derive(Debug, Parser)]
#[command(name = "bondhub", version, disable_help_subcommand = true)]
pub struct Cli {
    /// Settings that override the defaults (see config/default.toml).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = Form::Table)]
    output: Form,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays both business flows on the embedded default, from event files to encrypted mails.
    Demo(demo::Demo),
    /// Runs the hub: feeds, relay, clock, HTTP.
    Serve,
    /// Makes the hub's own keys where they are missing: master key, pepper, OpenPGP key.
    Init,
    /// Brings the database's schema up to date.
    Migrate,
    /// Reads the settings, and tells what they lead to.
    CheckConfig,
    /// Parties and their certificates.
    #[command(subcommand)]
    Party(party::Command),
    /// Certificates and revocation lists, all of them.
    #[command(subcommand)]
    Certificates(certificates::Command),
    /// Bonds and the documents issuers sign.
    #[command(subcommand)]
    Bond(bond::Command),
    /// Procurement cases, and what people report by hand.
    #[command(subcommand)]
    Case(case::Command),
    /// Authentication keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Who may look before the opening.
    #[command(subcommand)]
    Grant(grant::Command),
    /// Events that came, and what became of them.
    #[command(subcommand)]
    Event(event::Command),
    /// What people must do.
    #[command(subcommand)]
    Task(task::Command),
    /// Mails and own events that leave the hub.
    #[command(subcommand)]
    Mail(mail::Command),
    /// The audit log: verify, export, sign.
    #[command(subcommand)]
    Audit(audit::Command),
    /// The vault and its master key.
    #[command(subcommand)]
    Vault(vault::Command),
    /// Who may sign in to the pages and the interface.
    #[command(subcommand)]
    Account(account::Command),
    /// What is outstanding.
    Balance(Box<balance::Balance>),
    /// Paper bonds.
    #[command(subcommand)]
    Paper(paper::Command),
}

/// Runs the command line; the process ends with the failure's exit code.
pub async fn run(mut cli: Cli) -> Result<(), Failure> {
    let output = Output::new(cli.output);
    if let Command::Demo(demo) = cli.command {
        return demo.run().await;
    }
    if let Command::Key(key::Command::Verify(verify)) = cli.command {
        return verify.run(output);
    }
    if let Command::Bond(bond::Command::Sign(sign)) = cli.command {
        return sign.run();
    }
    if let Command::Audit(audit::Command::Verify(verify)) = &mut cli.command
        && verify.is_offline()
    {
        return verify.run_offline(output);
    }
    let command = match cli.command {
        Command::Key(key::Command::Sign(sign)) if sign.needs_no_hub() => {
            return sign.run_without_hub(output);
        }
        command => command,
    };
    let settings = Settings::from_process(cli.config.as_deref()).map_err(Failure::usage)?;
    match command {
        Command::Serve => serve::run(settings).await,
        Command::Init => init::run(&settings, output),
        Command::Migrate => schema::migrate(&settings, output).await,
        Command::CheckConfig => schema::check_config(&settings, output),
        Command::Party(command) => command.run(&settings, output).await,
        Command::Certificates(command) => command.run(&settings, output).await,
        Command::Bond(command) => command.run(&settings, output).await,
        Command::Case(command) => command.run(&settings, output).await,
        Command::Key(command) => command.run(&settings, output).await,
        Command::Grant(command) => command.run(&settings, output).await,
        Command::Event(command) => command.run(&settings, output).await,
        Command::Task(command) => command.run(&settings, output).await,
        Command::Mail(command) => command.run(&settings, output).await,
        Command::Audit(command) => command.run(&settings, output).await,
        Command::Vault(command) => command.run(&settings, output).await,
        Command::Account(command) => command.run(&settings, output).await,
        Command::Balance(command) => command.run(&settings, output).await,
        Command::Paper(command) => command.run(&settings, output).await,
        Command::Demo(_) => Ok(()),
    }
}
