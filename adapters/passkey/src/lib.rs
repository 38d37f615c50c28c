//! Passkeys: what browsers answer, verified (W3C Web Authentication, Level 3, sections 7.1 and 7.2).
//!
//! The hub asks for no attestation: which make of authenticator somebody has is not its business, so the
//! attestation statement is not read. Everything else the standard asks of a relying party is checked here;
//! that a challenge is used once and a counter rises is the store's part. Why there is no library for it, see
//! `docs/adr/0013-passkeys.md`.
#![warn(missing_docs)]

mod authenticator;
mod cbor;
mod client;
mod cose;

#[cfg(test)]
mod tests;

use bondhub_core::ports::passkey::{
    Assertion, MadePasskey, PasskeyRefusal, Registration, Site, VerifyPasskey,
};
use sha2::{Digest as _, Sha256};

use authenticator::AuthenticatorData;
use cbor::Value;
use client::Act;
use cose::PublicKey;

/// Longer answers are refused unread.
const LONGEST: usize = 64 * 1024;
/// The longest id of a credential (section 7.1).
const LONGEST_ID: usize = 1023;

/// Verifies what browsers answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Passkeys;

impl VerifyPasskey for Passkeys {
    fn registered(
        &self,
        site: &Site,
        challenge: &[u8],
        answer: &Registration<'_>,
    ) -> Result<MadePasskey, PasskeyRefusal> {
        client::check(answer.client_data, Act::Create, challenge, site)?;
        let data = attested(answer.attestation_object)?;
        let data = AuthenticatorData::read(&data)?;
        data.check(site)?;
        let made = data
            .credential
            .ok_or(PasskeyRefusal::Unreadable("no credential"))?;
        if made.id.is_empty() || made.id.len() > LONGEST_ID {
            return Err(PasskeyRefusal::Unreadable("the credential's id"));
        }
        PublicKey::read(made.public_key)?.to_openssl()?;
        Ok(MadePasskey {
            id: made.id.to_vec(),
            public_key: made.public_key.to_vec(),
            counter: data.counter,
        })
    }

    fn used(
        &self,
        site: &Site,
        challenge: &[u8],
        public_key: &[u8],
        answer: &Assertion<'_>,
    ) -> Result<u32, PasskeyRefusal> {
        client::check(answer.client_data, Act::Get, challenge, site)?;
        let data = AuthenticatorData::read(answer.authenticator_data)?;
        data.check(site)?;
        let digest = Sha256::digest(answer.client_data);
        let signed = [answer.authenticator_data, digest.as_slice()].concat();
        PublicKey::read(public_key)?.verify(&signed, answer.signature)?;
        Ok(data.counter)
    }
}

/// The authenticator's data out of an attestation object.
fn attested(object: &[u8]) -> Result<Vec<u8>, PasskeyRefusal> {
    let unreadable = PasskeyRefusal::Unreadable("the attestation object");
    if object.len() > LONGEST {
        return Err(unreadable);
    }
    let (value, rest) = cbor::read(object).ok_or_else(|| unreadable.clone())?;
    let data = value.get_text("authData").and_then(Value::as_bytes);
    match data {
        Some(data) if rest.is_empty() => Ok(data.to_vec()),
        _ => Err(unreadable),
    }
}
