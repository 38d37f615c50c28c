//! What the case lacks: it waits, shown with what it waits for (R34), and goes on when that comes.

use std::collections::{BTreeMap, BTreeSet};

use super::{keys::OughtKey, ought::OughtBond, scene::Scene};
use crate::{
    calendar::Timestamp,
    event::EventIdentity,
    identifier::{BondId, PartyCode},
    party::Role,
    procurement::{AskedKey, BondRecord, WaitFor},
};

type Waits = BTreeMap<WaitFor, BTreeSet<EventIdentity>>;

/// Everything the case waits for, with the events that wait.
pub(crate) fn ought_waits(scene: &Scene<'_>, bonds: &BTreeMap<BondId, OughtBond>) -> Waits {
    let mut waits = Waits::new();
    bids(scene, &mut waits);
    contracts(scene, &mut waits);
    bond_parties(scene, bonds, &mut waits);
    undeliverable_keys(scene, bonds, &mut waits);
    waits
}

fn bids(scene: &Scene<'_>, waits: &mut Waits) {
    for (contractor, bids) in &scene.file.bids {
        for bid in bids.values() {
            party(scene, contractor, &bid.stamp.event, waits);
            for bond in &bid.value.bonds {
                if scene
                    .file
                    .bonds
                    .get(bond)
                    .is_none_or(|file| file.signed.is_none())
                {
                    add(waits, WaitFor::Bond(bond.clone()), &bid.stamp.event);
                }
            }
        }
    }
}

/// Changes and ends of a contract whose conclusion is not known yet.
fn contracts(scene: &Scene<'_>, waits: &mut Waits) {
    for (contract, file) in &scene.file.contracts {
        if file.concluded.is_none() {
            for event in scene.file.events_of_contract(contract) {
                add(waits, WaitFor::Contract(contract.clone()), event);
            }
        }
    }
}

fn bond_parties(scene: &Scene<'_>, bonds: &BTreeMap<BondId, OughtBond>, waits: &mut Waits) {
    for bond in bonds
        .values()
        .filter(|bond| bond.standing.state.is_outstanding())
    {
        party(scene, &bond.terms.principal, &bond.basis, waits);
        party(scene, &bond.terms.obligee, &bond.basis, waits);
    }
}

fn party(scene: &Scene<'_>, code: &PartyCode, event: &EventIdentity, waits: &mut Waits) {
    if !scene.rules.parties.knows(code) {
        add(waits, WaitFor::Party(code.clone()), event);
    }
}

/// Keys that ought to be issued and cannot be: no certificate to encrypt to (R50), nobody to sign (R12).
fn undeliverable_keys(scene: &Scene<'_>, bonds: &BTreeMap<BondId, OughtBond>, waits: &mut Waits) {
    for (id, bond) in bonds {
        for missing in missing_keys(scene, id, bond) {
            debug_assert!(missing.role != Role::Issuer, "issuers hold no keys by mail");
            if let Some(obstacle) = obstacle(scene, id, &missing) {
                waits.entry(obstacle).or_default();
            }
        }
    }
}

/// A key that ought to be live and is not.
pub(crate) struct MissingKey<'a> {
    pub(crate) role: Role,
    pub(crate) key: &'a OughtKey,
    /// It lies in the signing queue.
    pub(crate) asked: Option<&'a AskedKey>,
    /// It was signed there.
    pub(crate) signed: bool,
}

/// What keeps a key from being issued to its holder, if anything: the first thing to mend.
pub(crate) fn obstacle(
    scene: &Scene<'_>,
    bond: &BondId,
    missing: &MissingKey<'_>,
) -> Option<WaitFor> {
    let parties = &scene.rules.parties;
    let holder = &missing.key.holder;
    if !parties.knows(holder) {
        return Some(WaitFor::Party(holder.clone()));
    }
    if !missing.key.by_hand && !parties.can_receive_keys(holder, scene.now) {
        return Some(WaitFor::Certificate(holder.clone()));
    }
    let away = parties.away_until(&bond.issuer, scene.now).is_some();
    let signable = missing.signed || (parties.signs_here(&bond.issuer) && !away);
    (!signable).then(|| WaitFor::Signature(bond.issuer.clone()))
}

/// When the certificate of a holder ends whose key waits for a signature: the obstacle is another then.
pub(crate) fn next_obstacle(scene: &Scene<'_>, id: &BondId, bond: &OughtBond) -> Option<Timestamp> {
    let parties = &scene.rules.parties;
    missing_keys(scene, id, bond)
        .into_iter()
        .filter(|missing| !missing.key.by_hand && !missing.signed)
        .map(|missing| &missing.key.holder)
        .filter(|holder| parties.can_receive_keys(holder, scene.now))
        .filter_map(|holder| parties.parties.get(holder)?.keys_until)
        .min()
        .filter(|_| !parties.signs_here(&id.issuer))
}

/// When the token is tried again with which the hub signs a key that is missing.
pub(crate) fn next_signing(scene: &Scene<'_>, id: &BondId, bond: &OughtBond) -> Option<Timestamp> {
    let away = scene.rules.parties.away_until(&id.issuer, scene.now)?;
    let missing = missing_keys(scene, id, bond);
    missing
        .iter()
        .any(|missing| !missing.signed)
        .then_some(away)
}

/// The keys that ought to be live and are not.
pub(crate) fn missing_keys<'a>(
    scene: &Scene<'a>,
    id: &BondId,
    ought: &'a OughtBond,
) -> Vec<MissingKey<'a>> {
    let record = scene.file.carried.bonds.get(id);
    let current = record.filter(|record| {
        record.terms == ought.terms && record.basis == ought.basis && !ought.standing.reinstated
    });
    let is_live = |role: &Role, key: &OughtKey| {
        current.is_some_and(|record| {
            record.keys.get(role).is_some_and(|live| {
                live.holder == key.holder
                    && live.after == key.after
                    && live.version == record.version
            })
        })
    };
    let missing = ought.keys.iter().filter(|(role, key)| !is_live(role, key));
    missing
        .map(|(role, key)| {
            let asked = current.and_then(|record| asked_for(record, *role, key));
            let signed = asked.is_some_and(|asked| is_signed(scene, id, *role, asked));
            MissingKey {
                role: *role,
                key,
                asked,
                signed,
            }
        })
        .collect()
}

/// The key in the signing queue, if it is the one that ought to be.
fn asked_for<'a>(record: &'a BondRecord, role: Role, key: &OughtKey) -> Option<&'a AskedKey> {
    let asked = record.asked.get(&role);
    asked.filter(|asked| {
        asked.holder == key.holder && asked.after == key.after && asked.version == record.version
    })
}

fn is_signed(scene: &Scene<'_>, id: &BondId, role: Role, asked: &AskedKey) -> bool {
    let file = scene.file.bonds.get(id);
    file.and_then(|file| file.signatures.get(&role)) == Some(&asked.edition)
}

fn add(waits: &mut Waits, wait: WaitFor, event: &EventIdentity) {
    waits.entry(wait).or_default().insert(event.clone());
}
