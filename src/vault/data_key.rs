//! Data keys: one for everything of a bond, wrapped by the master key (R4).

use aes_gcm::{Aes256Gcm, KeyInit as _};
use bondhub_core::ports::{
    Randomness,
    store::{Compartment, DataKeyRow},
};
use zeroize::Zeroizing;

use super::{
    MasterKey, SealError,
    seal::{decrypt, encrypt, random_key},
};

/// First byte of what lies under a data key.
const UNDER_DATA_KEY: u8 = 3;

/// The place a compartment's data key is wrapped for.
pub fn data_key_place(compartment: &Compartment) -> String {
    format!("data_key:{compartment}")
}

/// The key of one compartment.
pub struct DataKey(Aes256Gcm);

impl DataKey {
    /// Draws a key and wraps it.
    pub fn make(
        compartment: &Compartment,
        master: &MasterKey,
        randomness: &dyn Randomness,
    ) -> Result<(Self, DataKeyRow), SealError> {
        let key = random_key(randomness)?;
        let row = DataKeyRow {
            wrapped: master.wrap(&data_key_place(compartment), &key, randomness)?,
            compartment: compartment.clone(),
        };
        Ok((Self(Aes256Gcm::new((&*key).into())), row))
    }

    /// Unwraps a key.
    pub fn open(row: &DataKeyRow, master: &MasterKey) -> Result<Self, SealError> {
        let key = master.unwrap(&data_key_place(&row.compartment), &row.wrapped)?;
        Ok(Self(Aes256Gcm::new((&*key).into())))
    }

    /// Wraps a key anew, by the current master key.
    pub fn rewrap(
        row: &DataKeyRow,
        master: &MasterKey,
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealError> {
        let place = data_key_place(&row.compartment);
        let key = master.unwrap(&place, &row.wrapped)?;
        master.wrap(&place, &key, randomness)
    }

    /// Seals for one place.
    pub fn seal(
        &self,
        place: &str,
        plain: &[u8],
        randomness: &dyn Randomness,
    ) -> Result<Vec<u8>, SealError> {
        let body = encrypt(&self.0, place, plain, randomness)?;
        Ok([&[UNDER_DATA_KEY], body.as_slice()].concat())
    }

    /// Unseals what [`DataKey::seal`] sealed for the same place.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let body = sealed.strip_prefix(&[UNDER_DATA_KEY]);
        let body = body.ok_or_else(|| SealError::Damaged(place.to_owned()))?;
        decrypt(&self.0, place, body)
    }
}

/// Whether something lies under a data key, not under a master key.
pub(super) fn is_under_data_key(sealed: &[u8]) -> bool {
    sealed.first() == Some(&UNDER_DATA_KEY)
}

#[cfg(test)]
mod tests {
    use bondhub_core::identifier::{BondId, PartyCode};

    use super::*;
    use crate::{hub::system::SystemRandomness, vault::Master};

    fn bond(text: &str) -> Compartment {
        Compartment::from(&BondId::try_from(text.to_owned()).unwrap())
    }

    #[test]
    fn a_wrapped_key_is_the_key_of_one_bond_only() {
        let master = MasterKey::new(&[1; 32]);
        let (key, row) = DataKey::make(&bond("S1/B-1"), &master, &SystemRandomness).unwrap();
        let sealed = key.seal("x", b"a bond", &SystemRandomness).unwrap();
        let opened = DataKey::open(&row, &master).unwrap();
        assert_eq!(opened.unseal("x", &sealed).unwrap().as_slice(), b"a bond");
        let own = Compartment::of(&PartyCode::parse("S1").unwrap(), None);
        for compartment in [bond("S1/B-2"), bond("S2/B-1"), own] {
            let moved = DataKeyRow {
                compartment,
                ..row.clone()
            };
            assert!(DataKey::open(&moved, &master).is_err());
        }
    }

    #[test]
    fn what_is_sealed_for_one_bond_does_not_unseal_with_the_key_of_another() {
        let master = MasterKey::new(&[1; 32]);
        let (one, _) = DataKey::make(&bond("S1/B-1"), &master, &SystemRandomness).unwrap();
        let (two, _) = DataKey::make(&bond("S1/B-2"), &master, &SystemRandomness).unwrap();
        let sealed = one.seal("x", b"a bond", &SystemRandomness).unwrap();
        assert!(two.unseal("x", &sealed).is_err());
        assert!(one.unseal("y", &sealed).is_err());
    }

    #[test]
    fn a_key_wrapped_anew_opens_the_same_originals() {
        let old = MasterKey::new(&[1; 32]);
        let both = MasterKey::of(Master::bytes(&[2; 32]), vec![Master::bytes(&[1; 32])]);
        let (key, mut row) = DataKey::make(&bond("S1/B-1"), &old, &SystemRandomness).unwrap();
        let sealed = key.seal("x", b"a bond", &SystemRandomness).unwrap();
        row.wrapped = DataKey::rewrap(&row, &both, &SystemRandomness).unwrap();
        assert!(DataKey::open(&row, &old).is_err());
        let opened = DataKey::open(&row, &MasterKey::new(&[2; 32])).unwrap();
        assert_eq!(opened.unseal("x", &sealed).unwrap().as_slice(), b"a bond");
    }
}
