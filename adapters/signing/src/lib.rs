//! Electronic signatures (R5, R12): CMS with CAdES-BES attributes, X.509 certificates, PKCS#12 and
//! PKCS#11 tokens.
//!
//! [`Signatures`] implements the ports [`VerifyDocument`](bondhub_core::ports::signing::VerifyDocument)
//! and [`Sign`](bondhub_core::ports::signing::Sign). [`verify_offline`] checks a signed block with
//! nothing but the certificates at hand. [`certificate_maker`] makes authorities and certificates
//! for demonstrations and tests.
//!
//! Who verifies must not believe the block about anything: `signed_data` reads it strictly as DER
//! and says who claims to have signed what and when; [`OpenSSL`](openssl) then verifies the
//! signature against the one pinned certificate, and ignores every certificate within the block.
#![warn(missing_docs)]

pub mod certificate_maker;

mod certificate;
mod der;
mod import;
mod offline;
mod sign;
mod signed_data;
mod token;
mod trust;
mod verify;

pub use self::{
    certificate::KeyUsageRule,
    offline::{OfflineReport, OfflineTrust, Trust, verify_offline},
    sign::Signatures,
    token::{Pin, TokenError, TokenKeyWrap, TokenSigner, TokenUri, UriError},
    trust::{Attribute, ExtensionValue, Profile, RevocationRule, TrustError, TrustRules},
};

#[cfg(test)]
mod tests;
