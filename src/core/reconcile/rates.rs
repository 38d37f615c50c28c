//! What the installation asks of contracts, kept as it was when the hub heard of each.
//!
//! A rate of the configuration is no fact and has no time: read anew, it would lower bonds that a contract change had
//! raised, and find bonds short that were right when their contract was concluded. So the first plan that knows of a
//! concluded contract keeps what was asked then, and later plans go by that.

use super::{Effect, scene::Scene};
use crate::{
    identifier::ContractId,
    procurement::RateInForce,
    rules::{MatchRules, RuleOverride},
};

/// The rates asked of a contract: those kept for it, and what the case does otherwise.
pub(crate) fn asked(
    scene: &Scene<'_>,
    contract: &ContractId,
    case: Option<&RuleOverride>,
) -> MatchRules {
    let rate = kept(scene, contract).cloned();
    let rate = rate.unwrap_or_else(|| configured(scene));
    let mut rules = scene.match_rules_with(None);
    rules.performance_guarantee = rate.guarantee;
    rules.round_up_to = rate.round_up_to;
    if let Some(otherwise) = case {
        rules.follow(otherwise);
    }
    rules
}

/// Keeps the rates of contracts that have none kept.
pub(crate) fn effects(scene: &Scene<'_>) -> Vec<Effect> {
    let concluded = scene.concluded().map(|(contract, ..)| contract);
    let missing = concluded.filter(|contract| kept(scene, contract).is_none());
    let keep = |contract: &ContractId| Effect::RateKept {
        contract: contract.clone(),
        rate: configured(scene),
    };
    missing.map(keep).collect()
}

/// What was kept for the owner the case has: owners differ in what they ask, and one may be corrected.
fn kept<'a>(scene: &Scene<'a>, contract: &ContractId) -> Option<&'a RateInForce> {
    let kept = scene.file.carried.rates.get(contract);
    kept.filter(|rate| rate.owner.as_ref() == scene.owner())
}

fn configured(scene: &Scene<'_>) -> RateInForce {
    let rules = scene.match_rules_with(None);
    RateInForce {
        owner: scene.owner().cloned(),
        guarantee: rules.performance_guarantee,
        round_up_to: rules.round_up_to,
    }
}
