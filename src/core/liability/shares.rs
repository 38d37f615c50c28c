//! Joint ventures: each member answers for its share, and every unit of it for exactly one (R42).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{identifier::PartyCode, party::Member};

/// Shares that hold from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Era {
    /// From which day on; none from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// By whom; nobody means the principal itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}

/// Members in one order, each once, without those who have no share.
pub fn sharing(members: &[Member]) -> Vec<Member> {
    let mut shares: BTreeMap<&PartyCode, u32> = BTreeMap::new();
    for member in members.iter().filter(|member| member.share > 0) {
        let share = shares.entry(&member.party).or_default();
        *share = share.saturating_add(member.share);
    }
    let member = |(party, share): (&PartyCode, u32)| Member {
        party: party.clone(),
        share,
    };
    shares.into_iter().map(member).collect()
}

/// Splits an amount by shares so that nothing is lost or made: what is left after rounding down goes,
/// unit by unit, to the largest remainders; of equal ones to the first in order.
pub fn split(amount: i64, members: &[Member]) -> Vec<(&PartyCode, i64)> {
    let whole: i128 = members.iter().map(|member| i128::from(member.share)).sum();
    if whole == 0 {
        return Vec::new();
    }
    let product = |member: &Member| i128::from(amount) * i128::from(member.share);
    let mut parts: Vec<(&PartyCode, i64, i128)> = members
        .iter()
        .map(|member| {
            let (part, rest) = (product(member) / whole, product(member) % whole);
            (&member.party, i64::try_from(part).unwrap_or(i64::MAX), rest)
        })
        .collect();
    let given: i64 = parts.iter().map(|(_, part, _)| part).sum();
    let left = usize::try_from(amount - given).unwrap_or(0);
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(parts.get(*place).map_or(0, |part| part.2)));
    for place in order.into_iter().take(left) {
        if let Some(part) = parts.get_mut(place) {
            part.1 += 1;
        }
    }
    parts
        .into_iter()
        .map(|(party, part, _)| (party, part))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(shares: &[(&str, u32)]) -> Vec<Member> {
        let member = |(code, share): &(&str, u32)| Member {
            party: PartyCode::parse(code).unwrap(),
            share: *share,
        };
        shares.iter().map(member).collect()
    }

    fn parts(amount: i64, shares: &[(&str, u32)]) -> Vec<i64> {
        let members = members(shares);
        split(amount, &members)
            .into_iter()
            .map(|(_, part)| part)
            .collect()
    }

    #[test]
    fn what_rounding_leaves_goes_to_the_largest_remainders() {
        assert_eq!(parts(10, &[("A", 1), ("B", 1), ("C", 1)]), [4, 3, 3]);
        assert_eq!(parts(11, &[("A", 1), ("B", 1), ("C", 1)]), [4, 4, 3]);
        assert_eq!(parts(100, &[("A", 55), ("B", 30), ("C", 15)]), [55, 30, 15]);
        assert_eq!(parts(1, &[("A", 30), ("B", 70)]), [0, 1]);
        assert_eq!(parts(7, &[]), Vec::<i64>::new());
    }

    #[test]
    fn the_largest_amount_is_split_without_overflow() {
        let parts = parts(i64::MAX, &[("A", u32::MAX), ("B", u32::MAX), ("C", 1)]);
        assert_eq!(
            parts.iter().map(|part| i128::from(*part)).sum::<i128>(),
            i128::from(i64::MAX)
        );
    }

    #[test]
    fn members_named_twice_or_without_a_share_are_put_right() {
        let given = members(&[("B", 1), ("A", 2), ("B", 3), ("C", 0)]);
        assert_eq!(sharing(&given), members(&[("A", 2), ("B", 4)]));
    }
}
