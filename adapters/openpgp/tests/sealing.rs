//! What a sealed message is, packet by packet (R50).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, helpers of tests too"
)]

use std::io::Write;

use bondhub_core::{
    calendar::Timestamp,
    party::MailAddress,
    ports::openpgp::{
        CertificateFacts, CertificateRefusal, Encrypt, EncryptError, ReadCertificate, Recipient,
    },
};
use bondhub_openpgp::{CertificateReader, HubKey, HubKeyError, Sealer};
use bondhub_test_support::{gnupg::GnuPg, openpgp::TestParty};
use sequoia_openpgp::{
    Cert, KeyHandle, Packet, PacketPile,
    cert::CertBuilder,
    parse::Parse,
    policy::StandardPolicy,
    serialize::{
        SerializeInto,
        stream::{Encryptor, LiteralWriter, Message},
    },
    types::{Features, KeyFlags},
};
use zeroize::Zeroizing;

const ADDRESS: &str = "desk@contractor.example.jp";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn born() -> Timestamp {
    time("2025-01-01T00:00:00Z")
}

fn now() -> Timestamp {
    time("2025-06-01T00:00:00Z")
}

fn sealer() -> Sealer {
    Sealer::new(HubKey::generate("bondhub <hub@hub.example.jp>", born()).unwrap())
}

fn party() -> TestParty {
    TestParty::new(ADDRESS, born()).unwrap()
}

fn facts(bytes: &[u8]) -> CertificateFacts {
    let address = MailAddress::parse(ADDRESS).unwrap();
    CertificateReader::new()
        .read(bytes, &[address], now())
        .unwrap()
}

fn recipient(facts: &CertificateFacts) -> Recipient<'_> {
    Recipient {
        fingerprint: &facts.fingerprint,
        certificate: &facts.bytes,
        modern: false,
    }
}

fn builder() -> CertBuilder<'static> {
    CertBuilder::new()
        .set_creation_time(std::time::SystemTime::from(born()))
        .add_userid("Desk <desk@contractor.example.jp>")
}

fn encryption() -> KeyFlags {
    KeyFlags::empty().set_transport_encryption()
}

fn seal(to: &Recipient<'_>, content: &[u8]) -> Vec<u8> {
    sealer().encrypt(to, content, now()).unwrap()
}

/// Version of the session key packet, and to which key it is.
fn addressee(message: &[u8]) -> (u8, Option<KeyHandle>) {
    let pile = PacketPile::from_bytes(message).unwrap();
    let keys: Vec<_> = pile
        .children()
        .filter_map(|packet| match packet {
            Packet::PKESK(key) => Some((key.version(), key.recipient())),
            _ => None,
        })
        .collect();
    assert_eq!(keys.len(), 1, "exactly one recipient");
    keys[0].clone()
}

fn container_version(message: &[u8]) -> u8 {
    let pile = PacketPile::from_bytes(message).unwrap();
    let versions: Vec<_> = pile
        .children()
        .filter_map(|packet| match packet {
            Packet::SEIP(container) => Some(container.version()),
            _ => None,
        })
        .collect();
    assert_eq!(versions.len(), 1);
    versions[0]
}

#[test]
fn the_recipient_reads_what_the_hub_signed() {
    let (sealer, party) = (sealer(), party());
    let facts = facts(&party.certificate().unwrap());
    let message = sealer
        .encrypt(&recipient(&facts), b"the key\r\n", now())
        .unwrap();
    let hub = sealer.own_certificate().unwrap();
    assert_eq!(party.open(&message, &hub, now()).unwrap(), b"the key\r\n");
}

#[test]
fn another_hubs_signature_is_not_taken_for_this_hubs() {
    let party = party();
    let facts = facts(&party.certificate().unwrap());
    let message = seal(&recipient(&facts), b"the key");
    let other = sealer().own_certificate().unwrap();
    assert!(party.open(&message, &other, now()).is_err());
}

#[test]
fn a_changed_bit_is_noticed() {
    let (sealer, party) = (sealer(), party());
    let facts = facts(&party.certificate().unwrap());
    let armored = sealer
        .encrypt(&recipient(&facts), b"the key", now())
        .unwrap();
    let mut reader = sequoia_openpgp::armor::Reader::from_bytes(&armored, None);
    let mut binary = Vec::new();
    std::io::copy(&mut reader, &mut binary).unwrap();
    let hub = sealer.own_certificate().unwrap();
    assert!(party.open(&binary, &hub, now()).is_ok());
    let last = binary.len() - 1;
    binary[last] ^= 1;
    assert!(party.open(&binary, &hub, now()).is_err());
}

#[test]
fn it_is_armored_ascii_in_short_lines_without_a_version() {
    let facts = facts(&party().certificate().unwrap());
    let text = String::from_utf8(seal(&recipient(&facts), &[7; 5000])).unwrap();
    assert!(text.is_ascii());
    assert!(text.lines().all(|line| line.len() <= 76));
    assert!(text.starts_with("-----BEGIN PGP MESSAGE-----\n\n"));
    assert!(text.ends_with("-----END PGP MESSAGE-----\n"));
}

#[test]
fn seipdv1_to_a_visible_key_id_unless_the_recipient_is_modern() {
    let cert = builder()
        .set_features(Features::sequoia())
        .unwrap()
        .add_subkey(encryption(), None, None)
        .generate()
        .unwrap()
        .0;
    let subkey = cert.keys().subkeys().next().unwrap().key().keyid();
    let facts = facts(&cert.to_vec().unwrap());
    let plain = seal(&recipient(&facts), b"x");
    assert_eq!(addressee(&plain), (3, Some(KeyHandle::KeyID(subkey))));
    assert_eq!(container_version(&plain), 1);
    let modern = seal(
        &Recipient {
            modern: true,
            ..recipient(&facts)
        },
        b"x",
    );
    assert_eq!((addressee(&modern).0, container_version(&modern)), (6, 2));
}

#[test]
fn a_modern_recipient_reads_seipdv2() {
    let cert = builder()
        .set_features(Features::sequoia())
        .unwrap()
        .add_subkey(encryption(), None, None)
        .generate()
        .unwrap()
        .0;
    let sealer = sealer();
    let facts = facts(&cert.to_vec().unwrap());
    let to = Recipient {
        modern: true,
        ..recipient(&facts)
    };
    let message = sealer.encrypt(&to, b"x", now()).unwrap();
    let hub = sealer.own_certificate().unwrap();
    assert_eq!(
        TestParty::of(cert).open(&message, &hub, now()).unwrap(),
        b"x"
    );
}

#[test]
fn a_certificate_that_does_not_advertise_seipdv2_gets_v1_even_if_marked_modern() {
    let gpg = GnuPg::new().unwrap();
    let id = "Desk <desk@contractor.example.jp>";
    let print = gpg
        .generate(id, "ed25519", Some("cv25519"), "20250101")
        .unwrap();
    let facts = facts(&gpg.export(&print).unwrap());
    let message = seal(
        &Recipient {
            modern: true,
            ..recipient(&facts)
        },
        b"x",
    );
    assert_eq!((addressee(&message).0, container_version(&message)), (3, 1));
}

/// Why [`Sealer`] says which version it wants: the library alone decides by what the certificate
/// advertises, and `GnuPG` 2.2 and RNP cannot read SEIPDv2. Should this fail after an upgrade, the
/// default can be looked at again.
#[test]
fn sequoia_by_itself_would_write_seipdv2_to_a_v4_certificate() {
    let cert = builder()
        .set_features(Features::sequoia())
        .unwrap()
        .add_subkey(encryption(), None, None)
        .generate()
        .unwrap()
        .0;
    assert_eq!(cert.primary_key().key().version(), 4);
    let policy = StandardPolicy::at(std::time::SystemTime::from(now()));
    let keys = cert
        .keys()
        .with_policy(&policy, std::time::SystemTime::from(now()))
        .for_transport_encryption();
    let mut bytes = Vec::new();
    let message = Encryptor::for_recipients(Message::new(&mut bytes), keys)
        .build()
        .unwrap();
    let mut message = LiteralWriter::new(message).build().unwrap();
    message.write_all(b"x").unwrap();
    message.finalize().unwrap();
    assert_eq!(container_version(&bytes), 2);
}

#[test]
fn the_newest_usable_subkey_is_the_only_one_encrypted_to() {
    let second = time("2025-03-01T00:00:00Z");
    let base = builder()
        .add_subkey(encryption(), None, None)
        .generate()
        .unwrap()
        .0;
    let cert = with_subkey(base, second);
    let newest = cert
        .keys()
        .subkeys()
        .max_by_key(|key| key.key().creation_time())
        .unwrap();
    let facts = facts(&cert.to_vec().unwrap());
    let handle = KeyHandle::KeyID(newest.key().keyid());
    assert_eq!(addressee(&seal(&recipient(&facts), b"x")).1, Some(handle));
}

fn with_subkey(cert: Cert, created: Timestamp) -> Cert {
    use sequoia_openpgp::packet::{
        Key, key::Key4, key::SubordinateRole, signature::SignatureBuilder,
    };
    use sequoia_openpgp::types::{Curve, SignatureType};
    let mut key: Key4<_, SubordinateRole> = Key4::generate_ecc(false, Curve::Cv25519).unwrap();
    key.set_creation_time(std::time::SystemTime::from(created))
        .unwrap();
    let key = Key::from(key);
    let primary = cert
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap();
    let template = SignatureBuilder::new(SignatureType::SubkeyBinding)
        .set_signature_creation_time(std::time::SystemTime::from(created))
        .unwrap()
        .set_key_flags(encryption())
        .unwrap();
    let binding = key
        .bind(&mut primary.into_keypair().unwrap(), &cert, template)
        .unwrap();
    cert.insert_packets([Packet::from(key), binding.into()])
        .unwrap()
        .0
}

#[test]
fn messages_of_the_same_length_have_the_same_length() {
    let (sealer, party) = (sealer(), party());
    let facts = facts(&party.certificate().unwrap());
    let length = |content: &[u8]| {
        let message = sealer.encrypt(&recipient(&facts), content, now()).unwrap();
        i64::try_from(message.len()).unwrap()
    };
    let (one, other) = (length(&[b'a'; 4096]), length(&[b'z'; 4096]));
    // A signature's numbers lose leading zero bytes now and then; nothing compresses the content.
    assert!((one - other).abs() <= 12, "{one} and {other}");
}

#[test]
fn a_certificate_that_is_not_the_pinned_one_is_refused() {
    let (pinned, other) = (party(), party());
    let facts = facts(&other.certificate().unwrap());
    let fingerprint = pinned.fingerprint();
    let to = Recipient {
        fingerprint: &fingerprint,
        ..recipient(&facts)
    };
    assert!(matches!(
        refusal(&sealer(), &to, now()),
        CertificateRefusal::Unreadable(_)
    ));
}

#[test]
fn a_certificate_that_expired_since_it_was_enrolled_is_refused_also_if_it_was_used_before() {
    let year = std::time::Duration::from_hours(365 * 24);
    let cert = builder()
        .set_validity_period(year)
        .add_subkey(encryption(), None, None);
    let facts = facts(&cert.generate().unwrap().0.to_vec().unwrap());
    let end = time("2026-01-01T00:00:00Z");
    let sealer = sealer();
    let last_second = end - chrono::TimeDelta::seconds(1);
    assert!(
        sealer
            .encrypt(&recipient(&facts), b"x", last_second)
            .is_ok()
    );
    assert_eq!(
        refusal(&sealer, &recipient(&facts), end),
        CertificateRefusal::Expired(end)
    );
}

fn refusal(sealer: &Sealer, to: &Recipient<'_>, at: Timestamp) -> CertificateRefusal {
    match sealer.encrypt(to, b"x", at) {
        Err(EncryptError::Certificate(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn a_replaced_certificate_with_the_same_fingerprint_takes_effect_at_once() {
    let base = builder()
        .add_subkey(encryption(), None, None)
        .generate()
        .unwrap()
        .0;
    let before = facts(&base.to_vec().unwrap());
    let renewed = with_subkey(base, time("2025-03-01T00:00:00Z"));
    let after = facts(&renewed.to_vec().unwrap());
    assert_eq!(before.fingerprint, after.fingerprint);
    let sealer = sealer();
    let to = |facts| addressee(&sealer.encrypt(&recipient(facts), b"x", now()).unwrap()).1;
    assert_ne!(to(&before), to(&after));
}

#[test]
fn more_recipients_than_are_kept_are_served_all_the_same() {
    let sealer = sealer();
    let parties: Vec<_> = (0..3)
        .map(|_| facts(&party().certificate().unwrap()))
        .collect();
    for _ in 0..2 {
        for one in &parties {
            assert!(sealer.encrypt(&recipient(one), b"x", now()).is_ok());
        }
    }
}

#[test]
fn a_hub_key_survives_saving_and_loading() {
    let key = HubKey::generate("bondhub <hub@hub.example.jp>", born()).unwrap();
    let saved = key.secret_armored().unwrap();
    let loaded = HubKey::load(&saved, None, now()).unwrap();
    assert_eq!(loaded.fingerprint(), key.fingerprint());
    assert_eq!(
        loaded.public_armored().unwrap(),
        key.public_armored().unwrap()
    );
    let binary = Cert::from_bytes(saved.as_slice())
        .unwrap()
        .as_tsk()
        .to_vec()
        .unwrap();
    assert_eq!(
        HubKey::load(&binary, None, now()).unwrap().fingerprint(),
        key.fingerprint()
    );
}

#[test]
fn a_hub_key_is_v4_with_a_primary_that_only_certifies_and_one_subkey_that_signs() {
    let key = HubKey::generate("bondhub <hub@hub.example.jp>", born()).unwrap();
    let cert = Cert::from_bytes(key.public_armored().unwrap().as_bytes()).unwrap();
    let policy = StandardPolicy::at(std::time::SystemTime::from(now()));
    let valid = cert
        .with_policy(&policy, std::time::SystemTime::from(now()))
        .unwrap();
    let flags: Vec<_> = valid.keys().map(|key| key.key_flags().unwrap()).collect();
    let (certifies, signs) = (
        KeyFlags::empty().set_certification(),
        KeyFlags::empty().set_signing(),
    );
    assert_eq!(flags, [certifies, signs]);
    assert!(valid.keys().all(|key| key.key().version() == 4));
    assert!(!cert.is_tsk(), "the public certificate holds no secret");
}

#[test]
fn a_protected_hub_key_needs_its_password() {
    let gpg = GnuPg::new().unwrap();
    let saved = gpg_protected_key(&gpg);
    let load = |password: Option<&str>| {
        let password = password.map(|text| Zeroizing::new(text.to_owned()));
        HubKey::load(&saved, password.as_ref(), now()).map(|key| key.fingerprint())
    };
    assert!(matches!(load(None), Err(HubKeyError::PasswordNeeded)));
    assert!(matches!(
        load(Some("wrong")),
        Err(HubKeyError::WrongPassword)
    ));
    assert!(load(Some("correct horse")).is_ok());
}

fn gpg_protected_key(gpg: &GnuPg) -> Vec<u8> {
    let secret = ["--passphrase", "correct horse"];
    let make = [
        "--faked-system-time",
        "20250101T000000!",
        "--quick-generate-key",
    ];
    let what = ["Hub <hub@hub.example.jp>", "ed25519", "sign,cert", "never"];
    gpg.checked(&[&secret[..], &make[..], &what[..]].concat(), b"")
        .unwrap();
    let export = ["--armor", "--export-secret-keys", "hub@hub.example.jp"];
    gpg.checked(&[&secret[..], &export[..]].concat(), b"")
        .unwrap()
}

#[test]
fn a_file_without_a_secret_signing_key_is_no_hub_key() {
    let public = HubKey::generate("Hub <hub@hub.example.jp>", born())
        .unwrap()
        .public_armored();
    let error = HubKey::load(public.unwrap().as_bytes(), None, now());
    assert!(matches!(error, Err(HubKeyError::NoSigningKey)));
    assert!(matches!(
        HubKey::load(b"nothing", None, now()),
        Err(HubKeyError::Unreadable(_))
    ));
}

#[test]
fn a_hub_key_signs_nothing_outside_its_time() {
    let facts = facts(&party().certificate().unwrap());
    let before = born() - chrono::TimeDelta::seconds(1);
    let refused = sealer().encrypt(&recipient(&facts), b"x", before);
    assert!(matches!(refused, Err(EncryptError::Failed(_))));
}
