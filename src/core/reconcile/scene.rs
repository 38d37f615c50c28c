//! What a rule looks at: the case, the rules, the time; and questions that several rules ask.

use crate::{
    bond::{BondState, BondTerms, Cause, Rule},
    calendar::{Timestamp, day_of},
    event::Stamp,
    identifier::{AwardId, ContractId, LotId, PartyCode},
    procurement::{AwardFact, AwardState, CaseFile, ContractFact, ContractFile, Register, Scope},
    reconcile::Collector,
    rules::{MatchRules, Policy, RuleOverride, Rules},
};

/// The case, the rules and the time.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) file: &'a CaseFile,
    pub(crate) rules: &'a Rules,
    pub(crate) now: Timestamp,
    /// Who is there to take a key, if anybody is.
    pub(crate) collector: Option<&'a Collector>,
}

/// What the rules say of a bond's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It goes on.
    Keep,
    /// A claim may follow.
    Freeze(Cause),
    /// It ends.
    End(BondState, Cause),
}

impl Verdict {
    /// Business time of what is said.
    pub(crate) fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Keep => None,
            Self::Freeze(cause) | Self::End(_, cause) => Some(cause.at),
        }
    }
}

impl<'a> Scene<'a> {
    pub(crate) fn new(file: &'a CaseFile, rules: &'a Rules, now: Timestamp) -> Self {
        Self {
            file,
            rules,
            now,
            collector: None,
        }
    }

    pub(crate) fn policy(&self) -> &'a Policy {
        &self.rules.policy
    }

    /// The case's owner, if it is known.
    pub(crate) fn owner(&self) -> Option<&'a PartyCode> {
        self.file.owner.as_ref().map(|owner| &owner.value)
    }

    /// The rates and thresholds of this case.
    pub(crate) fn match_rules(&self) -> MatchRules {
        let own = self.file.own_rules.as_ref();
        self.policy()
            .match_rules(self.owner(), own.map(|own| &own.value))
    }

    /// The rates and thresholds of this case, with what it was told to do otherwise at some time.
    pub(crate) fn match_rules_with(&self, own: Option<&RuleOverride>) -> MatchRules {
        self.policy().match_rules(self.owner(), own)
    }

    /// The day of a stamp, in the hub's zone.
    pub(crate) fn day(&self, instant: Timestamp) -> chrono::NaiveDate {
        day_of(instant, self.policy().zone)
    }

    /// The contracts that are concluded.
    pub(crate) fn concluded(
        &self,
    ) -> impl Iterator<Item = (&'a ContractId, &'a ContractFile, &'a Register<ContractFact>)> {
        self.file
            .contracts
            .iter()
            .filter_map(|(id, file)| Some((id, file, file.concluded.as_ref()?)))
    }

    /// With whom a contract is concluded: as it says, or as its award says.
    pub(crate) fn contractor_of(&self, contract: &'a ContractFact) -> Option<&'a PartyCode> {
        contract.contractor.as_ref().or_else(|| {
            let award = self.award(contract.award.as_ref()?)?;
            award.contractor.as_ref().map(|register| &register.value)
        })
    }

    pub(crate) fn award(&self, award: &AwardId) -> Option<&'a AwardFact> {
        self.file.awards.get(award)
    }

    /// Whether a contract covers a scope.
    pub(crate) fn contract_covers(&self, contract: &'a ContractFact, scope: &Scope) -> bool {
        covers(self.lots_of(contract), scope)
    }

    /// The lots of a contract: its own, or its award's; none is the whole tender.
    pub(crate) fn lots_of(&self, contract: &'a ContractFact) -> &'a [LotId] {
        if !contract.lots.is_empty() {
            return &contract.lots;
        }
        let award = contract.award.as_ref().and_then(|award| self.award(award));
        let lots = award.and_then(|award| award.lots.as_ref());
        lots.map_or(&[], |lots| &lots.value)
    }

    /// The newest award of a contractor for a scope that is in this state.
    pub(crate) fn award_of(
        &self,
        contractor: &PartyCode,
        scope: &Scope,
        state: AwardState,
    ) -> Option<&'a Stamp> {
        self.awards_in(scope, state)
            .filter(|(winner, _)| *winner == contractor)
            .map(|(_, stamp)| stamp)
            .max()
    }

    /// The awards for a scope that are in this state: winner and stamp.
    pub(crate) fn awards_in(
        &self,
        scope: &'_ Scope,
        state: AwardState,
    ) -> impl Iterator<Item = (&'a PartyCode, &'a Stamp)> {
        let scope = scope.clone();
        self.file.awards.values().filter_map(move |award| {
            let told = award
                .state
                .as_ref()
                .filter(|register| register.value == state)?;
            let winner = award.contractor.as_ref()?;
            award_covers(award, &scope).then_some((&winner.value, &told.stamp))
        })
    }

    /// The scopes for which a bid-stage bond answers: those of its lot, less those its principal
    /// did not bid for, if it bid for single lots.
    pub(crate) fn scopes_of_bond(&self, terms: &BondTerms) -> Vec<Scope> {
        let scopes = self.file.scopes_of(terms.lot.as_ref());
        let bids = self.file.bids.get(&terms.principal);
        let single = bids.is_some_and(|bids| !bids.contains_key(&Scope::Tender));
        if !single {
            return scopes;
        }
        let bid_for = |scope: &Scope| bids.is_some_and(|bids| bids.contains_key(scope));
        let narrowed: Vec<Scope> = scopes
            .iter()
            .filter(|scope| bid_for(scope))
            .cloned()
            .collect();
        if narrowed.is_empty() {
            scopes
        } else {
            narrowed
        }
    }
}

/// A cause: a rule and the fact it was applied to.
pub(crate) fn cause(rule: Rule, stamp: &Stamp) -> Cause {
    Cause {
        rule,
        at: stamp.time,
        source: stamp.event.to_string(),
    }
}

fn award_covers(award: &AwardFact, scope: &Scope) -> bool {
    award
        .lots
        .as_ref()
        .is_none_or(|lots| covers(&lots.value, scope))
}

/// Whether a list of lots covers a scope: no lots cover everything, and a scope that is the whole
/// tender is covered by any lot, since the case then knows no lots of its own.
fn covers(lots: &[LotId], scope: &Scope) -> bool {
    match scope {
        Scope::Tender => true,
        Scope::Lot(lot) => lots.is_empty() || lots.contains(lot),
    }
}

/// When a contract was concluded: the first that was heard of its terms, since feeds repeat
/// the conclusion in later releases.
pub(crate) fn concluded_at<'a>(
    file: &'a ContractFile,
    concluded: &'a Register<ContractFact>,
) -> &'a Stamp {
    let first = file.terms.first().map(|told| &told.stamp);
    first.map_or(&concluded.stamp, |first| first.min(&concluded.stamp))
}
