//! The desk: what people and systems ask of the hub. Command line, HTTP and later the console call the
//! same use cases.
//!
//! An act that changes a bond is a fact like any other: it is learned, reconciled and committed on the
//! same path as an event, only that somebody waits for the answer.

mod accounts;
mod acts;
pub(crate) mod armor;
mod audit;
mod certificates;
mod copies;
mod enrolment;
mod events;
mod exposure;
mod history;
mod keys;
mod liability;
mod looking;
mod mails;
mod my_bonds;
mod my_cases;
pub mod overview;
mod paper;
mod parties;
mod procedure;
mod refusal;
mod registration;
mod report;
mod revocation;
mod signing;
pub mod signing_files;
mod vault;

use std::sync::Arc;

use bondhub_core::{
    audit::Actor,
    event::Rejection,
    ports::{
        Clock, Randomness, RandomnessError,
        openpgp::{CertificateRefusal, ReadCertificate},
        paper::{MakeReport, PaperError},
        signing::{Sign, SignError},
        store::{EventState, Store, StoreError},
    },
};
use uuid::Uuid;

use crate::{
    audit::ExportFailure,
    hub::{
        directory::Directories,
        lane::{BatchError, Bench},
        prepare::PrepareError,
        read::Reader,
    },
    letters::LetterError,
    vault::{MasterKey, OpenRefusal, OriginalError, Pepper, SealError},
};

pub(crate) use accounts::one_time_place;
pub use accounts::{
    AssertionAnswer, Attempt, Began, Change, Chosen, Equipment, Gatehouse, Invitation, MadeToken,
    NewAccount, PasskeyRequest, PasswordError, Passwords, Patience, RegistrationAnswer,
    SignInRefusal, TotpOffer, Welcome, WelcomeTrouble,
};
pub use acts::HandedOver;
pub use certificates::{Warning, watch_certificates};
pub use copies::{COPIES_AT_ONCE, Copies, CopyCheck, GivenCopy};
pub use enrolment::{Begun, Confirmation, OwnCertificates, Proven};
pub use exposure::{LimitUse, watch_exposures};
pub use history::KeptBond;
pub use keys::ByHand;
pub use liability::{Figure, LiabilityOf};
pub use looking::{EarlyGrant, Looking};
pub use my_bonds::{MyBond, MyBonds, MyPage, MyRow};
pub use my_cases::{MatchSeen, MyCase, MyCases, MyCasesPage};
pub use paper::{Exceeded, ImportMode, ImportReport, watch_lists};
pub use parties::{Enrolment, Pinning};
pub use procedure::{BondChange, Deed, Happening, KeyChange, Mailing, Rehearsal, Step};
pub use refusal::Refusal;
pub(crate) use refusal::Spoken;
pub use report::{BalanceReport, ReportOrder};
pub use signing::{SignatureOutcome, Submitted};
pub use vault::{Behind, Original};

/// Everything the use cases need.
#[derive(Clone)]
pub struct Desk {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The parties.
    pub directories: Arc<Directories>,
    /// Commits acts.
    pub bench: Arc<Bench>,
    /// Reads events and documents.
    pub reader: Arc<Reader>,
    /// Reads signing keys and certificates.
    pub signer: Arc<dyn Sign>,
    /// Reads OpenPGP certificates.
    pub certificates: Arc<dyn ReadCertificate>,
    /// Seals entrusted keys.
    pub master: Arc<MasterKey>,
    /// Digests of keys.
    pub pepper: Arc<Pepper>,
    /// What looking at bonds needs beside the store.
    pub looking: Arc<Looking>,
    /// What signing in needs.
    pub gatehouse: Arc<Gatehouse>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For sealing.
    pub randomness: Arc<dyn Randomness>,
    /// Makes copies.
    pub copies: Copies,
    /// When an operator confirms what a party enrols.
    pub confirmation: Confirmation,
    /// Makes reports.
    pub reports: Arc<dyn MakeReport>,
    /// Who acts at this desk; [`Desk::by`] gives the same desk to somebody else.
    pub actor: Actor,
}

/// So many changes of others may come between reading something and writing it again.
const OTHERS: u32 = 10;

/// Others change the same thing all the time.
fn changing(what: String) -> DeskError {
    Refusal::ChangedByOthers { what }.into()
}

/// What became of an event or act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its row in the inbox.
    pub id: Uuid,
    /// Its state; none for a duplicate.
    pub state: Option<EventState>,
}

/// Why a use case was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Understood, and not acceptable.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// An event or document was refused.
    #[error("{}{}", pointer(.0), .0)]
    Rejected(Rejection),
    /// There is no such thing.
    #[error("{0} is not known")]
    NotFound(String),
    /// A certificate was refused.
    #[error(transparent)]
    Certificate(#[from] CertificateRefusal),
    /// A signing key or certificate was refused.
    #[error(transparent)]
    Signing(#[from] SignError),
    /// A key opens nothing.
    #[error(transparent)]
    Key(#[from] OpenRefusal),
    /// A mail could not be made.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// A letter could not be written.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The act could not be committed.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// Something stored could not be sealed or unsealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The audit log could not be read out.
    #[error(transparent)]
    Export(#[from] ExportFailure),
    /// A copy could not be made.
    #[error(transparent)]
    Paper(PaperError),
    /// An original cannot be read.
    #[error(transparent)]
    Original(#[from] OriginalError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The hub failed.
    #[error("{0}")]
    Failed(String),
}

impl DeskError {
    /// Whether the input was understood and is not acceptable, as against a failure of the hub.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Rejected(_) | Self::Certificate(_) => true,
            Self::Signing(error) => {
                !matches!(error, SignError::Failed(_) | SignError::Unavailable(_))
            }
            Self::Key(error) => !matches!(error, OpenRefusal::Store(_)),
            _ => false,
        }
    }
}

fn pointer(rejection: &Rejection) -> String {
    rejection
        .pointer
        .as_ref()
        .map(|pointer| format!("{pointer}: "))
        .unwrap_or_default()
}
