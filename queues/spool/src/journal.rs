//! The hub's own events, appended to a file of JSON Lines.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bondhub_core::ports::queue::{Outgoing, QueueError};
use tokio::{sync::Mutex, task::spawn_blocking};

use crate::layout::sync_directory;

/// The file; one writer at a time.
pub(crate) struct Journal {
    path: Arc<Mutex<PathBuf>>,
}

impl Journal {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path: Arc::new(Mutex::new(path)),
        }
    }

    /// One write and one `fsync` for the batch, hence one answer for all of it.
    pub(crate) async fn append(&self, events: &[Outgoing]) -> Vec<Result<(), QueueError>> {
        let path = Arc::clone(&self.path).lock_owned().await;
        let lines: Vec<String> = events
            .iter()
            .map(|event| format!("{}\n", event.body))
            .collect();
        let writing = spawn_blocking(move || append(&path, &lines.concat()));
        let written = writing
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        match written {
            Ok(()) => events.iter().map(|_| Ok(())).collect(),
            Err(error) => {
                let error = Arc::new(error);
                events.iter().map(|_| Err(refused(&error))).collect()
            }
        }
    }
}

fn refused(error: &Arc<io::Error>) -> QueueError {
    QueueError::down(
        "the event cannot be appended to the file of own events",
        Arc::clone(error),
    )
}

fn append(path: &Path, lines: &str) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file = File::options()
        .create(true)
        .read(true)
        .append(true)
        .open(path)?;
    if ends_torn(&mut file)? {
        file.write_all(b"\n")?;
    }
    file.write_all(lines.as_bytes())?;
    file.sync_data()?;
    match path.parent() {
        Some(directory) if is_new => sync_directory(directory),
        _ => Ok(()),
    }
}

/// Whether a writer died within the last line; the next event must not continue it.
fn ends_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
