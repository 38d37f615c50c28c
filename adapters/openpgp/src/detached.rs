//! Detached signatures over short texts: what `gpg --verify` checks.

use std::io::Write as _;

use bondhub_core::{
    calendar::Timestamp,
    ports::openpgp::{CheckSignature, EncryptError, SignText, SignatureRefusal},
};
use sequoia_openpgp::{
    Cert, KeyHandle, armor,
    parse::{
        Parse as _,
        stream::{DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationHelper},
    },
    policy::StandardPolicy,
    serialize::stream::{Armorer, Message, Signer},
    types::HashAlgorithm,
};

use crate::{Sealer, hub_key::HubKey, instant::system_time};

impl SignText for Sealer {
    fn sign_text(&self, text: &str, now: Timestamp) -> Result<String, EncryptError> {
        sign(self.key(), text, now)
            .map_err(|error| EncryptError::Failed(error.root_cause().to_string()))
    }
}

fn sign(key: &HubKey, text: &str, now: Timestamp) -> sequoia_openpgp::Result<String> {
    let pair = key.signer(now).ok_or_else(|| {
        sequoia_openpgp::anyhow::anyhow!("the hub's signing key is not valid at this time")
    })?;
    let mut armored = Vec::with_capacity(1024);
    let message = Armorer::new(Message::new(&mut armored))
        .kind(armor::Kind::Signature)
        .build()?;
    let mut message = Signer::new(message, pair.clone())?
        .hash_algo(HashAlgorithm::SHA256)?
        .creation_time(system_time(now))
        .detached()
        .build()?;
    message.write_all(text.as_bytes())?;
    message.finalize()?;
    Ok(String::from_utf8(armored)?)
}

/// Checks detached signatures.
#[derive(Debug, Clone, Copy, Default)]
pub struct SignatureChecker;

impl CheckSignature for SignatureChecker {
    fn check(
        &self,
        certificate: &[u8],
        text: &str,
        signature: &str,
        at: Timestamp,
    ) -> Result<(), SignatureRefusal> {
        let certificate = Cert::from_bytes(certificate)
            .map_err(|error| SignatureRefusal(error.root_cause().to_string()))?;
        let (at, policy) = (system_time(at), StandardPolicy::at(system_time(at)));
        let verified = DetachedVerifierBuilder::from_bytes(signature.as_bytes())
            .and_then(|builder| builder.with_policy(&policy, at, Signers(certificate)))
            .and_then(|mut verifier| verifier.verify_bytes(text.as_bytes()));
        verified.map_err(|error| SignatureRefusal(error.root_cause().to_string()))
    }
}

struct Signers(Cert);

impl VerificationHelper for Signers {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> sequoia_openpgp::Result<Vec<Cert>> {
        Ok(vec![self.0.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> sequoia_openpgp::Result<()> {
        let good = structure.into_iter().any(|layer| {
            matches!(layer, MessageLayer::SignatureGroup { results }
                if !results.is_empty() && results.iter().all(std::result::Result::is_ok))
        });
        if good {
            return Ok(());
        }
        sequoia_openpgp::anyhow::bail!("the signature is not good, or not by this certificate")
    }
}
