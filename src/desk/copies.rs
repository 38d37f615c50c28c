//! Copies of originals (R23): marked, named, recorded, and checked later by whoever holds one.

mod wording;

use std::sync::Arc;

use bondhub_core::{
    audit::{Act, Actor, AuditEntry},
    bond::{BondState, Medium},
    calendar::Timestamp,
    event::hex_digest,
    identifier::BondId,
    key::Kid,
    party::Role,
    ports::{
        paper::{Enclosure, MakeCopy, PaperError},
        store::CopyRow,
    },
    view::{self, Ground, Onlooker, View, Viewed},
};

use super::{Desk, DeskError, Original};
use crate::vault::{Look, Shown};
use wording::Wording;

/// What making copies needs.
#[derive(Clone)]
pub struct Copies {
    /// Makes the PDF.
    pub maker: Arc<dyn MakeCopy>,
    /// Where browsers find the hub; none if it has no public address.
    pub public_url: Option<String>,
}

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
        /// The bond's state now.
        state: BondState,
    },
}

impl Desk {
    /// Makes a copy for whoever was just shown a bond's content. Before the opening an owner gets none,
    /// not even with a grant.
    pub async fn copy(&self, look: &Look) -> Result<GivenCopy, DeskError> {
        let Shown::Content(content) = &look.shown else {
            return Err(refused("before the opening there is no copy"));
        };
        if content.ground == Ground::Granted {
            return Err(refused("before the opening there is no copy, only a look"));
        }
        if content.view.bond.terms.medium == Medium::Paper {
            return Err(refused("the original of this bond is on paper"));
        }
        let original = self.unsealed(&look.bond, None).await?;
        if original.version.version != content.view.bond.version {
            return Err(refused("the bond has changed meanwhile; look again"));
        }
        self.make_copy(look, &original).await
    }

    async fn make_copy(&self, look: &Look, original: &Original) -> Result<GivenCopy, DeskError> {
        let id = self.copy_id()?;
        let made_at = self.clock.now();
        let directory = self.directories.newest();
        let wording = Wording {
            look,
            original,
            id: &id,
            made_at,
            directory: &directory,
            public_url: self.copies.public_url.as_deref(),
        };
        let attachments = original.attachments.iter();
        let attachments = attachments.map(|(entry, bytes)| Enclosure {
            name: &entry.name,
            bytes,
        });
        let sheet = wording.sheet(attachments.collect());
        let made = self.copies.maker.make(&sheet)?;
        let row = CopyRow {
            id: id.as_str().to_owned(),
            bond: look.bond.clone(),
            version: original.version.version,
            document: original.document.digest.clone(),
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
    /// is told as long as an owner could not see the bond's content.
    pub async fn verify_copy(&self, id: &str) -> Result<CopyCheck, DeskError> {
        let Ok(id) = Kid::parse(id) else {
            return Ok(CopyCheck::Unconfirmed);
        };
        let Some(copy) = self.store.copy(id.as_str()).await? else {
            return Ok(CopyCheck::Unconfirmed);
        };
        let Some(view) = self.store.bond(&copy.bond).await? else {
            return Ok(CopyCheck::Unconfirmed);
        };
        let now = self.clock.now();
        let terms = &view.bond.terms;
        let case = self.store.case(&terms.procurement).await?;
        let viewed = Viewed {
            bond: &copy.bond,
            terms,
            version: view.bond.version,
        };
        let owner = Onlooker::plain(Role::Owner);
        let case = case.as_ref().map(|case| &case.file);
        if matches!(
            view::view(&owner, viewed, case, now),
            View::Existence { .. }
        ) {
            return Ok(CopyCheck::Unconfirmed);
        }
        Ok(CopyCheck::Genuine {
            is_current: copy.version == view.bond.version,
            state: view.bond.state,
            bond: copy.bond,
            version: copy.version,
            made_at: copy.made_at,
            sha256: copy.sha256,
        })
    }

    fn copy_id(&self) -> Result<Kid, DeskError> {
        let mut bytes = [0; 10];
        self.randomness.fill(&mut bytes)?;
        Ok(Kid::from_bytes(bytes))
    }
}

fn refused(sentence: &str) -> DeskError {
    DeskError::Refused(sentence.to_owned())
}

impl From<PaperError> for DeskError {
    fn from(error: PaperError) -> Self {
        Self::Paper(error)
    }
}
