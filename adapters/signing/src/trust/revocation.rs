//! Whether a certificate of a chain was revoked when a document was signed.

use bondhub_core::calendar::Timestamp;
use chrono::TimeDelta;
use openssl::x509::X509;

use super::{chain::Authorities, crl::List, lists::Shelf};
use crate::{certificate, verify::Refusal};

/// One check: the lists there are, and the times that count.
pub(super) struct Check<'a> {
    pub(super) authorities: &'a Authorities,
    pub(super) lists: &'a Shelf,
    pub(super) grace: TimeDelta,
    pub(super) signed_at: Timestamp,
    pub(super) now: Timestamp,
}

impl Check<'_> {
    /// Checks every certificate below the root. What is revoked is refused; what cannot be told is
    /// returned as a sentence.
    pub(super) fn all(&self, chain: &[X509]) -> Result<Option<String>, Refusal> {
        let mut unchecked = None;
        for pair in chain.windows(2) {
            let [certificate, issuer] = pair else {
                continue;
            };
            if let Some(why) = self.one(certificate, issuer)? {
                unchecked.get_or_insert(why);
            }
        }
        Ok(unchecked)
    }

    fn one(&self, certificate: &X509, issuer: &X509) -> Result<Option<String>, Refusal> {
        let name = certificate.issuer_name().to_der().unwrap_or_default();
        let lists: Vec<&List> = self
            .lists
            .of(&name)
            .filter(|(_, list)| list.this_update <= self.now && list.covers(certificate))
            .filter(|(number, list)| self.is_genuine(*number, list, issuer))
            .map(|(_, list)| list)
            .collect();
        self.check_entries(certificate, &lists)?;
        let authority = certificate::one_line(certificate.issuer_name());
        Ok(self
            .gap(certificate, &lists)
            .map(|gap| format!("{gap} `{authority}`")))
    }

    /// Whoever is on the newest list is out, fresh or stale; on older ones a suspension may stand that has
    /// been lifted since. Of a certificate that has ended, the newest list from its lifetime counts too.
    fn check_entries(&self, certificate: &X509, lists: &[&List]) -> Result<(), Refusal> {
        let end = certificate::instant(certificate.not_after()).unwrap_or(self.now);
        let newest = lists.first();
        let of_its_life = lists.iter().find(|list| list.this_update <= end);
        let entries = [newest, of_its_life].into_iter().flatten();
        let entry = entries
            .filter_map(|list| list.entry(certificate))
            .find(|entry| entry.kills(self.signed_at));
        match entry {
            None => Ok(()),
            Some(entry) => Err(Refusal::RevokedByAuthority {
                certificate: certificate::one_line(certificate.subject_name()),
                revoked_at: entry.at,
                reason: entry.reason(),
                signed_at: self.signed_at,
            }),
        }
    }

    /// Why the lists do not answer, if they do not.
    ///
    /// Authorities drop expired certificates from their lists. Of one that had ended when the newest list was made,
    /// only a list from its lifetime, made after the signature, tells anything.
    fn gap(&self, certificate: &X509, lists: &[&List]) -> Option<&'static str> {
        let end = certificate::instant(certificate.not_after()).unwrap_or(self.now);
        let in_its_life =
            |list: &&List| self.signed_at <= list.this_update && list.this_update <= end;
        let fresh = |list: &&List| list.is_fresh(self.now, self.grace);
        if lists
            .iter()
            .any(|list| in_its_life(list) && (fresh(list) || end < self.now))
        {
            return None;
        }
        match lists.iter().find(|list| fresh(list)) {
            Some(list) if list.this_update <= end => None,
            Some(_) => Some("the certificate ended before the current revocation list was made by"),
            None if lists.is_empty() => Some("there is no revocation list of"),
            None => Some("there is no current revocation list of"),
        }
    }

    /// A list must be signed by the authority itself: the very certificate in the chain, or another of
    /// the same name that leads to a root (after a change of keys).
    fn is_genuine(&self, number: usize, list: &List, issuer: &X509) -> bool {
        self.lists.is_signed(number, list, issuer)
            || self.authorities.named(&list.issuer).any(|other| {
                self.lists.is_signed(number, list, other)
                    && self.authorities.knows(other, list.this_update)
            })
    }
}
