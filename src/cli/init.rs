//! `bondhub init`: the hub's own keys.

use std::{
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use anyhow::Context as _;
use bondhub_core::ports::{Clock as _, Randomness as _};
use serde_json::json;

use super::{Failure, output::Output};
use crate::{
    assemble,
    hub::system::{SystemClock, SystemRandomness},
    settings::{KeyPlace, Settings},
};

/// Makes what is missing; overwrites nothing.
pub(super) fn run(settings: &Settings, output: Output) -> Result<(), Failure> {
    let made = make_keys(settings).map_err(Failure::failed)?;
    let rows: Vec<_> = made
        .into_iter()
        .map(|(file, new)| json!({"file": file, "state": if new { "made" } else { "kept" }}))
        .collect();
    output.rows(&["file", "state"], &rows)
}

/// Makes the missing key files; tells for each whether it is new.
pub(crate) fn make_keys(settings: &Settings) -> anyhow::Result<Vec<(String, bool)>> {
    let pepper = &settings.vault.pepper_file;
    let hub = &settings.openpgp.hub_key_file;
    Ok(vec![
        make_master(settings)?,
        (
            pepper.display().to_string(),
            write_new(pepper, || random_32().map(|key| key.to_vec()))?,
        ),
        (
            hub.display().to_string(),
            write_new(hub, || hub_key(settings))?,
        ),
    ])
}

/// A master key in a token is made by `bondhub vault new-key`, since that asks for the PIN's file.
fn make_master(settings: &Settings) -> anyhow::Result<(String, bool)> {
    match settings.vault.place() {
        KeyPlace::Token(uri) => Ok((uri, false)),
        KeyPlace::File(path) => {
            let is_new = write_new(&path, || random_32().map(|key| key.to_vec()))?;
            Ok((path.display().to_string(), is_new))
        }
    }
}

/// 32 random bytes.
pub(crate) fn random_32() -> anyhow::Result<zeroize::Zeroizing<[u8; 32]>> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    SystemRandomness.fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

fn hub_key(settings: &Settings) -> anyhow::Result<Vec<u8>> {
    let user_id = format!("{} <{}>", settings.mail.from_name, settings.mail.from);
    assemble::make_hub_key(&user_id, SystemClock.now())
}

/// Writes a file that only its owner can read, unless it is there already.
pub(crate) fn write_new(
    path: &Path,
    content: impl FnOnce() -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<bool> {
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        made.with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(&content()?)?;
    file.sync_all()?;
    Ok(true)
}
