//! What a list adds to what is outstanding, for the issuer's limits (R43).

use std::collections::BTreeMap;

use bondhub_core::{
    bond::{BondKind, BondTerms},
    identifier::{LotId, PartyCode, ProcurementId},
    liability::{Standings, amount_on, sharing, split},
    money::{Currency, Money},
    party::{Member, Party},
    procurement::BondRecord,
};
use chrono::NaiveDate;

use super::{Exceeded, comparing::Compared};
use crate::desk::{Desk, DeskError, LimitUse};

/// By how much more each party answers for a bond; for a joint venture its members, and itself with the whole.
pub(super) type Parts = BTreeMap<PartyCode, i64>;

/// What rows add, by who answers for it and currency.
#[derive(Default)]
pub(super) struct Sums {
    alone: BTreeMap<(PartyCode, Currency), i64>,
    bid_stage: BTreeMap<Promise, BTreeMap<PartyCode, BeforeContract>>,
}

/// What bid bonds and reservations guarantee together.
type Promise = (ProcurementId, PartyCode, Option<LotId>, Currency);

/// What one party answers for of it.
#[derive(Default)]
struct BeforeContract {
    bids: i64,
    reservations: i64,
}

impl Sums {
    pub(super) fn add(&mut self, compared: &Compared) {
        let terms = &compared.row.terms;
        let currency = terms.amount.currency();
        for (party, more) in &compared.adds {
            let party = party.clone();
            let sum = match terms.kind {
                BondKind::Performance => self.alone.entry((party, currency)).or_default(),
                BondKind::Bid => &mut self.promise(terms, party).bids,
                BondKind::PerformanceReservation => &mut self.promise(terms, party).reservations,
            };
            *sum = sum.saturating_add(*more);
        }
    }

    fn promise(&mut self, terms: &BondTerms, party: PartyCode) -> &mut BeforeContract {
        let promise = (
            terms.procurement.clone(),
            terms.principal.clone(),
            terms.lot.clone(),
            terms.amount.currency(),
        );
        let of_parties = self.bid_stage.entry(promise).or_default();
        of_parties.entry(party).or_default()
    }

    /// A bid bond and its reservation count once, with the larger amount (R42).
    fn once(self) -> BTreeMap<(PartyCode, Currency), i64> {
        let mut sums = self.alone;
        for ((.., currency), parties) in self.bid_stage {
            for (party, before) in parties {
                let sum = sums.entry((party, currency)).or_default();
                *sum = sum.saturating_add(before.bids.max(before.reservations));
            }
        }
        sums
    }
}

/// The members of joint ventures, with their shares.
pub(super) struct Ventures(BTreeMap<PartyCode, Vec<Member>>);

impl Ventures {
    pub(super) fn new(parties: &[Party]) -> Self {
        let ventures = parties.iter().filter(|party| !party.members.is_empty());
        let members = |party: &Party| (party.code.clone(), sharing(&party.members));
        Self(ventures.map(members).collect())
    }

    /// What a bond adds to what it counts with today: nothing where it is over already.
    pub(super) fn adds(
        &self,
        terms: &BondTerms,
        record: Option<&BondRecord>,
        today: NaiveDate,
    ) -> Parts {
        let over = terms.period.to() < today;
        let amount = if over { 0 } else { terms.amount.amount() };
        let members = self.0.get(&terms.principal).map_or(&[][..], Vec::as_slice);
        let mut parts = Parts::new();
        for (member, part) in split(amount, members) {
            *parts.entry(member.clone()).or_default() += part;
        }
        let mut before = 0;
        if let Some(record) = record {
            let steps = record.outstanding.iter();
            let begun = steps
                .filter(|step| step.day > today)
                .map(|step| step.amount);
            before = begun.fold(amount_on(&record.outstanding, today), i64::max);
            let principal = &record.terms.principal;
            let is = Standings::new(principal, &record.outstanding, &record.shares);
            for holder in is.holders().filter(|holder| *holder != principal) {
                *parts.entry(holder.clone()).or_default() -= is.held_on(holder, today);
            }
        }
        parts.insert(terms.principal.clone(), amount - before);
        parts
    }
}

impl Desk {
    /// The issuer's limits that would be exceeded, as whoever acts may know.
    pub(super) async fn exceeded(
        &self,
        issuer: &PartyCode,
        sums: Sums,
    ) -> Result<Vec<Exceeded>, DeskError> {
        let mut exceeded = Vec::new();
        if self.store.limits(Some(issuer)).await?.is_empty() {
            return Ok(Vec::new());
        }
        for ((contractor, currency), more) in sums.once() {
            let Ok(more) = Money::new(more, currency) else {
                continue;
            };
            exceeded.extend(self.would_exceed(issuer, &contractor, more).await?);
        }
        let mut told = self.for_whoever_acts(exceeded).await?;
        told.retain(LimitUse::is_exceeded);
        Ok(told.into_iter().map(Exceeded::from).collect())
    }
}
