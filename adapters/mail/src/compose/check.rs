//! What must hold before anything of a draft reaches a header.

use bondhub_core::ports::mail::{Attachment, ComposeError, Draft};

use super::invalid;

/// The longest line a mail may have, without its line end (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

/// The last second the Date header can tell: the end of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// Names with line breaks or NUL make lettre panic, or would forge headers: they stop here.
pub(super) fn draft(draft: &Draft<'_>) -> Result<(), ComposeError> {
    one_line("the sender's name", draft.from_name)?;
    one_line("the subject", draft.subject)?;
    one_line("the outer subject", draft.outer_subject)?;
    message_id(draft.message_id)?;
    if draft.to.is_empty() {
        return Err(invalid("there is no recipient"));
    }
    if !(0..=LAST_SECOND).contains(&draft.date.timestamp()) {
        return Err(invalid("its date is not between 1970 and 9999"));
    }
    draft
        .attachment
        .map_or(Ok(()), |attachment| attached(&attachment))
}

fn one_line(what: &str, text: &str) -> Result<(), ComposeError> {
    if text.chars().any(char::is_control) {
        return Err(invalid(format!("{what} contains a control character")));
    }
    if text.len() > LONGEST_LINE {
        return Err(invalid(format!(
            "{what} is longer than {LONGEST_LINE} bytes"
        )));
    }
    Ok(())
}

fn message_id(text: &str) -> Result<(), ComposeError> {
    let inner = text
        .strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'));
    let (local, domain) = inner
        .and_then(|text| text.split_once('@'))
        .unwrap_or_default();
    let atoms = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-+=".contains(c);
        !text.is_empty() && text.chars().all(allowed)
    };
    if atoms(local) && atoms(domain) && text.len() <= 250 {
        Ok(())
    } else {
        Err(invalid("its Message-ID is not of the form <name@domain>"))
    }
}

fn attached(attachment: &Attachment<'_>) -> Result<(), ComposeError> {
    let name = attachment.name;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.len() > 100 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(invalid(
            "the attachment's name is not of ASCII letters, digits, `.`, `_`, `-`",
        ));
    }
    let text = |byte: u8| (b' '..=b'~').contains(&byte) || b"\t\r\n".contains(&byte);
    if !attachment.content.iter().copied().all(text) {
        return Err(invalid("the attachment is not ASCII text"));
    }
    short_lines(attachment.content)
}

/// No line above 998 bytes.
pub(super) fn short_lines(content: &[u8]) -> Result<(), ComposeError> {
    let mut lines = content.split(|byte| b"\r\n".contains(byte));
    if lines.any(|line| line.len() > LONGEST_LINE) {
        return Err(invalid(format!(
            "a line is longer than {LONGEST_LINE} bytes"
        )));
    }
    Ok(())
}
