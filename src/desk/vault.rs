//! The vault's use cases: reading an original, changing the master key (R4).

use std::ops::ControlFlow;

use bondhub_core::{
    attachment::Attachment,
    audit::Act,
    bond::Rule,
    calendar::Timestamp,
    event::hex_digest,
    identifier::BondId,
    ports::{
        signing::Revocation,
        store::{BondView, DocumentRow, VersionRow},
    },
};
use zeroize::Zeroizing;

use super::{Desk, DeskError};
use crate::vault::{Originals, Progress, Rotated, Rotation, SealError};

/// A document an issuer signed, behind a version of a bond: what is known of its signature, not what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The version it brought about.
    pub version: u32,
    /// Digest of its content.
    pub document: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Fingerprint of the certificate that signed.
    pub signer: String,
    /// What could be told of the certificate's revocation then (R5); none where that was not kept yet.
    pub revocation: Option<Revocation>,
}

impl Behind {
    /// Why nobody could tell whether the signer was revoked, if so.
    pub fn unchecked(&self) -> Option<&str> {
        self.revocation.as_ref().and_then(Revocation::why)
    }
}

/// An original as it lies in the vault.
pub struct Original {
    /// The version it is the original of.
    pub version: VersionRow,
    /// Whether that is the current version.
    pub is_current: bool,
    /// The signed document behind it. A version the hub made itself within a standing instruction (R31)
    /// has that of the version before.
    pub document: DocumentRow,
    /// The CMS block as the issuer signed it.
    pub cms: Zeroizing<Vec<u8>>,
    /// The attachments.
    pub attachments: Vec<(Attachment, Zeroizing<Vec<u8>>)>,
}

impl Desk {
    /// Takes the original of a bond out to be read: the current one, or that of an earlier version, which
    /// is history for auditors only (R4). Whoever calls this has made sure that it may be shown; that it
    /// was is told in the audit log.
    pub async fn original(
        &self,
        bond: &BondId,
        version: Option<u32>,
    ) -> Result<Original, DeskError> {
        let original = self.unsealed(bond, version).await?;
        let told = self
            .told(Act::OriginalRead, format!("bond:{bond}"))
            .with("version", original.version.version)
            .with("document", original.document.digest.as_str());
        self.store.record(&[told]).await?;
        Ok(original)
    }

    pub(super) async fn unsealed(
        &self,
        bond: &BondId,
        version: Option<u32>,
    ) -> Result<Original, DeskError> {
        let view = self.store.bond(bond).await?;
        let view = view.ok_or_else(|| DeskError::NotFound(format!("bond {bond}")))?;
        let wanted = version.unwrap_or(view.bond.version);
        let row = view.versions.iter().find(|row| row.version == wanted);
        let row = row
            .cloned()
            .ok_or_else(|| DeskError::NotFound(format!("version {wanted} of bond {bond}")))?;
        let is_current = wanted == view.bond.version;
        self.read_original(&view, row, is_current).await
    }

    async fn read_original(
        &self,
        view: &BondView,
        version: VersionRow,
        is_current: bool,
    ) -> Result<Original, DeskError> {
        let (bond, number) = (&view.bond.bond, version.version);
        let digest = document_behind(view, number).ok_or_else(|| {
            DeskError::NotFound(format!(
                "a signed document behind version {number} of {bond}"
            ))
        })?;
        let originals = self.originals();
        let (document, cms) = originals.document(&digest).await?;
        self.check_content(&cms, &digest)?;
        let mut attachments = Vec::new();
        for entry in &version.terms.attachments {
            let bytes = originals.attachment(bond, &entry.sha256).await?;
            attachments.push((entry.clone(), bytes));
        }
        Ok(Original {
            version,
            is_current,
            document,
            cms,
            attachments,
        })
    }

    /// The signed documents behind the versions of a bond, oldest first: for its issuer and those who run the hub.
    pub async fn documents_behind(&self, view: &BondView) -> Result<Vec<Behind>, DeskError> {
        let mut behind = Vec::new();
        for version in &view.versions {
            let Some(digest) = own_document(version) else {
                continue;
            };
            let row = self.store.document(digest).await?;
            behind.extend(row.map(|row| Behind {
                version: version.version,
                document: row.digest,
                signed_at: row.signed_at,
                signer: row.signer,
                revocation: row.revocation,
            }));
        }
        Ok(behind)
    }

    /// Why nobody could tell whether the certificate behind a bond's current version was revoked, if so (R5): for its issuer
    /// and those who run the hub.
    pub async fn signer_unchecked(&self, view: &BondView) -> Result<Option<String>, DeskError> {
        let Some(digest) = document_behind(view, view.bond.version) else {
            return Ok(None);
        };
        let row = self.store.document(&digest).await?;
        let revocation = row.and_then(|row| row.revocation);
        Ok(revocation
            .as_ref()
            .and_then(Revocation::why)
            .map(str::to_owned))
    }

    /// That the block still signs the content it was stored for.
    fn check_content(&self, cms: &[u8], digest: &str) -> Result<(), DeskError> {
        let content = self.reader.verifier.claimed_content(cms);
        let same = content.is_some_and(|content| hex_digest(&content) == digest);
        let damaged = || SealError::Damaged(format!("document:{digest}"));
        same.then_some(()).ok_or_else(|| damaged().into())
    }

    /// Reads what is sealed under data keys.
    pub fn originals(&self) -> Originals<'_> {
        Originals {
            store: self.store.as_ref(),
            master: &self.master,
        }
    }

    /// Puts everything under the configured master key; each batch is told in the audit log.
    pub async fn rotate(
        &self,
        batch: u32,
        told: &mut (dyn FnMut(Progress) -> ControlFlow<()> + Send),
    ) -> Result<Rotated, DeskError> {
        Ok(self.rotation(batch).run(told).await?)
    }

    /// The change of the master key, in batches of `batch`.
    pub fn rotation(&self, batch: u32) -> Rotation<'_> {
        Rotation {
            store: self.store.as_ref(),
            master: &self.master,
            randomness: self.randomness.as_ref(),
            clock: self.clock.as_ref(),
            batch,
            told: self
                .told(Act::VaultRotated, "vault")
                .with("master_key", self.master.name()),
        }
    }
}

/// The digest of the signed document behind a version: its own, or that of the newest version before it
/// that an issuer signed.
pub(super) fn document_behind(view: &BondView, version: u32) -> Option<String> {
    let until = view.versions.iter().filter(|row| row.version <= version);
    until.rev().find_map(own_document).map(str::to_owned)
}

/// The digest of the document that brought a version about, if an issuer signed one.
fn own_document(version: &VersionRow) -> Option<&str> {
    let signed = matches!(version.cause.rule, Rule::Registered | Rule::UpdatedByIssuer);
    let source = version.cause.source.strip_prefix("document#");
    source.filter(|_| signed)
}
