//! Lists of paper bonds.

use bondhub_core::ports::store::{
    AcceptedList, Clash, ClashWith, PaperDeed, PaperList, PaperRow, StoreError,
};
use uuid::Uuid;

use crate::{Instant, text::Place};

#[derive(Debug)]
pub struct PaperListed {
    pub id: Uuid,
    pub issuer: String,
    pub entered_by: String,
    pub begun_at: Instant,
    pub accepted_at: Instant,
    pub taken: i64,
}

impl TryFrom<PaperListed> for AcceptedList {
    type Error = StoreError;

    fn try_from(row: PaperListed) -> Result<Self, StoreError> {
        let place = Place {
            table: "paper_list",
            row: &row.id,
        };
        Ok(Self {
            list: PaperList {
                id: row.id,
                issuer: place.name(row.issuer)?,
                entered_by: row.entered_by,
                begun_at: row.begun_at.0,
            },
            accepted_at: row.accepted_at.0,
            taken: u64::try_from(row.taken).unwrap_or(0),
        })
    }
}

#[derive(Debug)]
pub struct PaperNoted {
    pub line: i64,
    pub number: String,
    pub deed: String,
    pub guarantee: Option<String>,
    pub terms: String,
}

impl TryFrom<PaperNoted> for PaperRow {
    type Error = StoreError;

    fn try_from(row: PaperNoted) -> Result<Self, StoreError> {
        let place = Place {
            table: "paper_row",
            row: &row.line,
        };
        Ok(Self {
            number: place.name(row.number)?,
            deed: place.found("deed", PaperDeed::parse(&row.deed))?,
            guarantee: row.guarantee,
            terms: place.json(&row.terms)?,
            line: u64::try_from(row.line).unwrap_or(0),
        })
    }
}

#[derive(Debug)]
pub struct PaperClash {
    pub line: i64,
    pub what: String,
    pub other: Option<i64>,
    pub bond: Option<String>,
}

impl TryFrom<PaperClash> for Clash {
    type Error = StoreError;

    fn try_from(row: PaperClash) -> Result<Self, StoreError> {
        let place = Place {
            table: "paper_row",
            row: &row.line,
        };
        let other = u64::try_from(row.other.unwrap_or_default()).unwrap_or(0);
        let with = match (row.what.as_str(), row.bond) {
            (_, Some(bond)) => ClashWith::Bond(place.name(bond)?),
            ("guarantee", None) => ClashWith::Guarantee(other),
            (_, None) => ClashWith::Number(other),
        };
        Ok(Self {
            line: u64::try_from(row.line).unwrap_or(0),
            with,
        })
    }
}
