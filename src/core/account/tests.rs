use chrono::DateTime;

use super::*;

fn viewer(roles: &[Role], party: Option<&str>) -> Viewer {
    let account = Account {
        name: AccountName::parse("hanako").unwrap(),
        party: party.map(|code| PartyCode::parse(code).unwrap()),
        roles: roles.iter().copied().collect(),
        language: Language::Ja,
        zone: DEFAULT_ZONE.to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        disabled_at: None,
    };
    Viewer::of(&account, SignedInBy::Password)
}

/// The table, written a second time: permission, and who has it (R43, R60, R21, R4).
#[test]
fn each_role_may_do_what_the_table_says_and_nothing_else() {
    use Role::{Administrator, Auditor, Clerk, Operator, PrivilegedViewer, Signer};
    let table: &[(&str, &[Role])] = &[
        ("accounts:manage", &[Administrator]),
        ("parties:manage", &[Administrator]),
        ("grants:manage", &[Administrator]),
        ("parties:read", &[Administrator, Operator, Auditor]),
        ("operations:read", &[Operator, Auditor]),
        ("operations:act", &[Operator]),
        ("events:send", &[Operator]),
        ("audit:read", &[Auditor]),
        ("history:read", &[Auditor]),
        (
            "bonds:read",
            &[Operator, Auditor, Clerk, Signer, PrivilegedViewer],
        ),
        ("balances:read", &[Operator, Auditor, Clerk]),
        ("party:act", &[Clerk]),
        ("party:sign", &[Signer]),
        ("bonds:look-early", &[PrivilegedViewer]),
        ("self:manage", Role::ALL),
    ];
    assert_eq!(table.len(), Permission::ALL.len());
    for (text, who) in table {
        let permission = Permission::parse(text).unwrap();
        for role in Role::ALL {
            let may = viewer(&[*role], None).may(permission);
            assert_eq!(may, who.contains(role), "{role} and {text}");
        }
    }
}

#[test]
fn names_of_roles_permissions_and_ways_are_read_back() {
    for role in Role::ALL {
        assert_eq!(Role::parse(role.as_str()), Some(*role));
        let json = serde_json::to_string(role).unwrap();
        assert_eq!(json, format!("\"{role}\""));
    }
    for permission in Permission::ALL {
        assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        let json = serde_json::to_string(permission).unwrap();
        assert_eq!(json, format!("\"{permission}\""));
    }
    for way in [
        "token",
        "password",
        "passkey",
        "command_line",
        "shared_token",
    ] {
        assert_eq!(SignedInBy::parse(way).unwrap().as_str(), way);
    }
}

#[test]
fn a_token_may_do_no_more_than_its_account_and_no_more_than_its_scopes() {
    let mut viewer = viewer(&[Role::Operator], None);
    viewer.scopes = Some([Permission::SendEvents, Permission::ReadAudit].into());
    assert!(viewer.may(Permission::SendEvents));
    assert!(!viewer.may(Permission::Operate), "not in its scopes");
    assert!(!viewer.may(Permission::ReadAudit), "not in its roles");
}

#[test]
fn a_clerk_acts_for_its_own_party_only() {
    let clerk = viewer(&[Role::Clerk], Some("C-77"));
    let own = PartyCode::parse("C-77").unwrap();
    let other = PartyCode::parse("C-78").unwrap();
    assert!(clerk.may_for(Permission::ActForParty, &own));
    assert!(!clerk.may_for(Permission::ActForParty, &other));
}

#[test]
fn roles_of_the_hub_and_of_a_party_do_not_mix() {
    let party = PartyCode::parse("C-77").unwrap();
    let refused = |roles: &[Role], party: Option<&PartyCode>| {
        check_roles(&roles.iter().copied().collect(), party).unwrap_err()
    };
    assert_eq!(refused(&[], None), RoleError::None);
    assert_eq!(
        refused(&[Role::Clerk], None),
        RoleError::NeedsParty(Role::Clerk)
    );
    assert_eq!(
        refused(&[Role::Clerk, Role::Auditor], Some(&party)),
        RoleError::ForbidsParty(Role::Auditor)
    );
    assert!(check_roles(&[Role::Clerk, Role::Signer].into(), Some(&party)).is_ok());
    assert!(check_roles(&[Role::Operator, Role::Administrator].into(), None).is_ok());
}

#[test]
fn a_name_is_the_same_in_capitals_and_nothing_that_looks_like_another_is_taken() {
    assert_eq!(
        AccountName::parse(" Hanako@City.Example ")
            .unwrap()
            .as_str(),
        "hanako@city.example"
    );
    let long = "a".repeat(65);
    for odd in [
        "",
        "a",
        "-hanako",
        "hana ko",
        "hanаko",
        "花子",
        "a\nb",
        long.as_str(),
    ] {
        assert!(AccountName::parse(odd).is_err(), "{odd:?}");
    }
}
