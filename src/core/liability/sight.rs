//! Who may see which figures (R43, R22). A pure law: the desk asks it before it asks the store.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    identifier::PartyCode,
    party::Role,
    ports::store::{BalanceBy, Within},
};

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beholder {
    /// The command line on the hub's own machine, which holds the master key: sees everything.
    Hub,
    /// An account of those who run the hub, signed in: no list of bidders before the opening (R21).
    Operator,
    /// A party, in the roles it has.
    Party {
        /// Which.
        code: PartyCode,
        /// What it does.
        roles: BTreeSet<Role>,
        /// For an owner: the contractors of its cases whose bids are open.
        contractors: BTreeSet<PartyCode>,
    },
}

/// How a part of the ledger is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// As sums, added up in a way.
    Sums(BalanceBy),
    /// Bond by bond.
    Bonds,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// How it is added up.
    pub by: BalanceBy,
    /// Of which part of the ledger.
    pub within: Within,
    /// Whether the contractor asked about lets issuers see what it has outstanding with all of them.
    pub consent: bool,
}

/// Why figures are not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocked {
    /// Another issuer's figures.
    #[error("an issuer sees its own figures and the total over all issuers, not another issuer's")]
    AnotherIssuer,
    /// A contractor that is none of the owner's.
    #[error("an owner sees the contractors of its cases")]
    AnotherContractor,
    /// A contractor's figures across issuers, without its consent.
    #[error("the contractor has not agreed that issuers see its figures across issuers")]
    NoConsent,
    /// A party sees only what concerns it.
    #[error("a party sees the figures that concern it")]
    NotYours,
}

/// Whether the beholder may see it.
pub fn allow(beholder: &Beholder, sight: &Sight) -> Result<(), Blocked> {
    let Beholder::Party {
        code,
        roles,
        contractors,
    } = beholder
    else {
        return Ok(());
    };
    let within = &sight.within;
    if roles.contains(&Role::Contractor) && within.contractor.as_ref() == Some(code) {
        return Ok(());
    }
    let as_issuer = || issuer(code, sight);
    let as_owner = || owner(code, contractors, sight);
    match (roles.contains(&Role::Issuer), roles.contains(&Role::Owner)) {
        (true, true) => as_issuer().or_else(|_| as_owner()),
        (true, false) => as_issuer(),
        (false, true) => as_owner(),
        (false, false) => Err(Blocked::NotYours),
    }
}

/// What an answer leaves out of the bid-stage bonds whose opening has not come (R21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hides<'a> {
    /// Nothing of them.
    Nothing,
    /// All of them.
    All,
    /// All but those of this issuer.
    ThoseOfOthers(&'a PartyCode),
}

/// What is left out of what is told: for an owner all that is sealed, always, lest a sum that jumps tells who bids; for those who
/// run the hub wherever contractors are named or one is picked out; for an issuer whom a contractor shows its figures across
/// issuers, the bids that others vouch for. Totals over everybody stay whole.
pub fn hides<'a>(beholder: &'a Beholder, detail: Detail, within: &Within) -> Hides<'a> {
    match beholder {
        Beholder::Operator if within.contractor.is_some() || names_contractors(detail) => {
            Hides::All
        }
        Beholder::Hub | Beholder::Operator => Hides::Nothing,
        Beholder::Party { roles, .. } if roles.contains(&Role::Owner) => Hides::All,
        Beholder::Party { code, roles, .. } => {
            let own = roles.contains(&Role::Contractor) && within.contractor.as_ref() == Some(code);
            let across = within.contractor.is_some() && within.issuer.is_none();
            if across && !own {
                Hides::ThoseOfOthers(code)
            } else {
                Hides::Nothing
            }
        }
    }
}

fn names_contractors(detail: Detail) -> bool {
    match detail {
        Detail::Bonds | Detail::Sums(BalanceBy::Contractor) => true,
        Detail::Sums(BalanceBy::Issuer | BalanceBy::Owner | BalanceBy::Total) => false,
    }
}

/// Its own figures in any way; over all issuers the total alone, and a contractor's sum if that one agrees.
fn issuer(code: &PartyCode, sight: &Sight) -> Result<(), Blocked> {
    match &sight.within {
        Within {
            issuer: Some(issuer),
            ..
        } if issuer == code => Ok(()),
        Within {
            issuer: Some(_), ..
        } => Err(Blocked::AnotherIssuer),
        Within {
            contractor: None,
            owner: None,
            ..
        } if sight.by == BalanceBy::Total => Ok(()),
        Within {
            contractor: Some(_),
            owner: None,
            ..
        } if matches!(sight.by, BalanceBy::Total | BalanceBy::Contractor) => {
            sight.consent.then_some(()).ok_or(Blocked::NoConsent)
        }
        _ => Err(Blocked::AnotherIssuer),
    }
}

/// What is owed to it in any way, and the sum of a contractor of its cases, never split by issuer.
fn owner(
    code: &PartyCode,
    contractors: &BTreeSet<PartyCode>,
    sight: &Sight,
) -> Result<(), Blocked> {
    if sight.within.owner.as_ref() == Some(code) {
        return Ok(());
    }
    let asked = match &sight.within {
        Within {
            contractor: Some(contractor),
            issuer: None,
            owner: None,
        } if matches!(sight.by, BalanceBy::Total | BalanceBy::Contractor) => contractor,
        _ => return Err(Blocked::NotYours),
    };
    let known = contractors.contains(asked);
    known.then_some(()).ok_or(Blocked::AnotherContractor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(roles: &[Role]) -> Beholder {
        Beholder::Party {
            code: PartyCode::parse("X1").unwrap(),
            roles: roles.iter().copied().collect(),
            contractors: BTreeSet::new(),
        }
    }

    /// Every way to tell a part.
    fn details() -> Vec<Detail> {
        let sums = BalanceBy::ALL.map(Detail::Sums);
        sums.into_iter().chain([Detail::Bonds]).collect()
    }

    /// Every part that can be asked about: with and without an issuer, a contractor, an owner.
    fn parts() -> Vec<Within> {
        let code = |given: bool| given.then(|| PartyCode::parse("C1").unwrap());
        let part = |bits: u8| Within {
            issuer: code(bits & 1 != 0),
            contractor: code(bits & 2 != 0),
            owner: code(bits & 4 != 0),
        };
        (0..8).map(part).collect()
    }

    /// R21: there is never a list of bond holders before the opening.
    #[test]
    fn what_is_sealed_is_left_out_by_this_table() {
        use BalanceBy::{Contractor, Issuer, Owner, Total};
        let operators = [
            (Detail::Sums(Total), false),
            (Detail::Sums(Issuer), false),
            (Detail::Sums(Owner), false),
            (Detail::Sums(Contractor), true),
            (Detail::Bonds, true),
        ];
        assert_eq!(operators.len(), details().len(), "each way has its row");
        let x1 = PartyCode::parse("X1").unwrap();
        let of_itself = Within {
            contractor: Some(x1.clone()),
            ..Within::default()
        };
        let itself = party(&[Role::Contractor]);
        for within in parts() {
            for (detail, names) in operators {
                let picked = within.contractor.is_some();
                let all = |hidden| if hidden { Hides::All } else { Hides::Nothing };
                let others = if picked && within.issuer.is_none() {
                    Hides::ThoseOfOthers(&x1)
                } else {
                    Hides::Nothing
                };
                let table = [
                    (Beholder::Hub, Hides::Nothing),
                    (Beholder::Operator, all(names || picked)),
                    (party(&[Role::Owner]), Hides::All),
                    (party(&[Role::Issuer, Role::Owner]), Hides::All),
                    (party(&[Role::Issuer]), others),
                ];
                for (who, meant) in table {
                    let told = hides(&who, detail, &within);
                    assert_eq!(told, meant, "{who:?} {detail:?} {within:?}");
                }
                let told = hides(&itself, detail, &of_itself);
                assert_eq!(told, Hides::Nothing, "a contractor sees itself");
            }
        }
    }
}
