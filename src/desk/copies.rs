//! Copies of originals (R23): marked, named, recorded, and checked later by whoever holds one.

mod wording;

use std::{net::IpAddr, sync::Arc};

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    bond::Medium,
    calendar::Timestamp,
    event::hex_digest,
    identifier::{BondId, BondNumber, PartyCode, ProcurementId},
    key::Kid,
    party::Role,
    ports::{
        paper::{CopySheet, Enclosure, MadeCopy, MakeCopy, PaperError},
        store::CopyRow,
    },
    view::{self, Ground, Onlooker, View, Viewed},
};

use tokio::sync::Semaphore;

use super::{Desk, DeskError, Original, Refusal};
use crate::{
    hub::directory::Directory,
    vault::{Look, Shown},
};
use wording::Wording;

/// What making copies needs.
#[derive(Clone)]
pub struct Copies {
    /// Makes the PDF.
    pub maker: Arc<dyn MakeCopy>,
    /// Where browsers find the hub; none if it has no public address.
    pub public_url: Option<String>,
    /// Whose turn it is: so many are made at a time, each on a thread of its own.
    pub turns: Arc<Semaphore>,
}

/// Foreign files are taken apart for a copy, which takes memory and time: no more than this at once.
pub const COPIES_AT_ONCE: usize = 2;

/// A copy that was made and recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenCopy {
    /// Its record.
    pub row: CopyRow,
    /// The PDF.
    pub bytes: Vec<u8>,
}

/// What is told to whoever asks about a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyCheck {
    /// No such copy, or nothing may be told yet: the two are not told apart (R21).
    Unconfirmed,
    /// The copy was made by this hub.
    Genuine {
        /// Of which bond.
        bond: BondId,
        /// Of which version.
        version: u32,
        /// When.
        made_at: Timestamp,
        /// Lower-case hexadecimal SHA-256 of the PDF as it was given out.
        sha256: String,
        /// Whether that version is still the current one.
        is_current: bool,
        /// Whether the bond still stands; how it ended is not told.
        is_in_force: bool,
    },
}

impl CopyCheck {
    /// Whether these bytes are the copy as it was given out.
    pub fn is_of(&self, pdf: &[u8]) -> bool {
        match self {
            Self::Unconfirmed => false,
            Self::Genuine { sha256, .. } => *sha256 == hex_digest(pdf),
        }
    }
}

/// What is asked for where there is nothing.
const NOWHERE: &str = "-";

fn nowhere() -> Result<BondId, DeskError> {
    let issuer = PartyCode::parse(NOWHERE).map_err(Refusal::from)?;
    let number = BondNumber::parse(NOWHERE).map_err(Refusal::from)?;
    Ok(BondId::new(issuer, number))
}

/// What a copy is made of.
struct Order {
    look: Look,
    original: Original,
    id: Kid,
    made_at: Timestamp,
    directory: Arc<Directory>,
}

impl Copies {
    /// Makes a copy on a thread that may take its time, when it is its turn.
    async fn make(&self, order: Order) -> Result<MadeCopy, DeskError> {
        let failed = || PaperError::Failed("the work was given up".to_owned());
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| failed())?;
        let copies = self.clone();
        let making = tokio::task::spawn_blocking(move || {
            let made = copies
                .maker
                .make(&order.sheet(copies.public_url.as_deref()));
            drop(turn);
            made
        });
        Ok(making.await.map_err(|_| failed())??)
    }
}

impl Order {
    fn sheet<'a>(&'a self, public_url: Option<&'a str>) -> CopySheet<'a> {
        let wording = Wording {
            look: &self.look,
            original: &self.original,
            id: &self.id,
            made_at: self.made_at,
            directory: &self.directory,
            public_url,
        };
        let attachments = self.original.attachments.iter();
        let attachments = attachments.map(|(entry, bytes)| Enclosure {
            name: &entry.name,
            bytes,
        });
        wording.sheet(attachments.collect())
    }
}

impl Desk {
    /// Makes a copy for whoever was just shown a bond's content. Before the opening an owner gets none,
    /// not even with a grant.
    pub async fn copy(&self, look: &Look) -> Result<GivenCopy, DeskError> {
        let Shown::Content(content) = &look.shown else {
            return Err(Refusal::CopyBeforeOpening.into());
        };
        if content.ground == Ground::Granted {
            return Err(Refusal::CopyUnderGrant.into());
        }
        if content.view.bond.terms.medium == Medium::Paper {
            return Err(Refusal::CopyOfPaper.into());
        }
        let original = self.unsealed(&look.bond, None).await?;
        if original.version.version != content.view.bond.version {
            return Err(Refusal::CopyOfChanged.into());
        }
        self.make_copy(look, original).await
    }

    async fn make_copy(&self, look: &Look, original: Original) -> Result<GivenCopy, DeskError> {
        let id = self.copy_id()?;
        let made_at = self.clock.now();
        let (version, document) = (original.version.version, original.document.digest.clone());
        let order = Order {
            look: look.clone(),
            original,
            id: id.clone(),
            made_at,
            directory: self.directories.newest(),
        };
        let made = self.copies.make(order).await?;
        let row = CopyRow {
            id: id.as_str().to_owned(),
            bond: look.bond.clone(),
            version,
            document,
            holder: look.holder.clone(),
            role: look.role,
            sha256: hex_digest(&made.bytes),
            made_at,
        };
        self.store
            .add_copy(&row, &self.copy_told(look, &row))
            .await?;
        Ok(GivenCopy {
            row,
            bytes: made.bytes,
        })
    }

    fn copy_told(&self, look: &Look, row: &CopyRow) -> AuditEntry {
        let holder = Actor::KeyHolder(look.holder.clone(), look.role, look.kid.clone());
        self.by(holder)
            .told(Act::CopyMade, format!("bond:{}", row.bond))
            .with("copy", row.id.as_str())
            .with("version", row.version)
            .with("sha256", row.sha256.as_str())
    }

    /// Whether a copy is genuine and still of the current version: for anybody who holds one. Nothing
    /// is told as long as an owner could not see the bond's content. A number has 80 random bits, so
    /// that nobody finds one; asking often is limited like looking all the same.
    pub async fn verify_copy(
        &self,
        id: &str,
        from: Option<IpAddr>,
    ) -> Result<CopyCheck, DeskError> {
        let (limits, now) = (&self.looking.limits, self.clock.now());
        limits.admit(from, None, now)?;
        let told = self.checked_copy(id).await?;
        if told == CopyCheck::Unconfirmed {
            limits.refused(from, now);
        }
        Ok(told)
    }

    /// Whatever the number, the store is asked the same three questions: whoever holds a copy of before the
    /// opening cannot tell by the time whether it is one.
    async fn checked_copy(&self, id: &str) -> Result<CopyCheck, DeskError> {
        let Ok(id) = Kid::parse(id) else {
            return Ok(CopyCheck::Unconfirmed);
        };
        let copy = self.store.copy(id.as_str()).await?;
        let bond = copy
            .as_ref()
            .map_or_else(nowhere, |copy| Ok(copy.bond.clone()))?;
        let view = self.store.bond(&bond).await?;
        let case = match &view {
            Some(view) => view.bond.terms.procurement.clone(),
            None => ProcurementId::parse(NOWHERE).map_err(Refusal::from)?,
        };
        let case = self.store.case(&case).await?;
        let (Some(copy), Some(view)) = (copy, view) else {
            return Ok(CopyCheck::Unconfirmed);
        };
        let viewed = Viewed {
            bond: &copy.bond,
            terms: &view.bond.terms,
            version: view.bond.version,
        };
        let owner = Onlooker::plain(Role::Owner);
        let case = case.as_ref().map(|case| &case.file);
        match view::view(&owner, viewed, case, self.clock.now()) {
            View::Existence { .. } => Ok(CopyCheck::Unconfirmed),
            View::Content { .. } => Ok(CopyCheck::Genuine {
                is_current: copy.version == view.bond.version,
                is_in_force: view.bond.state.is_outstanding(),
                bond: copy.bond,
                version: copy.version,
                made_at: copy.made_at,
                sha256: copy.sha256,
            }),
        }
    }

    fn copy_id(&self) -> Result<Kid, DeskError> {
        let mut bytes = [0; 10];
        self.randomness.fill(&mut bytes)?;
        Ok(Kid::from_bytes(bytes))
    }
}

impl From<PaperError> for DeskError {
    fn from(error: PaperError) -> Self {
        Self::Paper(error)
    }
}
