//! Writing a CAdES-BES block: attached content, one signer, SHA-256, the signer's certificate.
//!
//! OpenSSL's own `CMS_sign` would stamp the block with the machine's clock; here the signing time is
//! the caller's, so that it is the hub's clock that counts and a test can say what time it is.

use bondhub_core::calendar::Timestamp;
use chrono::Datelike as _;
use openssl::{
    error::ErrorStack,
    hash::{MessageDigest, hash},
    pkey::{Id, PKey, Private},
    sign,
};

use super::{
    CONTENT_TYPE, ECDSA_SHA_256, ID_DATA, ID_SIGNED_DATA, MESSAGE_DIGEST, RSA, SHA_256,
    SIGNING_CERTIFICATE_V2, SIGNING_TIME,
};
use crate::der::{
    CONTEXT_0, GENERALIZED_TIME, INTEGER, Malformed, NULL, OBJECT_IDENTIFIER, OCTET_STRING, Reader,
    SEQUENCE, SET, UTC_TIME, write,
};

/// `[4]`, constructed: a directory name among general names.
const DIRECTORY_NAME: u8 = 0xa4;

/// Signs with one key.
pub(crate) struct Signer {
    key: PKey<Private>,
    form: Form,
}

impl Signer {
    /// A signer of this certificate (DER) and the private key that belongs to it; none if the kind of
    /// key is not one that signs here.
    pub(crate) fn new(certificate: &[u8], key: PKey<Private>) -> Option<Self> {
        let form = Form::new(certificate, key.id())?;
        Some(Self { key, form })
    }

    /// The block over `content`, DER.
    pub(crate) fn sign(&self, content: &[u8], now: Timestamp) -> Result<Vec<u8>, ErrorStack> {
        self.form.fill(content, now, |attributes| {
            sign::Signer::new(MessageDigest::sha256(), &self.key)?.sign_oneshot_to_vec(attributes)
        })
    }
}

/// A block to be filled in for one certificate; what is the same in each block is made once.
pub(crate) struct Form {
    certificate: Vec<u8>,
    /// `IssuerAndSerialNumber`.
    name: Vec<u8>,
    /// `AlgorithmIdentifier` of the signature.
    algorithm: Vec<u8>,
    /// The attribute that ties the signature to the certificate (RFC 5035).
    signing_certificate: Vec<u8>,
}

impl Form {
    /// For this certificate (DER), whose key is of this kind; none if that kind does not sign here.
    pub(crate) fn new(certificate: &[u8], kind: Id) -> Option<Self> {
        let algorithm = algorithm_of(kind)?;
        let (issuer, serial) = issuer_and_serial(certificate).ok()?;
        Some(Self {
            name: write(SEQUENCE, &[issuer, serial]),
            algorithm,
            signing_certificate: signing_certificate(certificate, issuer, serial).ok()?,
            certificate: certificate.to_vec(),
        })
    }

    /// The block over `content`, DER. `sign` makes the signature, with SHA-256, over the bytes it is
    /// given: the signed attributes as a SET, although they stand in the block as `[0]`.
    pub(crate) fn fill<E: From<ErrorStack>>(
        &self,
        content: &[u8],
        now: Timestamp,
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let digest = hash(MessageDigest::sha256(), content)?;
        let attributes = self.attributes(&digest, now);
        let signature = sign(&write(SET, &[&attributes]))?;
        let signer = write(
            SEQUENCE,
            &[
                &[INTEGER, 1, 1],
                &self.name,
                &sha_256(),
                &write(CONTEXT_0, &[&attributes]),
                &self.algorithm,
                &write(OCTET_STRING, &[&signature]),
            ],
        );
        Ok(self.block(content, &signer))
    }

    fn block(&self, content: &[u8], signer: &[u8]) -> Vec<u8> {
        let content = write(CONTEXT_0, &[&write(OCTET_STRING, &[content])]);
        let signed_data = write(
            SEQUENCE,
            &[
                &[INTEGER, 1, 1],
                &write(SET, &[&sha_256()]),
                &write(SEQUENCE, &[&identifier(ID_DATA), &content]),
                &write(CONTEXT_0, &[&self.certificate]),
                &write(SET, &[signer]),
            ],
        );
        let explicit = write(CONTEXT_0, &[&signed_data]);
        write(SEQUENCE, &[&identifier(ID_SIGNED_DATA), &explicit])
    }

    /// The signed attributes in the order that DER asks for, without the tag around them.
    fn attributes(&self, digest: &[u8], now: Timestamp) -> Vec<u8> {
        let mut attributes = [
            attribute(CONTENT_TYPE, &identifier(ID_DATA)),
            attribute(SIGNING_TIME, &time(now)),
            attribute(MESSAGE_DIGEST, &write(OCTET_STRING, &[digest])),
            self.signing_certificate.clone(),
        ];
        attributes.sort();
        attributes.concat()
    }
}

/// Whether signatures are made with this kind of key: RSA (PKCS#1) and elliptic curves.
pub(crate) fn can_sign(key: &PKey<Private>) -> bool {
    algorithm_of(key.id()).is_some()
}

fn algorithm_of(kind: Id) -> Option<Vec<u8>> {
    match kind {
        Id::RSA => Some(write(SEQUENCE, &[&identifier(RSA), &write(NULL, &[])])),
        Id::EC => Some(write(SEQUENCE, &[&identifier(ECDSA_SHA_256)])),
        _ => None,
    }
}

fn identifier(bytes: &[u8]) -> Vec<u8> {
    write(OBJECT_IDENTIFIER, &[bytes])
}

fn sha_256() -> Vec<u8> {
    write(SEQUENCE, &[&identifier(SHA_256)])
}

fn attribute(name: &[u8], value: &[u8]) -> Vec<u8> {
    write(SEQUENCE, &[&identifier(name), &write(SET, &[value])])
}

/// Until 2049 two digits of the year are written, from then on four (RFC 5652 §11.3).
fn time(now: Timestamp) -> Vec<u8> {
    let (tag, format) = if (1950..2050).contains(&now.year()) {
        (UTC_TIME, "%y%m%d%H%M%SZ")
    } else {
        (GENERALIZED_TIME, "%Y%m%d%H%M%SZ")
    };
    write(tag, &[now.format(format).to_string().as_bytes()])
}

/// Issuer (a name) and serial number of a certificate, each with its tag.
pub(crate) fn issuer_and_serial(certificate: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut fields = Reader::new(certificate).enter(SEQUENCE)?.enter(SEQUENCE)?;
    fields.optional(CONTEXT_0)?;
    let serial = fields.expect(INTEGER)?.whole;
    fields.expect(SEQUENCE)?;
    let issuer = fields.expect(SEQUENCE)?.whole;
    Ok((issuer, serial))
}

/// ESS signing-certificate-v2 with SHA-256, which is the default and therefore not written.
fn signing_certificate(
    certificate: &[u8],
    issuer: &[u8],
    serial: &[u8],
) -> Result<Vec<u8>, ErrorStack> {
    let digest = hash(MessageDigest::sha256(), certificate)?;
    let names = write(SEQUENCE, &[&write(DIRECTORY_NAME, &[issuer])]);
    let issuer_serial = write(SEQUENCE, &[&names, serial]);
    let identified = write(
        SEQUENCE,
        &[&write(OCTET_STRING, &[&digest]), &issuer_serial],
    );
    let list = write(SEQUENCE, &[&identified]);
    Ok(attribute(
        SIGNING_CERTIFICATE_V2,
        &write(SEQUENCE, &[&list]),
    ))
}

#[cfg(test)]
impl Signer {
    /// The same signer, whose signatures claim to be made with another certificate.
    pub(crate) fn claiming(mut self, certificate: &[u8]) -> Self {
        let (issuer, serial) = issuer_and_serial(certificate).unwrap();
        self.form.signing_certificate = signing_certificate(certificate, issuer, serial).unwrap();
        self
    }
}
