//! The mailbox: mails the hub wrote, decrypted with their recipients' keys to find key files.

use std::path::Path;

use anyhow::{Context as _, bail};
use bondhub_core::calendar::Timestamp;
use zeroize::Zeroizing;

use crate::assemble::DemoReader;

/// The key file within an encrypted mail.
pub(super) fn key_in(
    mail: &Path,
    reader: &DemoReader,
    hub: &str,
    now: Timestamp,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let bytes = std::fs::read(mail).with_context(|| format!("cannot read {}", mail.display()))?;
    let message = between(
        &bytes,
        b"-----BEGIN PGP MESSAGE-----",
        b"-----END PGP MESSAGE-----",
    );
    let Some(message) = message else {
        bail!("{} is not encrypted", mail.display())
    };
    let inside = reader.open(message, hub, now)?;
    let file = between(&inside, b"BOND-KEY-FILE: 1", b"-----END CMS-----");
    let file = file.with_context(|| format!("no key file in {}", mail.display()))?;
    Ok(Zeroizing::new(file.to_vec()))
}

/// From the first `begin` to the first `end` after it, both included.
fn between<'a>(bytes: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let start = find(bytes, begin)?;
    let rest = bytes.get(start..)?;
    let stop = find(rest, end)? + end.len();
    rest.get(..stop)
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
