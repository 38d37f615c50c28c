//! What a CMS block (RFC 5652) claims: one signer, when, with which algorithms. Nothing here is
//! verified; the claims are checked against what is pinned before the signature is.

pub(crate) mod writing;

use bondhub_core::calendar::Timestamp;
use chrono::{NaiveDate, NaiveTime};

use crate::der::{
    CONTEXT_0, CONTEXT_0_PRIMITIVE, CONTEXT_1, Element, GENERALIZED_TIME, INTEGER, Malformed, NULL,
    OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, SET, UTC_TIME,
};

/// The longest block read, in bytes.
pub(crate) const LONGEST: usize = 4 * 1024 * 1024;

const ID_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
const ID_SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
const SIGNING_TIME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 5];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 47];

const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SHA_384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
const SHA_512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
const DIGESTS: [&[u8]; 3] = [SHA_256, SHA_384, SHA_512];

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const ECDSA_SHA_256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// Signature algorithms, each with the digest that goes with it; none where it is named elsewhere.
const SIGNATURES: [(&[u8], Option<&[u8]>); 8] = [
    (RSA, None),
    (RSA_PSS, None),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
        Some(SHA_256),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
        Some(SHA_384),
    ),
    (
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
        Some(SHA_512),
    ),
    (ECDSA_SHA_256, Some(SHA_256)),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], Some(SHA_384)),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], Some(SHA_512)),
];

/// Why a block cannot be the one signed document that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShapeError {
    #[error("the signed document is not a CMS SignedData block in DER")]
    NotSignedData,
    #[error("there are bytes after the signed document, or a second one")]
    Trailing,
    #[error("the signature is detached: the signed content is not in the document")]
    Detached,
    #[error("the document has {0} signatures; exactly one is accepted")]
    Signers(usize),
    #[error("the signature is made with SHA-1 or another algorithm that is too weak or unknown")]
    Algorithm,
    #[error("the signature does not say when it was made (signing-time attribute)")]
    NoSigningTime,
    #[error(
        "the signature does not name its certificate by SHA-256 or stronger (ESS signing-certificate-v2 attribute)"
    )]
    NoSigningCertificate,
}

impl From<Malformed> for ShapeError {
    fn from(_: Malformed) -> Self {
        Self::NotSignedData
    }
}

/// How a signer names its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignerName<'a> {
    /// The authority's name (DER) and the serial number's bytes.
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    /// The subject key identifier.
    SubjectKey(&'a [u8]),
}

/// The claims of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims<'a> {
    pub(crate) signer: SignerName<'a>,
    pub(crate) signed_at: Timestamp,
    pub(crate) content: &'a [u8],
    /// Certificates within the block, DER: for naming a foreign signer, never for trust.
    pub(crate) certificates: Vec<&'a [u8]>,
}

/// Reads the claims; refuses whatever is not exactly one attached CAdES-BES signature.
pub(crate) fn read(cms: &[u8]) -> Result<Claims<'_>, ShapeError> {
    let mut outermost = Reader::new(cms);
    let mut content_info = outermost.enter(SEQUENCE)?;
    outermost.finish().map_err(|_| ShapeError::Trailing)?;
    if content_info.expect(OBJECT_IDENTIFIER)?.content != ID_SIGNED_DATA {
        return Err(ShapeError::NotSignedData);
    }
    let mut explicit = content_info.enter(CONTEXT_0)?;
    content_info.finish()?;
    let signed_data = explicit.enter(SEQUENCE)?;
    explicit.finish()?;
    read_signed_data(signed_data)
}

fn read_signed_data(mut fields: Reader<'_>) -> Result<Claims<'_>, ShapeError> {
    check_version(&mut fields)?;
    for digest in elements(fields.expect(SET)?.content)? {
        read_digest(Reader::new(digest.whole).enter(SEQUENCE)?)?;
    }
    let content = read_content(fields.enter(SEQUENCE)?)?;
    let certificates = match fields.optional(CONTEXT_0)? {
        Some(set) => elements(set.content)?,
        None => Vec::new(),
    };
    fields.optional(CONTEXT_1)?;
    let signers = elements(fields.expect(SET)?.content)?;
    fields.finish()?;
    let content = content.ok_or(ShapeError::Detached)?;
    let [signer] = signers.as_slice() else {
        return Err(ShapeError::Signers(signers.len()));
    };
    let (signer, signed_at) = read_signer(Reader::new(signer.whole).enter(SEQUENCE)?)?;
    let certificates = certificates
        .iter()
        .map(|certificate| certificate.whole)
        .collect();
    Ok(Claims {
        signer,
        signed_at,
        content,
        certificates,
    })
}

/// 1, or 3 where the signer is named by its key (RFC 5652 §5.1, §5.3).
fn check_version(fields: &mut Reader<'_>) -> Result<(), ShapeError> {
    match fields.expect(INTEGER)?.content {
        [1 | 3] => Ok(()),
        _ => Err(ShapeError::NotSignedData),
    }
}

fn read_content(mut fields: Reader<'_>) -> Result<Option<&[u8]>, ShapeError> {
    if fields.expect(OBJECT_IDENTIFIER)?.content != ID_DATA {
        return Err(ShapeError::NotSignedData);
    }
    let explicit = fields.optional(CONTEXT_0)?;
    fields.finish()?;
    let Some(explicit) = explicit else {
        return Ok(None);
    };
    let mut content = Reader::new(explicit.content);
    let octets = content.expect(OCTET_STRING)?.content;
    content.finish()?;
    Ok(Some(octets))
}

fn elements(content: &[u8]) -> Result<Vec<Element<'_>>, Malformed> {
    let mut reader = Reader::new(content);
    let mut found = Vec::new();
    while !reader.is_empty() {
        found.push(reader.any()?);
    }
    Ok(found)
}

fn read_signer(mut fields: Reader<'_>) -> Result<(SignerName<'_>, Timestamp), ShapeError> {
    check_version(&mut fields)?;
    let name = read_name(fields.any()?)?;
    let digest = read_digest(fields.enter(SEQUENCE)?)?;
    let attributes = fields.optional(CONTEXT_0)?;
    check_signature_algorithm(fields.enter(SEQUENCE)?, digest)?;
    fields.expect(OCTET_STRING)?;
    fields.optional(CONTEXT_1)?;
    fields.finish()?;
    let attributes = attributes.ok_or(ShapeError::NoSigningTime)?;
    Ok((name, read_attributes(attributes.content)?))
}

fn read_name(sid: Element<'_>) -> Result<SignerName<'_>, ShapeError> {
    if sid.tag == CONTEXT_0_PRIMITIVE {
        return Ok(SignerName::SubjectKey(sid.content));
    }
    if sid.tag != SEQUENCE {
        return Err(ShapeError::NotSignedData);
    }
    let mut fields = Reader::new(sid.content);
    let issuer = fields.expect(SEQUENCE)?.whole;
    let serial = fields.expect(INTEGER)?.content;
    fields.finish()?;
    Ok(SignerName::IssuerAndSerial { issuer, serial })
}

fn read_digest(mut fields: Reader<'_>) -> Result<&[u8], ShapeError> {
    let digest = fields.expect(OBJECT_IDENTIFIER)?.content;
    no_parameters(fields)?;
    if DIGESTS.contains(&digest) {
        Ok(digest)
    } else {
        Err(ShapeError::Algorithm)
    }
}

/// The library verifies with the signer's digest and does not ask whether the signature algorithm
/// names the same one.
fn check_signature_algorithm(mut fields: Reader<'_>, digest: &[u8]) -> Result<(), ShapeError> {
    let algorithm = fields.expect(OBJECT_IDENTIFIER)?.content;
    if algorithm != RSA_PSS {
        no_parameters(fields)?;
    }
    let known = SIGNATURES.iter().find(|(known, _)| *known == algorithm);
    match known {
        Some((_, own)) if own.is_none_or(|own| own == digest) => Ok(()),
        _ => Err(ShapeError::Algorithm),
    }
}

/// Parameters are absent or NULL.
fn no_parameters(mut fields: Reader<'_>) -> Result<(), Malformed> {
    match fields.optional(NULL)? {
        Some(null) if !null.content.is_empty() => Err(Malformed),
        _ => fields.finish(),
    }
}

/// Reads the signing time, and makes sure that each attribute of CAdES-BES stands there once.
fn read_attributes(content: &[u8]) -> Result<Timestamp, ShapeError> {
    let mut attributes = Vec::new();
    for attribute in elements(content)? {
        let mut fields = Reader::new(attribute.whole).enter(SEQUENCE)?;
        let name = fields.expect(OBJECT_IDENTIFIER)?.content;
        let values = elements(fields.expect(SET)?.content)?;
        fields.finish()?;
        attributes.push((name, values));
    }
    let the_one = |wanted: &[u8]| single(&attributes, wanted);
    the_one(CONTENT_TYPE).ok_or(ShapeError::NotSignedData)?;
    the_one(MESSAGE_DIGEST).ok_or(ShapeError::NotSignedData)?;
    the_one(SIGNING_CERTIFICATE_V2).ok_or(ShapeError::NoSigningCertificate)?;
    the_one(SIGNING_TIME)
        .and_then(read_time)
        .ok_or(ShapeError::NoSigningTime)
}

fn single<'a>(attributes: &[(&[u8], Vec<Element<'a>>)], wanted: &[u8]) -> Option<Element<'a>> {
    let mut named = attributes.iter().filter(|(name, _)| *name == wanted);
    match (named.next(), named.next()) {
        (Some((_, values)), None) => match values.as_slice() {
            [value] => Some(*value),
            _ => None,
        },
        _ => None,
    }
}

/// Reads `YYMMDDhhmmssZ` (years 1950 to 2049) or `YYYYMMDDhhmmssZ`.
fn read_time(element: Element<'_>) -> Option<Timestamp> {
    let digits = element.content.strip_suffix(b"Z")?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pairs: Vec<u32> = digits
        .chunks_exact(2)
        .map(|pair| {
            pair.iter()
                .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
        })
        .collect();
    let (year, rest) = match (element.tag, digits.len(), pairs.as_slice()) {
        (UTC_TIME, 12, [year, rest @ ..]) => (if *year < 50 { 2000 } else { 1900 } + year, rest),
        (GENERALIZED_TIME, 14, [century, year, rest @ ..]) => (century * 100 + year, rest),
        _ => return None,
    };
    let [month, day, hour, minute, second] = *rest else {
        return None;
    };
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(
        date.and_time(NaiveTime::from_hms_opt(hour, minute, second)?)
            .and_utc(),
    )
}
