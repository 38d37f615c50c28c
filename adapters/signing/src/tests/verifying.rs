use bondhub_core::{
    event::Reason,
    ports::signing::{ImportedKey, PinnedCertificate, VerifyDocument as _},
};
use chrono::TimeDelta;
use openssl::{
    cms::{CMSOptions, CmsContentInfo},
    pkey::PKey,
    x509::X509,
};

use super::support::{
    Desk, at, authority, issue, now, order, pem, pin, sentence, sign, signer, verify,
};
use crate::{
    Signatures,
    certificate_maker::{CertificateOrder, KeyKind, Usage},
    signed_data::writing::Signer,
};

fn key() -> ImportedKey {
    issue(&authority("CA"), &order("Surety"))
}

/// A block made by OpenSSL with other flags than ours.
fn sign_with(key: &ImportedKey, flags: CMSOptions) -> Vec<u8> {
    let certificate = X509::from_der(&key.certificate.der).unwrap();
    let private_key = PKey::private_key_from_pkcs8(&key.private_key).unwrap();
    let flags = flags | CMSOptions::BINARY;
    CmsContentInfo::sign(
        Some(&certificate),
        Some(&private_key),
        None,
        Some(b"content"),
        flags,
    )
    .unwrap()
    .to_der()
    .unwrap()
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
fn changed_content_is_refused() {
    let key = key();
    let mut cms = sign(&key, b"100000 JPY");
    let place = cms
        .windows(6)
        .position(|window| window == b"100000")
        .unwrap();
    cms[place] = b'9';
    assert_eq!(
        sentence(verify(&cms, &key)),
        "the signed content was changed after it was signed"
    );
}

#[test]
fn every_changed_byte_of_the_signers_part_is_refused() {
    let key = key();
    let cms = sign(&key, b"content");
    assert!(verify(&cms, &key).is_ok());
    let der = &key.certificate.der;
    let signer_part = cms
        .windows(der.len())
        .position(|window| window == der)
        .unwrap()
        + der.len();
    for place in (0..60).chain(signer_part..cms.len()) {
        let mut changed = cms.clone();
        changed[place] ^= 1;
        assert!(
            verify(&changed, &key).is_err(),
            "byte {place} of {}",
            cms.len()
        );
    }
}

#[test]
fn a_cut_document_and_random_bytes_are_refused() {
    let key = key();
    let cms = sign(&key, b"content");
    for length in 0..cms.len() {
        assert!(verify(&cms[..length], &key).is_err(), "{length}");
    }
    assert!(verify(b"not CMS at all", &key).is_err());
}

#[test]
fn bytes_after_the_document_and_a_second_document_are_refused() {
    let key = key();
    let cms = sign(&key, b"content");
    for trailing in [&[0][..], b"\n", &cms] {
        let refused = sentence(verify(&[cms.as_slice(), trailing].concat(), &key));
        assert!(refused.contains("after the signed document"), "{refused}");
    }
}

#[test]
fn indefinite_and_padded_lengths_are_refused() {
    let key = key();
    let cms = sign(&key, b"content");
    assert_eq!(cms[..2], [0x30, 0x82], "the length has two bytes");
    let indefinite = [&[0x30, 0x80], &cms[4..], &[0, 0]].concat();
    let padded = [&[0x30, 0x83, 0], &cms[2..]].concat();
    for ber in [indefinite, padded] {
        assert!(
            CmsContentInfo::from_der(&ber).is_ok(),
            "the library alone takes it"
        );
        assert!(sentence(verify(&ber, &key)).contains("DER"));
    }
}

#[test]
fn a_detached_signature_is_refused() {
    let key = key();
    let refused = sentence(verify(&sign_with(&key, CMSOptions::DETACHED), &key));
    assert!(refused.contains("detached"), "{refused}");
}

#[test]
fn a_signature_without_the_attributes_of_cades_is_refused() {
    let key = key();
    let plain = sentence(verify(&sign_with(&key, CMSOptions::empty()), &key));
    assert!(plain.contains("ESS signing-certificate-v2"), "{plain}");
    let bare = sentence(verify(&sign_with(&key, CMSOptions::NOATTR), &key));
    assert!(bare.contains("signing-time"), "{bare}");
}

/// Signs `content.bin` with the command `openssl` and these arguments.
fn sign_by_command(arguments: &str) -> (ImportedKey, Vec<u8>) {
    let authority = authority("CA");
    let made = authority.issue(&order("Surety")).unwrap();
    let other = authority.issue(&order("Other")).unwrap();
    let desk = Desk::new(&[
        ("key.pem", &pem(&made)),
        ("other.pem", &pem(&other)),
        ("content.bin", b"content"),
    ]);
    let common =
        "cms -sign -binary -nodetach -outform DER -in content.bin -out out.der -signer key.pem";
    desk.make(&format!("{common} {arguments}"));
    (issue_again(&pem(&made)), desk.get("out.der"))
}

fn issue_again(pem: &[u8]) -> ImportedKey {
    use bondhub_core::ports::signing::Sign as _;
    Signatures::new().import(pem, None).unwrap()
}

#[test]
fn two_signers_and_none_are_refused() {
    let (key, cms) = sign_by_command("-cades -signer other.pem");
    assert!(sentence(verify(&cms, &key)).contains("2 signatures"));
    let none = without_signers(&cms);
    assert!(CmsContentInfo::from_der(&none).is_ok());
    assert!(sentence(verify(&none, &key)).contains("0 signatures"));
}

/// The same block with an empty set of signers.
fn without_signers(cms: &[u8]) -> Vec<u8> {
    use crate::der::{CONTEXT_0, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET, write};
    let mut block = Reader::new(cms).enter(SEQUENCE).unwrap();
    let kind = block.expect(OBJECT_IDENTIFIER).unwrap().whole;
    let mut data = block.enter(CONTEXT_0).unwrap().enter(SEQUENCE).unwrap();
    let mut fields: Vec<&[u8]> = (0..4).map(|_| data.any().unwrap().whole).collect();
    fields.push(&[SET, 0]);
    let data = write(CONTEXT_0, &[&write(SEQUENCE, &fields)]);
    write(SEQUENCE, &[kind, &data])
}

#[test]
fn sha_1_is_refused() {
    let (key, cms) = sign_by_command("-cades -md sha1");
    assert!(sentence(verify(&cms, &key)).contains("SHA-1"));
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
        let key = issue_again(&pem(&with(identifier)));
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
    let key = issue_again(&pem(&made));
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
fn what_was_signed_before_the_certificate_was_revoked_stays_accepted() {
    let key = key();
    let cms = sign(&key, b"content");
    let revoked = |revoked_at| {
        let pinned = PinnedCertificate {
            revoked_at: Some(revoked_at),
            ..pin(&key)
        };
        Signatures::new().verify(&cms, &[pinned], now() + TimeDelta::days(9))
    };
    assert!(revoked(now() + TimeDelta::seconds(1)).is_ok());
    for revoked_at in [now(), now() - TimeDelta::days(1)] {
        assert!(sentence(revoked(revoked_at)).contains("no longer accepted since"));
    }
}

#[test]
fn a_huge_document_is_refused_unread() {
    let rejection = verify(&vec![0x30; 5_000_000], &key()).unwrap_err();
    assert_eq!(rejection.reason, Reason::TooLarge);
}
