//! One revocation list (RFC 5280 §5): what it covers, and what it says about a certificate.

use bondhub_core::calendar::Timestamp;
use chrono::TimeDelta;
use openssl::x509::{CrlStatus, ReasonCode, X509, X509Crl, X509KeyUsage, X509Ref, X509RevokedRef};

use crate::{
    certificate::{
        self,
        extensions::{self, Extension, find_standard},
    },
    der::{CONTEXT_0, CONTEXT_0_PRIMITIVE, INTEGER, Malformed, Reader, SEQUENCE},
};

const DISTRIBUTION_POINTS: u8 = 31;
const ISSUING_DISTRIBUTION_POINT: u8 = 28;
/// Of an entry: the reason, when the key was first suspected, what to do about a hold.
const KNOWN_OF_ENTRIES: [u8; 3] = [21, 24, 23];
const ONLY_USERS: u8 = 0x81;
const ONLY_AUTHORITIES: u8 = 0x82;

/// Reasons after which a signing time that the signer claims proves nothing: whoever has the key can
/// claim any time. Key compromised, authority compromised, (attribute) authority compromised.
const COMPROMISED: [i64; 3] = [1, 2, 10];

/// A revocation list that can be used.
pub(super) struct List {
    pub(super) crl: X509Crl,
    /// The name of who issued it, DER.
    pub(super) issuer: Vec<u8>,
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
    scope: Scope,
}

/// Which of its issuer's certificates a list covers.
#[derive(Debug, Default)]
struct Scope {
    /// General names of the distribution point, DER; empty for no restriction.
    points: Vec<Vec<u8>>,
    only_users: bool,
    only_authorities: bool,
}

/// What a list says about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    reason: i64,
}

impl Entry {
    /// Whether a signature claimed to be made at `signed_at` falls.
    pub(super) fn kills(&self, signed_at: Timestamp) -> bool {
        self.at <= signed_at || COMPROMISED.contains(&self.reason)
    }

    pub(super) fn reason(&self) -> &'static str {
        match self.reason {
            1 => "key compromised",
            2 => "authority compromised",
            3 => "affiliation changed",
            4 => "superseded",
            5 => "no longer used",
            6 => "suspended",
            9 => "privilege withdrawn",
            10 => "attribute authority compromised",
            _ => "no reason given",
        }
    }
}

impl List {
    /// Reads a list in DER; none if it cannot be used: partial in a way that is not understood,
    /// indirect, or with changes only (delta).
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let crl = X509Crl::from_der(der).ok()?;
        let scope = Scope::read(der).ok()??;
        Some(Self {
            issuer: crl.issuer_name().to_der().ok()?,
            this_update: certificate::instant(crl.last_update())?,
            next_update: crl.next_update().and_then(certificate::instant),
            crl,
            scope,
        })
    }

    /// Whether it counts at `now`. A list that does not say when the next one comes never goes stale by
    /// itself, so it never counts.
    pub(super) fn is_fresh(&self, now: Timestamp, grace: TimeDelta) -> bool {
        self.this_update <= now && self.next_update.is_some_and(|next| now <= next + grace)
    }

    /// Whether it covers this certificate, given that its issuer issued both.
    pub(super) fn covers(&self, certificate: &X509Ref) -> bool {
        let Ok(der) = certificate.to_der() else {
            return false;
        };
        let is_authority = find_standard(&der, 19).is_some_and(says_authority);
        let kind = !(self.scope.only_users && is_authority
            || self.scope.only_authorities && !is_authority);
        let own = find_standard(&der, DISTRIBUTION_POINTS)
            .map(points)
            .unwrap_or_default();
        let point = self.scope.points.is_empty()
            || self
                .scope
                .points
                .iter()
                .any(|point| own.contains(&point.as_slice()));
        kind && point
    }

    /// What it says about a certificate; none if it is not on it.
    pub(super) fn entry(&self, certificate: &X509) -> Option<Entry> {
        match self.crl.get_by_cert(certificate) {
            CrlStatus::Revoked(entry) => Some(read_entry(entry)),
            CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => None,
        }
    }

    /// Whether this authority signed it and may sign lists: a certificate of version 3 must say so in a
    /// key usage (RFC 10007).
    pub(super) fn is_signed_by(&self, authority: &X509Ref) -> bool {
        let may = authority.version() < 2
            || authority
                .key_usage()
                .is_some_and(|usage| usage.contains(X509KeyUsage::CRL_SIGN));
        may && authority
            .public_key()
            .and_then(|key| self.crl.verify(&key))
            .unwrap_or(false)
    }
}

/// An entry whose date cannot be read is as old as anything.
fn read_entry(entry: &X509RevokedRef) -> Entry {
    let reason = entry.extension::<ReasonCode>().ok().flatten();
    Entry {
        at: certificate::instant(entry.revocation_date()).unwrap_or(Timestamp::MIN_UTC),
        reason: reason
            .and_then(|(_, code)| code.get_i64().ok())
            .unwrap_or(0),
    }
}

fn says_authority(basic_constraints: &[u8]) -> bool {
    Reader::new(basic_constraints)
        .enter(SEQUENCE)
        .and_then(|mut fields| fields.any())
        .is_ok_and(|first| first.tag == 0x01 && first.content != [0])
}

/// The general names of all distribution points of a certificate.
fn points(value: &[u8]) -> Vec<&[u8]> {
    let read = || {
        let mut all = Reader::new(value).enter(SEQUENCE)?;
        let mut found = Vec::new();
        while !all.is_empty() {
            let mut fields = all.enter(SEQUENCE)?;
            if let Some(point) = fields.optional(CONTEXT_0)? {
                found.extend(full_name(point.content)?);
            }
        }
        Ok::<_, Malformed>(found)
    };
    read().unwrap_or_default()
}

/// General names of a `DistributionPointName`; a name relative to the issuer is not understood.
fn full_name(content: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut names = Reader::new(content).enter(CONTEXT_0)?;
    let mut found = Vec::new();
    while !names.is_empty() {
        found.push(names.any()?.whole);
    }
    Ok(found)
}

impl Scope {
    /// Reads what a list covers; none for a list that is not used here.
    fn read(der: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut fields = Reader::new(der).enter(SEQUENCE)?.enter(SEQUENCE)?;
        fields.optional(INTEGER)?;
        let (mut scope, mut entries_known) = (Some(Self::default()), true);
        // Algorithm, issuer, this update; then the next update and the entries, if any.
        for _ in 0..3 {
            fields.any()?;
        }
        while !fields.is_empty() {
            let field = fields.any()?;
            match field.tag {
                SEQUENCE => entries_known = entries_are_known(field.content)?,
                CONTEXT_0 => scope = Self::of(&extensions::list(Reader::new(field.content))?)?,
                _ => {}
            }
        }
        Ok(scope.filter(|_| entries_known))
    }

    fn of(all: &[Extension<'_>]) -> Result<Option<Self>, Malformed> {
        let mut scope = Self::default();
        for extension in all {
            let is_scope =
                extensions::is_standard(extension.identifier, &[ISSUING_DISTRIBUTION_POINT]);
            if is_scope {
                match Self::of_point(extension.value)? {
                    Some(read) => scope = read,
                    None => return Ok(None),
                }
            } else if extension.critical {
                return Ok(None);
            }
        }
        Ok(Some(scope))
    }

    fn of_point(value: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut fields = Reader::new(value).enter(SEQUENCE)?;
        let mut scope = Self::default();
        while !fields.is_empty() {
            let field = fields.any()?;
            let yes = field.content != [0];
            match field.tag {
                CONTEXT_0 => {
                    scope.points = full_name(field.content)?
                        .into_iter()
                        .map(<[u8]>::to_vec)
                        .collect();
                }
                ONLY_USERS => scope.only_users = yes,
                ONLY_AUTHORITIES => scope.only_authorities = yes,
                // Some reasons only, indirect, attributes only.
                CONTEXT_0_PRIMITIVE.. if yes => return Ok(None),
                _ => {}
            }
        }
        Ok(Some(scope))
    }
}

fn entries_are_known(content: &[u8]) -> Result<bool, Malformed> {
    let mut entries = Reader::new(content);
    while !entries.is_empty() {
        let mut fields = entries.enter(SEQUENCE)?;
        fields.expect(INTEGER)?;
        fields.any()?;
        if !fields.is_empty() {
            let odd = |one: &Extension<'_>| {
                one.critical && !extensions::is_standard(one.identifier, &KNOWN_OF_ENTRIES)
            };
            if extensions::list(fields)?.iter().any(odd) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
