//! Whole mails: around what was encrypted, and without encryption.

use bondhub_core::ports::mail::{ComposeError, Draft};

use super::{
    boundary,
    fields::fields,
    invalid,
    text::{TextPart, push_crlf},
};

const BEGIN: &[u8] = b"-----BEGIN PGP MESSAGE-----";
const END: &[u8] = b"-----END PGP MESSAGE-----";

/// `multipart/encrypted` (RFC 3156): the version, and the message.
pub(super) fn sealed(draft: &Draft<'_>, armored: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let message = one_message(armored)?;
    let boundary = boundary(draft, "outside");
    let head = fields(draft, draft.outer_subject)?;
    let mut mail = Vec::with_capacity(message.len() + message.len() / 32 + head.len() + 1024);
    let before = format!(
        "{head}MIME-Version: 1.0\r\n\
         Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n \
         boundary=\"{boundary}\"\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: application/pgp-encrypted\r\n\
         Content-Description: PGP/MIME version identification\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         \r\n\
         Version: 1\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\
         Content-Description: OpenPGP encrypted message\r\n\
         Content-Transfer-Encoding: 7bit\r\n\
         Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\
         \r\n"
    );
    mail.extend_from_slice(before.as_bytes());
    push_crlf(&mut mail, message);
    mail.extend_from_slice(format!("\r\n\r\n--{boundary}--\r\n").as_bytes());
    Ok(mail)
}

/// Nothing but one armored message goes out as encrypted: a mistake of the caller must not put what
/// was to be encrypted onto the wire.
fn one_message(armored: &[u8]) -> Result<&[u8], ComposeError> {
    let message = armored.trim_ascii();
    let clean = message.starts_with(BEGIN) && message.ends_with(END) && message.is_ascii();
    let short = message
        .split(|byte| *byte == b'\n')
        .all(|line| line.len() <= 77);
    if clean && short {
        Ok(message)
    } else {
        Err(invalid(
            "what should be encrypted is not an armored OpenPGP message",
        ))
    }
}

/// A notice in plain text.
pub(super) fn open(draft: &Draft<'_>) -> Result<Vec<u8>, ComposeError> {
    let text = TextPart::new(draft.text);
    let head = fields(draft, draft.subject)?;
    let mut mail = Vec::with_capacity(head.len() + text.size() + 64);
    mail.extend_from_slice(head.as_bytes());
    mail.extend_from_slice(b"MIME-Version: 1.0\r\n");
    text.write(&mut mail, None)?;
    Ok(mail)
}
