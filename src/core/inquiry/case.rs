//! A procurement case as whoever acts for its owner may see it: what the owner said itself, and who takes part only from
//! the opening on (R21). No bond is in it: each is shown by its own rule ([`super::listed`]).

use std::collections::BTreeSet;

use crate::{
    calendar::Timestamp,
    identifier::{AwardId, ContractId, LotId, PartyCode, ProcurementId},
    money::Money,
    procurement::{
        AwardState, CaseFile, ContractEnd, ContractFile, Lot, Scope, TenderOutcome, Terms,
    },
    rules::{Guarantee, RuleOverride},
    view,
};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// No opening time is known.
    Unannounced,
    /// The opening is still to come.
    Announced,
    /// The opening time has come; no award is decided.
    Opened,
    /// An award is decided; no contract is concluded.
    Awarded,
    /// A contract runs.
    Contracted,
    /// Every contract has ended.
    Ended,
    /// The whole tender was cancelled.
    Cancelled,
    /// The whole tender ended without an award.
    Unsuccessful,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 8] = [
        Self::Unannounced,
        Self::Announced,
        Self::Opened,
        Self::Awarded,
        Self::Contracted,
        Self::Ended,
        Self::Cancelled,
        Self::Unsuccessful,
    ];

    /// The stage as it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unannounced => "unannounced",
            Self::Announced => "announced",
            Self::Opened => "opened",
            Self::Awarded => "awarded",
            Self::Contracted => "contracted",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
            Self::Unsuccessful => "unsuccessful",
        }
    }
}

/// A case as whoever acts for its owner may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnCase {
    /// Which.
    pub id: ProcurementId,
    /// Whose; none while it is not known.
    pub owner: Option<PartyCode>,
    /// Its title.
    pub title: Option<String>,
    /// The failed procedure this one follows.
    pub follows: Option<ProcurementId>,
    /// How far it has come.
    pub stage: Stage,
    /// Its lots.
    pub lots: Vec<Lot>,
    /// What bidders must hand in.
    pub bid_guarantee: Option<Guarantee>,
    /// Rates and thresholds of its own.
    pub own_rules: Option<RuleOverride>,
    /// The openings, of the tender and of lots that have one of their own.
    pub openings: Vec<OwnOpening>,
    /// Who takes part still is nobody's to know.
    pub embargoed: bool,
    /// The bids of scopes whose opening has come.
    pub bids: Vec<OwnBid>,
    /// The awards.
    pub awards: Vec<OwnAward>,
    /// The contracts.
    pub contracts: Vec<OwnContract>,
}

/// An opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOpening {
    /// Of what.
    pub scope: Scope,
    /// When; none while it is not known.
    pub at: Option<Timestamp>,
    /// An earlier time that nobody has confirmed.
    pub unconfirmed: Option<Timestamp>,
    /// When the bids were opened, as it was reported.
    pub opened_at: Option<Timestamp>,
    /// The round of the last re-bid.
    pub round: Option<u32>,
    /// How it ended without an award.
    pub outcome: Option<TenderOutcome>,
}

/// A bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnBid {
    /// Whose.
    pub contractor: PartyCode,
    /// For what.
    pub scope: Scope,
    /// The price, where it was told.
    pub amount: Option<Money>,
}

/// An award.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAward {
    /// Which.
    pub id: AwardId,
    /// To whom.
    pub contractor: Option<PartyCode>,
    /// The lots it covers; empty is the whole tender.
    pub lots: Vec<LotId>,
    /// Where it stands.
    pub state: Option<AwardState>,
}

/// A contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnContract {
    /// Which.
    pub id: ContractId,
    /// With whom.
    pub contractor: Option<PartyCode>,
    /// The award it comes of.
    pub award: Option<AwardId>,
    /// Price, period and day as they are now.
    pub terms: Terms,
    /// The number its next change has.
    pub next_change: u32,
    /// How it ended.
    pub ended: Option<ContractEnd>,
}

impl OwnCase {
    /// What of a case file its owner may see now.
    pub fn of(file: &CaseFile, now: Timestamp) -> Self {
        Self {
            id: file.id.clone(),
            owner: file.owner.as_ref().map(|one| one.value.clone()),
            title: file.title.as_ref().map(|one| one.value.clone()),
            follows: file.follows.as_ref().map(|one| one.value.clone()),
            stage: stage(file, now),
            lots: file
                .lots
                .as_ref()
                .map(|one| one.value.clone())
                .unwrap_or_default(),
            bid_guarantee: file.bid_guarantee.as_ref().map(|one| one.value.clone()),
            own_rules: file.own_rules.as_ref().map(|one| one.value.clone()),
            openings: openings(file),
            embargoed: !view::is_opened(file, &Scope::Tender, now),
            bids: bids(file, now),
            awards: awards(file),
            contracts: contracts(file),
        }
    }
}

fn stage(file: &CaseFile, now: Timestamp) -> Stage {
    if !file.contracts.is_empty() {
        let ended = file
            .contracts
            .values()
            .all(|contract| contract.ended.is_some());
        return if ended {
            Stage::Ended
        } else {
            Stage::Contracted
        };
    }
    let outcome = file.outcomes.get(&Scope::Tender).map(|one| one.value);
    match outcome {
        Some(TenderOutcome::Cancelled) => return Stage::Cancelled,
        Some(TenderOutcome::Unsuccessful) => return Stage::Unsuccessful,
        Some(TenderOutcome::Active) | None => {}
    }
    let decided = |state: &AwardState| *state == AwardState::Decided;
    let mut states = file
        .awards
        .values()
        .filter_map(|award| award.state.as_ref());
    if states.any(|state| decided(&state.value)) {
        return Stage::Awarded;
    }
    let scopes = file.scopes_of(None);
    let mut governing = scopes
        .iter()
        .filter_map(|scope| file.governing(scope))
        .peekable();
    if governing.peek().is_none() {
        return Stage::Unannounced;
    }
    if governing.all(|governing| governing.at <= now) {
        Stage::Opened
    } else {
        Stage::Announced
    }
}

fn openings(file: &CaseFile) -> Vec<OwnOpening> {
    let mut scopes: BTreeSet<Scope> = file.opening_history.keys().cloned().collect();
    scopes.extend(file.opened.keys().cloned());
    scopes.extend(file.outcomes.keys().cloned());
    let opening = |scope: Scope| {
        let governing = file.governing(&scope);
        let earlier = governing
            .as_ref()
            .and_then(|one| one.brought_forward.as_ref());
        OwnOpening {
            at: governing.as_ref().map(|one| one.at),
            unconfirmed: earlier.map(|one| one.at),
            opened_at: file.for_scope(&file.opened, &scope).map(|one| one.value),
            round: file.for_scope(&file.rebids, &scope).map(|one| one.value.0),
            outcome: file.outcomes.get(&scope).map(|one| one.value),
            scope,
        }
    };
    scopes.into_iter().map(opening).collect()
}

/// Who bid: a list of bidders, and before the opening there is none (R21).
fn bids(file: &CaseFile, now: Timestamp) -> Vec<OwnBid> {
    let all = file.bids.iter().flat_map(|(contractor, bids)| {
        bids.iter().map(move |(scope, bid)| OwnBid {
            contractor: contractor.clone(),
            scope: scope.clone(),
            amount: bid.value.amount,
        })
    });
    all.filter(|bid| view::is_opened(file, &bid.scope, now))
        .collect()
}

fn awards(file: &CaseFile) -> Vec<OwnAward> {
    let award = |(id, award): (&AwardId, &crate::procurement::AwardFact)| OwnAward {
        id: id.clone(),
        contractor: award.contractor.as_ref().map(|one| one.value.clone()),
        lots: award
            .lots
            .as_ref()
            .map(|one| one.value.clone())
            .unwrap_or_default(),
        state: award.state.as_ref().map(|one| one.value),
    };
    file.awards.iter().map(award).collect()
}

fn contracts(file: &CaseFile) -> Vec<OwnContract> {
    let contract = |(id, contract): (&ContractId, &ContractFile)| {
        let concluded = contract.concluded.as_ref().map(|one| &one.value);
        let award = concluded.and_then(|one| one.award.clone());
        let of_award = || {
            let award = file.awards.get(award.as_ref()?)?;
            Some(award.contractor.as_ref()?.value.clone())
        };
        OwnContract {
            id: id.clone(),
            contractor: concluded
                .and_then(|one| one.contractor.clone())
                .or_else(of_award),
            terms: newest(contract),
            next_change: next_change(contract),
            ended: contract.ended.as_ref().map(|one| one.value),
            award,
        }
    };
    file.contracts.iter().map(contract).collect()
}

/// Each of price, period and day as the newest source told it.
fn newest(contract: &ContractFile) -> Terms {
    let mut terms = Terms {
        amount: None,
        period: None,
        signed_at: None,
    };
    for told in contract.terms.iter().map(|told| &told.value.terms) {
        terms.amount = told.amount.or(terms.amount);
        terms.period = told.period.or(terms.period);
        terms.signed_at = told.signed_at.or(terms.signed_at);
    }
    terms
}

fn next_change(contract: &ContractFile) -> u32 {
    let told = contract.terms.iter();
    let numbers = told.filter_map(|told| told.value.change.parse::<u32>().ok());
    numbers.max().unwrap_or_default().saturating_add(1)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::{
        event::{EventIdentity, Stamp},
        money::Currency,
        procurement::{Fact, Lesson},
    };

    fn at(hours: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn party(code: &str) -> PartyCode {
        PartyCode::parse(code).unwrap()
    }

    fn heard(lessons: Vec<(i64, Vec<Fact>)>) -> CaseFile {
        let mut file = CaseFile::new(ProcurementId::parse("P-1").unwrap());
        for (hour, facts) in lessons {
            let event = EventIdentity {
                id: hour.to_string(),
                source: "t".to_owned(),
            };
            let stamp = Stamp {
                time: at(hour),
                sequence: 0,
                event,
            };
            file.learn(&Lesson { stamp, facts }).unwrap();
        }
        file
    }

    fn opening(hour: i64) -> Vec<Fact> {
        vec![
            Fact::Owner(party("O1")),
            Fact::Opening {
                scope: Scope::Tender,
                at: at(hour),
            },
        ]
    }

    fn bid(scope: Scope) -> Vec<Fact> {
        let amount = Money::new(100, Currency::JPY).ok();
        vec![Fact::Bid {
            contractor: party("C1"),
            scope,
            bonds: Vec::new(),
            amount,
        }]
    }

    fn lot(id: &str) -> Scope {
        Scope::Lot(LotId::parse(id).unwrap())
    }

    #[test]
    fn before_the_opening_a_case_names_no_bidder_and_from_it_on_it_does() {
        let file = heard(vec![(1, opening(10)), (2, bid(Scope::Tender))]);
        let before = OwnCase::of(&file, at(10) - TimeDelta::microseconds(1));
        assert_eq!((before.bids.len(), before.embargoed), (0, true));
        assert_eq!(before.stage, Stage::Announced);
        let after = OwnCase::of(&file, at(10));
        assert_eq!((after.bids.len(), after.embargoed), (1, false));
        assert_eq!(after.stage, Stage::Opened);
    }

    #[test]
    fn a_rebid_hides_the_bidders_again() {
        let again = Fact::Rebid {
            scope: Scope::Tender,
            round: 2,
            opening_at: at(20),
        };
        let file = heard(vec![
            (1, opening(10)),
            (2, bid(Scope::Tender)),
            (11, vec![again]),
        ]);
        assert_eq!(OwnCase::of(&file, at(12)).bids, []);
        assert_eq!(OwnCase::of(&file, at(12)).openings[0].round, Some(2));
    }

    #[test]
    fn a_lot_that_is_opened_tells_nothing_of_one_that_is_not() {
        let lots = ["L1", "L2"].map(|id| Lot {
            id: LotId::parse(id).unwrap(),
            title: String::new(),
        });
        let later = Fact::Opening {
            scope: lot("L2"),
            at: at(30),
        };
        let file = heard(vec![
            (1, [opening(10), vec![Fact::Lots(lots.to_vec())]].concat()),
            (2, vec![later]),
            (3, bid(lot("L1"))),
            (4, bid(lot("L2"))),
            (5, bid(Scope::Tender)),
        ]);
        let seen: Vec<_> = OwnCase::of(&file, at(11))
            .bids
            .into_iter()
            .map(|bid| bid.scope)
            .collect();
        assert_eq!(seen, [lot("L1")], "the whole tender has an unopened lot");
        assert!(OwnCase::of(&file, at(11)).embargoed);
    }

    #[test]
    fn nobody_is_named_while_no_opening_is_known() {
        let file = heard(vec![
            (1, vec![Fact::Owner(party("O1"))]),
            (2, bid(Scope::Tender)),
        ]);
        let case = OwnCase::of(&file, at(999));
        assert_eq!((case.bids.len(), case.stage), (0, Stage::Unannounced));
    }

    #[test]
    fn a_contract_stands_as_its_newest_change_says_and_knows_the_number_of_the_next() {
        let contract = ContractId::parse("K-1").unwrap();
        let terms = |change: &str, amount| Fact::Terms {
            contract: contract.clone(),
            change: change.to_owned(),
            terms: Terms {
                amount: Money::new(amount, Currency::JPY).ok(),
                period: None,
                signed_at: None,
            },
        };
        let file = heard(vec![(1, vec![terms("0", 100)]), (2, vec![terms("2", 130)])]);
        let case = OwnCase::of(&file, at(3));
        assert_eq!(
            case.contracts[0].terms.amount.map(|one| one.amount()),
            Some(130)
        );
        assert_eq!(case.contracts[0].next_change, 3);
        assert_eq!(case.stage, Stage::Contracted);
    }
}
