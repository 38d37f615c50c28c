//! Who signed, with what certificate, and when.

use bondhub_core::ports::signing::{ImportedKey, PinnedCertificate, VerifyDocument as _};
use chrono::TimeDelta;
use openssl::pkey::PKey;

use super::support::{
    Desk, at, authority, import, issue, now, order, party, pem, pin, sentence, sign,
    sign_by_command, signer, verify,
};
use crate::{
    Signatures,
    certificate_maker::{CertificateOrder, KeyKind, Usage},
    signed_data::writing::Signer,
};

fn key() -> ImportedKey {
    issue(&authority("CA"), &order("Surety"))
}

#[test]
fn a_document_signed_with_one_of_several_pinned_certificates_is_accepted() {
    let authority = authority("CA");
    let (old, new) = (
        issue(&authority, &order("Surety")),
        issue(&authority, &order("Surety")),
    );
    let pinned = [pin(&old), pin(&new)];
    let verified = Signatures::new()
        .verify(&sign(&new, b"content"), &pinned, now())
        .unwrap();
    assert_eq!(verified.signer, new.certificate.fingerprint);
}

#[test]
fn another_companys_certificate_of_the_same_authority_is_refused_and_named() {
    let authority = authority("CA");
    let (ours, theirs) = (
        issue(&authority, &order("Surety")),
        issue(&authority, &order("Rival")),
    );
    let refused = sentence(verify(&sign(&theirs, b"content"), &ours));
    assert!(refused.contains("CN=Rival"), "{refused}");
    assert!(
        refused.contains("not a certificate registered"),
        "{refused}"
    );
    let nobody = Signatures::new().verify(&sign(&ours, b"content"), &[], now());
    assert!(sentence(nobody).contains("not a certificate registered"));
}

#[test]
fn what_a_document_claims_is_told_without_any_pinned_certificate() {
    let cms = sign(&key(), b"content");
    assert_eq!(
        Signatures::new().claimed_content(&cms).as_deref(),
        Some(&b"content"[..])
    );
    assert_eq!(Signatures::new().claimed_content(b"content"), None);
}

#[test]
fn a_signature_of_another_key_in_the_name_of_the_pinned_certificate_is_refused() {
    let (ours, theirs) = (key(), key());
    let stolen_name = PKey::private_key_from_pkcs8(&theirs.private_key).unwrap();
    let forger = Signer::new(&ours.certificate.der, stolen_name).unwrap();
    let refused = sentence(verify(&forger.sign(b"content", now()).unwrap(), &ours));
    assert_eq!(
        refused,
        "the signature does not fit the signer's certificate"
    );
}

#[test]
fn a_signature_that_claims_to_be_made_with_another_certificate_is_refused() {
    let (ours, theirs) = (key(), key());
    let claiming = signer(&ours).claiming(&theirs.certificate.der);
    let refused = sentence(verify(&claiming.sign(b"content", now()).unwrap(), &ours));
    assert_eq!(
        refused,
        "the signature names another certificate than the one it was made with"
    );
}

#[test]
fn a_signer_named_by_key_identifier_is_found_among_several_pinned() {
    let (key, cms) = sign_by_command("-cades -keyid");
    let other = issue(&authority("CA"), &order("Surety"));
    let much_later = at("2098-01-01T00:00:00Z");
    let verified = Signatures::new().verify(&cms, &[pin(&other), pin(&key)], much_later);
    assert_eq!(verified.unwrap().signer, key.certificate.fingerprint);
    let refused = Signatures::new().verify(&cms, &[pin(&other)], much_later);
    assert!(sentence(refused).contains("not a certificate registered"));
}

#[test]
fn stronger_digests_and_a_signer_named_by_key_identifier_are_accepted() {
    for arguments in [
        "-cades -md sha384",
        "-cades -md sha512",
        "-cades -keyid",
        "-cades -nocerts",
    ] {
        let (key, cms) = sign_by_command(arguments);
        let verified = Signatures::new().verify(&cms, &[pin(&key)], at("2098-01-01T00:00:00Z"));
        assert_eq!(verified.unwrap().content, b"content", "{arguments}");
    }
}

#[test]
fn a_certificate_that_may_only_encipher_is_refused() {
    let order = CertificateOrder {
        usage: Usage::Encipherment,
        ..order("Surety")
    };
    let made = authority("CA").issue(&order).unwrap();
    let der = made.certificate_der().unwrap();
    let key = PKey::private_key_from_pem(&made.private_key_pem().unwrap()).unwrap();
    let cms = Signer::new(&der, key)
        .unwrap()
        .sign(b"content", now())
        .unwrap();
    let pinned = PinnedCertificate {
        party: party(),
        fingerprint: "f",
        der: &der,
        revoked_at: None,
    };
    let refused = sentence(Signatures::new().verify(&cms, &[pinned], now()));
    assert!(refused.contains("key usage"), "{refused}");
}

#[test]
fn a_short_rsa_key_is_refused() {
    let order = CertificateOrder {
        key: KeyKind::Rsa(1024),
        ..order("Surety")
    };
    let made = authority("CA").issue(&order).unwrap();
    let der = made.certificate_der().unwrap();
    let key = PKey::private_key_from_pem(&made.private_key_pem().unwrap()).unwrap();
    let cms = Signer::new(&der, key)
        .unwrap()
        .sign(b"content", now())
        .unwrap();
    let pinned = PinnedCertificate {
        party: party(),
        fingerprint: "f",
        der: &der,
        revoked_at: None,
    };
    let refused = sentence(Signatures::new().verify(&cms, &[pinned], now()));
    assert!(refused.contains("RSA of 1024 bits"), "{refused}");
}

#[test]
fn only_the_critical_extensions_of_the_commercial_registration_are_known_beyond_the_standard() {
    let with = |identifier| {
        let critical_extension = Some(identifier);
        authority("CA")
            .issue(&CertificateOrder {
                critical_extension,
                ..order("Surety")
            })
            .unwrap()
    };
    for identifier in ["1.2.392.100300.1.1.2", "1.2.392.100300.1.1.3"] {
        let key = import(&pem(&with(identifier)));
        assert!(
            verify(&sign(&key, b"content"), &key).is_ok(),
            "{identifier}"
        );
    }
    let made = with("1.2.3.4");
    let der = made.certificate_der().unwrap();
    let key = PKey::private_key_from_pem(&made.private_key_pem().unwrap()).unwrap();
    let cms = Signer::new(&der, key)
        .unwrap()
        .sign(b"content", now())
        .unwrap();
    let pinned = PinnedCertificate {
        party: party(),
        fingerprint: "f",
        der: &der,
        revoked_at: None,
    };
    let refused = sentence(Signatures::new().verify(&cms, &[pinned], now()));
    assert!(refused.contains("critical extension"), "{refused}");
}

#[test]
fn rsa_pss_signatures_are_accepted() {
    let made = authority("CA")
        .issue(&CertificateOrder {
            key: KeyKind::Rsa(2048),
            ..order("Surety")
        })
        .unwrap();
    let desk = Desk::new(&[("key.pem", &pem(&made)), ("content.bin", b"content")]);
    desk.make(
        "cms -sign -cades -binary -nodetach -outform DER -in content.bin -out out.der \
         -signer key.pem -keyopt rsa_padding_mode:pss",
    );
    let key = import(&pem(&made));
    let much_later = at("2098-01-01T00:00:00Z");
    let verified = Signatures::new().verify(&desk.get("out.der"), &[pin(&key)], much_later);
    assert_eq!(verified.unwrap().content, b"content");
}

#[test]
fn a_certificate_without_key_usage_is_accepted() {
    let key = issue(
        &authority("CA"),
        &CertificateOrder {
            usage: Usage::Unstated,
            ..order("Surety")
        },
    );
    assert!(verify(&sign(&key, b"content"), &key).is_ok());
}

#[test]
fn the_certificate_must_be_valid_when_the_document_was_signed_not_when_it_is_read() {
    let (valid_from, valid_until) = (at("2026-01-01T00:00:00Z"), at("2026-06-30T23:59:59Z"));
    let order = CertificateOrder {
        valid_from,
        valid_until,
        ..order("Surety")
    };
    let key = issue(&authority("CA"), &order);
    let signed_at = |time| verify(&signer(&key).sign(b"content", time).unwrap(), &key);
    assert!(signed_at(valid_from).is_ok());
    assert!(
        signed_at(valid_until).is_ok(),
        "signed in time, read after the certificate's end"
    );
    for time in [
        valid_from - TimeDelta::seconds(1),
        valid_until + TimeDelta::seconds(1),
    ] {
        let refused = sentence(signed_at(time));
        assert!(
            refused.contains("was not valid when the document was signed"),
            "{refused}"
        );
    }
}

#[test]
fn a_signing_time_in_the_future_is_refused_beyond_five_minutes() {
    let key = key();
    let signed = |ahead| verify(&signer(&key).sign(b"content", now() + ahead).unwrap(), &key);
    assert!(signed(TimeDelta::minutes(5)).is_ok());
    let refused = sentence(signed(TimeDelta::seconds(301)));
    assert!(refused.contains("in the future"), "{refused}");
}

#[test]
fn what_comes_after_the_certificate_was_revoked_is_refused_whenever_it_claims_to_be_signed() {
    let key = key();
    let (revoked_at, day) = (now(), TimeDelta::days(1));
    let pinned = PinnedCertificate {
        revoked_at: Some(revoked_at),
        ..pin(&key)
    };
    let backdated = signer(&key).sign(b"content", revoked_at - day).unwrap();
    let verified = |at| Signatures::new().verify(&backdated, &[pinned], at);
    assert!(verified(revoked_at - TimeDelta::seconds(1)).is_ok());
    for at in [revoked_at, revoked_at + day] {
        let refused = sentence(verified(at));
        assert!(refused.contains("no longer accepted since"), "{refused}");
    }
}
