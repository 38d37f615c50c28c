//! Revocation by the authorities of a chain (R5, RFC 5280 §6.3, RFC 10007). The command `openssl verify` is
//! asked the same where it can answer.

use bondhub_core::ports::signing::{Revocation, VerifyDocument as _};
use chrono::TimeDelta;

use super::{
    pki::{
        Authority, CURRENT, SIGNS_CERTIFICATES, Wish, certificate, check, check_cms,
        distribution_point, dn, issuing_point, rules, usage, with_lists,
    },
    support::{Desk, at, now, pin, sentence, sign, signer},
};
use crate::{RevocationRule, Signatures, TrustRules};

#[test]
fn a_certificate_on_its_authoritys_list_is_refused_from_the_revocation_on_as_openssl_refuses_it() {
    let root = Authority::root("Root");
    let (good, bad) = (
        root.issue(&Wish::signer("Good")),
        root.issue(&Wish::signer("Bad")),
    );
    let list = root.list(
        CURRENT,
        &[(&certificate(&bad), "2026-08-15T00:00:00Z", 4)],
        &[],
    );
    let desk = Desk::new(&[("root.pem", &root.pem()), ("list.pem", &list)]);
    let (rules, _directory) = with_lists(rules(&root), &[list]);
    assert_eq!(
        check(&rules, &good).unwrap().revocation,
        Revocation::Checked
    );
    let refused = sentence(check(&rules, &bad));
    assert!(
        refused.contains("revoked by its authority on 2026-08-15")
            && refused.contains("superseded"),
        "{refused}"
    );
    for (key, expected) in [(&good, true), (&bad, false)] {
        desk.put("signer.pem", &certificate(key).to_pem().unwrap());
        let (fine, said) = desk.openssl(&format!(
            "verify -CAfile root.pem -crl_check -CRLfile list.pem -attime {} signer.pem",
            now().timestamp()
        ));
        assert_eq!(fine, expected, "{said}");
    }
    let before = |key| {
        signer(key)
            .sign(b"content", at("2026-08-14T00:00:00Z"))
            .unwrap()
    };
    assert!(
        check_cms(&rules, &bad, &before(&bad)).is_ok(),
        "signed before it was superseded"
    );
}

#[test]
fn after_a_compromise_no_claimed_signing_time_counts() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let before = signer(&key)
        .sign(b"content", at("2026-08-01T00:00:00Z"))
        .unwrap();
    for (reason, accepted) in [(1, false), (2, false), (0, true), (5, true)] {
        let list = root.list(
            CURRENT,
            &[(&certificate(&key), "2026-08-15T00:00:00Z", reason)],
            &[],
        );
        let (rules, _directory) = with_lists(rules(&root), &[list]);
        assert_eq!(
            check_cms(&rules, &key, &before).is_ok(),
            accepted,
            "reason {reason}"
        );
    }
}

#[test]
fn a_missing_or_stale_list_is_refused_or_told_as_the_rules_say() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let stale = root.list(("2026-08-01T00:00:00Z", "2026-08-31T00:00:00Z"), &[], &[]);
    let future = root.list(("2026-09-02T00:00:00Z", "2026-09-09T00:00:00Z"), &[], &[]);
    for (lists, part) in [
        (vec![], "no revocation list of"),
        (vec![stale.clone()], "no current"),
        (vec![future], "no revocation list of"),
    ] {
        let (require, directory) = with_lists(rules(&root), &lists);
        let refused = sentence(check(&require, &key));
        assert!(
            refused.contains(part) && refused.contains("CN=Root"),
            "{refused}"
        );
        let report = TrustRules {
            revocation: RevocationRule::Report,
            ..require
        };
        let Revocation::Unchecked(why) = check(&report, &key).unwrap().revocation else {
            panic!("marked as unchecked");
        };
        assert!(why.contains(part), "{why}");
        drop(directory);
    }
    let (require, _directory) = with_lists(rules(&root), &[stale]);
    let patient = TrustRules {
        crl_grace: TimeDelta::days(2),
        ..require
    };
    assert_eq!(
        check(&patient, &key).unwrap().revocation,
        Revocation::Checked
    );
}

#[test]
fn a_stale_list_still_refuses_whom_it_names() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let revoked = [(&certificate(&key), "2026-08-15T00:00:00Z", 0)];
    let stale = root.list(
        ("2026-08-20T00:00:00Z", "2026-08-31T00:00:00Z"),
        &revoked,
        &[],
    );
    let (require, _directory) = with_lists(rules(&root), &[stale]);
    let report = TrustRules {
        revocation: RevocationRule::Report,
        ..require
    };
    assert!(sentence(check(&report, &key)).contains("revoked by its authority"));
}

#[test]
fn a_suspension_that_was_lifted_no_longer_counts() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let held = [(&certificate(&key), "2026-08-15T00:00:00Z", 6)];
    let with = root.list(("2026-08-30T00:00:00Z", "2026-09-30T00:00:00Z"), &held, &[]);
    let without = root.list(CURRENT, &[], &[]);
    let (alone, _one) = with_lists(rules(&root), std::slice::from_ref(&with));
    assert!(sentence(check(&alone, &key)).contains("suspended"));
    let (both, _two) = with_lists(rules(&root), &[with, without]);
    assert!(check(&both, &key).is_ok());
}

#[test]
fn a_list_counts_only_if_its_authority_signed_it_and_may_sign_lists() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let forged = Authority::root("Root").list(CURRENT, &[], &[]);
    let (rules_, _directory) = with_lists(rules(&root), &[forged]);
    assert!(sentence(check(&rules_, &key)).contains("no revocation list of"));
    for odd in [
        Wish::authority("Root").with(usage(SIGNS_CERTIFICATES)),
        Wish::authority("Root").without("2.5.29.15"),
    ] {
        let root = Authority::root_as(&odd);
        let key = root.issue(&Wish::signer("Surety"));
        let (rules, _directory) = with_lists(rules(&root), &[root.list(CURRENT, &[], &[])]);
        assert!(
            sentence(check(&rules, &key)).contains("no revocation list of"),
            "RFC 10007"
        );
    }
}

#[test]
fn every_authority_below_the_root_is_checked_too() {
    let root = Authority::root("Root");
    let below = root.subordinate(&Wish::authority("Below"));
    let key = below.issue(&Wish::signer("Surety"));
    let base = TrustRules {
        intermediates: below.pem(),
        ..rules(&root)
    };
    let lower = below.list(CURRENT, &[], &[]);
    let (only_lower, _one) = with_lists(base.clone(), std::slice::from_ref(&lower));
    assert!(sentence(check(&only_lower, &key)).contains("`C=JP, CN=Root`"));
    let (both, _two) = with_lists(base.clone(), &[lower.clone(), root.list(CURRENT, &[], &[])]);
    assert_eq!(check(&both, &key).unwrap().revocation, Revocation::Checked);
    let revoked = root.list(
        CURRENT,
        &[(&below.certificate, "2026-08-15T00:00:00Z", 2)],
        &[],
    );
    let (revoked, _three) = with_lists(base, &[lower, revoked]);
    let refused = sentence(check(&revoked, &key));
    assert!(
        refused.contains("CN=Below") && refused.contains("authority compromised"),
        "{refused}"
    );
}

#[test]
fn a_partial_list_covers_only_its_own_distribution_point() {
    let root = Authority::root("Root");
    let at_two = Wish::signer("Surety").with(distribution_point("http://ca.example/2.crl"));
    let key = root.issue(&at_two);
    let list = |point| root.list(CURRENT, &[], &[issuing_point(point)]);
    let (one, _one) = with_lists(rules(&root), &[list("http://ca.example/1.crl")]);
    assert!(sentence(check(&one, &key)).contains("no revocation list of"));
    let (two, _two) = with_lists(
        rules(&root),
        &[
            list("http://ca.example/1.crl"),
            list("http://ca.example/2.crl"),
        ],
    );
    assert!(check(&two, &key).is_ok());
}

#[test]
fn delta_indirect_and_otherwise_odd_lists_are_not_taken_for_whole_ones() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let odd = [
        ("2.5.29.27", true, vec![2, 1, 1]),
        ("2.5.29.28", true, vec![0x30, 3, 0x84, 1, 0xff]),
        ("2.5.29.28", true, vec![0x30, 3, 0x82, 1, 0xff]),
        ("1.2.3.4", true, vec![5, 0]),
    ];
    for extension in odd {
        let (rules, _directory) =
            with_lists(rules(&root), &[root.list(CURRENT, &[], &[extension])]);
        assert!(sentence(check(&rules, &key)).contains("no revocation list of"));
    }
}

#[test]
fn of_an_ended_certificate_only_a_list_from_its_lifetime_tells() {
    let root = Authority::root("Root");
    let wish = Wish {
        until: at("2026-07-31T00:00:00Z"),
        ..Wish::signer("Surety")
    };
    let key = root.issue(&wish);
    let cms = signer(&key)
        .sign(b"content", at("2026-07-01T00:00:00Z"))
        .unwrap();
    let today = root.list(CURRENT, &[], &[]);
    let (now_only, _one) = with_lists(rules(&root), std::slice::from_ref(&today));
    let refused = sentence(check_cms(&now_only, &key, &cms));
    assert!(
        refused.contains("ended before the current revocation list"),
        "{refused}"
    );
    let july = ("2026-07-15T00:00:00Z", "2026-07-22T00:00:00Z");
    let (archived, _two) = with_lists(rules(&root), &[today.clone(), root.list(july, &[], &[])]);
    assert!(check_cms(&archived, &key, &cms).is_ok());
    let gone = root.list(
        july,
        &[(&certificate(&key), "2026-06-01T00:00:00Z", 0)],
        &[],
    );
    let (revoked, _three) = with_lists(rules(&root), &[today, gone]);
    assert!(sentence(check_cms(&revoked, &key, &cms)).contains("revoked by its authority"));
}

#[test]
fn a_new_list_in_the_directory_is_noticed() {
    let root = Authority::root("Root");
    let key = root.issue(&Wish::signer("Surety"));
    let (rules, directory) = with_lists(rules(&root), &[]);
    let signatures = Signatures::trusting(&rules).unwrap();
    let cms = sign(&key, b"content");
    assert!(signatures.verify(&cms, &[pin(&key)], now()).is_err());
    std::fs::write(
        directory.path().join("new.crl"),
        root.list(CURRENT, &[], &[]),
    )
    .unwrap();
    let later = now() + TimeDelta::seconds(11);
    assert!(signatures.verify(&cms, &[pin(&key)], later).is_ok());
    assert_eq!(signatures.revocation_lists(later).len(), 1);
    assert_eq!(signatures.revocation_lists(later)[0].issuer, dn(&root));
}
