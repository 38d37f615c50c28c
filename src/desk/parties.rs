//! Parties, their certificates, and the keys issuers entrust (R1, R12, R50).

use std::sync::Arc;

use bondhub_core::{
    audit::{Act, AuditEntry},
    authentication::Way,
    calendar::Timestamp,
    identifier::PartyCode,
    party::{OpenPgpCertificate, Party, SigningCertificate},
    ports::{
        openpgp::CertificateFacts,
        signing::{CertificateDetails, ImportedKey, TokenKey},
        store::Wanted,
    },
};
use serde_json::json;

use super::{Desk, DeskError, OTHERS, Refusal, changing};
use crate::hub::directory::{Directory, entrusted_place};

/// An OpenPGP certificate that was enrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// What is kept of it.
    pub facts: CertificateFacts,
    /// False if the party had it already.
    pub is_new: bool,
}

/// A signing certificate that was pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinning {
    /// What is kept of it.
    pub details: CertificateDetails,
    /// Its key was entrusted too.
    pub entrusted: bool,
}

impl Desk {
    /// Adds a party, or replaces what is known of it.
    pub async fn put_party(&self, party: &Party) -> Result<(), DeskError> {
        let (told, now) = (self.party_told(party), self.clock.now());
        Ok(self.store.put_party(party, now, &[told]).await?)
    }

    fn party_told(&self, party: &Party) -> AuditEntry {
        self.told(Act::PartyPut, subject(&party.code))
            .privately("party", json!(party))
    }

    /// Changes the least way to authenticate a party accepts (R15); the party as it is now.
    pub async fn set_accepted(
        &self,
        code: &PartyCode,
        accepts: Option<Way>,
    ) -> Result<Party, DeskError> {
        for _ in 0..OTHERS {
            let before = self.party(code).await?;
            let party = Party {
                accepts,
                ..before.clone()
            };
            let (told, now) = ([self.party_told(&party)], self.clock.now());
            let done = self.store.change_party(&before, &party, now, &told);
            if done.await? {
                return Ok(party);
            }
        }
        Err(changing(format!("party {code}")))
    }

    /// The parties as they are now, also if another process changed them.
    pub async fn directory(&self) -> Result<Arc<Directory>, DeskError> {
        let generation = self.store.load(&Wanted::default()).await?.generation;
        Ok(self.directories.at_least(generation).await?)
    }

    /// One party.
    pub async fn party(&self, code: &PartyCode) -> Result<Party, DeskError> {
        let book = self.store.book().await?;
        let party = book.parties.into_iter().find(|party| party.code == *code);
        party.ok_or_else(|| DeskError::NotFound(format!("party {code}")))
    }

    /// Enrols the OpenPGP certificate that mails to a party are encrypted to.
    pub async fn enrol(
        &self,
        code: &PartyCode,
        bytes: &[u8],
        modern: bool,
    ) -> Result<Enrolment, DeskError> {
        let (party, now) = (self.party(code).await?, self.clock.now());
        let facts = self.certificates.read(bytes, &party.mail, now)?;
        let told = self
            .told(Act::CertificateEnrolled, subject(code))
            .with("fingerprint", facts.fingerprint.as_str());
        let is_new = self
            .store
            .add_certificate(&enrolled(&party, &facts, modern, now), &[told])
            .await?;
        if !is_new {
            self.not_revoked(code, &facts.fingerprint).await?;
        }
        Ok(Enrolment { facts, is_new })
    }

    /// Pins the certificate with which an issuer signs its documents (R5).
    pub async fn pin(&self, code: &PartyCode, bytes: &[u8]) -> Result<Pinning, DeskError> {
        self.party(code).await?;
        let details = self.signer.read_certificate(bytes)?;
        let told = self
            .told(Act::SigningPinned, subject(code))
            .with("fingerprint", details.fingerprint.as_str());
        self.put_signing(&self.pinned(code, &details, None), told)
            .await?;
        Ok(Pinning {
            details,
            entrusted: false,
        })
    }

    /// Takes a signing key that an issuer entrusts to the hub, and pins its certificate (R12).
    pub async fn entrust(
        &self,
        code: &PartyCode,
        file: &[u8],
        password: Option<&str>,
    ) -> Result<Pinning, DeskError> {
        self.party(code).await?;
        let imported = self.signer.import(file, password)?;
        self.keep_entrusted(code, imported).await
    }

    /// Takes a signing key that lies in the hub's own token and that an issuer entrusts to it (R12). The
    /// token is opened now, with one try of the PIN.
    pub async fn entrust_token(
        &self,
        code: &PartyCode,
        key: &TokenKey<'_>,
    ) -> Result<Pinning, DeskError> {
        self.party(code).await?;
        let imported = self.signer.import_token(key)?;
        self.keep_entrusted(code, imported).await
    }

    async fn keep_entrusted(
        &self,
        code: &PartyCode,
        imported: ImportedKey,
    ) -> Result<Pinning, DeskError> {
        let details = imported.certificate;
        let place = entrusted_place(&details.fingerprint);
        let sealed = self
            .master
            .seal(&place, &imported.private_key, self.randomness.as_ref())?;
        let told = self
            .told(Act::KeyEntrusted, subject(code))
            .with("fingerprint", details.fingerprint.as_str());
        self.put_signing(&self.pinned(code, &details, Some(sealed)), told)
            .await?;
        Ok(Pinning {
            details,
            entrusted: true,
        })
    }

    async fn put_signing(
        &self,
        certificate: &SigningCertificate,
        told: AuditEntry,
    ) -> Result<(), DeskError> {
        if self.store.put_signing(certificate, &[told]).await? {
            return Ok(());
        }
        let (code, fingerprint) = (&certificate.party, &certificate.fingerprint);
        self.not_revoked(code, fingerprint).await
    }

    /// Refuses a certificate of either kind that was revoked: it is never used again.
    pub(super) async fn not_revoked(
        &self,
        code: &PartyCode,
        fingerprint: &str,
    ) -> Result<(), DeskError> {
        let book = self.store.book().await?;
        let openpgp = book.certificates.iter();
        let openpgp = openpgp.map(|one| (&one.party, &one.fingerprint, one.revoked_at));
        let signing = book.signing.iter();
        let signing = signing.map(|one| (&one.party, &one.fingerprint, one.revoked_at));
        let revoked = openpgp
            .chain(signing)
            .filter(|(party, known, _)| (*party, known.as_str()) == (code, fingerprint))
            .find_map(|(.., revoked_at)| revoked_at);
        revoked.map_or(Ok(()), |at| {
            let refusal = Refusal::CertificateRevoked {
                party: code.clone(),
                fingerprint: fingerprint.to_owned(),
                at: at.to_string(),
            };
            Err(refusal.into())
        })
    }

    /// Stops using a certificate of either kind.
    pub async fn revoke_certificate(
        &self,
        code: &PartyCode,
        fingerprint: &str,
    ) -> Result<(), DeskError> {
        let now = self.clock.now();
        let openpgp = fingerprint.to_ascii_uppercase();
        let signing = fingerprint.to_ascii_lowercase();
        let told = |kind: &str, fingerprint: &str| {
            let told = self.told(Act::CertificateRevoked, subject(code));
            [told.with("kind", kind).with("fingerprint", fingerprint)]
        };
        let told_of = (told("openpgp", &openpgp), told("signing", &signing));
        let store = &self.store;
        let revoked = store
            .revoke_certificate(code, &openpgp, now, &told_of.0)
            .await?
            || store
                .revoke_signing(code, &signing, now, &told_of.1)
                .await?;
        let missing =
            || DeskError::NotFound(format!("a certificate {fingerprint} in use by {code}"));
        revoked.then_some(()).ok_or_else(missing)
    }

    fn pinned(
        &self,
        code: &PartyCode,
        details: &CertificateDetails,
        entrusted_key: Option<Vec<u8>>,
    ) -> SigningCertificate {
        SigningCertificate {
            party: code.clone(),
            fingerprint: details.fingerprint.clone(),
            der: details.der.clone(),
            valid_from: details.valid_from,
            valid_until: details.valid_until,
            revoked_at: None,
            entrusted_key,
            added_at: self.clock.now(),
        }
    }
}

pub(super) fn subject(code: &PartyCode) -> String {
    format!("party:{code}")
}

pub(super) fn enrolled(
    party: &Party,
    facts: &CertificateFacts,
    modern: bool,
    now: Timestamp,
) -> OpenPgpCertificate {
    OpenPgpCertificate {
        party: party.code.clone(),
        fingerprint: facts.fingerprint.clone(),
        bytes: facts.bytes.clone(),
        usable_until: facts.usable_until,
        modern,
        revoked_at: None,
        added_at: now,
    }
}
