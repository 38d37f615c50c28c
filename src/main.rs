//! The command line of bondhub.

use std::process::ExitCode;

use bondhub::cli::{Cli, Failure, run};
use clap::Parser as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            report(&Failure::failed(error));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(cli));
    // The process ends here. Dropped first, the runtime would cut off the broker's client in its work,
    // which then complains on stderr.
    std::mem::forget(runtime);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            failure.exit_code()
        }
    }
}

#[expect(clippy::print_stderr, reason = "a failed command says why on stderr")]
fn report(failure: &Failure) {
    eprintln!("{failure}");
}
