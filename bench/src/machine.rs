//! What processes have used, out of `/proc`, and the versions of everything.

use std::{collections::BTreeMap, fs, process::Command};

use anyhow::Context as _;

use crate::database::Database;

/// Processor time in seconds, of user and kernel together.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub(crate) struct Used {
    /// In user mode.
    pub(crate) user: f64,
    /// In the kernel.
    pub(crate) system: f64,
}

impl Used {
    /// Both.
    pub(crate) fn total(self) -> f64 {
        self.user + self.system
    }

    /// What was used since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            user: self.user - before.user,
            system: self.system - before.system,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
        }
    }
}

/// Ticks of `/proc/PID/stat` a second; Linux shows 100 on every usual machine.
const TICKS: f64 = 100.0;

/// A process's own time, and that of its children that have ended.
fn used_by(stat: &str) -> Option<(String, Used)> {
    let (before, after) = stat.rsplit_once(") ")?;
    let name = before.split_once(" (")?.1.to_owned();
    let fields: Vec<&str> = after.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    // utime and stime are fields 14 and 15, cutime and cstime 16 and 17, the state is field 3.
    let used = Used {
        user: (ticks(11)? + ticks(13)?) / TICKS,
        system: (ticks(12)? + ticks(14)?) / TICKS,
    };
    Some((name, used))
}

/// What one process has used, with its children that have ended.
pub(crate) fn used(pid: u32) -> anyhow::Result<Used> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    used_by(&stat)
        .map(|(_, used)| used)
        .context("cannot read /proc")
}

/// What all processes of each name have used. The server's ended children are counted by their
/// parent, so sums of a server and its children never shrink.
pub(crate) fn used_by_name() -> anyhow::Result<BTreeMap<String, Used>> {
    let mut all: BTreeMap<String, Used> = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let Ok(stat) = fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        if let Some((name, used)) = used_by(&stat) {
            let sum = all.entry(name).or_default();
            *sum = sum.plus(used);
        }
    }
    Ok(all)
}

/// The most memory a process ever had resident, in KiB.
pub(crate) fn peak_memory(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.context("no VmHWM")?.parse()?)
}

/// The machine's load, for the report: others may be at work on it.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// The versions of everything that takes part.
pub(crate) fn versions(database: &Database) -> Vec<(&'static str, String)> {
    let asked = |query: &str| {
        database
            .value(query)
            .unwrap_or_else(|_| "unknown".to_owned())
    };
    vec![
        (
            "bondhub",
            said("git", &["describe", "--always", "--dirty", "--tags"]),
        ),
        ("rustc", said("rustc", &["--version"])),
        ("sequoia-openpgp", locked("sequoia-openpgp")),
        ("OpenSSL", said("openssl", &["version"])),
        ("PostgreSQL", asked("SHOW server_version")),
        (
            "fsync, synchronous_commit",
            asked(
                "SELECT current_setting('fsync') || ', ' || current_setting('synchronous_commit')",
            ),
        ),
        ("RabbitMQ", said("rabbitmqctl", &["version"])),
        ("kernel", said("uname", &["-sr"])),
        ("processor", processor()),
    ]
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.ok().filter(|output| output.status.success());
    text.map_or_else(
        || "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn locked(package: &str) -> String {
    let tree = said(
        "cargo",
        &[
            "tree",
            "--offline",
            "-p",
            package,
            "--depth",
            "0",
            "--prefix",
            "none",
        ],
    );
    tree.split(' ').nth(1).unwrap_or("unknown").to_owned()
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map(|(_, model)| model.to_owned())
        .collect();
    let first = models
        .first()
        .cloned()
        .unwrap_or_else(|| "unknown".to_owned());
    format!("{} × {first}", models.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name_holds() {
        let stat = "42 (odd) (name) S 1 2 3 4 5 6 7 8 9 10 100 50 20 10 20 0 1";
        let (name, used) = used_by(stat).unwrap();
        assert_eq!(name, "odd) (name");
        assert!((used.user - 1.2).abs() < 1e-9, "{used:?}");
        assert!((used.system - 0.6).abs() < 1e-9, "{used:?}");
    }
}
