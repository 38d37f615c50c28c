//! The directories of a spool, and the moves between them.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use crate::file::{Content, Identity};

/// `new/`, `done/` and the lock.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
    new: PathBuf,
    done: PathBuf,
}

/// What lies in `new/`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Files to take, in the order of their names.
    pub(crate) files: Vec<OsString>,
    /// What is left where it is: directories, links, files of other kinds.
    pub(crate) others: Vec<OsString>,
}

/// What became of a file all of whose deliveries are acknowledged.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// It is in `done/`.
    Moved,
    /// It is gone, or another file came in under its name meanwhile, which is to be taken.
    Replaced,
}

impl Layout {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            new: root.join("new"),
            done: root.join("done"),
            root,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(&self.new)?;
        fs::create_dir_all(&self.done)
    }

    /// Locks the spool for this process until the file is dropped; none if another one has it.
    pub(crate) fn lock(&self) -> io::Result<Option<File>> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(self.root.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// What lies in `new/` now. Names that begin with a dot or end in `.tmp` are still being written.
    pub(crate) fn list(&self) -> io::Result<Listing> {
        let mut listing = Listing::default();
        for entry in fs::read_dir(&self.new)? {
            let entry = entry?;
            let name = entry.file_name();
            if is_being_written(&name) {
                continue;
            }
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && is_event_file(&name) {
                listing.files.push(name);
            } else {
                listing.others.push(name);
            }
        }
        listing.files.sort_unstable();
        Ok(listing)
    }

    /// Reads a file; none if it vanished or is no plain file any more.
    pub(crate) fn read(&self, name: &OsStr, limit: usize) -> io::Result<Option<Content>> {
        Content::read(&self.new.join(name), limit)
    }

    /// Moves a file to `done/`, if it is still the one that was read.
    pub(crate) fn finish(&self, name: &OsStr, read: &Identity) -> io::Result<Finished> {
        let source = self.new.join(name);
        if Identity::of_path(&source)?.as_ref() != Some(read) {
            return Ok(Finished::Replaced);
        }
        let target = free_name(&self.done, name)?;
        if let Err(error) = fs::rename(&source, &target) {
            let is_there = exists(&source)?;
            return if is_there {
                Err(error)
            } else {
                Ok(Finished::Replaced)
            };
        }
        if Identity::of_path(&target)?.as_ref() == Some(read) {
            return Ok(Finished::Moved);
        }
        // Another file took the name between the look and the move: back with it.
        fs::rename(&target, free_name(&self.new, name)?)?;
        Ok(Finished::Replaced)
    }

    /// Puts a file into `new/` under this name, and returns when it is there for good.
    pub(crate) fn submit(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let being_written = self.new.join(format!(".{name}.tmp"));
        let mut file = File::create_new(&being_written)?;
        let written = io::Write::write_all(&mut file, bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&being_written, self.new.join(name)));
        if let Err(error) = written {
            drop(fs::remove_file(&being_written));
            return Err(error);
        }
        sync_directory(&self.new)
    }

    /// Makes the moves last.
    pub(crate) fn sync(&self) -> io::Result<()> {
        sync_directory(&self.done)?;
        sync_directory(&self.new)
    }
}

fn is_being_written(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    bytes.starts_with(b".") || bytes.to_ascii_lowercase().ends_with(b".tmp")
}

fn is_event_file(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|text| text.eq_ignore_ascii_case("json") || is_lines(name))
}

/// Whether a file of this name holds JSON Lines.
pub(crate) fn is_lines(name: &OsStr) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|text| text.eq_ignore_ascii_case("jsonl"))
}

/// The name itself, or the first of `NAME.2.EXT`, `NAME.3.EXT`, … that nothing has.
fn free_name(directory: &Path, name: &OsStr) -> io::Result<PathBuf> {
    let name = Path::new(name);
    let mut candidate = directory.join(name);
    let mut number = 2;
    while exists(&candidate)? {
        let mut other = name.file_stem().unwrap_or_default().to_owned();
        other.push(format!(".{number}."));
        other.push(name.extension().unwrap_or_default());
        candidate = directory.join(other);
        number += 1;
    }
    Ok(candidate)
}

fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the names in a directory last.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
