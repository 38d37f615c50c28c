use super::{
    pki::{Authority, Wish},
    support::{Desk, at, authority, issue, now, order, sign},
};
use crate::{
    OfflineTrust, Trust,
    certificate_maker::CertificateOrder,
    der::{CONTEXT_0, SEQUENCE, write},
    verify_offline,
};

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

#[test]
fn a_signer_below_an_authority_with_critical_name_constraints_is_known_by_the_root() {
    let names = write(0x82, &[b"example.jp"]);
    let subtrees = write(CONTEXT_0, &[&write(SEQUENCE, &[&names])]);
    let constrained = ("2.5.29.30", true, write(SEQUENCE, &[&subtrees]));
    let root = Authority::root("Bridge");
    let between = root.subordinate(&Wish::authority("Below").with(constrained));
    let (certificate, key) = between.issue_raw(&Wish::signer("Surety"));
    let desk = Desk::new(&[
        ("key.pem", &key.private_key_to_pem_pkcs8().unwrap()),
        ("signer.pem", &certificate.to_pem().unwrap()),
        ("between.pem", &between.pem()),
        ("content.bin", b"content"),
    ]);
    desk.make(
        "cms -sign -cades -binary -nodetach -outform DER -in content.bin -out out.der \
         -signer signer.pem -inkey key.pem -certfile between.pem",
    );
    let trust = OfflineTrust {
        authorities: Some(&root.pem()),
        signer: None,
    };
    let report = verify_offline(&desk.get("out.der"), trust, at("2048-01-01T00:00:00Z"));
    assert_eq!(report.unwrap().trust, Trust::GivenAuthority);
}
