//! Authorities and keys for tests.

use std::{process::Command, sync::LazyLock};

use bondhub_core::{
    calendar::Timestamp,
    event::{Reason, Rejection},
    identifier::PartyCode,
    ports::signing::{
        EntrustedKey, ImportedKey, PinnedCertificate, Sign as _, SignedContent, VerifyDocument as _,
    },
};

use openssl::pkey::PKey;

use crate::{
    Signatures,
    certificate_maker::{CertificateAuthority, CertificateOrder, KeyKind, MadeCertificate, Usage},
    signed_data::writing::Signer,
};

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When the tests take place.
pub(super) fn now() -> Timestamp {
    at("2026-09-01T03:00:00Z")
}

/// A long validity, so that the command `openssl` accepts the certificate whatever its clock says.
pub(super) fn order(name: &str) -> CertificateOrder<'_> {
    CertificateOrder {
        name,
        key: KeyKind::P256,
        usage: Usage::Signing,
        valid_from: at("2020-01-01T00:00:00Z"),
        valid_until: at("2099-12-31T00:00:00Z"),
        critical_extension: None,
    }
}

pub(super) fn authority(name: &str) -> CertificateAuthority {
    CertificateAuthority::new(name, at("2020-01-01T00:00:00Z"), at("2099-12-31T00:00:00Z")).unwrap()
}

/// A certificate and key as PEM, unencrypted.
pub(super) fn pem(made: &MadeCertificate) -> Vec<u8> {
    let key = made.private_key_pem().unwrap();
    [made.certificate_pem().unwrap().as_slice(), key.as_slice()].concat()
}

/// A certificate of the authority for this order, with its key.
pub(super) fn issue(authority: &CertificateAuthority, order: &CertificateOrder<'_>) -> ImportedKey {
    let made = authority.issue(order).unwrap();
    import(&pem(&made))
}

pub(super) fn entrusted(key: &ImportedKey) -> EntrustedKey<'_> {
    EntrustedKey {
        fingerprint: &key.certificate.fingerprint,
        certificate: &key.certificate.der,
        private_key: &key.private_key,
    }
}

/// The party whose certificates are pinned.
pub(super) fn party() -> &'static PartyCode {
    static PARTY: LazyLock<PartyCode> = LazyLock::new(|| PartyCode::parse("S1").unwrap());
    &PARTY
}

pub(super) fn pin(key: &ImportedKey) -> PinnedCertificate<'_> {
    PinnedCertificate {
        party: party(),
        fingerprint: &key.certificate.fingerprint,
        der: &key.certificate.der,
        revoked_at: None,
    }
}

pub(super) fn sign(key: &ImportedKey, content: &[u8]) -> Vec<u8> {
    Signatures::new()
        .sign(&entrusted(key), content, now())
        .unwrap()
}

pub(super) fn verify(cms: &[u8], key: &ImportedKey) -> Result<SignedContent, Rejection> {
    Signatures::new().verify(cms, &[pin(key)], now())
}

/// The sentence of a refusal, which must be of the class `signature`.
pub(super) fn sentence(result: Result<SignedContent, Rejection>) -> String {
    let rejection = result.expect_err("refused");
    assert_eq!(rejection.reason, Reason::Signature, "{rejection}");
    rejection.message
}

/// A block signed at any time, with any certificate: what a signer outside can make.
pub(super) fn signer(key: &ImportedKey) -> Signer {
    let private_key = PKey::private_key_from_pkcs8(&key.private_key).unwrap();
    Signer::new(&key.certificate.der, private_key).unwrap()
}

/// A directory with files, in which the command `openssl` runs.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    pub(super) fn new(files: &[(&str, &[u8])]) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            desk.put(name, content);
        }
        desk
    }

    pub(super) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    pub(super) fn put(&self, name: &str, content: &[u8]) {
        std::fs::write(self.0.path().join(name), content).unwrap();
    }

    pub(super) fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// Runs `openssl`; the arguments are parted by blanks. Returns whether it succeeded, and what it
    /// wrote on both outputs.
    pub(super) fn openssl(&self, arguments: &str) -> (bool, String) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let written = [output.stdout, output.stderr].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&written).into_owned(),
        )
    }

    /// As [`Desk::openssl`], where success is a precondition of the test.
    pub(super) fn make(&self, arguments: &str) {
        let (success, written) = self.openssl(arguments);
        assert!(success, "openssl {arguments}: {written}");
    }
}

/// Signs `content.bin` with the command `openssl` and these arguments.
pub(super) fn sign_by_command(arguments: &str) -> (ImportedKey, Vec<u8>) {
    sign_by_command_with(KeyKind::P256, arguments)
}

pub(super) fn sign_by_command_with(key: KeyKind, arguments: &str) -> (ImportedKey, Vec<u8>) {
    let authority = authority("CA");
    let made = authority
        .issue(&CertificateOrder {
            key,
            ..order("Surety")
        })
        .unwrap();
    let other = authority.issue(&order("Other")).unwrap();
    let desk = Desk::new(&[
        ("key.pem", &pem(&made)),
        ("other.pem", &pem(&other)),
        ("content.bin", b"content"),
    ]);
    let common =
        "cms -sign -binary -nodetach -outform DER -in content.bin -out out.der -signer key.pem";
    desk.make(&format!("{common} {arguments}"));
    (import(&pem(&made)), desk.get("out.der"))
}

pub(super) fn import(pem: &[u8]) -> ImportedKey {
    Signatures::new().import(pem, None).unwrap()
}
