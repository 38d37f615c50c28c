//! Chains, bridges, revocation, profiles: what is asked beyond a pinned certificate (R5). The command
//! `openssl verify` is asked the same where it can answer.

use std::collections::BTreeSet;

use bondhub_core::ports::signing::{ImportedKey, VerifyDocument as _};
use openssl::{hash::MessageDigest, x509::X509};

use super::{
    pki::{Authority, Wish, certificate, check, check_cms, dn, mapping, policies, rules},
    support::{Desk, at, now, pin, sentence, sign, signer},
};
use crate::{
    Attribute, ExtensionValue, KeyUsageRule, Profile, Signatures, TrustError, TrustRules,
    der::{CONTEXT_0, SEQUENCE, write},
};

#[test]
fn a_pinned_certificate_must_also_chain_to_a_root_where_there_are_roots() {
    let (root, other) = (Authority::root("Root"), Authority::root("Root"));
    let key = root.issue(&Wish::signer("Surety"));
    assert!(check(&rules(&root), &key).is_ok());
    assert!(
        check(&TrustRules::default(), &key).is_ok(),
        "without roots the pin decides"
    );
    let refused = sentence(check(&rules(&other), &key));
    assert!(
        refused.starts_with("no chain leads from the signer's certificate"),
        "{refused}"
    );
}

#[test]
fn a_chain_does_not_replace_the_pin() {
    let root = Authority::root("Root");
    let (ours, theirs) = (
        root.issue(&Wish::signer("Surety")),
        root.issue(&Wish::signer("Rival")),
    );
    let refused = sentence(check_cms(&rules(&root), &ours, &sign(&theirs, b"content")));
    assert!(
        refused.contains("CN=Rival") && refused.contains("not a certificate registered"),
        "{refused}"
    );
}

#[test]
fn intermediates_are_taken_from_the_configuration_or_from_the_signature() {
    let root = Authority::root("Root");
    let below = root.subordinate(&Wish::authority("Below"));
    let key = below.issue(&Wish::signer("Surety"));
    let refused = sentence(check(&rules(&root), &key));
    assert!(refused.contains("no chain leads"), "{refused}");
    let configured = TrustRules {
        intermediates: below.pem(),
        ..rules(&root)
    };
    assert!(check(&configured, &key).is_ok());
    let desk = Desk::new(&[("content.bin", b"content"), ("below.pem", &below.pem())]);
    let private = openssl::pkey::PKey::private_key_from_pkcs8(&key.private_key).unwrap();
    let pem = [
        certificate(&key).to_pem().unwrap(),
        private.private_key_to_pem_pkcs8().unwrap(),
    ];
    desk.put("key.pem", &pem.concat());
    desk.make(
        "cms -sign -cades -binary -nodetach -outform DER -in content.bin -out out.der -signer key.pem -certfile below.pem",
    );
    let much_later = at("2048-01-01T00:00:00Z");
    let carried = Signatures::trusting(&rules(&root)).unwrap();
    assert!(
        carried
            .verify(&desk.get("out.der"), &[pin(&key)], much_later)
            .is_ok()
    );
}

#[test]
fn the_chain_must_be_valid_when_the_document_was_signed_not_when_it_is_read() {
    let wish = Wish {
        from: at("2026-01-01T00:00:00Z"),
        until: at("2026-06-30T00:00:00Z"),
        ..Wish::authority("Root")
    };
    let root = Authority::root_as(&wish);
    let key = root.issue(&Wish::signer("Surety"));
    let signed_at = |time| signer(&key).sign(b"content", at(time)).unwrap();
    assert!(check_cms(&rules(&root), &key, &signed_at("2026-06-01T00:00:00Z")).is_ok());
    for time in ["2025-12-31T00:00:00Z", "2026-07-01T00:00:00Z"] {
        let refused = sentence(check_cms(&rules(&root), &key, &signed_at(time)));
        assert!(refused.contains("CN=Root"), "{refused}");
    }
}

#[test]
fn the_last_second_of_a_certificate_still_counts() {
    let root = Authority::root("Root");
    let wish = Wish {
        until: at("2026-08-31T23:59:59Z"),
        ..Wish::signer("Surety")
    };
    let key = root.issue(&wish);
    let cms = signer(&key).sign(b"content", wish.until).unwrap();
    assert!(check_cms(&rules(&root), &key, &cms).is_ok());
}

#[test]
fn no_link_may_be_signed_with_sha_1() {
    let root = Authority::root("Root");
    let below = root.subordinate(&Wish {
        digest: MessageDigest::sha1,
        ..Wish::authority("Below")
    });
    let key = below.issue(&Wish::signer("Surety"));
    let refused = sentence(check(
        &TrustRules {
            intermediates: below.pem(),
            ..rules(&root)
        },
        &key,
    ));
    assert!(
        refused.contains("too weak") && refused.contains("CN=Below"),
        "{refused}"
    );
}

#[test]
fn a_signer_is_no_authority() {
    let root = Authority::root("Root");
    let company = root.subordinate(&Wish::signer("Company"));
    let key = company.issue(&Wish::signer("Surety"));
    let rules = TrustRules {
        intermediates: company.pem(),
        ..rules(&root)
    };
    assert!(sentence(check(&rules, &key)).contains("no chain leads"));
}

/// Our root, the bridge, a private authority beyond it: as the Japanese government's bridge stands between.
struct Bridge {
    ours: Authority,
    theirs: Authority,
    intermediates: Vec<u8>,
}

fn bridge(to_bridge: &Wish, to_theirs: &Wish) -> Bridge {
    let (ours, bridge) = (Authority::root("Ours"), Authority::root("Bridge"));
    let theirs = Authority::root("Theirs");
    let crosses = [
        ours.cross(&bridge, to_bridge),
        bridge.cross(&theirs, to_theirs),
    ];
    let crosses = crosses.map(|cross| cross.to_pem().unwrap());
    Bridge {
        ours,
        theirs,
        intermediates: crosses.concat(),
    }
}

#[test]
fn a_bridges_cross_certificates_lead_to_our_root_even_beside_the_other_roots_own_certificate() {
    let Bridge {
        ours,
        theirs,
        intermediates,
    } = bridge(&Wish::authority(""), &Wish::authority(""));
    let key = theirs.issue(&Wish::signer("Surety"));
    for more in [Vec::new(), theirs.pem()] {
        let intermediates = [more, intermediates.clone()].concat();
        let rules = TrustRules {
            intermediates,
            ..rules(&ours)
        };
        assert!(check(&rules, &key).is_ok());
    }
}

const OURS: &str = "1.2.392.1.1";
const BRIDGES: &str = "1.2.392.2.1";
const THEIRS: &str = "1.2.392.3.1";

fn mapped(from: &'static str, to: &'static str) -> Wish {
    Wish::authority("")
        .with(policies(&[from]))
        .with(mapping(from, to))
}

fn profile_with_policy(policy: &str) -> Vec<Profile> {
    vec![Profile {
        name: "test".to_owned(),
        policies: BTreeSet::from([policy.to_owned()]),
        ..Profile::default()
    }]
}

#[test]
fn policies_are_followed_through_the_mappings_of_a_bridge_as_openssl_follows_them() {
    let Bridge {
        ours,
        theirs,
        intermediates,
    } = bridge(&mapped(OURS, BRIDGES), &mapped(BRIDGES, THEIRS));
    let fitting = theirs.issue(&Wish::signer("Surety").with(policies(&[THEIRS])));
    let other = theirs.issue(&Wish::signer("Surety").with(policies(&["1.2.392.3.2"])));
    let none = theirs.issue(&Wish::signer("Surety"));
    let desk = Desk::new(&[("root.pem", &ours.pem()), ("between.pem", &intermediates)]);
    let cases = [
        (&fitting, OURS, true),
        (&fitting, THEIRS, false),
        (&other, OURS, false),
        (&none, OURS, false),
    ];
    for (key, policy, expected) in cases {
        let rules = TrustRules {
            intermediates: intermediates.clone(),
            profiles: profile_with_policy(policy),
            ..rules(&ours)
        };
        let checked = check(&rules, key);
        assert_eq!(checked.is_ok(), expected, "{policy}: {checked:?}");
        desk.put("signer.pem", &certificate(key).to_pem().unwrap());
        let (fine, said) = desk.openssl(&format!(
            "verify -CAfile root.pem -untrusted between.pem -explicit_policy -policy {policy} \
             -attime {} signer.pem",
            now().timestamp()
        ));
        assert_eq!(fine, expected, "openssl, {policy}: {said}");
    }
}

#[test]
fn a_constraint_on_mappings_is_kept() {
    // inhibitPolicyMapping 0: none may map below this certificate.
    let inhibiting = ("2.5.29.36", true, vec![0x30, 3, 0x81, 1, 0]);
    let to_bridge = mapped(OURS, BRIDGES).with(inhibiting);
    let Bridge {
        ours,
        theirs,
        intermediates,
    } = bridge(&to_bridge, &mapped(BRIDGES, THEIRS));
    let key = theirs.issue(&Wish::signer("Surety").with(policies(&[THEIRS])));
    let profiles = profile_with_policy(OURS);
    let refused = sentence(check(
        &TrustRules {
            intermediates,
            profiles,
            ..rules(&ours)
        },
        &key,
    ));
    assert!(refused.contains("none of the policies"), "{refused}");
}

#[test]
fn a_commercial_registration_certificate_is_accepted_as_the_authority_issues_it() {
    let root = Authority::root("Registrar");
    let info = registered_corporation("0100-01-012345");
    let old =
        Wish::signer("Surety")
            .without("2.5.29.15")
            .with(("1.2.392.100300.1.1.3", true, info));
    let new = Wish {
        from: at("2026-03-02T00:00:00Z"),
        ..old.clone()
    };
    assert!(
        check(&rules(&root), &root.issue(&old)).is_ok(),
        "critical private extension, no key usage"
    );
    let (made, private) = root.issue_raw(&new);
    let key = unimported(&made, &private);
    let cms = signer(&key).sign(b"content", now()).unwrap();
    let refused = sentence(check_cms(&rules(&root), &key, &cms));
    assert!(refused.contains("it has no key usage"), "{refused}");
    let required_from = at("2027-01-01T00:00:00Z");
    let lenient = TrustRules {
        key_usage: KeyUsageRule { required_from },
        ..rules(&root)
    };
    assert!(
        check_cms(&lenient, &key, &cms).is_ok(),
        "the date is the operator's"
    );
}

/// A key as a signer outside has it, whatever the hub would say to it.
fn unimported(
    certificate: &X509,
    key: &openssl::pkey::PKey<openssl::pkey::Private>,
) -> ImportedKey {
    ImportedKey {
        certificate: crate::certificate::details(certificate).unwrap(),
        private_key: key.private_key_to_pkcs8().unwrap().into(),
    }
}

/// `registeredCorporationInfo`: name in field 0, corporate number in field 1.
fn registered_corporation(number: &str) -> Vec<u8> {
    let name = write(CONTEXT_0, &[&write(0x0c, &["関東保証".as_bytes()])]);
    write(
        SEQUENCE,
        &[&name, &write(0xa1, &[&write(0x13, &[number.as_bytes()])])],
    )
}

#[test]
fn an_authority_with_an_unknown_critical_extension_is_refused_even_below_a_signer_with_known_ones()
{
    let root = Authority::root("Root");
    let odd = ("1.2.3.4", true, vec![5, 0]);
    let below = root.subordinate(&Wish::authority("Below").with(odd));
    let info = registered_corporation("1");
    let plain = below.issue(&Wish::signer("Surety"));
    let private = below.issue(&Wish::signer("Surety").with(("1.2.392.100300.1.1.3", true, info)));
    for key in [plain, private] {
        let rules = TrustRules {
            intermediates: below.pem(),
            ..rules(&root)
        };
        let refused = sentence(check(&rules, &key));
        assert!(
            refused.contains("unhandled critical extension") && refused.contains("CN=Below"),
            "{refused}"
        );
    }
}

#[test]
fn a_profile_asks_for_attributes_and_extension_values() {
    let root = Authority::root("Registrar");
    let mut wish = Wish::signer("Surety");
    wish.subject.push(("O", "Kanto Surety".to_owned()));
    let key = root.issue(&wish.with((
        "1.2.392.100300.1.1.3",
        false,
        registered_corporation("0100-01-012345"),
    )));
    let number = |field, value: &str| Profile {
        name: "corporate number".to_owned(),
        extensions: vec![ExtensionValue {
            identifier: "1.2.392.100300.1.1.3".to_owned(),
            field,
            value: value.to_owned(),
        }],
        ..Profile::default()
    };
    let subject = |name: &str, value: Option<&str>| Profile {
        name: "name".to_owned(),
        subject: vec![Attribute {
            name: name.to_owned(),
            value: value.map(str::to_owned),
        }],
        ..Profile::default()
    };
    let elsewhere = |parties: &[&str], authorities: &[&str]| Profile {
        parties: parties.iter().map(|it| (*it).to_owned()).collect(),
        authorities: authorities.iter().map(|it| (*it).to_owned()).collect(),
        ..subject("OU", None)
    };
    let cases = [
        (number(Some(1), "0100-01-012345"), None),
        (number(None, "関東保証"), None),
        (
            number(Some(0), "0100-01-012345"),
            Some("field 0 is not `0100-01-012345`"),
        ),
        (number(Some(1), "0100-01-01234"), Some("field 1 is not")),
        (subject("O", Some("Kanto Surety")), None),
        (subject("2.5.4.10", Some("Kanto Surety")), None),
        (
            subject("O", Some("Rival")),
            Some("its subject has O `Kanto Surety`, expected `Rival`"),
        ),
        (subject("OU", None), Some("its subject has no OU")),
        (elsewhere(&["S2"], &[]), None),
        (elsewhere(&[], &["C=JP, CN=Other"]), None),
        (
            elsewhere(&["S1", "S2"], &[&dn(&root)]),
            Some("its subject has no OU"),
        ),
    ];
    for (profile, expected) in cases {
        let rules = TrustRules {
            profiles: vec![profile.clone()],
            ..rules(&root)
        };
        match (check(&rules, &key), expected) {
            (Ok(_), None) => {}
            (Err(refused), Some(part)) => {
                assert!(refused.message.contains(part), "{refused}");
                assert!(
                    refused
                        .message
                        .contains(&format!("the profile `{}`", profile.name)),
                    "{refused}"
                );
            }
            (other, _) => panic!("{profile:?}: {other:?}"),
        }
    }
}

#[test]
fn rules_that_would_never_be_asked_for_are_refused() {
    let root = Authority::root("Root");
    let below = root.subordinate(&Wish::authority("Below"));
    let refused = |rules: &TrustRules| Signatures::trusting(rules).err().unwrap();
    let not_a_root = refused(&TrustRules {
        roots: below.pem(),
        ..TrustRules::default()
    });
    assert_eq!(not_a_root, TrustError::NotRoot(dn(&below)));
    let directory = TrustRules {
        crl_directory: Some("/x".into()),
        ..TrustRules::default()
    };
    assert_eq!(refused(&directory), TrustError::NoRoots("crl_directory"));
    let profiles = TrustRules {
        profiles: vec![Profile::default()],
        ..TrustRules::default()
    };
    assert_eq!(refused(&profiles), TrustError::NoRoots("profiles_file"));
    let text = TrustRules {
        roots: b"hello".to_vec(),
        ..TrustRules::default()
    };
    assert!(matches!(refused(&text), TrustError::Unreadable(..)));
}
