//! Performance bonds: their terms after contract changes (R31), and when they end.

use std::collections::BTreeSet;

use super::{
    ending, rates,
    scene::{Scene, Verdict, cause},
};
use crate::{
    bond::{BondKind, BondState, BondTerms, Cause, Rule},
    calendar::Period,
    event::Stamp,
    identifier::{BondId, ContractId},
    money::Money,
    procurement::{BondFile, ContractEnd, ContractFile, Register, SignedTerms},
    rules::{Guarantee, RuleOverride},
};

/// The terms a bond ought to have, how it came to them, and what its contract asks beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Course {
    pub(crate) amount: Money,
    pub(crate) period: Period,
    pub(crate) cause: Cause,
    /// From which day on which amount was guaranteed.
    pub(crate) steps: Vec<(chrono::NaiveDate, Money)>,
    /// What the contract asks for now.
    pub(crate) demand: Option<Demand>,
}

/// What a contract asks of its bond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) amount: Money,
    pub(crate) last_day: Option<chrono::NaiveDate>,
    /// It comes of a change, not of the conclusion.
    pub(crate) by_change: bool,
}

/// The bond's course: documents and contract changes, in the order of business time.
///
/// A document sets the terms. A change after it raises them where the standing instruction of that
/// time covers the way from the *signed* terms to the wanted ones, the whole change or nothing of it.
/// Nothing lowers them but a document.
pub(crate) fn course(scene: &Scene<'_>, bond: &BondId, file: &BondFile) -> Option<Course> {
    let signed = file.signed.as_ref()?;
    let mut walk = Walk::new(scene, bond, file.documents.first()?);
    let contract = signed.value.contract.as_ref();
    let contract = contract.filter(|_| signed.value.kind == BondKind::Performance);
    let demands = contract_demands(scene, contract);
    let mut documents = file.documents.iter().skip(1).peekable();
    for (stamp, demand) in demands {
        while let Some(document) = documents.next_if(|document| document.stamp <= *stamp) {
            walk.sign(document);
        }
        walk.change(stamp, demand);
    }
    documents.for_each(|document| walk.sign(document));
    Some(walk.finish(file))
}

struct Walk<'a> {
    scene: &'a Scene<'a>,
    bond: &'a BondId,
    signed: &'a SignedTerms,
    amount: Money,
    period: Period,
    cause: Cause,
    steps: Vec<(chrono::NaiveDate, Money)>,
    demand: Option<Demand>,
}

impl<'a> Walk<'a> {
    fn new(scene: &'a Scene<'a>, bond: &'a BondId, first: &'a SignedTerms) -> Self {
        Self {
            scene,
            bond,
            signed: first,
            amount: first.amount,
            period: first.period,
            cause: cause(Rule::Registered, &first.stamp),
            steps: vec![(first.period.from(), first.amount)],
            demand: None,
        }
    }

    fn sign(&mut self, document: &'a SignedTerms) {
        self.signed = document;
        self.amount = document.amount;
        self.period = document.period;
        self.cause = cause(Rule::UpdatedByIssuer, &document.stamp);
        let signed = self.scene.day(document.stamp.time);
        self.steps.retain(|(day, _)| *day < signed);
        if document.period.from() > signed {
            let nothing = Money::zero(document.amount.currency());
            self.steps.push((signed, nothing));
        }
        let day = signed.max(document.period.from());
        self.steps.push((day, document.amount));
    }

    fn change(&mut self, stamp: &Stamp, demand: Demand) {
        let after_document = *stamp > self.signed.stamp;
        if demand.by_change
            && after_document
            && self.exceeds(&demand)
            && self.covered(stamp, &demand)
        {
            self.amount = self.amount.at_least(demand.amount);
            self.period = demand
                .last_day
                .map_or(self.period, |day| self.period.reaching(day));
            self.cause = cause(Rule::ContractChanged, stamp);
            self.steps.push((
                self.scene.day(stamp.time).max(self.period.from()),
                self.amount,
            ));
        }
        self.demand = Some(demand);
    }

    fn exceeds(&self, demand: &Demand) -> bool {
        is_short(self.amount, self.period, demand)
    }

    fn covered(&self, stamp: &Stamp, demand: &Demand) -> bool {
        let parties = &self.scene.rules.parties;
        let signed = (self.signed.amount, self.signed.period);
        let amount = self.signed.amount.at_least(demand.amount);
        let period = demand
            .last_day
            .map_or(self.signed.period, |day| self.signed.period.reaching(day));
        parties.covers(&self.bond.issuer, stamp.time, signed, (amount, period))
    }

    fn finish(self, file: &BondFile) -> Course {
        let mut cause = self.cause;
        let registration = file.registration.as_ref().map(|register| &register.stamp);
        if cause.rule == Rule::Registered && registration != Some(&self.signed.stamp) {
            cause.rule = Rule::UpdatedByIssuer;
        }
        Course {
            amount: self.amount,
            period: self.period,
            cause,
            steps: self.steps,
            demand: self.demand,
        }
    }
}

/// Whether terms fall short of a demand.
pub(crate) fn is_short(amount: Money, period: Period, demand: &Demand) -> bool {
    let short =
        amount.same_currency(&demand.amount).is_ok() && amount.amount() < demand.amount.amount();
    short || demand.last_day.is_some_and(|day| period.to() < day)
}

/// What a concluded contract asked for, step by step; the first step is the conclusion. Each step is asked with the
/// rates that were told by then: what is told afterwards is a step of its own, and undoes none before it.
fn contract_demands<'a>(
    scene: &Scene<'a>,
    contract: Option<&ContractId>,
) -> Vec<(&'a Stamp, Demand)> {
    let found = contract.and_then(|id| {
        let file = scene.file.contracts.get(id)?;
        Some((id, file, file.concluded.as_ref()?))
    });
    let Some((contract, file, concluded)) = found else {
        return Vec::new();
    };
    let mut asked = Asked::default();
    let found = steps(scene, file).into_iter().filter_map(|stamp| {
        asked.hear(file, stamp);
        let rules = rates::asked(scene, contract, case_rules(scene, stamp));
        let first = file.guarantees.first().map(|first| &first.value);
        let told = by_then(&file.guarantees, stamp).or(first);
        let told = told.unwrap_or(&concluded.value.guarantee);
        let guarantee = told.as_ref().unwrap_or(&rules.performance_guarantee);
        let demand = asked.demand(guarantee, rules.round_up_to)?;
        Some((stamp, demand))
    });
    found.collect()
}

/// When something was told that a contract's demand depends on.
fn steps<'a>(scene: &Scene<'a>, file: &'a ContractFile) -> BTreeSet<&'a Stamp> {
    let terms = file.terms.iter().map(|told| &told.stamp);
    let guarantees = file.guarantees.iter().map(|told| &told.stamp);
    let rules = scene.file.rules_told.iter().map(|told| &told.stamp);
    terms.chain(guarantees).chain(rules).collect()
}

/// What the case does otherwise, as it was told by then.
fn case_rules<'a>(scene: &Scene<'a>, stamp: &Stamp) -> Option<&'a RuleOverride> {
    let told = &scene.file.rules_told;
    if told.is_empty() {
        let own = scene.file.own_rules.as_ref();
        return own.map(|own| &own.value);
    }
    by_then(told, stamp)
}

/// What was told last by then.
fn by_then<'a, T>(told: &'a [Register<T>], stamp: &Stamp) -> Option<&'a T> {
    let mut until = told.iter().rev().filter(|one| one.stamp <= *stamp);
    until.next().map(|one| &one.value)
}

/// A contract's price and period, as told so far.
#[derive(Default)]
struct Asked {
    price: Option<Money>,
    last_day: Option<chrono::NaiveDate>,
    by_change: bool,
}

impl Asked {
    fn hear(&mut self, file: &ContractFile, stamp: &Stamp) {
        let conclusion = file.terms.first().map(|told| &told.value.change);
        for told in file.terms.iter().filter(|told| told.stamp == *stamp) {
            let terms = &told.value.terms;
            self.price = terms.amount.or(self.price);
            self.last_day = terms.period.map(|period| period.to()).or(self.last_day);
            self.by_change |= Some(&told.value.change) != conclusion;
        }
    }

    fn demand(&self, guarantee: &Guarantee, round_up_to: i64) -> Option<Demand> {
        let amount = guarantee.required_for(&self.price?, round_up_to).ok()?;
        Some(Demand {
            amount,
            last_day: self.last_day,
            by_change: self.by_change,
        })
    }
}

/// What a concluded contract asks for now.
pub(crate) fn demand_of(scene: &Scene<'_>, contract: &ContractId) -> Option<Demand> {
    contract_demands(scene, Some(contract))
        .pop()
        .map(|(_, demand)| demand)
}

/// What the contract says of its bond's life.
pub(crate) fn verdict(scene: &Scene<'_>, file: &BondFile, terms: &BondTerms) -> Verdict {
    let contract = terms
        .contract
        .as_ref()
        .and_then(|contract| scene.file.contracts.get(contract));
    match contract.and_then(|contract| contract.ended.as_ref()) {
        None => Verdict::Keep,
        Some(end) => match end.value {
            ContractEnd::Completed => Verdict::End(
                BondState::Released,
                cause(Rule::ContractCompleted, &end.stamp),
            ),
            ContractEnd::Terminated => {
                let cause = cause(Rule::ContractTerminated, &end.stamp);
                ending::claim(scene, file, terms, cause)
            }
        },
    }
}
