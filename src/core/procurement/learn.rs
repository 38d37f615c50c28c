//! Learning: a stamped fact goes into its register, if it is newer than what is there.

use super::{
    Announcement, BondFact, BondFile, CaseFile, Confirmation, ContractFact, Fact, OpeningHistory,
    Register, Scope, SignedTerms, Terms, ToldTerms,
    file::{BidFact, ContractFile},
    other_bond,
};
use crate::{
    bond::BondTerms,
    event::{EventIdentity, Reason, Rejection, Stamp},
    identifier::{BondId, ContractId},
    money::{Currency, Money},
    party::Role,
};

/// Why a key ended whose holder took the next one by hand.
pub const ISSUED_BY_HAND: &str = "issued_by_hand";

/// Facts with their stamp, as one event teaches them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// When and by which event.
    pub stamp: Stamp,
    /// What.
    pub facts: Vec<Fact>,
}

/// What learning did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learned {
    /// At least one fact was new.
    New,
    /// Every fact was older than what is known, or the same: it stays in the history only.
    Overtaken,
    /// The event says nothing the hub keeps.
    Nothing,
}

impl CaseFile {
    /// Learns a lesson, or refuses it whole; a refused lesson changes nothing.
    pub fn learn(&mut self, lesson: &Lesson) -> Result<Learned, Rejection> {
        for fact in &lesson.facts {
            self.check(fact, &lesson.stamp)?;
        }
        if lesson.facts.is_empty() {
            return Ok(Learned::Nothing);
        }
        let mut taken = false;
        for fact in &lesson.facts {
            taken |= self.take(fact, &lesson.stamp);
        }
        Ok(if taken {
            Learned::New
        } else {
            Learned::Overtaken
        })
    }

    fn check(&self, fact: &Fact, stamp: &Stamp) -> Result<(), Rejection> {
        match fact {
            Fact::Terms {
                contract, terms, ..
            } => self.check_currency(contract, terms),
            Fact::Bond { bond, fact } => self.check_bond(bond, fact, stamp),
            Fact::Rebid { opening_at, .. } if *opening_at <= stamp.time => Err(Rejection::at(
                "/data/opening_at",
                "the new bids are opened before the re-bid was called",
            )),
            _ => Ok(()),
        }
    }

    /// A price in another currency than the contract's other ones is no change of it. A bond in
    /// another currency does not refuse a price: the match finds it.
    fn check_currency(&self, contract: &ContractId, terms: &Terms) -> Result<(), Rejection> {
        let Some(amount) = &terms.amount else {
            return Ok(());
        };
        match self.contract_currency(contract) {
            Some(known) if known != amount.currency() => Err(Rejection::at(
                "/data/amount/currency",
                format!(
                    "the amount is in {}, contract {contract} is in {known}",
                    amount.currency()
                ),
            )),
            _ => Ok(()),
        }
    }

    fn contract_currency(&self, contract: &ContractId) -> Option<Currency> {
        let file = self.contracts.get(contract)?;
        let mut amounts = file.terms.iter().filter_map(|told| told.value.terms.amount);
        amounts.next().map(|amount| amount.currency())
    }

    fn check_bond(&self, bond: &BondId, fact: &BondFact, stamp: &Stamp) -> Result<(), Rejection> {
        let known = self.bonds.get(bond);
        match fact {
            BondFact::Registered(terms) => {
                let other = known
                    .and_then(|file| file.registration.as_ref())
                    .is_some_and(|registration| registration.stamp.event != stamp.event);
                if other {
                    return Err(not_allowed(format!(
                        "bond {bond} is registered already; send an update"
                    )));
                }
                same_bond(bond, known, terms)
            }
            BondFact::Updated(terms) => same_bond(bond, known, terms),
            _ => Ok(()),
        }
    }

    fn take(&mut self, fact: &Fact, stamp: &Stamp) -> bool {
        match fact {
            Fact::Owner(owner) => learn(&mut self.owner, owner, stamp),
            Fact::Title(title) => learn(&mut self.title, title, stamp),
            Fact::Lots(lots) => learn(&mut self.lots, lots, stamp),
            Fact::BidGuarantee(guarantee) => learn(&mut self.bid_guarantee, guarantee, stamp),
            Fact::Follows(other) => learn(&mut self.follows, other, stamp),
            Fact::Opening { .. } | Fact::Rebid { .. } | Fact::OpeningConfirmed { .. } => {
                self.take_opening(fact, stamp)
            }
            Fact::OwnRules(rules) => {
                let kept = keep(&mut self.rules_told, rules, stamp);
                learn(&mut self.own_rules, rules, stamp) || kept
            }
            Fact::Outcome { scope, outcome } => learn_in(&mut self.outcomes, scope, outcome, stamp),
            Fact::BidsOpened { scope, at } => learn_in(&mut self.opened, scope, at, stamp),
            Fact::Bid {
                contractor,
                scope,
                bonds,
                amount,
            } => {
                let bid = BidFact {
                    bonds: bonds.clone(),
                    amount: *amount,
                };
                learn_in(
                    self.bids.entry(contractor.clone()).or_default(),
                    scope,
                    &bid,
                    stamp,
                )
            }
            Fact::Award {
                award,
                lots,
                contractor,
                state,
            } => {
                let file = self.awards.entry(award.clone()).or_default();
                let told = contractor
                    .as_ref()
                    .is_some_and(|who| learn(&mut file.contractor, who, stamp));
                let scoped = !lots.is_empty() && learn(&mut file.lots, lots, stamp);
                learn(&mut file.state, state, stamp) || told || scoped
            }
            Fact::Contract { .. } | Fact::Terms { .. } | Fact::ContractEnded { .. } => {
                self.take_contract(fact, stamp)
            }
            Fact::Bond {
                bond,
                fact: BondFact::KeySigned { role, edition },
            } => self.take_signature(bond, *role, *edition),
            Fact::Bond { bond, fact } => self
                .bonds
                .entry(bond.clone())
                .or_default()
                .take(fact, stamp),
        }
    }

    fn take_opening(&mut self, fact: &Fact, stamp: &Stamp) -> bool {
        let announced = |at, rebid| Announcement {
            at,
            rebid,
            stamp: stamp.clone(),
        };
        match fact {
            Fact::Opening { scope, at } => self.history(scope).announce(announced(*at, false)),
            Fact::Rebid {
                scope,
                round,
                opening_at,
            } => {
                let kept = self.history(scope).announce(announced(*opening_at, true));
                learn_in(&mut self.rebids, scope, &(*round, *opening_at), stamp) || kept
            }
            Fact::OpeningConfirmed { scope, at } => self.history(scope).confirm(Confirmation {
                at: *at,
                stamp: stamp.clone(),
            }),
            _ => false,
        }
    }

    fn history(&mut self, scope: &Scope) -> &mut OpeningHistory {
        self.opening_history.entry(scope.clone()).or_default()
    }

    fn take_contract(&mut self, fact: &Fact, stamp: &Stamp) -> bool {
        match fact {
            Fact::Contract {
                contract,
                award,
                lots,
                contractor,
                guarantee,
            } => {
                let concluded = ContractFact {
                    award: award.clone(),
                    lots: lots.clone(),
                    contractor: contractor.clone(),
                    guarantee: guarantee.clone(),
                };
                let file = self.contracts.entry(contract.clone()).or_default();
                let kept = keep(&mut file.guarantees, guarantee, stamp);
                learn(&mut file.concluded, &concluded, stamp) || kept
            }
            Fact::Terms {
                contract,
                change,
                terms,
            } => {
                let told = ToldTerms {
                    change: change.clone(),
                    terms: terms.clone(),
                };
                let file = self.contracts.entry(contract.clone()).or_default();
                file.tell(told, stamp)
            }
            Fact::ContractEnded { contract, how } => learn(
                &mut self.contracts.entry(contract.clone()).or_default().ended,
                how,
                stamp,
            ),
            _ => false,
        }
    }

    /// A signature under a key that is asked for now is new; one for a key that was overtaken meanwhile
    /// (a newer version, a revocation, the bond's end) or is signed already changes nothing.
    fn take_signature(&mut self, bond: &BondId, role: Role, edition: u32) -> bool {
        let record = self.carried.bonds.get(bond);
        let asked = record.and_then(|record| record.asked.get(&role));
        let (Some(asked), Some(file)) = (asked, self.bonds.get_mut(bond)) else {
            return false;
        };
        let signed = file.signatures.get(&role).copied().unwrap_or_default();
        if asked.edition != edition || edition <= signed {
            return false;
        }
        file.signatures.insert(role, edition);
        true
    }

    /// The events behind everything known of one contract.
    pub(crate) fn events_of_contract(
        &self,
        contract: &ContractId,
    ) -> impl Iterator<Item = &EventIdentity> {
        let file = self.contracts.get(contract);
        let terms = file
            .into_iter()
            .flat_map(|file| file.terms.iter().map(|one| &one.stamp));
        let end = file
            .into_iter()
            .flat_map(|file| file.ended.iter().map(|one| &one.stamp));
        terms.chain(end).map(|stamp| &stamp.event)
    }
}

impl ContractFile {
    /// Keeps what was said of price and period; false if it is known.
    fn tell(&mut self, told: ToldTerms, stamp: &Stamp) -> bool {
        let place = self.terms.binary_search_by(|known| {
            (&known.stamp, &known.value.change).cmp(&(stamp, &told.change))
        });
        if let Err(place) = place {
            let stamp = stamp.clone();
            self.terms.insert(place, Register { value: told, stamp });
        }
        place.is_err()
    }
}

impl BondFile {
    fn take(&mut self, fact: &BondFact, stamp: &Stamp) -> bool {
        match fact {
            BondFact::Registered(terms) => {
                let first = learn(&mut self.registration, &(), stamp);
                self.take_terms(terms, stamp) || first
            }
            BondFact::Updated(terms) => self.take_terms(terms, stamp),
            BondFact::Deleted => learn(&mut self.deleted, &(), stamp),
            BondFact::Settled(outcome) => learn(&mut self.settled, outcome, stamp),
            BondFact::HandedOver => learn(&mut self.handed_over, &(), stamp),
            BondFact::OwnerConsents => learn(&mut self.owner_consents, &(), stamp),
            BondFact::Waived(waiver) => {
                let code = waiver.what.code().to_owned();
                learn_in(&mut self.waivers, &code, waiver, stamp)
            }
            BondFact::KeysRevoked {
                role,
                reissue,
                reason,
            } => learn_in(
                &mut self.revocations,
                role,
                &(*reissue, reason.clone()),
                stamp,
            ),
            BondFact::KeyByHand { role } => {
                let reason = (true, ISSUED_BY_HAND.to_owned());
                let taken = learn_in(&mut self.by_hand, role, &(), stamp);
                learn_in(&mut self.revocations, role, &reason, stamp) || taken
            }
            BondFact::KeySigned { .. } => false,
        }
    }
}

impl BondFile {
    /// Takes a document with terms: an older one than the newest still tells of the ledger's past.
    fn take_terms(&mut self, terms: &BondTerms, stamp: &Stamp) -> bool {
        let place = self
            .documents
            .binary_search_by(|known| known.stamp.cmp(stamp));
        if let Err(place) = place {
            let signed = SignedTerms {
                stamp: stamp.clone(),
                amount: terms.amount,
                period: terms.period,
            };
            self.documents.insert(place, signed);
        }
        learn(&mut self.signed, terms, stamp) || place.is_err()
    }
}

fn learn<T: Clone + PartialEq>(slot: &mut Option<Register<T>>, value: &T, stamp: &Stamp) -> bool {
    Register::learn(slot, value.clone(), stamp)
}

/// Keeps everything that was said, by business time; false if it is known.
fn keep<T: Clone>(told: &mut Vec<Register<T>>, value: &T, stamp: &Stamp) -> bool {
    let place = told.binary_search_by(|known| known.stamp.cmp(stamp));
    if let Err(place) = place {
        let value = value.clone();
        let stamp = stamp.clone();
        told.insert(place, Register { value, stamp });
    }
    place.is_err()
}

fn learn_in<K: Ord + Clone, T: Clone + PartialEq>(
    registers: &mut std::collections::BTreeMap<K, Register<T>>,
    key: &K,
    value: &T,
    stamp: &Stamp,
) -> bool {
    let mut slot = registers.remove(key);
    let taken = Register::learn(&mut slot, value.clone(), stamp);
    if let Some(register) = slot {
        registers.insert(key.clone(), register);
    }
    taken
}

/// Documents about one bond agree in what makes it that bond, whichever comes first.
fn same_bond(bond: &BondId, known: Option<&BondFile>, terms: &BondTerms) -> Result<(), Rejection> {
    if terms.amount.amount() > Money::LARGEST {
        return Err(Rejection::at(
            "/data/bond/amount/amount",
            format!("a bond is over {} minor units at most", Money::LARGEST),
        ));
    }
    let Some(signed) = known.and_then(|file| file.signed.as_ref()) else {
        return Ok(());
    };
    match other_bond(&signed.value, terms) {
        Some(other) => Err(not_allowed(other.message(bond, &signed.value))),
        None => Ok(()),
    }
}

fn not_allowed(message: String) -> Rejection {
    Rejection::whole(Reason::NotAllowed, message)
}
