//! The policy of the past: what a certificate would be worth if no algorithm had grown weak.
//!
//! Only used to tell a weak certificate from a broken one in a refusal, never to accept one.

use std::time::SystemTime;

use sequoia_openpgp::{
    policy::{AsymmetricAlgorithm, StandardPolicy},
    types::HashAlgorithm,
};

/// The standard policy with every hash and every key accepted again.
pub(super) fn outdated(at: SystemTime) -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::at(at);
    HashAlgorithm::variants().for_each(|hash| policy.accept_hash(hash));
    AsymmetricAlgorithm::variants().for_each(|key| policy.accept_asymmetric_algo(key));
    policy
}
