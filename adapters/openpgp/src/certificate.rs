//! Certificates that parties enrol.

mod check;
mod frame;
mod minimise;
mod outdated;
mod parse;

use bondhub_core::{
    calendar::Timestamp,
    party::MailAddress,
    ports::openpgp::{CertificateFacts, CertificateRefusal, ReadCertificate},
};
use sequoia_openpgp::{Cert, policy::StandardPolicy};

pub(crate) use check::Usable;
pub use parse::LARGEST_CERTIFICATE;
pub(crate) use parse::{contained, parse};

use crate::instant::system_time;

/// Reads certificates that parties enrol, with sequoia's standard policy.
#[derive(Debug, Clone, Copy, Default)]
pub struct CertificateReader;

impl CertificateReader {
    /// A reader.
    pub fn new() -> Self {
        Self
    }
}

impl ReadCertificate for CertificateReader {
    fn read(
        &self,
        bytes: &[u8],
        addresses: &[MailAddress],
        now: Timestamp,
    ) -> Result<CertificateFacts, CertificateRefusal> {
        let cert = parse(bytes)?;
        contained(|| facts(&cert, addresses, now))
    }
}

fn facts(
    cert: &Cert,
    addresses: &[MailAddress],
    now: Timestamp,
) -> Result<CertificateFacts, CertificateRefusal> {
    let policy = StandardPolicy::at(system_time(now));
    let usable = Usable::check(cert, &policy, now)?;
    let user_id = check::matching_user_id(&usable, addresses)?;
    Ok(CertificateFacts {
        fingerprint: fingerprint(cert),
        usable_until: usable.until(),
        bytes: minimise::minimise(&usable, &user_id)?,
        user_id: String::from_utf8_lossy(user_id.value()).into_owned(),
    })
}

/// Full fingerprint, upper-case hexadecimal.
pub(crate) fn fingerprint(cert: &Cert) -> String {
    cert.fingerprint().to_hex()
}
