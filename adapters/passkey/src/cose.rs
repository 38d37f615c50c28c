//! Public keys (RFC 9052, RFC 9053, RFC 8230) and their signatures.

use bondhub_core::ports::passkey::PasskeyRefusal;
use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey},
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Public},
    rsa::Rsa,
    sign::Verifier,
};

use crate::cbor::{self, Value};

const KIND: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE_OR_MODULUS: i64 = -1;
const X_OR_EXPONENT: i64 = -2;
const Y: i64 = -3;

/// Shorter moduli can be factored; longer ones only cost time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A public key of an algorithm that is offered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PublicKey<'a> {
    /// ECDSA on P-256 with SHA-256.
    Es256 {
        /// 32 bytes.
        x: &'a [u8],
        /// 32 bytes.
        y: &'a [u8],
    },
    /// Ed25519.
    EdDsa {
        /// 32 bytes.
        x: &'a [u8],
    },
    /// RSASSA-PKCS1-v1_5 with SHA-256: Windows devices with older TPMs.
    Rs256 {
        /// The modulus.
        n: &'a [u8],
        /// The exponent.
        e: &'a [u8],
    },
}

impl<'a> PublicKey<'a> {
    /// Reads a COSE key; one of another algorithm is refused.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, PasskeyRefusal> {
        let unreadable = || PasskeyRefusal::Unreadable("the public key");
        let (key, rest) = cbor::read(bytes).ok_or_else(unreadable)?;
        if !rest.is_empty() {
            return Err(unreadable());
        }
        let number = |label| key.get(label).and_then(Value::as_integer);
        let bytes = |label| {
            key.get(label)
                .and_then(Value::as_bytes)
                .ok_or_else(unreadable)
        };
        match (number(KIND), number(ALGORITHM), number(CURVE_OR_MODULUS)) {
            (Some(2), Some(-7), Some(1)) => Ok(Self::Es256 {
                x: bytes(X_OR_EXPONENT)?,
                y: bytes(Y)?,
            }),
            (Some(1), Some(-8), Some(6)) => Ok(Self::EdDsa {
                x: bytes(X_OR_EXPONENT)?,
            }),
            (Some(3), Some(-257), None) => Ok(Self::Rs256 {
                n: bytes(CURVE_OR_MODULUS)?,
                e: bytes(X_OR_EXPONENT)?,
            }),
            (Some(_), Some(_), _) => Err(PasskeyRefusal::OtherAlgorithm),
            _ => Err(unreadable()),
        }
    }

    /// The key for OpenSSL, which refuses a point that is not on its curve.
    pub(crate) fn to_openssl(&self) -> Result<PKey<Public>, PasskeyRefusal> {
        let unreadable = |_| PasskeyRefusal::Unreadable("the public key");
        let key = self.convert().map_err(unreadable)?;
        let fits = match self {
            Self::Es256 { x, y } => x.len() == 32 && y.len() == 32,
            Self::EdDsa { x } => x.len() == 32,
            Self::Rs256 { n, .. } => RSA_BITS.contains(&(n.len() * 8)),
        };
        if fits {
            Ok(key)
        } else {
            Err(PasskeyRefusal::Unreadable("the public key"))
        }
    }

    fn convert(&self) -> Result<PKey<Public>, ErrorStack> {
        match self {
            Self::Es256 { x, y } => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
                let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
                let key = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
                key.check_key()?;
                PKey::from_ec_key(key)
            }
            Self::EdDsa { x } => PKey::public_key_from_raw_bytes(x, Id::ED25519),
            Self::Rs256 { n, e } => {
                let (n, e) = (BigNum::from_slice(n)?, BigNum::from_slice(e)?);
                PKey::from_rsa(Rsa::from_public_components(n, e)?)
            }
        }
    }

    /// Refuses a signature that is not this key's over these bytes.
    pub(crate) fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), PasskeyRefusal> {
        let key = self.to_openssl()?;
        match self.is_signature(&key, signed, signature) {
            Ok(true) => Ok(()),
            // OpenSSL calls a signature that is no DER an error.
            Ok(false) | Err(_) => Err(PasskeyRefusal::WrongSignature),
        }
    }

    fn is_signature(
        &self,
        key: &PKey<Public>,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<bool, ErrorStack> {
        let mut verifier = match self {
            Self::EdDsa { .. } => Verifier::new_without_digest(key)?,
            Self::Es256 { .. } | Self::Rs256 { .. } => Verifier::new(MessageDigest::sha256(), key)?,
        };
        verifier.verify_oneshot(signature, signed)
    }
}
