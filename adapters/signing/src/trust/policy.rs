//! Certificate policies along a chain (RFC 5280 §6.1), through the mappings of a bridge.
//!
//! The library builds the policy tree and minds constraints, but its Rust wrapper cannot tell it which
//! policies are acceptable. That is followed here, from the root down.

use std::collections::BTreeSet;

use openssl::x509::X509;

use crate::{
    certificate::extensions::find_standard,
    der::{CONTEXT_1_PRIMITIVE, Malformed, OBJECT_IDENTIFIER, Reader, SEQUENCE},
};

const POLICIES: u8 = 32;
const MAPPINGS: u8 = 33;
const CONSTRAINTS: u8 = 36;
/// 2.5.29.32.0
const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];

/// An identifier's content.
type Policy = Vec<u8>;

/// Whether the signer's certificate was issued under one of the policies that are `accepted` in the
/// root's own words.
pub(super) fn is_under(chain: &[X509], accepted: &BTreeSet<Policy>) -> bool {
    let ders: Vec<_> = chain.iter().rev().skip(1).map(|one| one.to_der()).collect();
    let mut accepted = accepted.clone();
    // Certificates after which mappings no longer count; none for no such limit.
    let mut mappings_left: Option<u64> = None;
    for (place, der) in ders.iter().enumerate() {
        let Ok(der) = der else { return false };
        let is_last = place + 1 == ders.len();
        let Ok(next) = step(der, accepted, mappings_left != Some(0) && !is_last) else {
            return false;
        };
        accepted = next;
        let asked = find_standard(der, CONSTRAINTS).and_then(inhibits_mapping);
        let left = mappings_left.map(|left| left.saturating_sub(1));
        mappings_left = [left, asked].into_iter().flatten().min();
    }
    !accepted.is_empty()
}

/// What is acceptable below this certificate.
fn step(der: &[u8], accepted: BTreeSet<Policy>, maps: bool) -> Result<BTreeSet<Policy>, Malformed> {
    let own = find_standard(der, POLICIES).map(policies).transpose()?;
    let own = own.unwrap_or_default();
    let kept: BTreeSet<Policy> = if own.contains(ANY) {
        accepted
    } else {
        accepted.intersection(&own).cloned().collect()
    };
    let Some(mappings) = find_standard(der, MAPPINGS) else {
        return Ok(kept);
    };
    let mappings = pairs(mappings)?;
    let mut below = BTreeSet::new();
    for policy in kept {
        let targets: Vec<_> = mappings
            .iter()
            .filter(|(from, _)| *from == policy)
            .collect();
        match (targets.is_empty(), maps) {
            (true, _) => _ = below.insert(policy),
            (false, true) => below.extend(targets.into_iter().map(|(_, to)| to.clone())),
            // A mapping that is inhibited takes the policy away (RFC 5280 §6.1.4 (b) (2)).
            (false, false) => {}
        }
    }
    Ok(below)
}

fn policies(value: &[u8]) -> Result<BTreeSet<Policy>, Malformed> {
    let mut all = Reader::new(value).enter(SEQUENCE)?;
    let mut found = BTreeSet::new();
    while !all.is_empty() {
        let mut fields = all.enter(SEQUENCE)?;
        found.insert(fields.expect(OBJECT_IDENTIFIER)?.content.to_vec());
    }
    Ok(found)
}

fn pairs(value: &[u8]) -> Result<Vec<(Policy, Policy)>, Malformed> {
    let mut all = Reader::new(value).enter(SEQUENCE)?;
    let mut found = Vec::new();
    while !all.is_empty() {
        let mut fields = all.enter(SEQUENCE)?;
        let from = fields.expect(OBJECT_IDENTIFIER)?.content.to_vec();
        let to = fields.expect(OBJECT_IDENTIFIER)?.content.to_vec();
        found.push((from, to));
    }
    Ok(found)
}

/// `inhibitPolicyMapping` of policy constraints: how many more certificates may map.
fn inhibits_mapping(value: &[u8]) -> Option<u64> {
    let mut fields = Reader::new(value).enter(SEQUENCE).ok()?;
    while let Ok(field) = fields.any() {
        if field.tag == CONTEXT_1_PRIMITIVE {
            let digits = field.content.iter();
            return Some(digits.fold(0, |sum, digit| (sum << 8) | u64::from(*digit)));
        }
    }
    None
}
