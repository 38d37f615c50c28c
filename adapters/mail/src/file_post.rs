//! Mails into a directory: for trying out, for demonstrations, and where no mail server is.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use bondhub_core::ports::mail::{Letter, Post, Posted};

/// Writes each mail to `DIR/<name of its Message-ID>.eml`, readable by the hub's account only.
#[derive(Debug, Clone)]
pub struct FilePost {
    directory: PathBuf,
}

/// Why mails cannot be written to files.
#[derive(Debug, thiserror::Error)]
pub enum FilePostError {
    /// Not `file:DIR`.
    #[error("`{0}` names no directory for mails; write file:DIR")]
    NoDirectory(String),
    /// The directory cannot be made.
    #[error("the directory {0} for mails cannot be made; make it writable for the hub's account")]
    NotMade(PathBuf, #[source] io::Error),
}

impl FilePost {
    /// Writes into this directory; makes it if need be.
    pub fn new(directory: impl Into<PathBuf>) -> Result<Self, FilePostError> {
        let directory = directory.into();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory)
            .map_err(|error| FilePostError::NotMade(directory.clone(), error))?;
        Ok(Self { directory })
    }

    /// Reads `file:DIR`.
    pub fn from_url(url: &str) -> Result<Self, FilePostError> {
        match url.strip_prefix("file:") {
            Some(directory) if !directory.is_empty() => Self::new(directory),
            _ => Err(FilePostError::NoDirectory(url.to_owned())),
        }
    }
}

#[async_trait]
impl Post for FilePost {
    async fn post(&self, letters: &[Letter]) -> Vec<Posted> {
        let (directory, letters) = (self.directory.clone(), letters.to_vec());
        let count = letters.len();
        let writing = tokio::task::spawn_blocking(move || write_all(&directory, &letters));
        writing
            .await
            .unwrap_or_else(|error| vec![Posted::Down(error.to_string()); count])
    }
}

fn write_all(directory: &Path, letters: &[Letter]) -> Vec<Posted> {
    let mut outcomes: Vec<_> = letters
        .iter()
        .map(|letter| write_one(directory, letter))
        .collect();
    // The new names must survive a power cut as well, before anybody is told that they are there.
    if let Err(error) = File::open(directory).and_then(|directory| directory.sync_all()) {
        let lost = |one: &mut Posted| *one = Posted::Down(error.to_string());
        outcomes
            .iter_mut()
            .filter(|one| matches!(one, Posted::Accepted(_)))
            .for_each(lost);
    }
    outcomes
}

fn write_one(directory: &Path, letter: &Letter) -> Posted {
    let Some(name) = file_name(&letter.message_id) else {
        return refused(format!("{} gives no file name", letter.message_id));
    };
    let path = directory.join(name);
    match fs::read(&path) {
        Ok(found) if found == letter.bytes => Posted::Accepted(written(&path)),
        Ok(_) => refused(format!(
            "{} holds another mail with this Message-ID",
            path.display()
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match write_new(directory, &path, &letter.bytes) {
                Ok(()) => Posted::Accepted(written(&path)),
                Err(error) => Posted::Down(format!("{}: {error}", path.display())),
            }
        }
        Err(error) => Posted::Down(format!("{}: {error}", path.display())),
    }
}

fn refused(reply: String) -> Posted {
    Posted::Refused {
        reply,
        permanent: true,
    }
}

fn written(path: &Path) -> String {
    format!("written to {}", path.display())
}

/// The part of the Message-ID before the `@`, where it can be a file name.
fn file_name(message_id: &str) -> Option<String> {
    let local = message_id.strip_prefix('<')?.split_once('@')?.0;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+=".contains(c);
    let usable = !local.is_empty() && !local.starts_with('.') && local.chars().all(plain);
    (usable && local.len() <= 200).then(|| format!("{local}.eml"))
}

/// Whole or not at all: a reader of the directory never sees half a mail. The temporary file is
/// created readable by its owner only, whatever the umask; the mode is set all the same.
fn write_new(directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".mail-")
        .tempfile_in(directory)?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
