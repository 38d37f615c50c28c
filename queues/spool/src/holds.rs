//! Which files are in the hub's hands: what a receipt and the intake both know.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs::File,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    file::Identity,
    layout::{Finished, Layout},
};

/// Why a file in `new/` is not to be taken now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hold {
    /// Its deliveries are under way.
    UnderWay,
    /// A delivery was dropped: it comes again, a little later.
    Until(Instant),
    /// All acknowledged, but moving it failed.
    Unmoved(Identity),
}

/// The files in the hub's hands, and the lock that makes them this process's own.
pub(crate) struct Holds {
    layout: Arc<Layout>,
    by_name: Mutex<BTreeMap<OsString, Hold>>,
    /// How long a file rests whose delivery was dropped.
    rest: Duration,
    /// Moves that may not last yet.
    moved: AtomicUsize,
    _lock: File,
}

impl Holds {
    pub(crate) fn new(layout: Arc<Layout>, lock: File, rest: Duration) -> Self {
        Self {
            layout,
            by_name: Mutex::default(),
            rest,
            moved: AtomicUsize::new(0),
            _lock: lock,
        }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn take(&self, name: &OsStr) {
        self.names().insert(name.to_owned(), Hold::UnderWay);
    }

    pub(crate) fn give_back(&self, name: &OsStr) {
        let until = Instant::now() + self.rest;
        self.names().insert(name.to_owned(), Hold::Until(until));
    }

    /// Keeps those that may be taken now.
    pub(crate) fn keep_free(&self, files: &mut Vec<OsString>) {
        let now = Instant::now();
        let mut names = self.names();
        names.retain(|_, hold| !matches!(hold, Hold::Until(time) if *time <= now));
        files.retain(|name| !names.contains_key(name));
    }

    /// Makes the moves last: when there is nothing else to do, or after many. One that a power
    /// failure undoes brings its file back, which costs a duplicate and no event.
    pub(crate) fn sync(&self, is_idle: bool) -> io::Result<()> {
        const MANY: usize = 256;
        let moved = self.moved.load(Ordering::Acquire);
        if moved == 0 || !(is_idle || moved >= MANY) {
            return Ok(());
        }
        self.layout.sync()?;
        self.moved.fetch_sub(moved, Ordering::AcqRel);
        Ok(())
    }

    /// Moves a file whose deliveries are all acknowledged. If that fails it is tried again later.
    pub(crate) fn finish(&self, name: &OsStr, identity: &Identity) {
        match self.layout.finish(name, identity) {
            Ok(Finished::Moved) => {
                self.moved.fetch_add(1, Ordering::AcqRel);
                self.names().remove(name);
            }
            Ok(Finished::Replaced) => {
                let file = name.display();
                tracing::warn!(%file, "the file was changed or removed while it was taken");
                self.names().remove(name);
            }
            Err(error) => {
                let file = name.display();
                tracing::error!(%file, %error, "the file cannot be moved to done/; it is tried again");
                let unmoved = Hold::Unmoved(identity.clone());
                self.names().insert(name.to_owned(), unmoved);
            }
        }
    }

    /// Tries again what could not be moved.
    pub(crate) fn finish_unmoved(&self) {
        let unmoved: Vec<_> = self
            .names()
            .iter()
            .filter_map(|(name, hold)| match hold {
                Hold::Unmoved(identity) => Some((name.clone(), identity.clone())),
                _ => None,
            })
            .collect();
        for (name, identity) in unmoved {
            self.finish(&name, &identity);
        }
    }

    fn names(&self) -> MutexGuard<'_, BTreeMap<OsString, Hold>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
