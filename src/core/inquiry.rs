//! Status inquiry (R24): which bonds a party may list, and what its list may say of each.
//!
//! Issuer and contractor list their own bonds. An owner lists what it was handed, and before the opening only that it
//! exists (R21): there is no list of bidders' bonds. A case as its owner may see it is an [`OwnCase`].

mod case;

use crate::{
    account::{Permission, Viewer},
    bond::{BondTerms, Medium},
    calendar::Timestamp,
    identifier::{BondId, PartyCode},
    party::Role,
    procurement::CaseFile,
    view::{Onlooker, View, Viewed, view},
};

pub use case::{OwnAward, OwnBid, OwnCase, OwnContract, OwnOpening, Stage};

/// What a party's list may say of a bond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Nothing: the bond is not there for this party.
    Nothing,
    /// That it exists.
    Existence {
        /// From when on its content is shown; none while no opening time is known.
        opening_at: Option<Timestamp>,
    },
    /// Its content.
    Content,
}

/// What a party is to a bond; the owner comes last, who may know least, since an issuer or contractor knows the bond already.
pub fn role_in(party: &PartyCode, bond: &BondId, terms: &BondTerms) -> Option<Role> {
    [
        (Role::Issuer, &bond.issuer),
        (Role::Contractor, &terms.principal),
        (Role::Owner, &terms.obligee),
    ]
    .into_iter()
    .find(|(_, code)| *code == party)
    .map(|(role, _)| role)
}

/// Whether somebody may take the key of this role with its own hands (R14): its holder's own people, or an operator who
/// hands it to the holder in person.
pub fn may_take_key(viewer: &Viewer, holder: &PartyCode) -> bool {
    match &viewer.party {
        None => viewer.may(Permission::Operate),
        Some(own) => own == holder && viewer.may(Permission::ActForParty),
    }
}

/// What a party's list in this role may say of a bond. `handed`: it was ever given an owner's key.
pub fn listed(
    party: &PartyCode,
    role: Role,
    bond: Viewed<'_>,
    handed: bool,
    case: Option<&CaseFile>,
    now: Timestamp,
) -> Listed {
    let terms = bond.terms;
    let own = match role {
        Role::Issuer => bond.bond.issuer == *party,
        Role::Contractor => terms.principal == *party,
        Role::Owner => terms.obligee == *party && (handed || terms.medium == Medium::Paper),
    };
    if !own {
        return Listed::Nothing;
    }
    match view(&Onlooker::plain(role), bond, case, now) {
        View::Content { .. } => Listed::Content,
        View::Existence { opening_at } if handed => Listed::Existence { opening_at },
        // On paper, and nothing was handed over here: before the opening it is nobody's to know.
        View::Existence { .. } => Listed::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, TimeDelta};

    use super::*;
    use crate::{
        bond::{BondKind, Instrument},
        calendar::Period,
        identifier::{BondNumber, ProcurementId},
        money::{Currency, Money},
    };

    fn code(text: &str) -> PartyCode {
        PartyCode::parse(text).unwrap()
    }

    fn opening() -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::days(1)
    }

    fn terms(kind: BondKind, medium: Medium) -> BondTerms {
        let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
        BondTerms {
            kind,
            instrument: Instrument::SuretyBond,
            medium,
            principal: code("C1"),
            obligee: code("O1"),
            procurement: ProcurementId::parse("P-1").unwrap(),
            lot: None,
            contract: None,
            amount: Money::new(1, Currency::JPY).unwrap(),
            period: Period::new(day, day).unwrap(),
            wording: String::new(),
            opening_at: Some(opening()),
            forfeitable: false,
            converts_to: None,
            takes_over: None,
            attachments: Vec::new(),
        }
    }

    fn told(party: &str, role: Role, terms: &BondTerms, handed: bool, after: i64) -> Listed {
        let bond = BondId::new(code("S1"), BondNumber::parse("B-1").unwrap());
        let viewed = Viewed {
            bond: &bond,
            terms,
            version: 1,
        };
        let now = opening() + TimeDelta::seconds(after);
        listed(&code(party), role, viewed, handed, None, now)
    }

    #[test]
    fn issuer_and_contractor_list_their_own_and_nobody_elses() {
        let bid = terms(BondKind::Bid, Medium::Electronic);
        for (party, role) in [("S1", Role::Issuer), ("C1", Role::Contractor)] {
            assert_eq!(told(party, role, &bid, false, -1), Listed::Content);
            assert_eq!(told("X", role, &bid, true, 1), Listed::Nothing);
        }
        assert_eq!(told("S1", Role::Contractor, &bid, true, 1), Listed::Nothing);
    }

    #[test]
    fn an_owner_lists_what_it_was_handed_and_before_the_opening_only_that_it_exists() {
        let bid = terms(BondKind::Bid, Medium::Electronic);
        let owner = |handed, after| told("O1", Role::Owner, &bid, handed, after);
        let existence = Listed::Existence {
            opening_at: Some(opening()),
        };
        assert_eq!(owner(true, -1), existence);
        assert_eq!(owner(true, 0), Listed::Content, "the opening is inclusive");
        assert_eq!(owner(false, -1), Listed::Nothing);
        assert_eq!(owner(false, 1), Listed::Nothing, "never handed over");
        assert_eq!(told("O2", Role::Owner, &bid, true, 1), Listed::Nothing);
    }

    #[test]
    fn a_bid_bond_on_paper_is_on_no_owners_list_before_the_opening() {
        let bid = terms(BondKind::Bid, Medium::Paper);
        assert_eq!(told("O1", Role::Owner, &bid, false, -1), Listed::Nothing);
        assert_eq!(told("O1", Role::Owner, &bid, false, 0), Listed::Content);
    }

    #[test]
    fn a_performance_bond_waits_for_no_opening() {
        let bond = terms(BondKind::Performance, Medium::Electronic);
        assert_eq!(told("O1", Role::Owner, &bond, true, -1), Listed::Content);
        assert_eq!(told("O1", Role::Owner, &bond, false, 1), Listed::Nothing);
    }

    #[test]
    fn a_key_is_taken_by_its_holders_own_people_or_by_an_operator() {
        use crate::account::{AccountName, Role as Office, SignedInBy};
        let viewer = |party: Option<&str>, office, scopes: Option<Permission>| Viewer {
            account: AccountName::parse("hanako").unwrap(),
            party: party.map(code),
            roles: [office].into(),
            scopes: scopes.map(|one| [one].into()),
            language: crate::party::Language::Ja,
            zone: crate::account::DEFAULT_ZONE.to_owned(),
            signed_in_by: SignedInBy::Password,
        };
        for (party, office, scopes, may) in [
            (Some("C1"), Office::Clerk, None, true),
            (Some("C2"), Office::Clerk, None, false),
            (Some("C1"), Office::PrivilegedViewer, None, false),
            (
                Some("C1"),
                Office::Clerk,
                Some(Permission::ReadBonds),
                false,
            ),
            (None, Office::Operator, None, true),
            (None, Office::Auditor, None, false),
            (None, Office::Administrator, None, false),
        ] {
            let viewer = viewer(party, office, scopes);
            assert_eq!(may_take_key(&viewer, &code("C1")), may, "{viewer:?}");
        }
    }

    #[test]
    fn what_a_party_is_to_a_bond_is_read_off_its_terms() {
        let bond = BondId::new(code("S1"), BondNumber::parse("B-1").unwrap());
        let bid = terms(BondKind::Bid, Medium::Electronic);
        for (party, role) in [
            ("S1", Some(Role::Issuer)),
            ("C1", Some(Role::Contractor)),
            ("O1", Some(Role::Owner)),
            ("X", None),
        ] {
            assert_eq!(role_in(&code(party), &bond, &bid), role);
        }
    }
}
