//! Verifying the log where it is kept, while others append to it.

use super::{Check, Head, SignedHead, Verifier};
use crate::ports::store::{AuditFilter, AuditLog, StoreError};

/// As many entries are read at once.
const PAGE: u32 = 2000;

/// What verifying a log found.
#[derive(Debug)]
pub struct Verified {
    /// The chain.
    pub check: Check,
    /// The signed heads, whose signatures are still to be checked.
    pub signed: Vec<SignedHead>,
}

/// Verifies the whole log: from its first entry to its last row, with every head that was signed or kept elsewhere.
///
/// Signed heads are read first, the log's own head last: whatever is appended meanwhile, a signed head must lie on the
/// chain, and no row behind its head.
pub async fn verify_log(
    log: &dyn AuditLog,
    kept_elsewhere: &[Head],
) -> Result<Verified, StoreError> {
    let signed = log.signed_heads().await?;
    let before = log.audit_head().await?;
    let anchors = signed.iter().map(|one| one.head).chain([before]);
    let mut verifier = Verifier::new(Head::START, anchors.chain(kept_elsewhere.iter().copied()));
    let mut after = 0;
    let head = loop {
        let last = read_on(log, &mut verifier, after).await?;
        let head = log.audit_head().await?;
        let nothing_came = last == after;
        after = last;
        if nothing_came || head.sequence <= last {
            break head;
        }
    };
    if head != before || head.sequence < after {
        verifier.end_at(head);
    }
    Ok(Verified {
        check: verifier.finish(),
        signed,
    })
}

/// Reads what stands after an entry; the number of the last row.
async fn read_on(
    log: &dyn AuditLog,
    verifier: &mut Verifier,
    mut after: u64,
) -> Result<u64, StoreError> {
    loop {
        let filter = AuditFilter {
            after,
            limit: PAGE,
            ..AuditFilter::default()
        };
        let links = log.audit_links(&filter).await?;
        let Some(last) = links.last().map(|link| link.sequence) else {
            return Ok(after);
        };
        for link in &links {
            verifier.read(link);
        }
        after = last;
    }
}
