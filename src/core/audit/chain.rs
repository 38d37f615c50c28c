//! The chain: how an entry is linked to the one before, and how a run of links is verified.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::AuditEntry;

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// The end of a run of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Head {
    /// The number of its last entry; 0 before the first.
    pub sequence: u64,
    /// The hash of its last entry; zeros before the first.
    #[serde(with = "hex")]
    pub hash: Hash,
}

impl Head {
    /// Before the first entry.
    pub const START: Self = Self {
        sequence: 0,
        hash: [0; 32],
    };

    /// Takes an entry's place after this head; `salt` guards what is kept beside the chain.
    #[must_use]
    pub fn append(&self, entry: &AuditEntry, salt: &[u8]) -> Link {
        let sequence = self.sequence + 1;
        let private = entry.private_content().map(|content| Private {
            salt: salt.to_vec(),
            content,
        });
        let (before, after) = entry.around();
        let digest = private.as_ref().map(Private::digest);
        let digest = digest.map_or(String::new(), |digest| {
            format!("\"private\":\"{}\",", Hex(&digest))
        });
        let entry = format!("{before}{digest}\"sequence\":{sequence}{after}");
        Link {
            sequence,
            hash: link(&self.hash, &entry),
            entry,
            private,
        }
    }
}

fn link(before: &Hash, entry: &str) -> Hash {
    let mut digest = Sha256::new();
    digest.update(before);
    digest.update(entry.as_bytes());
    digest.finalize().into()
}

/// An entry in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Counts from 1, without gaps.
    pub sequence: u64,
    /// Canonical JSON.
    pub entry: String,
    /// `SHA-256(hash before || entry)`.
    pub hash: Hash,
    /// What is kept beside it; none if there is nothing, or if it was purged.
    pub private: Option<Private>,
}

impl Link {
    /// The head that ends with this link.
    pub fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            hash: self.hash,
        }
    }
}

/// What is kept beside the chain, and can be purged without breaking it (R72).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Private {
    /// Random: without it nobody can guess the content from the digest.
    pub salt: Vec<u8>,
    /// Canonical JSON.
    pub content: String,
}

impl Private {
    /// `SHA-256(salt || content)`.
    pub fn digest(&self) -> Hash {
        let mut digest = Sha256::new();
        digest.update(&self.salt);
        digest.update(self.content.as_bytes());
        digest.finalize().into()
    }
}

/// What is wrong with a run of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// An entry, its number or its hash is not what was written.
    #[error("entry {sequence} was changed, or the hash before it")]
    Changed {
        /// Which.
        sequence: u64,
    },
    /// What is kept beside an entry is not what was written.
    #[error("the details beside entry {sequence} were changed")]
    DetailsChanged {
        /// Which.
        sequence: u64,
    },
    /// Entries are not there.
    #[error("entries {from} to {to} are missing")]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An entry stands after a later one.
    #[error("entry {sequence} stands after a later one")]
    Reordered {
        /// Which.
        sequence: u64,
    },
    /// A number stands twice.
    #[error("entry {sequence} stands there twice")]
    Duplicated {
        /// Which.
        sequence: u64,
    },
    /// Entries stand behind the log's own head: nobody appended them.
    #[error("entries {from} to {to} stand behind the head of the log")]
    BeyondHead {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A head that was kept elsewhere is not on this chain.
    #[error("the chain was rewritten: the head kept for entry {sequence} is another one")]
    ForeignHead {
        /// Its number.
        sequence: u64,
    },
}

/// What verifying a run found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// How many entries were read.
    pub entries: u64,
    /// Entries whose details were purged.
    pub purged: u64,
    /// Heads kept elsewhere that are on the chain.
    pub heads_met: u64,
    /// The end of the run.
    pub head: Head,
    /// What is wrong; at most [`Check::MOST`], the first ones.
    pub findings: Vec<Finding>,
}

impl Check {
    /// As many findings are kept.
    pub const MOST: usize = 1000;

    /// Nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Reads a run of the chain, link after link, and goes on after a fault.
#[derive(Debug, Clone)]
pub struct Verifier {
    check: Check,
    /// Heads that were kept elsewhere (signed, or the store's own), which the run must meet.
    anchors: BTreeMap<u64, Vec<Hash>>,
    start: u64,
    /// The link before is missing: the hash of the next one cannot be checked.
    unlinked: bool,
}

impl Verifier {
    /// A run that begins after `start` and must meet the `anchors` that lie behind it.
    pub fn new(start: Head, anchors: impl IntoIterator<Item = Head>) -> Self {
        let mut by_number: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
        for anchor in anchors {
            by_number
                .entry(anchor.sequence)
                .or_default()
                .push(anchor.hash);
        }
        let mut verifier = Self {
            check: Check {
                entries: 0,
                purged: 0,
                heads_met: 0,
                head: start,
                findings: Vec::new(),
            },
            anchors: by_number,
            start: start.sequence,
            unlinked: false,
        };
        verifier.meet(start.sequence, &start.hash);
        verifier
    }

    /// The next link of the run.
    pub fn read(&mut self, link: &Link) {
        self.check.entries += 1;
        let expected = self.check.head.sequence + 1;
        if link.sequence < expected {
            self.read_again(link);
            return;
        }
        if link.sequence > expected {
            self.found(Finding::Missing {
                from: expected,
                to: link.sequence - 1,
            });
            self.unlinked = true;
        }
        self.read_next(link);
    }

    /// A number that was passed: a missing one that comes late, or one that was there.
    fn read_again(&mut self, link: &Link) {
        let sequence = link.sequence;
        let was_missing = self.fill(sequence);
        self.found(if was_missing {
            Finding::Reordered { sequence }
        } else {
            Finding::Duplicated { sequence }
        });
    }

    /// Takes a number out of what is missing; false if it was not missing.
    fn fill(&mut self, sequence: u64) -> bool {
        let findings = &mut self.check.findings;
        let missing = findings.iter().position(|finding| {
            matches!(finding, Finding::Missing { from, to } if (*from..=*to).contains(&sequence))
        });
        let Some(place) = missing else { return false };
        if let Finding::Missing { from, to } = findings.remove(place) {
            let rest = [(from, sequence.wrapping_sub(1)), (sequence + 1, to)];
            for (from, to) in rest.into_iter().filter(|(from, to)| from <= to) {
                findings.insert(place, Finding::Missing { from, to });
            }
        }
        true
    }

    fn read_next(&mut self, link: &Link) {
        let sequence = link.sequence;
        let fits =
            self.unlinked || super::chain::link(&self.check.head.hash, &link.entry) == link.hash;
        let members = Members::of(&link.entry);
        if !fits || members.sequence != Some(sequence) {
            self.found(Finding::Changed { sequence });
        } else if !self.private_fits(link, members.private.as_deref()) {
            self.found(Finding::DetailsChanged { sequence });
        }
        self.unlinked = false;
        self.check.head = link.head();
        self.meet(sequence, &link.hash);
    }

    fn private_fits(&mut self, link: &Link, digest: Option<&str>) -> bool {
        match (digest, &link.private) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(_), None) => {
                self.check.purged += 1;
                true
            }
            (Some(digest), Some(private)) => Hex(&private.digest()).to_string() == digest,
        }
    }

    /// Compares the heads kept for this number.
    fn meet(&mut self, sequence: u64, hash: &Hash) {
        for kept in self.anchors.remove(&sequence).unwrap_or_default() {
            if kept == *hash {
                self.check.heads_met += 1;
            } else {
                self.found(Finding::ForeignHead { sequence });
            }
        }
    }

    fn found(&mut self, finding: Finding) {
        if self.check.findings.len() < Check::MOST {
            self.check.findings.push(finding);
        }
    }

    /// The head that the run itself says it ends with.
    pub fn meet_at_end(&mut self, head: Head) {
        self.anchors
            .entry(head.sequence)
            .or_default()
            .push(head.hash);
        let last = self.check.head;
        if head.sequence <= last.sequence {
            self.meet(last.sequence, &last.hash);
        }
    }

    /// The head that the log itself has, once its last row was read: nothing stands behind it.
    pub fn end_at(&mut self, head: Head) {
        let last = self.check.head.sequence;
        if head.sequence < last {
            self.found(Finding::BeyondHead {
                from: head.sequence + 1,
                to: last,
            });
        } else {
            self.meet_at_end(head);
        }
    }

    /// Ends the run: a head behind its end says that entries were cut off.
    pub fn finish(mut self) -> Check {
        let last = self.check.head.sequence;
        if let Some((&to, _)) = self.anchors.last_key_value()
            && to > last
        {
            self.found(Finding::Missing { from: last + 1, to });
        }
        let passed: Vec<u64> = self
            .anchors
            .keys()
            .copied()
            .filter(|at| *at > self.start && *at <= last)
            .collect();
        for sequence in passed {
            self.found(Finding::ForeignHead { sequence });
        }
        self.check
    }
}

/// What a canonical entry says of itself.
struct Members {
    sequence: Option<u64>,
    private: Option<String>,
}

impl Members {
    fn of(entry: &str) -> Self {
        let entry: Value = serde_json::from_str(entry).unwrap_or_default();
        let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            sequence: entry.get("sequence").and_then(Value::as_u64),
            private: text("private"),
        }
    }
}

/// Bytes as lower-case hexadecimal digits.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Hexadecimal digits as bytes.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

mod hex {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::{Hash, Hex, unhex};

    pub(super) fn serialize<S: Serializer>(hash: &Hash, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&Hex(hash))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = unhex(&text).and_then(|bytes| Hash::try_from(bytes).ok());
        bytes.ok_or_else(|| D::Error::custom("a hash is 64 hexadecimal digits"))
    }
}
