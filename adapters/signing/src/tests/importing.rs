use bondhub_core::ports::signing::{Sign as _, SignError};

use super::support::{authority, order, pem};
use crate::{
    Signatures,
    certificate_maker::{CertificateOrder, KeyKind, MadeCertificate, Usage},
};

fn made(order: &CertificateOrder<'_>) -> MadeCertificate {
    authority("CA").issue(order).unwrap()
}

fn error(file: &[u8], password: Option<&str>) -> SignError {
    Signatures::new()
        .import(file, password)
        .err()
        .expect("refused")
}

fn read_with(file: &[u8], password: Option<&str>, made: &MadeCertificate) {
    let key = Signatures::new().import(file, password).unwrap();
    assert_eq!(key.certificate.der, made.certificate_der().unwrap());
    assert_eq!(key.certificate.subject, "C=JP, CN=関東 Surety");
    assert_eq!(key.certificate.issuer, "C=JP, CN=CA");
}

#[test]
fn pkcs12_is_read_with_its_password_and_with_no_other() {
    let made = made(&order("関東 Surety"));
    let file = made.pkcs12("sesame").unwrap();
    read_with(&file, Some("sesame"), &made);
    for password in [None, Some(""), Some("Sesame"), Some("sesame\0")] {
        assert!(matches!(error(&file, password), SignError::Unreadable(_)));
    }
    assert!(
        error(&file, Some("Sesame"))
            .to_string()
            .contains("the password is wrong")
    );
}

#[test]
fn pem_is_read_whichever_of_certificate_and_key_stands_first() {
    let made = made(&order("関東 Surety"));
    read_with(&pem(&made), None, &made);
    let key = made.private_key_pem().unwrap();
    let turned = [key.as_slice(), made.certificate_pem().unwrap().as_slice()].concat();
    read_with(&turned, Some("not needed"), &made);
}

#[test]
fn the_certificate_that_belongs_to_the_key_is_found_among_others() {
    let made = made(&order("関東 Surety"));
    let other = authority("Other").certificate_pem().unwrap();
    read_with(&[other.as_slice(), &pem(&made)].concat(), None, &made);
    let alone = [other.as_slice(), &made.private_key_pem().unwrap()].concat();
    assert!(
        error(&alone, None)
            .to_string()
            .contains("no certificate that belongs")
    );
}

#[test]
fn files_that_are_no_keys_are_told_so() {
    let made = made(&order("関東 Surety"));
    let certificate = made.certificate_pem().unwrap();
    let key = made.private_key_pem().unwrap();
    let files: [&[u8]; 5] = [
        b"",
        b"hello",
        &certificate,
        &key,
        &made.certificate_der().unwrap(),
    ];
    for file in files {
        assert!(matches!(error(file, Some("x")), SignError::Unreadable(_)));
    }
    assert!(matches!(
        error(&vec![0x30; 300_000], None),
        SignError::Unreadable(_)
    ));
}

#[test]
fn certificates_that_may_not_sign_are_refused_at_import_and_at_enrolment() {
    let unsuitable = [
        CertificateOrder {
            usage: Usage::Encipherment,
            ..order("Surety")
        },
        CertificateOrder {
            key: KeyKind::Rsa(1024),
            ..order("Surety")
        },
        CertificateOrder {
            critical_extension: Some("1.2.392.100300.1.1.9"),
            ..order("Surety")
        },
    ];
    for order in &unsuitable {
        let made = made(order);
        assert!(matches!(error(&pem(&made), None), SignError::Unsuitable(_)));
        let enrolled = Signatures::new().read_certificate(&made.certificate_pem().unwrap());
        assert!(matches!(enrolled, Err(SignError::Unsuitable(_))));
    }
}

#[test]
fn a_certificate_is_enrolled_from_pem_or_der_and_only_one() {
    let made = made(&order("Surety"));
    let (pem, der) = (
        made.certificate_pem().unwrap(),
        made.certificate_der().unwrap(),
    );
    let read = |bytes: &[u8]| Signatures::new().read_certificate(bytes);
    assert_eq!(read(&pem).unwrap(), read(&der).unwrap());
    assert_eq!(read(&der).unwrap().valid_until, order("").valid_until);
    assert!(read(&[pem.as_slice(), &pem].concat()).is_err());
    assert!(read(&[der.as_slice(), &[0]].concat()).is_err());
    assert!(read(b"").is_err());
}
