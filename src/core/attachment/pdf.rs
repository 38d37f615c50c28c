//! Whether bytes are a PDF that people can read: by its header, its trailer and what the trailer
//! says, not by a name or a media type somebody claims (ISO 32000-2, 7.5).

/// Where the trailer must be found, counted from the end.
const TAIL: usize = 2048;
/// How far a trailer's dictionary may reach.
const DICTIONARY: usize = 65536;

/// Why bytes are not taken as a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PdfProblem {
    /// It does not begin as one.
    #[error("is no PDF: it does not begin with `%PDF-1.` or `%PDF-2.`")]
    Header,
    /// It does not end as one.
    #[error("is cut off or no PDF: `startxref` and `%%EOF` are missing at its end")]
    End,
    /// Its table of objects is not where it says.
    #[error("is damaged: its cross-reference table is not where it says")]
    Table,
    /// It is encrypted.
    #[error("is encrypted; only a PDF that opens without a password is taken")]
    Encrypted,
}

/// Checks that bytes begin and end as a PDF does, that its cross-reference table is where it says,
/// and that it is not encrypted.
pub fn check(bytes: &[u8]) -> Result<(), PdfProblem> {
    let version = bytes.strip_prefix(b"%PDF-").ok_or(PdfProblem::Header)?;
    if !matches!(version, [b'1' | b'2', b'.', b'0'..=b'9', ..]) {
        return Err(PdfProblem::Header);
    }
    let dictionary = trailer(bytes, table_at(bytes)?)?;
    if names(dictionary, b"Encrypt") {
        return Err(PdfProblem::Encrypted);
    }
    if !names(dictionary, b"Root") {
        return Err(PdfProblem::Table);
    }
    Ok(())
}

/// Where the last cross-reference table stands.
fn table_at(bytes: &[u8]) -> Result<usize, PdfProblem> {
    let tail = bytes
        .get(bytes.len().saturating_sub(TAIL)..)
        .unwrap_or(bytes);
    let start = last(tail, b"startxref").ok_or(PdfProblem::End)?;
    let after = tail.get(start + 9..).unwrap_or_default();
    find(after, b"%%EOF").ok_or(PdfProblem::End)?;
    let digits: Vec<u8> = after
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take_while(u8::is_ascii_digit)
        .collect();
    let text = String::from_utf8(digits).map_err(|_| PdfProblem::End)?;
    text.parse().map_err(|_| PdfProblem::End)
}

/// The dictionary of the trailer, or of the cross-reference stream, that begins at `at`.
fn trailer(bytes: &[u8], at: usize) -> Result<&[u8], PdfProblem> {
    let table = bytes.get(at..).ok_or(PdfProblem::Table)?;
    let begin = table
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .ok_or(PdfProblem::Table)?;
    let table = table.get(begin..).unwrap_or_default();
    let found = if table.starts_with(b"xref") {
        let start = find(table, b"trailer").ok_or(PdfProblem::Table)?;
        table.get(start..).unwrap_or_default()
    } else {
        // An object: `12 0 obj << … >> stream`.
        let object = find(table.get(..64).unwrap_or(table), b"obj").ok_or(PdfProblem::Table)?;
        if !table.first().is_some_and(u8::is_ascii_digit) {
            return Err(PdfProblem::Table);
        }
        let rest = table.get(object..).unwrap_or_default();
        let end = find(rest, b"stream").ok_or(PdfProblem::Table)?;
        rest.get(..end).unwrap_or_default()
    };
    let end = find(found, b"startxref").unwrap_or(found.len());
    Ok(found.get(..end.min(DICTIONARY)).unwrap_or(found))
}

/// Whether a dictionary has a name, also where letters of it are written as `#45`.
fn names(dictionary: &[u8], name: &[u8]) -> bool {
    dictionary
        .split(|byte| *byte == b'/')
        .skip(1)
        .any(|rest| decoded(rest) == name)
}

fn decoded(rest: &[u8]) -> Vec<u8> {
    let end = rest
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || b"()<>[]{}/%".contains(byte));
    let mut raw = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest).iter();
    let mut name = Vec::new();
    while let Some(byte) = raw.next() {
        let escaped = (*byte == b'#')
            .then(|| hex(*raw.as_slice().first_chunk::<2>()?))
            .flatten();
        match escaped {
            Some(letter) => {
                name.push(letter);
                raw.nth(1);
            }
            None => name.push(*byte),
        }
    }
    name
}

fn hex(digits: [u8; 2]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|one| one == wanted)
}

fn last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|one| one == wanted)
}
