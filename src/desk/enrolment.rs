//! Enrolling OpenPGP certificates with proof of possession (R50): handed in, a code mailed to it that only
//! its holder can read, the code given back by the party. Until then nothing is encrypted to it.

use bondhub_core::{
    audit::{Act, AuditEntry},
    calendar::Timestamp,
    enrolment::{DAYS, EnrolmentCode, TRIES},
    identifier::PartyCode,
    party::{OpenPgpCertificate, Party},
    ports::{
        openpgp::CertificateFacts,
        store::{Commit, EnrolmentRow, OutboxRow},
    },
};
use chrono::TimeDelta;
use subtle::ConstantTimeEq as _;

use super::{
    Desk, DeskError, Refusal,
    parties::{enrolled, subject},
};
use crate::{hub::prepare::PersonalMail, letters::Personal};

/// An enrolment that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What will be kept of the certificate.
    pub facts: CertificateFacts,
    /// Until when the code counts.
    pub ends_at: Timestamp,
}

impl Desk {
    /// Takes a certificate and mails the code to it; an enrolment of the party that waited is replaced.
    pub async fn begin_enrolment(
        &self,
        code: &PartyCode,
        bytes: &[u8],
        modern: bool,
    ) -> Result<Begun, DeskError> {
        let (party, now) = (self.party(code).await?, self.clock.now());
        let facts = self.certificates.read(bytes, &party.mail, now)?;
        if self.has_certificate(code, &facts.fingerprint).await? {
            return Err(Refusal::CertificateKnown {
                party: code.clone(),
                fingerprint: facts.fingerprint,
            }
            .into());
        }
        let secret = EnrolmentCode::draw(self.randomness.as_ref())?;
        let row = EnrolmentRow {
            certificate: enrolled(&party, &facts, modern, now),
            code: self.enrolment_digest(code, &facts.fingerprint, &secret),
            tries_left: TRIES,
            ends_at: now + TimeDelta::days(DAYS),
        };
        let mail = self.code_mail(&party, &row, &secret, now)?;
        let told = self.enrolment_told(Act::EnrolmentBegun, code, &facts.fingerprint);
        let with = Commit {
            now,
            outbox: vec![mail],
            audit: vec![told],
            ..Commit::default()
        };
        self.store.begin_enrolment(&row, &with).await?;
        Ok(Begun {
            facts,
            ends_at: row.ends_at,
        })
    }

    /// Takes the code back from the party: the certificate is used from now on, and the holder of the one
    /// before is told, encrypted to that one.
    pub async fn finish_enrolment(
        &self,
        code: &PartyCode,
        typed: &str,
    ) -> Result<OpenPgpCertificate, DeskError> {
        let now = self.clock.now();
        let party = self.party(code).await?;
        let typed = EnrolmentCode::typed(typed).ok_or(Refusal::NoEnrolmentCode)?;
        let tried = self.told(Act::EnrolmentTried, subject(code));
        let row = self.store.try_enrolment(code, &tried).await?;
        let row = row.ok_or_else(|| nothing_waits(code))?;
        let digest = self.enrolment_digest(code, &row.certificate.fingerprint, &typed);
        if digest.is_empty() || !bool::from(digest.ct_eq(&row.code)) {
            return Err(wrong_code(row.tries_left));
        }
        let notices = self
            .replacement_notices(&party, &row.certificate, now)
            .await?;
        let told =
            self.enrolment_told(Act::CertificateEnrolled, code, &row.certificate.fingerprint);
        let with = Commit {
            now,
            outbox: notices,
            audit: vec![told.with("proven", true)],
            ..Commit::default()
        };
        if !self.store.finish_enrolment(&row, &with).await? {
            return Err(nothing_waits(code));
        }
        Ok(row.certificate)
    }

    /// The enrolments that wait for their code.
    pub async fn enrolments(&self) -> Result<Vec<EnrolmentRow>, DeskError> {
        Ok(self.store.enrolments().await?)
    }

    async fn has_certificate(
        &self,
        code: &PartyCode,
        fingerprint: &str,
    ) -> Result<bool, DeskError> {
        let book = self.store.book().await?;
        let mut own = book.certificates.iter().filter(|one| one.party == *code);
        Ok(own.any(|one| one.fingerprint == fingerprint))
    }

    fn enrolment_digest(
        &self,
        code: &PartyCode,
        fingerprint: &str,
        secret: &EnrolmentCode,
    ) -> Vec<u8> {
        let purpose = format!("enrolment\0{code}\0{fingerprint}");
        self.pepper.page_mac(&purpose, secret.as_str())
    }

    fn enrolment_told(&self, act: Act, code: &PartyCode, fingerprint: &str) -> AuditEntry {
        self.told(act, subject(code))
            .with("fingerprint", fingerprint)
    }

    fn code_mail(
        &self,
        party: &Party,
        row: &EnrolmentRow,
        secret: &EnrolmentCode,
        now: Timestamp,
    ) -> Result<OutboxRow, DeskError> {
        let fingerprint = &row.certificate.fingerprint;
        let letter = Personal::Enrolment {
            fingerprint,
            code: &secret.shown(),
            until: row.ends_at,
        };
        let workshop = &self.bench.workshop;
        let text = workshop.letters.personal(letter, party, self.zone())?;
        let mail = PersonalMail {
            name: "enrolment",
            cause: format!("{}:{fingerprint}:{}", party.code, now.timestamp_micros()),
            reader: party,
            text: &text,
            now,
        };
        Ok(workshop.personal(&mail, &row.certificate)?)
    }

    /// One for each certificate in use until now. One that cannot be encrypted to any more gets none:
    /// nobody could read it.
    async fn replacement_notices(
        &self,
        party: &Party,
        new: &OpenPgpCertificate,
        now: Timestamp,
    ) -> Result<Vec<OutboxRow>, DeskError> {
        let book = self.store.book().await?;
        let mut notices = Vec::new();
        let old = |one: &&OpenPgpCertificate| {
            one.party == party.code
                && one.revoked_at.is_none()
                && one.fingerprint != new.fingerprint
        };
        for old in book.certificates.iter().filter(old) {
            let letter = Personal::Replaced {
                fingerprint: &old.fingerprint,
                by: &new.fingerprint,
                at: now,
            };
            let workshop = &self.bench.workshop;
            let text = workshop.letters.personal(letter, party, self.zone())?;
            let mail = PersonalMail {
                name: "certificate_replaced",
                cause: format!("{}:{}:{}", party.code, old.fingerprint, new.fingerprint),
                reader: party,
                text: &text,
                now,
            };
            match workshop.personal(&mail, old) {
                Ok(row) => notices.push(row),
                Err(error) if error.unusable().is_some() => {
                    tracing::warn!(party.code = %party.code, "not told of the replacement: {error}");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(notices)
    }

    /// The zone in which people read times.
    pub(super) fn zone(&self) -> chrono::FixedOffset {
        self.directories.newest().rules.policy.zone
    }
}

fn nothing_waits(code: &PartyCode) -> DeskError {
    let party = code.clone();
    Refusal::NothingWaits { party }.into()
}

fn wrong_code(left: u32) -> DeskError {
    let refusal = match left {
        0 => Refusal::WrongCodeLast,
        1 => Refusal::WrongCodeOneLeft,
        left => Refusal::WrongCode { left },
    };
    refusal.into()
}
