//! Performance bonds: their terms after contract changes (R31), and when they end.

use super::{
    ending,
    scene::{Scene, Verdict, cause},
};
use crate::{
    bond::{BondKind, BondState, BondTerms, Cause, Rule},
    calendar::Period,
    event::Stamp,
    identifier::{BondId, ContractId},
    money::Money,
    procurement::{BondFile, ContractEnd, ContractFile, Register, SignedTerms, Terms},
    rules::Guarantee,
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
        let day = self
            .scene
            .day(document.stamp.time)
            .max(document.period.from());
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
        parties
            .instruction(&self.bond.issuer, stamp.time)
            .is_some_and(|instruction| instruction.covers(signed, (amount, period)))
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

/// What a concluded contract asked for, step by step; the first step is the conclusion.
fn contract_demands<'a>(
    scene: &Scene<'a>,
    contract: Option<&ContractId>,
) -> Vec<(&'a Stamp, Demand)> {
    let file = contract.and_then(|contract| scene.file.contracts.get(contract));
    let Some((file, concluded)) = file.and_then(|file| Some((file, file.concluded.as_ref()?)))
    else {
        return Vec::new();
    };
    let guarantee = concluded.value.guarantee.as_ref();
    let rules = scene.match_rules();
    demands(
        file,
        guarantee.unwrap_or(&rules.performance_guarantee),
        rules.round_up_to,
    )
}

fn demands<'a>(
    file: &'a ContractFile,
    guarantee: &Guarantee,
    round_up_to: i64,
) -> Vec<(&'a Stamp, Demand)> {
    let mut registers: Vec<&Register<Terms>> = file.terms.values().collect();
    registers.sort_by(|one, other| one.stamp.cmp(&other.stamp));
    let (mut price, mut last_day, mut found) = (None, None, Vec::new());
    for (index, register) in registers.into_iter().enumerate() {
        price = register.value.amount.or(price);
        last_day = register.value.period.map(|period| period.to()).or(last_day);
        let Some(amount) = price.and_then(|price| guarantee.required_for(&price, round_up_to).ok())
        else {
            continue;
        };
        found.push((
            &register.stamp,
            Demand {
                amount,
                last_day,
                by_change: index > 0,
            },
        ));
    }
    found
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
