//! The acts there are pages for, and the fields each is told with.

use crate::desk::Step;

/// What somebody reports on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::console) enum Act {
    /// A step of the procedure.
    Step(Step),
    /// A second person confirms an opening that was brought forward (E2).
    ConfirmOpening,
    /// The case has rates and thresholds of its own (R7).
    OwnRules,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Line,
    Area,
    Choice,
    Day,
    Time,
    Number,
}

/// A field of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) id: &'static str,
    pub(super) kind: Kind,
    pub(super) optional: bool,
}

const fn must(id: &'static str, kind: Kind) -> Spec {
    let optional = false;
    Spec { id, kind, optional }
}

const fn may(id: &'static str, kind: Kind) -> Spec {
    let optional = true;
    Spec { id, kind, optional }
}

const CONFIRMED: &str = "opening.confirmed";
const RULES: &str = "case.rules";

/// When it happened, if not now.
const HAPPENED: Spec = may("happened_at", Kind::Time);
const LOT: Spec = may("lot", Kind::Choice);
const TENDER: [Spec; 7] = [
    must("title", Kind::Line),
    must("opening_at", Kind::Time),
    may("lots", Kind::Area),
    may("guarantee", Kind::Choice),
    may("rate", Kind::Number),
    may("sum", Kind::Number),
    may("currency", Kind::Line),
];
const OWN_RULES: [Spec; 5] = [
    may("bid_rate", Kind::Number),
    may("performance_rate", Kind::Number),
    may("acceptance_days", Kind::Number),
    may("shortfall", Kind::Number),
    may("round_up_to", Kind::Number),
];
const PRICE: [Spec; 5] = [
    must("amount", Kind::Number),
    must("currency", Kind::Line),
    must("from", Kind::Day),
    must("to", Kind::Day),
    must("signed_at", Kind::Day),
];

impl Act {
    /// Every act.
    pub(in crate::console) fn all() -> impl Iterator<Item = Self> {
        let steps = Step::ALL.into_iter().map(Self::Step);
        steps.chain([Self::ConfirmOpening, Self::OwnRules])
    }

    /// Reads what [`Act::name`] wrote.
    pub(in crate::console) fn parse(text: &str) -> Option<Self> {
        Self::all().find(|act| act.name() == text)
    }

    /// Its name in a path.
    pub(in crate::console) fn name(self) -> &'static str {
        match self {
            Self::Step(step) => step.kind(),
            Self::ConfirmOpening => CONFIRMED,
            Self::OwnRules => RULES,
        }
    }

    /// Its name in the keys of texts.
    pub(in crate::console) fn word(self) -> String {
        self.name().replace('.', "_")
    }

    /// Whether a contractor reports it, not the owner.
    pub(in crate::console) fn is_contractors(self) -> bool {
        self == Self::Step(Step::BidSubmitted)
    }

    /// Its fields. Whoever runs the hub also says for whom it speaks.
    pub(super) fn fields(self, for_others: bool) -> Vec<Spec> {
        let step = match self {
            Self::Step(step) => step,
            Self::ConfirmOpening => return vec![must("scope", Kind::Choice)],
            Self::OwnRules => return OWN_RULES.to_vec(),
        };
        let mut fields = match step {
            Step::TenderAnnounced => {
                let first = [must("procurement", Kind::Line)];
                let last = [may("follows", Kind::Line)];
                [&first[..], &TENDER, &last].concat()
            }
            Step::TenderChanged => TENDER.to_vec(),
            Step::TenderCancelled | Step::TenderUnsuccessful => {
                vec![LOT, may("reason", Kind::Line)]
            }
            Step::BidSubmitted => {
                vec![
                    LOT,
                    may("amount", Kind::Number),
                    may("currency", Kind::Line),
                ]
            }
            Step::BidOpened => vec![LOT, must("opened_at", Kind::Time)],
            Step::RebidCalled => {
                vec![
                    LOT,
                    must("round", Kind::Number),
                    must("opening_at", Kind::Time),
                ]
            }
            Step::AwardPending | Step::AwardDecided => {
                vec![
                    must("award", Kind::Line),
                    LOT,
                    must("contractor", Kind::Line),
                ]
            }
            Step::AwardCancelled | Step::AwardDeclined => vec![must("award", Kind::Choice)],
            Step::ContractConcluded => {
                let first = [
                    must("contract", Kind::Line),
                    may("award", Kind::Choice),
                    LOT,
                    must("contractor", Kind::Line),
                ];
                [&first[..], &PRICE, &[may("rate", Kind::Number)]].concat()
            }
            Step::ContractChanged => {
                let first = [must("contract", Kind::Choice), must("change", Kind::Number)];
                [&first[..], &PRICE].concat()
            }
            Step::ContractCompleted | Step::ContractTerminated => vec![
                must("contract", Kind::Choice),
                must("date", Kind::Day),
                may("reason", Kind::Line),
            ],
        };
        match step {
            Step::TenderAnnounced if for_others => fields.insert(1, must("owner", Kind::Line)),
            Step::BidSubmitted if for_others => fields.insert(0, must("contractor", Kind::Line)),
            _ => {}
        }
        fields.push(HAPPENED);
        fields
    }
}
