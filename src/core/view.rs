//! Who may see what of a bond, and when (R20–R22): one pure function.
//!
//! Before the opening that governs a bond, its owner sees that it exists for a case and a contractor,
//! and nothing else; from that instant on, everything. Issuer and contractor always see their own. What
//! an owner has been shown is not hidden again by a postponement; a re-bid asks for new content, and
//! hides that again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    account::AccountName,
    bond::BondTerms,
    calendar::Timestamp,
    identifier::{BondId, PartyCode, ProcurementId},
    matching::Discrepancy,
    party::Role,
    procurement::{CaseFile, Scope},
};

/// What may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// That there is a bond for this case and contractor, and nothing else (R21).
    Existence {
        /// From when on its content is shown; none while no opening time is known.
        opening_at: Option<Timestamp>,
    },
    /// The bond's content.
    Content {
        /// Why it may be seen.
        ground: Ground,
        /// Whether the contractor's outstanding liability may be seen too (R22).
        liability: bool,
    },
}

/// Why content may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// Issuer and contractor see their own bond.
    Own,
    /// No opening is waited for: the bond is for a contract.
    Contract,
    /// The opening time has come (R21).
    Opened,
    /// The opening was postponed after this owner had been shown this very version.
    Seen,
    /// Somebody of the owner was named to see it before the opening (R21).
    Granted,
}

impl Ground {
    /// The ground as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Contract => "contract",
            Self::Opened => "opened",
            Self::Seen => "seen",
            Self::Granted => "granted",
        }
    }
}

/// Who looks.
#[derive(Debug, Clone, Copy)]
pub struct Onlooker<'a> {
    /// In which role.
    pub role: Role,
    /// The last time this owner was shown the content after an opening, if it ever was.
    pub seen: Option<&'a Seen>,
    /// The grant under which it looks, if it claims one.
    pub claim: Option<Claim<'a>>,
}

impl Onlooker<'_> {
    /// A role that has seen nothing and claims nothing.
    pub fn plain(role: Role) -> Self {
        Self {
            role,
            seen: None,
            claim: None,
        }
    }
}

/// A look that showed an owner a bond's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// Which version of the bond.
    pub version: u32,
    /// The rounds of bidding it was in ([`round`]).
    pub round: String,
}

/// A signed-in account that claims a grant.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The account's name.
    pub account: &'a AccountName,
    /// The party it acts for.
    pub party: &'a PartyCode,
    /// The grant.
    pub grant: &'a Grant,
}

/// That somebody of an owner may look before the opening: by whom, why, until when (R21).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: Uuid,
    /// Whose account.
    pub account: AccountName,
    /// Of which owner.
    pub party: PartyCode,
    /// For which case; none is every case of the owner.
    pub procurement: Option<ProcurementId>,
    /// Why.
    pub reason: String,
    /// By whom.
    pub granted_by: String,
    /// Since when.
    pub granted_at: Timestamp,
    /// Until when; that instant is no longer covered.
    pub until: Timestamp,
    /// When and by whom it was taken back.
    pub revoked: Option<(Timestamp, String)>,
}

impl Grant {
    /// Whether it holds at an instant.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.granted_at <= now && now < self.until && self.revoked.is_none()
    }
}

impl Claim<'_> {
    /// Whether the grant lets this account see this bond now: one of its owner's, in its case.
    pub fn covers(&self, bond: &BondTerms, now: Timestamp) -> bool {
        let grant = self.grant;
        let named = grant.account == *self.account && grant.party == *self.party;
        let owned = bond.obligee == *self.party;
        let case = grant.procurement.as_ref();
        grant.holds(now) && named && owned && case.is_none_or(|case| *case == bond.procurement)
    }
}

/// The bond that is looked at: one version of it.
#[derive(Debug, Clone, Copy)]
pub struct Viewed<'a> {
    /// Which.
    pub bond: &'a BondId,
    /// What it says.
    pub terms: &'a BondTerms,
    /// Its version.
    pub version: u32,
}

/// What may be shown of a bond to somebody at `now` (R20–R22).
pub fn view(
    onlooker: &Onlooker<'_>,
    bond: Viewed<'_>,
    case: Option<&CaseFile>,
    now: Timestamp,
) -> View {
    let content = |ground, liability| View::Content { ground, liability };
    if onlooker.role != Role::Owner {
        return content(Ground::Own, false);
    }
    if !bond.terms.kind.is_bid_stage() {
        return content(Ground::Contract, true);
    }
    let opening_at = opening(bond.bond, bond.terms, case);
    if opening_at.is_some_and(|opening| opening <= now) {
        return content(Ground::Opened, true);
    }
    let shown = |seen: &Seen| seen.version == bond.version && seen.round == round(bond.terms, case);
    if onlooker.seen.is_some_and(shown) {
        return content(Ground::Seen, false);
    }
    let granted = |claim: Claim<'_>| claim.covers(bond.terms, now);
    if onlooker.claim.is_some_and(granted) {
        return content(Ground::Granted, false);
    }
    View::Existence { opening_at }
}

/// The opening that governs a bond: the latest of its scopes; where its registration names another one that was
/// never announced, the later of the two, until that is settled by an update or a waiver (R8).
pub fn opening(bond: &BondId, terms: &BondTerms, case: Option<&CaseFile>) -> Option<Timestamp> {
    let Some(case) = case else {
        return terms.opening_at;
    };
    let Some(announced) = announced(terms, case) else {
        return terms.opening_at;
    };
    let own = terms.opening_at.filter(|registered| {
        other_opening(terms, case)
            .is_some_and(|announced| !is_settled(bond, case, *registered, announced))
    });
    own.max(Some(announced))
}

/// From when on each bond of a case is under embargo no more (R21); none of bonds that never are. A time that nobody knows
/// yet is further away than any other. What was carried out tells what a bond says, and until then what was signed.
pub fn embargoes(case: &CaseFile) -> BTreeMap<&BondId, Option<Timestamp>> {
    let signed = case.bonds.iter().filter_map(|(bond, file)| {
        let signed = file.signed.as_ref()?;
        Some((bond, &signed.value))
    });
    let carried = case.carried.bonds.iter();
    let carried = carried.map(|(bond, record)| (bond, &record.terms));
    let until = |bond, terms: &BondTerms| {
        let sealed = terms.kind.is_bid_stage();
        sealed.then(|| opening(bond, terms, Some(case)).unwrap_or_else(forever))
    };
    signed
        .chain(carried)
        .map(|(bond, terms)| (bond, until(bond, terms)))
        .collect()
}

/// The announced opening, where the bond's registration names one that was never announced (R8).
pub fn other_opening(terms: &BondTerms, case: &CaseFile) -> Option<Timestamp> {
    let registered = terms.opening_at?;
    let scopes = case.scopes_of(terms.lot.as_ref());
    let known = scopes
        .iter()
        .any(|scope| case.was_announced(scope, registered));
    announced(terms, case).filter(|_| !known)
}

/// Whether an owner may know who takes part in a scope: the opening that governs it, or each of its lots, has come (R21).
pub fn is_opened(case: &CaseFile, scope: &Scope, now: Timestamp) -> bool {
    let scopes = match scope {
        Scope::Tender => case.scopes_of(None),
        Scope::Lot(lot) => case.scopes_of(Some(lot)),
    };
    let mut governing = scopes.iter().map(|scope| case.governing(scope));
    governing.all(|governing| governing.is_some_and(|governing| governing.at <= now))
}

/// Further away than any opening, and within what databases can keep.
fn forever() -> Timestamp {
    Timestamp::from_timestamp(253_402_214_400, 0).unwrap_or(Timestamp::MAX_UTC)
}

fn announced(terms: &BondTerms, case: &CaseFile) -> Option<Timestamp> {
    let scopes = case.scopes_of(terms.lot.as_ref());
    let governing = scopes.iter().filter_map(|scope| case.governing(scope));
    governing.map(|governing| governing.at).max()
}

/// A person waived the difference as it is: then the case's own time counts.
fn is_settled(bond: &BondId, case: &CaseFile, registered: Timestamp, announced: Timestamp) -> bool {
    let difference = Discrepancy::OtherOpening {
        registered,
        announced,
    };
    let waivers = case.bonds.get(bond).map(|file| &file.waivers);
    let waiver = waivers.and_then(|waivers| waivers.get(difference.code()));
    waiver.is_some_and(|waiver| waiver.value.what == difference)
}

/// The rounds of bidding a bond is in: a re-bid of one of its scopes makes it another text.
pub fn round(terms: &BondTerms, case: Option<&CaseFile>) -> String {
    let scopes = scopes(terms, case);
    let rebid = |scope: &Scope| {
        let rebid = case?.for_scope(&case?.rebids, scope)?;
        Some(format!("{scope}#{}", rebid.value.0))
    };
    let rounds: Vec<String> = scopes.iter().filter_map(rebid).collect();
    rounds.join(" ")
}

fn scopes(terms: &BondTerms, case: Option<&CaseFile>) -> Vec<Scope> {
    case.map(|case| case.scopes_of(terms.lot.as_ref()))
        .unwrap_or_default()
}
