//! The people of the demonstration, with certificates made for it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bondhub_core::calendar::Timestamp;

use super::sign_document;

/// A recipient of the demonstration.
pub type DemoReader = bondhub_openpgp::demonstration::Correspondent;

/// Makes a recipient of the demonstration.
pub fn demo_reader(name: &str, address: &str, now: Timestamp) -> anyhow::Result<DemoReader> {
    Ok(DemoReader::make(name, address, now)?)
}

/// The issuer of the demonstration: a certificate of an authority made for it, and its key.
pub struct DemoIssuer {
    /// The authority's certificate, PEM.
    pub authority_pem: Vec<u8>,
    /// The issuer's certificate, PEM.
    pub certificate_pem: Vec<u8>,
    /// The issuer's certificate and private key, PEM.
    pub key_pem: zeroize::Zeroizing<Vec<u8>>,
}

impl DemoIssuer {
    /// Signs as the issuer: CMS, DER.
    pub fn sign(&self, content: &[u8], now: Timestamp) -> anyhow::Result<Vec<u8>> {
        let pem = sign_document(content, &self.key_pem, None, now)?;
        let body: String = pem
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        Ok(STANDARD.decode(body)?)
    }
}

/// Makes the issuer of the demonstration.
pub fn demo_issuer(name: &str, now: Timestamp) -> anyhow::Result<DemoIssuer> {
    use bondhub_signing::certificate_maker::{
        CertificateAuthority, CertificateOrder, KeyKind, Usage,
    };
    let until = now + chrono::TimeDelta::days(3650);
    let authority = CertificateAuthority::new("Demonstration Authority", now, until)?;
    let made = authority.issue(&CertificateOrder {
        name,
        key: KeyKind::P256,
        usage: Usage::Signing,
        valid_from: now,
        valid_until: until,
        critical_extension: None,
    })?;
    let certificate_pem = made.certificate_pem()?;
    let key_pem = [certificate_pem.as_slice(), &made.private_key_pem()?]
        .concat()
        .into();
    Ok(DemoIssuer {
        authority_pem: authority.certificate_pem()?,
        certificate_pem,
        key_pem,
    })
}
