//! Originals at rest (R4): signed documents and attachments, sealed under the data key of their bond
//! with their place bound in, so that nothing can be put in the place of something else.

use std::{collections::BTreeMap, fmt, sync::Arc};

use bondhub_core::{
    attachment::Enclosed,
    calendar::Timestamp,
    event::hex_digest,
    identifier::{BondId, PartyCode},
    ports::{
        Randomness,
        signing::Revocation,
        store::{AttachmentRow, Commit, Compartment, DataKeyRow, DocumentRow, Store, StoreError},
    },
};
use zeroize::Zeroizing;

use super::{DataKey, MasterKey, SealError, data_key::is_under_data_key};

/// A signed document that was verified, on its way into the vault.
#[derive(Clone)]
pub struct SignedDocument {
    /// Lower-case hexadecimal SHA-256 of the signed content.
    pub digest: String,
    /// Who signed.
    pub issuer: PartyCode,
    /// Which bond, if it is about one.
    pub bond: Option<BondId>,
    /// `registration`, `update` …
    pub kind: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// Fingerprint of the certificate that signed.
    pub signer: String,
    /// What could be told of that certificate's revocation.
    pub revocation: Revocation,
    /// The CMS block.
    pub cms: Arc<Vec<u8>>,
    /// Its attachments.
    pub attachments: Arc<Enclosed>,
}

impl fmt::Debug for SignedDocument {
    /// Without content: it may be under embargo.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignedDocument")
            .field("digest", &self.digest)
            .field("issuer", &self.issuer)
            .field("bond", &self.bond)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl SignedDocument {
    /// What it shares its data key with.
    pub fn compartment(&self) -> Compartment {
        Compartment::of(&self.issuer, self.bond.as_ref())
    }
}

/// Why an original cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OriginalError {
    /// There is none.
    #[error("{0} is not in the vault")]
    Missing(String),
    /// It cannot be unsealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn document_place(compartment: &Compartment, digest: &str) -> String {
    format!("document:{compartment}:{digest}")
}

/// The place of documents from before there were data keys.
pub fn oldest_document_place(digest: &str) -> String {
    format!("document:{digest}")
}

fn attachment_place(bond: &BondId, sha256: &str) -> String {
    format!("attachment:{bond}:{sha256}")
}

/// Seals documents and attachments into a commit. `known` holds the data keys that exist; a bond
/// without one gets one, in the same commit.
pub fn store_away(
    documents: &[SignedDocument],
    known: &BTreeMap<Compartment, DataKeyRow>,
    master: &MasterKey,
    randomness: &dyn Randomness,
    commit: &mut Commit,
) -> Result<(), SealError> {
    let mut opened: BTreeMap<Compartment, DataKey> = BTreeMap::new();
    for document in documents {
        let compartment = document.compartment();
        if !opened.contains_key(&compartment) {
            let key = if let Some(row) = known.get(&compartment) {
                DataKey::open(row, master)?
            } else {
                let (key, row) = DataKey::make(&compartment, master, randomness)?;
                commit.data_keys.push(row);
                key
            };
            opened.insert(compartment.clone(), key);
        }
        if let Some(key) = opened.get(&compartment) {
            store_one(document, &compartment, key, randomness, commit)?;
        }
    }
    Ok(())
}

fn store_one(
    document: &SignedDocument,
    compartment: &Compartment,
    key: &DataKey,
    randomness: &dyn Randomness,
    commit: &mut Commit,
) -> Result<(), SealError> {
    let place = document_place(compartment, &document.digest);
    commit.documents.push(DocumentRow {
        digest: document.digest.clone(),
        issuer: document.issuer.clone(),
        bond: document.bond.clone(),
        kind: document.kind.clone(),
        signed_at: document.signed_at,
        signer: document.signer.clone(),
        revocation: Some(document.revocation.clone()),
        sealed: key.seal(&place, &document.cms, randomness)?,
    });
    let Some(bond) = &document.bond else {
        return Ok(());
    };
    for (sha256, bytes) in document.attachments.iter() {
        let place = attachment_place(bond, sha256);
        commit.attachments.push(AttachmentRow {
            bond: bond.clone(),
            sha256: sha256.clone(),
            sealed: key.seal(&place, bytes, randomness)?,
        });
    }
    Ok(())
}

/// Reads originals.
#[derive(Clone, Copy)]
pub struct Originals<'a> {
    /// The store.
    pub store: &'a dyn Store,
    /// Unwraps data keys.
    pub master: &'a MasterKey,
}

impl Originals<'_> {
    /// A signed document as it came: its row, and the CMS block.
    pub async fn document(
        &self,
        digest: &str,
    ) -> Result<(DocumentRow, Zeroizing<Vec<u8>>), OriginalError> {
        let row = self.store.document(digest).await?;
        let row = row.ok_or_else(|| OriginalError::Missing(format!("document {digest}")))?;
        let compartment = Compartment::of(&row.issuer, row.bond.as_ref());
        let cms = if is_under_data_key(&row.sealed) {
            let key = self.key(&compartment).await?;
            key.unseal(&document_place(&compartment, digest), &row.sealed)?
        } else {
            let place = oldest_document_place(digest);
            self.master.unseal(&place, &row.sealed)?
        };
        Ok((row, cms))
    }

    /// An attachment of a bond; its digest is checked once more.
    pub async fn attachment(
        &self,
        bond: &BondId,
        sha256: &str,
    ) -> Result<Zeroizing<Vec<u8>>, OriginalError> {
        let row = self.store.attachment(bond, sha256).await?;
        let row = row.ok_or_else(|| OriginalError::Missing(format!("attachment {sha256}")))?;
        let key = self.key(&Compartment::from(bond)).await?;
        let place = attachment_place(bond, sha256);
        let bytes = key.unseal(&place, &row.sealed)?;
        if hex_digest(&bytes) != sha256 {
            return Err(SealError::Damaged(place).into());
        }
        Ok(bytes)
    }

    async fn key(&self, compartment: &Compartment) -> Result<DataKey, OriginalError> {
        let row = self.store.data_key(compartment).await?;
        let row =
            row.ok_or_else(|| OriginalError::Missing(format!("the data key of {compartment}")))?;
        Ok(DataKey::open(&row, self.master)?)
    }
}
