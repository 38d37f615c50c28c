//! The match of each bond with what its case asks (R7), and the tasks about openings brought forward and findings.

use std::collections::BTreeMap;

use super::{ought::OughtBond, performance::Demand, scene::Scene};
use crate::{
    bond::{BondKind, BondTerms},
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    matching::{self, Discrepancy, Finding, MatchResult},
    money::Money,
    procurement::{BidFact, BondFile, Register, Scope},
    task::{Subject, Task, TaskKey, TaskKind},
    view,
};

/// The result of matching a bond; none while there is nothing to match it with.
pub(crate) fn result(
    scene: &Scene<'_>,
    id: &BondId,
    file: &BondFile,
    terms: &BondTerms,
    demand: Option<&Demand>,
) -> Option<MatchResult> {
    let mut findings = if terms.kind.is_bid_stage() {
        scene.file.owner.as_ref()?;
        matching::bid_findings(terms, &tender(scene, terms))
    } else {
        with_contract(scene, terms, demand?)?
    };
    findings.extend(reservation(scene, id, terms));
    Some(MatchResult::of(findings, |code| waiver(file, code)))
}

/// What a person waived, by the finding's name.
fn waiver<'a>(file: &'a BondFile, code: &str) -> Option<&'a crate::procurement::Waiver> {
    file.waivers.get(code).map(|register| &register.value)
}

/// What is left of the findings of a bond against a contract, by its waivers.
pub(crate) fn against(
    scene: &Scene<'_>,
    id: &BondId,
    terms: &BondTerms,
    contract: &matching::Contract<'_>,
) -> MatchResult {
    let file = scene.file.bonds.get(id);
    let findings = matching::findings(terms, contract);
    MatchResult::of(findings, |code| waiver(file?, code))
}

fn with_contract(scene: &Scene<'_>, terms: &BondTerms, demand: &Demand) -> Option<Vec<Finding>> {
    let contract = terms.contract.as_ref()?;
    let concluded = scene.file.contracts.get(contract)?.concluded.as_ref()?;
    let asked = matching::Contract {
        contract,
        lots: scene.lots_of(&concluded.value),
        contractor: scene.contractor_of(&concluded.value),
        owner: scene.owner(),
        amount: &demand.amount,
        last_day: demand.last_day,
        fatal_shortfall: scene.match_rules().fatal_shortfall,
    };
    Some(matching::findings(terms, &asked))
}

fn reservation(scene: &Scene<'_>, id: &BondId, terms: &BondTerms) -> Option<Finding> {
    let number = terms.takes_over.as_ref()?;
    let taken = BondId::new(id.issuer.clone(), number.clone());
    let signed = scene
        .file
        .bonds
        .get(&taken)
        .and_then(|file| file.signed.as_ref());
    let reservation = signed.map(|signed| &signed.value);
    let differs = matching::reservation_difference(terms, reservation)?;
    Some(matching::reservation_finding(number, differs))
}

fn tender<'a>(scene: &Scene<'a>, terms: &BondTerms) -> matching::Tender<'a> {
    let scopes = scene.scopes_of_bond(terms);
    let rules = scene.match_rules();
    let opening = scopes
        .iter()
        .filter_map(|scope| awaited(scene, scope))
        .max();
    matching::Tender {
        owner: scene.owner(),
        lots: scene
            .file
            .lots
            .as_ref()
            .map_or(&[], |lots| lots.value.as_slice()),
        did_not_bid: did_not_bid(scene, terms, &scopes),
        amount: required(scene, terms, &scopes),
        last_day: opening.map(|opening| scene.day(opening + rules.bid_acceptance)),
        other_opening: view::other_opening(terms, scene.file),
        fatal_shortfall: rules.fatal_shortfall,
    }
}

/// The opening of a scope that is not awarded yet.
pub(crate) fn awaited(scene: &Scene<'_>, scope: &Scope) -> Option<Timestamp> {
    let mut awarded = scene.awards_in(scope, crate::procurement::AwardState::Decided);
    let governing = scene.file.governing(scope).map(|governing| governing.at);
    governing.filter(|_| awarded.next().is_none())
}

/// Whether something of a scope belongs to its latest round: a re-bid asks for new bids, and what was bid or opened
/// before it counts no more.
fn is_of_this_round<T>(scene: &Scene<'_>, scope: &Scope, told: &Register<T>) -> bool {
    let rebid = scene.file.for_scope(&scene.file.rebids, scope);
    rebid.is_none_or(|rebid| told.stamp >= rebid.stamp)
}

/// The bids of all scopes were opened, some bids are known, and none is of the principal.
fn did_not_bid(scene: &Scene<'_>, terms: &BondTerms, scopes: &[Scope]) -> bool {
    let opened = |scope: &Scope| {
        let opened = scene.file.for_scope(&scene.file.opened, scope);
        opened.is_some_and(|opened| is_of_this_round(scene, scope, opened))
    };
    let mut bids = scene.file.bids.values().flatten();
    let bids_known = bids.any(|(scope, bid)| is_of_this_round(scene, scope, bid));
    let bid = scene.file.bids.get(&terms.principal);
    let in_scope = bid.is_some_and(|bids| {
        scopes.iter().any(|scope| {
            let mut for_it = bids.get(&Scope::Tender).into_iter().chain(bids.get(scope));
            for_it.any(|bid| is_of_this_round(scene, scope, bid))
        })
    });
    bids_known && !in_scope && scopes.iter().all(opened)
}

/// What a bid must be guaranteed with: a sum, or a share of the price bid where that is known. What a person said
/// of this case goes before what the tender says, and that before owner and installation.
fn required(scene: &Scene<'_>, terms: &BondTerms, scopes: &[Scope]) -> Option<Money> {
    let rules = scene.match_rules();
    let own = scene.file.own_rules.as_ref();
    let by_hand = own.is_some_and(|own| own.value.bid_guarantee_rate_bp.is_some());
    let told = scene.file.bid_guarantee.as_ref().filter(|_| !by_hand);
    let guarantee = told.map_or(&rules.bid_guarantee, |told| &told.value);
    if let Some(sum) = guarantee.amount.filter(|_| guarantee.required) {
        return Some(sum);
    }
    let price = price_bid(scene, &terms.principal, scopes)?;
    guarantee.required_for(&price, rules.round_up_to).ok()
}

/// The price a contractor bid: for the tender, or the sum of its lots.
fn price_bid(scene: &Scene<'_>, contractor: &PartyCode, scopes: &[Scope]) -> Option<Money> {
    let bids = scene.file.bids.get(contractor)?;
    let current = |scope: &Scope, bid: &Register<BidFact>| is_of_this_round(scene, scope, bid);
    if let Some(whole) = bids.get(&Scope::Tender) {
        let counts = scopes.iter().all(|scope| current(scope, whole));
        return whole.value.amount.filter(|_| counts);
    }
    let prices = scopes
        .iter()
        .filter_map(|scope| Some((scope, bids.get(scope)?)));
    let mut sum: Option<Money> = None;
    for (scope, bid) in prices {
        if !current(scope, bid) {
            return None;
        }
        let price = bid.value.amount?;
        sum = Some(match sum {
            None => price,
            Some(sum) => sum.plus(&price).ok()?,
        });
    }
    sum
}

/// Whether the embargo of a bid-stage bond still lasts, and until when.
pub(crate) fn embargo(scene: &Scene<'_>, id: &BondId, terms: &BondTerms) -> Embargo {
    if !terms.kind.is_bid_stage() {
        return Embargo::Over;
    }
    match view::opening(id, terms, Some(scene.file)) {
        Some(opening) if opening <= scene.now => Embargo::Over,
        until => Embargo::Until(until),
    }
}

/// Whether an embargo lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Embargo {
    Over,
    /// Until then; none while no opening is known.
    Until(Option<Timestamp>),
}

/// What other systems may know of a result now: nothing of amounts before the opening (R21, R33).
pub(crate) fn public(result: &MatchResult, embargo: Embargo) -> MatchResult {
    match embargo {
        Embargo::Over => result.clone(),
        Embargo::Until(_) => result.without_amounts(),
    }
}

/// When more of a result may be known by time alone.
pub(crate) fn next_public(result: &MatchResult, embargo: Embargo) -> Option<Timestamp> {
    let Embargo::Until(until) = embargo else {
        return None;
    };
    until.filter(|_| !result.findings.is_empty())
}

/// Findings of a bid bond that its issuer can mend or a person waive; what has a task of its own is not asked for
/// twice.
pub(crate) fn task(scene: &Scene<'_>, id: &BondId, bond: &OughtBond) -> Option<(TaskKey, Task)> {
    let result = bond.matched.as_ref()?;
    if bond.terms.kind == BondKind::Performance {
        return None;
    }
    let asked_already =
        |finding: &&Finding| matches!(finding.what, Discrepancy::EndsBeforeAcceptance { .. });
    let because: Vec<Finding> = result
        .open()
        .filter(|one| !asked_already(one))
        .cloned()
        .collect();
    if because.is_empty() {
        return None;
    }
    let mut asked = vec![id.issuer.clone(), bond.terms.principal.clone()];
    let file = scene.file.bonds.get(id);
    let held = file.is_some_and(|file| super::keys::handed_over(scene, id, file, &bond.terms));
    if held && embargo(scene, id, &bond.terms) == Embargo::Over {
        asked.push(bond.terms.obligee.clone());
    }
    let key = TaskKey {
        kind: TaskKind::MatchFailed,
        subject: Subject::Bond(id.clone()),
    };
    let task = Task {
        asked,
        because,
        ..Task::default()
    };
    Some((key, task))
}

/// Openings that were brought forward and wait for a second person's word (E2).
pub(crate) fn brought_forward(scene: &Scene<'_>, tasks: &mut BTreeMap<TaskKey, Task>) {
    for scope in scene.file.opening_history.keys() {
        let Some(governing) = scene.file.governing(scope) else {
            continue;
        };
        let Some(earlier) = governing
            .brought_forward
            .filter(|_| scene.now < governing.at)
        else {
            continue;
        };
        let key = TaskKey {
            kind: TaskKind::OpeningBroughtForward,
            subject: Subject::Opening(scope.clone()),
        };
        let task = Task {
            asked: scene.owner().cloned().into_iter().collect(),
            opening_at: Some(earlier.at),
            ..Task::default()
        };
        tasks.insert(key, task);
    }
}

/// When an unconfirmed opening stops to matter: the later one has come.
pub(crate) fn next_opening(scene: &Scene<'_>) -> Option<Timestamp> {
    let scopes = scene.file.opening_history.keys();
    let open = scopes.filter_map(|scope| scene.file.governing(scope));
    let waiting = open.filter(|governing| governing.brought_forward.is_some());
    waiting
        .map(|governing| governing.at)
        .filter(|at| scene.now < *at)
        .min()
}
