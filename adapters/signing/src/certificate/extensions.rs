//! Extensions of certificates and revocation lists: which there are, which are critical, and whether
//! the critical ones are known here.

use crate::der::{CONTEXT_0, Malformed, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};

const BOOLEAN: u8 = 0x01;
/// `[3]`, constructed: the extensions of a certificate.
const OF_CERTIFICATE: u8 = 0xa3;
/// 2.5.29: the extensions of RFC 5280.
const STANDARD: [u8; 2] = [0x55, 0x1d];
/// Key usage, alternative names, basic constraints, policies, extended key usage.
const KNOWN_STANDARD: [u8; 6] = [15, 17, 18, 19, 32, 37];
/// What else authorities' certificates have, and the library then minds: name constraints, distribution
/// points, policy mappings, policy constraints, inhibit any-policy.
const KNOWN_OF_AUTHORITIES: [u8; 5] = [30, 31, 33, 36, 54];
/// 1.2.392.100300.1.1: what Japan's commercial-registration authority adds about the company and
/// its registrar. It describes the subject and restricts nothing.
const COMMERCIAL_REGISTRATION: [u8; 8] = [0x2a, 0x83, 0x08, 0x86, 0x8f, 0x4c, 1, 1];
const KNOWN_COMMERCIAL_REGISTRATION: [u8; 3] = [1, 2, 3];

/// One extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extension<'a> {
    /// The identifier's content.
    pub(crate) identifier: &'a [u8],
    pub(crate) critical: bool,
    /// What stands in the OCTET STRING.
    pub(crate) value: &'a [u8],
}

/// Whether every critical extension of a signer's certificate is one whose meaning is known here (RFC 5280
/// §4.2).
///
/// OpenSSL knows nothing of the commercial-registration extensions and would refuse a certificate
/// that marks them critical, or, told to ignore critical extensions, take any. So it is told to
/// ignore them, and they are checked here.
pub(crate) fn critical_ones_are_known(certificate: &[u8]) -> bool {
    all_critical(certificate, |identifier| {
        is_standard(identifier, &KNOWN_STANDARD) || is_private_and_known(identifier)
    })
}

/// The same for an authority's certificate.
pub(crate) fn critical_ones_of_authority_are_known(certificate: &[u8]) -> bool {
    all_critical(certificate, |identifier| {
        is_standard(identifier, &KNOWN_STANDARD) || is_standard(identifier, &KNOWN_OF_AUTHORITIES)
    })
}

/// Whether a certificate has critical extensions that OpenSSL does not know and that are known here.
pub(crate) fn has_private_critical(certificate: &[u8]) -> bool {
    of_certificate(certificate).is_ok_and(|all| {
        all.iter()
            .any(|one| one.critical && is_private_and_known(one.identifier))
    })
}

/// The value of one extension of a certificate, by its identifier's content.
pub(crate) fn find<'a>(certificate: &'a [u8], identifier: &[u8]) -> Option<&'a [u8]> {
    let all = of_certificate(certificate).ok()?;
    let found = all.into_iter().find(|one| one.identifier == identifier)?;
    Some(found.value)
}

/// The value of a standard extension (2.5.29.`last`).
pub(crate) fn find_standard(certificate: &[u8], last: u8) -> Option<&[u8]> {
    find(certificate, &[STANDARD[0], STANDARD[1], last])
}

/// Whether an identifier is 2.5.29.`last` for one of these.
pub(crate) fn is_standard(identifier: &[u8], known: &[u8]) -> bool {
    last_of(identifier, &STANDARD).is_some_and(|last| known.contains(&last))
}

fn is_private_and_known(identifier: &[u8]) -> bool {
    last_of(identifier, &COMMERCIAL_REGISTRATION)
        .is_some_and(|last| KNOWN_COMMERCIAL_REGISTRATION.contains(&last))
}

fn last_of(identifier: &[u8], prefix: &[u8]) -> Option<u8> {
    match identifier.strip_prefix(prefix) {
        Some([last]) => Some(*last),
        _ => None,
    }
}

fn all_critical(certificate: &[u8], known: impl Fn(&[u8]) -> bool) -> bool {
    of_certificate(certificate)
        .is_ok_and(|all| all.iter().all(|one| !one.critical || known(one.identifier)))
}

fn of_certificate(certificate: &[u8]) -> Result<Vec<Extension<'_>>, Malformed> {
    let mut fields = Reader::new(certificate).enter(SEQUENCE)?.enter(SEQUENCE)?;
    let mut found = Vec::new();
    fields.optional(CONTEXT_0)?;
    while !fields.is_empty() {
        let field = fields.any()?;
        if field.tag == OF_CERTIFICATE {
            found.extend(list(Reader::new(field.content))?);
        }
    }
    Ok(found)
}

/// Reads the SEQUENCE of extensions that stands next.
pub(crate) fn list(mut outer: Reader<'_>) -> Result<Vec<Extension<'_>>, Malformed> {
    let mut all = outer.enter(SEQUENCE)?;
    let mut found = Vec::new();
    while !all.is_empty() {
        let mut fields = all.enter(SEQUENCE)?;
        let identifier = fields.expect(OBJECT_IDENTIFIER)?.content;
        let critical = fields.optional(BOOLEAN)?.is_some();
        let value = fields.expect(OCTET_STRING)?.content;
        found.push(Extension {
            identifier,
            critical,
            value,
        });
    }
    Ok(found)
}
