//! A party with an OpenPGP certificate, made and used in the process.

use anyhow::{Context, Result};
use bondhub_core::calendar::Timestamp;
use sequoia_openpgp::{
    Cert, KeyHandle,
    cert::{CertBuilder, CipherSuite},
    crypto::{KeyPair, SessionKey},
    packet::{PKESK, SKESK},
    parse::{
        Parse,
        stream::{
            DecryptionHelper, DecryptorBuilder, MessageLayer, MessageStructure, VerificationHelper,
        },
    },
    policy::StandardPolicy,
    serialize::SerializeInto,
    types::{KeyFlags, SymmetricAlgorithm},
};

use crate::mail;

/// A recipient of sealed mail.
#[derive(Debug, Clone)]
pub struct TestParty {
    cert: Cert,
}

impl TestParty {
    /// A party with an Ed25519 and Cv25519 certificate for `address`, made at `created`.
    ///
    /// Choose a time in the past: what is signed or encrypted before it is not valid.
    pub fn new(address: &str, created: Timestamp) -> Result<Self> {
        let (cert, _revocation) = CertBuilder::new()
            .set_creation_time(std::time::SystemTime::from(created))
            .set_cipher_suite(CipherSuite::Cv25519)
            .add_userid(format!("Test Party <{address}>"))
            .add_subkey(
                KeyFlags::empty()
                    .set_transport_encryption()
                    .set_storage_encryption(),
                None,
                None,
            )
            .generate()?;
        Ok(Self { cert })
    }

    /// The party that owns this secret key.
    pub fn of(cert: Cert) -> Self {
        Self { cert }
    }

    /// The party's public certificate, binary.
    pub fn certificate(&self) -> Result<Vec<u8>> {
        self.cert.to_vec()
    }

    /// The party's public certificate, armored.
    pub fn certificate_armored(&self) -> Result<String> {
        Ok(String::from_utf8(self.cert.armored().to_vec()?)?)
    }

    /// The party's secret key, armored and without password, for the programs of others.
    pub fn secret_armored(&self) -> Result<Vec<u8>> {
        self.cert.as_tsk().armored().to_vec()
    }

    /// Full fingerprint, upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// Decrypts a message and verifies at `now` that `signer` (an armored certificate) signed it for
    /// this party; gives what was inside.
    pub fn open(&self, message: &[u8], signer: &str, now: Timestamp) -> Result<Vec<u8>> {
        let at = std::time::SystemTime::from(now);
        let policy = StandardPolicy::at(at);
        let reader = Reader {
            party: self,
            signer: Cert::from_bytes(signer.as_bytes())?,
        };
        let mut decryptor =
            DecryptorBuilder::from_bytes(message)?.with_policy(&policy, at, reader)?;
        let mut content = Vec::new();
        std::io::copy(&mut decryptor, &mut content)?;
        Ok(content)
    }

    /// Opens an RFC 3156 mail: takes the message out of its second part and opens that.
    pub fn open_mail(&self, bytes: &[u8], signer: &str, now: Timestamp) -> Result<Vec<u8>> {
        let message = mail::sealed_part(bytes).context("no OpenPGP message in the mail")?;
        self.open(message, signer, now)
    }

    fn pairs(&self) -> impl Iterator<Item = KeyPair> {
        let keys = self.cert.keys().unencrypted_secret();
        keys.filter_map(|key| key.key().clone().into_keypair().ok())
    }
}

struct Reader<'a> {
    party: &'a TestParty,
    signer: Cert,
}

impl VerificationHelper for Reader<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(vec![self.signer.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> Result<()> {
        let layers: Vec<_> = structure.into_iter().collect();
        match layers.as_slice() {
            [
                MessageLayer::Encryption { .. },
                MessageLayer::SignatureGroup { results },
            ] => match results.as_slice() {
                [Ok(_)] => Ok(()),
                [Err(error)] => anyhow::bail!("the signature is not good: {error}"),
                other => anyhow::bail!("{} signatures, expected one", other.len()),
            },
            other => anyhow::bail!("not signed inside encrypted, but {} layers", other.len()),
        }
    }
}

impl DecryptionHelper for Reader<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _skesks: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> Result<Option<Cert>> {
        let opened = self.party.pairs().any(|mut pair| {
            pkesks.iter().any(|pkesk| {
                let key = pkesk.decrypt(&mut pair, algorithm);
                key.is_some_and(|(algorithm, key)| decrypt(algorithm, &key))
            })
        });
        Ok(opened.then(|| self.party.cert.clone()))
    }
}
