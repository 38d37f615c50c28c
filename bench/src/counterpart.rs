//! The mail sink, seen from the instrument.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::Context as _;
use bondhub_core::calendar::Timestamp;
use serde_json::Value;

/// The sink's process; it ends when this is dropped.
pub(crate) struct Counterpart {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) address: String,
}

/// How far the sink is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count {
    /// Mails taken, with repetitions.
    pub(crate) taken: u64,
    /// Different Message-IDs.
    pub(crate) distinct: u64,
    /// Octets of all mails.
    pub(crate) bytes: u64,
    /// When the first one was taken.
    pub(crate) first: Option<Timestamp>,
    /// When the last one was taken.
    pub(crate) last: Option<Timestamp>,
}

impl Counterpart {
    /// Starts it.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let command = command
            .arg("sink")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("cannot start the mail sink")?;
        let questions = child.stdin.take().context("the sink has no input")?;
        let answers = child.stdout.take().context("the sink has no output")?;
        let mut started = Self {
            child,
            questions,
            answers: BufReader::new(answers),
            address: String::new(),
        };
        started.address = started.answer()?;
        Ok(started)
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn answer(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let length = self.answers.read_line(&mut line)?;
        anyhow::ensure!(length > 0, "the mail sink has ended");
        Ok(line.trim().to_owned())
    }

    fn ask(&mut self, question: &str) -> anyhow::Result<String> {
        writeln!(self.questions, "{question}")?;
        self.answer()
    }

    /// How far it is.
    pub(crate) fn count(&mut self) -> anyhow::Result<Count> {
        let count: Value = serde_json::from_str(&self.ask("count")?)?;
        let number = |name: &str| count.get(name).and_then(Value::as_u64).unwrap_or(0);
        let time = |name: &str| {
            let text = count.get(name).and_then(Value::as_str);
            text.map(str::parse).transpose()
        };
        Ok(Count {
            taken: number("taken"),
            distinct: number("distinct"),
            bytes: number("bytes"),
            first: time("first")?,
            last: time("last")?,
        })
    }

    /// Everything it kept: `counts` by Message-ID, `mails` whole.
    pub(crate) fn dump(&mut self, directory: &Path) -> anyhow::Result<Value> {
        let file = directory.join("mails.json");
        self.ask(&format!("dump {}", file.display()))?;
        Ok(serde_json::from_slice(&std::fs::read(file)?)?)
    }

    /// Begins anew.
    pub(crate) fn forget(&mut self) -> anyhow::Result<()> {
        self.ask("forget").map(drop)
    }
}

impl Drop for Counterpart {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            let _told = writeln!(std::io::stderr(), "the mail sink cannot be ended: {error}");
        }
    }
}
