use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    rsa::Rsa,
    sign::Signer,
};
use proptest::prelude::*;

use super::*;

const CHALLENGE: &[u8] = &[5; 32];

fn site() -> Site {
    Site {
        id: "bonds.example.jp".to_owned(),
        origin: "https://bonds.example.jp".to_owned(),
    }
}

fn client_data(act: &str, challenge: &[u8], origin: &str, more: &str) -> Vec<u8> {
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    format!(r#"{{"type":"{act}","challenge":"{challenge}","origin":"{origin}"{more}}}"#)
        .into_bytes()
}

fn asked(act: &str) -> Vec<u8> {
    client_data(
        act,
        CHALLENGE,
        "https://bonds.example.jp",
        r#","crossOrigin":false"#,
    )
}

fn bytes(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[0x59], length.as_slice(), content].concat()
}

/// An authenticator in software, with a key of each algorithm.
enum Authenticator {
    Es256(EcKey<Private>),
    EdDsa(PKey<Private>),
    Rs256(Rsa<Private>),
}

impl Authenticator {
    fn all() -> Vec<Self> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        vec![
            Self::Es256(EcKey::generate(&group).unwrap()),
            Self::EdDsa(PKey::generate_ed25519().unwrap()),
            Self::Rs256(Rsa::generate(2048).unwrap()),
        ]
    }

    fn cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(key) => {
                let (mut x, mut y) = (
                    openssl::bn::BigNum::new().unwrap(),
                    openssl::bn::BigNum::new().unwrap(),
                );
                let mut context = openssl::bn::BigNumContext::new().unwrap();
                key.public_key()
                    .affine_coordinates(key.group(), &mut x, &mut y, &mut context)
                    .unwrap();
                let (x, y) = (x.to_vec_padded(32).unwrap(), y.to_vec_padded(32).unwrap());
                let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21];
                [&head[..], &bytes(&x), &[0x22], &bytes(&y)].concat()
            }
            Self::EdDsa(key) => {
                let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21];
                [&head[..], &bytes(&key.raw_public_key().unwrap())].concat()
            }
            Self::Rs256(key) => {
                let head = [0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20];
                let (n, e) = (bytes(&key.n().to_vec()), bytes(&key.e().to_vec()));
                [&head[..], &n, &[0x21], &e].concat()
            }
        }
    }

    fn sign(&self, content: &[u8]) -> Vec<u8> {
        match self {
            Self::EdDsa(key) => Signer::new_without_digest(key)
                .unwrap()
                .sign_oneshot_to_vec(content)
                .unwrap(),
            Self::Es256(key) => signature(&PKey::from_ec_key(key.clone()).unwrap(), content),
            Self::Rs256(key) => signature(&PKey::from_rsa(key.clone()).unwrap(), content),
        }
    }

    fn attestation(&self, flags: u8) -> Vec<u8> {
        let cose = self.cose();
        let data = authenticator_data(&site().id, flags | 0x40, 0);
        let data = [&data[..], &[9; 16], &[0, 4], &[1, 2, 3, 4], &cose].concat();
        let head = [
            &[0xa3, 0x63][..],
            b"fmt",
            &[0x64],
            b"none",
            &[0x67],
            b"attStmt",
            &[0xa0, 0x68],
        ];
        [&head.concat(), &b"authData"[..], &bytes(&data)].concat()
    }
}

fn signature(key: &PKey<Private>, content: &[u8]) -> Vec<u8> {
    Signer::new(MessageDigest::sha256(), key)
        .unwrap()
        .sign_oneshot_to_vec(content)
        .unwrap()
}

fn authenticator_data(site: &str, flags: u8, counter: u32) -> Vec<u8> {
    let site = Sha256::digest(site.as_bytes());
    [site.as_slice(), &[flags], &counter.to_be_bytes()].concat()
}

fn register(client: &[u8], attestation: &[u8]) -> Result<MadePasskey, PasskeyRefusal> {
    let answer = Registration {
        client_data: client,
        attestation_object: attestation,
    };
    Passkeys.registered(&site(), CHALLENGE, &answer)
}

fn use_it(
    authenticator: &Authenticator,
    client: &[u8],
    data: &[u8],
) -> Result<u32, PasskeyRefusal> {
    let signed = [data, Sha256::digest(client).as_slice()].concat();
    let signature = authenticator.sign(&signed);
    let answer = Assertion {
        client_data: client,
        authenticator_data: data,
        signature: &signature,
    };
    Passkeys.used(&site(), CHALLENGE, &authenticator.cose(), &answer)
}

#[test]
fn a_passkey_of_each_offered_algorithm_is_made_and_used() {
    for authenticator in Authenticator::all() {
        let made = register(&asked("webauthn.create"), &authenticator.attestation(0x05)).unwrap();
        assert_eq!(made.id, [1, 2, 3, 4]);
        assert_eq!(made.public_key, authenticator.cose());
        let data = authenticator_data(&site().id, 0x05, 77);
        let used = use_it(&authenticator, &asked("webauthn.get"), &data);
        assert_eq!(used, Ok(77));
    }
}

#[test]
fn an_answer_to_another_act_challenge_or_site_is_refused() {
    let authenticator = &Authenticator::all()[0];
    let data = authenticator_data(&site().id, 0x05, 0);
    let home = "https://bonds.example.jp";
    for (client, why) in [
        (
            client_data("webauthn.create", CHALLENGE, home, ""),
            "another act",
        ),
        (
            client_data("webauthn.get", &[6; 32], home, ""),
            "another challenge",
        ),
        (
            client_data("webauthn.get", b"", home, ""),
            "another challenge",
        ),
        (
            client_data(
                "webauthn.get",
                CHALLENGE,
                "https://bonds.example.jp.evil.example",
                "",
            ),
            "another site",
        ),
        (
            client_data("webauthn.get", CHALLENGE, "http://bonds.example.jp", ""),
            "another site",
        ),
        (
            client_data("webauthn.get", CHALLENGE, home, r#","crossOrigin":true"#),
            "a frame of another site",
        ),
    ] {
        let refused = use_it(authenticator, &client, &data).unwrap_err();
        assert_eq!(refused, PasskeyRefusal::OtherQuestion(why));
    }
    let elsewhere = authenticator_data("evil.example", 0x05, 0);
    let refused = use_it(authenticator, &asked("webauthn.get"), &elsewhere).unwrap_err();
    assert_eq!(refused, PasskeyRefusal::OtherQuestion("another site"));
}

#[test]
fn a_holder_who_was_not_verified_is_refused() {
    let authenticator = &Authenticator::all()[0];
    for flags in [0x00, 0x01, 0x04] {
        let data = authenticator_data(&site().id, flags, 0);
        let refused = use_it(authenticator, &asked("webauthn.get"), &data).unwrap_err();
        assert_eq!(refused, PasskeyRefusal::HolderNotVerified, "{flags}");
        let made = register(&asked("webauthn.create"), &authenticator.attestation(flags));
        assert_eq!(made.unwrap_err(), PasskeyRefusal::HolderNotVerified);
    }
}

#[test]
fn a_signature_of_another_key_or_over_other_bytes_is_refused() {
    let (client, data) = (
        asked("webauthn.get"),
        authenticator_data(&site().id, 0x05, 0),
    );
    let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
    for (one, other) in Authenticator::all().into_iter().zip(Authenticator::all()) {
        let good = one.sign(&signed);
        let mut changed = good.clone();
        *changed.last_mut().unwrap() ^= 1;
        for signature in [other.sign(&signed), changed, Vec::new(), vec![0; 64]] {
            let answer = Assertion {
                client_data: &client,
                authenticator_data: &data,
                signature: &signature,
            };
            let refused = Passkeys.used(&site(), CHALLENGE, &one.cose(), &answer);
            assert_eq!(refused, Err(PasskeyRefusal::WrongSignature));
        }
    }
}

#[test]
fn a_key_that_is_none_or_not_offered_is_refused() {
    let mut off_the_curve = Authenticator::all()[0].cose();
    *off_the_curve.last_mut().unwrap() ^= 1;
    let short_rsa = Authenticator::Rs256(Rsa::generate(1024).unwrap()).cose();
    for key in [&off_the_curve[..], &short_rsa, &[0xa0], &[], b"\xff\xff"] {
        let read = PublicKey::read(key).and_then(|key| key.to_openssl().map(drop));
        assert_eq!(read, Err(PasskeyRefusal::Unreadable("the public key")));
    }
    // ES384, and ES256 under another curve.
    for key in [
        &[0xa3, 0x01, 0x02, 0x03, 0x38, 0x22, 0x20, 0x02][..],
        &[0xa3, 0x01, 0x02, 0x03, 0x26, 0x20, 0x02],
    ] {
        assert_eq!(PublicKey::read(key), Err(PasskeyRefusal::OtherAlgorithm));
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

/// Section 16.2 of the standard, "ES256 Credential with No Attestation". Its holder was not verified, so the
/// whole is refused here for that; its parts must read as the standard says.
#[test]
fn the_standards_own_example_reads_as_it_says_and_is_refused_for_its_unverified_holder() {
    let site = Site {
        id: "example.org".to_owned(),
        origin: "https://example.org".to_owned(),
    };
    let object = hex(
        "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8\
         edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3f\
         b63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb2\
         49c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220",
    );
    let attested = attested(&object).unwrap();
    let data = AuthenticatorData::read(&attested).unwrap();
    assert_eq!(data.check(&site), Err(PasskeyRefusal::HolderNotVerified));
    let made = data.credential.unwrap();
    let id = "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4";
    assert_eq!(made.id, hex(id));

    let challenge = hex("39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408");
    let data = hex("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000");
    let client = hex(
        "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f\
         334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f65\
         78616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d",
    );
    let signature = hex(
        "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f5\
         75bf11a1dd5d78c6e486013f937295ea13653e331e87",
    );
    client::check(&client, Act::Get, &challenge, &site).unwrap();
    let signed = [data.as_slice(), Sha256::digest(&client).as_slice()].concat();
    let key = PublicKey::read(made.public_key).unwrap();
    assert_eq!(key.verify(&signed, &signature), Ok(()));
    let answer = Assertion {
        client_data: &client,
        authenticator_data: &data,
        signature: &signature,
    };
    let refused = Passkeys.used(&site, &challenge, made.public_key, &answer);
    assert_eq!(refused, Err(PasskeyRefusal::HolderNotVerified));
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        prop_assert!(register(&asked("webauthn.create"), &bytes).is_err());
        prop_assert!(register(&bytes, &bytes).is_err());
        let _read = PublicKey::read(&bytes);
        let _read = AuthenticatorData::read(&bytes);
    }

    #[test]
    fn an_attestation_cut_anywhere_is_refused(cut in 0_usize..100) {
        let whole = Authenticator::EdDsa(PKey::generate_ed25519().unwrap()).attestation(0x05);
        let cut = cut.min(whole.len() - 1);
        let refused = register(&asked("webauthn.create"), &whole[..cut]);
        prop_assert!(refused.is_err());
    }
}
