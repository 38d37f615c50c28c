use super::support::{authority, issue, now, order, sign};
use crate::{OfflineTrust, Trust, certificate_maker::CertificateOrder, verify_offline};

#[test]
fn a_signature_is_told_apart_by_what_is_trusted() {
    let authority = authority("CA");
    let registered = CertificateOrder {
        critical_extension: Some("1.2.392.100300.1.1.3"),
        ..order("Surety")
    };
    let key = issue(&authority, &registered);
    let cms = sign(&key, b"content");
    let pem = authority.certificate_pem().unwrap();
    let unknown = OfflineTrust::default();
    let by_authority = OfflineTrust {
        authorities: Some(&pem),
        signer: None,
    };
    let by_certificate = OfflineTrust {
        authorities: None,
        signer: Some(&key.certificate.der),
    };
    for (trust, expected) in [
        (unknown, Trust::Unknown),
        (by_authority, Trust::GivenAuthority),
        (by_certificate, Trust::GivenCertificate),
    ] {
        let report = verify_offline(&cms, trust, now()).unwrap();
        assert_eq!(report.trust, expected);
        assert_eq!(
            (report.content.as_slice(), report.signed_at),
            (&b"content"[..], now())
        );
        assert_eq!(report.signer, key.certificate);
    }
}

#[test]
fn a_signer_below_another_authority_or_with_another_certificate_is_refused_and_named() {
    let key = issue(&authority("CA"), &order("Rival"));
    let cms = sign(&key, b"content");
    let other = authority("CA");
    let pem = other.certificate_pem().unwrap();
    let certificate = issue(&other, &order("Surety")).certificate.der;
    for trust in [
        OfflineTrust {
            authorities: Some(&pem),
            signer: None,
        },
        OfflineTrust {
            authorities: None,
            signer: Some(&certificate),
        },
        OfflineTrust {
            authorities: Some(&pem),
            signer: Some(&certificate),
        },
    ] {
        let rejection = verify_offline(&cms, trust, now()).unwrap_err();
        assert!(rejection.message.contains("CN=Rival"), "{rejection}");
    }
}

#[test]
fn changed_content_is_refused_offline_too() {
    let key = issue(&authority("CA"), &order("Surety"));
    let mut cms = sign(&key, b"content");
    let place = cms
        .windows(7)
        .position(|window| window == b"content")
        .unwrap();
    cms[place] = b'k';
    let rejection = verify_offline(&cms, OfflineTrust::default(), now()).unwrap_err();
    assert!(
        rejection.message.contains("changed after it was signed"),
        "{rejection}"
    );
}
