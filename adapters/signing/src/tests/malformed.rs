//! Blocks that are not what a signed document must be: changed, cut, detached, BER, several signers.

use std::sync::LazyLock;

use bondhub_core::{
    event::Reason,
    ports::signing::{ImportedKey, Sign as _, VerifyDocument as _},
};
use openssl::{
    cms::{CMSOptions, CmsContentInfo},
    pkey::PKey,
    x509::X509,
};
use proptest::prelude::*;

use super::support::{
    authority, issue, order, sentence, sign, sign_by_command, sign_by_command_with, verify,
};
use crate::{
    Signatures,
    certificate_maker::KeyKind,
    der::{CONTEXT_0, CONTEXT_1, OBJECT_IDENTIFIER, Reader, SEQUENCE, SET, write},
};

static KEY: LazyLock<ImportedKey> = LazyLock::new(key);
static DOCUMENT: LazyLock<Vec<u8>> = LazyLock::new(|| sign(&KEY, b"content"));

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

#[test]
fn two_signers_and_none_are_refused() {
    let (key, cms) = sign_by_command("-cades -signer other.pem");
    assert!(sentence(verify(&cms, &key)).contains("2 signatures"));
    let none = with_signers(&cms, |_| Vec::new());
    assert!(CmsContentInfo::from_der(&none).is_ok());
    assert!(sentence(verify(&none, &key)).contains("0 signatures"));
}

/// The same block with another set of signers.
fn with_signers(cms: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut block = Reader::new(cms).enter(SEQUENCE).unwrap();
    let kind = block.expect(OBJECT_IDENTIFIER).unwrap().whole;
    let mut data = block.enter(CONTEXT_0).unwrap().enter(SEQUENCE).unwrap();
    let mut fields: Vec<&[u8]> = (0..4).map(|_| data.any().unwrap().whole).collect();
    let signers = change(data.expect(SET).unwrap().content);
    let signers = write(SET, &[&signers]);
    fields.push(&signers);
    let data = write(CONTEXT_0, &[&write(SEQUENCE, &fields)]);
    write(SEQUENCE, &[kind, &data])
}

/// A signer with one more, unsigned attribute: an octet string written like this.
fn with_unsigned(signer: &[u8], octets: &[u8]) -> Vec<u8> {
    let signer = Reader::new(signer).expect(SEQUENCE).unwrap().content;
    let name = write(OBJECT_IDENTIFIER, &[&[0x2a, 3]]);
    let attribute = write(SEQUENCE, &[&name, &write(SET, &[octets])]);
    write(SEQUENCE, &[signer, &write(CONTEXT_1, &[&attribute])])
}

#[test]
fn padded_lengths_are_refused_even_deep_in_the_unsigned_part() {
    let key = key();
    let cms = sign(&key, b"content");
    let unsigned = |octets: &[u8]| with_signers(&cms, |signer| with_unsigned(signer, octets));
    assert!(verify(&unsigned(&[4, 1, 0x78]), &key).is_ok());
    assert!(sentence(verify(&unsigned(&[4, 0x81, 1, 0x78]), &key)).contains("DER"));
}

#[test]
fn sha_1_is_refused() {
    for kind in [KeyKind::P256, KeyKind::Rsa(2048)] {
        let (key, cms) = sign_by_command_with(kind, "-cades -md sha1");
        assert!(sentence(verify(&cms, &key)).contains("SHA-1"), "{kind:?}");
    }
}

#[test]
fn a_huge_document_is_refused_unread() {
    let rejection = verify(&vec![0x30; 5_000_000], &key()).unwrap_err();
    assert_eq!(rejection.reason, Reason::TooLarge);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(&bytes, &KEY).is_err());
        prop_assert!(Signatures::new().import(&bytes, Some("x")).is_err());
        prop_assert!(Signatures::new().read_certificate(&bytes).is_err());
    }

    #[test]
    fn a_damaged_document_is_read_or_refused(places in prop::collection::vec((0_usize..800, any::<u8>()), 1..4)) {
        let mut cms = DOCUMENT.clone();
        for (place, byte) in places {
            cms[place] = byte;
        }
        if let Ok(signed) = verify(&cms, &KEY) {
            prop_assert_eq!(signed.content, b"content");
        }
        let _told_or_not = Signatures::new().claimed_content(&cms);
    }
}
