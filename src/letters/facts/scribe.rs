//! Values as text in the reader's language, cut to what the reader may know.

use bondhub_core::{
    bond::BondTerms,
    calendar::{Period, Timestamp},
    identifier::{BondId, LotId, PartyCode},
    matching::Finding,
    money::Money,
    notice::NoticeContent,
    party::{Language, Party, Role},
    procurement::{Scope, WaitFor},
    task::{Subject, Task, TaskKey},
};
use chrono::NaiveDate;

use super::{Asked, Bond, Case, Circumstances, Disclosure, News, Reader, wording};

/// Writes values as text in the reader's language.
pub(super) struct Scribe<'a> {
    party: &'a Party,
    language: Language,
    circumstances: &'a Circumstances<'a>,
    disclosure: Disclosure,
}

impl<'a> Scribe<'a> {
    pub(super) fn new(
        party: &'a Party,
        circumstances: &'a Circumstances<'a>,
        disclosure: Disclosure,
    ) -> Self {
        Self {
            party,
            language: party.language,
            circumstances,
            disclosure,
        }
    }

    pub(super) fn reader(&self, role: Role) -> Reader {
        Reader {
            name: wording::one_line(self.party.name(self.language)),
            role,
        }
    }

    fn name(&self, party: &PartyCode) -> String {
        let known = self.circumstances.names.name(party, self.language);
        wording::one_line(known.as_deref().unwrap_or(party.as_str()))
    }

    fn money(&self, money: &Money) -> Option<String> {
        (self.disclosure == Disclosure::Full).then(|| wording::money(money, self.language))
    }

    fn time(&self, at: Timestamp) -> String {
        wording::time(at, self.circumstances.zone, self.language)
    }

    pub(super) fn case(&self, id: &str, terms: Option<&BondTerms>) -> Case {
        let around = self.circumstances;
        let lot = terms.and_then(|terms| terms.lot.as_ref());
        let contract = terms.and_then(|terms| terms.contract.as_ref());
        Case {
            id: wording::one_line(id),
            title: around.case_title.map(wording::one_line),
            lot: lot.map(LotId::as_str).map(wording::one_line),
            contract: contract.map(|contract| wording::one_line(contract.as_str())),
            owner: around.owner.map(|owner| self.name(owner)),
            contractor: None,
            opening_at: around.opening_at.map(|at| self.time(at)),
        }
    }

    /// Lot and contract, where the notice itself names them. With whom the contract is concluded is
    /// said only of that contract: everywhere else it could be another bidder.
    pub(super) fn place(&self, content: &NoticeContent, case: &mut Case) {
        match content {
            NoticeContent::OpeningMoved { scope, .. } | NoticeContent::BidsOpened { scope, .. } => {
                if let Scope::Lot(lot) = scope {
                    case.lot = Some(wording::one_line(lot.as_str()));
                }
            }
            NoticeContent::TaskOpened { key, .. } => {
                if let Subject::Opening(Scope::Lot(lot)) = &key.subject {
                    case.lot = Some(wording::one_line(lot.as_str()));
                }
                if let Subject::Contract(contract) = &key.subject {
                    let with = self.circumstances.contractor;
                    case.contract = Some(wording::one_line(contract.as_str()));
                    case.contractor = with.map(|contractor| self.name(contractor));
                }
            }
            _ => {}
        }
    }

    /// The bond, without what the reader may not know yet.
    pub(super) fn bond(&self, bond: &BondId, terms: Option<&BondTerms>) -> Bond {
        let shown = |party: &PartyCode| Some(self.name(party));
        let number = wording::one_line(bond.number.as_str());
        let Some(terms) = terms else {
            return Bond {
                number,
                ..Bond::default()
            };
        };
        let existing = Bond {
            number,
            bid_stage: terms.kind.is_bid_stage(),
            principal: shown(&terms.principal),
            obligee: shown(&terms.obligee),
            ..Bond::default()
        };
        if self.disclosure == Disclosure::Existence {
            return existing;
        }
        Bond {
            kind: Some(wording::kind(terms.kind, self.language)),
            issuer: shown(&bond.issuer),
            amount: self.money(&terms.amount),
            period: Some(wording::period(terms.period, self.language)),
            ..existing
        }
    }

    /// The terms a notice itself tells go before those of the bond as it is now.
    pub(super) fn told(&self, bond: &mut Bond, amount: &Money, period: Period) {
        if self.disclosure != Disclosure::Existence {
            bond.amount = self.money(amount);
            bond.period = Some(wording::period(period, self.language));
        }
    }

    pub(super) fn news(&self, content: &NoticeContent) -> Option<News> {
        let news = match content {
            NoticeContent::StateChanged { state, rule, .. } => News {
                state: Some(*state),
                rule: Some(*rule),
                ..News::default()
            },
            NoticeContent::Updated { version, rule, .. } => News {
                version: Some(*version),
                rule: Some(*rule),
                ..News::default()
            },
            NoticeContent::OpeningMoved { opening_at: at, .. }
            | NoticeContent::BidsOpened { at, .. } => News {
                at: Some(self.time(*at)),
                ..News::default()
            },
            NoticeContent::Expiring { last_day, days, .. } => self.expiring(*last_day, *days),
            NoticeContent::TaskOpened { .. } => return None,
        };
        Some(news)
    }

    /// The last day is one of the issuer's terms.
    fn expiring(&self, last_day: NaiveDate, days: i64) -> News {
        if self.disclosure == Disclosure::Existence {
            return News::default();
        }
        News {
            last_day: Some(wording::day(last_day, self.language)),
            days: Some(days),
            ..News::default()
        }
    }

    pub(super) fn task(&self, content: &NoticeContent) -> Option<Asked> {
        let NoticeContent::TaskOpened { key, task } = content else {
            return None;
        };
        Some(self.asked(key, task))
    }

    /// Before the opening nothing of amounts is told, and to the owner nothing at all (R21).
    fn tells(&self, finding: &Finding) -> bool {
        match self.disclosure {
            Disclosure::Existence => false,
            Disclosure::NoAmount => !finding.what.tells_amount(),
            Disclosure::Full => true,
        }
    }

    fn finding(&self, finding: &Finding) -> String {
        let zone = self.circumstances.zone;
        wording::one_line(&finding.what.sentence(self.language, zone))
    }

    fn asked(&self, key: &TaskKey, task: &Task) -> Asked {
        let terms_shown = self.disclosure != Disclosure::Existence;
        let period = task.period.as_ref().filter(|_| terms_shown);
        let reasons = task.because.iter().filter(|finding| self.tells(finding));
        Asked {
            amount: task.amount.as_ref().and_then(|amount| self.money(amount)),
            period: period.map(|period| wording::period(*period, self.language)),
            last_day: period.map(|period| wording::day(period.to(), self.language)),
            opening_at: task.opening_at.map(|at| self.time(at)),
            because: reasons.map(|finding| self.finding(finding)).collect(),
            awaited: match &key.subject {
                Subject::Wait(wait) => Some(awaited(wait)),
                Subject::Bond(_)
                | Subject::Contract(_)
                | Subject::Opening(_)
                | Subject::Trust(_) => None,
            },
        }
    }
}

fn awaited(wait: &WaitFor) -> &'static str {
    match wait {
        WaitFor::Party(_) => "party",
        WaitFor::Bond(_) => "bond",
        WaitFor::Contract(_) => "contract",
        WaitFor::Certificate(_) => "certificate",
        WaitFor::Signature(_) => "signature",
    }
}
