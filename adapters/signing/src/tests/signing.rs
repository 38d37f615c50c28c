use bondhub_core::ports::signing::{EntrustedKey, Sign as _, SignError};

use super::support::{at, authority, entrusted, issue, now, order, sign, verify};
use crate::{
    Signatures,
    certificate_maker::{CertificateOrder, KeyKind},
};

#[test]
fn what_is_signed_verifies_and_tells_who_signed_it_when() {
    let authority = authority("CA");
    for key in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa(2048)] {
        let key = issue(
            &authority,
            &CertificateOrder {
                key,
                ..order("Surety")
            },
        );
        let signed = verify(&sign(&key, b"content\r\n\x00"), &key).unwrap();
        assert_eq!(signed.content, b"content\r\n\x00");
        assert_eq!(signed.signer, key.certificate.fingerprint);
        assert_eq!(signed.signed_at, Some(now()));
    }
}

#[test]
fn a_signing_time_after_2049_is_written_and_read() {
    let key = issue(&authority("CA"), &order("Surety"));
    let later = at("2061-02-03T04:05:06Z");
    let cms = Signatures::new()
        .sign(&entrusted(&key), b"x", later)
        .unwrap();
    let claims = crate::signed_data::read(&cms).unwrap();
    assert_eq!(claims.signed_at, later);
}

#[test]
fn an_expired_certificate_signs_nothing() {
    let valid_until = at("2026-08-31T23:59:59Z");
    let key = issue(
        &authority("CA"),
        &CertificateOrder {
            valid_until,
            ..order("Surety")
        },
    );
    let refused = Signatures::new().sign(&entrusted(&key), b"x", now());
    assert!(matches!(refused, Err(SignError::Unsuitable(_))));
    assert!(
        Signatures::new()
            .sign(&entrusted(&key), b"x", valid_until)
            .is_ok()
    );
}

#[test]
fn another_private_key_or_fingerprint_than_the_certificates_is_refused() {
    let authority = authority("CA");
    let (one, two) = (
        issue(&authority, &order("One")),
        issue(&authority, &order("Two")),
    );
    let mixed = EntrustedKey {
        private_key: &two.private_key,
        ..entrusted(&one)
    };
    assert!(Signatures::new().sign(&mixed, b"x", now()).is_err());
    let misnamed = EntrustedKey {
        fingerprint: &two.certificate.fingerprint,
        ..entrusted(&one)
    };
    assert!(Signatures::new().sign(&misnamed, b"x", now()).is_err());
}

#[test]
fn more_keys_than_are_held_in_memory_still_sign() {
    let (authority, signatures) = (authority("CA"), Signatures::new());
    for number in 0..300 {
        let key = issue(&authority, &order(&format!("Surety {number}")));
        assert!(signatures.sign(&entrusted(&key), b"x", now()).is_ok());
    }
    assert_eq!(signatures.held_keys(), 256);
}
