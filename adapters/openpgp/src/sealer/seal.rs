//! One message: signed inside, encrypted outside, armored.

use std::io::Write;

use bondhub_core::calendar::Timestamp;
use sequoia_openpgp::{
    KeyHandle, Result, armor,
    crypto::KeyPair,
    serialize::stream::{Armorer, Encryptor, LiteralWriter, Message, Recipient, Signer},
    types::{Features, HashAlgorithm, SymmetricAlgorithm},
};

use super::recipients::Prepared;
use crate::instant::system_time;

/// What a message is sealed with.
pub(super) struct Seal<'a> {
    pub(super) signer: &'a KeyPair,
    pub(super) recipient: &'a Prepared,
    pub(super) modern: bool,
    pub(super) now: Timestamp,
}

impl Seal<'_> {
    /// Signs and encrypts `content`.
    ///
    /// The signature names the recipient, so that whoever gets the mail cannot pass it on to somebody
    /// else as if the hub had written to them (RFC 9580 §13.12). Nothing is compressed.
    pub(super) fn close(&self, content: &[u8]) -> Result<Vec<u8>> {
        let mut armored = Vec::with_capacity(content.len() / 2 * 3 + 2048);
        let message = Armorer::new(Message::new(&mut armored))
            .kind(armor::Kind::Message)
            .build()?;
        let message = Encryptor::for_recipients(message, [self.addressed()])
            .symmetric_algo(SymmetricAlgorithm::AES256)
            .build()?;
        let message = Signer::new(message, self.signer.clone())?
            .hash_algo(HashAlgorithm::SHA256)?
            .creation_time(system_time(self.now))
            .add_intended_recipient(&self.recipient.cert)
            .build()?;
        let mut message = LiteralWriter::new(message).build()?;
        message.write_all(content)?;
        message.finalize()?;
        Ok(armored)
    }

    /// Left alone, sequoia writes SEIPDv2 to every certificate that advertises it, also to a v4 one
    /// whose owner reads mail with something older.
    fn addressed(&self) -> Recipient<'_> {
        let key = &self.recipient.key;
        let features = if self.modern {
            self.recipient.features.clone()
        } else {
            Features::empty().set_seipdv1()
        };
        if features.supports_seipdv2() {
            Recipient::new(features, KeyHandle::from(key.fingerprint()), key)
        } else {
            Recipient::new(features, KeyHandle::from(key.keyid()), key)
        }
    }
}
