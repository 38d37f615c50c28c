//! Looks with key files at a given rate, on the embedded default or PostgreSQL: how long each took, recorded and
//! answered.

use std::{io::Write as _, sync::Arc, time::Duration};

use anyhow::Context as _;
use bondhub::{
    assemble::{self, DemoIssuer},
    desk::Desk,
    settings::Settings,
    vault::Presented,
};
use bondhub_core::{
    bond::{BondKind, BondState, BondTerms, Cause, Instrument, Medium, Rule},
    calendar::{Period, Timestamp},
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    key::{Audience, KeyFile, KeyedBond, Statement, Token},
    money::{Currency, Money},
    party::Role,
    ports::store::{BondRow, CaseWrite, Commit, KeyRow, VersionRow},
    procurement::{CaseFile, Fact, Lesson, Scope},
};
use chrono::{NaiveDate, TimeDelta};
use tokio::time::Instant;

use crate::report::progress;

/// What is measured.
#[derive(clap::Args, Debug, Clone)]
pub(crate) struct Looks {
    /// Looks a second.
    #[arg(long, default_value_t = 200)]
    rate: u32,
    /// For so many seconds.
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Bonds, each with an owner's key, twenty in a case.
    #[arg(long, default_value_t = 2_000)]
    bonds: u32,
    /// An empty directory; the embedded database is made in it.
    #[arg(long)]
    directory: std::path::PathBuf,
    /// The hub's program, which makes keys and schema.
    #[arg(long)]
    hub: std::path::PathBuf,
    /// An empty PostgreSQL database instead.
    #[arg(long)]
    postgres: Option<String>,
}

const IN_A_CASE: u32 = 20;

/// Makes bonds and keys, looks, and prints how long it took.
pub(crate) fn run(looks: &Looks) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(looks))
}

async fn measure(looks: &Looks) -> anyhow::Result<()> {
    let settings = settings(looks)?;
    let desk = assemble::desk(&settings).await?;
    progress(&format!("{} bonds and keys", looks.bonds))?;
    let keys = Arc::new(fill(&desk, looks.bonds).await?);
    progress(&format!("{} looks/s for {} s", looks.rate, looks.seconds))?;
    let mut took = look(&desk, &keys, looks).await?;
    took.sort_unstable();
    print(looks, &took)
}

fn settings(looks: &Looks) -> anyhow::Result<Settings> {
    let path = |name: &str| looks.directory.join(name).display().to_string();
    let url = looks.postgres.clone();
    let url = url.unwrap_or_else(|| format!("sqlite:{}", path("bondhub.db")));
    std::fs::create_dir_all(&looks.directory)?;
    let text = format!(
        "[database]\nurl = {url:?}\n[broker]\nurl = {:?}\n[mail]\nurl = {:?}\n\
         [openpgp]\nhub_key_file = {:?}\n[vault]\nmaster_key_file = {:?}\npepper_file = {:?}\n\
         [looking]\nlooks_per_key = 1000000\n[log]\nlevel = \"warn\"\n",
        format!("spool:{}", path("spool")),
        format!("file:{}", path("mail")),
        path("keys/hub.pgp"),
        path("keys/master.key"),
        path("keys/pepper.key"),
    );
    let config = looks.directory.join("bondhub.toml");
    std::fs::write(&config, text)?;
    for step in ["init", "migrate"] {
        let mut command = std::process::Command::new(&looks.hub);
        let output = command.arg("--config").arg(&config).arg(step).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.success(), "bondhub {step}: {said}");
    }
    Ok(Settings::load(Some(&config), std::iter::empty())?)
}

/// Bonds with an owner's key each, as a hub would have committed them; the bids were opened yesterday.
async fn fill(desk: &Desk, bonds: u32) -> anyhow::Result<Vec<Vec<u8>>> {
    let now = desk.clock.now();
    let issuer = assemble::demo_issuer("Surety Ltd.", now - TimeDelta::days(30))?;
    let mut keys = Vec::new();
    for case in 0..bonds.div_ceil(IN_A_CASE) {
        let procurement = ProcurementId::parse(&format!("ocds-bench-{case:06}"))?;
        let mut commit = Commit {
            now,
            cases: vec![opened(&procurement, now)?],
            ..Commit::default()
        };
        for number in case * IN_A_CASE..bonds.min((case + 1) * IN_A_CASE) {
            let made = made(desk, &issuer, &procurement, number, now)?;
            commit.bonds.push(made.bond);
            commit.versions.push(made.version);
            commit.keys.push(made.key);
            keys.push(made.file);
        }
        desk.store.commit(&commit).await?;
    }
    Ok(keys)
}

fn opened(procurement: &ProcurementId, now: Timestamp) -> anyhow::Result<CaseWrite> {
    let mut file = CaseFile::new(procurement.clone());
    let fact = Fact::Opening {
        scope: Scope::Tender,
        at: now - TimeDelta::days(1),
    };
    let stamp = bondhub_core::event::Stamp {
        time: now - TimeDelta::days(20),
        sequence: 0,
        event: bondhub_core::event::EventIdentity {
            id: "t-1".to_owned(),
            source: "/bench".to_owned(),
        },
    };
    file.learn(&Lesson {
        stamp,
        facts: vec![fact],
    })?;
    Ok(CaseWrite {
        file,
        version: 0,
        due_at: None,
        waits: Vec::new(),
    })
}

struct Made {
    bond: BondRow,
    version: VersionRow,
    key: KeyRow,
    file: Vec<u8>,
}

fn made(
    desk: &Desk,
    issuer: &DemoIssuer,
    procurement: &ProcurementId,
    number: u32,
    now: Timestamp,
) -> anyhow::Result<Made> {
    let bond = BondId::new(
        PartyCode::parse("S1")?,
        BondNumber::parse(&format!("B-{number:06}"))?,
    );
    let terms = terms(procurement, number)?;
    let holder = terms.obligee.clone();
    let token = Token::draw(desk.randomness.as_ref())?;
    let audience = Audience {
        role: Role::Owner,
        party: holder.clone(),
    };
    let keyed = KeyedBond {
        id: &bond,
        revision: 1,
        issued_at: now,
        expires_at: now + TimeDelta::days(300),
    };
    let statement = issuer.sign(&Statement::about(&token, audience, keyed).to_bytes(), now)?;
    let cause = Cause {
        rule: Rule::Registered,
        at: now,
        source: "bench".to_owned(),
    };
    let file = KeyFile::assemble(&bond.number, 1, &token, &statement).to_vec();
    Ok(Made {
        bond: BondRow {
            bond: bond.clone(),
            terms: terms.clone(),
            version: 1,
            state: BondState::InForce,
            cause: cause.clone(),
        },
        version: VersionRow {
            bond: bond.clone(),
            version: 1,
            terms,
            cause,
        },
        key: KeyRow {
            kid: token.kid().as_str().to_owned(),
            bond,
            version: 1,
            edition: 1,
            holder,
            role: Role::Owner,
            digest: desk.pepper.digest(token.kid(), token.secret()),
            statement,
            issued_at: now,
        },
        file,
    })
}

fn terms(procurement: &ProcurementId, number: u32) -> anyhow::Result<BondTerms> {
    let day = |text: &str| text.parse::<NaiveDate>();
    Ok(BondTerms {
        kind: BondKind::Bid,
        instrument: Instrument::SuretyBond,
        medium: Medium::Electronic,
        principal: PartyCode::parse(&format!("C{:04}", number % 500))?,
        obligee: PartyCode::parse("O1")?,
        procurement: procurement.clone(),
        lot: None,
        contract: None,
        amount: Money::new(6_000_000, Currency::JPY)?,
        period: Period::new(day("2026-04-01")?, day("2028-03-31")?)?,
        wording: "発行機関は、発注者に対し、保証金額を限度として保証する。".to_owned(),
        opening_at: None,
        forfeitable: true,
        converts_to: None,
        takes_over: None,
        attachments: Vec::new(),
    })
}

/// Looks at a steady rate, whatever the earlier ones take; each key in its turn.
async fn look(
    desk: &Arc<Desk>,
    keys: &Arc<Vec<Vec<u8>>>,
    looks: &Looks,
) -> anyhow::Result<Vec<Duration>> {
    let mut beat = tokio::time::interval(Duration::from_secs(1) / looks.rate);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut under_way = tokio::task::JoinSet::new();
    for number in 0..looks.rate * looks.seconds {
        let due = beat.tick().await;
        let (desk, keys) = (Arc::clone(desk), Arc::clone(keys));
        let key = usize::try_from(number)? % keys.len();
        under_way.spawn(async move {
            let file = keys.get(key).context("no key")?;
            let look = desk.look(&Presented::file(file)).await?;
            desk.liability_of(&look).await?;
            anyhow::Ok(Instant::now() - due)
        });
    }
    let mut took = Vec::new();
    while let Some(one) = under_way.join_next().await {
        took.push(one??);
    }
    Ok(took)
}

/// Each look is timed from when it was due, not from when it was begun: what had to wait counts as waiting.
fn print(looks: &Looks, took: &[Duration]) -> anyhow::Result<()> {
    let at = |share: usize| {
        let place = (took.len() * share / 1000).min(took.len().saturating_sub(1));
        took.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    let database = if looks.postgres.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    writeln!(
        std::io::stdout(),
        "{database}: {} looks at {}/s, {} bonds: p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms, longest {:.2} ms",
        took.len(),
        looks.rate,
        looks.bonds,
        at(500),
        at(900),
        at(990),
        at(999),
        at(1000)
    )?;
    Ok(())
}
