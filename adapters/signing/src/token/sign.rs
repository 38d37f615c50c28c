//! Signing with a key in a token: one login, any number of signatures.

use std::sync::{Mutex, PoisonError};

use bondhub_core::{
    calendar::Timestamp,
    ports::signing::{CertificateDetails, SignError},
};
use cryptoki::{
    mechanism::{Mechanism, MechanismType},
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
};
use openssl::{
    bn::BigNum,
    ecdsa::EcdsaSig,
    error::ErrorStack,
    hash::{MessageDigest, hash},
    pkey::{PKey, Public},
    sign::Verifier,
    x509::X509,
};

use super::{Pin, TokenError, module, pin_for, uri::TokenUri};
use crate::{
    certificate::{self, KeyUsageRule},
    signed_data::writing::Form,
};

/// `DigestInfo` of SHA-256 (RFC 8017 §9.2), before the 32 bytes of the digest.
const SHA_256_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
];

/// Makes CAdES-BES blocks with a key that stays in its token.
pub struct TokenSigner {
    session: Mutex<Session>,
    key: ObjectHandle,
    way: Way,
    /// Kept only for a key that asks for the PIN before each signature.
    pin: Option<Pin>,
    public: PKey<Public>,
    form: Form,
    details: CertificateDetails,
}

/// How the token makes an RSA or ECDSA signature with SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The token hashes.
    Rsa,
    /// It signs a `DigestInfo` that is made here.
    RsaDigest,
    /// The token hashes.
    Ecdsa,
    /// It signs a digest that is made here.
    EcdsaDigest,
}

impl From<ErrorStack> for TokenError {
    fn from(error: ErrorStack) -> Self {
        Self::Failed(certificate::reason(&error))
    }
}

impl TokenSigner {
    /// Opens the token with one try of the PIN, and finds the key and its certificate.
    ///
    /// Without `certificate` (PEM or DER) the token's own is taken: the one with the key's id. With no
    /// PIN, `pin-source` of the URI is read; a reader with a keypad asks for it by itself.
    pub fn open(
        uri: &TokenUri,
        pin: Option<Pin>,
        certificate: Option<&[u8]>,
    ) -> Result<Self, TokenError> {
        let pin = pin_for(uri, pin)?;
        let token = module::Token::find(uri)?;
        let session = token.log_in(pin.as_ref(), false)?;
        let key = module::key(&session, uri, ObjectClass::PRIVATE_KEY)?;
        let traits = Traits::read(&session, key)?;
        let certificate = match certificate {
            Some(bytes) => certificate::read(bytes),
            None => certificate::read_der(&certificate_beside(&session, &traits.id)?),
        };
        let certificate = certificate.map_err(|error| TokenError::Unsuitable(error.to_string()))?;
        let offered = token.module.get_mechanism_list(token.slot)?;
        let way = way(traits.kind, &offered, traits.asks_each_time)?;
        let (public, details, form) = signs_for(&certificate)?;
        Ok(Self {
            session: Mutex::new(session),
            key,
            way,
            pin: pin.filter(|_| traits.asks_each_time),
            public,
            form,
            details,
        })
    }

    /// The certificate the signatures are made for.
    pub fn certificate(&self) -> &CertificateDetails {
        &self.details
    }

    /// Makes an attached CAdES-BES block (DER) over `content`.
    ///
    /// The signature is verified before it is handed out: a token with another key than the
    /// certificate's, or one that miscalculates, is noticed here.
    pub fn sign(&self, content: &[u8], now: Timestamp) -> Result<Vec<u8>, SignError> {
        certificate::check_valid_now(&self.details, now)?;
        Ok(self
            .form
            .fill(content, now, |bytes| self.signature(bytes))?)
    }

    fn signature(&self, bytes: &[u8]) -> Result<Vec<u8>, TokenError> {
        let digest = hash(MessageDigest::sha256(), bytes)?;
        let signature = match self.way {
            Way::Rsa => self.ask(&Mechanism::Sha256RsaPkcs, bytes)?,
            Way::RsaDigest => self.ask(&Mechanism::RsaPkcs, &[&SHA_256_INFO, &*digest].concat())?,
            Way::Ecdsa => der(&self.ask(&Mechanism::EcdsaSha256, bytes)?)?,
            Way::EcdsaDigest => der(&self.ask(&Mechanism::Ecdsa, &digest)?)?,
        };
        let mut verifier = Verifier::new(MessageDigest::sha256(), &self.public)?;
        // An unreadable signature is as wrong as one that does not fit.
        if verifier.verify_oneshot(&signature, bytes).unwrap_or(false) {
            Ok(signature)
        } else {
            Err(TokenError::unsuitable(
                "it does not belong to the certificate",
            ))
        }
    }

    fn ask(&self, mechanism: &Mechanism<'_>, bytes: &[u8]) -> Result<Vec<u8>, TokenError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pin) = &self.pin else {
            return Ok(session.sign(mechanism, self.key, bytes)?);
        };
        session.sign_init(mechanism, self.key)?;
        session.login(UserType::ContextSpecific, Some(&pin.0))?;
        session.sign_update(bytes)?;
        Ok(session.sign_final()?)
    }
}

fn signs_for(certificate: &X509) -> Result<(PKey<Public>, CertificateDetails, Form), TokenError> {
    certificate::check_suitable(certificate, KeyUsageRule::NONE)
        .map_err(|error| TokenError::Unsuitable(error.to_string()))?;
    let details = certificate::details(certificate)
        .map_err(|error| TokenError::Unsuitable(error.to_string()))?;
    let public = certificate.public_key()?;
    let form = Form::new(&details.der, public.id())
        .ok_or_else(|| TokenError::unsuitable("its kind of key cannot sign here"))?;
    Ok((public, details, form))
}

/// What matters of a private key.
struct Traits {
    kind: KeyType,
    id: Vec<u8>,
    asks_each_time: bool,
}

impl Traits {
    fn read(session: &Session, key: ObjectHandle) -> Result<Self, TokenError> {
        let wanted = [
            AttributeType::KeyType,
            AttributeType::Id,
            AttributeType::AlwaysAuthenticate,
        ];
        let mut traits = Self {
            kind: KeyType::GENERIC_SECRET,
            id: Vec::new(),
            asks_each_time: false,
        };
        for attribute in session.get_attributes(key, &wanted)? {
            match attribute {
                Attribute::KeyType(kind) => traits.kind = kind,
                Attribute::Id(id) => traits.id = id,
                Attribute::AlwaysAuthenticate(asks) => traits.asks_each_time = asks,
                _ => {}
            }
        }
        Ok(traits)
    }
}

fn certificate_beside(session: &Session, id: &[u8]) -> Result<Vec<u8>, TokenError> {
    let template = [
        Attribute::Class(ObjectClass::CERTIFICATE),
        Attribute::Id(id.to_vec()),
    ];
    let found = session.find_objects(&template)?;
    let first = found.first().ok_or(TokenError::Missing("certificate"))?;
    let value = session.get_attributes(*first, &[AttributeType::Value])?;
    let value = value.into_iter().find_map(|attribute| match attribute {
        Attribute::Value(der) => Some(der),
        _ => None,
    });
    value.ok_or(TokenError::Missing("certificate"))
}

/// A key that asks for the PIN each time is driven in parts, which a mechanism without hashing does not
/// allow.
fn way(kind: KeyType, offered: &[MechanismType], asks_each_time: bool) -> Result<Way, TokenError> {
    let ways: &[(MechanismType, Way)] = match kind {
        KeyType::RSA => &[
            (MechanismType::SHA256_RSA_PKCS, Way::Rsa),
            (MechanismType::RSA_PKCS, Way::RsaDigest),
        ],
        KeyType::EC => &[
            (MechanismType::ECDSA_SHA256, Way::Ecdsa),
            (MechanismType::ECDSA, Way::EcdsaDigest),
        ],
        _ => &[],
    };
    let in_parts = |way: Way| [Way::Rsa, Way::Ecdsa].contains(&way);
    ways.iter()
        .find(|(mechanism, way)| offered.contains(mechanism) && (in_parts(*way) || !asks_each_time))
        .map(|(_, way)| *way)
        .ok_or_else(|| {
            TokenError::unsuitable("neither RSA nor ECDSA with SHA-256 is offered for it")
        })
}

/// PKCS#11 gives r and s side by side; CMS wants them as a SEQUENCE.
fn der(signature: &[u8]) -> Result<Vec<u8>, ErrorStack> {
    let (r, s) = signature.split_at(signature.len() / 2);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}
