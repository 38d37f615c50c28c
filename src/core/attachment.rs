//! Attachments of a bond (R3, R4): the signed statement binds each by its digest; the bytes travel
//! beside the CMS block and must fit what was signed, none missing and none extra.
//!
//! A name is shown on pages, written into archives and mails: what could be read there as a path, as
//! markup or as another text than it is, is refused before anything is stored.

mod pdf;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::event::{Reason, Rejection, hex_digest};

pub use pdf::{PdfProblem, check as check_pdf};

/// The one media type that is accepted; by content, never by name.
pub const PDF: &str = "application/pdf";
/// At most so many attachments to one bond.
pub const MOST: usize = 10;
/// The longest name, in bytes.
pub const LONGEST_NAME: usize = 200;

/// An attachment as the issuer signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its file name: shown to people, never used as a path.
    pub name: String,
    /// `application/pdf`.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// Lower-case hexadecimal SHA-256 of its bytes: its identity.
    pub sha256: String,
}

/// The bytes of attachments as they came beside a signed document, by digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enclosed(BTreeMap<String, Vec<u8>>);

impl Enclosed {
    /// Takes bytes, and tells their digest; the same bytes twice are one.
    pub fn add(&mut self, bytes: Vec<u8>) -> String {
        let digest = hex_digest(&bytes);
        self.0.insert(digest.clone(), bytes);
        digest
    }

    /// Digests and bytes, by digest.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Vec<u8>)> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes there are in all.
    pub fn size(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

impl Attachment {
    /// The entry for a file: what `bond sign` puts into the statement. Refuses what the hub would.
    pub fn of(name: &str, bytes: &[u8]) -> Result<Self, Rejection> {
        let entry = Self {
            name: name.to_owned(),
            media_type: PDF.to_owned(),
            size: size_of(bytes),
            sha256: hex_digest(bytes),
        };
        check_entries(std::slice::from_ref(&entry))?;
        check_pdf(bytes).map_err(|problem| not_a_pdf(0, name, problem))?;
        Ok(entry)
    }
}

/// Checks what a statement says of its attachments, without their bytes.
pub fn check_entries(entries: &[Attachment]) -> Result<(), Rejection> {
    if entries.len() > MOST {
        let message = format!("{} attachments; at most {MOST} are taken", entries.len());
        return Err(Rejection::at("/data/bond/attachments", message));
    }
    let (mut names, mut digests) = (BTreeSet::new(), BTreeSet::new());
    for (index, entry) in entries.iter().enumerate() {
        let at = |member: &str, message: String| {
            Rejection::at(format!("/data/bond/attachments/{index}/{member}"), message)
        };
        check_name(&entry.name).map_err(|problem| at("name", format!("the name {problem}")))?;
        if entry.media_type != PDF {
            return Err(at("media_type", format!("only `{PDF}` is taken")));
        }
        if !is_digest(&entry.sha256) {
            let message = "`sha256` is 64 lower-case hexadecimal digits";
            return Err(at("sha256", message.to_owned()));
        }
        if !names.insert(entry.name.to_lowercase()) {
            return Err(at("name", "two attachments have this name".to_owned()));
        }
        if !digests.insert(&entry.sha256) {
            let message = "two attachments have this digest: list each file once";
            return Err(at("sha256", message.to_owned()));
        }
    }
    Ok(())
}

/// Checks that the bytes which came are those that were signed: none missing, none extra, each of
/// the size, digest and kind its entry says, none larger than `max_bytes`.
pub fn check_enclosed(
    entries: &[Attachment],
    enclosed: &Enclosed,
    max_bytes: usize,
) -> Result<(), Rejection> {
    let refused = |message: String| Rejection::at("/data/attachments", message);
    let signed: BTreeSet<&String> = entries.iter().map(|entry| &entry.sha256).collect();
    if let Some(extra) = enclosed.0.keys().find(|digest| !signed.contains(digest)) {
        let message = format!("an attachment with SHA-256 {extra} came that was not signed");
        return Err(refused(message));
    }
    for (index, entry) in entries.iter().enumerate() {
        let Some(bytes) = enclosed.0.get(&entry.sha256) else {
            let message = format!(
                "the attachment `{}` (SHA-256 {}) is missing",
                entry.name, entry.sha256
            );
            return Err(refused(message));
        };
        check_one(index, entry, bytes, max_bytes)?;
    }
    Ok(())
}

fn check_one(
    index: usize,
    entry: &Attachment,
    bytes: &[u8],
    max_bytes: usize,
) -> Result<(), Rejection> {
    if bytes.len() > max_bytes {
        let message = format!(
            "the attachment `{}` has {} bytes, at most {max_bytes} are taken",
            entry.name,
            bytes.len()
        );
        return Err(Rejection::whole(Reason::TooLarge, message));
    }
    if size_of(bytes) != entry.size {
        let message = format!(
            "`{}` has {} bytes, {} were signed",
            entry.name,
            bytes.len(),
            entry.size
        );
        return Err(Rejection::at(
            format!("/data/bond/attachments/{index}/size"),
            message,
        ));
    }
    check_pdf(bytes).map_err(|problem| not_a_pdf(index, &entry.name, problem))
}

fn not_a_pdf(index: usize, name: &str, problem: PdfProblem) -> Rejection {
    Rejection::at(
        format!("/data/bond/attachments/{index}"),
        format!("`{name}` {problem}"),
    )
}

fn size_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing, or blanks around it.
    #[error("is empty or begins or ends with a blank or a full stop")]
    Blank,
    /// More than [`LONGEST_NAME`] bytes.
    #[error("is longer than {LONGEST_NAME} bytes")]
    TooLong,
    /// Could be read as a path, or cannot be a file name on some system.
    #[error("contains `{0}`, which no file name may")]
    Path(char),
    /// Could be read as markup.
    #[error("contains `{0}`, which a page could take for markup")]
    Markup(char),
    /// Invisible letters, or letters that turn the direction of writing.
    #[error("contains an invisible or control character")]
    Invisible,
    /// A device of Windows.
    #[error("is a device's name on Windows")]
    Device,
}

/// Checks a file name: no path, no markup, nothing invisible, not too long.
pub fn check_name(name: &str) -> Result<(), NameProblem> {
    let edge = |letter: Option<char>| letter.is_none_or(|c| c.is_whitespace() || c == '.');
    if edge(name.chars().next()) || edge(name.chars().next_back()) {
        return Err(NameProblem::Blank);
    }
    if name.len() > LONGEST_NAME {
        return Err(NameProblem::TooLong);
    }
    for letter in name.chars() {
        match letter {
            '/' | '\\' | ':' | '*' | '?' | '|' => return Err(NameProblem::Path(letter)),
            '<' | '>' | '"' | '\'' | '&' | '`' => return Err(NameProblem::Markup(letter)),
            _ if is_invisible(letter) => return Err(NameProblem::Invisible),
            _ => {}
        }
    }
    if is_device(name) {
        return Err(NameProblem::Device);
    }
    Ok(())
}

/// Controls, line separators, zero-width letters and marks of direction, which turn `fdp.exe` into `exe.pdf`.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || ["COM", "LPT"].iter().any(|device| {
            stem.strip_prefix(device)
                .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|c| c.is_ascii_digit()))
        })
}

#[cfg(test)]
mod tests;
