//! What is printed.

use std::io::Write as _;

use bondhub_core::calendar::Timestamp;

use crate::{
    Measure,
    counterpart::Count,
    database::Database,
    machine::{self, Used},
    verify::Tried,
};

/// What was measured.
pub(crate) struct Figures {
    /// When the hub was started.
    pub(crate) start: Timestamp,
    /// What the sink had at the end.
    pub(crate) count: Count,
    /// The hub's processor time.
    pub(crate) hub: Used,
    /// The most memory it had, KiB.
    pub(crate) peak: u64,
    /// The sink's processor time.
    pub(crate) sink: Used,
    /// PostgreSQL's.
    pub(crate) postgres: Used,
    /// RabbitMQ's.
    pub(crate) rabbit: Used,
    /// Transactions of the hub.
    pub(crate) commits: u64,
    /// The machine's load before and after.
    pub(crate) load: (String, String),
}

/// Tells what is done now.
pub(crate) fn progress(what: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr(), "bench: {what}")?)
}

fn seconds(from: Option<Timestamp>, to: Option<Timestamp>) -> f64 {
    let (Some(from), Some(to)) = (from, to) else {
        return 0.0;
    };
    (to - from).as_seconds_f64()
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn real(number: u64) -> f64 {
    number as f64
}

/// Prints everything.
pub(crate) fn print(
    measure: &Measure,
    figures: &Figures,
    tried: Tried,
    database: &Database,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let events = f64::from(measure.events);
    let count = &figures.count;
    let (working, whole) = (
        seconds(count.first, count.last),
        seconds(Some(figures.start), count.last),
    );
    let own = if measure.silent { "without" } else { "with" };
    writeln!(
        out,
        "\n== {} events on {} bonds, {} recipients, {own} the hub's own events",
        measure.events, measure.bonds, measure.recipients
    )?;
    for set in &measure.set {
        writeln!(out, "setting                         {set}")?;
    }
    writeln!(
        out,
        "mails accepted                  {}, {} different, {:.0} octets each",
        count.taken,
        count.distinct,
        real(count.bytes) / real(count.taken).max(1.0)
    )?;
    writeln!(
        out,
        "verified                        every event applied, every mail sent and arrived once"
    )?;
    writeln!(
        out,
        "decrypted and tried             {} keys open, {} dead ones are refused",
        tried.live, tried.dead
    )?;
    writeln!(
        out,
        "events/s, first to last mail    {:.0} ({working:.2} s)",
        events / working.max(0.001)
    )?;
    writeln!(
        out,
        "events/s, from the hub's start  {:.0} ({whole:.2} s)",
        events / whole.max(0.001)
    )?;
    writeln!(
        out,
        "commits per event               {:.3}",
        real(figures.commits) / events
    )?;
    writeln!(
        out,
        "peak memory of the hub          {:.1} MiB",
        real(figures.peak) / 1024.0
    )?;
    writeln!(
        out,
        "load of the machine             {} before, {} after",
        figures.load.0, figures.load.1
    )?;
    writeln!(
        out,
        "CPU seconds per 1,000 events       total    user  system"
    )?;
    for (name, used) in [
        ("hub", figures.hub),
        ("PostgreSQL (all of the server)", figures.postgres),
        ("RabbitMQ (all of the server)", figures.rabbit),
        ("mail sink", figures.sink),
    ] {
        let per = |seconds: f64| seconds * 1000.0 / events;
        writeln!(
            out,
            "  {name:<31} {:>6.3}  {:>6.3}  {:>6.3}",
            per(used.total()),
            per(used.user),
            per(used.system)
        )?;
    }
    for (name, version) in machine::versions(database) {
        writeln!(out, "{name:<31} {version}")?;
    }
    Ok(())
}
