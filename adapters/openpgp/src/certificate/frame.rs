//! The frame around a certificate: one armored block and nothing else, or packets.
//!
//! sequoia skips text around a block and takes any kind of block. A person who pasted a whole mail,
//! or the wrong block, must hear of it instead.

use bondhub_core::ports::openpgp::CertificateRefusal;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const BEGIN: &str = "-----BEGIN PGP ";
const END: &str = "-----END PGP ";
const PUBLIC: &str = "PUBLIC KEY BLOCK-----";
const PRIVATE: &str = "PRIVATE KEY BLOCK-----";

/// What may be parsed as a certificate: packets, or exactly one armored block of the right kind.
pub(super) fn unframe(bytes: &[u8]) -> Result<&[u8], CertificateRefusal> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if is_utf16(bytes) {
        return Err(unreadable("it is UTF-16 text, as PowerShell's `>` writes"));
    }
    if is_secret_packet(bytes) {
        return Err(CertificateRefusal::Secret);
    }
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(bytes);
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| unreadable("it is neither text nor packets"))?;
    one_public_block(text.trim()).map(str::as_bytes)
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// Tag 5, in the old and the new packet format: recognised even where the rest does not parse.
fn is_secret_packet(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(0x94..=0x97 | 0xc5))
}

fn one_public_block(text: &str) -> Result<&str, CertificateRefusal> {
    let kinds: Vec<&str> = text.split(BEGIN).skip(1).collect();
    if kinds.iter().any(|kind| kind.starts_with(PRIVATE)) {
        return Err(CertificateRefusal::Secret);
    }
    match kinds.as_slice() {
        [] => Err(unreadable(
            "there is no `-----BEGIN PGP PUBLIC KEY BLOCK-----` in it",
        )),
        [only] if !only.starts_with(PUBLIC) => {
            Err(unreadable(&format!("it is a PGP {}", name_of(only))))
        }
        [_] => bare(text),
        many if many.iter().all(|kind| kind.starts_with(PUBLIC)) => {
            Err(CertificateRefusal::Several)
        }
        _ => Err(unreadable(
            "there is something besides the certificate in it",
        )),
    }
}

/// The block, if nothing stands around it.
fn bare(text: &str) -> Result<&str, CertificateRefusal> {
    let closed = text
        .rsplit_once(END)
        .is_some_and(|(_, kind)| kind == PUBLIC);
    if text.starts_with(BEGIN) && closed {
        Ok(text)
    } else {
        Err(unreadable(
            "there is text around the armored block, or its end is missing",
        ))
    }
}

/// The kind of a block, e.g. `MESSAGE`, cut so that an answer stays short.
fn name_of(kind: &str) -> String {
    let name = kind.split('-').next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}

pub(super) fn unreadable(reason: &str) -> CertificateRefusal {
    CertificateRefusal::Unreadable(reason.to_owned())
}
