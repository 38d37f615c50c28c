//! Checking a signed block with nothing but certificates at hand: `bondhub key verify`.

use bondhub_core::{calendar::Timestamp, event::Rejection, ports::signing::CertificateDetails};
use openssl::{
    error::ErrorStack,
    stack::Stack,
    x509::{
        X509, X509PurposeId, X509Ref, X509StoreContext, X509StoreContextRef,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};

use crate::{
    certificate::{
        self, KeyUsageRule,
        extensions::{critical_ones_are_known, critical_ones_of_authority_are_known},
    },
    signed_data::{self, Claims},
    verify::{Refusal, check_certificate, check_length, embedded_signer, verify_signature},
};

/// What the person who checks trusts; both may be absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfflineTrust<'a> {
    /// Certificates of authorities, PEM: roots, and intermediate ones where there are any.
    pub authorities: Option<&'a [u8]>,
    /// The issuer's own certificate, PEM or DER.
    pub signer: Option<&'a [u8]>,
}

/// Whether the signer is known, where something was given to know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Nothing was given: the signature is whole, but anyone could have made it.
    Unknown,
    /// The signer's certificate is the given one.
    GivenCertificate,
    /// The signer's certificate was issued below a given authority. That does not yet make the
    /// signer the right issuer: the subject must be compared.
    GivenAuthority,
}

/// What an offline check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfflineReport {
    /// What was signed.
    pub content: Vec<u8>,
    /// The signer's certificate.
    pub signer: CertificateDetails,
    /// When the signer claims to have signed.
    pub signed_at: Timestamp,
    /// Whether the signer is known.
    pub trust: Trust,
}

/// Verifies a signed block (CMS, DER) with the certificate within it, then compares that
/// certificate with what is trusted.
///
/// Refuses what [`VerifyDocument`](bondhub_core::ports::signing::VerifyDocument) refuses, a signer
/// other than the given one, and one that no given authority issued.
pub fn verify_offline(
    cms: &[u8],
    trust: OfflineTrust<'_>,
    now: Timestamp,
) -> Result<OfflineReport, Rejection> {
    check_length(cms)?;
    let claims = signed_data::read(cms).map_err(Refusal::from)?;
    let signer = signer_of(&claims, trust)?;
    check_certificate(&signer, claims.signed_at, now, KeyUsageRule::default())?;
    let content = verify_signature(cms, &signer)?;
    let trust = check_trust(&signer, &claims, trust)?;
    let signer =
        certificate::details(&signer).map_err(|error| Refusal::Library(error.to_string()))?;
    Ok(OfflineReport {
        content,
        signer,
        signed_at: claims.signed_at,
        trust,
    })
}

fn signer_of(claims: &Claims<'_>, trust: OfflineTrust<'_>) -> Result<X509, Refusal> {
    let Some(embedded) = embedded_signer(claims) else {
        let given = trust.signer.and_then(|bytes| certificate::read(bytes).ok());
        return given.ok_or(Refusal::Library(
            "the signer's certificate is neither in the file nor given".to_owned(),
        ));
    };
    Ok(embedded)
}

fn check_trust(
    signer: &X509Ref,
    claims: &Claims<'_>,
    trust: OfflineTrust<'_>,
) -> Result<Trust, Refusal> {
    let foreign = || {
        Refusal::Foreign(format!(
            "`{}`",
            certificate::one_line(signer.subject_name())
        ))
    };
    let library = |error: &ErrorStack| Refusal::Library(certificate::reason(error));
    if let Some(given) = trust.signer {
        let given =
            certificate::read(given).map_err(|error| Refusal::Library(error.to_string()))?;
        let same = given.to_der().ok() == signer.to_der().ok();
        return if same {
            Ok(Trust::GivenCertificate)
        } else {
            Err(foreign())
        };
    }
    let Some(authorities) = trust.authorities else {
        return Ok(Trust::Unknown);
    };
    let chains = chains_to(signer, claims, authorities).map_err(|error| library(&error))?;
    if chains {
        Ok(Trust::GivenAuthority)
    } else {
        Err(foreign())
    }
}

/// Whether a chain leads to one of the authorities, as of the signing time.
fn chains_to(
    signer: &X509Ref,
    claims: &Claims<'_>,
    authorities: &[u8],
) -> Result<bool, ErrorStack> {
    let store = store_of(authorities, claims.signed_at)?;
    let mut between = Stack::new()?;
    // What is between may be an authority, with constraints that OpenSSL minds, or a signer's own certificate.
    let known =
        |der: &&&[u8]| critical_ones_are_known(der) || critical_ones_of_authority_are_known(der);
    for der in claims.certificates.iter().filter(known) {
        between.push(X509::from_der(der)?)?;
    }
    X509StoreContext::new()?.init(&store, signer, &between, X509StoreContextRef::verify_cert)
}

fn store_of(authorities: &[u8], as_of: Timestamp) -> Result<X509Store, ErrorStack> {
    let mut rules = X509VerifyParam::new()?;
    rules.set_time(as_of.timestamp());
    // The critical extensions of the signer and of those between were checked here.
    rules.set_flags(X509VerifyFlags::IGNORE_CRITICAL)?;
    rules.set_purpose(X509PurposeId::ANY)?;
    let mut store = X509StoreBuilder::new()?;
    for authority in X509::stack_from_pem(authorities)? {
        store.add_cert(authority)?;
    }
    store.set_param(&rules)?;
    Ok(store.build())
}
