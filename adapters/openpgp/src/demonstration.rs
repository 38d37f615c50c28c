//! Recipients **for demonstrations and tests**: parties that live in this process, with their secret keys.
//!
//! Nothing here belongs to a hub at work: it has no recipient's secret key, ever.

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
use zeroize::Zeroizing;

use crate::instant::system_time;

/// Why a demonstration's recipient could not be made, or could not read: the library's reason.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DemonstrationError(String);

impl From<sequoia_openpgp::anyhow::Error> for DemonstrationError {
    fn from(error: sequoia_openpgp::anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

/// A recipient of sealed mail.
#[derive(Debug, Clone)]
pub struct Correspondent {
    cert: Cert,
}

impl Correspondent {
    /// A party with an Ed25519 and Cv25519 certificate for `address`, made at `created`.
    ///
    /// Choose a time in the past: what is signed or encrypted before it is not valid.
    pub fn make(name: &str, address: &str, created: Timestamp) -> Result<Self, DemonstrationError> {
        let (cert, _revocation) = CertBuilder::new()
            .set_creation_time(system_time(created))
            .set_cipher_suite(CipherSuite::Cv25519)
            .add_userid(format!("{name} <{address}>"))
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

    /// The party's public certificate, binary.
    pub fn certificate(&self) -> Result<Vec<u8>, DemonstrationError> {
        Ok(self.cert.to_vec()?)
    }

    /// The party's public certificate, armored.
    pub fn certificate_armored(&self) -> Result<Vec<u8>, DemonstrationError> {
        Ok(self.cert.armored().to_vec()?)
    }

    /// The party's secret key, armored and without password, for the programs of others.
    pub fn secret_armored(&self) -> Result<Zeroizing<Vec<u8>>, DemonstrationError> {
        Ok(Zeroizing::new(self.cert.as_tsk().armored().to_vec()?))
    }

    /// Full fingerprint, upper-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// Decrypts a message and verifies at `now` that `signer` (an armored certificate) signed it for
    /// this party; gives what was inside.
    pub fn open(
        &self,
        message: &[u8],
        signer: &str,
        now: Timestamp,
    ) -> Result<Zeroizing<Vec<u8>>, DemonstrationError> {
        let at = system_time(now);
        let policy = StandardPolicy::at(at);
        let reader = Reader {
            party: self,
            signer: Cert::from_bytes(signer.as_bytes())?,
        };
        let mut decryptor =
            DecryptorBuilder::from_bytes(message)?.with_policy(&policy, at, reader)?;
        let mut content = Zeroizing::new(Vec::new());
        std::io::copy(&mut decryptor, &mut *content)
            .map_err(sequoia_openpgp::anyhow::Error::from)?;
        Ok(content)
    }

    fn pairs(&self) -> impl Iterator<Item = KeyPair> {
        let keys = self.cert.keys().unencrypted_secret();
        keys.filter_map(|key| key.key().clone().into_keypair().ok())
    }
}

struct Reader<'a> {
    party: &'a Correspondent,
    signer: Cert,
}

impl VerificationHelper for Reader<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> sequoia_openpgp::Result<Vec<Cert>> {
        Ok(vec![self.signer.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> sequoia_openpgp::Result<()> {
        let layers: Vec<_> = structure.into_iter().collect();
        match layers.as_slice() {
            [
                MessageLayer::Encryption { .. },
                MessageLayer::SignatureGroup { results },
            ] => match results.as_slice() {
                [Ok(_)] => Ok(()),
                [Err(error)] => {
                    sequoia_openpgp::anyhow::bail!("the signature is not good: {error}")
                }
                other => sequoia_openpgp::anyhow::bail!("{} signatures, expected one", other.len()),
            },
            other => sequoia_openpgp::anyhow::bail!(
                "not signed inside encrypted, but {} layers",
                other.len()
            ),
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
    ) -> sequoia_openpgp::Result<Option<Cert>> {
        let opened = self.party.pairs().any(|mut pair| {
            pkesks.iter().any(|pkesk| {
                let key = pkesk.decrypt(&mut pair, algorithm);
                key.is_some_and(|(algorithm, key)| decrypt(algorithm, &key))
            })
        });
        Ok(opened.then(|| self.party.cert.clone()))
    }
}
