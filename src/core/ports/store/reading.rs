//! What people and other systems read: bonds, keys, tasks, balances. Never a secret.

use async_trait::async_trait;

use super::{BondRow, KeyRow, KeyState, StoreError, VersionRow};
use crate::{
    bond::{BondKind, BondState, Medium},
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    task::{Task, TaskKey},
};

/// Which bonds to list.
#[derive(Debug, Clone, Default)]
pub struct BondFilter {
    /// Only of this issuer.
    pub issuer: Option<PartyCode>,
    /// Only of this contractor.
    pub principal: Option<PartyCode>,
    /// Only of this case.
    pub procurement: Option<ProcurementId>,
    /// Only in this state.
    pub state: Option<BondState>,
    /// Only of this kind.
    pub kind: Option<BondKind>,
    /// Only what comes after this bond.
    pub after: Option<BondId>,
    /// Only on this medium.
    pub medium: Option<Medium>,
    /// At most so many, by issuer and number; 0 means 100.
    pub limit: u32,
}

/// A bond with its history and keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BondView {
    /// As it is now.
    pub bond: BondRow,
    /// Its versions, oldest first.
    pub versions: Vec<VersionRow>,
    /// Its keys, oldest first.
    pub keys: Vec<KeyView>,
}

/// A key and whether it works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// The key.
    pub key: KeyRow,
    /// Whether it works.
    pub state: KeyState,
}

/// A case as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The file.
    pub file: crate::procurement::CaseFile,
    /// When it is due next.
    pub due_at: Option<Timestamp>,
    /// When it last changed.
    pub changed_at: Timestamp,
}

/// Which cases to list, from where on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseListing {
    /// Only of this owner.
    pub owner: Option<PartyCode>,
    /// Only those whose id contains this.
    pub named: Option<String>,
    /// Only those whose id comes before this one.
    pub after: Option<ProcurementId>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

/// An open or closed task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskView {
    /// In which case.
    pub procurement: ProcurementId,
    /// Which.
    pub key: TaskKey,
    /// What it asks for.
    pub task: Task,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
}

/// Reading for people.
#[async_trait]
pub trait Readings: Send + Sync {
    /// Bonds.
    async fn bonds(&self, filter: &BondFilter) -> Result<Vec<BondRow>, StoreError>;

    /// One bond with history and keys.
    async fn bond(&self, bond: &BondId) -> Result<Option<BondView>, StoreError>;

    /// A key by its public name.
    async fn key(&self, kid: &str) -> Result<Option<KeyView>, StoreError>;

    /// A case.
    async fn case(&self, id: &ProcurementId) -> Result<Option<CaseView>, StoreError>;

    /// Cases, the last changed first; at most so many, 0 means 100.
    async fn cases(&self, limit: u32) -> Result<Vec<CaseView>, StoreError>;

    /// Cases by id, the greatest first: the order tells nothing of what happened in them (R21).
    async fn cases_of(&self, listing: &CaseListing) -> Result<Vec<CaseView>, StoreError>;

    /// Tasks, open ones first, then by age; closed ones only if asked for.
    async fn tasks(&self, with_closed: bool, limit: u32) -> Result<Vec<TaskView>, StoreError>;

    /// Answers if the database does.
    async fn ping(&self) -> Result<(), StoreError>;
}
