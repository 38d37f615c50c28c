//! Mails about a party itself, of no case: its certificates (R50) and accounts.

use bondhub_core::{
    calendar::Timestamp,
    event::EventIdentity,
    identifier::ProcurementId,
    party::{OpenPgpCertificate, Party},
    ports::{
        mail::Draft,
        openpgp::Recipient,
        store::{Channel, EventRow, OutboxRow},
    },
};

use super::{PrepareError, Workshop};
use crate::letters::{Letters, Text};

/// What a letter is about; stands in place of a case in the list of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A party's certificates.
    Certificates,
    /// Its accounts.
    Accounts,
    /// An issuer's limits.
    Limits,
}

impl About {
    fn as_str(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::Accounts => "accounts",
            Self::Limits => "limits",
        }
    }
}

/// A letter on its way to a party.
pub struct PersonalMail<'a> {
    /// What it is called in the list of mails.
    pub name: &'static str,
    /// What it is about.
    pub about: About,
    /// What caused it: the same cause makes the same mail.
    pub cause: String,
    /// To whom.
    pub reader: &'a Party,
    /// What it says.
    pub text: &'a Text,
    /// When it is written.
    pub now: Timestamp,
}

impl Workshop {
    /// A mail that only the holder of this certificate can read.
    pub fn personal(
        &self,
        mail: &PersonalMail<'_>,
        certificate: &OpenPgpCertificate,
    ) -> Result<OutboxRow, PrepareError> {
        let (id, message_id) = self.names(mail);
        let draft = self.personal_draft(mail, &message_id);
        let inside = self.compose.inside(&draft)?;
        let recipient = Recipient {
            fingerprint: &certificate.fingerprint,
            certificate: &certificate.bytes,
            modern: certificate.modern,
        };
        let armored = self
            .encrypt
            .encrypt(&recipient, &inside, mail.now)
            .map_err(|source| PrepareError::Encrypt {
                fingerprint: certificate.fingerprint.clone(),
                source,
            })?;
        let body = self.compose.outside(&draft, &armored)?;
        row(mail, id, message_id, body)
    }

    /// A mail without secrets, in the open.
    pub fn personal_in_the_open(&self, mail: &PersonalMail<'_>) -> Result<OutboxRow, PrepareError> {
        let (id, message_id) = self.names(mail);
        let body = self.compose.open(&self.personal_draft(mail, &message_id))?;
        row(mail, id, message_id, body)
    }

    fn names(&self, mail: &PersonalMail<'_>) -> (uuid::Uuid, String) {
        let identity = EventIdentity {
            source: mail.about.as_str().to_owned(),
            id: mail.cause.clone(),
        };
        let id = EventRow::key(&identity, mail.name);
        let name = self.pepper.mail_name(id);
        (id, format!("<{name}@{}>", self.sender.domain))
    }

    fn personal_draft<'a>(&'a self, mail: &PersonalMail<'a>, message_id: &'a str) -> Draft<'a> {
        Draft {
            from_name: &self.sender.name,
            from: &self.sender.address,
            to: &mail.reader.mail,
            subject: &mail.text.subject,
            outer_subject: Letters::neutral_subject(mail.reader.language),
            date: mail.now,
            message_id,
            text: &mail.text.body,
            attachment: None,
        }
    }
}

fn row(
    mail: &PersonalMail<'_>,
    id: uuid::Uuid,
    message_id: String,
    body: Vec<u8>,
) -> Result<OutboxRow, PrepareError> {
    let no_case = ProcurementId::parse(mail.about.as_str())
        .map_err(|_| PrepareError::Missing(mail.reader.code.clone(), "case"))?;
    Ok(OutboxRow {
        id,
        channel: Channel::Mail,
        procurement: no_case,
        name: mail.name.to_owned(),
        recipient: Some(mail.reader.code.clone()),
        to: mail.reader.mail.clone(),
        message_id,
        body,
        carries: None,
        encrypted_to: None,
        created_at: mail.now,
    })
}
