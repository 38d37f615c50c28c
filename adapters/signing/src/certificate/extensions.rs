//! Critical extensions of a certificate: which there are, and whether they are known here.

use crate::der::{Malformed, OBJECT_IDENTIFIER, Reader, SEQUENCE};

const BOOLEAN: u8 = 0x01;
/// `[3]`, constructed: the extensions of a certificate.
const EXTENSIONS: u8 = 0xa3;
/// 2.5.29: the extensions of RFC 5280.
const STANDARD: [u8; 2] = [0x55, 0x1d];
/// Key usage, alternative names, basic constraints, policies, extended key usage.
const KNOWN_STANDARD: [u8; 6] = [15, 17, 18, 19, 32, 37];
/// 1.2.392.100300.1.1: what Japan's commercial-registration authority adds about the company and
/// its registrar. It describes the subject and restricts nothing.
const COMMERCIAL_REGISTRATION: [u8; 8] = [0x2a, 0x83, 0x08, 0x86, 0x8f, 0x4c, 1, 1];
const KNOWN_COMMERCIAL_REGISTRATION: [u8; 3] = [1, 2, 3];

/// Whether every critical extension is one whose meaning is known here (RFC 5280 §4.2).
///
/// OpenSSL knows nothing of the commercial-registration extensions and would refuse a certificate
/// that marks them critical, or, told to ignore critical extensions, take any. So it is told to
/// ignore them, and they are checked here.
pub(crate) fn critical_ones_are_known(certificate: &[u8]) -> bool {
    critical(certificate).is_ok_and(|critical| critical.into_iter().all(is_known))
}

fn is_known(identifier: &[u8]) -> bool {
    let last_of = |prefix: &[u8]| match identifier.strip_prefix(prefix) {
        Some([last]) => Some(*last),
        _ => None,
    };
    last_of(&STANDARD).is_some_and(|last| KNOWN_STANDARD.contains(&last))
        || last_of(&COMMERCIAL_REGISTRATION)
            .is_some_and(|last| KNOWN_COMMERCIAL_REGISTRATION.contains(&last))
}

fn critical(certificate: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut fields = Reader::new(certificate).enter(SEQUENCE)?.enter(SEQUENCE)?;
    let mut found = Vec::new();
    while !fields.is_empty() {
        let field = fields.any()?;
        if field.tag == EXTENSIONS {
            let mut extensions = Reader::new(field.content).enter(SEQUENCE)?;
            while !extensions.is_empty() {
                let mut extension = extensions.enter(SEQUENCE)?;
                let identifier = extension.expect(OBJECT_IDENTIFIER)?.content;
                if extension.optional(BOOLEAN)?.is_some() {
                    found.push(identifier);
                }
            }
        }
    }
    Ok(found)
}
