//! Authorities for tests: hierarchies, bridges, revocation lists, with any extension.

use bondhub_core::{
    calendar::Timestamp,
    event::Rejection,
    ports::signing::{ImportedKey, SignedContent, VerifyDocument as _},
};
use openssl::{
    asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time},
    bn::{BigNum, MsbOption},
    hash::MessageDigest,
    pkey::{PKey, Private},
    sign::Signer,
    x509::{X509, X509Builder, X509Extension, X509Name},
};

use super::support::{at, import, now, pin, sign};
use crate::{
    RevocationRule, Signatures, TrustRules,
    der::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, UTC_TIME, write},
};

pub(super) const CURRENT: (&str, &str) = ("2026-08-31T00:00:00Z", "2026-09-03T00:00:00Z");

pub(super) fn rules(root: &Authority) -> TrustRules {
    TrustRules {
        roots: root.pem(),
        ..TrustRules::default()
    }
}

pub(super) fn check(rules: &TrustRules, key: &ImportedKey) -> Result<SignedContent, Rejection> {
    check_cms(rules, key, &sign(key, b"content"))
}

pub(super) fn check_cms(
    rules: &TrustRules,
    key: &ImportedKey,
    cms: &[u8],
) -> Result<SignedContent, Rejection> {
    Signatures::trusting(rules)
        .unwrap()
        .verify(cms, &[pin(key)], now())
}

pub(super) fn certificate(key: &ImportedKey) -> X509 {
    X509::from_der(&key.certificate.der).unwrap()
}

pub(super) fn dn(authority: &Authority) -> String {
    crate::certificate::one_line(authority.certificate.subject_name())
}

/// Rules with these lists in a directory, and the directory.
pub(super) fn with_lists(rules: TrustRules, lists: &[Vec<u8>]) -> (TrustRules, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    for (number, list) in lists.iter().enumerate() {
        std::fs::write(directory.path().join(format!("{number}.crl")), list).unwrap();
    }
    let crl_directory = Some(directory.path().to_owned());
    let revocation = RevocationRule::Require;
    (
        TrustRules {
            crl_directory,
            revocation,
            ..rules
        },
        directory,
    )
}

/// ECDSA with SHA-256.
const ALGORITHM: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const BIT_STRING: u8 = 0x03;
const ENUMERATED: u8 = 0x0a;

/// One extension: identifier, criticality, value.
pub(super) type Extension = (&'static str, bool, Vec<u8>);

/// Signs certificates and lists.
#[derive(Clone)]
pub(super) struct Authority {
    pub(super) certificate: X509,
    key: PKey<Private>,
}

/// A certificate to be made.
#[derive(Clone)]
pub(super) struct Wish {
    /// Names and values of the subject.
    pub(super) subject: Vec<(&'static str, String)>,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) extensions: Vec<Extension>,
    pub(super) digest: fn() -> MessageDigest,
}

pub(super) fn constraints(authority: bool) -> Extension {
    let value: &[u8] = if authority {
        &[0x30, 3, 1, 1, 0xff]
    } else {
        &[0x30, 0]
    };
    ("2.5.29.19", true, value.to_vec())
}

/// The first byte of a key usage's bits.
pub(super) fn usage(bits: u8) -> Extension {
    ("2.5.29.15", true, write(BIT_STRING, &[&[0, bits]]))
}

pub(super) const SIGNS_DOCUMENTS: u8 = 0xc0;
pub(super) const SIGNS_ALL: u8 = 0x06;
pub(super) const SIGNS_CERTIFICATES: u8 = 0x04;

fn identifier(dotted: &str) -> Vec<u8> {
    let object = Asn1Object::from_str(dotted).unwrap();
    write(OBJECT_IDENTIFIER, &[object.as_slice()])
}

pub(super) fn policies(all: &[&str]) -> Extension {
    let all: Vec<_> = all
        .iter()
        .map(|one| write(SEQUENCE, &[&identifier(one)]))
        .collect();
    ("2.5.29.32", false, write(SEQUENCE, &[&all.concat()]))
}

pub(super) fn mapping(from: &str, to: &str) -> Extension {
    let pair = write(SEQUENCE, &[&identifier(from), &identifier(to)]);
    ("2.5.29.33", true, write(SEQUENCE, &[&pair]))
}

/// `DistributionPointName`, and the names within.
fn point(uri: &str) -> Vec<u8> {
    let name = write(0x86, &[uri.as_bytes()]);
    write(CONTEXT_0, &[&write(CONTEXT_0, &[&name])])
}

pub(super) fn distribution_point(uri: &str) -> Extension {
    let value = write(SEQUENCE, &[&write(SEQUENCE, &[&point(uri)])]);
    ("2.5.29.31", false, value)
}

pub(super) fn issuing_point(uri: &str) -> Extension {
    ("2.5.29.28", true, write(SEQUENCE, &[&point(uri)]))
}

impl Wish {
    pub(super) fn signer(name: &str) -> Self {
        Self::of(name, vec![constraints(false), usage(SIGNS_DOCUMENTS)])
    }

    pub(super) fn authority(name: &str) -> Self {
        Self::of(name, vec![constraints(true), usage(SIGNS_ALL)])
    }

    fn of(name: &str, extensions: Vec<Extension>) -> Self {
        Self {
            subject: vec![("C", "JP".to_owned()), ("CN", name.to_owned())],
            from: at("2020-01-01T00:00:00Z"),
            until: at("2049-12-31T00:00:00Z"),
            extensions,
            digest: MessageDigest::sha256,
        }
    }

    pub(super) fn with(mut self, extension: Extension) -> Self {
        self.extensions.retain(|(name, _, _)| *name != extension.0);
        self.extensions.push(extension);
        self
    }

    pub(super) fn without(mut self, identifier: &str) -> Self {
        self.extensions.retain(|(name, _, _)| *name != identifier);
        self
    }
}

fn key() -> PKey<Private> {
    PKey::ec_gen("P-256").unwrap()
}

fn name_of(subject: &[(&str, String)]) -> X509Name {
    let mut name = X509Name::builder().unwrap();
    for (field, value) in subject {
        name.append_entry_by_text(field, value).unwrap();
    }
    name.build()
}

fn make(wish: &Wish, key: &PKey<Private>, by: Option<&Authority>) -> X509 {
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, MsbOption::MAYBE_ZERO, false).unwrap();
    let subject = name_of(&wish.subject);
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder
        .set_serial_number(&Asn1Integer::from_bn(&serial).unwrap())
        .unwrap();
    builder.set_subject_name(&subject).unwrap();
    let issuer = by.map_or(&*subject, |by| by.certificate.subject_name());
    builder.set_issuer_name(issuer).unwrap();
    builder.set_pubkey(key).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(wish.from.timestamp()).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(wish.until.timestamp()).unwrap())
        .unwrap();
    for (name, critical, value) in &wish.extensions {
        let name = Asn1Object::from_str(name).unwrap();
        let value = Asn1OctetString::new_from_bytes(value).unwrap();
        builder
            .append_extension(X509Extension::new_from_der(&name, *critical, &value).unwrap())
            .unwrap();
    }
    builder
        .sign(by.map_or(key, |by| &by.key), (wish.digest)())
        .unwrap();
    builder.build()
}

impl Authority {
    pub(super) fn root(name: &str) -> Self {
        Self::root_as(&Wish::authority(name))
    }

    pub(super) fn root_as(wish: &Wish) -> Self {
        let key = key();
        Self {
            certificate: make(wish, &key, None),
            key,
        }
    }

    /// An authority below this one.
    pub(super) fn subordinate(&self, wish: &Wish) -> Self {
        let key = key();
        Self {
            certificate: make(wish, &key, Some(self)),
            key,
        }
    }

    /// A certificate for another authority's own name and key.
    pub(super) fn cross(&self, other: &Self, wish: &Wish) -> X509 {
        let subject = other.certificate.subject_name().entries();
        let subject = subject.map(|entry| {
            let field = entry.object().nid().short_name().unwrap();
            (field, entry.data().to_string().unwrap())
        });
        let wish = Wish {
            subject: subject.collect(),
            ..wish.clone()
        };
        make(&wish, &other.key, Some(self))
    }

    /// A signer's certificate with its key.
    pub(super) fn issue(&self, wish: &Wish) -> ImportedKey {
        let (certificate, key) = self.issue_raw(wish);
        let pem = [
            certificate.to_pem().unwrap(),
            key.private_key_to_pem_pkcs8().unwrap(),
        ];
        import(&pem.concat())
    }

    pub(super) fn issue_raw(&self, wish: &Wish) -> (X509, PKey<Private>) {
        let key = key();
        (make(wish, &key, Some(self)), key)
    }

    /// A revocation list, PEM: from, until, whom with date and reason, more extensions.
    pub(super) fn list(
        &self,
        (from, until): (&str, &str),
        revoked: &[(&X509, &str, u8)],
        extensions: &[Extension],
    ) -> Vec<u8> {
        let entries: Vec<_> = revoked
            .iter()
            .map(|(who, when, why)| entry(who, when, *why))
            .collect();
        let extensions: Vec<_> = extensions.iter().map(encode).collect();
        let issuer = self.certificate.subject_name().to_der().unwrap();
        let mut body = vec![
            vec![INTEGER, 1, 1],
            ALGORITHM.to_vec(),
            issuer,
            time(from),
            time(until),
        ];
        if !entries.is_empty() {
            body.push(write(SEQUENCE, &[&entries.concat()]));
        }
        if !extensions.is_empty() {
            body.push(write(
                CONTEXT_0,
                &[&write(SEQUENCE, &[&extensions.concat()])],
            ));
        }
        let body = write(SEQUENCE, &[&body.concat()]);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        let signature = signer.sign_oneshot_to_vec(&body).unwrap();
        let list = write(
            SEQUENCE,
            &[&body, ALGORITHM, &write(BIT_STRING, &[&[0], &signature])],
        );
        openssl::x509::X509Crl::from_der(&list)
            .unwrap()
            .to_pem()
            .unwrap()
    }

    pub(super) fn pem(&self) -> Vec<u8> {
        self.certificate.to_pem().unwrap()
    }
}

fn time(text: &str) -> Vec<u8> {
    let text = at(text).format("%Y%m%d%H%M%SZ").to_string();
    // Until 2049 RFC 5280 asks for two digits of the year, and no test goes further.
    write(UTC_TIME, &[&text.as_bytes()[2..]])
}

fn entry(who: &X509, when: &str, reason: u8) -> Vec<u8> {
    let serial = who.serial_number().to_bn().unwrap().to_vec();
    let sign: &[u8] = if serial[0] & 0x80 == 0 { &[] } else { &[0] };
    let reason = encode(&("2.5.29.21", false, write(ENUMERATED, &[&[reason]])));
    let reason = write(SEQUENCE, &[&reason]);
    write(
        SEQUENCE,
        &[&write(INTEGER, &[sign, &serial]), &time(when), &reason],
    )
}

fn encode((name, critical, value): &Extension) -> Vec<u8> {
    let critical: &[u8] = if *critical { &[1, 1, 0xff] } else { &[] };
    write(
        SEQUENCE,
        &[&identifier(name), critical, &write(OCTET_STRING, &[value])],
    )
}
