//! Whether a certificate can be encrypted to, and with which of its keys.

use std::time::SystemTime;

use bondhub_core::{calendar::Timestamp, party::MailAddress, ports::openpgp::CertificateRefusal};
use sequoia_openpgp::{
    Cert,
    cert::{ValidCert, amalgamation::key::ValidErasedKeyAmalgamation},
    packet::{UserID, key::PublicParts},
    policy::Policy,
    types::RevocationStatus,
};

use super::{frame::unreadable, outdated::outdated};
use crate::instant::{system_time, timestamp};

/// A key of a certificate that can be encrypted to.
pub(crate) type EncryptionKey<'a> = ValidErasedKeyAmalgamation<'a, PublicParts>;

/// A certificate that can be encrypted to at the time it was checked for.
pub(crate) struct Usable<'a> {
    /// The certificate, as the policy sees it at that time.
    pub(crate) cert: ValidCert<'a>,
    /// The newest usable encryption key: the one that is encrypted to.
    pub(crate) newest: EncryptionKey<'a>,
    /// All usable encryption keys.
    pub(crate) keys: Vec<EncryptionKey<'a>>,
}

impl<'a> Usable<'a> {
    /// Checks the primary key first, then looks for encryption keys.
    pub(crate) fn check(
        cert: &'a Cert,
        policy: &'a dyn Policy,
        now: Timestamp,
    ) -> Result<Self, CertificateRefusal> {
        let at = system_time(now);
        not_revoked(cert, policy, at)?;
        let valid = cert
            .with_policy(policy, at)
            .map_err(|error| distrusted(cert, at, &error))?;
        alive(&valid, at)?;
        let keys: Vec<_> = encryption_keys(cert, policy, at).collect();
        let newest = keys
            .iter()
            .max_by_key(|key| key.key().creation_time())
            .cloned();
        match newest {
            Some(newest) => Ok(Self {
                cert: valid,
                newest,
                keys,
            }),
            None => Err(no_encryption_key(cert, at)),
        }
    }

    /// Until when the certificate can be encrypted to; none for no end.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let primary = self.cert.primary_key().key_expiration_time();
        let ends: Option<Vec<SystemTime>> = self
            .keys
            .iter()
            .map(EncryptionKey::key_expiration_time)
            .collect();
        let last = ends.and_then(|ends| ends.into_iter().max());
        earliest(primary, last).map(timestamp)
    }

    /// Until when [`Usable::newest`] can be encrypted to; none for no end.
    pub(crate) fn newest_until(&self) -> Option<Timestamp> {
        let primary = self.cert.primary_key().key_expiration_time();
        earliest(primary, self.newest.key_expiration_time()).map(timestamp)
    }
}

fn earliest(one: Option<SystemTime>, other: Option<SystemTime>) -> Option<SystemTime> {
    [one, other].into_iter().flatten().min()
}

fn not_revoked(cert: &Cert, policy: &dyn Policy, at: SystemTime) -> Result<(), CertificateRefusal> {
    match cert.revocation_status(policy, at) {
        RevocationStatus::Revoked(_) => Err(CertificateRefusal::Revoked),
        RevocationStatus::CouldBe(_) | RevocationStatus::NotAsFarAsWeKnow => Ok(()),
    }
}

/// Tells a certificate that is whole but weak from one that does not hold together.
fn distrusted(
    cert: &Cert,
    at: SystemTime,
    error: &sequoia_openpgp::anyhow::Error,
) -> CertificateRefusal {
    let reason = error.root_cause().to_string();
    if cert.primary_key().key().creation_time() > at {
        unreadable("it was made in the future; check the clocks")
    } else if cert.with_policy(&outdated(at), at).is_ok() {
        CertificateRefusal::Weak(reason)
    } else {
        CertificateRefusal::Unreadable(reason)
    }
}

fn alive(valid: &ValidCert<'_>, at: SystemTime) -> Result<(), CertificateRefusal> {
    match (valid.alive(), valid.primary_key().key_expiration_time()) {
        (Ok(()), _) => Ok(()),
        (Err(_), Some(end)) if end <= at => Err(CertificateRefusal::Expired(timestamp(end))),
        (Err(error), _) => Err(unreadable(&error.root_cause().to_string())),
    }
}

fn encryption_keys<'a>(
    cert: &'a Cert,
    policy: &'a dyn Policy,
    at: SystemTime,
) -> impl Iterator<Item = EncryptionKey<'a>> {
    cert.keys()
        .with_policy(policy, at)
        .supported()
        .alive()
        .revoked(false)
        .for_transport_encryption()
}

/// A key that only the strict policy turns down is weak; everything else is no key.
fn no_encryption_key(cert: &Cert, at: SystemTime) -> CertificateRefusal {
    let lax = outdated(at);
    match encryption_keys(cert, &lax, at).next() {
        Some(weak) => CertificateRefusal::Weak(format!(
            "its encryption key {} ({})",
            weak.key().keyid(),
            weak.key().pk_algo()
        )),
        None => CertificateRefusal::NoEncryptionKey,
    }
}

/// The user id, valid now, whose address is one of the party's.
///
/// The whole addr-spec counts: a search for a part of it would take `elg@example.jp` for
/// `g@example.jp`.
pub(super) fn matching_user_id(
    usable: &Usable<'_>,
    addresses: &[MailAddress],
) -> Result<UserID, CertificateRefusal> {
    usable
        .cert
        .userids()
        .revoked(false)
        .map(|user_id| user_id.userid().clone())
        .find(|user_id| addresses.iter().any(|address| is_of(user_id, address)))
        .ok_or_else(|| CertificateRefusal::OtherAddress(listed(addresses)))
}

fn is_of(user_id: &UserID, address: &MailAddress) -> bool {
    let Ok(Some(email)) = user_id.email() else {
        return false;
    };
    match (email.rsplit_once('@'), address.as_str().rsplit_once('@')) {
        (Some((local, domain)), Some((our_local, our_domain))) => {
            local == our_local && domain.eq_ignore_ascii_case(our_domain)
        }
        _ => false,
    }
}

fn listed(addresses: &[MailAddress]) -> String {
    let texts: Vec<&str> = addresses.iter().map(MailAddress::as_str).collect();
    texts.join(" or ")
}
