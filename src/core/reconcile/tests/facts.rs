//! The vocabulary of the examples: facts as the feeds' adapters teach them.

use chrono::NaiveDate;

use crate::{
    bond::{BondKind, BondTerms, Instrument, Medium},
    calendar::{Period, Timestamp},
    document::ClaimOutcome,
    identifier::{AwardId, BondId, BondNumber, ContractId, LotId, PartyCode, ProcurementId},
    money::{BasisPoints, Currency, Money},
    party::Role,
    procurement::{AwardState, BondFact, ContractEnd, Fact, Lot, Scope, TenderOutcome, Terms},
    rules::{Guarantee, StandingInstruction},
};

pub(super) const CASE: &str = "P-1";
pub(super) const OWNER: &str = "OWNER";
/// The price of the contracts; the guarantee asked is a tenth of it.
pub(super) const PRICE: i64 = 120_000_000;

/// A day: `05-10` is of 2026, other years are written out.
pub(super) fn day(text: &str) -> NaiveDate {
    let text = if text.len() == 5 {
        format!("2026-{text}")
    } else {
        text.to_owned()
    };
    text.parse().unwrap()
}

/// Ten in the morning of a day in Tokyo.
pub(super) fn morning(text: &str) -> Timestamp {
    day(text).and_hms_opt(1, 0, 0).unwrap().and_utc()
}

pub(super) fn party(code: &str) -> PartyCode {
    PartyCode::parse(code).unwrap()
}

pub(super) fn yen(amount: i64) -> Money {
    Money::new(amount, Currency::JPY).unwrap()
}

pub(super) fn period(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).unwrap()
}

pub(super) fn scope(lot: &str) -> Scope {
    if lot.is_empty() {
        Scope::Tender
    } else {
        Scope::Lot(LotId::parse(lot).unwrap())
    }
}

fn lot_ids(lots: &[&str]) -> Vec<LotId> {
    lots.iter().map(|lot| LotId::parse(lot).unwrap()).collect()
}

/// A bond in the making: the issuer's document about it.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) id: BondId,
    pub(super) terms: BondTerms,
}

fn draft(kind: BondKind, number: &str, principal: &str, amount: i64) -> Draft {
    Draft {
        id: BondId::new(party("S1"), BondNumber::parse(number).unwrap()),
        terms: BondTerms {
            kind,
            instrument: Instrument::SuretyBond,
            medium: Medium::Electronic,
            principal: party(principal),
            obligee: party(OWNER),
            procurement: ProcurementId::parse(CASE).unwrap(),
            lot: None,
            contract: None,
            amount: yen(amount),
            period: period("04-01", "08-31"),
            wording: String::new(),
            opening_at: None,
            forfeitable: false,
            converts_to: None,
            takes_over: None,
            attachments: Vec::new(),
        },
    }
}

/// `B-A`: contractor A's bid bond over six million, forfeitable, 1 April to 31 August.
pub(super) fn bid_bond(principal: &str) -> Draft {
    let mut bond = draft(
        BondKind::Bid,
        &format!("B-{principal}"),
        principal,
        6_000_000,
    );
    bond.terms.forfeitable = true;
    bond
}

/// `R-A`: contractor A's reservation of a performance bond over twelve million.
pub(super) fn reservation(principal: &str) -> Draft {
    let number = format!("R-{principal}");
    let mut bond = draft(
        BondKind::PerformanceReservation,
        &number,
        principal,
        12_000_000,
    );
    bond.terms.converts_to = Some(BondKind::Performance);
    bond
}

/// `P-A`: contractor A's performance bond for contract `K-1` over twelve million.
pub(super) fn performance(principal: &str) -> Draft {
    let number = format!("P-{principal}");
    let bond = draft(BondKind::Performance, &number, principal, 12_000_000);
    bond.contract("K-1").lasting("07-01", "2027-03-31")
}

impl Draft {
    pub(super) fn number(mut self, number: &str) -> Self {
        self.id.number = BondNumber::parse(number).unwrap();
        self
    }

    pub(super) fn issuer(mut self, issuer: &str) -> Self {
        self.id.issuer = party(issuer);
        self
    }

    pub(super) fn obligee(mut self, obligee: &str) -> Self {
        self.terms.obligee = party(obligee);
        self
    }

    pub(super) fn principal(mut self, principal: &str) -> Self {
        self.terms.principal = party(principal);
        self
    }

    /// For one lot; the number says so too.
    pub(super) fn lot(mut self, lot: &str) -> Self {
        let number = format!("{}-{lot}", self.id.number);
        self.terms.lot = Some(LotId::parse(lot).unwrap());
        self.number(&number)
    }

    pub(super) fn contract(mut self, contract: &str) -> Self {
        self.terms.contract = Some(ContractId::parse(contract).unwrap());
        self
    }

    pub(super) fn amount(mut self, amount: i64) -> Self {
        self.terms.amount = yen(amount);
        self
    }

    pub(super) fn lasting(mut self, from: &str, to: &str) -> Self {
        self.terms.period = period(from, to);
        self
    }

    pub(super) fn until(mut self, to: &str) -> Self {
        self.terms.period = Period::new(self.terms.period.from(), day(to)).unwrap();
        self
    }

    pub(super) fn not_forfeitable(mut self) -> Self {
        self.terms.forfeitable = false;
        self
    }

    pub(super) fn paper(mut self) -> Self {
        self.terms.medium = Medium::Paper;
        self
    }

    pub(super) fn taking_over(mut self, reservation: &str) -> Self {
        self.terms.takes_over = Some(BondNumber::parse(reservation).unwrap());
        self
    }

    pub(super) fn registered(&self) -> Vec<Fact> {
        self.fact(BondFact::Registered(self.terms.clone()))
    }

    pub(super) fn updated(&self) -> Vec<Fact> {
        self.fact(BondFact::Updated(self.terms.clone()))
    }

    pub(super) fn fact(&self, fact: BondFact) -> Vec<Fact> {
        vec![Fact::Bond {
            bond: self.id.clone(),
            fact,
        }]
    }

    pub(super) fn deleted(&self) -> Vec<Fact> {
        self.fact(BondFact::Deleted)
    }

    pub(super) fn settled(&self, outcome: ClaimOutcome) -> Vec<Fact> {
        self.fact(BondFact::Settled(outcome))
    }

    pub(super) fn key_by_hand(&self, role: Role) -> Vec<Fact> {
        self.fact(BondFact::KeyByHand { role })
    }

    pub(super) fn key_signed(&self, role: Role, edition: u32) -> Vec<Fact> {
        self.fact(BondFact::KeySigned { role, edition })
    }

    pub(super) fn handed_over(&self) -> Vec<Fact> {
        self.fact(BondFact::HandedOver)
    }

    pub(super) fn owner_consents(&self) -> Vec<Fact> {
        self.fact(BondFact::OwnerConsents)
    }

    pub(super) fn keys_revoked(&self, role: Role, reissue: bool, reason: &str) -> Vec<Fact> {
        self.fact(BondFact::KeysRevoked {
            role,
            reissue,
            reason: reason.to_owned(),
        })
    }
}

pub(super) fn owner() -> Vec<Fact> {
    vec![Fact::Owner(party(OWNER))]
}

pub(super) fn lots(lots: &[&str]) -> Vec<Fact> {
    let lot = |id| Lot {
        id,
        title: String::new(),
    };
    vec![Fact::Lots(lot_ids(lots).into_iter().map(lot).collect())]
}

pub(super) fn opening(lot: &str, on: &str) -> Vec<Fact> {
    vec![Fact::Opening {
        scope: scope(lot),
        at: morning(on),
    }]
}

pub(super) fn bid(contractor: &str, lot: &str) -> Vec<Fact> {
    bid_with(contractor, lot, &[])
}

pub(super) fn bid_with(contractor: &str, lot: &str, bonds: &[&Draft]) -> Vec<Fact> {
    vec![Fact::Bid {
        contractor: party(contractor),
        scope: scope(lot),
        bonds: bonds.iter().map(|bond| bond.id.clone()).collect(),
        amount: None,
    }]
}

pub(super) fn bids_opened(lot: &str, on: &str) -> Vec<Fact> {
    vec![Fact::BidsOpened {
        scope: scope(lot),
        at: morning(on),
    }]
}

pub(super) fn rebid(lot: &str, opening_on: &str) -> Vec<Fact> {
    vec![Fact::Rebid {
        scope: scope(lot),
        round: 2,
        opening_at: morning(opening_on),
    }]
}

pub(super) fn award(id: &str, contractor: &str, lots: &[&str], state: AwardState) -> Vec<Fact> {
    vec![Fact::Award {
        award: AwardId::parse(id).unwrap(),
        lots: lot_ids(lots),
        contractor: Some(party(contractor)),
        state,
    }]
}

pub(super) fn outcome(lot: &str, outcome: TenderOutcome) -> Vec<Fact> {
    vec![Fact::Outcome {
        scope: scope(lot),
        outcome,
    }]
}

/// A contract over [`PRICE`], 1 July 2026 to 31 March 2027.
pub(super) fn concluded(contract: &str, contractor: &str, lots: &[&str]) -> Vec<Fact> {
    guaranteed(contract, contractor, lots, None)
}

/// The same, as a feed tells it that leaves contractor and lots to the award.
pub(super) fn concluded_from(contract: &str, award: &str) -> Vec<Fact> {
    let conclusion = Fact::Contract {
        contract: ContractId::parse(contract).unwrap(),
        award: Some(AwardId::parse(award).unwrap()),
        lots: Vec::new(),
        contractor: None,
        guarantee: None,
    };
    let mut facts = vec![conclusion];
    facts.extend(changed(contract, "0", PRICE, "2027-03-31"));
    facts
}

pub(super) fn guaranteed(
    contract: &str,
    contractor: &str,
    lots: &[&str],
    guarantee: Option<Guarantee>,
) -> Vec<Fact> {
    let conclusion = Fact::Contract {
        contract: ContractId::parse(contract).unwrap(),
        award: None,
        lots: lot_ids(lots),
        contractor: Some(party(contractor)),
        guarantee,
    };
    let mut facts = vec![conclusion];
    facts.extend(changed(contract, "0", PRICE, "2027-03-31"));
    facts
}

pub(super) fn changed(contract: &str, change: &str, price: i64, until: &str) -> Vec<Fact> {
    vec![Fact::Terms {
        contract: ContractId::parse(contract).unwrap(),
        change: change.to_owned(),
        terms: Terms {
            amount: Some(yen(price)),
            period: Some(period("07-01", until)),
            signed_at: None,
        },
    }]
}

pub(super) fn ended(contract: &str, how: ContractEnd) -> Vec<Fact> {
    vec![Fact::ContractEnded {
        contract: ContractId::parse(contract).unwrap(),
        how,
    }]
}

/// Up to +30 % and two million yen, up to 180 days.
pub(super) fn instruction(version: u32, from: &str) -> StandingInstruction {
    StandingInstruction {
        version,
        signed_at: None,
        valid_from: morning(from),
        valid_until: None,
        max_increase_bp: BasisPoints(3000),
        max_increase: yen(2_000_000),
        max_extension_days: 180,
    }
}
