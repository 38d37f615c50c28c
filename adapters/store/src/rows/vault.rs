//! Signed documents, data keys, copies, and what lies under master keys.

use bondhub_core::{
    identifier::{BondId, BondNumber},
    party::Role,
    ports::signing::Revocation,
    ports::store::{
        Compartment, CopyRow, DataKeyRow, DocumentRow, SealedCount, SealedItem, SealedKind,
        StoreError,
    },
};
use uuid::Uuid;

use super::case::bond_id;
use crate::{Instant, text::Place};

/// First byte of what is sealed under a data key; everything else lies under a master key.
pub const UNDER_DATA_KEY: [u8; 1] = [3];
/// First byte of what names the master key it lies under.
pub const NAMES_ITS_KEY: [u8; 1] = [2];

#[derive(Debug)]
pub struct Document {
    pub digest: String,
    pub issuer: String,
    pub number: Option<String>,
    pub kind: String,
    pub signed_at: Instant,
    pub signer: String,
    pub revocation: Option<String>,
    pub revocation_why: Option<String>,
    pub sealed: Vec<u8>,
}

impl TryFrom<Document> for DocumentRow {
    type Error = StoreError;

    fn try_from(row: Document) -> Result<Self, StoreError> {
        let place = Place {
            table: "document",
            row: &row.digest,
        };
        let number = row.number.map(|number| bond_id(row.issuer.clone(), number));
        Ok(Self {
            issuer: place.name(row.issuer)?,
            bond: number.transpose()?,
            kind: row.kind,
            signed_at: row.signed_at.0,
            signer: row.signer,
            revocation: revocation(&place, row.revocation, row.revocation_why)?,
            sealed: row.sealed,
            digest: row.digest.clone(),
        })
    }
}

fn revocation(
    place: &Place<'_>,
    word: Option<String>,
    why: Option<String>,
) -> Result<Option<Revocation>, StoreError> {
    let Some(word) = word else { return Ok(None) };
    let unknown = || StoreError::Unreadable {
        table: place.table,
        row: place.row.to_string(),
        problem: format!("no revocation is called {word}"),
    };
    Revocation::parse(&word, why).map(Some).ok_or_else(unknown)
}

/// A data key as it was read; an empty number is the issuer's own.
pub fn data_key(
    issuer: String,
    number: String,
    wrapped: Vec<u8>,
) -> Result<DataKeyRow, StoreError> {
    let row = format!("{issuer}/{number}");
    let place = Place {
        table: "data_key",
        row: &row,
    };
    let bond_number: Option<BondNumber> = if number.is_empty() {
        None
    } else {
        Some(place.name(number)?)
    };
    let compartment = Compartment {
        issuer: place.name(issuer)?,
        number: bond_number,
    };
    Ok(DataKeyRow {
        compartment,
        wrapped,
    })
}

#[derive(Debug)]
pub struct Copy {
    pub id: String,
    pub issuer: String,
    pub number: String,
    pub version: i64,
    pub document: String,
    pub holder: String,
    pub role: String,
    pub sha256: String,
    pub made_at: Instant,
}

impl TryFrom<Copy> for CopyRow {
    type Error = StoreError;

    fn try_from(row: Copy) -> Result<Self, StoreError> {
        let place = Place {
            table: "copy",
            row: &row.id,
        };
        let bond: BondId = bond_id(row.issuer, row.number)?;
        Ok(Self {
            bond,
            version: place.count(row.version)?,
            document: row.document,
            holder: place.name(row.holder)?,
            role: place.found("role", Role::parse(&row.role))?,
            sha256: row.sha256,
            made_at: row.made_at.0,
            id: row.id.clone(),
        })
    }
}

#[derive(Debug)]
pub struct SealedPair {
    pub one: String,
    pub other: String,
    pub bytes: Vec<u8>,
}

impl From<SealedPair> for SealedItem {
    fn from(row: SealedPair) -> Self {
        Self {
            key: (row.one, row.other),
            bytes: row.bytes,
        }
    }
}

#[derive(Debug)]
pub struct SealedEvent {
    pub id: Uuid,
    pub bytes: Vec<u8>,
}

impl From<SealedEvent> for SealedItem {
    fn from(row: SealedEvent) -> Self {
        Self {
            key: (row.id.to_string(), String::new()),
            bytes: row.bytes,
        }
    }
}

#[derive(Debug)]
pub struct SealedDocument {
    pub digest: String,
    pub bytes: Vec<u8>,
}

impl From<SealedDocument> for SealedItem {
    fn from(row: SealedDocument) -> Self {
        Self {
            key: (row.digest, String::new()),
            bytes: row.bytes,
        }
    }
}

/// The event a sealed item's key names; none is before all.
pub fn event_id(key: &(String, String)) -> Uuid {
    Uuid::parse_str(&key.0).unwrap_or(Uuid::nil())
}

#[derive(Debug)]
pub struct Count {
    pub kind: String,
    pub head: Vec<u8>,
    pub count: i64,
}

impl TryFrom<Count> for SealedCount {
    type Error = StoreError;

    fn try_from(row: Count) -> Result<Self, StoreError> {
        let place = Place {
            table: "data_key",
            row: &row.kind,
        };
        let kind = SealedKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == row.kind);
        Ok(Self {
            kind: place.found("kind", kind)?,
            head: row.head,
            count: row.count.unsigned_abs(),
        })
    }
}
