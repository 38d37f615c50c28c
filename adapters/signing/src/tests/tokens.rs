//! Keys in tokens: SoftHSM2 is the token, `openssl` the other side.
//!
//! SoftHSM reads the place of its tokens from the environment when it is loaded, once in a process.
//! So each test runs a second time in a process of its own, with a token of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use bondhub_core::ports::{
    signing::{EntrustedKey, Sign as _, SignError, TokenKey},
    wrapping::{WrapError, WrapKey as _},
};
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use openssl::rsa::Rsa;

use super::support::{Desk, authority, import, now, order, pem, verify};
use crate::{
    Pin, Signatures, TokenError, TokenKeyWrap, TokenSigner, TokenUri,
    certificate_maker::{CertificateOrder, KeyKind, MadeCertificate},
};

const CONFIGURATION: &str = "SOFTHSM2_CONF";
const INSIDE: &str = "BONDHUB_TEST_INSIDE";
const PIN: &str = "2468";

/// Where Debian and others put SoftHSM.
fn module() -> PathBuf {
    [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm2.so",
    ]
    .iter()
    .map(PathBuf::from)
    .find(|path| path.exists())
    .expect("SoftHSM2 is installed (Debian: softhsm2)")
}

/// Runs `act` in a process with a token labelled `desk`.
fn with_token(name: &str, act: impl FnOnce(&Path)) {
    if let Ok(place) = std::env::var(INSIDE) {
        return act(Path::new(&place));
    }
    let place = tempfile::tempdir().unwrap();
    let tokens = place.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let text = format!(
        "directories.tokendir = {}\nlog.level = ERROR\n",
        tokens.display()
    );
    std::fs::write(place.path().join("softhsm2.conf"), text).unwrap();
    softhsm(
        place.path(),
        &[
            "--init-token",
            "--free",
            "--label",
            "desk",
            "--so-pin",
            "1357",
            "--pin",
            PIN,
        ],
    );
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("tests::tokens::{name}"), "--nocapture"])
        .env(INSIDE, place.path())
        .env(CONFIGURATION, place.path().join("softhsm2.conf"))
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{written}");
    assert!(
        written.contains("1 passed"),
        "the test ran inside: {written}"
    );
}

fn softhsm(place: &Path, arguments: &[&str]) {
    let output = Command::new("softhsm2-util")
        .args(arguments)
        .env(CONFIGURATION, place.join("softhsm2.conf"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn uri(path: &str) -> TokenUri {
    TokenUri::parse(&format!(
        "pkcs11:token=desk{path}?module-path={}",
        module().display()
    ))
    .unwrap()
}

fn pin() -> Pin {
    Pin::new(PIN)
}

/// Makes a certificate, and puts its key into the token under this label and id.
fn put(place: &Path, kind: KeyKind, label: &str, id: &str) -> MadeCertificate {
    let order = CertificateOrder {
        key: kind,
        ..order("Surety")
    };
    let made = authority("CA").issue(&order).unwrap();
    let file = place.join(format!("{label}.pem"));
    std::fs::write(&file, made.private_key_pem().unwrap()).unwrap();
    let file = file.to_str().unwrap();
    softhsm(
        place,
        &[
            "--import", file, "--token", "desk", "--label", label, "--id", id, "--pin", PIN,
        ],
    );
    made
}

#[test]
fn a_key_in_a_token_signs_many_documents_with_one_login_and_openssl_verifies_them() {
    with_token(
        "a_key_in_a_token_signs_many_documents_with_one_login_and_openssl_verifies_them",
        |place| {
            for (kind, label, id) in [
                (KeyKind::P256, "ec", "01"),
                (KeyKind::Rsa(2048), "rsa", "02"),
            ] {
                let made = put(place, kind, label, id);
                let certificate = made.certificate_pem().unwrap();
                let signer = TokenSigner::open(
                    &uri(&format!(";object={label}")),
                    Some(pin()),
                    Some(&certificate),
                )
                .unwrap();
                for number in 0..20 {
                    let content = format!("document {number}");
                    let cms = signer.sign(content.as_bytes(), now()).unwrap();
                    assert_eq!(
                        verify(&cms, &import(&pem(&made))).unwrap().content,
                        content.as_bytes()
                    );
                    if number == 0 {
                        let desk = Desk::new(&[("it.der", &cms), ("its.pem", &certificate)]);
                        let (fine, said) = desk.openssl(
                        "cms -verify -cades -binary -inform DER -in it.der -certfile its.pem -nointern \
                         -CAfile its.pem -partial_chain -purpose any -out out.bin",
                    );
                        assert!(fine, "{said}");
                        assert_eq!(desk.get("out.bin"), b"document 0");
                    }
                }
            }
        },
    );
}

#[test]
fn the_certificate_is_found_in_the_token_beside_its_key() {
    with_token(
        "the_certificate_is_found_in_the_token_beside_its_key",
        |place| {
            let made = put(place, KeyKind::P256, "ec", "0a");
            let missing = TokenSigner::open(&uri(";id=%0a"), Some(pin()), None)
                .err()
                .unwrap();
            assert_eq!(missing, TokenError::Missing("certificate"));
            let der = place.join("certificate.der");
            std::fs::write(&der, made.certificate_der().unwrap()).unwrap();
            let written = Command::new("pkcs11-tool")
                .args([
                    "--module",
                    module().to_str().unwrap(),
                    "--token-label",
                    "desk",
                    "--login",
                    "--pin",
                    PIN,
                ])
                .args([
                    "--write-object",
                    der.to_str().unwrap(),
                    "--type",
                    "cert",
                    "--id",
                    "0a",
                ])
                .output()
                .unwrap();
            assert!(
                written.status.success(),
                "{}",
                String::from_utf8_lossy(&written.stderr)
            );
            let signer = TokenSigner::open(&uri(";id=%0a"), Some(pin()), None).unwrap();
            let cms = signer.sign(b"content", now()).unwrap();
            assert!(verify(&cms, &import(&pem(&made))).is_ok());
        },
    );
}

#[test]
fn a_wrong_pin_is_tried_once_and_never_as_the_last_that_the_token_allows() {
    with_token(
        "a_wrong_pin_is_tried_once_and_never_as_the_last_that_the_token_allows",
        |place| {
            let made = put(place, KeyKind::P256, "ec", "01");
            let certificate = made.certificate_der().unwrap();
            let open =
                |pin| TokenSigner::open(&uri(";object=ec"), pin, Some(&certificate)).map(|_| ());
            assert_eq!(open(None), Err(TokenError::NoPin));
            let refused = open(Some(Pin::new("0000"))).unwrap_err();
            assert_eq!(refused, TokenError::WrongPin);
            assert!(!refused.to_string().contains("0000"));
            assert!(open(Some(pin())).is_ok(), "a wrong PIN did no harm");
        },
    );
}

#[test]
fn another_certificate_than_the_keys_is_noticed_before_anything_is_handed_out() {
    with_token(
        "another_certificate_than_the_keys_is_noticed_before_anything_is_handed_out",
        |place| {
            let _ours = put(place, KeyKind::P256, "ec", "01");
            let other = authority("CA").issue(&order("Other")).unwrap();
            let signer = TokenSigner::open(
                &uri(""),
                Some(pin()),
                Some(&other.certificate_der().unwrap()),
            )
            .unwrap();
            let refused = signer.sign(b"content", now()).unwrap_err();
            assert!(matches!(refused, SignError::Unsuitable(_)), "{refused}");
            assert!(
                refused
                    .to_string()
                    .contains("does not belong to the certificate"),
                "{refused}"
            );
        },
    );
}

#[test]
fn a_token_or_key_that_is_not_there_or_there_twice_is_told() {
    with_token(
        "a_token_or_key_that_is_not_there_or_there_twice_is_told",
        |place| {
            let made = put(place, KeyKind::P256, "one", "01");
            put(place, KeyKind::P256, "two", "02");
            let der = made.certificate_der().unwrap();
            let open = |uri: &TokenUri| TokenSigner::open(uri, Some(pin()), Some(&der)).map(|_| ());
            assert_eq!(open(&uri(";object=three")), Err(TokenError::Missing("key")));
            assert_eq!(
                open(&uri("")),
                Err(TokenError::Several("key", 2, "object` or `id"))
            );
            let elsewhere = format!("pkcs11:token=other?module-path={}", module().display());
            let elsewhere = TokenUri::parse(&elsewhere).unwrap();
            assert_eq!(open(&elsewhere), Err(TokenError::Missing("token")));
            let nowhere = TokenUri::parse("pkcs11:token=desk?module-path=/nowhere/m.so").unwrap();
            assert!(matches!(open(&nowhere), Err(TokenError::Module(..))));
        },
    );
}

/// An RSA key as the objects of a token want it, to be asked for its PIN each time.
fn asking_key(made: &MadeCertificate) -> Vec<Attribute> {
    let key = Rsa::private_key_from_pem(&made.private_key_pem().unwrap()).unwrap();
    vec![
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(KeyType::RSA),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sign(true),
        Attribute::AlwaysAuthenticate(true),
        Attribute::Label(b"asking".to_vec()),
        Attribute::Modulus(key.n().to_vec()),
        Attribute::PublicExponent(key.e().to_vec()),
        Attribute::PrivateExponent(key.d().to_vec()),
        Attribute::Prime1(key.p().unwrap().to_vec()),
        Attribute::Prime2(key.q().unwrap().to_vec()),
        Attribute::Exponent1(key.dmp1().unwrap().to_vec()),
        Attribute::Exponent2(key.dmq1().unwrap().to_vec()),
        Attribute::Coefficient(key.iqmp().unwrap().to_vec()),
    ]
}

#[test]
fn a_key_that_asks_for_the_pin_each_time_gets_it_each_time() {
    with_token(
        "a_key_that_asks_for_the_pin_each_time_gets_it_each_time",
        |_| {
            let order = CertificateOrder {
                key: KeyKind::Rsa(2048),
                ..order("Surety")
            };
            let made = authority("CA").issue(&order).unwrap();
            let token = crate::token::module::Token::find(&uri("")).unwrap();
            let session = token.log_in(Some(&pin()), true).unwrap();
            session.create_object(&asking_key(&made)).unwrap();
            session.close().unwrap();
            let der = made.certificate_der().unwrap();
            let signer =
                TokenSigner::open(&uri(";object=asking"), Some(pin()), Some(&der)).unwrap();
            for content in [b"one", b"two"] {
                let cms = signer.sign(content, now()).unwrap();
                let verified = verify(&cms, &import(&pem(&made))).unwrap();
                assert_eq!(verified.content, content);
            }
        },
    );
}

#[test]
fn an_issuer_entrusts_a_key_that_stays_in_the_hubs_token() {
    with_token(
        "an_issuer_entrusts_a_key_that_stays_in_the_hubs_token",
        |place| {
            let made = put(place, KeyKind::P256, "ec", "01");
            let certificate = made.certificate_pem().unwrap();
            let pin_file = place.join("pin");
            std::fs::write(&pin_file, format!("{PIN}\n")).unwrap();
            let plain = uri(";object=ec").to_string();
            let with_file = format!("{plain}&pin-source=file:{}", pin_file.display());
            for (uri, pin) in [(&plain, Some(PIN)), (&with_file, None)] {
                let token = TokenKey {
                    uri,
                    pin,
                    certificate: Some(&certificate),
                };
                let signatures = Signatures::new();
                let kept = signatures.import_token(&token).unwrap();
                let key = EntrustedKey {
                    fingerprint: &kept.certificate.fingerprint,
                    certificate: &kept.certificate.der,
                    private_key: &kept.private_key,
                };
                let cms = signatures.sign(&key, b"content", now()).unwrap();
                assert!(verify(&cms, &import(&pem(&made))).is_ok());
                let has_pin = kept
                    .private_key
                    .windows(4)
                    .any(|part| part == PIN.as_bytes());
                assert_eq!(has_pin, pin.is_some(), "a PIN in a file is not kept");
            }
            let wrong = TokenKey {
                uri: "pkcs11:token=desk",
                pin: None,
                certificate: None,
            };
            assert!(matches!(
                Signatures::new().import_token(&wrong),
                Err(SignError::Unreadable(_))
            ));
        },
    );
}

#[test]
fn a_master_key_in_a_token_wraps_data_keys_for_their_place_and_cannot_be_taken_out() {
    with_token(
        "a_master_key_in_a_token_wraps_data_keys_for_their_place_and_cannot_be_taken_out",
        |_| {
            let master = uri(";object=master");
            assert_eq!(
                TokenKeyWrap::open(&master, Some(pin())).err(),
                Some(TokenError::Missing("key"))
            );
            let made = TokenKeyWrap::generate(&master, Some(pin())).unwrap();
            let again = TokenKeyWrap::generate(&master, Some(pin())).err().unwrap();
            assert!(again.to_string().contains("already"), "{again}");
            let wrapped = made.wrap("bond:S1/B-1", &[7; 32]).unwrap();
            assert_ne!(
                wrapped,
                made.wrap("bond:S1/B-1", &[7; 32]).unwrap(),
                "a nonce of its own each time"
            );
            assert!(!wrapped.windows(8).any(|part| part == [7; 8]));
            let opened = TokenKeyWrap::open(&master, Some(pin())).unwrap();
            assert_eq!(*opened.unwrap("bond:S1/B-1", &wrapped).unwrap(), [7; 32]);
            let elsewhere = opened.unwrap("bond:S1/B-2", &wrapped);
            assert_eq!(elsewhere, Err(WrapError::Damaged("bond:S1/B-2".to_owned())));
            for place in 0..wrapped.len() {
                let mut damaged = wrapped.clone();
                damaged[place] ^= 1;
                assert!(
                    opened.unwrap("bond:S1/B-1", &damaged).is_err(),
                    "bit at {place}"
                );
                assert!(
                    opened.unwrap("bond:S1/B-1", &wrapped[..place]).is_err(),
                    "cut at {place}"
                );
            }
            assert_eq!(
                *opened.unwrap("bond:S1/B-1", &wrapped).unwrap(),
                [7; 32],
                "the token still answers"
            );
            let other = TokenKeyWrap::generate(&uri(";object=other"), Some(pin())).unwrap();
            assert!(matches!(
                other.unwrap("bond:S1/B-1", &wrapped),
                Err(WrapError::Damaged(_))
            ));
        },
    );
}

/// The token knows nobody of this process any more, as after it was started again.
fn forget_login(uri: &TokenUri) {
    let token = crate::token::module::Token::find(uri).unwrap();
    let session = token.log_in(Some(&pin()), false).unwrap();
    session.logout().unwrap();
}

#[test]
fn a_token_that_has_forgotten_the_login_is_opened_anew() {
    with_token(
        "a_token_that_has_forgotten_the_login_is_opened_anew",
        |place| {
            let file = place.join("pin");
            std::fs::write(&file, PIN).unwrap();
            let named = format!(
                "{}&pin-source=file:{}",
                uri(";object=master").as_str(),
                file.display()
            );
            let master = TokenUri::parse(&named).unwrap();
            let key = TokenKeyWrap::generate(&master, None).unwrap();
            let wrapped = key.wrap("bond:S1/B-1", &[7; 32]).unwrap();
            forget_login(&master);
            assert_eq!(*key.unwrap("bond:S1/B-1", &wrapped).unwrap(), [7; 32]);
            forget_login(&master);
            assert!(key.wrap("bond:S1/B-1", &[7; 32]).is_ok());
            let elsewhere = key.unwrap("bond:S1/B-2", &wrapped);
            assert_eq!(elsewhere, Err(WrapError::Damaged("bond:S1/B-2".to_owned())));

            std::fs::write(&file, "9999").unwrap();
            forget_login(&master);
            let refused = key.wrap("bond:S1/B-1", &[7; 32]).unwrap_err();
            assert!(
                refused.to_string().contains("the PIN is wrong"),
                "{refused}"
            );
            std::fs::write(&file, PIN).unwrap();
            let refused = key.wrap("bond:S1/B-1", &[7; 32]).unwrap_err();
            assert!(matches!(&refused, WrapError::Unavailable(_)), "{refused}");
            assert!(
                !refused.to_string().contains("PIN"),
                "no other try is made: {refused}"
            );
        },
    );
}
