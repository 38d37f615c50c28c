//! Whether everything happened, once: by the sink's account, by the tables, and by a sample of mails
//! that are decrypted with their recipients' keys and tried at the hub.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use bondhub::{
    assemble,
    desk::{Desk, DeskError},
    hub::system::SystemClock,
    settings::Settings,
};
use bondhub_core::{key::KeyFile, ports::Clock as _};
use serde_json::Value;

use crate::{Measure, database::Database, prepare::Cast, scene};

/// What the sample showed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tried {
    /// Keys that open their bond: those of its last version.
    pub(crate) live: u32,
    /// Keys that are refused: those of earlier versions.
    pub(crate) dead: u32,
}

/// The version a bond ought to have.
fn version_of(bond: u32, measure: &Measure) -> u32 {
    let extra = u32::from(bond < measure.events % measure.bonds);
    1 + measure.history + measure.events / measure.bonds + extra
}

/// Every event was applied, every bond has its version and one live key.
pub(crate) fn tables(database: &Database, measure: &Measure) -> anyhow::Result<()> {
    let events = u64::from(measure.events + measure.history * measure.bonds);
    let states = database
        .rows("SELECT state, count(*) FROM event WHERE kind = 'contract.changed' GROUP BY 1")?;
    ensure!(
        states == [["applied".to_owned(), events.to_string()]],
        "contract changes are {states:?}, expected {events} applied"
    );
    let bonds = database.rows("SELECT number, version FROM bond ORDER BY number")?;
    ensure!(
        bonds.len() == usize::try_from(measure.bonds)?,
        "{} bonds",
        bonds.len()
    );
    for row in bonds {
        let [number, version] = row.as_slice() else {
            bail!("unexpected answer of psql")
        };
        let bond = scene::bond_of(number).context("a bond of somebody else")?;
        let expected = version_of(bond, measure);
        ensure!(
            *version == expected.to_string(),
            "{number} is v{version}, not v{expected}"
        );
    }
    let live = database.number("SELECT count(*) FROM bond_key WHERE ended_at IS NULL")?;
    ensure!(live == u64::from(measure.bonds), "{live} live keys");
    Ok(())
}

/// Each mail the hub wrote since `since` reached the sink exactly once, and nothing else did.
pub(crate) fn mails(
    database: &Database,
    measure: &Measure,
    dump: &Value,
    before: u64,
) -> anyhow::Result<()> {
    let rows = database.rows(&format!(
        "SELECT message_id, state FROM outbox WHERE channel = 'mail' ORDER BY created_at, id OFFSET {before}"
    ))?;
    let events = usize::try_from(measure.events)?;
    ensure!(
        rows.len() == events,
        "{} mails were written for {events} events",
        rows.len()
    );
    let counts: BTreeMap<String, u64> =
        serde_json::from_value(dump.get("counts").cloned().unwrap_or_default())?;
    ensure!(
        counts.len() == events,
        "{} different mails arrived",
        counts.len()
    );
    for row in rows {
        let [id, state] = row.as_slice() else {
            bail!("unexpected answer of psql")
        };
        ensure!(state == "sent", "mail {id} is {state}");
        let count = counts.get(id).copied().unwrap_or(0);
        ensure!(count == 1, "mail {id} arrived {count} times");
    }
    Ok(())
}

/// Decrypts a sample, checks its signatures, and tries its keys at the hub's desk.
pub(crate) async fn sample(
    cast: &Cast,
    settings: &Settings,
    measure: &Measure,
    dump: &Value,
) -> anyhow::Result<Tried> {
    let desk = assemble::desk(settings).await?;
    let hub = assemble::hub_certificate(settings)?;
    let mails = dump.get("mails").and_then(Value::as_array);
    let mails = mails.context("the sink kept no mails")?;
    let step = (mails.len() / measure.sample.max(1)).max(1);
    let mut tried = Tried::default();
    for mail in mails.iter().rev().step_by(step).take(measure.sample) {
        let key = opened(cast, &hub, mail)?;
        attempt(cast, &desk, measure, &key, &mut tried).await?;
    }
    let expected = measure.sample.min(mails.len());
    ensure!(
        usize::try_from(tried.live + tried.dead)? == expected,
        "{tried:?} of {expected}"
    );
    ensure!(
        tried.live > 0 && (tried.dead > 0 || measure.events <= measure.bonds),
        "a lopsided sample: {tried:?}"
    );
    Ok(tried)
}

/// The key file in a mail.
fn opened(cast: &Cast, hub: &str, mail: &Value) -> anyhow::Result<Vec<u8>> {
    let text = |name: &str| {
        mail.get(name)
            .and_then(Value::as_str)
            .context("half a mail")
    };
    let to = scene::contractor_at(text("to")?).context("a mail to somebody else")?;
    let reader = cast
        .readers
        .get(usize::try_from(to)?)
        .context("an unknown reader")?;
    let message = between(
        text("bytes")?,
        "-----BEGIN PGP MESSAGE-----",
        "-----END PGP MESSAGE-----",
    );
    let message = message.context("a mail that is not encrypted")?;
    let inside = reader.open(message.as_bytes(), hub, SystemClock.now())?;
    let inside = std::str::from_utf8(&inside)?;
    let file = between(inside, "BOND-KEY-FILE: 1", "-----END CMS-----");
    Ok(file
        .context("a mail without a key file")?
        .as_bytes()
        .to_vec())
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let start = text.find(begin)?;
    let rest = text.get(start..)?;
    rest.get(..rest.find(end)? + end.len())
}

async fn attempt(
    cast: &Cast,
    desk: &Desk,
    measure: &Measure,
    key: &[u8],
    tried: &mut Tried,
) -> anyhow::Result<()> {
    let file = KeyFile::parse(key)?;
    let bond = scene::bond_of(file.bond.as_str()).context("a bond of somebody else")?;
    let issuer = usize::try_from(scene::issuer_of(bond))?;
    let issuer = cast.issuers.get(issuer).context("no such issuer")?;
    assemble::verify_key(key, Some(&issuer.authority_pem), None, SystemClock.now())?;
    let is_last = file.revision == version_of(bond, measure);
    match desk.open(key).await {
        Ok(_) if is_last => tried.live += 1,
        Err(DeskError::Key(refusal)) if !is_last => {
            ensure!(
                refusal.to_string().starts_with("this key was revoked"),
                "{refusal}"
            );
            tried.dead += 1;
        }
        Ok(_) => bail!(
            "the key to v{} of bond {bond} still opens it",
            file.revision
        ),
        Err(error) => bail!("the last key of bond {bond} does not open it: {error}"),
    }
    Ok(())
}
