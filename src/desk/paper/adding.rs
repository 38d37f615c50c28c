//! What a list adds to what is outstanding today, for the issuer's limits (R43).

use std::collections::BTreeMap;

use bondhub_core::{
    bond::BondTerms,
    identifier::PartyCode,
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
pub(super) struct Sums(BTreeMap<(PartyCode, Currency), i64>);

impl Sums {
    pub(super) fn add(&mut self, compared: &Compared) {
        let currency = compared.row.terms.amount.currency();
        for (party, more) in &compared.adds {
            let sum = self.0.entry((party.clone(), currency)).or_default();
            *sum = sum.saturating_add(*more);
        }
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
            before = amount_on(&record.outstanding, today);
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
        for ((contractor, currency), more) in sums.0 {
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
