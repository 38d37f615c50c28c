//! What a party asks of its own bonds and tasks (R24). The viewer is an argument, and the core's rule is asked for each row.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bondhub_core::{
    account::{Permission, Viewer},
    bond::{BondKind, BondState, Rule},
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    inquiry::{Listed, listed, role_in},
    party::Role,
    ports::store::{
        BondRow, CaseView, KeyView, ListMark, ListOrder, ListedBond, Listing, StoredCase, TaskView,
        Wanted,
    },
    procurement::CaseFile,
    task::{Subject, TaskKind},
    view::{Onlooker, View, Viewed, view},
};

use super::{Desk, DeskError, MatchSeen, Refusal};
use crate::vault::{Look, Shown};

/// Which of its own bonds a party wants to see.
#[derive(Debug, Clone)]
pub struct MyBonds {
    /// As what.
    pub role: Role,
    /// In which order; an owner's list has one only.
    pub order: ListOrder,
    /// Only in this state.
    pub state: Option<BondState>,
    /// Only of this kind.
    pub kind: Option<BondKind>,
    /// Only of this case.
    pub procurement: Option<ProcurementId>,
    /// Where the page before ended, as it was told.
    pub after: Option<String>,
    /// At most so many rows.
    pub limit: u32,
}

/// A page of a party's bonds.
#[derive(Debug, Clone)]
pub struct MyPage {
    /// The rows.
    pub rows: Vec<MyRow>,
    /// Where the next page begins; none on the last one. Sealed: it names a bond.
    pub next: Option<String>,
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MyRow {
    /// That a bond exists, and nothing else (R21).
    Existence {
        /// The case.
        procurement: ProcurementId,
        /// The contractor.
        principal: PartyCode,
        /// From when on its content is shown.
        opening_at: Option<Timestamp>,
    },
    /// The bond.
    Content(Box<ListedBond>),
}

/// One bond, as its party sees it.
#[derive(Debug, Clone)]
pub struct MyBond {
    /// What the party is to it.
    pub role: Role,
    /// As it is now; to its owner without its wording, which is read with the key (R20).
    pub bond: BondRow,
    /// How it came to what it is: version, rule, business time; oldest first.
    pub history: Vec<(u32, Rule, Timestamp)>,
    /// The keys: an owner's own, all for issuer and contractor. None has its digest.
    pub keys: Vec<KeyView>,
    /// Its case.
    pub case: Option<CaseView>,
    /// How it matches its case (R7); none while there is nothing to match it with.
    pub matched: Option<MatchSeen>,
    /// The open tasks about it that ask this party.
    pub tasks: Vec<TaskView>,
    /// To its issuer: why nobody could tell whether the signer of the current version was revoked, if so (R5).
    pub unchecked: Option<String>,
}

/// The longest page.
pub(super) const LONGEST: u32 = 1000;

impl Desk {
    /// A page of the viewer's bonds.
    pub async fn my_bonds(&self, viewer: &Viewer, asked: &MyBonds) -> Result<MyPage, DeskError> {
        let party = own_party(viewer, Permission::ReadBonds)?;
        self.bonds_of(party, asked).await
    }

    /// A page of a party's bonds.
    pub(super) async fn bonds_of(
        &self,
        party: &PartyCode,
        asked: &MyBonds,
    ) -> Result<MyPage, DeskError> {
        let limit = asked.limit.clamp(1, LONGEST);
        let order = match asked.role {
            Role::Owner => ListOrder::LastChanged,
            Role::Issuer | Role::Contractor => asked.order,
        };
        let mut listing = Listing {
            party: party.clone(),
            role: asked.role,
            order,
            state: asked.state,
            kind: asked.kind,
            procurement: asked.procurement.clone(),
            after: self.mark_of(party, asked.after.as_deref()),
            limit: limit + 1,
        };
        let limit = limit as usize;
        let now = self.clock.now();
        let mut rows = Vec::new();
        // A page is as long as what it shows: shorter for what it hides, it would tell that (R21). So it is read on
        // until one row more is seen, or none is left.
        while rows.len() <= limit {
            let bonds = self.store.bonds_of(&listing).await?;
            let last = bonds.len() < listing.limit as usize;
            listing.after = bonds.last().map(ListedBond::mark);
            rows.extend(self.shown(party, asked, bonds, now).await?);
            if last {
                break;
            }
            listing.limit = LONGEST;
        }
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        let next = last
            .map(|(mark, _)| self.seal_mark(party, mark))
            .transpose()?;
        let mut rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
        // A bond's place in the list would tell when it changed.
        rows.sort_by_key(place);
        Ok(MyPage { rows, next })
    }

    /// What the rule lets each row say, with its place in the list; a row that may say nothing is left out.
    async fn shown(
        &self,
        party: &PartyCode,
        asked: &MyBonds,
        bonds: Vec<ListedBond>,
        now: Timestamp,
    ) -> Result<Vec<(ListMark, MyRow)>, DeskError> {
        // Issuer and contractor see their own, whatever the case.
        let waiting = bonds.iter().filter(|_| asked.role == Role::Owner);
        let cases = self.cases_of(waiting.map(|one| &one.row)).await?;
        // State and kind are content: a filter must not tell them of a bond that only exists.
        let filtered = asked.state.is_some() || asked.kind.is_some();
        let told = |one: ListedBond| {
            let (row, mark) = (&one.row, one.mark());
            let case = cases.get(&row.terms.procurement).map(|case| &case.file);
            let handed = row.terms.medium == bondhub_core::bond::Medium::Electronic;
            let shown = match listed(party, asked.role, viewed(row), handed, case, now) {
                Listed::Existence { opening_at } if !filtered => MyRow::Existence {
                    procurement: row.terms.procurement.clone(),
                    principal: row.terms.principal.clone(),
                    opening_at,
                },
                Listed::Nothing | Listed::Existence { .. } => return None,
                Listed::Content => MyRow::Content(Box::new(without_wording(one, asked.role))),
            };
            Some((mark, shown))
        };
        Ok(bonds.into_iter().filter_map(told).collect())
    }

    /// The cases it depends on whether an owner may see these bonds, in one question.
    pub(super) async fn cases_of(
        &self,
        rows: impl Iterator<Item = &BondRow>,
    ) -> Result<BTreeMap<ProcurementId, StoredCase>, DeskError> {
        let mut cases: Vec<_> = rows
            .filter(|row| row.terms.kind.is_bid_stage())
            .map(|row| row.terms.procurement.clone())
            .collect();
        cases.sort();
        cases.dedup();
        let wanted = Wanted {
            cases,
            ..Wanted::default()
        };
        Ok(self.store.load(&wanted).await?.cases)
    }

    /// One of the viewer's bonds. What it may not see is not there.
    pub async fn my_bond(&self, viewer: &Viewer, bond: &BondId) -> Result<MyBond, DeskError> {
        let unknown = || DeskError::NotFound(format!("bond {bond}"));
        let party = own_party(viewer, Permission::ReadBonds)?;
        let view = self.store.bond(bond).await?.ok_or_else(unknown)?;
        let mut row = view.bond.clone();
        let role = role_in(party, bond, &row.terms).ok_or_else(unknown)?;
        let case = self.store.case(&row.terms.procurement).await?;
        let own = |key: &KeyView| key.key.role == Role::Owner && key.key.holder == *party;
        let handed = view.keys.iter().any(own);
        let file = case.as_ref().map(|case| &case.file);
        let now = self.clock.now();
        if listed(party, role, viewed(&row), handed, file, now) != Listed::Content {
            return Err(unknown());
        }
        let history = view.versions.iter();
        let history = history.map(|one| (one.version, one.cause.rule, one.cause.at));
        let history = history.collect();
        let unchecked = match role {
            Role::Issuer => self.signer_unchecked(&view).await?,
            Role::Contractor | Role::Owner => None,
        };
        keep_wording_back(&mut row, role);
        Ok(MyBond {
            role,
            history,
            unchecked,
            keys: shown_keys(view.keys, role, own),
            tasks: self
                .tasks_about(party, bond, &row.terms.procurement)
                .await?,
            matched: file.and_then(|file| MatchSeen::of(file, bond)),
            bond: row,
            case,
        })
    }

    /// The tasks that ask the viewer's party, oldest first: the open ones, or those that are done too.
    pub async fn my_tasks(
        &self,
        viewer: &Viewer,
        closed: bool,
        limit: u32,
    ) -> Result<Vec<TaskView>, DeskError> {
        let party = own_party(viewer, Permission::ReadBonds)?;
        if closed {
            return Ok(self.store.tasks_ever_of(party, limit).await?);
        }
        Ok(self.store.tasks_of(party, None, limit).await?)
    }

    /// Of the bonds that tasks are about, those of which a party may know that they exist, and nothing else (R21): an owner is asked to
    /// agree to a deletion before the opening too. Those who run the hub (no party) may know what an owner might.
    pub async fn hidden_in(
        &self,
        party: Option<&PartyCode>,
        tasks: &[TaskView],
    ) -> Result<BTreeSet<BondId>, DeskError> {
        let about = tasks.iter().filter_map(|task| match &task.key.subject {
            Subject::Bond(bond) if Some(&bond.issuer) != party => Some((&task.procurement, bond)),
            Subject::Bond(_)
            | Subject::Contract(_)
            | Subject::Opening(_)
            | Subject::Wait(_)
            | Subject::Trust(_) => None,
        });
        let about: Vec<_> = about.collect();
        let mut cases: Vec<_> = about.iter().map(|(case, _)| (*case).clone()).collect();
        cases.sort();
        cases.dedup();
        if cases.is_empty() {
            return Ok(BTreeSet::new());
        }
        let wanted = Wanted {
            cases,
            ..Wanted::default()
        };
        let loaded = self.store.load(&wanted).await?;
        let now = self.clock.now();
        let hidden = about.into_iter().filter(|(case, bond)| {
            let file = loaded.cases.get(*case).map(|case| &case.file);
            let record = file.and_then(|file| file.carried.bonds.get(*bond));
            record.is_none_or(|record| {
                let seen = Viewed {
                    bond,
                    terms: &record.terms,
                    version: record.version,
                };
                let role = match party {
                    Some(party) => role_in(party, bond, &record.terms),
                    None => Some(Role::Owner),
                };
                let onlooker = role.map(Onlooker::plain);
                onlooker.is_none_or(|onlooker| {
                    matches!(view(&onlooker, seen, file, now), View::Existence { .. })
                })
            })
        });
        Ok(hidden.map(|(_, bond)| bond.clone()).collect())
    }

    /// Whether the owner who looks is asked to agree that the bond is deleted (E25); before the opening too.
    pub async fn is_consent_asked(&self, look: &Look) -> Result<bool, DeskError> {
        let case = match &look.shown {
            Shown::Existence { procurement, .. } => procurement,
            Shown::Content(content) => &content.view.bond.terms.procurement,
        };
        let tasks = self.tasks_about(&look.holder, &look.bond, case).await?;
        let mut kinds = tasks.iter().map(|task| task.key.kind);
        Ok(look.role == Role::Owner && kinds.any(|kind| kind == TaskKind::OwnerConsentNeeded))
    }

    async fn tasks_about(
        &self,
        party: &PartyCode,
        bond: &BondId,
        case: &ProcurementId,
    ) -> Result<Vec<TaskView>, DeskError> {
        let mut tasks = self.store.tasks_of(party, Some(case), 1000).await?;
        tasks.retain(|task| matches!(&task.key.subject, Subject::Bond(about) if about == bond));
        Ok(tasks)
    }

    /// The title of a case, for whoever has a key to a bond of it.
    pub async fn case_title(&self, id: &ProcurementId) -> Result<Option<String>, DeskError> {
        let case = self.store.case(id).await?;
        Ok(case.and_then(|case| Some(case.file.title?.value)))
    }

    fn seal_mark(&self, party: &PartyCode, mark: &ListMark) -> Result<String, DeskError> {
        let text = serde_json::to_vec(&(mark.changed_at, &mark.bond)).unwrap_or_default();
        let sealed = self
            .master
            .seal(&mark_place(party), &text, self.randomness.as_ref())?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// A mark that is not ours begins at the beginning.
    fn mark_of(&self, party: &PartyCode, sealed: Option<&str>) -> Option<ListMark> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed?).ok()?;
        let text = self.master.unseal(&mark_place(party), &sealed).ok()?;
        let (changed_at, bond) = serde_json::from_slice(&text).ok()?;
        Some(ListMark { changed_at, bond })
    }
}

fn mark_place(party: &PartyCode) -> String {
    format!("list:{party}")
}

/// The viewer's party, if it may do this.
pub(super) fn own_party(viewer: &Viewer, permission: Permission) -> Result<&PartyCode, DeskError> {
    let party = viewer.party.as_ref().filter(|_| viewer.may(permission));
    party.ok_or_else(|| Refusal::AccountLacks { permission }.into())
}

fn viewed(row: &BondRow) -> Viewed<'_> {
    Viewed {
        bond: &row.bond,
        terms: &row.terms,
        version: row.version,
    }
}

/// Whether an owner who was handed the bond might see its content now (R21).
pub(super) fn is_open(row: &BondRow, case: Option<&CaseFile>, now: Timestamp) -> bool {
    let as_owner = Onlooker::plain(Role::Owner);
    matches!(
        view(&as_owner, viewed(row), case, now),
        View::Content { .. }
    )
}

/// An account is no key: what the bond says word by word its owner reads with its key, and that is recorded (R20).
fn keep_wording_back(row: &mut BondRow, role: Role) {
    if role == Role::Owner {
        row.terms.wording.clear();
    }
}

fn without_wording(mut one: ListedBond, role: Role) -> ListedBond {
    keep_wording_back(&mut one.row, role);
    one
}

fn shown_keys(mut keys: Vec<KeyView>, role: Role, own: impl Fn(&KeyView) -> bool) -> Vec<KeyView> {
    keys.retain(|key| role != Role::Owner || own(key));
    for key in &mut keys {
        key.key.digest.clear();
        key.key.statement.clear();
    }
    keys
}

/// What only exists comes first, by case and contractor; the rest stays as it came.
fn place(row: &MyRow) -> (bool, String, String) {
    match row {
        MyRow::Existence {
            procurement,
            principal,
            ..
        } => (false, procurement.to_string(), principal.to_string()),
        MyRow::Content(_) => (true, String::new(), String::new()),
    }
}
