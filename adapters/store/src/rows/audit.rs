//! The audit log.

use bondhub_core::{
    audit::{Head, Link, Private, SignedHead},
    ports::store::StoreError,
};
use chrono::NaiveDate;

use crate::Instant;

/// An entry with what is kept beside it.
#[derive(Debug)]
pub struct AuditLink {
    pub sequence: i64,
    pub entry: String,
    pub hash: Vec<u8>,
    pub salt: Option<Vec<u8>>,
    pub content: Option<String>,
}

/// A signed head.
#[derive(Debug)]
pub struct AuditSigned {
    pub day: NaiveDate,
    pub sequence: i64,
    pub hash: Vec<u8>,
    pub at: Instant,
    pub signature: String,
}

/// Where the chain ends, or ended.
pub fn audit_head(sequence: i64, hash: Vec<u8>) -> Result<Head, StoreError> {
    let unreadable = |problem: &str| StoreError::Unreadable {
        table: "audit_entry",
        row: sequence.to_string(),
        problem: problem.to_owned(),
    };
    Ok(Head {
        sequence: u64::try_from(sequence).map_err(|_| unreadable("the number is negative"))?,
        hash: hash
            .try_into()
            .map_err(|_| unreadable("the hash has not 32 bytes"))?,
    })
}

/// The number of an entry as it is kept.
pub fn audit_number(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

impl TryFrom<AuditLink> for Link {
    type Error = StoreError;

    fn try_from(row: AuditLink) -> Result<Self, StoreError> {
        let head = audit_head(row.sequence, row.hash)?;
        Ok(Self {
            sequence: head.sequence,
            entry: row.entry,
            hash: head.hash,
            private: row
                .salt
                .zip(row.content)
                .map(|(salt, content)| Private { salt, content }),
        })
    }
}

impl TryFrom<AuditSigned> for SignedHead {
    type Error = StoreError;

    fn try_from(row: AuditSigned) -> Result<Self, StoreError> {
        Ok(Self {
            head: audit_head(row.sequence, row.hash)?,
            day: row.day,
            at: row.at.into(),
            signature: row.signature,
        })
    }
}
