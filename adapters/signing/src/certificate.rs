//! X.509 certificates: reading them, and whether they may sign documents.

pub(crate) mod extensions;

use bondhub_core::{
    calendar::Timestamp,
    event::hex_digest,
    ports::signing::{CertificateDetails, SignError},
};
use chrono::DateTime;
use openssl::{
    asn1::{Asn1Object, Asn1Time, Asn1TimeRef},
    error::ErrorStack,
    nid::Nid,
    pkey::{HasPublic, Id, PKeyRef},
    x509::{X509, X509KeyUsage, X509NameRef, X509Ref},
};

const PEM_MARK: &[u8] = b"-----BEGIN ";

/// Why a certificate may not sign documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsuitable {
    #[error("its key usage allows neither digital signatures nor non-repudiation")]
    KeyUsage,
    #[error("it has no key usage, which certificates issued since {0} must have")]
    NoKeyUsage(Timestamp),
    #[error("it has a critical extension whose meaning is unknown here")]
    CriticalExtension,
    #[error("its key is {0}; RSA of 2048 bits or more, P-256 or P-384 is needed")]
    Key(String),
}

/// Reads exactly one certificate, PEM or DER.
pub(crate) fn read(bytes: &[u8]) -> Result<X509, SignError> {
    if bytes.trim_ascii_start().starts_with(PEM_MARK) {
        read_pem(bytes)
    } else {
        read_der(bytes)
    }
}

fn read_pem(bytes: &[u8]) -> Result<X509, SignError> {
    let certificates =
        X509::stack_from_pem(bytes).map_err(|error| unreadable("not a PEM certificate", &error))?;
    match <[X509; 1]>::try_from(certificates) {
        Ok([certificate]) => Ok(certificate),
        Err(several) => Err(SignError::Unreadable(format!(
            "{} certificates in the file, one is expected",
            several.len()
        ))),
    }
}

/// Reads a certificate in DER; nothing may follow it.
pub(crate) fn read_der(bytes: &[u8]) -> Result<X509, SignError> {
    let certificate =
        X509::from_der(bytes).map_err(|error| unreadable("not an X.509 certificate", &error))?;
    if certificate.to_der().is_ok_and(|der| der == bytes) {
        Ok(certificate)
    } else {
        Err(SignError::Unreadable(
            "there are bytes after the certificate".to_owned(),
        ))
    }
}

pub(crate) fn unreadable(what: &str, error: &ErrorStack) -> SignError {
    SignError::Unreadable(format!("{what} ({})", reason(error)))
}

/// The library's own word for what went wrong, without its file names and line numbers.
pub(crate) fn reason(error: &ErrorStack) -> String {
    error
        .errors()
        .last()
        .and_then(openssl::error::Error::reason)
        .unwrap_or("no reason given")
        .to_owned()
}

/// What is shown and pinned of a certificate.
pub(crate) fn details(certificate: &X509Ref) -> Result<CertificateDetails, SignError> {
    let der = certificate
        .to_der()
        .map_err(|error| unreadable("the certificate cannot be written", &error))?;
    let unreadable = || SignError::Unreadable("its validity cannot be read".to_owned());
    Ok(CertificateDetails {
        fingerprint: hex_digest(&der),
        der,
        subject: one_line(certificate.subject_name()),
        issuer: one_line(certificate.issuer_name()),
        valid_from: instant(certificate.not_before()).ok_or_else(unreadable)?,
        valid_until: instant(certificate.not_after()).ok_or_else(unreadable)?,
    })
}

/// `C=JP, O=…, CN=…`, without control characters.
pub(crate) fn one_line(name: &X509NameRef) -> String {
    let entries: Vec<String> = name
        .entries()
        .map(|entry| {
            let label = entry.object().nid().short_name().unwrap_or("?").to_owned();
            let value = entry.data().to_string().unwrap_or_else(|_| "?".to_owned());
            let value: String = value
                .chars()
                .filter(|letter| !letter.is_control())
                .collect();
            format!("{label}={value}")
        })
        .collect();
    entries.join(", ")
}

pub(crate) fn instant(time: &Asn1TimeRef) -> Option<Timestamp> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let since = epoch.diff(time).ok()?;
    DateTime::from_timestamp(i64::from(since.days) * 86_400 + i64::from(since.secs), 0)
}

/// Since when certificates must have a key usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsageRule {
    /// Certificates valid from this instant on must have the extension.
    pub required_from: Timestamp,
}

impl KeyUsageRule {
    /// Never: who signs leaves it to who verifies.
    pub(crate) const NONE: Self = Self {
        required_from: Timestamp::MAX_UTC,
    };
}

impl Default for KeyUsageRule {
    /// March 2026 in Japan: from then on the commercial-registration authority writes it.
    fn default() -> Self {
        let march = DateTime::from_timestamp(1_772_290_800, 0);
        Self {
            required_from: march.unwrap_or(Timestamp::MIN_UTC),
        }
    }
}

/// Whether a certificate may sign documents: its key usage, critical extensions and key.
///
/// A certificate without a key-usage extension is allowed if it was issued before the rule's date: RFC 5280
/// then restricts nothing, and the commercial-registration authority issued such certificates until
/// March 2026. That it is the issuer's signing certificate is known from its being pinned, not from its
/// extensions; for the same reason extended key usage is not asked for.
pub(crate) fn check_suitable(certificate: &X509Ref, rule: KeyUsageRule) -> Result<(), Unsuitable> {
    let signing = X509KeyUsage::DIGITAL_SIGNATURE | X509KeyUsage::NON_REPUDIATION;
    match certificate.key_usage() {
        Some(usage) if !usage.intersects(signing) => return Err(Unsuitable::KeyUsage),
        None if !is_older(certificate, rule) => {
            return Err(Unsuitable::NoKeyUsage(rule.required_from));
        }
        _ => {}
    }
    let known = certificate
        .to_der()
        .is_ok_and(|der| extensions::critical_ones_are_known(&der));
    if !known {
        return Err(Unsuitable::CriticalExtension);
    }
    let key = certificate
        .public_key()
        .map_err(|_| Unsuitable::Key("unreadable".to_owned()))?;
    check_key(&key)
}

/// Whether a certificate is valid now: nothing is signed with one that is not.
pub(crate) fn check_valid_now(
    details: &CertificateDetails,
    now: Timestamp,
) -> Result<(), SignError> {
    let (from, until) = (details.valid_from, details.valid_until);
    if from <= now && now <= until {
        return Ok(());
    }
    let message = format!("it is valid from {from} until {until}, and it is {now}");
    Err(SignError::Unsuitable(message))
}

fn is_older(certificate: &X509Ref, rule: KeyUsageRule) -> bool {
    instant(certificate.not_before()).is_some_and(|from| from < rule.required_from)
}

/// The content of an object identifier written in dots.
pub(crate) fn identifier_of(dotted: &str) -> Option<Vec<u8>> {
    let numbers = dotted
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let object = numbers
        .then(|| Asn1Object::from_str(dotted).ok())
        .flatten()?;
    Some(object.as_slice().to_vec())
}

fn check_key<T: HasPublic>(key: &PKeyRef<T>) -> Result<(), Unsuitable> {
    let strong = match key.id() {
        Id::RSA | Id::RSA_PSS => key.bits() >= 2048,
        Id::EC => key.ec_key().is_ok_and(|key| {
            let curve = key.group().curve_name();
            [Some(Nid::X9_62_PRIME256V1), Some(Nid::SECP384R1)].contains(&curve)
        }),
        _ => false,
    };
    if strong {
        Ok(())
    } else {
        Err(Unsuitable::Key(describe(key)))
    }
}

fn describe<T: HasPublic>(key: &PKeyRef<T>) -> String {
    let kind = match key.id() {
        Id::RSA | Id::RSA_PSS => "RSA",
        Id::EC => "elliptic-curve",
        _ => "of another kind",
    };
    format!("{kind} of {} bits", key.bits())
}
