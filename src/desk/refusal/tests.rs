//! Each refusal speaks both languages.

use bondhub_core::{
    account::{AccountName, Permission, Role as AccountRole},
    authentication::{TooWeak, Way},
    bond::BondState,
    identifier::{BondId, PartyCode},
    key::{KeyFileError, TokenError},
    party::{Language, Role},
    ports::{openpgp::CertificateRefusal, signing::SignError},
};
use uuid::Uuid;

use super::{Refusal, Spoken};

/// Something to name in a sentence.
pub(super) trait Sample {
    fn sample() -> Self;
}

macro_rules! samples {
    ($($type:ty = $sample:expr;)+) => {
        $(impl Sample for $type {
            fn sample() -> Self {
                $sample
            }
        })+
    };
}
samples! {
    String = "X-1".to_owned();
    u32 = 3;
    i64 = 30;
    usize = 20;
    Uuid = Uuid::nil();
    PartyCode = PartyCode::parse("S001").unwrap();
    BondId = BondId::try_from("S001/B-1".to_owned()).unwrap();
    BondState = BondState::Released;
    Role = Role::Issuer;
    AccountRole = AccountRole::Clerk;
    AccountName = AccountName::parse("hanako").unwrap();
    Permission = Permission::ReadBonds;
}

fn is_japanese(text: &str) -> bool {
    text.ends_with('。') && text.chars().any(|c| ('\u{3041}'..='\u{30ff}').contains(&c))
}

fn is_english(text: &str) -> bool {
    text.is_ascii() && text.ends_with('.') && !text.starts_with(|c: char| c.is_ascii_lowercase())
}

#[test]
fn each_refusal_of_the_desk_is_a_sentence_in_both_languages() {
    for refusal in Refusal::one_of_each() {
        let (ja, en) = (
            refusal.sentence(Language::Ja),
            refusal.sentence(Language::En),
        );
        assert!(is_japanese(&ja), "{refusal:?}: {ja}");
        assert!(is_english(&en), "{refusal:?}: {en}");
    }
}

#[test]
fn what_other_rooms_refuse_is_a_sentence_in_both_languages() {
    let text = || "x".to_owned();
    let all: Vec<Box<dyn Spoken>> = vec![
        Box::new(CertificateRefusal::Unreadable(text())),
        Box::new(CertificateRefusal::Several),
        Box::new(CertificateRefusal::TooLarge(70_000)),
        Box::new(CertificateRefusal::Secret),
        Box::new(CertificateRefusal::Expired(
            "2026-04-01T00:00:00Z".parse().unwrap(),
        )),
        Box::new(CertificateRefusal::Revoked),
        Box::new(CertificateRefusal::NoEncryptionKey),
        Box::new(CertificateRefusal::OtherAddress(text())),
        Box::new(CertificateRefusal::Weak(text())),
        Box::new(SignError::Unreadable(text())),
        Box::new(SignError::Unsuitable(text())),
        Box::new(SignError::Unavailable(text())),
        Box::new(SignError::Failed(text())),
        Box::new(TokenError::Prefix),
        Box::new(TokenError::Letter),
        Box::new(TokenError::Length),
        Box::new(TokenError::Check),
        Box::new(KeyFileError::TooLong),
        Box::new(KeyFileError::NotAKeyFile),
        Box::new(KeyFileError::Version),
        Box::new(KeyFileError::SeveralBlocks),
        Box::new(KeyFileError::Header("Bond")),
        Box::new(KeyFileError::Token(TokenError::Check)),
        Box::new(KeyFileError::Block),
        Box::new(KeyFileError::Trailing),
        Box::new(KeyFileError::OtherKey),
        Box::new(KeyFileError::OtherBond),
        Box::new(KeyFileError::OtherRevision),
        Box::new(TooWeak {
            required: Way::Passkey,
            shown: Way::KeySecret,
        }),
    ];
    for refusal in all {
        let (ja, en) = (refusal.told(Language::Ja), refusal.told(Language::En));
        assert!(is_japanese(&ja), "{ja}");
        assert!(en.ends_with('.'), "{en}");
    }
}
