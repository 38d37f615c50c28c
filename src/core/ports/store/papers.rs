//! Lists of paper bonds on their way in (R41): noted row by row, accepted as a whole, then taken.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::{
    audit::AuditEntry,
    bond::BondTerms,
    calendar::Timestamp,
    identifier::{BondNumber, PartyCode},
};

/// A list of paper bonds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperList {
    /// Drawn for it.
    pub id: Uuid,
    /// Whose bonds.
    pub issuer: PartyCode,
    /// Which account or user entered it.
    pub entered_by: String,
    /// When it was begun.
    pub begun_at: Timestamp,
}

/// A list that is being taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedList {
    /// The list.
    pub list: PaperList,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Rows up to this line are taken.
    pub taken: u64,
}

/// What is done about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperDeed {
    /// The bond is new.
    Add,
    /// The bond is known with other content.
    Update,
    /// The bond is known just so.
    Nothing,
}

impl PaperDeed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Add, Self::Update, Self::Nothing];

    /// The deed as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Nothing => "nothing",
        }
    }

    /// Reads what [`PaperDeed::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == text)
    }
}

/// A row of a list that is not at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperRow {
    /// Its line.
    pub line: u64,
    /// The bond's number.
    pub number: BondNumber,
    /// What is done about it.
    pub deed: PaperDeed,
    /// What is guaranteed, if the row says it: [`guarantee`].
    pub guarantee: Option<String>,
    /// What the bond says.
    pub terms: BondTerms,
}

/// What is wrong with a row beside others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The row's line.
    pub line: u64,
    /// With what.
    pub with: ClashWith,
}

/// What a row clashes with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClashWith {
    /// The same number stands in this line.
    Number(u64),
    /// The same guarantee for days of this one stands in this line.
    Guarantee(u64),
    /// The same guarantee for days of this one is given by this bond, which is outstanding.
    Bond(BondNumber),
}

/// What is guaranteed, to whom, for whom: one issuer gives it once for a day. None where the terms do not say it:
/// a paper bond in a case of its own, without a contract.
///
/// The stores work out the same of the bonds they hold.
pub fn guarantee(terms: &BondTerms) -> Option<String> {
    let of_own_case = terms.procurement.as_str().starts_with("paper:");
    if of_own_case && terms.contract.is_none() {
        return None;
    }
    let case = if of_own_case {
        ""
    } else {
        terms.procurement.as_str()
    };
    let contract = terms.contract.as_ref().map_or("", |id| id.as_str());
    let lot = terms.lot.as_ref().map_or("", |id| id.as_str());
    let (kind, principal, obligee) = (terms.kind.as_str(), &terms.principal, &terms.obligee);
    Some(format!(
        "{case}\n{contract}\n{lot}\n{kind}\n{principal}\n{obligee}"
    ))
}

/// Keeping lists until they are taken.
#[async_trait]
pub trait PaperLists: Send + Sync {
    /// Begins a list.
    async fn begin_list(&self, list: &PaperList) -> Result<(), StoreError>;

    /// What of these rows, in order of their lines, clashes with rows noted before, or gives a guarantee that
    /// another outstanding bond of the issuer gives. A bond that the list itself names is compared as the list has it.
    async fn clashes(&self, list: &PaperList, rows: &[PaperRow]) -> Result<Vec<Clash>, StoreError>;

    /// Notes rows of a list that is not accepted.
    async fn note_rows(&self, list: Uuid, rows: &[PaperRow]) -> Result<(), StoreError>;

    /// Accepts a list: from here on all of it is taken. It is told in the audit log by the same transaction.
    async fn accept_list(
        &self,
        list: Uuid,
        at: Timestamp,
        told: &AuditEntry,
    ) -> Result<(), StoreError>;

    /// Accepted lists that nobody has worked at since, the oldest first.
    async fn lists_left(&self, since: Timestamp) -> Result<Vec<AcceptedList>, StoreError>;

    /// Rows to be taken, after a line: at most so many; without those of which nothing is to be done.
    async fn rows_after(
        &self,
        list: Uuid,
        line: u64,
        limit: u32,
    ) -> Result<Vec<PaperRow>, StoreError>;

    /// Rows up to this line are taken.
    async fn rows_taken(&self, list: Uuid, line: u64, at: Timestamp) -> Result<(), StoreError>;

    /// Throws a list away: it is taken, or kept out.
    async fn end_list(&self, list: Uuid) -> Result<(), StoreError>;

    /// Throws away lists that were begun before and never accepted: whoever read them is gone.
    async fn drop_lists(&self, begun_before: Timestamp) -> Result<u64, StoreError>;
}
