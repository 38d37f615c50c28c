use super::*;

pub(in crate::vault) struct Counting;

impl Randomness for Counting {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomnessError> {
        bytes.fill(7);
        Ok(())
    }
}

fn oldest(key: [u8; 32], place: &str, plain: &[u8]) -> Vec<u8> {
    let cipher = Aes256Gcm::new((&key).into());
    let body = encrypt(&cipher, place, plain, &Counting).unwrap();
    [&[UNDER_MASTER], body.as_slice()].concat()
}

#[test]
fn what_is_sealed_unseals_in_its_place_only() {
    let key = MasterKey::new(&[1; 32]);
    let sealed = key.seal("document:1", b"a bond", &Counting).unwrap();
    assert!(!sealed.windows(6).any(|window| window == b"a bond"));
    assert_eq!(
        key.unseal("document:1", &sealed).unwrap().as_slice(),
        b"a bond"
    );
    assert!(key.unseal("document:2", &sealed).is_err());
    let other = MasterKey::new(&[2; 32]).unseal("document:1", &sealed);
    assert!(matches!(other, Err(SealError::UnknownKey { .. })));
}

#[test]
fn a_changed_bit_or_a_cut_off_end_is_noticed() {
    let key = MasterKey::new(&[1; 32]);
    for sealed in [
        key.seal("x", b"a bond", &Counting).unwrap(),
        oldest([1; 32], "x", b"a bond"),
    ] {
        assert!(key.unseal("x", &sealed).is_ok());
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert!(key.unseal("x", &damaged).is_err(), "bit at {place}");
            assert!(key.unseal("x", &sealed[..place]).is_err(), "cut at {place}");
        }
    }
}

#[test]
fn a_key_file_of_the_wrong_size_is_refused_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master.key");
    std::fs::write(&path, [0; 31]).unwrap();
    let error = MasterKey::read(&path).err().unwrap().to_string();
    assert!(
        error.contains("31 bytes, not 32") && error.contains("bondhub init"),
        "{error}"
    );
}

#[test]
fn what_lies_under_an_old_master_key_is_read_and_put_under_the_new_one() {
    let old = MasterKey::new(&[1; 32]);
    let both = MasterKey::of(Master::bytes(&[2; 32]), vec![Master::bytes(&[1; 32])]);
    let new = MasterKey::new(&[2; 32]);
    for sealed in [
        old.seal("x", b"a bond", &Counting).unwrap(),
        oldest([1; 32], "x", b"a bond"),
    ] {
        assert_eq!(both.unseal("x", &sealed).unwrap().as_slice(), b"a bond");
        let anew = both.reseal("x", &sealed, &Counting).unwrap();
        assert!(anew.starts_with(&new.head()));
        assert_eq!(new.unseal("x", &anew).unwrap().as_slice(), b"a bond");
        assert!(old.unseal("x", &anew).is_err());
    }
}

#[test]
fn putting_an_envelope_under_another_master_key_leaves_its_ciphertext() {
    let old = MasterKey::new(&[1; 32]);
    let both = MasterKey::of(Master::bytes(&[2; 32]), vec![Master::bytes(&[1; 32])]);
    let sealed = old.seal("x", b"a bond", &Counting).unwrap();
    let anew = both.reseal("x", &sealed, &Counting).unwrap();
    let body = 12 + 6 + 16;
    assert_eq!(anew[anew.len() - body..], sealed[sealed.len() - body..]);
}

#[test]
fn the_names_of_master_keys_differ_and_tell_which_are_known() {
    let both = MasterKey::of(Master::bytes(&[2; 32]), vec![Master::bytes(&[1; 32])]);
    let old = MasterKey::new(&[1; 32]);
    assert_ne!(both.name(), old.name());
    assert_eq!(both.name().len(), 16);
    assert!(both.knows(&old.name()) && !old.knows(&both.name()));
}
