//! The hub's own process.

use std::{
    fmt::Write as _,
    fs::File,
    io::Write as _,
    path::PathBuf,
    process::{Child, Command},
    time::Duration,
};

use anyhow::{Context as _, bail};
use bondhub::settings::Settings;

use crate::Measure;

/// The hub's program with its settings.
pub(crate) struct Program {
    binary: PathBuf,
    directory: PathBuf,
    config: PathBuf,
    under: Option<String>,
    /// The settings, for what is done here in the hub's place.
    pub(crate) settings: Settings,
}

impl Program {
    /// Writes the settings, makes the keys, migrates the database.
    pub(crate) fn install(measure: &Measure, sink: &str) -> anyhow::Result<Self> {
        let config = measure.directory.join("bondhub.toml");
        std::fs::write(&config, configuration(measure, sink)?)?;
        let settings = Settings::load(Some(&config), std::iter::empty())?;
        let program = Self {
            binary: measure.hub.clone(),
            directory: measure.directory.clone(),
            config,
            under: measure.under.clone(),
            settings,
        };
        for step in ["init", "migrate"] {
            let output = program.command().arg(step).output()?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            anyhow::ensure!(output.status.success(), "bondhub {step}: {said}");
        }
        Ok(program)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--config").arg(&self.config);
        command
    }

    /// Starts the hub.
    pub(crate) fn start(&self) -> anyhow::Result<Hub> {
        self.spawn(self.command())
    }

    /// Starts the hub to be measured: under the profiler, if one is wanted.
    pub(crate) fn start_measured(&self) -> anyhow::Result<Hub> {
        let Some(under) = &self.under else {
            return self.start();
        };
        let mut words = under.split_whitespace();
        let mut command = Command::new(words.next().context("--under is empty")?);
        command.args(words).arg(&self.binary);
        command.arg("--config").arg(&self.config);
        self.spawn(command)
    }

    fn spawn(&self, mut command: Command) -> anyhow::Result<Hub> {
        let log = self.directory.join("hub.log");
        let file = File::options().create(true).append(true).open(&log)?;
        // A backtrace for each error that a library makes and drops would be measured too.
        let command = command
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LIB_BACKTRACE");
        let command = command.arg("serve").stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().context("cannot start the hub")?;
        Ok(Hub { child, log })
    }
}

fn configuration(measure: &Measure, sink: &str) -> anyhow::Result<String> {
    let path = |name: &str| measure.directory.join(name).display().to_string();
    let mut text = String::new();
    let mut sections = vec![
        ("database.url", format!("{:?}", measure.postgres)),
        ("broker.url", format!("{:?}", measure.amqp)),
        ("broker.publish_own_events", (!measure.silent).to_string()),
        ("mail.url", format!("\"smtp://{sink}\"")),
        (
            "openpgp.hub_key_file",
            format!("{:?}", path("keys/hub.pgp")),
        ),
        (
            "vault.master_key_file",
            format!("{:?}", path("keys/master.key")),
        ),
        (
            "vault.pepper_file",
            format!("{:?}", path("keys/pepper.key")),
        ),
        ("http.listen", "\"127.0.0.1:0\"".to_owned()),
        ("log.level", "\"warn\"".to_owned()),
    ];
    for set in &measure.set {
        let (key, value) = set.split_once('=').context("--set section.key=value")?;
        sections.push((key, value.to_owned()));
    }
    for (key, value) in sections {
        writeln!(text, "{key} = {value}")?;
    }
    Ok(text)
}

/// The hub at work; it is killed when this is dropped before it has stopped.
pub(crate) struct Hub {
    child: Child,
    log: PathBuf,
}

impl Hub {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// An error if it has ended.
    pub(crate) fn lives(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            let last: Vec<&str> = said.lines().rev().take(5).collect();
            bail!("the hub has ended ({status}): {}", last.join(" | "));
        }
        Ok(())
    }

    /// Lets it finish and end.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status()?;
        anyhow::ensure!(told.success(), "the hub cannot be told to stop");
        while self.child.try_wait()?.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            let _told = writeln!(std::io::stderr(), "the hub cannot be ended: {error}");
        }
    }
}
