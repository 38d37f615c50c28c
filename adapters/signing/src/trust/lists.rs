//! The revocation lists in a directory, read again when something there changes.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use bondhub_core::calendar::Timestamp;
use chrono::TimeDelta;
use openssl::{
    hash::MessageDigest,
    x509::{X509Crl, X509Ref},
};

use super::crl::List;

/// How long the directory is not looked at again.
const PAUSE: TimeDelta = TimeDelta::seconds(10);
/// Files looked at, and the longest read: a large authority's list has some megabytes.
const MOST_FILES: usize = 1000;
const LONGEST: u64 = 64 * 1024 * 1024;

/// Lists in a directory.
pub(super) struct Lists {
    directory: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    looked_at: Option<Timestamp>,
    seen: Vec<Seen>,
    read: Arc<Shelf>,
}

/// A file's name, length and last change.
type Seen = (PathBuf, u64, Option<SystemTime>);

/// The lists of one look, newest first.
#[derive(Default)]
pub(super) struct Shelf {
    lists: Vec<List>,
    /// Who was found to have signed which list: that costs a digest of all of it.
    signed: Mutex<BTreeMap<(usize, Vec<u8>), bool>>,
}

impl Lists {
    pub(super) fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            state: Mutex::default(),
        }
    }

    /// What lies there. A directory that cannot be read has no lists; that is told by the log, and by
    /// every document it leaves unchecked.
    pub(super) fn current(&self, now: Timestamp) -> Arc<Shelf> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = |at: Timestamp| at <= now && now < at + PAUSE;
        if let Some(directory) = &self.directory
            && !state.looked_at.is_some_and(recent)
        {
            state.looked_at = Some(now);
            let seen = look(directory);
            if seen != state.seen {
                state.read = Arc::new(Shelf::read(&seen));
                state.seen = seen;
            }
        }
        Arc::clone(&state.read)
    }
}

fn look(directory: &Path) -> Vec<Seen> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut seen: Vec<Seen> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.path(), entry.path().metadata().ok()?)))
        .filter(|(_, data)| data.is_file() && data.len() <= LONGEST)
        .take(MOST_FILES)
        .map(|(path, data)| (path, data.len(), data.modified().ok()))
        .collect();
    seen.sort();
    seen
}

impl Shelf {
    fn read(files: &[Seen]) -> Self {
        let bytes = files
            .iter()
            .filter_map(|(path, _, _)| std::fs::read(path).ok());
        let mut lists: Vec<List> = bytes.filter_map(|bytes| read(&bytes)).collect();
        lists.sort_by_key(|list| std::cmp::Reverse(list.this_update));
        Self {
            lists,
            signed: Mutex::default(),
        }
    }

    /// The lists of this name, newest first, with the numbers they are known by here.
    pub(super) fn of<'a>(&'a self, issuer: &'a [u8]) -> impl Iterator<Item = (usize, &'a List)> {
        let all = self.lists.iter().enumerate();
        all.filter(move |(_, list)| list.issuer == issuer)
    }

    /// All lists.
    pub(super) fn all(&self) -> impl Iterator<Item = &List> {
        self.lists.iter()
    }

    /// Whether this authority signed the list of this number.
    pub(super) fn is_signed(&self, number: usize, list: &List, authority: &X509Ref) -> bool {
        let Ok(digest) = authority.digest(MessageDigest::sha256()) else {
            return false;
        };
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        *signed
            .entry((number, digest.to_vec()))
            .or_insert_with(|| list.is_signed_by(authority))
    }
}

/// A list in DER, or in PEM.
fn read(bytes: &[u8]) -> Option<List> {
    if bytes.first() == Some(&0x30) {
        return List::read(bytes);
    }
    List::read(&X509Crl::from_pem(bytes).ok()?.to_der().ok()?)
}
