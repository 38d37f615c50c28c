//! Movements that lead from what the ledger says of a bond to what it ought to say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::shares::{Era, split};
use crate::{identifier::PartyCode, money::Currency, procurement::Step};

/// What the ledger says of a bond: as a whole, and of each who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standings {
    whole: Vec<Step>,
    held: BTreeMap<PartyCode, Vec<Step>>,
}

/// One movement of a bond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Whose liability.
    pub holder: PartyCode,
    /// From which day on.
    pub day: NaiveDate,
    /// Minor units.
    pub delta: i64,
    /// Their currency.
    pub currency: Currency,
    /// By how much the number of bonds outstanding changes.
    pub bonds: i32,
    /// By how much the number of bonds changes that the holder answers for.
    pub held: i32,
}

impl Standings {
    /// A bond's steps, held by its principal, or by the members of a joint venture.
    pub fn new(principal: &PartyCode, steps: &[Step], eras: &[Era]) -> Self {
        let days: BTreeSet<NaiveDate> = steps
            .iter()
            .map(|step| step.day)
            .chain(eras.iter().filter_map(|era| era.from))
            .collect();
        let mut held: BTreeMap<PartyCode, Vec<Step>> = BTreeMap::new();
        for day in days {
            let Some(whole) = standing(steps, day) else {
                continue;
            };
            let parts = parts(principal, whole.amount, eras, day);
            let holders: BTreeSet<PartyCode> =
                held.keys().cloned().chain(parts.keys().cloned()).collect();
            for holder in holders {
                let amount = parts.get(&holder).copied().unwrap_or_default();
                add(
                    held.entry(holder).or_default(),
                    Step {
                        day,
                        amount,
                        ..whole
                    },
                );
            }
        }
        held.retain(|_, steps| !steps.is_empty());
        Self {
            whole: steps.to_vec(),
            held,
        }
    }

    /// What a holder answers for at the end of a day.
    pub fn held_on(&self, holder: &PartyCode, day: NaiveDate) -> i64 {
        self.held
            .get(holder)
            .map_or(0, |steps| amount_on(steps, day))
    }

    /// Who holds, or held, a part of it.
    pub fn holders(&self) -> impl Iterator<Item = &PartyCode> {
        self.held.keys()
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.held.values().flatten().chain(&self.whole)
    }
}

/// Adds a step unless it changes nothing.
fn add(steps: &mut Vec<Step>, step: Step) {
    if steps.last().map_or(0, |last| last.amount) != step.amount {
        steps.push(step);
    }
}

fn parts(
    principal: &PartyCode,
    amount: i64,
    eras: &[Era],
    day: NaiveDate,
) -> BTreeMap<PartyCode, i64> {
    let era = eras
        .iter()
        .rev()
        .find(|era| era.from.is_none_or(|from| from <= day));
    let members = era.map_or(&[][..], |era| &era.members);
    if members.is_empty() {
        return BTreeMap::from([(principal.clone(), amount)]);
    }
    let parts = split(amount, members).into_iter();
    parts.map(|(party, part)| (party.clone(), part)).collect()
}

fn standing(steps: &[Step], day: NaiveDate) -> Option<Step> {
    steps
        .iter()
        .take_while(|step| step.day <= day)
        .last()
        .copied()
}

/// What a series says of a day.
pub fn amount_on(steps: &[Step], day: NaiveDate) -> i64 {
    standing(steps, day).map_or(0, |step| step.amount)
}

/// The movements after which the ledger says `now` instead of `is`: nothing is changed, only countered,
/// from the first day that differs on.
pub fn movements(is: &Standings, now: &Standings) -> Vec<Posting> {
    let days: BTreeMap<NaiveDate, Currency> = is
        .steps()
        .chain(now.steps())
        .map(|step| (step.day, step.currency))
        .collect();
    let holders: BTreeSet<&PartyCode> = is.holders().chain(now.holders()).collect();
    let mut postings = Vec::new();
    let mut carried = Gap::default();
    let mut carried_by: BTreeMap<&PartyCode, Gap> = BTreeMap::new();
    for (day, currency) in days {
        let gap = Gap::on(&is.whole, &now.whole, day);
        let mut bonds = gap.count - carried.count;
        carried = gap;
        for holder in &holders {
            let steps =
                |standings: &Standings| standings.held.get(*holder).cloned().unwrap_or_default();
            let gap = Gap::on(&steps(is), &steps(now), day);
            let before = carried_by.insert(holder, gap).unwrap_or_default();
            if gap != before {
                postings.push(Posting {
                    holder: (*holder).clone(),
                    day,
                    delta: gap.amount - before.amount,
                    currency,
                    bonds: std::mem::take(&mut bonds),
                    held: gap.count - before.count,
                });
            }
        }
        if let (true, Some(holder)) = (bonds != 0, holders.first()) {
            postings.push(Posting {
                holder: (*holder).clone(),
                day,
                delta: 0,
                currency,
                bonds,
                held: 0,
            });
        }
    }
    postings
}

/// By how much two series differ on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Gap {
    amount: i64,
    count: i32,
}

impl Gap {
    fn on(is: &[Step], now: &[Step], day: NaiveDate) -> Self {
        let (is, now) = (amount_on(is, day), amount_on(now, day));
        Self {
            amount: now - is,
            count: i32::from(now != 0) - i32::from(is != 0),
        }
    }
}
