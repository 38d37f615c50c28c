//! What the hub seals is read by the programs that parties use: `GnuPG` 2.2 and RNP.
#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, helpers of tests too"
)]

use bondhub_core::{
    calendar::Timestamp,
    party::MailAddress,
    ports::openpgp::{CertificateFacts, Encrypt, ReadCertificate, Recipient},
};
use bondhub_openpgp::{CertificateReader, HubKey, Sealer};
use bondhub_test_support::{gnupg::GnuPg, openpgp::TestParty, rnp::Rnp};
use sequoia_openpgp::{Cert, parse::Parse};

const ADDRESS: &str = "desk@contractor.example.jp";
const USER_ID: &str = "Desk <desk@contractor.example.jp>";
const CONTENT: &[u8] = b"Content-Type: text/plain\r\n\r\n.\r\nFrom here\r\n";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2025-06-01T00:00:00Z")
}

fn sealer() -> Sealer {
    let born = time("2025-01-01T00:00:00Z");
    Sealer::new(HubKey::generate("bondhub <hub@hub.example.jp>", born).unwrap())
}

fn enrol(bytes: &[u8]) -> CertificateFacts {
    let address = MailAddress::parse(ADDRESS).unwrap();
    CertificateReader::new()
        .read(bytes, &[address], now())
        .unwrap()
}

fn seal(sealer: &Sealer, facts: &CertificateFacts) -> Vec<u8> {
    let to = Recipient {
        fingerprint: &facts.fingerprint,
        certificate: &facts.bytes,
        modern: false,
    };
    sealer.encrypt(&to, CONTENT, now()).unwrap()
}

fn gnupg_reads(primary: &str, encryption: &str) {
    let (gpg, sealer) = (GnuPg::new().unwrap(), sealer());
    let print = gpg
        .generate(USER_ID, primary, Some(encryption), "20250101")
        .unwrap();
    let message = seal(&sealer, &enrol(&gpg.export(&print).unwrap()));
    gpg.import(sealer.own_certificate().unwrap().as_bytes())
        .unwrap();
    let opened = gpg.open(&message).unwrap();
    assert!(opened.success && opened.decrypted, "{}", opened.status);
    assert_eq!(opened.content, CONTENT);
    let (_signing, hub) = opened.signed.unwrap();
    assert_eq!(hub, sealer.key().fingerprint());
}

#[test]
fn gnupg_decrypts_and_verifies_for_its_own_cv25519_key() {
    gnupg_reads("ed25519", "cv25519");
}

#[test]
fn gnupg_decrypts_and_verifies_for_its_own_rsa_3072_key() {
    gnupg_reads("rsa3072", "rsa3072");
}

#[test]
fn gnupg_notices_a_changed_message() {
    let (gpg, sealer) = (GnuPg::new().unwrap(), sealer());
    let print = gpg
        .generate(USER_ID, "ed25519", Some("cv25519"), "20250101")
        .unwrap();
    let message = seal(&sealer, &enrol(&gpg.export(&print).unwrap()));
    gpg.import(sealer.own_certificate().unwrap().as_bytes())
        .unwrap();
    let mut binary = gpg.checked(&["--dearmor"], &message).unwrap();
    let last = binary.len() - 1;
    binary[last] ^= 1;
    let opened = gpg.open(&binary).unwrap();
    assert!(!opened.success && !opened.decrypted, "{}", opened.status);
}

#[test]
fn rnp_decrypts_and_verifies_for_a_cv25519_key() {
    let sealer = sealer();
    let party = TestParty::new(ADDRESS, time("2025-01-01T00:00:00Z")).unwrap();
    rnp_reads(
        &sealer,
        &enrol(&party.certificate().unwrap()),
        &party.secret_armored().unwrap(),
    );
}

#[test]
fn rnp_decrypts_and_verifies_for_an_rsa_3072_key_of_gnupg() {
    let (gpg, sealer) = (GnuPg::new().unwrap(), sealer());
    let print = gpg
        .generate(USER_ID, "rsa3072", Some("rsa3072"), "20250101")
        .unwrap();
    let secret = gpg
        .checked(&["--armor", "--export-secret-keys", &print], b"")
        .unwrap();
    rnp_reads(&sealer, &enrol(&gpg.export(&print).unwrap()), &secret);
}

fn rnp_reads(sealer: &Sealer, facts: &CertificateFacts, secret: &[u8]) {
    let rnp = Rnp::new().unwrap();
    rnp.import(secret).unwrap();
    let hub = sealer.own_certificate().unwrap();
    rnp.import(hub.as_bytes()).unwrap();
    let opened = rnp.open(&seal(sealer, facts)).unwrap();
    assert!(opened.success, "{}", opened.stderr);
    assert_eq!(opened.stdout, CONTENT);
    let signer = signing_key_id(&hub);
    let good = opened
        .stderr
        .lines()
        .any(|line| line.contains("Good signature"));
    let named = opened.stderr.to_lowercase().contains(&signer);
    assert!(
        good && named,
        "no good signature by {signer}: {}",
        opened.stderr
    );
}

fn signing_key_id(hub: &str) -> String {
    let cert = Cert::from_bytes(hub.as_bytes()).unwrap();
    let key = cert.keys().subkeys().next().unwrap().key().keyid();
    key.to_hex().to_lowercase()
}

#[test]
fn gnupg_imports_the_hubs_certificate_under_the_fingerprint_the_hub_tells() {
    let (gpg, sealer) = (GnuPg::new().unwrap(), sealer());
    gpg.import(sealer.own_certificate().unwrap().as_bytes())
        .unwrap();
    let found = gpg.fingerprint("bondhub <hub@hub.example.jp>").unwrap();
    assert_eq!(found, sealer.key().fingerprint());
}

/// How docs/mail.md tells operators to bring a key of their own.
#[test]
fn a_hub_key_of_gnupg_whose_primary_secret_stays_elsewhere_signs_what_gnupg_verifies() {
    let gpg = GnuPg::new().unwrap();
    let then = ["--faked-system-time", "20250101T000000!"];
    let hub_id = "Bond hub <hub@hub.example.jp>";
    let make = ["--quick-generate-key", hub_id, "ed25519", "cert", "10y"];
    gpg.checked(&[&then[..], &make[..]].concat(), b"").unwrap();
    let hub = gpg.fingerprint(hub_id).unwrap();
    let add = ["--quick-add-key", &hub, "ed25519", "sign", "2y"];
    gpg.checked(&[&then[..], &add[..]].concat(), b"").unwrap();
    let exported = gpg
        .checked(&["--armor", "--export-secret-subkeys", &hub], b"")
        .unwrap();
    let key = HubKey::load(&exported, None, now()).unwrap();
    assert_eq!(key.fingerprint(), hub);
    assert_eq!(key.signs_until(), Some(time("2027-01-01T00:00:00Z")));
    let print = gpg
        .generate(USER_ID, "ed25519", Some("cv25519"), "20250101")
        .unwrap();
    let message = seal(&Sealer::new(key), &enrol(&gpg.export(&print).unwrap()));
    let opened = gpg.open(&message).unwrap();
    assert!(opened.success && opened.decrypted, "{}", opened.status);
    assert_eq!(opened.signed.unwrap().1, hub);
}
