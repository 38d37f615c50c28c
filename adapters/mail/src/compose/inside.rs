//! The entity that is encrypted.
//!
//! Built by hand into one buffer of sufficient size, which is wiped: the libraries' builders leave
//! copies of what is attached behind.

use bondhub_core::ports::mail::{Attachment, ComposeError, Draft};
use zeroize::Zeroizing;

use super::{
    boundary,
    fields::{fields, outer_record},
    text::{TextPart, push_crlf, without},
};

/// Sizes are multiples of this: a short notice and a long one look the same on the way.
const STEP: usize = 4096;

/// The longest line of the padding, with its line end.
const PADDING_LINE: usize = 74;

/// Headers, padding, text, attachment.
pub(super) fn compose(draft: &Draft<'_>) -> Result<Zeroizing<Vec<u8>>, ComposeError> {
    let head = head(draft)?;
    let text = TextPart::new(draft.text);
    let boundary = boundary(draft, "inside");
    let mut out = Zeroizing::new(Vec::with_capacity(capacity(&head, &text, draft)));
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(b"\r\n");
    let preamble = out.len();
    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
    text.write(&mut out, Some(&boundary))?;
    if let Some(attachment) = &draft.attachment {
        out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
        attach(&mut out, attachment, &boundary)?;
    }
    out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    pad(&mut out, preamble);
    Ok(out)
}

/// The buffer must never grow: growing would leave a copy of the secret behind.
fn capacity(head: &str, text: &TextPart, draft: &Draft<'_>) -> usize {
    let attached = draft
        .attachment
        .map_or(0, |attachment| 2 * attachment.content.len() + 512);
    head.len() + text.size() + attached + 512 + 2 * STEP
}

/// The fields as they really are, and what the outside says instead (RFC 9788).
fn head(draft: &Draft<'_>) -> Result<String, ComposeError> {
    let boundary = boundary(draft, "inside");
    let real = fields(draft, draft.subject)?;
    let outer = outer_record(&fields(draft, draft.outer_subject)?);
    Ok(format!(
        "Content-Type: multipart/mixed; hp=\"cipher\";\r\n boundary=\"{boundary}\"\r\n\
         MIME-Version: 1.0\r\n{real}{outer}"
    ))
}

/// Declared as 7bit, so that also somebody who decrypts by hand sees the file as it is.
fn attach(
    out: &mut Vec<u8>,
    attachment: &Attachment<'_>,
    boundary: &str,
) -> Result<(), ComposeError> {
    without(boundary, attachment.content)?;
    let name = attachment.name;
    let head = format!(
        "Content-Type: application/octet-stream; name=\"{name}\"\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
    push_crlf(out, attachment.content);
    Ok(())
}

/// Fills up to the next step with lines before the first boundary, which no mail program shows.
///
/// Before, not after: a mail that was decrypted and saved whole is a key file too, and after its
/// block a key file ends.
fn pad(out: &mut Vec<u8>, at: usize) {
    let missing = match STEP - out.len() % STEP {
        // Too short for a line end.
        1 => 1 + STEP,
        enough => enough,
    };
    // Moves what follows within the buffer.
    drop(out.splice(at..at, padding(missing)));
}

/// So many bytes, at least two, in whole lines.
fn padding(mut missing: usize) -> Vec<u8> {
    let mut lines = Vec::with_capacity(missing);
    while missing > 0 {
        let line = match missing.min(PADDING_LINE) {
            // A single byte would be left, too short for a line end.
            line if missing - line == 1 => line - 1,
            line => line,
        };
        lines.extend(std::iter::repeat_n(b'=', line - 2));
        lines.extend_from_slice(b"\r\n");
        missing -= line;
    }
    lines
}

#[cfg(test)]
mod tests {
    use bondhub_core::party::MailAddress;

    use super::*;

    #[test]
    fn padding_always_ends_at_a_step_with_whole_short_lines() {
        for length in 0..=2 * STEP {
            let mut out = vec![b'x'; length];
            pad(&mut out, length / 2);
            assert_eq!(out.len() % STEP, 0, "after {length} bytes");
            let padding = std::str::from_utf8(&out).unwrap().replace('x', "");
            assert_eq!(out.len(), length + padding.len());
            assert!(padding.ends_with("\r\n"), "after {length} bytes");
            assert!(padding.split("\r\n").all(|line| line.len() <= 72));
            assert!(padding.replace("\r\n", "").chars().all(|c| c == '='));
        }
    }

    fn composed(text: &str, content: &[u8]) -> (usize, Zeroizing<Vec<u8>>) {
        let address = MailAddress::parse("desk@contractor.example.jp").unwrap();
        let draft = Draft {
            from_name: "ハブ",
            from: &address,
            to: std::slice::from_ref(&address),
            subject: "件名",
            outer_subject: "[...]",
            date: chrono::DateTime::UNIX_EPOCH,
            message_id: "<a@b>",
            text,
            attachment: Some(Attachment { name: "k", content }),
        };
        let reserved = capacity(&head(&draft).unwrap(), &TextPart::new(text), &draft);
        (reserved, compose(&draft).unwrap())
    }

    #[test]
    fn the_buffer_that_holds_the_key_never_grows() {
        let lines = "\n".repeat(30_000);
        let long = "長".repeat(20_000);
        let drafts = [
            ("", ""),
            ("x", &lines),
            (&lines, "x"),
            (&long, ""),
            (&lines, &lines),
        ];
        for (text, content) in drafts {
            let (reserved, inside) = composed(text, content.as_bytes());
            assert!(inside.len() <= reserved, "{} of {reserved}", inside.len());
            assert_eq!(inside.capacity(), reserved);
        }
    }
}
