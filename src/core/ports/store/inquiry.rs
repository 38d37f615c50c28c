//! What a party lists of its own (R24): its bonds page by page, its tasks.

use async_trait::async_trait;

use super::{BondRow, StoreError, TaskView};
use crate::{
    bond::{BondKind, BondState},
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    party::Role,
};

/// Which bonds of a party to list, from where on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Whose.
    pub party: PartyCode,
    /// As what: its bonds as an issuer, as the principal, or as the obligee. An obligee's are those that it was ever given a key to, and those
    /// on paper.
    pub role: Role,
    /// In which order.
    pub order: ListOrder,
    /// Only in this state.
    pub state: Option<BondState>,
    /// Only of this kind.
    pub kind: Option<BondKind>,
    /// Only of this case.
    pub procurement: Option<ProcurementId>,
    /// Only what comes after this row.
    pub after: Option<ListMark>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListOrder {
    /// What changed last comes first.
    #[default]
    LastChanged,
    /// By issuer and number. An obligee's list has no such order: it would tell who the issuer is.
    Number,
}

/// A row's place in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMark {
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Which.
    pub bond: BondId,
}

/// A bond of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBond {
    /// As it is now.
    pub row: BondRow,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl ListedBond {
    /// Its place in the list.
    pub fn mark(&self) -> ListMark {
        ListMark {
            changed_at: self.changed_at,
            bond: self.row.bond.clone(),
        }
    }
}

/// Lists for parties. Each is read from an index that is in its order.
#[async_trait]
pub trait Inquiries: Send + Sync {
    /// A page of a party's bonds.
    async fn bonds_of(&self, listing: &Listing) -> Result<Vec<ListedBond>, StoreError>;

    /// The open tasks that ask a party, in all cases or in one, oldest first.
    async fn tasks_of(
        &self,
        party: &PartyCode,
        case: Option<&ProcurementId>,
        limit: u32,
    ) -> Result<Vec<TaskView>, StoreError>;

    /// Tasks that ask a party, closed ones too: open ones first, then by age.
    async fn tasks_ever_of(
        &self,
        party: &PartyCode,
        limit: u32,
    ) -> Result<Vec<TaskView>, StoreError>;
}
