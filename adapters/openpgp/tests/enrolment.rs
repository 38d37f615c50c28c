//! Which certificates are taken (R1, R50), each refusal with a real certificate.
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use std::time::{Duration, SystemTime};

use bondhub_core::{
    calendar::Timestamp,
    party::MailAddress,
    ports::openpgp::{CertificateFacts, CertificateRefusal, ReadCertificate},
};
use bondhub_openpgp::{CertificateReader, HubKey};
use bondhub_test_support::{gnupg::GnuPg, openpgp::TestParty};
use sequoia_openpgp::{
    Cert, Packet,
    cert::{CertBuilder, CertRevocationBuilder, SubkeyRevocationBuilder},
    packet::UserID,
    parse::Parse,
    policy::StandardPolicy,
    serialize::SerializeInto,
    types::{KeyFlags, ReasonForRevocation},
};

const ADDRESS: &str = "g@example.jp";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2025-06-01T00:00:00Z")
}

fn system(text: &str) -> SystemTime {
    SystemTime::from(time(text))
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

fn read(bytes: &[u8]) -> Result<CertificateFacts, CertificateRefusal> {
    read_for(bytes, &[ADDRESS])
}

fn read_for(bytes: &[u8], addresses: &[&str]) -> Result<CertificateFacts, CertificateRefusal> {
    let addresses: Vec<_> = addresses
        .iter()
        .map(|one| MailAddress::parse(one).unwrap())
        .collect();
    CertificateReader::new().read(bytes, &addresses, now())
}

fn builder() -> CertBuilder<'static> {
    CertBuilder::new()
        .set_creation_time(system("2025-01-01T00:00:00Z"))
        .add_userid("G <g@example.jp>")
}

fn public(builder: CertBuilder<'_>) -> Vec<u8> {
    builder.generate().unwrap().0.armored().to_vec().unwrap()
}

fn good() -> TestParty {
    TestParty::new(ADDRESS, time("2025-01-01T00:00:00Z")).unwrap()
}

fn keys_of(facts: &CertificateFacts) -> usize {
    Cert::from_bytes(&facts.bytes).unwrap().keys().count()
}

#[test]
fn a_good_certificate_is_taken_armored_or_binary_with_the_same_facts() {
    let party = good();
    let facts = read(&party.certificate().unwrap()).unwrap();
    assert_eq!(facts.fingerprint, party.fingerprint());
    assert_eq!(facts.user_id, "Test Party <g@example.jp>");
    assert_eq!(facts.usable_until, None);
    assert_eq!(
        read(party.certificate_armored().unwrap().as_bytes()),
        Ok(facts)
    );
}

#[test]
fn blanks_a_byte_order_mark_and_armor_headers_do_not_matter() {
    let armored = good().certificate_armored().unwrap();
    let commented = armored.replacen("\n\n", "\nComment: from our web page\n\n", 1);
    let odd = format!("\u{feff}\r\n  {}\r\n\r\n", commented.replace('\n', "\r\n"));
    assert!(read(odd.as_bytes()).is_ok());
}

#[test]
fn a_secret_key_is_refused_armored_binary_and_disguised() {
    let secret = good().secret_armored().unwrap();
    assert_eq!(read(&secret), Err(CertificateRefusal::Secret));
    let cert = Cert::from_bytes(&secret).unwrap();
    let binary = cert.as_tsk().to_vec().unwrap();
    assert_eq!(read(&binary), Err(CertificateRefusal::Secret));
    let disguised = String::from_utf8(secret)
        .unwrap()
        .replace("PRIVATE KEY", "PUBLIC KEY");
    assert_eq!(read(disguised.as_bytes()), Err(CertificateRefusal::Secret));
}

#[test]
fn a_secret_key_in_a_mail_or_behind_a_certificate_is_named_as_such() {
    let secret = String::from_utf8(good().secret_armored().unwrap()).unwrap();
    let mail = format!("Dear desk,\n\nhere is our key:\n\n{secret}\n");
    assert_eq!(read(mail.as_bytes()), Err(CertificateRefusal::Secret));
    let both = [good().certificate().unwrap(), binary_secret()].concat();
    assert_eq!(read(&both), Err(CertificateRefusal::Secret));
}

fn binary_secret() -> Vec<u8> {
    builder().generate().unwrap().0.as_tsk().to_vec().unwrap()
}

#[test]
fn a_damaged_secret_key_is_still_called_a_secret_key() {
    let mut secret = binary_secret();
    secret.truncate(20);
    assert_eq!(read(&secret), Err(CertificateRefusal::Secret));
}

#[test]
fn two_certificates_are_refused_in_one_block_in_two_blocks_and_in_binary() {
    let (one, other) = (good(), good());
    let binary = [one.certificate().unwrap(), other.certificate().unwrap()].concat();
    assert_eq!(read(&binary), Err(CertificateRefusal::Several));
    let blocks = [one, other]
        .map(|party| party.certificate_armored().unwrap())
        .concat();
    assert_eq!(read(blocks.as_bytes()), Err(CertificateRefusal::Several));
    let gpg = GnuPg::new().unwrap();
    gpg.import(&binary).unwrap();
    let ring = gpg.checked(&["--armor", "--export"], b"").unwrap();
    assert_eq!(read(&ring), Err(CertificateRefusal::Several));
}

#[test]
fn a_certificate_above_64_kib_is_refused_unread() {
    let many = (0..600).map(|n| format!("User {n} <u{n}@example.jp>"));
    let flooded = many
        .fold(builder(), CertBuilder::add_userid)
        .add_transport_encryption_subkey();
    let bytes = flooded.generate().unwrap().0.to_vec().unwrap();
    assert!(bytes.len() > 64 * 1024);
    assert_eq!(read(&bytes), Err(CertificateRefusal::TooLarge(bytes.len())));
}

#[test]
fn an_expired_certificate_is_refused_with_its_end() {
    let short = builder()
        .set_validity_period(days(30))
        .add_transport_encryption_subkey();
    let end = time("2025-01-31T00:00:00Z");
    assert_eq!(read(&public(short)), Err(CertificateRefusal::Expired(end)));
}

#[test]
fn the_end_of_a_certificate_is_told() {
    let year = builder()
        .set_validity_period(days(365))
        .add_transport_encryption_subkey();
    assert_eq!(
        read(&public(year)).unwrap().usable_until,
        Some(time("2026-01-01T00:00:00Z"))
    );
}

#[test]
fn the_end_of_the_last_encryption_subkey_counts_as_the_end() {
    let flags = || KeyFlags::empty().set_transport_encryption();
    let two = builder()
        .add_subkey(flags(), days(200), None)
        .add_subkey(flags(), days(300), None);
    let facts = read(&public(two)).unwrap();
    assert_eq!(facts.usable_until, Some(time("2025-10-28T00:00:00Z")));
    assert_eq!(keys_of(&facts), 3);
}

#[test]
fn a_revoked_certificate_is_refused() {
    let (cert, _) = builder()
        .add_transport_encryption_subkey()
        .generate()
        .unwrap();
    let mut signer = signer_of(&cert);
    let revocation = CertRevocationBuilder::new()
        .set_signature_creation_time(system("2025-02-01T00:00:00Z"))
        .unwrap()
        .set_reason_for_revocation(ReasonForRevocation::KeyRetired, b"moved")
        .unwrap()
        .build(&mut signer, &cert, None)
        .unwrap();
    let revoked = cert.insert_packets(Packet::from(revocation)).unwrap().0;
    assert_eq!(
        read(&revoked.to_vec().unwrap()),
        Err(CertificateRefusal::Revoked)
    );
}

fn signer_of(cert: &Cert) -> sequoia_openpgp::crypto::KeyPair {
    let primary = cert
        .primary_key()
        .key()
        .clone()
        .parts_into_secret()
        .unwrap();
    primary.into_keypair().unwrap()
}

#[test]
fn a_certificate_that_only_signs_is_refused() {
    let signs = builder().add_signing_subkey();
    assert_eq!(
        read(&public(signs)),
        Err(CertificateRefusal::NoEncryptionKey)
    );
}

#[test]
fn a_hub_key_only_signs_and_is_refused_as_a_recipient() {
    let key = HubKey::generate("Hub <g@example.jp>", now()).unwrap();
    let armored = key.public_armored().unwrap();
    assert_eq!(
        read(armored.as_bytes()),
        Err(CertificateRefusal::NoEncryptionKey)
    );
}

#[test]
fn an_expired_encryption_subkey_of_a_valid_certificate_is_no_key() {
    let flags = KeyFlags::empty().set_transport_encryption();
    let over = builder().add_subkey(flags, days(30), None);
    assert_eq!(
        read(&public(over)),
        Err(CertificateRefusal::NoEncryptionKey)
    );
}

#[test]
fn a_revoked_encryption_subkey_of_a_valid_certificate_is_no_key() {
    let (cert, _) = builder()
        .add_transport_encryption_subkey()
        .generate()
        .unwrap();
    let subkey = cert.keys().subkeys().next().unwrap();
    let revocation = SubkeyRevocationBuilder::new()
        .set_signature_creation_time(system("2025-02-01T00:00:00Z"))
        .unwrap()
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"lost")
        .unwrap()
        .build(&mut signer_of(&cert), &cert, subkey.key(), None)
        .unwrap();
    let packets = [Packet::from(subkey.key().clone()), revocation.into()];
    let revoked = cert.clone().insert_packets(packets).unwrap().0;
    assert_eq!(
        read(&revoked.to_vec().unwrap()),
        Err(CertificateRefusal::NoEncryptionKey)
    );
}

#[test]
fn only_the_whole_address_matches() {
    let elg = TestParty::new("elg@example.jp", time("2025-01-01T00:00:00Z")).unwrap();
    let bytes = elg.certificate().unwrap();
    let refused = CertificateRefusal::OtherAddress(ADDRESS.to_owned());
    assert_eq!(read(&bytes), Err(refused));
    assert!(read_for(&bytes, &["elg@example.jp"]).is_ok());
}

#[test]
fn any_of_the_partys_addresses_will_do_and_only_the_domain_ignores_case() {
    let bytes = good().certificate().unwrap();
    assert!(read_for(&bytes, &["other@example.jp", "g@EXAMPLE.jp"]).is_ok());
    let refused = CertificateRefusal::OtherAddress("G@example.jp or x@example.jp".to_owned());
    assert_eq!(
        read_for(&bytes, &["G@example.jp", "x@example.jp"]),
        Err(refused)
    );
}

#[test]
fn an_address_in_the_name_part_is_not_the_address() {
    let sly = CertBuilder::new()
        .set_creation_time(system("2025-01-01T00:00:00Z"))
        .add_userid("g@example.jp <thief@example.com>")
        .add_transport_encryption_subkey();
    assert!(matches!(
        read(&public(sly)),
        Err(CertificateRefusal::OtherAddress(_))
    ));
}

#[test]
fn a_sha1_self_signature_is_weak() {
    let gpg = GnuPg::new().unwrap();
    let old = [
        "--cert-digest-algo",
        "SHA1",
        "--faked-system-time",
        "20250101T000000!",
    ];
    let make = [
        "--quick-generate-key",
        "G <g@example.jp>",
        "rsa2048",
        "default",
        "never",
    ];
    gpg.checked(&[&old[..], &make[..]].concat(), b"").unwrap();
    let fingerprint = gpg.fingerprint("G <g@example.jp>").unwrap();
    assert_weak(&gpg.export(&fingerprint).unwrap(), "SHA1");
}

#[test]
fn an_rsa_1024_key_is_weak() {
    let gpg = GnuPg::new().unwrap();
    let print = gpg
        .generate("G <g@example.jp>", "rsa1024", Some("rsa2048"), "20250101")
        .unwrap();
    assert_weak(&gpg.export(&print).unwrap(), "RSA1024");
}

#[test]
fn an_rsa_1024_encryption_subkey_is_weak() {
    let gpg = GnuPg::new().unwrap();
    let print = gpg
        .generate("G <g@example.jp>", "ed25519", Some("rsa1024"), "20250101")
        .unwrap();
    assert_weak(&gpg.export(&print).unwrap(), "RSA");
}

fn assert_weak(bytes: &[u8], reason: &str) {
    match read(bytes) {
        Err(CertificateRefusal::Weak(found)) => assert!(found.contains(reason), "{found}"),
        other => panic!("expected a weak certificate, got {other:?}"),
    }
}

#[test]
fn what_is_not_openpgp_is_refused_with_a_reason() {
    let armored = good().certificate_armored().unwrap();
    let message = "-----BEGIN PGP MESSAGE-----\n\nowE=\n-----END PGP MESSAGE-----\n";
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(armored.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&[u8], &str); 9] = [
        (b"", "no `-----BEGIN"),
        (b"   \r\n", "no `-----BEGIN"),
        (b"hello", "no `-----BEGIN"),
        (&[0xff; 300], ""),
        (&[0x99, 0x01, 0x0d, 0x04], ""),
        (message.as_bytes(), "PGP MESSAGE"),
        (&utf16, "UTF-16"),
        (
            &armored.as_bytes()[..armored.len() / 2],
            "its end is missing",
        ),
        (b"\x01\xfe\xfd", "neither text nor packets"),
    ];
    for (bytes, reason) in cases {
        assert_unreadable(bytes, reason);
    }
}

#[test]
fn text_before_or_after_the_armor_is_refused() {
    let armored = good().certificate_armored().unwrap();
    assert_unreadable(format!("Here it is:\n{armored}").as_bytes(), "text around");
    assert_unreadable(format!("{armored}\nRegards").as_bytes(), "text around");
}

#[test]
fn a_message_dressed_as_a_certificate_is_refused() {
    let signature = good().certificate_armored().unwrap();
    let cert = Cert::from_bytes(signature.as_bytes()).unwrap();
    let self_signature = cert
        .userids()
        .next()
        .unwrap()
        .self_signatures()
        .next()
        .unwrap()
        .clone();
    let bytes = Packet::from(self_signature).to_vec().unwrap();
    assert_unreadable(&bytes, "");
}

fn assert_unreadable(bytes: &[u8], reason: &str) {
    match read(bytes) {
        Err(CertificateRefusal::Unreadable(found)) => {
            assert!(found.contains(reason), "{found}");
            assert!(!found.is_empty());
        }
        other => panic!("expected it to be unreadable, got {other:?}"),
    }
}

#[test]
fn a_certificate_from_the_future_is_refused() {
    let future = CertBuilder::new()
        .set_creation_time(system("2025-07-01T00:00:00Z"))
        .add_userid("G <g@example.jp>")
        .add_transport_encryption_subkey();
    assert_unreadable(&public(future), "in the future");
}

#[test]
fn what_is_kept_holds_no_other_address_and_no_signing_key() {
    let rich = builder()
        .add_userid("Private <private@example.com>")
        .add_signing_subkey()
        .add_authentication_subkey()
        .add_transport_encryption_subkey();
    let facts = read(&public(rich)).unwrap();
    let kept = Cert::from_bytes(&facts.bytes).unwrap();
    let ids: Vec<_> = kept.userids().map(|one| one.userid().clone()).collect();
    assert_eq!(ids, [UserID::from("G <g@example.jp>")]);
    assert_eq!(kept.keys().subkeys().count(), 1);
    assert_eq!(kept.fingerprint().to_hex(), facts.fingerprint);
}

#[test]
fn what_is_kept_can_be_read_again_and_ends_at_the_same_time() {
    let year = builder()
        .set_validity_period(days(365))
        .add_userid("Second <second@example.jp>")
        .add_transport_encryption_subkey();
    let facts = read_for(&public(year), &["second@example.jp"]).unwrap();
    assert_eq!(
        read_for(&facts.bytes, &["second@example.jp"]).as_ref(),
        Ok(&facts)
    );
    let policy = StandardPolicy::at(SystemTime::from(now()));
    let kept = Cert::from_bytes(&facts.bytes).unwrap();
    assert!(
        kept.with_policy(&policy, SystemTime::from(now()))
            .unwrap()
            .alive()
            .is_ok()
    );
}
