//! With the command `openssl` on the other side.

use bondhub_core::{
    identifier::{BondId, BondNumber},
    key::{Audience, KeyFile, KeySecret, KeyedBond, Kid, Statement, Token},
    ports::signing::{ImportedKey, Sign as _, VerifyDocument as _},
};

use super::support::{Desk, at, authority, entrusted, issue, now, order, pem, pin};
use crate::{
    Signatures,
    certificate_maker::{CertificateAuthority, CertificateOrder, KeyKind},
};

/// Exactly what CONTRACT §4 promises.
const VERIFY: &str = "cms -verify -cades -binary -inform PEM -in FILE -CAfile ca.pem";

fn token() -> Token {
    Token::new(Kid::from_bytes([7; 10]), KeySecret::take(&mut [9; 32]))
}

fn statement() -> Statement {
    let bond = KeyedBond {
        id: &BondId::try_from("S1/B-2026-000123".to_owned()).unwrap(),
        revision: 2,
        issued_at: now(),
        expires_at: at("2027-03-31T15:00:00Z"),
    };
    Statement::about(
        &token(),
        Audience::try_from("owner:O1".to_owned()).unwrap(),
        bond,
    )
}

pub(super) fn key_file(key: &ImportedKey) -> Vec<u8> {
    let content = statement().to_bytes();
    let cms = Signatures::new()
        .sign(&entrusted(key), &content, now())
        .unwrap();
    let number = BondNumber::parse("B-2026-000123").unwrap();
    KeyFile::assemble(&number, 2, &token(), &cms).to_vec()
}

fn desk_with(authority: &CertificateAuthority, file: &[u8]) -> Desk {
    Desk::new(&[
        ("ca.pem", &authority.certificate_pem().unwrap()),
        ("FILE", file),
    ])
}

#[test]
fn a_key_file_verifies_with_plain_openssl_whatever_key_signed_it() {
    let authority = authority("CA");
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa(2048)] {
        let key = issue(
            &authority,
            &CertificateOrder {
                key: kind,
                ..order("Surety")
            },
        );
        let desk = desk_with(&authority, &key_file(&key));
        let (success, written) = desk.openssl(&format!("{VERIFY} -out statement.json"));
        assert!(
            success && written.contains("CAdES Verification successful"),
            "{written}"
        );
        assert_eq!(desk.get("statement.json"), statement().to_bytes());
    }
}

#[test]
fn a_key_file_verifies_in_any_disguise_that_the_format_allows() {
    let authority = authority("CA");
    let file = String::from_utf8(key_file(&issue(&authority, &order("Surety")))).unwrap();
    let mail = format!("Content-Type: text/plain\n\nお知らせ\n{file}");
    for text in [file.replace("\r\n", "\n"), format!("\u{feff}{file}"), mail] {
        assert!(
            desk_with(&authority, text.as_bytes()).openssl(VERIFY).0,
            "{text}"
        );
        assert!(KeyFile::parse(text.as_bytes()).is_ok());
    }
}

#[test]
fn a_tampered_key_file_does_not_verify_with_openssl() {
    let authority = authority("CA");
    let key = issue(&authority, &order("Surety"));
    let whole = String::from_utf8(key_file(&key)).unwrap();
    // The statement's bytes, base 64 at whatever offset, hold `"rev":2`.
    let parsed = KeyFile::parse(whole.as_bytes()).unwrap();
    let mut cms = parsed.cms;
    let place = cms
        .windows(7)
        .position(|window| window == b"\"rev\":2")
        .unwrap()
        + 6;
    cms[place] = b'3';
    let tampered = KeyFile::assemble(&parsed.bond, 3, &parsed.token, &cms);
    assert!(!desk_with(&authority, &tampered).openssl(VERIFY).0);
    assert!(Signatures::new().verify(&cms, &[pin(&key)], now()).is_err());
}

#[test]
fn a_key_file_of_another_authority_does_not_verify_with_openssl() {
    let key = issue(&authority("CA"), &order("Surety"));
    assert!(
        !desk_with(&authority("CA"), &key_file(&key))
            .openssl(VERIFY)
            .0
    );
}

#[test]
fn the_statement_in_a_verified_key_file_is_about_its_key() {
    let key = issue(&authority("CA"), &order("Surety"));
    let file = KeyFile::parse(&key_file(&key)).unwrap();
    let signed = Signatures::new()
        .verify(&file.cms, &[pin(&key)], now())
        .unwrap();
    let read = Statement::read(&signed.content).unwrap();
    assert_eq!(file.check(&read), Ok(()));
}

#[test]
fn a_document_signed_by_the_command_openssl_is_accepted() {
    let authority = authority("CA");
    for kind in [KeyKind::P256, KeyKind::Rsa(2048)] {
        let made = authority
            .issue(&CertificateOrder {
                key: kind,
                ..order("Surety")
            })
            .unwrap();
        let desk = Desk::new(&[("issuer.pem", &pem(&made)), ("document.json", b"{\"v\":1}")]);
        desk.make(
            "cms -sign -cades -binary -nodetach -outform DER -signer issuer.pem \
             -in document.json -out document.p7m",
        );
        let key = Signatures::new().import(&pem(&made), None).unwrap();
        let much_later = at("2098-01-01T00:00:00Z");
        let verified =
            Signatures::new().verify(&desk.get("document.p7m"), &[pin(&key)], much_later);
        assert_eq!(verified.unwrap().content, b"{\"v\":1}");
    }
}

#[test]
fn pkcs12_and_encrypted_pem_of_the_command_openssl_are_imported_modern_and_legacy() {
    let made = authority("CA").issue(&order("Surety")).unwrap();
    let desk = Desk::new(&[("issuer.pem", &pem(&made))]);
    desk.make("pkcs12 -export -in issuer.pem -out modern.p12 -passout pass:sesame");
    desk.make("pkcs12 -export -legacy -in issuer.pem -out legacy.p12 -passout pass:sesame");
    desk.make("pkcs8 -topk8 -in issuer.pem -out key.pem -passout pass:sesame");
    let certificate = made.certificate_pem().unwrap();
    desk.put(
        "encrypted.pem",
        &[desk.get("key.pem"), certificate].concat(),
    );
    for name in ["modern.p12", "legacy.p12", "encrypted.pem"] {
        let import = |password| Signatures::new().import(&desk.get(name), password);
        let key = import(Some("sesame")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            key.certificate.der,
            made.certificate_der().unwrap(),
            "{name}"
        );
        let refused = import(Some("open")).err().expect("refused").to_string();
        assert!(
            refused.contains("the password is wrong"),
            "{name}: {refused}"
        );
        assert!(import(None).is_err(), "{name}");
    }
}
