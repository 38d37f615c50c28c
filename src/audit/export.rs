//! The export: JSON Lines with a run of the chain, its signed heads, and its head.

use std::io::Write;

use async_trait::async_trait;
use bondhub_core::{
    audit::{ExportLine, Head, Link},
    calendar::Timestamp,
    ports::store::{AuditFilter, Store, StoreError},
};

const PAGE: u32 = 2000;

/// Which run is exported.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    /// From the first entry at or after this time; none from the first of all.
    pub from: Option<Timestamp>,
    /// Up to the last entry before the first at or after this time; none up to the head.
    pub to: Option<Timestamp>,
    /// With what is kept beside the chain.
    pub with_details: bool,
}

/// Why an export was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportFailure {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file or pipe did not take it.
    #[error("the export cannot be written")]
    Written(#[from] std::io::Error),
}

/// Takes an export in parts of whole lines, as fast as it can.
#[async_trait]
pub trait Pour: Send {
    /// Takes the next part.
    async fn pour(&mut self, part: Vec<u8>) -> std::io::Result<()>;
}

#[async_trait]
impl<W: Write + Send> Pour for W {
    async fn pour(&mut self, part: Vec<u8>) -> std::io::Result<()> {
        self.write_all(&part)?;
        self.flush()
    }
}

/// Writes an export and returns its head. The run has no gaps, whatever the order of its times; no more than a part of it
/// is in memory at a time.
pub async fn export(
    store: &dyn Store,
    range: Range,
    to: &mut impl Pour,
) -> Result<Head, ExportFailure> {
    let end = store.audit_head().await?;
    let first = first_at(store, range.from).await?;
    let first = first.unwrap_or(if range.from.is_some() {
        end.sequence + 1
    } else {
        1
    });
    let last = match range.to {
        Some(time) => first_at(store, Some(time)).await?.map(|behind| behind - 1),
        None => None,
    };
    let last = last.unwrap_or(end.sequence).min(end.sequence);
    let mut head = before(store, first).await?;
    let mut part = Vec::new();
    line(
        &mut part,
        &ExportLine::Begin {
            bondhub_audit: 1,
            after: head,
        },
    )?;
    for signed_head in store.signed_heads().await? {
        if (first..=last).contains(&signed_head.head.sequence) {
            line(&mut part, &ExportLine::Signed { signed_head })?;
        }
    }
    while head.sequence < last {
        let filter = AuditFilter {
            after: head.sequence,
            limit: PAGE,
            ..AuditFilter::default()
        };
        let links = store.audit_links(&filter).await?;
        if links.is_empty() {
            break;
        }
        for link in links.iter().filter(|link| link.sequence <= last) {
            line(&mut part, &ExportLine::of(link, range.with_details))?;
            head = link.head();
        }
        to.pour(std::mem::take(&mut part)).await?;
        if links.last().is_some_and(|link| link.sequence >= last) {
            break;
        }
    }
    line(&mut part, &ExportLine::End { head })?;
    to.pour(part).await?;
    Ok(head)
}

async fn first_at(store: &dyn Store, from: Option<Timestamp>) -> Result<Option<u64>, StoreError> {
    let filter = AuditFilter {
        from,
        limit: 1,
        ..AuditFilter::default()
    };
    let links = store.audit_links(&filter).await?;
    Ok(links.first().map(|link| link.sequence))
}

/// The head after which entry `first` stands.
async fn before(store: &dyn Store, first: u64) -> Result<Head, StoreError> {
    let Some(after) = first.checked_sub(2) else {
        return Ok(Head::START);
    };
    let filter = AuditFilter {
        after,
        limit: 1,
        ..AuditFilter::default()
    };
    let links = store.audit_links(&filter).await?;
    Ok(links.first().map_or(Head::START, Link::head))
}

fn line(to: &mut impl Write, line: &ExportLine) -> std::io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}
