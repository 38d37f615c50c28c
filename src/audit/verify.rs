//! Verifying the chain: against the database, or from an export alone.

use std::io::BufRead;

use anyhow::{Context as _, bail};
use bondhub_core::{
    audit::{Check, ExportLine, Head, SignedHead, Verifier, head_text, verify_log},
    ports::{
        openpgp::CheckSignature,
        store::{Store, StoreError},
    },
};
use serde::Serialize;

/// No line of an export is longer.
const LONGEST_LINE: usize = 4 << 20;

/// How the signatures of signed heads are checked.
pub struct Signatures<'a> {
    /// Checks one.
    pub checker: &'a dyn CheckSignature,
    /// The hub's certificate; none checks no signature.
    pub certificate: Option<&'a [u8]>,
}

/// What verifying found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The chain.
    #[serde(flatten)]
    pub check: Check,
    /// Heads whose signature is good.
    pub signatures: u64,
    /// Heads whose signature was not checked: no certificate was given.
    pub unchecked: u64,
    /// What is wrong with signatures.
    pub refused: Vec<String>,
}

impl Report {
    /// Nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.check.is_whole() && self.refused.is_empty()
    }
}

/// Verifies the chain in the store, from its first entry to its last row, with every head that was signed.
pub async fn verify_store(
    store: &dyn Store,
    kept_elsewhere: &[Head],
    signatures: &Signatures<'_>,
) -> Result<Report, StoreError> {
    let verified = verify_log(store, kept_elsewhere).await?;
    Ok(report(verified.check, &verified.signed, signatures))
}

/// Verifies an export, without hub and without database.
pub fn verify_export(
    export: impl BufRead,
    kept_elsewhere: &[Head],
    signatures: &Signatures<'_>,
) -> anyhow::Result<Report> {
    let mut lines = Lines { export, number: 0 };
    let Some(ExportLine::Begin {
        bondhub_audit: 1,
        after,
    }) = lines.next()?
    else {
        bail!("line 1: this is no audit export of version 1; make one with `bondhub audit export`");
    };
    let mut signed = Vec::new();
    let mut line = lines.next()?;
    while let Some(ExportLine::Signed { signed_head }) = line {
        signed.push(signed_head);
        line = lines.next()?;
    }
    let anchors = signed.iter().map(|one| one.head);
    let anchors = anchors.chain(kept_elsewhere.iter().copied());
    let mut verifier = Verifier::new(after, anchors);
    while let Some(entry @ ExportLine::Entry { .. }) = line {
        if let Some(link) = entry.link(lines.number)? {
            verifier.read(&link);
        }
        line = lines.next()?;
    }
    let Some(ExportLine::End { head }) = line else {
        bail!(
            "line {}: the last line of an export names its head; the file is cut off or was changed",
            lines.number
        );
    };
    if lines.next()?.is_some() {
        bail!("line {}: nothing follows the head", lines.number);
    }
    verifier.meet_at_end(head);
    Ok(report(verifier.finish(), &signed, signatures))
}

struct Lines<R> {
    export: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self) -> anyhow::Result<Option<ExportLine>> {
        let mut text = String::new();
        self.number += 1;
        let limit = u64::try_from(LONGEST_LINE)?;
        let read = std::io::Read::take(&mut self.export, limit)
            .read_line(&mut text)
            .with_context(|| format!("line {}", self.number))?;
        if read == 0 {
            return Ok(None);
        }
        Ok(Some(ExportLine::read(self.number, &text)?))
    }
}

fn report(check: Check, signed: &[SignedHead], signatures: &Signatures<'_>) -> Report {
    let mut report = Report {
        check,
        signatures: 0,
        unchecked: 0,
        refused: Vec::new(),
    };
    for head in signed {
        let Some(certificate) = signatures.certificate else {
            report.unchecked += 1;
            continue;
        };
        let text = head_text(&head.head, head.day);
        let checked = signatures
            .checker
            .check(certificate, &text, &head.signature, head.at);
        match checked {
            Ok(()) => report.signatures += 1,
            Err(refusal) => report
                .refused
                .push(format!("head of {}: {refusal}", head.day)),
        }
    }
    report
}
