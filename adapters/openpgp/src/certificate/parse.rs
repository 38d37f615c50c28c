//! Foreign bytes into one certificate.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bondhub_core::ports::openpgp::CertificateRefusal;
use sequoia_openpgp::{Cert, cert::CertParser, parse::Parse};

use super::frame::{unframe, unreadable};

/// The largest certificate that is read, in bytes. A certificate flooded with thousands of user ids
/// takes 90 ms to parse; one with everything a person needs has a few KiB.
pub const LARGEST_CERTIFICATE: usize = 64 * 1024;

/// Reads exactly one public certificate, armored or binary.
///
/// A panic of the parser is taken for unreadable input: a foreign file must not end a worker.
pub(crate) fn parse(bytes: &[u8]) -> Result<Cert, CertificateRefusal> {
    if bytes.len() > LARGEST_CERTIFICATE {
        return Err(CertificateRefusal::TooLarge(bytes.len()));
    }
    let framed = unframe(bytes)?;
    contained(|| single(framed))
}

/// Runs work on foreign bytes; a panic of the library is a refusal.
pub(crate) fn contained<T>(
    work: impl FnOnce() -> Result<T, CertificateRefusal>,
) -> Result<T, CertificateRefusal> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(unreadable("the parser gave up on it")))
}

fn single(bytes: &[u8]) -> Result<Cert, CertificateRefusal> {
    let certs = all(bytes)?;
    if certs.iter().any(Cert::is_tsk) {
        return Err(CertificateRefusal::Secret);
    }
    let mut certs = certs.into_iter();
    match (certs.next(), certs.next()) {
        (Some(cert), None) => Ok(cert),
        (None, _) => Err(unreadable("there is no certificate in it")),
        (Some(_), Some(_)) => Err(CertificateRefusal::Several),
    }
}

fn all(bytes: &[u8]) -> Result<Vec<Cert>, CertificateRefusal> {
    CertParser::from_bytes(bytes)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(&error.root_cause().to_string()))
}
