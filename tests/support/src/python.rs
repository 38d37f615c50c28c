//! Python of the system, whose `email` package and `aiosmtpd` read and take what the hub writes.

use std::process::Command;

use anyhow::Result;

use crate::command::run;

/// The interpreter: `BONDHUB_TEST_PYTHON`, or the system's own, which sees Debian's packages.
pub fn interpreter() -> String {
    std::env::var("BONDHUB_TEST_PYTHON").unwrap_or_else(|_| "/usr/bin/python3".to_owned())
}

/// Runs a script with `input` on its standard input; gives its standard output.
pub fn script(text: &str, input: &[u8]) -> Result<String> {
    let mut command = Command::new(interpreter());
    command.args(["-c", text]).env("PYTHONIOENCODING", "utf-8");
    Ok(String::from_utf8(run(&mut command, input)?.checked()?)?)
}
