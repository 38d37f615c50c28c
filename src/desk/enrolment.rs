//! Enrolling OpenPGP certificates with proof of possession (R50): handed in, a code mailed to it that only
//! its holder can read, the code given back by the party. Until then nothing is encrypted to it.

mod own;

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
use crate::{
    hub::prepare::{About, PersonalMail},
    letters::{Personal, Text},
};

pub use own::{Confirmation, OwnCertificates, Proven};

/// An enrolment that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// What will be kept of the certificate.
    pub facts: CertificateFacts,
    /// Until when the code counts.
    pub ends_at: Timestamp,
    /// What waits.
    pub row: EnrolmentRow,
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
        self.not_revoked(code, &facts.fingerprint).await?;
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
        let mut outbox = vec![self.code_mail(&party, &row, &secret, now)?];
        outbox.extend(self.announcements(&party, &row, now).await?);
        let told = self.enrolment_told(Act::EnrolmentBegun, code, &facts.fingerprint);
        let with = Commit {
            now,
            outbox,
            audit: vec![told],
            ..Commit::default()
        };
        self.store.begin_enrolment(&row, &with).await?;
        Ok(Begun {
            facts,
            ends_at: row.ends_at,
            row,
        })
    }

    /// Takes the code back from the party, in person: the certificate is used from now on, and the holder of the one
    /// before is told, encrypted to that one.
    pub async fn finish_enrolment(
        &self,
        code: &PartyCode,
        typed: &str,
    ) -> Result<OpenPgpCertificate, DeskError> {
        let row = self.with_right_code(code, typed).await?;
        self.put_in_use(row).await
    }

    /// What waits, if this is its code. Each try is counted before it is compared.
    async fn with_right_code(
        &self,
        code: &PartyCode,
        typed: &str,
    ) -> Result<EnrolmentRow, DeskError> {
        let typed = EnrolmentCode::typed(typed).ok_or(Refusal::NoEnrolmentCode)?;
        let tried = self.told(Act::EnrolmentTried, subject(code));
        let row = self.store.try_enrolment(code, &tried).await?;
        let row = row.ok_or_else(|| nothing_waits(code))?;
        if row.is_proven() {
            let party = code.clone();
            return Err(Refusal::WaitsForOperator { party }.into());
        }
        let digest = self.enrolment_digest(code, &row.certificate.fingerprint, &typed);
        if digest.is_empty() || !bool::from(digest.ct_eq(&row.code)) {
            return Err(wrong_code(row.tries_left));
        }
        Ok(row)
    }

    async fn put_in_use(&self, row: EnrolmentRow) -> Result<OpenPgpCertificate, DeskError> {
        let (code, now) = (row.certificate.party.clone(), self.clock.now());
        let party = self.party(&code).await?;
        let fingerprint = &row.certificate.fingerprint;
        let told = self.enrolment_told(Act::CertificateEnrolled, &code, fingerprint);
        let with = Commit {
            now,
            outbox: self
                .replacement_notices(&party, &row.certificate, now)
                .await?,
            audit: vec![told.with("proven", true)],
            ..Commit::default()
        };
        if !self.store.finish_enrolment(&row, &with).await? {
            self.not_revoked(&code, &row.certificate.fingerprint)
                .await?;
            return Err(nothing_waits(&code));
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
            about: About::Certificates,
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
        let mut notices = Vec::new();
        for old in self.live_certificates(party, new).await? {
            let letter = Personal::Replaced {
                fingerprint: &old.fingerprint,
                by: &new.fingerprint,
                at: now,
            };
            let cause = format!("{}:{}:{}", party.code, old.fingerprint, new.fingerprint);
            let named = ("certificate_replaced", cause);
            notices.extend(self.notice(party, &old, letter, named, now)?);
        }
        Ok(notices)
    }

    /// That a certificate was handed in, before anything changes: to the holder of each one in use, encrypted to it; in
    /// the open, to the addresses on file, where none can be encrypted to.
    async fn announcements(
        &self,
        party: &Party,
        row: &EnrolmentRow,
        now: Timestamp,
    ) -> Result<Vec<OutboxRow>, DeskError> {
        let new = &row.certificate;
        let live = self.live_certificates(party, new).await?;
        let letter = |old| Personal::Announced {
            fingerprint: old,
            by: &new.fingerprint,
            until: row.ends_at,
            confirmed: self.confirmation != Confirmation::Never,
        };
        let at = now.timestamp_micros();
        let named = |old: &str| {
            let cause = format!("{}:{old}:{}:{at}", party.code, new.fingerprint);
            ("certificate_announced", cause)
        };
        let mut told = Vec::new();
        for old in &live {
            let letter = letter(Some(old.fingerprint.as_str()));
            let named = named(&old.fingerprint);
            told.extend(self.notice(party, old, letter, named, now)?);
        }
        if told.is_empty() {
            let letters = &self.bench.workshop.letters;
            let text = letters.personal(letter(None), party, self.zone())?;
            let mail = about(named("-"), party, &text, now);
            told.push(self.bench.workshop.personal_in_the_open(&mail)?);
        }
        Ok(told)
    }

    async fn live_certificates(
        &self,
        party: &Party,
        new: &OpenPgpCertificate,
    ) -> Result<Vec<OpenPgpCertificate>, DeskError> {
        let mut live = self.store.book().await?.certificates;
        live.retain(|one| {
            one.party == party.code
                && one.revoked_at.is_none()
                && one.fingerprint != new.fingerprint
        });
        Ok(live)
    }

    /// A letter to the holder of a certificate; none if it cannot be encrypted to any more.
    fn notice(
        &self,
        party: &Party,
        holder: &OpenPgpCertificate,
        letter: Personal<'_>,
        named: (&'static str, String),
        now: Timestamp,
    ) -> Result<Option<OutboxRow>, DeskError> {
        let workshop = &self.bench.workshop;
        let text = workshop.letters.personal(letter, party, self.zone())?;
        match workshop.personal(&about(named, party, &text, now), holder) {
            Ok(row) => Ok(Some(row)),
            Err(error) if error.unusable().is_some() => {
                tracing::warn!(party.code = %party.code, "not told about a certificate: {error}");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The zone in which people read times.
    pub(super) fn zone(&self) -> chrono::FixedOffset {
        self.directories.newest().rules.policy.zone
    }
}

fn about<'a>(
    (name, cause): (&'static str, String),
    reader: &'a Party,
    text: &'a Text,
    now: Timestamp,
) -> PersonalMail<'a> {
    PersonalMail {
        name,
        about: About::Certificates,
        cause,
        reader,
        text,
        now,
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
