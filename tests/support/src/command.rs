//! Running the programs that real parties use.

use std::{
    io::Write,
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result};

/// What a program said.
#[derive(Debug)]
pub struct Ran {
    /// It ended with exit code 0.
    pub success: bool,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, for people.
    pub stderr: String,
}

impl Ran {
    /// Standard output of a run that succeeded.
    pub fn checked(self) -> Result<Vec<u8>> {
        anyhow::ensure!(self.success, "the program failed: {}", self.stderr);
        Ok(self.stdout)
    }
}

/// Runs a program with `input` on its standard input. A missing program is an error that names it.
pub fn run(command: &mut Command, input: &[u8]) -> Result<Ran> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{name}` cannot be started; is it installed?"))?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    let input = input.to_vec();
    // A program that ends without reading everything closes the pipe: not an error of this side.
    let feeding = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output()?;
    feeding.join().ok().context("feeding the program failed")?;
    Ok(Ran {
        success: output.status.success(),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
