//! `bondhub demo`.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

use super::{Failure, output::Output};

/// Plays both business flows on the embedded default.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where everything goes; a new folder beneath the current one if not given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the page is served afterwards.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// End after the play instead of serving the page.
    #[arg(long)]
    exit: bool,
}

impl Demo {
    /// Plays.
    pub(super) async fn run(self, _output: Output) -> Result<(), Failure> {
        Err(Failure::failed(anyhow::anyhow!("not yet")))
    }
}
