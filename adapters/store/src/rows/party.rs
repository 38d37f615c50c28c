//! Parties, their certificates and standing instructions.

use bondhub_core::{
    party::{self, OpenPgpCertificate, SigningCertificate},
    ports::store::{EnrolmentRow, InstructionRow, StoreError},
};

use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct Party {
    pub code: String,
    pub content: String,
}

impl TryFrom<Party> for party::Party {
    type Error = StoreError;

    fn try_from(row: Party) -> Result<Self, StoreError> {
        let place = Place {
            table: "party",
            row: &row.code,
        };
        place.json(&row.content)
    }
}

#[derive(Debug)]
pub struct Certificate {
    pub party: String,
    pub fingerprint: String,
    pub bytes: Vec<u8>,
    pub usable_until: Option<Instant>,
    pub modern: bool,
    pub revoked_at: Option<Instant>,
    pub added_at: Instant,
}

impl TryFrom<Certificate> for OpenPgpCertificate {
    type Error = StoreError;

    fn try_from(row: Certificate) -> Result<Self, StoreError> {
        let place = Place {
            table: "openpgp_certificate",
            row: &row.fingerprint,
        };
        Ok(Self {
            party: place.name(row.party)?,
            bytes: row.bytes,
            usable_until: row.usable_until.map(|time| time.0),
            modern: row.modern,
            revoked_at: row.revoked_at.map(|time| time.0),
            added_at: row.added_at.0,
            fingerprint: row.fingerprint,
        })
    }
}

#[derive(Debug)]
pub struct Enrolment {
    pub party: String,
    pub fingerprint: String,
    pub bytes: Vec<u8>,
    pub usable_until: Option<Instant>,
    pub modern: bool,
    pub code: Vec<u8>,
    pub tries_left: i64,
    pub begun_at: Instant,
    pub ends_at: Instant,
}

impl TryFrom<Enrolment> for EnrolmentRow {
    type Error = StoreError;

    fn try_from(row: Enrolment) -> Result<Self, StoreError> {
        let certificate = Certificate {
            party: row.party,
            fingerprint: row.fingerprint,
            bytes: row.bytes,
            usable_until: row.usable_until,
            modern: row.modern,
            revoked_at: None,
            added_at: row.begun_at,
        };
        Ok(Self {
            certificate: certificate.try_into()?,
            code: row.code,
            tries_left: u32::try_from(row.tries_left).unwrap_or(0),
            ends_at: row.ends_at.0,
        })
    }
}

#[derive(Debug)]
pub struct Signing {
    pub party: String,
    pub fingerprint: String,
    pub der: Vec<u8>,
    pub valid_from: Instant,
    pub valid_until: Instant,
    pub revoked_at: Option<Instant>,
    pub entrusted_key: Option<Vec<u8>>,
    pub added_at: Instant,
}

impl TryFrom<Signing> for SigningCertificate {
    type Error = StoreError;

    fn try_from(row: Signing) -> Result<Self, StoreError> {
        let place = Place {
            table: "signing_certificate",
            row: &row.fingerprint,
        };
        Ok(Self {
            party: place.name(row.party)?,
            der: row.der,
            valid_from: row.valid_from.0,
            valid_until: row.valid_until.0,
            revoked_at: row.revoked_at.map(|time| time.0),
            entrusted_key: row.entrusted_key,
            added_at: row.added_at.0,
            fingerprint: row.fingerprint,
        })
    }
}

#[derive(Debug)]
pub struct Instruction {
    pub issuer: String,
    pub document: String,
    pub content: String,
}

impl TryFrom<Instruction> for InstructionRow {
    type Error = StoreError;

    fn try_from(row: Instruction) -> Result<Self, StoreError> {
        let place = Place {
            table: "instruction",
            row: &row.document,
        };
        Ok(Self {
            issuer: place.name(row.issuer)?,
            instruction: place.json(&row.content)?,
            document: row.document,
        })
    }
}
