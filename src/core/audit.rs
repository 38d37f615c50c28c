//! The audit log (R70): who did what, when, and why, in a chain of digests that anybody can check.
//!
//! Each entry is canonical JSON (RFC 8785) with a number of its own, and its hash is
//! `SHA-256(hash of the entry before || entry)`. So an entry that was changed, removed, added or moved
//! shows, and a signed head shows what was cut off at the end. What may have to be purged (R72: names
//! of people, addresses) or must not be read by everybody (amounts before the opening) stands *beside*
//! the chain; the entry holds only a salted digest of it.

mod act;
mod chain;
mod export;
mod log;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{calendar::Timestamp, identifier::PartyCode, party::Role};

pub use self::{
    act::Act,
    chain::{Check, Finding, Head, Link, Private, Verifier},
    export::{ExportError, ExportLine, SignedHead, head_text},
    log::{Verified, verify_log},
};

/// Who did it.
///
/// Names of people are kept beside the chain, since they may have to be purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The hub itself: time that passed, a job.
    Hub,
    /// A system that feeds events, by its CloudEvents source.
    Feed(String),
    /// Somebody signed in, or a client with a token, and for whom.
    Account(String, Option<PartyCode>),
    /// Whoever held a key: party, role and the key's public name.
    KeyHolder(PartyCode, Role, String),
    /// Somebody at the hub's own command line, by the operating system's name.
    CommandLine(String),
}

impl Actor {
    /// The kind as it is stored and shown.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Feed(_) => "feed",
            Self::Account(..) => "account",
            Self::KeyHolder(..) => "key_holder",
            Self::CommandLine(_) => "command_line",
        }
    }

    /// What stands in the chain: everything but names of people.
    fn public(&self) -> Value {
        match self {
            Self::Hub | Self::CommandLine(_) => json!({"kind": self.kind()}),
            Self::Feed(source) => json!({"kind": self.kind(), "source": source}),
            Self::Account(_, party) => json!({"kind": self.kind(), "party": party}),
            Self::KeyHolder(party, role, kid) => {
                json!({"kind": self.kind(), "party": party, "role": role, "kid": kid})
            }
        }
    }

    /// The name of a person, if it is one.
    fn person(&self) -> Option<&str> {
        match self {
            Self::Account(name, _) | Self::CommandLine(name) => Some(name),
            Self::Hub | Self::Feed(_) | Self::KeyHolder(..) => None,
        }
    }
}

/// One act, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub act: Act,
    /// On what: `bond:S1/B-1`, `case:OCID`, `party:C1`, `event:UUID`, `account:ID`; never a person's name.
    pub subject: String,
    /// What else anybody who may read the log may know: no secret, no wording, no amount.
    pub details: Map<String, Value>,
    /// What is kept beside the chain: names, addresses, amounts.
    pub private: BTreeMap<String, Value>,
}

impl AuditEntry {
    /// An act without details.
    pub fn new(at: Timestamp, actor: Actor, act: Act, subject: impl Into<String>) -> Self {
        Self {
            at,
            actor,
            act,
            subject: subject.into(),
            details: Map::new(),
            private: BTreeMap::new(),
        }
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// With one more detail that is kept beside the chain (R72).
    #[must_use]
    pub fn privately(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.private.insert(name.to_owned(), value.into());
        self
    }

    /// What is kept beside the chain, canonical; none if there is nothing.
    pub fn private_content(&self) -> Option<String> {
        let mut content = self.private.clone();
        if let Some(person) = self.actor.person() {
            content.insert("actor".to_owned(), person.into());
        }
        (!content.is_empty()).then(|| canonical(&json!(content)))
    }

    /// The canonical entry around its number: what stands before the members `private` and
    /// `sequence`, and what stands after them. The names sort so that these two stand together.
    pub fn around(&self) -> (String, String) {
        let mut before = canonical(&json!({
            "act": self.act.as_str(),
            "actor": self.actor.public(),
            "at": time(self.at),
            "details": self.details,
        }));
        before.pop();
        before.push(',');
        let mut after = canonical(&json!({"subject": self.subject}));
        after.replace_range(..1, ",");
        (before, after)
    }
}

/// A time as it stands in an entry: UTC, microseconds, always the same length.
fn time(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn canonical(value: &Value) -> String {
    serde_json_canonicalizer::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
