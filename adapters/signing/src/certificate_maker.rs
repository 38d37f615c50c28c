//! Makes certificate authorities and issuers' certificates **for demonstrations and tests**.
//!
//! Nothing here belongs in a real hub's trust: an authority made here lives in this process, revokes
//! nothing and checks nobody's identity. Real issuers bring certificates of a real authority.

use bondhub_core::calendar::Timestamp;
use openssl::{
    asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time},
    bn::{BigNum, MsbOption},
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkcs12::Pkcs12,
    pkey::{PKey, Private},
    rsa::Rsa,
    x509::{
        X509, X509Builder, X509Extension, X509Name, X509NameRef,
        extension::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier},
    },
};
use zeroize::Zeroizing;

use crate::der::{OCTET_STRING, write};

/// Why a certificate could not be made: the library's reason.
#[derive(Debug, thiserror::Error)]
#[error("the certificate cannot be made: {0}")]
pub struct MakeError(String);

impl From<ErrorStack> for MakeError {
    fn from(error: ErrorStack) -> Self {
        Self(crate::certificate::reason(&error))
    }
}

/// The kind of a key to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyKind {
    /// NIST P-256, the fast one.
    #[default]
    P256,
    /// NIST P-384.
    P384,
    /// RSA with so many bits; fewer than 2048 to see them refused.
    Rsa(u32),
}

/// What a certificate's key usage extension says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Usage {
    /// Digital signature and non-repudiation.
    #[default]
    Signing,
    /// Key encipherment only: may not sign documents.
    Encipherment,
    /// No such extension.
    Unstated,
}

/// A certificate to be made for an issuer.
#[derive(Debug, Clone)]
pub struct CertificateOrder<'a> {
    /// The subject's common name.
    pub name: &'a str,
    /// The key.
    pub key: KeyKind,
    /// What the key may be used for.
    pub usage: Usage,
    /// First instant of validity, to the second.
    pub valid_from: Timestamp,
    /// Last instant of validity, to the second.
    pub valid_until: Timestamp,
    /// One more extension, marked critical: its object identifier in dots.
    pub critical_extension: Option<&'a str>,
}

/// A certificate authority that lives in this process.
pub struct CertificateAuthority {
    certificate: X509,
    key: PKey<Private>,
}

/// A certificate with its private key.
pub struct MadeCertificate {
    certificate: X509,
    key: PKey<Private>,
}

impl CertificateAuthority {
    /// Makes an authority with a P-256 key.
    pub fn new(name: &str, from: Timestamp, until: Timestamp) -> Result<Self, MakeError> {
        let key = make_key(KeyKind::P256)?;
        let subject = subject(name)?;
        let mut builder = begin(&subject, &subject, &key, (from, until))?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        let usage = KeyUsage::new()
            .critical()
            .key_cert_sign()
            .crl_sign()
            .build()?;
        builder.append_extension(usage)?;
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.sign(&key, MessageDigest::sha256())?;
        Ok(Self {
            certificate: builder.build(),
            key,
        })
    }

    /// The authority's certificate, PEM: what `openssl cms -verify -CAfile` takes.
    pub fn certificate_pem(&self) -> Result<Vec<u8>, MakeError> {
        Ok(self.certificate.to_pem()?)
    }

    /// Makes a key and a certificate for it.
    pub fn issue(&self, order: &CertificateOrder<'_>) -> Result<MadeCertificate, MakeError> {
        let key = make_key(order.key)?;
        let period = (order.valid_from, order.valid_until);
        let issuer = self.certificate.subject_name();
        let subject = subject(order.name)?;
        let mut builder = begin(&subject, issuer, &key, period)?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        append_usage(&mut builder, order.usage)?;
        if let Some(identifier) = order.critical_extension {
            let value = Asn1OctetString::new_from_bytes(&write(OCTET_STRING, &[b"x"]))?;
            let identifier = Asn1Object::from_str(identifier)?;
            let extension = X509Extension::new_from_der(&identifier, true, &value)?;
            builder.append_extension(extension)?;
        }
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let own = SubjectKeyIdentifier::new().build(&context)?;
        let authority = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        builder.append_extension(own)?;
        builder.append_extension(authority)?;
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(MadeCertificate {
            certificate: builder.build(),
            key,
        })
    }
}

fn append_usage(builder: &mut X509Builder, usage: Usage) -> Result<(), ErrorStack> {
    let extension = match usage {
        Usage::Signing => KeyUsage::new()
            .critical()
            .digital_signature()
            .non_repudiation()
            .build()?,
        Usage::Encipherment => KeyUsage::new().critical().key_encipherment().build()?,
        Usage::Unstated => return Ok(()),
    };
    builder.append_extension(extension)
}

fn begin(
    subject: &X509NameRef,
    issuer: &X509NameRef,
    key: &PKey<Private>,
    (from, until): (Timestamp, Timestamp),
) -> Result<X509Builder, ErrorStack> {
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509Builder::new()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::from_unix(from.timestamp())?)?;
    builder.set_not_after(&*Asn1Time::from_unix(until.timestamp())?)?;
    Ok(builder)
}

fn subject(name: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    builder.append_entry_by_nid(Nid::COUNTRYNAME, "JP")?;
    builder.append_entry_by_nid(Nid::COMMONNAME, name)?;
    Ok(builder.build())
}

fn make_key(kind: KeyKind) -> Result<PKey<Private>, ErrorStack> {
    match kind {
        KeyKind::P256 => PKey::ec_gen("P-256"),
        KeyKind::P384 => PKey::ec_gen("P-384"),
        KeyKind::Rsa(bits) => PKey::from_rsa(Rsa::generate(bits)?),
    }
}

impl MadeCertificate {
    /// The certificate, DER.
    pub fn certificate_der(&self) -> Result<Vec<u8>, MakeError> {
        Ok(self.certificate.to_der()?)
    }

    /// The certificate, PEM.
    pub fn certificate_pem(&self) -> Result<Vec<u8>, MakeError> {
        Ok(self.certificate.to_pem()?)
    }

    /// The private key, PKCS#8 PEM, not encrypted.
    pub fn private_key_pem(&self) -> Result<Zeroizing<Vec<u8>>, MakeError> {
        Ok(Zeroizing::new(self.key.private_key_to_pem_pkcs8()?))
    }

    /// Certificate and private key as PKCS#12, encrypted with AES-256.
    pub fn pkcs12(&self, password: &str) -> Result<Vec<u8>, MakeError> {
        if password.contains('\0') {
            return Err(MakeError("a password has no NUL character".to_owned()));
        }
        let mut builder = Pkcs12::builder();
        builder
            .name("signing key")
            .pkey(&self.key)
            .cert(&self.certificate);
        Ok(builder.build2(password)?.to_der()?)
    }
}
