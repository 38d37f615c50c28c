//! The four ways to authenticate (R15), and whether what somebody showed suffices for a bond.
//!
//! The source compares four keys of the vault: a password, a one-time password, a signed password, biometrics.
//! Here they are levels: each withstands what the one before does not. An owner or issuer picks the least it
//! accepts; a bond asks for the strictest of what its parties and the installation ask for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::party::Language;

/// A way to authenticate; the order is the order of strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// ① The key's secret alone, typed by hand.
    KeySecret,
    /// ② The secret, and a one-time password of an account of the holder.
    OneTimePassword,
    /// ③ The signed key file.
    SignedKeyFile,
    /// ④ A passkey of an account of the holder, with its holder verified (biometrics), beside the key.
    Passkey,
}

impl Way {
    /// All four, the weakest first.
    pub const ALL: &'static [Self] = &[
        Self::KeySecret,
        Self::OneTimePassword,
        Self::SignedKeyFile,
        Self::Passkey,
    ];

    /// The way as it is stored and configured.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeySecret => "key_secret",
            Self::OneTimePassword => "one_time_password",
            Self::SignedKeyFile => "signed_key_file",
            Self::Passkey => "passkey",
        }
    }

    /// Reads what [`Way::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.as_str() == text)
    }

    /// The way in words.
    pub fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::KeySecret, Language::Ja) => "認証キーの文字列",
            (Self::KeySecret, Language::En) => "the key's secret",
            (Self::OneTimePassword, Language::Ja) => "認証キーの文字列とワンタイムパスワード",
            (Self::OneTimePassword, Language::En) => "the key's secret with a one-time password",
            (Self::SignedKeyFile, Language::Ja) => "電子署名された認証キーファイル",
            (Self::SignedKeyFile, Language::En) => "the signed key file",
            (Self::Passkey, Language::Ja) => "認証キーとパスキー（生体認証）によるサインイン",
            (Self::Passkey, Language::En) => "the key while signed in with a passkey (biometrics)",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What an installation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Nothing weaker is accepted, whatever the parties say.
    pub least: Way,
    /// What a party that picked nothing asks for.
    pub usual: Way,
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            least: Way::KeySecret,
            usual: Way::SignedKeyFile,
        }
    }
}

impl Demand {
    /// What a bond asks for: the strictest of its owner's, its issuer's and the installation's.
    pub fn of_bond(self, owner: Option<Way>, issuer: Option<Way>) -> Way {
        let owner = owner.unwrap_or(self.usual);
        let issuer = issuer.unwrap_or(self.usual);
        self.least.max(owner).max(issuer)
    }
}

/// What somebody showed, each part verified: the secret is the key's, the file's signed statement is the row's,
/// the one-time password was right and is used up, the passkey is of the account that is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The key came as a file whose signature and content were verified.
    pub signed_file: bool,
    /// A one-time password of an account of the key's holder.
    pub one_time_password: bool,
    /// An account of the key's holder is signed in with a passkey, its holder verified.
    pub passkey: bool,
}

impl Evidence {
    /// The strongest way that was gone.
    pub fn way(self) -> Way {
        match (self.passkey, self.signed_file, self.one_time_password) {
            (true, _, _) => Way::Passkey,
            (false, true, _) => Way::SignedKeyFile,
            (false, false, true) => Way::OneTimePassword,
            (false, false, false) => Way::KeySecret,
        }
    }

    /// Whether it suffices for a bond that asks for `required`: the way gone, or what is missing.
    pub fn suffices(self, required: Way) -> Result<Way, TooWeak> {
        let shown = self.way();
        if shown >= required {
            Ok(shown)
        } else {
            Err(TooWeak { required, shown })
        }
    }
}

/// What was shown is weaker than what the bond asks for. Told only to whoever has the key's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this bond asks for {}, not only {}",
    .required.name(Language::En),
    .shown.name(Language::En)
)]
pub struct TooWeak {
    /// What the bond asks for.
    pub required: Way,
    /// What was shown.
    pub shown: Way,
}

impl TooWeak {
    /// The reason in the reader's language.
    pub fn sentence(&self, language: Language) -> String {
        match language {
            Language::En => self.to_string(),
            Language::Ja => {
                let required = self.required.name(Language::Ja);
                format!("このボンドの閲覧には「{required}」が必要です")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(signed_file: bool, one_time_password: bool, passkey: bool) -> Evidence {
        Evidence {
            signed_file,
            one_time_password,
            passkey,
        }
    }

    /// Every combination of evidence (R15).
    #[test]
    fn each_evidence_is_the_strongest_way_that_was_gone() {
        let table = [
            (evidence(false, false, false), Way::KeySecret),
            (evidence(false, true, false), Way::OneTimePassword),
            (evidence(true, false, false), Way::SignedKeyFile),
            (evidence(true, true, false), Way::SignedKeyFile),
            (evidence(false, false, true), Way::Passkey),
            (evidence(false, true, true), Way::Passkey),
            (evidence(true, false, true), Way::Passkey),
            (evidence(true, true, true), Way::Passkey),
        ];
        for (shown, way) in table {
            assert_eq!(shown.way(), way, "{shown:?}");
        }
    }

    #[test]
    fn what_is_weaker_than_the_bond_asks_for_is_refused_with_the_reason() {
        for (index, required) in Way::ALL.iter().enumerate() {
            for (other, shown) in [
                evidence(false, false, false),
                evidence(false, true, false),
                evidence(true, false, false),
                evidence(false, false, true),
            ]
            .into_iter()
            .enumerate()
            {
                let outcome = shown.suffices(*required);
                assert_eq!(outcome.is_ok(), other >= index, "{shown:?} for {required}");
            }
        }
        let refused = Evidence::default()
            .suffices(Way::SignedKeyFile)
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "this bond asks for the signed key file, not only the key's secret"
        );
        assert!(refused.sentence(Language::Ja).contains("電子署名"));
    }

    #[test]
    fn a_bond_asks_for_the_strictest_of_owner_issuer_and_installation() {
        let usual = Demand::default();
        assert_eq!(usual.of_bond(None, None), Way::SignedKeyFile);
        assert_eq!(
            usual.of_bond(Some(Way::KeySecret), Some(Way::OneTimePassword)),
            Way::OneTimePassword
        );
        assert_eq!(
            usual.of_bond(Some(Way::KeySecret), None),
            Way::SignedKeyFile
        );
        assert_eq!(usual.of_bond(None, Some(Way::Passkey)), Way::Passkey);
        let strict = Demand {
            least: Way::OneTimePassword,
            usual: Way::KeySecret,
        };
        assert_eq!(strict.of_bond(None, None), Way::OneTimePassword);
        assert_eq!(
            strict.of_bond(Some(Way::KeySecret), None),
            Way::OneTimePassword
        );
    }

    #[test]
    fn ways_are_read_back() {
        for way in Way::ALL {
            assert_eq!(Way::parse(way.as_str()), Some(*way));
            assert_eq!(serde_json::to_string(way).unwrap(), format!("\"{way}\""));
        }
    }
}
