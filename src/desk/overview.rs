//! Which figures a beholder is shown together, on its page and in its report (R43). Each is checked again when it is
//! asked for.

use bondhub_core::{
    liability::{Beholder, Detail, Hides, hides},
    party::Role,
    ports::store::{BalanceBy, SeriesPoint, Within},
};
use chrono::NaiveDate;

/// One way of looking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Its name in texts and addresses.
    pub id: &'static str,
    /// What is shown.
    pub what: Facet,
    /// How it is added up.
    pub by: BalanceBy,
    /// Of which part.
    pub within: Within,
}

/// What is shown of a part of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// What was outstanding at ends of months.
    History,
    /// The largest first.
    Ranks,
    /// What ends when.
    Expiries,
}

/// The part of the ledger that is the beholder's own.
pub fn own(beholder: &Beholder) -> Within {
    let Beholder::Party { code, roles, .. } = beholder else {
        return Within::default();
    };
    let own = |role| roles.contains(&role).then(|| code.clone());
    match (own(Role::Issuer), own(Role::Contractor)) {
        (Some(issuer), _) => Within {
            issuer: Some(issuer),
            ..Within::default()
        },
        (None, Some(contractor)) => Within {
            contractor: Some(contractor),
            ..Within::default()
        },
        (None, None) => Within {
            owner: Some(code.clone()),
            ..Within::default()
        },
    }
}

/// What is shown to whom.
pub fn looks(beholder: &Beholder) -> Vec<Look> {
    let within = own(beholder);
    let look = |id, what, by| Look {
        id,
        what,
        by,
        within: within.clone(),
    };
    let runs_the_hub = matches!(beholder, Beholder::Hub | Beholder::Operator);
    let by_issuer = runs_the_hub || within.contractor.is_some();
    let history = if by_issuer {
        BalanceBy::Issuer
    } else {
        BalanceBy::Total
    };
    let mut looks = vec![look("history", Facet::History, history)];
    if within.issuer.is_some() {
        looks.push(Look {
            within: Within::default(),
            ..look("everybody", Facet::History, BalanceBy::Total)
        });
    }
    if within.contractor.is_none() {
        looks.push(look("contractors", Facet::Ranks, BalanceBy::Contractor));
    }
    looks.push(look("expiries", Facet::Expiries, BalanceBy::Total));
    looks
}

/// What is in a beholder's report: what it is shown, and what is a table of its own there.
pub fn report_looks(beholder: &Beholder) -> Vec<Look> {
    let mut looks = looks(beholder);
    let within = own(beholder);
    let table = |id, by| Look {
        id,
        what: Facet::Ranks,
        by,
        within: within.clone(),
    };
    let place = looks.len().saturating_sub(1);
    if within.owner.is_none() {
        looks.insert(place, table("owners", BalanceBy::Owner));
    }
    if within.issuer.is_none() && within.owner.is_none() {
        looks.insert(place, table("issuers", BalanceBy::Issuer));
    }
    looks
}

/// What whoever adds up figures must know of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// Bonds of bids that are not open yet are left out (R21).
    WithoutSealed,
    /// It is a day to come: bonds whose period ends before it are left out.
    Foreseen,
}

/// What must be said beside a look of a day; of one to come what ends by it is foreseen, unless it is told as it was known before.
pub fn remarks(beholder: &Beholder, look: &Look, foresees: bool) -> Vec<Remark> {
    let hides = hides(beholder, Detail::Sums(look.by), &look.within);
    let sealed = (hides != Hides::Nothing).then_some(Remark::WithoutSealed);
    let coming = foresees.then_some(Remark::Foreseen);
    sealed.into_iter().chain(coming).collect()
}

/// Whether a look is worth asking for by itself: what ended when of everything, as of a day gone by, is added up from the versions
/// of all bonds of that day, which takes seconds where there are millions.
pub fn takes_long(look: &Look, as_of: NaiveDate, today: NaiveDate) -> bool {
    look.what == Facet::Expiries && look.within.is_everything() && as_of < today
}

/// Not fewer ends of months are shown of a history: a year and the month before it.
const LEAST: usize = 13;

/// The days of a history from the first on that had something outstanding: a young ledger is not drawn as years of nothing.
pub fn since_the_first<'a>(days: &'a [NaiveDate], points: &[SeriesPoint]) -> &'a [NaiveDate] {
    let first = points.iter().map(|point| point.day).min();
    let empty = days
        .iter()
        .take_while(|day| first.is_none_or(|first| **day < first));
    let skipped = empty.count().min(days.len().saturating_sub(LEAST));
    days.get(skipped..).unwrap_or(days)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bondhub_core::{
        identifier::PartyCode,
        liability::{Sight, allow},
    };

    use bondhub_core::{money::Currency, ports::store::Balance};

    use super::*;

    #[test]
    fn a_history_begins_with_the_first_month_that_had_something_outstanding() {
        let month = |month: i32| {
            NaiveDate::from_ymd_opt(2025 + month / 12, 1 + month.unsigned_abs() % 12, 1).unwrap()
        };
        let days: Vec<NaiveDate> = (0..24).map(month).collect();
        let told = |first: i32| {
            let balance = Balance {
                of: String::new(),
                amount: 1,
                currency: Currency::JPY,
                bonds: 1,
            };
            since_the_first(
                &days,
                &[SeriesPoint {
                    day: month(first),
                    balance,
                }],
            )
            .to_vec()
        };
        assert_eq!(told(5), days[5..]);
        assert_eq!(told(20), days[11..], "a year at least");
        assert_eq!(since_the_first(&days, &[]), &days[11..]);
    }

    #[test]
    fn nobody_is_offered_a_look_that_is_not_allowed() {
        let code = PartyCode::parse("X1").unwrap();
        let sets: [&[Role]; 4] = [
            &[Role::Issuer],
            &[Role::Contractor],
            &[Role::Owner],
            &[Role::Issuer, Role::Contractor],
        ];
        for roles in sets {
            let beholder = Beholder::Party {
                code: code.clone(),
                roles: roles.iter().copied().collect(),
                contractors: BTreeSet::new(),
            };
            for look in report_looks(&beholder) {
                let sight = Sight {
                    by: look.by,
                    within: look.within.clone(),
                    consent: false,
                };
                assert_eq!(allow(&beholder, &sight), Ok(()), "{roles:?} {look:?}");
            }
        }
    }
}
