//! Letters into mails: encrypted where the reader has a certificate; notices without one in the open.

use bondhub_core::{
    bond::BondTerms,
    calendar::Timestamp,
    notice::Notice,
    party::{OpenPgpCertificate, Party},
    ports::{
        mail::{Attachment, Draft},
        openpgp::Recipient,
        store::{Channel, OutboxRow},
    },
};

use super::{PrepareError, Workshop, circumstances};
use crate::{
    hub::{decide::Job, directory::Directory},
    letters::{Letters, Text},
};

/// A letter on its way into a mail.
pub(super) struct Envelope<'a> {
    pub(super) job: &'a Job,
    pub(super) reader: &'a Party,
    pub(super) text: &'a Text,
    pub(super) attachment: Option<Attachment<'a>>,
    pub(super) now: Timestamp,
}

impl Workshop {
    /// A notice; none for a party that reads no mail.
    pub(super) fn notice(
        &self,
        job: &Job,
        notice: &Notice,
        terms: Option<&BondTerms>,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<Option<OutboxRow>, PrepareError> {
        let Some(reader) = directory
            .parties
            .get(&notice.to)
            .filter(|party| !party.mail.is_empty())
        else {
            return Ok(None);
        };
        let circumstances = circumstances(job, directory, now);
        let text = self.letters.notice(notice, reader, terms, &circumstances)?;
        let envelope = Envelope {
            job,
            reader,
            text: &text,
            attachment: None,
            now,
        };
        let mut mail = match directory.certificate(&notice.to, now) {
            Some(certificate) => self.seal(&envelope, certificate)?,
            None => self.in_the_open(&envelope)?,
        };
        notice.content.name().clone_into(&mut mail.name);
        Ok(Some(mail))
    }

    /// A mail that only the reader can read.
    pub(super) fn seal(
        &self,
        envelope: &Envelope<'_>,
        certificate: &OpenPgpCertificate,
    ) -> Result<OutboxRow, PrepareError> {
        let message_id = self.message_id(envelope.job);
        let draft = self.draft(envelope, &message_id);
        let inside = self.compose.inside(&draft)?;
        let recipient = Recipient {
            fingerprint: &certificate.fingerprint,
            certificate: &certificate.bytes,
            modern: certificate.modern,
        };
        let failed = |source| PrepareError::Encrypt {
            fingerprint: certificate.fingerprint.clone(),
            source,
        };
        let armored = self
            .encrypt
            .encrypt(&recipient, &inside, envelope.now)
            .map_err(failed)?;
        let body = self.compose.outside(&draft, &armored)?;
        let encrypted_to = Some(certificate.fingerprint.clone());
        Ok(OutboxRow {
            encrypted_to,
            ..row(envelope, message_id, body)
        })
    }

    fn in_the_open(&self, envelope: &Envelope<'_>) -> Result<OutboxRow, PrepareError> {
        let message_id = self.message_id(envelope.job);
        let body = self.compose.open(&self.draft(envelope, &message_id))?;
        Ok(row(envelope, message_id, body))
    }

    fn draft<'a>(&'a self, envelope: &Envelope<'a>, message_id: &'a str) -> Draft<'a> {
        Draft {
            from_name: &self.sender.name,
            from: &self.sender.address,
            to: &envelope.reader.mail,
            subject: &envelope.text.subject,
            outer_subject: Letters::neutral_subject(envelope.reader.language),
            date: envelope.now,
            message_id,
            text: &envelope.text.body,
            attachment: envelope.attachment,
        }
    }
}

fn row(envelope: &Envelope<'_>, message_id: String, body: Vec<u8>) -> OutboxRow {
    OutboxRow {
        id: envelope.job.id,
        channel: Channel::Mail,
        procurement: envelope.job.procurement.clone(),
        name: String::new(),
        recipient: Some(envelope.reader.code.clone()),
        to: envelope.reader.mail.clone(),
        message_id,
        body,
        carries: None,
        encrypted_to: None,
        created_at: envelope.now,
    }
}
