//! Who ought to hold a key (R10, R14).

use std::collections::BTreeMap;

use super::scene::Scene;
use crate::{
    bond::{BondTerms, Medium},
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    party::Role,
    procurement::{BidFact, BondFile, Register, Scope},
};

/// A key that ought to be live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OughtKey {
    pub(crate) holder: PartyCode,
    /// The revocation by hand it follows.
    pub(crate) after: Option<Timestamp>,
    /// Its holder takes it by hand: no mail carries it.
    pub(crate) by_hand: bool,
}

/// The keys a bond that can be opened ought to have: the contractor's, and the owner's once the bond
/// was handed over. Paper has none.
pub(crate) fn ought_keys(
    scene: &Scene<'_>,
    bond: &BondId,
    file: &BondFile,
    terms: &BondTerms,
    version_from: Timestamp,
) -> BTreeMap<Role, OughtKey> {
    if terms.medium == Medium::Paper {
        return BTreeMap::new();
    }
    let mut holders = vec![(Role::Contractor, &terms.principal)];
    if handed_over(scene, bond, file, terms) {
        holders.push((Role::Owner, &terms.obligee));
    }
    let allowed = holders
        .into_iter()
        .filter(|(role, _)| !is_withheld(file, *role, version_from));
    let key = |role, holder: &PartyCode| {
        let revocation = revoked(file, role, version_from);
        OughtKey {
            holder: holder.clone(),
            after: revocation.map(|revocation| revocation.stamp.time),
            by_hand: revocation.is_some_and(|revocation| is_by_hand(file, role, revocation)),
        }
    };
    allowed
        .map(|(role, holder)| (role, key(role, holder)))
        .collect()
}

/// A role's keys were revoked by hand without re-issue, and the bond has no newer version since.
fn is_withheld(file: &BondFile, role: Role, version_from: Timestamp) -> bool {
    revoked(file, role, version_from).is_some_and(|revocation| !revocation.value.0)
}

/// Whether the holder takes the key that follows a revocation by hand.
fn is_by_hand(file: &BondFile, role: Role, revocation: &Register<(bool, String)>) -> bool {
    let taken = file.by_hand.get(&role);
    taken.is_some_and(|taken| taken.stamp == revocation.stamp)
}

/// The last revocation by hand of the role's keys to this version.
fn revoked(
    file: &BondFile,
    role: Role,
    version_from: Timestamp,
) -> Option<&Register<(bool, String)>> {
    let revocation = file.revocations.get(&role);
    revocation.filter(|revocation| version_from <= revocation.stamp.time)
}

/// Whether the contractor handed the bond to the owner: by its own act, or with its bid (R14).
pub(crate) fn handed_over(
    scene: &Scene<'_>,
    bond: &BondId,
    file: &BondFile,
    terms: &BondTerms,
) -> bool {
    handed_over_at(scene, bond, file, terms).next().is_some()
}

/// When the contractor handed the bond to the owner, in each way it did.
pub(crate) fn handed_over_at(
    scene: &Scene<'_>,
    bond: &BondId,
    file: &BondFile,
    terms: &BondTerms,
) -> impl Iterator<Item = Timestamp> {
    let bids = scene.file.bids.get(&terms.principal);
    let bids = bids.filter(|_| terms.kind.is_bid_stage());
    let naming = bids
        .into_iter()
        .flatten()
        .filter(move |(scope, bid)| overlaps(scope, terms) && names(&bid.value, bond));
    let by_bid = naming.map(|(_, bid)| bid.stamp.time);
    let by_hand = file.handed_over.iter().map(|handed| handed.stamp.time);
    by_hand.chain(by_bid)
}

fn overlaps(scope: &Scope, terms: &BondTerms) -> bool {
    match (scope, &terms.lot) {
        (Scope::Tender, _) | (_, None) => true,
        (Scope::Lot(lot), Some(own)) => lot == own,
    }
}

fn names(bid: &BidFact, bond: &BondId) -> bool {
    bid.bonds.is_empty() || bid.bonds.contains(bond)
}
