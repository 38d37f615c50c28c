//! The benchmark's instrument: `bench/run` calls it.
//!
//! | file | concern |
//! |---|---|
//! | `scene` | who and what there is: parties, bonds, contracts, and every event of the load |
//! | `prepare` | parties and their keys at the hub's desk, events to the hub's queue |
//! | `sink` | the mail server, a process of its own |
//! | `counterpart` | that process seen from here: starting it, asking it |
//! | `hub` | the hub's own process: its settings, starting and stopping it |
//! | `machine` | what processes have used, out of `/proc`, and the versions of everything |
//! | `database` | questions to PostgreSQL, by `psql` |
//! | `verify` | that every mail arrived once, and opens what it should |
//! | `play` | the order of it all |
//! | `liability` | figures of outstanding liability (`bench/liability/run`) |
//! | `looks` | looks at bonds with key files, at a given rate |
//! | `pages` | pages over as many bonds as wanted (`bench/bonds/pages`) |
//! | `report` | what is printed |

mod counterpart;
mod database;
mod hub;
mod liability;
mod looks;
mod machine;
mod pages;
mod play;
mod prepare;
mod report;
mod scene;
mod sink;
mod verify;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures bondhub; started by bench/run")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The mail server: questions by standard input, answers by standard output.
    Sink,
    /// Figures of outstanding liability over a generated history.
    Liability(liability::Liability),
    /// One measurement, from an empty database and virtual host.
    Measure(Measure),
    /// Looks with key files: how long each takes.
    Looks(looks::Looks),
    /// Pages over a generated history.
    Pages(pages::Pages),
}

/// What is measured, and where.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Measure {
    /// Events of the load.
    #[arg(long, default_value_t = 20_000)]
    events: u32,
    /// Bonds, each of its own contract.
    #[arg(long, default_value_t = 2_000)]
    bonds: u32,
    /// Contractors, each with a certificate of its own.
    #[arg(long, default_value_t = 200)]
    recipients: u32,
    /// Changes of every contract before the load, so that tables hold history.
    #[arg(long, default_value_t = 2)]
    history: u32,
    /// Mails that are decrypted and tried.
    #[arg(long, default_value_t = 50)]
    sample: usize,
    /// Leaves the hub's own events out.
    #[arg(long)]
    silent: bool,
    /// More settings of the hub, `section.key=value`, as in its configuration file.
    #[arg(long)]
    set: Vec<String>,
    /// Starts the hub by this command, e.g. a profiler; the hub's own command line follows it.
    #[arg(long)]
    under: Option<String>,
    /// The hub.
    #[arg(long)]
    hub: PathBuf,
    /// An empty directory for keys and settings.
    #[arg(long)]
    directory: PathBuf,
    /// The empty database.
    #[arg(long)]
    postgres: String,
    /// The empty virtual host.
    #[arg(long)]
    amqp: String,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Sink => sink::run(),
        Command::Measure(measure) => play::run(&measure),
        Command::Liability(liability) => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(liability.run())
        }
        Command::Looks(looks) => looks::run(&looks),
        Command::Pages(pages) => tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(pages.run()),
    }
}
