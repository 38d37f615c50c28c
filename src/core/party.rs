//! Parties (R1): issuers, contractors and owners, and how the hub writes to them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    authentication::Way,
    calendar::Timestamp,
    identifier::{IdentifierError, PartyCode, check},
};

/// What a party does in a procurement. A party may have several roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Issues bonds: surety, insurer, bank, guarantee company.
    Issuer,
    /// The bonds' principal.
    Contractor,
    /// The bonds' obligee, a public body.
    Owner,
}

impl Role {
    /// The role as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Contractor => "contractor",
            Self::Owner => "owner",
        }
    }

    /// Reads what [`Role::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Issuer, Self::Contractor, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The language a party is written to in (R63).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Language {
    /// `ja` or `en`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// Reads `ja` or `en`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ja, Self::En]
            .into_iter()
            .find(|language| language.as_str() == text)
    }
}

/// A mail address: `local@domain`, printable ASCII, one line.
///
/// Stricter than RFC 5321 on purpose: no quoted local part, no address literal, nothing that a
/// command line or a header could take for something else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

/// Why a text is not a mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mail address such as desk@surety.example.jp")]
pub struct MailAddressError(String);

impl MailAddress {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, MailAddressError> {
        let refused =
            || MailAddressError(text.chars().filter(|c| !c.is_control()).take(80).collect());
        let (local, domain) = text.split_once('@').ok_or_else(refused)?;
        let local_ok = is_dotted(local, |c| {
            c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
        });
        let domain_ok = is_dotted(domain, |c| c.is_ascii_alphanumeric() || c == '-');
        let sane = text.len() <= 254 && !local.starts_with('-') && local.len() <= 64;
        if local_ok && domain_ok && sane {
            Ok(Self(text.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_dotted(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(&allowed))
}

impl TryFrom<String> for MailAddress {
    type Error = MailAddressError;
    fn try_from(text: String) -> Result<Self, MailAddressError> {
        Self::parse(&text)
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A person's or body's name: one line of text, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

impl Name {
    /// Reads a name; line breaks are refused, since names end up in mail headers.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        check(text).map(|text| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = IdentifierError;
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        Self::parse(&text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// A party (R1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its code, by which feeds and documents name it.
    pub code: PartyCode,
    /// What it does.
    pub roles: Vec<Role>,
    /// Name in Japanese.
    pub name_ja: Name,
    /// Name in English.
    pub name_en: Name,
    /// Where it reads mail; none for a party that is not written to.
    pub mail: Vec<MailAddress>,
    /// The language it is written to in.
    pub language: Language,
    /// Members and their shares, for a joint venture; empty otherwise.
    #[serde(default)]
    pub members: Vec<Member>,
    /// The least way to authenticate it accepts for its bonds (R15); none for the installation's usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepts: Option<Way>,
}

impl Party {
    /// The name in the given language.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Ja => self.name_ja.as_str(),
            Language::En => self.name_en.as_str(),
        }
    }
}

/// A member of a joint venture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub party: PartyCode,
    /// Its share of the whole, in parts (30 of 100).
    pub share: u32,
}

/// A party's OpenPGP certificate, pinned by fingerprint (R1, R50).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPgpCertificate {
    /// Whose.
    pub party: PartyCode,
    /// Full fingerprint, upper-case hexadecimal.
    pub fingerprint: String,
    /// The minimised public certificate, binary.
    pub bytes: Vec<u8>,
    /// Until when it can be encrypted to; none for no end.
    pub usable_until: Option<Timestamp>,
    /// The recipient's software reads SEIPDv2; false for GnuPG 2.2 and RNP.
    pub modern: bool,
    /// When the hub stopped using it.
    pub revoked_at: Option<Timestamp>,
    /// When it was enrolled.
    pub added_at: Timestamp,
}

/// An issuer's X.509 signing certificate, pinned (R1, R5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningCertificate {
    /// Whose.
    pub party: PartyCode,
    /// SHA-256 of the DER, lower-case hexadecimal.
    pub fingerprint: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// First instant of validity.
    pub valid_from: Timestamp,
    /// Last instant of validity.
    pub valid_until: Timestamp,
    /// When the hub stopped accepting it.
    pub revoked_at: Option<Timestamp>,
    /// The private key an issuer entrusted to the hub, sealed under the master key (R12).
    pub entrusted_key: Option<Vec<u8>>,
    /// When it was added.
    pub added_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_taken() {
        for text in ["desk@surety.example.jp", "a.b+c@x-y.jp"] {
            assert_eq!(MailAddress::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn addresses_that_could_become_something_else_are_refused() {
        let odd = [
            "",
            "a",
            "a@",
            "@b",
            "a@b c",
            "a\r\n@b.jp",
            "-oQ/tmp@b.jp",
            "\"a b\"@c.jp",
            "a@[127.0.0.1]",
            "a@b..jp",
            "日本@example.jp",
            "a@b.jp,c@d.jp",
            "a@b@c.jp",
        ];
        for text in odd {
            assert!(MailAddress::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_with_a_line_break_is_refused() {
        assert!(Name::parse("Kanto Surety\r\nBcc: everyone@example.jp").is_err());
    }
}
