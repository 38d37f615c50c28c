//! What a hub asks of a signer's certificate beyond its being pinned: a chain to an authority, not
//! revoked, with the attributes that were agreed on (R5).
//!
//! Without roots nothing of this is asked: the pin alone decides.

mod chain;
mod crl;
mod lists;
mod policy;
mod profile;
mod revocation;

use std::path::PathBuf;

use bondhub_core::{
    calendar::Timestamp,
    ports::signing::{ListDetails, Revocation},
};
use chrono::TimeDelta;
use openssl::x509::X509;

pub use self::profile::{Attribute, ExtensionValue, Profile};
use self::{chain::Authorities, lists::Lists, revocation::Check};
use crate::{
    certificate::{self, KeyUsageRule},
    verify::Refusal,
};

/// What is asked of signers' certificates.
#[derive(Debug, Clone, Default)]
pub struct TrustRules {
    /// Self-signed certificates of authorities, PEM, any number. None: pinning alone decides.
    pub roots: Vec<u8>,
    /// Certificates between: subordinate authorities, a bridge's cross-certificates; PEM.
    pub intermediates: Vec<u8>,
    /// Where revocation lists lie, PEM or DER; read again when something there changes.
    pub crl_directory: Option<PathBuf>,
    /// How long after its next update was due a list still counts.
    pub crl_grace: TimeDelta,
    /// What happens when a current list is missing.
    pub revocation: RevocationRule,
    /// Since when certificates must have a key usage.
    pub key_usage: KeyUsageRule,
    /// Attributes that certificates must have.
    pub profiles: Vec<Profile>,
}

/// What happens when it cannot be told whether a certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RevocationRule {
    /// The document is taken, and marked as unchecked.
    #[default]
    Report,
    /// The document is refused.
    Require,
}

/// Why the hub's rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// Not certificates.
    #[error("the {0} cannot be read: {1}")]
    Unreadable(&'static str, String),
    /// Not a root.
    #[error(
        "`{0}` is among the roots but not self-signed; put it into trust.intermediates_files, or name its root"
    )]
    NotRoot(String),
    /// Rules without a root to apply them below.
    #[error("trust.{0} is set, but no root: it would never be asked for; set trust.roots_files")]
    NoRoots(&'static str),
}

/// The rules, read and ready.
pub(crate) struct Trust {
    authorities: Authorities,
    lists: Lists,
    grace: TimeDelta,
    rule: RevocationRule,
    profiles: Vec<Profile>,
}

/// A signer whose certificate is to be judged.
pub(crate) struct Signer<'a> {
    pub(crate) certificate: &'a X509,
    /// The party whose pinned certificate it is.
    pub(crate) party: &'a str,
    /// Certificates that came with the signature, DER.
    pub(crate) company: &'a [&'a [u8]],
    pub(crate) signed_at: Timestamp,
    pub(crate) now: Timestamp,
}

impl Trust {
    /// Reads the rules; none if no roots are set.
    pub(crate) fn read(rules: &TrustRules) -> Result<Option<Self>, TrustError> {
        if rules.roots.is_empty() {
            return match (&rules.crl_directory, rules.profiles.is_empty()) {
                (Some(_), _) => Err(TrustError::NoRoots("crl_directory")),
                (None, false) => Err(TrustError::NoRoots("profiles_file")),
                (None, true) => Ok(None),
            };
        }
        Ok(Some(Self {
            authorities: Authorities::read(&rules.roots, &rules.intermediates)?,
            lists: Lists::new(rules.crl_directory.clone()),
            grace: rules.crl_grace,
            rule: rules.revocation,
            profiles: rules.profiles.clone(),
        }))
    }

    /// The revocation lists there are.
    pub(crate) fn lists(&self, now: Timestamp) -> Vec<ListDetails> {
        let current = self.lists.current(now);
        let lists = current.all().map(|list| ListDetails {
            issuer: certificate::one_line(list.crl.issuer_name()),
            this_update: list.this_update,
            next_update: list.next_update,
        });
        lists.collect()
    }

    /// What the lists tell of a signer now, whatever the rule. Whoever is refused for another reason is no matter of
    /// lists.
    pub(crate) fn now(&self, signer: &Signer<'_>) -> Revocation {
        let chain = self.authorities.chain(signer);
        match chain.and_then(|chain| self.told(signer, &chain)) {
            Ok(Some(why)) => Revocation::Unchecked(why),
            Ok(None) => Revocation::Checked,
            Err(_) => Revocation::NotAsked,
        }
    }

    /// Judges a signer's certificate; tells whether its revocation could be checked.
    pub(crate) fn judge(&self, signer: &Signer<'_>) -> Result<Revocation, Refusal> {
        let chain = self.authorities.chain(signer)?;
        for profile in &self.profiles {
            if profile.applies(signer.party, &chain) {
                profile.check(&chain).map_err(Refusal::Profile)?;
            }
        }
        match (self.told(signer, &chain)?, self.rule) {
            (Some(why), RevocationRule::Require) => Err(Refusal::Unchecked(why)),
            (Some(why), RevocationRule::Report) => Ok(Revocation::Unchecked(why)),
            (None, _) => Ok(Revocation::Checked),
        }
    }

    /// What cannot be told of the chain's revocation, in a sentence.
    fn told(&self, signer: &Signer<'_>, chain: &[X509]) -> Result<Option<String>, Refusal> {
        let check = Check {
            authorities: &self.authorities,
            lists: &self.lists.current(signer.now),
            grace: self.grace,
            signed_at: signer.signed_at,
            now: signer.now,
        };
        check.all(chain)
    }
}
