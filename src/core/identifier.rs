//! Names that come from outside, parsed once into types that cannot be mixed up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest identifier accepted, in bytes; real procurement and bond numbers are far shorter.
pub const LONGEST: usize = 200;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Nothing, or only blanks.
    #[error("is empty")]
    Empty,
    /// More than [`LONGEST`] bytes.
    #[error("is longer than {LONGEST} bytes")]
    TooLong,
    /// A control character: line breaks in a name would forge header lines of mails and key files.
    #[error("contains a control character")]
    Control,
}

/// Checks what every identifier must satisfy and trims blanks around it.
pub fn check(text: &str) -> Result<&str, IdentifierError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(IdentifierError::Empty);
    }
    if text.len() > LONGEST {
        return Err(IdentifierError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(IdentifierError::Control);
    }
    Ok(text)
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the identifier; blanks around it are dropped.
            pub fn parse(text: &str) -> Result<Self, IdentifierError> {
                check(text).map(|text| Self(text.to_owned()))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdentifierError;
            fn try_from(text: String) -> Result<Self, IdentifierError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// A procurement case: an OCDS `ocid` where there is one (R2).
    ProcurementId
}
identifier! {
    /// A lot within a procurement case.
    LotId
}
identifier! {
    /// An award within a procurement case.
    AwardId
}
identifier! {
    /// A contract within a procurement case.
    ContractId
}
identifier! {
    /// A party's code (R1): issuer, contractor or owner.
    PartyCode
}
identifier! {
    /// A bond's number, unique per issuer (R3).
    BondNumber
}

/// A bond's identity: its issuer and the number the issuer gave it (R3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BondId {
    /// Who issued the bond.
    pub issuer: PartyCode,
    /// The issuer's number for it.
    pub number: BondNumber,
}

impl BondId {
    /// The bond `number` of `issuer`.
    pub fn new(issuer: PartyCode, number: BondNumber) -> Self {
        Self { issuer, number }
    }
}

impl fmt::Display for BondId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An issuer's code may contain a slash itself: it must not read back as another bond.
        let issuer = self.issuer.as_str().replace('%', "%25").replace('/', "%2F");
        write!(formatter, "{issuer}/{}", self.number)
    }
}

impl From<BondId> for String {
    fn from(bond: BondId) -> Self {
        bond.to_string()
    }
}

impl TryFrom<String> for BondId {
    type Error = IdentifierError;
    /// Reads `issuer/number`: the issuer's code ends at the first slash, a number may contain more. A
    /// slash within the code is written `%2F`, a per cent sign `%25`.
    fn try_from(text: String) -> Result<Self, IdentifierError> {
        let (issuer, number) = text.split_once('/').ok_or(IdentifierError::Empty)?;
        Ok(Self {
            issuer: PartyCode::parse(&issuer.replace("%2F", "/").replace("%25", "%"))?,
            number: BondNumber::parse(number)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_in_a_name_is_refused() {
        assert_eq!(
            PartyCode::parse("S1\r\nBcc: x"),
            Err(IdentifierError::Control)
        );
    }

    #[test]
    fn blanks_around_a_name_are_dropped_and_an_empty_one_is_refused() {
        assert_eq!(PartyCode::parse(" S1 ").unwrap().as_str(), "S1");
        assert_eq!(PartyCode::parse("  "), Err(IdentifierError::Empty));
    }

    #[test]
    fn an_issuer_code_with_a_slash_does_not_read_back_as_another_bond() {
        let number = BondNumber::parse("2026/7").unwrap();
        for code in ["A/B", "A%2FB", "50%", "A/%2F"] {
            let bond = BondId::new(PartyCode::parse(code).unwrap(), number.clone());
            assert_eq!(BondId::try_from(bond.to_string()).unwrap(), bond, "{code}");
        }
    }

    #[test]
    fn a_bond_number_may_contain_slashes() {
        let bond = BondId::try_from("S1/2026/0042".to_owned()).unwrap();
        assert_eq!(
            (bond.issuer.as_str(), bond.number.as_str()),
            ("S1", "2026/0042")
        );
        assert_eq!(String::from(bond), "S1/2026/0042");
    }
}
