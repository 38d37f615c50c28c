//! What the authenticator says (section 6.1).

use bondhub_core::ports::passkey::{PasskeyRefusal, Site};
use sha2::{Digest as _, Sha256};

use crate::cbor;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// The authenticator's data.
#[derive(Debug)]
pub(crate) struct AuthenticatorData<'a> {
    site: [u8; 32],
    flags: u8,
    /// Counts its signatures; 0 if it does not.
    pub(crate) counter: u32,
    /// The credential that was made.
    pub(crate) credential: Option<Credential<'a>>,
}

/// A credential that was made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Credential<'a> {
    /// Its id.
    pub(crate) id: &'a [u8],
    /// Its public key, COSE.
    pub(crate) public_key: &'a [u8],
}

impl<'a> AuthenticatorData<'a> {
    /// Reads all of it: bytes left over are an error.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, PasskeyRefusal> {
        Self::parts(bytes).ok_or(PasskeyRefusal::Unreadable("the authenticator's data"))
    }

    fn parts(bytes: &'a [u8]) -> Option<Self> {
        let (site, rest) = bytes.split_first_chunk::<32>()?;
        let (flags, rest) = rest.split_first()?;
        let (counter, mut rest) = rest.split_first_chunk::<4>()?;
        let mut credential = None;
        if flags & CREDENTIAL != 0 {
            let (made, after) = made(rest)?;
            credential = Some(made);
            rest = after;
        }
        if flags & EXTENSIONS != 0 {
            rest = cbor::read(rest)?.1;
        }
        rest.is_empty().then_some(Self {
            site: *site,
            flags: *flags,
            counter: u32::from_be_bytes(*counter),
            credential,
        })
    }

    /// It speaks for this site, and its holder was there and verified.
    pub(crate) fn check(&self, site: &Site) -> Result<(), PasskeyRefusal> {
        if self.site != <[u8; 32]>::from(Sha256::digest(site.id.as_bytes())) {
            return Err(PasskeyRefusal::OtherQuestion("another site"));
        }
        let all = |flags| self.flags & flags == flags;
        if !all(USER_PRESENT | USER_VERIFIED) {
            return Err(PasskeyRefusal::HolderNotVerified);
        }
        if all(BACKED_UP) && !all(BACKUP_ELIGIBLE) {
            return Err(PasskeyRefusal::Unreadable("the authenticator's flags"));
        }
        Ok(())
    }
}

/// A credential, and the bytes after it.
fn made(bytes: &[u8]) -> Option<(Credential<'_>, &[u8])> {
    let (_make, rest) = bytes.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (id, key_and_rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    let (_, rest) = cbor::read(key_and_rest)?;
    let public_key = key_and_rest.get(..key_and_rest.len() - rest.len())?;
    Some((Credential { id, public_key }, rest))
}
