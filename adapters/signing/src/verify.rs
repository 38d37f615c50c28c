//! Verifying documents that issuers signed (R5).

use bondhub_core::{
    calendar::Timestamp,
    event::{Reason, Rejection},
    ports::signing::{ListDetails, PinnedCertificate, Revocation, SignedContent, VerifyDocument},
};
use chrono::TimeDelta;
use openssl::{
    bn::BigNumRef,
    cms::{CMSOptions, CmsContentInfo},
    error::ErrorStack,
    stack::Stack,
    x509::{
        X509, X509Name, X509PurposeId, X509Ref,
        store::{X509Store, X509StoreBuilder},
        verify::{X509VerifyFlags, X509VerifyParam},
    },
};

use crate::{
    certificate::{self, KeyUsageRule, Unsuitable},
    der::Reader,
    sign::Signatures,
    signed_data::{self, Claims, LONGEST, ShapeError, SignerName, writing::issuer_and_serial},
    trust::Signer,
};

/// OpenSSL's flag that asks for the ESS signing-certificate attribute of CAdES-BES to name the
/// signer's certificate; the library's Rust wrapper does not list it.
const CMS_CADES: u32 = 0x0010_0000;

/// How far a signer's clock may be ahead of the hub's.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Why a signed document is refused: one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Shape(#[from] ShapeError),
    #[error("the document is signed by {0}, which is not a certificate registered for this issuer")]
    Foreign(String),
    #[error("the signer's certificate cannot be used: {0}")]
    Unsuitable(#[from] Unsuitable),
    #[error(
        "the signer's certificate was not valid when the document was signed ({signed_at}): \
         it is valid from {from} until {until}"
    )]
    OutsideValidity {
        signed_at: Timestamp,
        from: Timestamp,
        until: Timestamp,
    },
    #[error("the signature claims to be made in the future ({signed_at}); it is {now}")]
    Future {
        signed_at: Timestamp,
        now: Timestamp,
    },
    #[error(
        "the signer's certificate is no longer accepted since {revoked_at}, whenever the document was signed; \
         it must be signed anew with another one"
    )]
    Revoked { revoked_at: Timestamp },
    #[error(
        "no chain leads from the signer's certificate to a trusted root: {why} (at `{certificate}`)"
    )]
    NoChain { certificate: String, why: String },
    #[error(
        "the certificate `{certificate}` was revoked by its authority on {revoked_at} ({reason}); \
         the document was signed at {signed_at}"
    )]
    RevokedByAuthority {
        certificate: String,
        revoked_at: Timestamp,
        reason: &'static str,
        signed_at: Timestamp,
    },
    #[error(
        "it cannot be told whether the signer's certificate was revoked: {0}; \
         put the authority's current list into trust.crl_directory"
    )]
    Unchecked(String),
    #[error("the signer's certificate does not fit the profile {0}")]
    Profile(String),
    #[error("the signed content was changed after it was signed")]
    ContentChanged,
    #[error("the signature names another certificate than the one it was made with")]
    OtherCertificateNamed,
    #[error("the signature does not fit the signer's certificate")]
    WrongSignature,
    #[error("the signature cannot be verified: {0}")]
    Library(String),
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::whole(Reason::Signature, refusal.to_string())
    }
}

impl VerifyDocument for Signatures {
    fn verify(
        &self,
        cms: &[u8],
        pinned: &[PinnedCertificate<'_>],
        now: Timestamp,
    ) -> Result<SignedContent, Rejection> {
        check_length(cms)?;
        Ok(self.check(cms, pinned, now)?)
    }

    fn revocation_lists(&self, now: Timestamp) -> Vec<ListDetails> {
        self.trust
            .as_ref()
            .map(|trust| trust.lists(now))
            .unwrap_or_default()
    }

    fn revocation_of(&self, pinned: &PinnedCertificate<'_>, now: Timestamp) -> Revocation {
        let certificate = certificate::read_der(pinned.der).ok();
        let (Some(trust), Some(certificate)) = (&self.trust, certificate) else {
            return Revocation::NotAsked;
        };
        trust.now(&Signer {
            certificate: &certificate,
            party: pinned.party.as_str(),
            company: &[],
            signed_at: now,
            now,
        })
    }

    fn claimed_content(&self, cms: &[u8]) -> Option<Vec<u8>> {
        check_length(cms).ok()?;
        signed_data::read(cms)
            .ok()
            .map(|claims| claims.content.to_vec())
    }
}

pub(crate) fn check_length(cms: &[u8]) -> Result<(), Rejection> {
    if cms.len() <= LONGEST {
        return Ok(());
    }
    let message = format!(
        "the signed document has {} bytes, at most {LONGEST} are read",
        cms.len()
    );
    Err(Rejection::whole(Reason::TooLarge, message))
}

impl Signatures {
    fn check(
        &self,
        cms: &[u8],
        pinned: &[PinnedCertificate<'_>],
        now: Timestamp,
    ) -> Result<SignedContent, Refusal> {
        let claims = signed_data::read(cms)?;
        let (pin, certificate) = signer_among(pinned, &claims)?;
        check_certificate(&certificate, claims.signed_at, now, self.key_usage)?;
        // Not the signing time counts, which whoever has the key can claim, but when the document comes.
        if let Some(revoked_at) = pin.revoked_at.filter(|at| *at <= now) {
            return Err(Refusal::Revoked { revoked_at });
        }
        let content = verify_signature(cms, &certificate)?;
        let revocation = self.judge(&certificate, pin, &claims, now)?;
        Ok(SignedContent {
            content,
            signer: pin.fingerprint.to_owned(),
            signed_at: Some(claims.signed_at),
            revocation,
        })
    }

    fn judge(
        &self,
        certificate: &X509,
        pin: PinnedCertificate<'_>,
        claims: &Claims<'_>,
        now: Timestamp,
    ) -> Result<Revocation, Refusal> {
        let Some(trust) = &self.trust else {
            return Ok(Revocation::NotAsked);
        };
        trust.judge(&Signer {
            certificate,
            party: pin.party.as_str(),
            company: &claims.certificates,
            signed_at: claims.signed_at,
            now,
        })
    }
}

fn signer_among<'a>(
    pinned: &[PinnedCertificate<'a>],
    claims: &Claims<'_>,
) -> Result<(PinnedCertificate<'a>, X509), Refusal> {
    pinned
        .iter()
        .filter(|pin| may_be_named(pin.der, &claims.signer))
        .filter_map(|pin| Some((*pin, certificate::read_der(pin.der).ok()?)))
        .find(|(_, certificate)| is_named(certificate, &claims.signer))
        .ok_or_else(|| Refusal::Foreign(foreign_name(claims)))
}

fn foreign_name(claims: &Claims<'_>) -> String {
    embedded_signer(claims).map_or_else(
        || "an unknown certificate".to_owned(),
        |certificate| format!("`{}`", certificate::one_line(certificate.subject_name())),
    )
}

/// The certificate within the block that the signer names. It says who claims to have signed.
pub(crate) fn embedded_signer(claims: &Claims<'_>) -> Option<X509> {
    claims
        .certificates
        .iter()
        .filter_map(|der| certificate::read_der(der).ok())
        .find(|certificate| is_named(certificate, &claims.signer))
}

/// A cheap look at the serial number, so that a hub with hundreds of pinned certificates does not
/// parse them all for each document.
fn may_be_named(certificate: &[u8], name: &SignerName<'_>) -> bool {
    match name {
        SignerName::SubjectKey(_) => true,
        SignerName::IssuerAndSerial { serial, .. } => issuer_and_serial(certificate)
            .and_then(|(_, own)| Reader::new(own).any())
            .is_ok_and(|own| own.content == *serial),
    }
}

fn is_named(certificate: &X509Ref, name: &SignerName<'_>) -> bool {
    match name {
        SignerName::SubjectKey(identifier) => certificate
            .subject_key_id()
            .is_some_and(|own| own.as_slice() == *identifier),
        SignerName::IssuerAndSerial { issuer, serial } => {
            let same_issuer = X509Name::from_der(issuer)
                .and_then(|issuer| issuer.try_cmp(certificate.issuer_name()))
                .is_ok_and(std::cmp::Ordering::is_eq);
            let same_serial = certificate
                .serial_number()
                .to_bn()
                .is_ok_and(|own| is_number(&own, serial));
            same_issuer && same_serial
        }
    }
}

fn is_number(number: &BigNumRef, digits: &[u8]) -> bool {
    let digits: Vec<u8> = digits
        .iter()
        .copied()
        .skip_while(|digit| *digit == 0)
        .collect();
    number.to_vec() == digits
}

/// Whether the certificate may sign, did so within its validity, and not in the future.
pub(crate) fn check_certificate(
    certificate: &X509Ref,
    signed_at: Timestamp,
    now: Timestamp,
    key_usage: KeyUsageRule,
) -> Result<(), Refusal> {
    certificate::check_suitable(certificate, key_usage)?;
    let details =
        certificate::details(certificate).map_err(|error| Refusal::Library(error.to_string()))?;
    let (from, until) = (details.valid_from, details.valid_until);
    if signed_at < from || until < signed_at {
        return Err(Refusal::OutsideValidity {
            signed_at,
            from,
            until,
        });
    }
    if signed_at > now + SKEW {
        return Err(Refusal::Future { signed_at, now });
    }
    Ok(())
}

/// Verifies the signature with `certificate`, which was checked, and no other; returns what was
/// signed.
pub(crate) fn verify_signature(cms: &[u8], certificate: &X509Ref) -> Result<Vec<u8>, Refusal> {
    let mut block = CmsContentInfo::from_der(cms).map_err(|_| ShapeError::NotSignedData)?;
    let same_bytes = block.to_der().is_ok_and(|der| der == cms);
    if !same_bytes {
        return Err(ShapeError::NotSignedData.into());
    }
    let mut content = Vec::new();
    let flags = CMSOptions::BINARY
        | CMSOptions::NOINTERN
        | CMSOptions::NOCRL
        | CMSOptions::from_bits_retain(CMS_CADES);
    trusting(certificate)
        .and_then(|(signers, store)| {
            block.verify(
                Some(&signers),
                Some(&store),
                None,
                Some(&mut content),
                flags,
            )
        })
        .map_err(|error| refusal(&error))?;
    Ok(content)
}

/// A store that trusts this one certificate by itself.
///
/// Purpose *any*, since the library's default asks for mail extensions; no check of time, since the
/// library takes the last second of validity for expired; none of critical extensions, since it does
/// not know all that are. [`check_certificate`] checks all three.
fn trusting(certificate: &X509Ref) -> Result<(Stack<X509>, X509Store), ErrorStack> {
    let mut signers = Stack::new()?;
    signers.push(certificate.to_owned())?;
    let mut rules = X509VerifyParam::new()?;
    rules.set_flags(
        X509VerifyFlags::PARTIAL_CHAIN
            | X509VerifyFlags::NO_CHECK_TIME
            | X509VerifyFlags::IGNORE_CRITICAL,
    )?;
    rules.set_purpose(X509PurposeId::ANY)?;
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(certificate.to_owned())?;
    store.set_param(&rules)?;
    Ok((signers, store.build()))
}

fn refusal(error: &ErrorStack) -> Refusal {
    let has = |wanted: &str| {
        error
            .errors()
            .iter()
            .any(|error| error.reason().is_some_and(|reason| reason.contains(wanted)))
    };
    if has("content verify error") || has("messagedigest") {
        Refusal::ContentChanged
    } else if has("ess ") || has("signing certificate") {
        Refusal::OtherCertificateNamed
    } else if has("verification failure") || has("bad signature") {
        Refusal::WrongSignature
    } else {
        Refusal::Library(certificate::reason(error))
    }
}
