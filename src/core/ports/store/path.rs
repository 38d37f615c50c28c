//! The path of an event: load the cases of a batch, commit everything of the batch at once.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    AttachmentRow, Channel, Claim, ClosedRequest, Compartment, DataKeyRow, EventRow,
    InstructionRow, OutboxRow, RequestSignature, SigningRequest, StoreError,
};
use crate::{
    audit::AuditEntry,
    bond::{BondState, BondTerms, Cause},
    calendar::Timestamp,
    event::Rejection,
    identifier::{BondId, PartyCode, ProcurementId},
    money::Currency,
    party::Role,
    ports::signing::Revocation,
    procurement::CaseFile,
    task::{Task, TaskKey},
};

/// What a batch needs to know.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The cases.
    pub cases: Vec<ProcurementId>,
    /// The events, by [`EventRow::id`].
    pub events: Vec<Uuid>,
    /// The bonds whose case is asked for.
    pub bonds: Vec<BondId>,
    /// The compartments whose data keys are asked for.
    pub compartments: Vec<Compartment>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The cases that exist.
    pub cases: BTreeMap<ProcurementId, StoredCase>,
    /// The events that were taken before, with the digest of their content.
    pub events: BTreeMap<Uuid, String>,
    /// The case of each bond that exists.
    pub homes: BTreeMap<BondId, ProcurementId>,
    /// The data keys that exist.
    pub data_keys: BTreeMap<Compartment, DataKeyRow>,
    /// What of the signing queue may be issued now; loading leaves it empty, whoever needs it asks
    /// [`super::SigningQueue::requests_of`].
    pub requests: Vec<SigningRequest>,
    /// The parties' generation ([`super::Book::generation`]).
    pub generation: i64,
}

/// A case with the version that guards it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCase {
    /// The file.
    pub file: CaseFile,
    /// Raised by every write.
    pub version: i64,
}

/// Everything a batch changes. All of it, or nothing.
///
/// Order within the transaction: cases are guarded first; keys are added before keys are ended; what
/// ended keys carry is then overtaken in the outbox, rows of this same commit included.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// When.
    pub now: Timestamp,
    /// The [`super::Book::generation`] the cases were decided with. If it is another one by now the
    /// commit is a conflict: else a case could begin to wait for what has just come, or a mail go
    /// to a certificate that was just revoked. None is not checked; nor is a commit without cases.
    pub generation: Option<i64>,
    /// The cases.
    pub cases: Vec<CaseWrite>,
    /// The events taken. One that exists already is a conflict ([`StoreError::Conflict`]).
    pub events: Vec<EventRow>,
    /// Waiting events whose wait is over: they become applied. One that is in `events` too is
    /// handled at last: its row is replaced by the one there.
    pub placed: Vec<Uuid>,
    /// Events that began to wait: what for.
    pub waiting: Vec<(Uuid, String)>,
    /// Waiting events that were handled at last and refused: why. One that does not wait is left as it is.
    pub set_aside: Vec<(Uuid, Rejection)>,
    /// Signed documents, kept beside their bonds (R5). One that exists already is left as it is.
    pub documents: Vec<DocumentRow>,
    /// Attachments of these documents. One that the bond has already is left as it is.
    pub attachments: Vec<AttachmentRow>,
    /// Data keys of bonds that had none (R4). One that exists meanwhile is a conflict.
    pub data_keys: Vec<DataKeyRow>,
    /// Standing instructions taken; they raise the parties' generation. The cases that wait because of
    /// the issuer are made due ([`CaseWrite::waits`] names `instruction:CODE`).
    pub instructions: Vec<InstructionRow>,
    /// The bonds as they are now: added or replaced.
    pub bonds: Vec<BondRow>,
    /// Their versions: added.
    pub versions: Vec<VersionRow>,
    /// Keys issued.
    pub keys: Vec<KeyRow>,
    /// Keys that stop working with this commit (R11).
    pub ended_keys: Vec<EndedKeys>,
    /// Keys that begin to wait for their issuer's signature (R12).
    pub requests: Vec<SigningRequest>,
    /// Signatures for keys that wait.
    pub signatures: Vec<RequestSignature>,
    /// Keys that leave the signing queue, after `requests` and `signatures`. One that left it before
    /// is left as it is.
    pub closed_requests: Vec<ClosedRequest>,
    /// Tasks opened, or changed while open.
    pub tasks_opened: Vec<TaskRow>,
    /// Tasks closed. One that is in `tasks_opened` too ends as its case's file says.
    pub tasks_closed: Vec<(ProcurementId, TaskKey)>,
    /// Movements of the ledger: added.
    pub movements: Vec<MovementRow>,
    /// What must leave the hub. A row whose id exists already is left as it is.
    pub outbox: Vec<OutboxRow>,
    /// What is told of it in the audit log (R70), appended at the end of the transaction.
    pub audit: Vec<AuditEntry>,
    /// The lease under which `outbox` is written; none writes it ready for anybody.
    pub lease: Option<Claim>,
    /// Channels whose rows are written ready all the same: nothing leaves by them now.
    pub closed: BTreeSet<Channel>,
}

/// A case to write.
#[derive(Debug, Clone)]
pub struct CaseWrite {
    /// The file.
    pub file: CaseFile,
    /// The version that was loaded; 0 for a new case.
    pub version: i64,
    /// When it must be reconciled again without an event; none for never.
    pub due_at: Option<Timestamp>,
    /// What it waits for, as text (`party:CODE`, `instruction:CODE`): replaces what was there.
    pub waits: Vec<String>,
}

/// A signed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Lower-case hexadecimal SHA-256 of the signed content: its identity.
    pub digest: String,
    /// Who signed.
    pub issuer: PartyCode,
    /// Which bond, if it is about one.
    pub bond: Option<BondId>,
    /// `registration`, `update`, `deletion`, `standing_instruction`, `release_consent`.
    pub kind: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Fingerprint of the certificate that signed.
    pub signer: String,
    /// What could be told of that certificate's revocation when the document was taken (R5); none for documents from
    /// before that was kept.
    pub revocation: Option<Revocation>,
    /// The CMS block, sealed under the data key of its bond (or of its issuer).
    pub sealed: Vec<u8>,
}

/// A bond as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondRow {
    /// Which.
    pub bond: BondId,
    /// Its content.
    pub terms: BondTerms,
    /// Its version.
    pub version: u32,
    /// Its state.
    pub state: BondState,
    /// Why.
    pub cause: Cause,
}

/// A version of a bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Of which bond.
    pub bond: BondId,
    /// Counts from 1.
    pub version: u32,
    /// Its content.
    pub terms: BondTerms,
    /// Why it came about.
    pub cause: Cause,
}

/// A key: everything but its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// The public name of the key, 16 letters: how it is looked up.
    pub kid: String,
    /// The bond it opens.
    pub bond: BondId,
    /// The version it opens.
    pub version: u32,
    /// The bond's edition it was issued in.
    pub edition: u32,
    /// Who holds it.
    pub holder: PartyCode,
    /// In which role.
    pub role: Role,
    /// HMAC-SHA-256 of kid and secret (R13).
    pub digest: Vec<u8>,
    /// The signed statement, CMS DER; it holds no secret.
    pub statement: Vec<u8>,
    /// When it was issued.
    pub issued_at: Timestamp,
}

/// Whether a key works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// It works.
    Live,
    /// It does not, since then, for this reason.
    Ended {
        /// Since when.
        at: Timestamp,
        /// Why.
        reason: String,
    },
}

/// Keys that end: those of the bond with an edition up to `edition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedKeys {
    /// Of which bond.
    pub bond: BondId,
    /// Only of this role; none is every role.
    pub role: Option<Role>,
    /// Up to which edition.
    pub edition: u32,
    /// Why, for the holder.
    pub reason: String,
}

/// A task as it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// In which case.
    pub procurement: ProcurementId,
    /// Which.
    pub key: TaskKey,
    /// What it asks for.
    pub task: Task,
}

/// A movement of the ledger (R40). Never changed; corrected by a further movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    /// Made from what caused it.
    pub id: Uuid,
    /// Of which bond.
    pub bond: BondId,
    /// The bond's principal.
    pub principal: PartyCode,
    /// Whose liability it is: the principal, or a member of a joint venture with its share.
    pub holder: PartyCode,
    /// Towards whom.
    pub obligee: PartyCode,
    /// From which day on.
    pub effective: NaiveDate,
    /// Minor units, positive or negative.
    pub delta: i64,
    /// Their currency.
    pub currency: Currency,
    /// By how much the number of bonds outstanding changes.
    pub bonds: i32,
    /// By how much the number of bonds changes that the holder answers for.
    pub held: i32,
    /// The day on which the hub came to know it, in the hub's zone: the ledger's second time.
    pub recorded: NaiveDate,
}

/// Loading and committing cases.
#[async_trait]
pub trait Cases: Send + Sync {
    /// Loads what a batch needs, without locks.
    async fn load(&self, wanted: &Wanted) -> Result<Loaded, StoreError>;

    /// Commits a batch in one transaction. [`StoreError::Conflict`] if a case has another version, or
    /// an event was taken, or a new case or bond exists meanwhile, or the parties changed. Of bonds
    /// and tasks that are listed twice the last one counts.
    async fn commit(&self, commit: &Commit) -> Result<(), StoreError>;

    /// Cases that are due, earliest first.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<ProcurementId>, StoreError>;

    /// When the next case is due.
    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError>;
}
