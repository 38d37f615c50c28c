//! Text bodies: CRLF line ends, 7-bit.

use base64::{Engine, engine::general_purpose::STANDARD};
use bondhub_core::ports::mail::ComposeError;
use zeroize::Zeroizing;

use super::{check::short_lines, invalid};

/// 57 bytes make a base64 line of 76.
const BYTES_PER_LINE: usize = 57;

/// A text part: its headers, an empty line, its content, ended by CRLF.
pub(super) struct TextPart {
    canonical: Zeroizing<Vec<u8>>,
    readable: bool,
}

impl TextPart {
    /// Takes text with any line ends.
    pub(super) fn new(text: &str) -> Self {
        let mut canonical = Zeroizing::new(Vec::with_capacity(2 * text.len() + 2));
        push_crlf(&mut canonical, text.as_bytes());
        if !canonical.ends_with(b"\r\n") {
            canonical.extend_from_slice(b"\r\n");
        }
        let readable = survives_as_it_is(&canonical);
        Self {
            canonical,
            readable,
        }
    }

    /// At most so many bytes are written by [`TextPart::write`].
    pub(super) fn size(&self) -> usize {
        self.canonical.len() / BYTES_PER_LINE * 78 + self.canonical.len() + 256
    }

    /// Writes the part. Refuses a text that holds the boundary it is put between.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        boundary: Option<&str>,
    ) -> Result<(), ComposeError> {
        out.extend_from_slice(b"Content-Type: text/plain; charset=utf-8\r\n");
        if self.readable {
            boundary.map_or(Ok(()), |boundary| without(boundary, &self.canonical))?;
            out.extend_from_slice(b"Content-Transfer-Encoding: 7bit\r\n\r\n");
            out.extend_from_slice(&self.canonical);
        } else {
            out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
            push_base64(out, &self.canonical)?;
        }
        Ok(())
    }
}

/// ASCII that no mail server and no mail program changes on the way: otherwise it goes as base64.
fn survives_as_it_is(canonical: &[u8]) -> bool {
    let plain = |byte: &u8| (b' '..=b'~').contains(byte) || b"\t\r\n".contains(byte);
    let safe = |line: &[u8]| {
        !line.starts_with(b"From ") && !line.ends_with(b" ") && !line.ends_with(b"\t")
    };
    canonical.iter().all(plain)
        && short_lines(canonical).is_ok()
        && canonical.split(|byte| b"\r\n".contains(byte)).all(safe)
}

/// Appends `content` with every line end (CRLF, CR, LF) as CRLF.
pub(super) fn push_crlf(out: &mut Vec<u8>, content: &[u8]) {
    let mut rest = content;
    while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, tail) = rest.split_at(end);
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
        rest = tail
            .strip_prefix(b"\r\n")
            .or_else(|| tail.get(1..))
            .unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn push_base64(out: &mut Vec<u8>, content: &[u8]) -> Result<(), ComposeError> {
    for chunk in content.chunks(BYTES_PER_LINE) {
        let mut line = Zeroizing::new([0; 76]);
        let length = STANDARD
            .encode_slice(chunk, &mut *line)
            .map_err(|error| invalid(error.to_string()))?;
        out.extend(line.iter().take(length));
        out.extend_from_slice(b"\r\n");
    }
    Ok(())
}

/// Refuses content with a line that a reader would take for the end of the part.
pub(super) fn without(boundary: &str, content: &[u8]) -> Result<(), ComposeError> {
    let mut lines = content.split(|byte| b"\r\n".contains(byte));
    let delimits = |line: &[u8]| {
        line.strip_prefix(b"--")
            .is_some_and(|rest| rest.starts_with(boundary.as_bytes()))
    };
    if lines.any(delimits) {
        return Err(invalid("a line of it looks like the mail's own boundary"));
    }
    Ok(())
}
