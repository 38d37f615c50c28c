//! The order of it all: parties, history, load, measurement, verification, report.

use std::time::Duration;

use anyhow::ensure;
use bondhub::hub::system::SystemClock;
use bondhub_core::ports::Clock as _;
use chrono::{SubsecRound as _, TimeDelta};

use crate::{
    Measure,
    counterpart::{Count, Counterpart},
    database::Database,
    hub::{Hub, Program},
    machine::{self, Used},
    prepare,
    report::{self, Figures},
    scene::Scene,
    verify,
};

/// Longer than anything takes; nothing is measured that came so far.
const PATIENCE: Duration = Duration::from_mins(10);

/// One measurement.
pub(crate) fn run(measure: &Measure) -> anyhow::Result<()> {
    ensure!(
        measure.recipients > 0 && measure.bonds > 0,
        "nobody to send to"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(play(measure))
}

async fn play(measure: &Measure) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let scene = Scene {
        bonds: measure.bonds,
        recipients: measure.recipients,
        begin: (now - TimeDelta::hours(12)).trunc_subsecs(0),
    };
    let database = Database(measure.postgres.clone());
    let mut sink = Counterpart::start()?;
    let program = Program::install(measure, &sink.address)?;
    report::progress("parties and keys")?;
    let cast = prepare::engage(&scene, &program.settings).await?;
    report::progress("history")?;
    let written = settle_history(&scene, &cast, measure, &program, &database, &mut sink).await?;
    report::progress(&format!("publishing {} events", measure.events))?;
    let load = prepare::load(&scene, measure.history, measure.events);
    prepare::publish(&program.settings, load).await?;
    database.rows("VACUUM ANALYZE")?;
    database.rows("CHECKPOINT")?;
    sink.forget()?;
    report::progress("measuring")?;
    let figures = measured(measure, &program, &database, &mut sink).await?;
    report::progress("verifying")?;
    let dump = sink.dump(&measure.directory)?;
    verify::tables(&database, measure)?;
    verify::mails(&database, measure, &dump, written)?;
    let tried = verify::sample(&cast, &program.settings, measure, &dump).await?;
    report::print(measure, &figures, tried, &database)
}

/// Lets the hub work through the history; returns how many mails that were.
async fn settle_history(
    scene: &Scene,
    cast: &prepare::Cast,
    measure: &Measure,
    program: &Program,
    database: &Database,
    sink: &mut Counterpart,
) -> anyhow::Result<u64> {
    let mut hub = program.start()?;
    let mut mails = 0;
    for (index, round) in prepare::history(scene, cast, measure.history)?
        .into_iter()
        .enumerate()
    {
        prepare::publish(&program.settings, round).await?;
        // Tenders and conclusions lead to no mail.
        mails += if index == 0 || index == 2 {
            0
        } else {
            u64::from(scene.bonds)
        };
        arrived(&mut hub, sink, mails).await?;
    }
    left(&mut hub, database).await?;
    hub.stop().await?;
    let written = database.number("SELECT count(*) FROM outbox WHERE channel = 'mail'")?;
    ensure!(
        written == mails,
        "{written} mails in the history, expected {mails}"
    );
    Ok(written)
}

/// Waits until so many mails have arrived.
async fn arrived(hub: &mut Hub, sink: &mut Counterpart, mails: u64) -> anyhow::Result<Count> {
    let waiting = async {
        loop {
            let count = sink.count()?;
            if count.taken >= mails {
                return Ok(count);
            }
            hub.lives()?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await?
}

/// Waits until nothing is left to send; returns how often the database was asked.
async fn left(hub: &mut Hub, database: &Database) -> anyhow::Result<u64> {
    let waiting = async {
        let mut asked = 1;
        while database.unsent()? > 0 {
            hub.lives()?;
            asked += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(asked)
    };
    tokio::time::timeout(PATIENCE, waiting).await?
}

async fn measured(
    measure: &Measure,
    program: &Program,
    database: &Database,
    sink: &mut Counterpart,
) -> anyhow::Result<Figures> {
    let commits = database.commits()?;
    let before = machine::used_by_name()?;
    let sink_before = machine::used(sink.pid())?;
    let load_before = machine::load();
    let start = SystemClock.now();
    let mut hub = program.start_measured()?;
    let count = arrived(&mut hub, sink, u64::from(measure.events)).await?;
    let asked = left(&mut hub, database).await?;
    let after = machine::used_by_name()?;
    let of = |name: &str| {
        let sum = |all: &std::collections::BTreeMap<String, Used>| {
            all.get(name).copied().unwrap_or_default()
        };
        sum(&after).since(sum(&before))
    };
    let figures = Figures {
        start,
        count,
        hub: machine::used(hub.pid())?,
        peak: machine::peak_memory(hub.pid())?,
        sink: machine::used(sink.pid())?.since(sink_before),
        postgres: of("postgres"),
        rabbit: of("beam.smp"),
        commits: 0,
        load: (load_before, machine::load()),
    };
    hub.stop().await?;
    // Late repetitions would show now.
    let count = sink.count()?;
    // The count before, and one question for each look at what was left.
    let commits = database.commits()?.saturating_sub(commits + asked + 1);
    Ok(Figures {
        count,
        commits,
        ..figures
    })
}
