//! The export: JSON Lines that hold a run of the chain and can be checked without hub or database.

use serde::{Deserialize, Serialize};

use super::chain::{Hash, Head, Hex, Link, Private, unhex};
use crate::calendar::Timestamp;

/// A head that was signed: what cannot be cut off unnoticed any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// The head.
    #[serde(flatten)]
    pub head: Head,
    /// The day it was signed for, in the hub's zone: one a day.
    pub day: chrono::NaiveDate,
    /// When it was signed.
    pub at: Timestamp,
    /// The detached OpenPGP signature over [`head_text`], armored.
    pub signature: String,
}

/// The text that is signed for a head: one line, so that it can be written anew for `gpg --verify`.
pub fn head_text(head: &Head, day: chrono::NaiveDate) -> String {
    format!(
        "bondhub audit head {day} {} {}\n",
        head.sequence,
        Hex(&head.hash)
    )
}

/// A line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExportLine {
    /// The first line: after which head the run begins.
    Begin {
        /// The version of the format.
        bondhub_audit: u32,
        /// Entry 1 follows [`Head::START`].
        after: Head,
    },
    /// An entry.
    Entry {
        /// Its canonical bytes, as text.
        entry: String,
        /// Its hash, 64 hexadecimal digits.
        hash: String,
        /// What is kept beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        private: Option<ExportPrivate>,
    },
    /// A head of this run that the hub signed.
    Signed {
        /// The head with its signature.
        signed_head: SignedHead,
    },
    /// The last line: where the run ends.
    End {
        /// The head of the run.
        head: Head,
    },
}

/// What is kept beside an entry, as it is exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPrivate {
    /// Hexadecimal digits.
    pub salt: String,
    /// Canonical JSON, as text.
    pub content: String,
}

/// Why a line of an export cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ExportError {
    /// Counts from 1.
    pub line: u64,
    /// What is wrong.
    pub problem: String,
}

impl ExportLine {
    /// The line of a link.
    pub fn of(link: &Link, with_private: bool) -> Self {
        let private = link.private.as_ref().filter(|_| with_private);
        Self::Entry {
            entry: link.entry.clone(),
            hash: Hex(&link.hash).to_string(),
            private: private.map(|private| ExportPrivate {
                salt: Hex(&private.salt).to_string(),
                content: private.content.clone(),
            }),
        }
    }

    /// Reads line number `line` of an export.
    pub fn read(line: u64, text: &str) -> Result<Self, ExportError> {
        serde_json::from_str(text).map_err(|error| ExportError {
            line,
            problem: format!("this is no line of an audit export: {error}"),
        })
    }

    /// The link of an entry's line; its number is the one the entry names.
    pub fn link(self, line: u64) -> Result<Option<Link>, ExportError> {
        let Self::Entry {
            entry,
            hash,
            private,
        } = self
        else {
            return Ok(None);
        };
        let wrong = |problem: &str| ExportError {
            line,
            problem: problem.to_owned(),
        };
        let value: serde_json::Value =
            serde_json::from_str(&entry).map_err(|_| wrong("the entry is not JSON"))?;
        let sequence = value.get("sequence").and_then(serde_json::Value::as_u64);
        let hash = unhex(&hash).and_then(|bytes| Hash::try_from(bytes).ok());
        let private = private.map(|private| {
            let salt = unhex(&private.salt).ok_or_else(|| wrong("the salt is not hexadecimal"))?;
            Ok(Private {
                salt,
                content: private.content,
            })
        });
        Ok(Some(Link {
            sequence: sequence.ok_or_else(|| wrong("the entry has no number"))?,
            hash: hash.ok_or_else(|| wrong("the hash is not 64 hexadecimal digits"))?,
            private: private.transpose()?,
            entry,
        }))
    }
}
