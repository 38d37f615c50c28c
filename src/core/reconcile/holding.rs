//! From the keys that ought to be to effects: which end, which are asked for, which are issued (R10-R12, R14).

use std::collections::BTreeMap;

use super::{
    difference::is_revised,
    effect::{Delivery, Effect, KeyReason, Signing},
    ought::OughtBond,
    publishing,
    scene::Scene,
    waits::{self, MissingKey},
};
use crate::{
    identifier::{BondId, PartyCode},
    notice::HubEvent,
    party::Role,
    procurement::{BondRecord, WaitFor},
};

/// Why a key in the signing queue ended whose issuer let the hub sign meanwhile.
const SIGNED_HERE: &str = "signed_by_the_hub";

/// Keys end when their version ends or nobody ought to hold them; then the missing ones are issued, or
/// asked of an issuer who signs at its own desk.
pub(super) fn key_effects(
    scene: &Scene<'_>,
    id: &BondId,
    ought: &OughtBond,
    record: Option<&BondRecord>,
) -> Vec<Effect> {
    let missing = waits::missing_keys(scene, id, ought);
    let mut effects = Vec::new();
    if let Some(record) = record {
        effects.extend(end_keys(scene, id, ought, record));
        effects.extend(replace_asked(scene, id, record, &missing));
    }
    let next = Next {
        edition: record.map_or(0, |record| record.edition) + 1,
        version: record.map_or(1, |record| {
            record.version + u32::from(is_revised(record, ought))
        }),
    };
    // A token that is away comes back: nobody need sign in its place.
    let is_away = scene
        .rules
        .parties
        .away_until(&id.issuer, scene.now)
        .is_some();
    for one in &missing {
        let reason = key_reason(one.role, next.version, ought, record);
        match waits::obstacle(scene, id, one) {
            Some(WaitFor::Signature(_)) if one.asked.is_none() && !is_away => {
                effects.push(ask(id, one, &next, reason));
            }
            None if is_issued_now(scene, id, one) => {
                effects.extend(issue(scene, id, one, &next, reason));
            }
            Some(_) | None => {}
        }
    }
    effects
}

/// The numbers that a new key gets.
struct Next {
    edition: u32,
    version: u32,
}

/// A key that goes by hand is issued while its holder is there, any other one at once.
fn is_issued_now(scene: &Scene<'_>, id: &BondId, missing: &MissingKey<'_>) -> bool {
    let collector = scene.collector;
    !missing.key.by_hand || collector.is_some_and(|one| one.bond == *id && one.role == missing.role)
}

fn ask(id: &BondId, missing: &MissingKey<'_>, next: &Next, reason: KeyReason) -> Effect {
    Effect::AskSignature {
        bond: id.clone(),
        version: next.version,
        edition: next.edition,
        role: missing.role,
        holder: missing.key.holder.clone(),
        after: missing.key.after,
        reason,
    }
}

/// A key that was signed in the queue is issued as it was asked for.
fn issue(
    scene: &Scene<'_>,
    id: &BondId,
    missing: &MissingKey<'_>,
    next: &Next,
    reason: KeyReason,
) -> [Effect; 2] {
    let signed = missing.asked.filter(|_| missing.signed);
    let (edition, version, reason) = signed.map_or((next.edition, next.version, reason), |asked| {
        (asked.edition, asked.version, asked.reason)
    });
    let holder = &missing.key.holder;
    let key = Effect::IssueKey {
        bond: id.clone(),
        version,
        edition,
        role: missing.role,
        holder: holder.clone(),
        after: missing.key.after,
        signing: signed.map_or(Signing::Entrusted, |_| Signing::AtDesk),
        delivery: if missing.key.by_hand {
            Delivery::Hand
        } else {
            Delivery::Mail
        },
        reason,
    };
    let told = Effect::Publish(HubEvent::KeyIssued {
        bond: id.clone(),
        version,
        holder: (!publishing::names_bidder(scene, holder)).then(|| holder.clone()),
        role: missing.role,
    });
    [key, told]
}

/// Live keys and those in the signing queue that nobody ought to hold.
fn end_keys(scene: &Scene<'_>, id: &BondId, ought: &OughtBond, record: &BondRecord) -> Vec<Effect> {
    let revised = is_revised(record, ought);
    let fits = |role: &Role, holder: &PartyCode, after| {
        let wanted = ought.keys.get(role);
        !revised && wanted.is_some_and(|key| key.holder == *holder && key.after == after)
    };
    let live = record.keys.iter();
    let ended: Vec<Role> = live
        .filter(|(role, key)| !fits(role, &key.holder, key.after))
        .map(|(role, _)| *role)
        .collect();
    let asked = record.asked.iter();
    let overtaken = asked
        .filter(|(role, key)| !fits(role, &key.holder, key.after))
        .map(|(role, _)| *role);
    let mut all: Vec<Role> = ended.iter().copied().chain(overtaken).collect();
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        return Vec::new();
    }
    let mut by_reason: BTreeMap<String, Vec<Role>> = BTreeMap::new();
    for role in all {
        let reason = end_reason(scene, id, ought, revised, role);
        by_reason.entry(reason).or_default().push(role);
    }
    let mut effects = Vec::new();
    for (reason, mut roles) in by_reason {
        effects.extend(end(id, record, &roles, &reason));
        roles.retain(|role| ended.contains(role));
        if !roles.is_empty() {
            effects.push(Effect::Publish(HubEvent::KeysRevoked {
                bond: id.clone(),
                roles,
                reason,
            }));
        }
    }
    effects
}

/// Ends what these roles hold or wait for: at one stroke where nothing else stays.
fn end(id: &BondId, record: &BondRecord, roles: &[Role], reason: &str) -> Vec<Effect> {
    let stays = |role: &Role| !roles.contains(role);
    let end = |role| Effect::EndKeys {
        bond: id.clone(),
        role,
        edition: record.edition,
        reason: reason.to_owned(),
    };
    if record.keys.keys().chain(record.asked.keys()).any(stays) {
        roles.iter().map(|role| end(Some(*role))).collect()
    } else {
        vec![end(None)]
    }
}

/// A key still unsigned in the queue of an issuer who lets the hub sign by now makes way for one that
/// the hub signs.
fn replace_asked(
    scene: &Scene<'_>,
    id: &BondId,
    record: &BondRecord,
    missing: &[MissingKey<'_>],
) -> Vec<Effect> {
    let replaced = missing.iter().filter(|one| {
        one.asked.is_some()
            && !one.signed
            && is_issued_now(scene, id, one)
            && waits::obstacle(scene, id, one).is_none()
    });
    replaced
        .map(|one| Effect::EndKeys {
            bond: id.clone(),
            role: Some(one.role),
            edition: record.edition,
            reason: SIGNED_HERE.to_owned(),
        })
        .collect()
}

fn end_reason(
    scene: &Scene<'_>,
    id: &BondId,
    ought: &OughtBond,
    revised: bool,
    ended: Role,
) -> String {
    if !ought.standing.state.has_keys() {
        return ought.state_cause().rule.as_str().to_owned();
    }
    if revised {
        return ought.terms_cause.rule.as_str().to_owned();
    }
    let revocations = scene.file.bonds.get(id).map(|file| &file.revocations);
    let by_hand = revocations.and_then(|revocations| revocations.get(&ended));
    by_hand.map_or_else(
        || "holder_changed".to_owned(),
        |revocation| revocation.value.1.clone(),
    )
}

fn key_reason(
    role: Role,
    version: u32,
    ought: &OughtBond,
    record: Option<&BondRecord>,
) -> KeyReason {
    let had = record.is_some_and(|record| record.keys.contains_key(&role));
    let by_hand = ought.keys.get(&role).is_some_and(|key| key.after.is_some());
    if by_hand {
        KeyReason::Reissued
    } else if had || (version > 1 && role != Role::Owner) {
        KeyReason::Updated
    } else if role == Role::Owner {
        KeyReason::HandedOver
    } else {
        KeyReason::Registered
    }
}
