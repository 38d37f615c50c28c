//! The cases of an owner, as whoever acts for it may see them (R8, R21): a list, and one case with the bonds whose content may
//! be seen, how they match it, and what is asked.
//!
//! Those who run the hub and act for an owner see what that owner would see.

use std::collections::{BTreeMap, BTreeSet};

use bondhub_core::{
    account::{Permission, Viewer},
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    inquiry::OwnCase,
    matching::MatchResult,
    party::Role,
    ports::store::{BondRow, CaseListing, CaseView, ListOrder, TaskView},
    procurement::CaseFile,
};

use super::{Desk, DeskError, MyBonds, MyRow, Refusal};

/// The most bonds of one case that its page shows.
const MOST_BONDS: u32 = 500;

/// Which cases to list.
#[derive(Debug, Clone, Default)]
pub struct MyCases {
    /// Only those whose id contains this; empty is every case.
    pub named: String,
    /// Where the page before ended.
    pub after: Option<ProcurementId>,
    /// At most so many.
    pub limit: u32,
}

/// A page of cases.
#[derive(Debug, Clone)]
pub struct MyCasesPage {
    /// The cases by id, the greatest first.
    pub cases: Vec<OwnCase>,
    /// Where the next page begins; none on the last one.
    pub next: Option<ProcurementId>,
}

/// One case.
#[derive(Debug, Clone)]
pub struct MyCase {
    /// What is known of it.
    pub case: OwnCase,
    /// The bonds whose content the owner may see, by issuer and number.
    pub bonds: Vec<BondRow>,
    /// How each matches the case.
    pub matches: BTreeMap<BondId, MatchSeen>,
    /// The open tasks of the case that ask the owner.
    pub tasks: Vec<TaskView>,
    /// Bonds these tasks are about whose content the owner may not see.
    pub hidden: BTreeSet<BondId>,
    /// To those who run the hub: of which bonds nobody could tell whether the signer was revoked, and why (R5).
    pub unchecked: BTreeMap<BondId, String>,
}

/// How a bond matches its case, and since when its findings are waived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchSeen {
    /// The result.
    pub result: MatchResult,
    /// When each finding was waived, by its code.
    pub waived_at: BTreeMap<String, Timestamp>,
}

impl MatchSeen {
    /// How a bond of this case matches it; none while there is nothing to match it with.
    pub fn of(file: &CaseFile, bond: &BondId) -> Option<Self> {
        let record = file.carried.bonds.get(bond)?;
        let result = record.matched.clone()?;
        let waivers = file.bonds.get(bond).map(|bond| &bond.waivers);
        let waived_at = waivers.into_iter().flatten();
        let waived_at = waived_at.map(|(code, waiver)| (code.clone(), waiver.stamp.time));
        Some(Self {
            result,
            waived_at: waived_at.collect(),
        })
    }
}

impl Desk {
    /// A page of the viewer's cases; of everybody's for those who run the hub.
    pub async fn my_cases(
        &self,
        viewer: &Viewer,
        asked: &MyCases,
    ) -> Result<MyCasesPage, DeskError> {
        may_read(viewer)?;
        let limit = asked.limit.clamp(1, 1000);
        let listing = CaseListing {
            owner: viewer.party.clone(),
            named: Some(asked.named.clone()),
            after: asked.after.clone(),
            limit: limit + 1,
        };
        let mut views = self.store.cases_of(&listing).await?;
        let more = views.len() > limit as usize;
        views.truncate(limit as usize);
        let now = self.clock.now();
        let cases = views.iter().map(|view| OwnCase::of(&view.file, now));
        let last = views.last().filter(|_| more);
        Ok(MyCasesPage {
            next: last.map(|view| view.file.id.clone()),
            cases: cases.collect(),
        })
    }

    /// One case. What is not the viewer's is not there.
    pub async fn my_case(&self, viewer: &Viewer, id: &ProcurementId) -> Result<MyCase, DeskError> {
        let view = self.own_case(viewer, id).await?;
        let case = OwnCase::of(&view.file, self.clock.now());
        let (mut bonds, mut tasks, mut hidden) = (Vec::new(), Vec::new(), BTreeSet::new());
        if let Some(owner) = &case.owner {
            bonds = self.contents(owner, Role::Owner, id).await?;
            bonds.sort_by(|one, other| one.bond.cmp(&other.bond));
            tasks = self.store.tasks_of(owner, Some(id), 1000).await?;
            hidden = self.hidden_in(Some(owner), &tasks).await?;
        }
        let matched = |row: &BondRow| {
            let seen = MatchSeen::of(&view.file, &row.bond)?;
            Some((row.bond.clone(), seen))
        };
        Ok(MyCase {
            matches: bonds.iter().filter_map(matched).collect(),
            unchecked: self.unchecked_of(viewer, &bonds).await?,
            case,
            bonds,
            tasks,
            hidden,
        })
    }

    async fn unchecked_of(
        &self,
        viewer: &Viewer,
        bonds: &[BondRow],
    ) -> Result<BTreeMap<BondId, String>, DeskError> {
        let mut unchecked = BTreeMap::new();
        for row in bonds.iter().filter(|_| viewer.party.is_none()) {
            let Some(view) = self.store.bond(&row.bond).await? else {
                continue;
            };
            let why = self.signer_unchecked(&view).await?;
            unchecked.extend(why.map(|why| (row.bond.clone(), why)));
        }
        Ok(unchecked)
    }

    async fn own_case(&self, viewer: &Viewer, id: &ProcurementId) -> Result<CaseView, DeskError> {
        may_read(viewer)?;
        let case = self.case(id).await?;
        let owner = case.file.owner.as_ref().map(|owner| &owner.value);
        let own = viewer
            .party
            .as_ref()
            .is_none_or(|party| owner == Some(party));
        own.then_some(case)
            .ok_or_else(|| DeskError::NotFound(format!("case {id}")))
    }

    /// The bonds of a case whose content a party in this role may see now.
    async fn contents(
        &self,
        party: &PartyCode,
        role: Role,
        id: &ProcurementId,
    ) -> Result<Vec<BondRow>, DeskError> {
        let asked = MyBonds {
            role,
            order: ListOrder::LastChanged,
            state: None,
            kind: None,
            procurement: Some(id.clone()),
            after: None,
            limit: MOST_BONDS,
        };
        let page = self.bonds_of(party, &asked).await?;
        let content = page.rows.into_iter().filter_map(|row| match row {
            MyRow::Content(one) => Some(one.row),
            MyRow::Existence { .. } => None,
        });
        Ok(content.collect())
    }

    /// The bonds of a case that a party knows in any of its roles.
    pub(super) async fn known_bonds(
        &self,
        party: &PartyCode,
        id: &ProcurementId,
    ) -> Result<BTreeSet<BondId>, DeskError> {
        let mut known = BTreeSet::new();
        for role in [Role::Issuer, Role::Contractor, Role::Owner] {
            let rows = self.contents(party, role, id).await?;
            known.extend(rows.into_iter().map(|row| row.bond));
        }
        Ok(known)
    }
}

/// An owner's account, or one of those who run the hub.
fn may_read(viewer: &Viewer) -> Result<(), DeskError> {
    let permission = Permission::ReadBonds;
    if viewer.may(permission) {
        return Ok(());
    }
    Err(Refusal::AccountLacks { permission }.into())
}
