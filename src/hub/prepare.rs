//! Preparing: keys are drawn and signed, letters written, signed and encrypted (DESIGN §2.6).
//!
//! No lock is held here. When this is done, the hub holds a digest of each secret and a finished mail
//! that only its recipient can read; the secret itself is gone.

mod envelope;
mod event;
mod key;
mod personal;
mod telling;

use std::sync::Arc;

use bondhub_core::{
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    key::KeyFileError,
    party::{MailAddress, Role},
    ports::{
        Randomness, RandomnessError,
        mail::{Compose, ComposeError},
        openpgp::{Encrypt, EncryptError},
        signing::{Sign, SignError},
        store::Commit,
    },
};

pub use key::request_place;
use zeroize::Zeroizing;

pub use personal::{About, PersonalMail};

use super::{
    decide::{Decision, Job, Order},
    directory::Directory,
    read::seal_again,
};
use crate::{
    letters::{Circumstances, LetterError, Letters},
    vault::{MasterKey, Pepper, SealError, store_away},
};

/// Makes what decisions order.
pub struct Workshop {
    /// Signs keys with entrusted keys.
    pub signer: Arc<dyn Sign>,
    /// Signs and encrypts mails.
    pub encrypt: Arc<dyn Encrypt>,
    /// Puts mails together.
    pub compose: Arc<dyn Compose>,
    /// The texts.
    pub letters: Letters,
    /// For digests of keys.
    pub pepper: Arc<Pepper>,
    /// Seals signed documents, and secrets of keys that wait for their issuer's signature.
    pub master: Arc<MasterKey>,
    /// For secrets of keys.
    pub randomness: Arc<dyn Randomness>,
    /// Who the mails come from.
    pub sender: Sender,
    /// Which of the hub's own events are published.
    pub publishes: Box<dyn Fn(&str) -> bool + Send + Sync>,
}

/// Who the hub's mails come from.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address.
    pub address: MailAddress,
    /// The display name.
    pub name: String,
    /// What stands behind the @ of Message-IDs.
    pub domain: String,
    /// `source` of the hub's own events.
    pub source: String,
}

/// Why something could not be prepared. The batch is then tried again in halves.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// A party, certificate or entrusted key that the rules counted on is not there.
    #[error("{0} has no {1}")]
    Missing(PartyCode, &'static str),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// An entrusted key cannot sign (any more): its certificate has ended, for instance.
    #[error("the entrusted key {fingerprint} of {issuer} cannot sign")]
    Sign {
        /// Whose key.
        issuer: PartyCode,
        /// The fingerprint of its certificate.
        fingerprint: String,
        /// Why.
        #[source]
        source: SignError,
    },
    /// A signed document could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The key file could not be made.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The letter could not be written.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The mail could not be put together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The mail could not be encrypted to this certificate.
    #[error("the mail could not be encrypted to {fingerprint}")]
    Encrypt {
        /// The certificate's fingerprint.
        fingerprint: String,
        /// Why.
        #[source]
        source: EncryptError,
    },
}

impl PrepareError {
    /// The certificate or key that cannot be used, if that is the reason. It is a matter for its
    /// holder, not for the event that met with it.
    pub fn unusable(&self) -> Option<&str> {
        match self {
            Self::Encrypt {
                fingerprint,
                source: EncryptError::Certificate(_),
            }
            | Self::Sign {
                fingerprint,
                source: SignError::Unsuitable(_),
                ..
            } => Some(fingerprint),
            _ => None,
        }
    }

    /// The entrusted key that cannot be reached for the moment, if that is the reason: its token is away.
    pub fn away(&self) -> Option<&str> {
        match self {
            Self::Sign {
                fingerprint,
                source: SignError::Unavailable(_),
                ..
            } => Some(fingerprint),
            _ => None,
        }
    }
}

/// A key that is put into its holder's hands once its commit is done (R14). It is nowhere else.
pub struct HandedKey {
    /// To which bond.
    pub bond: BondId,
    /// To which version.
    pub version: u32,
    /// In which role.
    pub role: Role,
    /// Whose.
    pub holder: PartyCode,
    /// A harmless name for the file.
    pub name: String,
    /// The key file.
    pub file: Zeroizing<Vec<u8>>,
}

impl Workshop {
    /// Carries out a decision's jobs: the commit is complete afterwards. What goes by hand is for
    /// whoever waits for it, once the commit is done.
    pub fn prepare(
        &self,
        decision: Decision,
        directory: &Directory,
        now: Timestamp,
    ) -> Result<(Commit, Vec<HandedKey>), PrepareError> {
        let mut commit = decision.commit;
        store_away(
            &decision.documents,
            &decision.data_keys,
            &self.master,
            self.randomness.as_ref(),
            &mut commit,
        )?;
        for (id, was) in decision.renamed {
            let row = commit.events.iter_mut().find(|row| row.id == id);
            if let Some(row) = row {
                seal_again(row, was, &self.master, self.randomness.as_ref())?;
            }
        }
        let mut handed = Vec::new();
        for job in &decision.jobs {
            match &job.order {
                Order::Key(order) => {
                    let made = self.key(job, order, directory, now)?;
                    commit.audit.push(telling::key_issued(order, &made.row));
                    commit.keys.push(made.row);
                    commit.outbox.extend(made.mail);
                    handed.extend(made.handed);
                }
                Order::Ask(order) => {
                    let request = self.ask(&job.procurement, order, directory, now)?;
                    commit.audit.push(telling::key_asked(&request));
                    commit.requests.push(request);
                }
                Order::Notice(notice, terms) => {
                    let mails = self.notice(job, notice, terms.as_deref(), directory, now)?;
                    if let Some(mail) = mails {
                        commit.audit.push(telling::party_told(&mail));
                        commit.outbox.push(mail);
                    }
                }
                Order::Events(events) => commit.outbox.extend(self.events(job, events, now)),
            }
        }
        Ok((commit, handed))
    }

    fn message_id(&self, job: &Job) -> String {
        format!("<{}@{}>", self.pepper.mail_name(job.id), self.sender.domain)
    }
}

/// What a letter needs to know around its job.
fn circumstances<'a>(job: &'a Job, directory: &'a Directory, now: Timestamp) -> Circumstances<'a> {
    Circumstances {
        names: &directory.parties,
        case_title: job.title.as_deref(),
        owner: job.owner.as_ref(),
        contractor: job.contractor.as_ref(),
        opening_at: job.opening_at,
        zone: directory.rules.policy.zone,
        now,
    }
}
