//! Reading: bytes become events with facts, or rejections with a place and a reason.

mod ahead;
mod enclosed;
mod row;
mod statement;

use self::statement::Signed;

use std::sync::Arc;

use bondhub_core::{
    attachment::{Enclosed, check_enclosed},
    audit::Actor,
    calendar::Timestamp,
    document::Statement,
    event::{self, Arrival, Envelope, Reason, Rejection},
    identifier::{PartyCode, ProcurementId},
    party::SigningCertificate,
    ports::{
        Randomness,
        feed::{Feed, Rejected},
        queue::DEAD_LETTER_HEADER,
        signing::{PinnedCertificate, Revocation, VerifyDocument},
        store::{EventRow, InstructionRow},
    },
    procurement::Lesson,
};
use serde_json::Value;

pub use ahead::{is_ahead, too_early};
use row::{original, row_of, unreadable};

use super::directory::Directory;
use crate::vault::{MasterKey, SealError, SignedDocument};

/// An event that was read: its row for the inbox, and what it says.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The row, without the state that deciding gives it.
    pub row: EventRow,
    /// What it says.
    pub content: Content,
    /// Who did it, where that is known better than by the event's source: an act at the desk.
    pub actor: Option<Actor>,
    /// As what it is in the inbox if it was taken while its signer's certificate was good; it stays taken then.
    pub before: Option<Before>,
}

/// A document that is refused now and would have been taken before its signer's certificate was revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// Its row's id.
    pub id: uuid::Uuid,
    /// Its row's digest.
    pub digest: String,
}

/// What an event says.
#[derive(Debug, Clone)]
pub enum Content {
    /// Facts about a case.
    Facts {
        /// Which case.
        procurement: ProcurementId,
        /// The facts.
        lesson: Lesson,
        /// The signed document they come of.
        document: Option<Box<SignedDocument>>,
    },
    /// An issuer's standing instruction.
    Instruction(InstructionRow, Box<SignedDocument>),
    /// It cannot be read until this is known, e.g. `signer:S1`.
    Waits(String),
    /// It is set aside.
    Refused(Rejection),
}

impl Incoming {
    /// What decides its lane: the case, or the issuer, or itself.
    pub fn lane_key(&self) -> &str {
        match &self.content {
            Content::Facts { procurement, .. } => procurement.as_str(),
            Content::Instruction(row, _) => row.issuer.as_str(),
            Content::Waits(_) | Content::Refused(_) => &self.row.digest,
        }
    }
}

/// The place a signed document's event is sealed for in the inbox.
pub fn event_place(id: uuid::Uuid) -> String {
    format!("event:{id}")
}

/// Reads arrivals.
pub struct Reader {
    /// The feeds, asked in this order.
    pub feeds: Vec<Box<dyn Feed>>,
    /// Verifies signed documents.
    pub verifier: Arc<dyn VerifyDocument>,
    /// Seals signed documents.
    pub master: Arc<MasterKey>,
    /// For sealing.
    pub randomness: Arc<dyn Randomness>,
    /// More bytes than this are refused.
    pub max_bytes: usize,
    /// Attachments with more bytes than this are refused.
    pub attachment_max_bytes: usize,
}

impl Reader {
    /// Reads everything an arrival holds. Each event of it stands alone.
    pub fn read(&self, arrival: &Arrival, directory: &Directory, now: Timestamp) -> Vec<Incoming> {
        match self.split(arrival) {
            Err(rejection) => vec![self.unreadable(original(arrival), rejection, now)],
            Ok(events) => events
                .into_iter()
                .map(|event| self.one(event, arrival, directory, now))
                .collect(),
        }
    }

    fn split(&self, arrival: &Arrival) -> Result<Vec<Result<Envelope, Rejected>>, Rejection> {
        if let Some(why) = arrival.headers.get(DEAD_LETTER_HEADER) {
            let message = format!("dead letter: {why}");
            return Err(Rejection::whole(Reason::Poison, message));
        }
        if arrival.body.len() > self.max_bytes {
            let message = format!(
                "{} bytes, at most {} are taken",
                arrival.body.len(),
                self.max_bytes
            );
            return Err(Rejection::whole(Reason::TooLarge, message));
        }
        let document = event::parse_json(&arrival.body, self.max_bytes)?;
        if event::is_binary(&arrival.headers) {
            return event::read_binary(&arrival.headers, document).map(|event| vec![Ok(event)]);
        }
        match document {
            Value::Array(items) if items.is_empty() => Err(no_event()),
            Value::Array(items) => Ok(items
                .into_iter()
                .flat_map(|item| self.split_item(item))
                .collect()),
            document => self.split_document(document),
        }
    }

    /// An element of an array stands alone, whatever its format.
    fn split_item(&self, piece: Value) -> Vec<Result<Envelope, Rejected>> {
        self.split_document(piece.clone())
            .unwrap_or_else(|rejection| vec![Err(Rejected { rejection, piece })])
    }

    fn split_document(
        &self,
        document: Value,
    ) -> Result<Vec<Result<Envelope, Rejected>>, Rejection> {
        if document.get("specversion").is_some() {
            return event::read_structured(document).map(|event| vec![Ok(event)]);
        }
        let known = self.feeds.iter().find_map(|feed| feed.split(&document));
        match known {
            Some(events) if events.is_empty() => Err(no_event()),
            Some(events) => Ok(events),
            None => {
                let message =
                    "neither a CloudEvent (no `specversion`) nor an OCDS release or package";
                Err(Rejection::whole(Reason::NotAnEvent, message))
            }
        }
    }

    fn one(
        &self,
        event: Result<Envelope, Rejected>,
        arrival: &Arrival,
        directory: &Directory,
        now: Timestamp,
    ) -> Incoming {
        match event {
            Err(Rejected { rejection, piece }) => {
                let bytes = serde_json::to_vec(&piece).unwrap_or_default();
                let content_type = arrival.content_type.clone();
                self.unreadable((bytes, content_type), rejection, now)
            }
            Ok(envelope) if envelope.kind == "bond.document" => {
                self.enveloped(&envelope, arrival, directory, now)
            }
            Ok(envelope) => self.facts(&envelope, arrival, now),
        }
    }

    /// Whatever it is, a signed document may be in it: it is sealed like one (R4).
    fn unreadable(
        &self,
        (bytes, content_type): (Vec<u8>, Option<String>),
        rejection: Rejection,
        now: Timestamp,
    ) -> Incoming {
        let row = unreadable(bytes, content_type, now);
        self.sealed(row, Content::Refused(rejection))
    }

    fn facts(&self, envelope: &Envelope, arrival: &Arrival, now: Timestamp) -> Incoming {
        let facts = self.feeds.iter().find_map(|feed| feed.facts(envelope));
        let content = match (facts, &envelope.subject) {
            _ if is_ahead(envelope.time, now) => Content::Refused(too_early("/time")),
            (None, _) => Content::Refused(unknown_type(&envelope.kind)),
            (Some(Err(rejection)), _) => Content::Refused(rejection),
            (Some(Ok(_)), None) => {
                Content::Refused(Rejection::at("/subject", "the procurement id is missing"))
            }
            (Some(Ok(facts)), Some(procurement)) => Content::Facts {
                procurement: procurement.clone(),
                lesson: Lesson {
                    stamp: envelope.stamp(),
                    facts,
                },
                document: None,
            },
        };
        Incoming {
            row: row_of(envelope, arrival, now),
            content,
            actor: None,
            before: None,
        }
    }

    /// A signed document: its signature, not the queue, is what authorises it (R5).
    fn enveloped(
        &self,
        envelope: &Envelope,
        arrival: &Arrival,
        directory: &Directory,
        now: Timestamp,
    ) -> Incoming {
        let mut row = row_of(envelope, arrival, now);
        let (content, before) = match enclosed::read(envelope) {
            Err(rejection) => (Content::Refused(rejection), None),
            Ok((cms, enclosed)) => {
                let content = self.signed(&cms, enclosed, directory, now, &mut row);
                let before = self.before_revocation(&cms, &content, directory, now);
                (content, before)
            }
        };
        if is_taken(&content) {
            // The attachments are kept once, in the vault.
            row.body = enclosed::without_attachments(envelope);
        }
        Incoming {
            before,
            ..self.sealed(row, content)
        }
    }

    /// A signed document and its attachments as they are handed over at the desk.
    pub fn handed_over(
        &self,
        cms: &[u8],
        attachments: Enclosed,
        directory: &Directory,
        now: Timestamp,
    ) -> Incoming {
        let whole = enclosed::envelope(cms, &attachments, now);
        let bare = enclosed::envelope(cms, &Enclosed::default(), now);
        let mut row = row_of(&bare, &Arrival::default(), now);
        let mut content = self.signed(cms, attachments, directory, now, &mut row);
        let before = self.before_revocation(cms, &content, directory, now);
        if !is_taken(&content) {
            row.body = enclosed::body(&whole);
            if matches!(content, Content::Waits(_)) && row.body.len() > self.max_bytes {
                content = Content::Refused(enclosed::cannot_wait());
            }
        }
        Incoming {
            before,
            ..self.sealed(row, content)
        }
    }

    /// What was read of a signed document, its bytes sealed.
    fn sealed(&self, mut row: EventRow, content: Content) -> Incoming {
        let content = match self.seal_body(&mut row) {
            Ok(()) => content,
            Err(rejection) => Content::Refused(rejection),
        };
        Incoming {
            row,
            content,
            actor: None,
            before: None,
        }
    }

    fn signed(
        &self,
        cms: &[u8],
        attachments: Enclosed,
        directory: &Directory,
        now: Timestamp,
        row: &mut EventRow,
    ) -> Content {
        let pinned: Vec<PinnedCertificate<'_>> = directory.pinned.iter().map(pinned).collect();
        let verified = match self.verifier.verify(cms, &pinned, now) {
            Ok(verified) => verified,
            Err(rejection) => return self.unverified(cms, directory, rejection),
        };
        let signers = directory
            .pinned
            .iter()
            .filter(|one| one.fingerprint == verified.signer);
        match Statement::read(&verified.content) {
            Err(rejection) => Content::Refused(rejection),
            Ok(statement) if !signers.clone().any(|one| one.party == statement.issuer) => {
                Content::Refused(wrong_signer(&statement.issuer))
            }
            Ok(statement) if is_ahead(statement.signed_at, now) => {
                Content::Refused(too_early("/data/signed_at"))
            }
            Ok(statement) => {
                let signed = statement::attachments_of(&statement.act);
                let fit = check_enclosed(signed, &attachments, self.attachment_max_bytes);
                if let Err(rejection) = fit {
                    return Content::Refused(rejection);
                }
                row.digest = event::hex_digest(&verified.content);
                warn_unchecked(&row.digest, &verified.revocation);
                let cms = Arc::new(cms.to_vec());
                let signed = Signed {
                    cms,
                    attachments,
                    signer: verified.signer,
                    revocation: verified.revocation,
                };
                statement::content(&statement, signed, row)
            }
        }
    }

    /// What a refused document was before the revocation of its signer's certificate, if that alone speaks against it.
    fn before_revocation(
        &self,
        cms: &[u8],
        content: &Content,
        directory: &Directory,
        now: Timestamp,
    ) -> Option<Before> {
        let Content::Refused(rejection) = content else {
            return None;
        };
        if rejection.reason != Reason::Signature {
            return None;
        }
        let as_before = |one| PinnedCertificate {
            revoked_at: None,
            ..pinned(one)
        };
        let pinned: Vec<_> = directory.pinned.iter().map(as_before).collect();
        let verified = self.verifier.verify(cms, &pinned, now).ok()?;
        let digest = event::hex_digest(&verified.content);
        let id = EventRow::key(&statement::identity(&digest), "");
        Some(Before { id, digest })
    }

    /// A document of an issuer that is not known yet waits; any other failed signature is refused.
    fn unverified(&self, cms: &[u8], directory: &Directory, rejection: Rejection) -> Content {
        let claimed = self.verifier.claimed_content(cms);
        let statement = claimed.and_then(|content| Statement::read(&content).ok());
        let unknown =
            statement.filter(|claim| !directory.pinned.iter().any(|one| one.party == claim.issuer));
        match unknown {
            Some(claim) => Content::Waits(signer_wait(&claim.issuer)),
            None => Content::Refused(rejection),
        }
    }

    /// Gives a row that was read another id; what is sealed is sealed for it.
    pub fn rename(&self, row: &mut EventRow, id: uuid::Uuid) -> Result<(), SealError> {
        let was = std::mem::replace(&mut row.id, id);
        seal_again(row, was, &self.master, self.randomness.as_ref())
    }

    /// Signed documents hold bonds: in the inbox they are sealed (R4).
    fn seal_body(&self, row: &mut EventRow) -> Result<(), Rejection> {
        let place = event_place(row.id);
        let sealed = self
            .master
            .seal(&place, &row.body, self.randomness.as_ref());
        row.body = sealed.map_err(|error| Rejection::whole(Reason::Poison, error.to_string()))?;
        row.sealed = true;
        Ok(())
    }
}

/// Seals for its row what was sealed for the id that the row had when it was read.
pub fn seal_again(
    row: &mut EventRow,
    was: uuid::Uuid,
    master: &MasterKey,
    randomness: &dyn Randomness,
) -> Result<(), SealError> {
    if row.sealed {
        let body = master.unseal(&event_place(was), &row.body)?;
        row.body = master.seal(&event_place(row.id), &body, randomness)?;
    }
    Ok(())
}

/// Puts the attachments of a document back beside it: for an event that is handed on instead of taken.
pub fn with_attachments(content: &Content, event: &mut Value) {
    let document = match content {
        Content::Facts { document, .. } => document.as_deref(),
        Content::Instruction(_, document) => Some(document.as_ref()),
        Content::Waits(_) | Content::Refused(_) => None,
    };
    let attachments = document.map(|document| document.attachments.as_ref());
    let data = event.get_mut("data").and_then(Value::as_object_mut);
    if let (Some(attachments), Some(data)) = (attachments.filter(|one| !one.is_empty()), data) {
        data.insert("attachments".to_owned(), enclosed::listed(attachments));
    }
}

/// Whether what a document says is learned now; if not, it may have to be read again, whole.
fn is_taken(content: &Content) -> bool {
    matches!(content, Content::Facts { .. } | Content::Instruction(..))
}

/// What an event waits for whose signer is not known: the issuer's signing certificate.
pub fn signer_wait(issuer: &PartyCode) -> String {
    format!("{SIGNER}{issuer}")
}

/// How the name of a wait for somebody's signing certificate begins.
pub const SIGNER: &str = "signer:";

/// A document that was taken although nobody could tell whether its signer was revoked (R5).
fn warn_unchecked(document: &str, revocation: &Revocation) {
    if let Revocation::Unchecked(why) = revocation {
        tracing::warn!(document, revocation = revocation.as_str(), "{why}");
    }
}

fn no_event() -> Rejection {
    Rejection::whole(Reason::NotAnEvent, "the document holds no event")
}

/// A pinned certificate as the verifier wants it.
pub fn pinned(certificate: &SigningCertificate) -> PinnedCertificate<'_> {
    PinnedCertificate {
        party: &certificate.party,
        fingerprint: &certificate.fingerprint,
        der: &certificate.der,
        revoked_at: certificate.revoked_at,
    }
}

fn unknown_type(kind: &str) -> Rejection {
    let message = format!("no feed knows the type `jp.bondhub.{kind}`");
    Rejection {
        reason: Reason::UnknownType,
        pointer: Some("/type".into()),
        message,
    }
}

fn wrong_signer(issuer: &PartyCode) -> Rejection {
    let message = format!("the document speaks for {issuer}, but somebody else signed it");
    Rejection::whole(Reason::Signature, message)
}
