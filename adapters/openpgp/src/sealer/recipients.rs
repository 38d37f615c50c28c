//! Recipients' certificates, kept parsed.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bondhub_core::{
    calendar::Timestamp,
    ports::openpgp::{CertificateRefusal, Recipient},
};
use chrono::TimeDelta;
use sequoia_openpgp::{
    Cert,
    cert::Preferences,
    packet::{
        Key,
        key::{PublicParts, UnspecifiedRole},
    },
    policy::StandardPolicy,
    types::Features,
};

use crate::{
    certificate::{Usable, contained, fingerprint, parse},
    instant::system_time,
};

/// So many certificates are kept; a few KiB each.
const KEPT: usize = 1024;

/// After this time a certificate is checked again, whatever its end: the policy's own dates pass.
const TRUSTED_FOR: TimeDelta = TimeDelta::hours(1);

/// A certificate with the key to encrypt to.
pub(super) struct Prepared {
    pub(super) cert: Cert,
    pub(super) key: Key<PublicParts, UnspecifiedRole>,
    pub(super) features: Features,
    bytes: Vec<u8>,
    from: Timestamp,
    until: Timestamp,
}

impl Prepared {
    fn new(to: &Recipient<'_>, now: Timestamp) -> Result<Self, CertificateRefusal> {
        let cert = parse(to.certificate)?;
        pinned(&cert, to.fingerprint)?;
        let at = system_time(now);
        let policy = StandardPolicy::at(at);
        let usable = Usable::check(&cert, &policy, now)?;
        let soon = now + TRUSTED_FOR;
        let until = usable.newest_until().map_or(soon, |end| end.min(soon));
        let key = usable.newest.key().clone();
        let features = usable.cert.features().unwrap_or_else(Features::empty);
        Ok(Self {
            cert,
            key,
            features,
            bytes: to.certificate.to_vec(),
            from: now,
            until,
        })
    }

    fn serves(&self, to: &Recipient<'_>, now: Timestamp) -> bool {
        self.from <= now && now < self.until && self.bytes == to.certificate
    }
}

fn pinned(cert: &Cert, expected: &str) -> Result<(), CertificateRefusal> {
    let found = fingerprint(cert);
    if found == expected {
        Ok(())
    } else {
        Err(CertificateRefusal::Unreadable(format!(
            "its fingerprint is {found}, the pinned one is {expected}"
        )))
    }
}

/// The certificates that were used lately.
#[derive(Default)]
pub(super) struct Recipients {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_fingerprint: BTreeMap<String, (u64, Arc<Prepared>)>,
    uses: u64,
}

impl Recipients {
    /// The recipient, checked for `now`.
    pub(super) fn get(
        &self,
        to: &Recipient<'_>,
        now: Timestamp,
    ) -> Result<Arc<Prepared>, CertificateRefusal> {
        if let Some(known) = self.lock().find(to, now) {
            return Ok(known);
        }
        let fresh = Arc::new(contained(|| Prepared::new(to, now))?);
        self.lock().keep(to.fingerprint, Arc::clone(&fresh));
        Ok(fresh)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn find(&mut self, to: &Recipient<'_>, now: Timestamp) -> Option<Arc<Prepared>> {
        self.uses += 1;
        let (used, prepared) = self.by_fingerprint.get_mut(to.fingerprint)?;
        *used = self.uses;
        prepared.serves(to, now).then(|| Arc::clone(prepared))
    }

    fn keep(&mut self, fingerprint: &str, prepared: Arc<Prepared>) {
        if self.by_fingerprint.len() >= KEPT {
            self.forget_oldest();
        }
        self.by_fingerprint
            .insert(fingerprint.to_owned(), (self.uses, prepared));
    }

    fn forget_oldest(&mut self) {
        let oldest = self
            .by_fingerprint
            .iter()
            .min_by_key(|(_, (used, _))| *used);
        if let Some(oldest) = oldest.map(|(fingerprint, _)| fingerprint.clone()) {
            self.by_fingerprint.remove(&oldest);
        }
    }
}
