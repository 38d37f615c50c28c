//! The command line of bondhub.

use std::process::ExitCode;

use bondhub::cli::{Cli, run};
use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            failure.exit_code()
        }
    }
}

#[expect(clippy::print_stderr, reason = "a failed command says why on stderr")]
fn report(failure: &bondhub::cli::Failure) {
    eprintln!("{failure}");
}
