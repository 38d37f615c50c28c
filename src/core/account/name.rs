//! What somebody signs in as.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of an account: 2 to 64 of `a-z 0-9 . _ - @`, beginning with a letter or digit.
///
/// Written in any case it is the same name. Nothing else is taken, so that two names never look alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountName(String);

/// Why a text is not the name of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an account's name is 2 to 64 of a-z 0-9 . _ - @ and begins with a letter or digit")]
pub struct AccountNameError;

impl AccountName {
    /// Reads a name; blanks around it are dropped, capitals become small.
    pub fn parse(text: &str) -> Result<Self, AccountNameError> {
        let name = text.trim().to_ascii_lowercase();
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_@".contains(c);
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if (2..=64).contains(&name.len()) && begins && name.chars().all(allowed) {
            Ok(Self(name))
        } else {
            Err(AccountNameError)
        }
    }

    /// The name under which the operating system's user acts: `os-` and what of its name can stand in one.
    pub fn of_the_system(user: &str) -> Self {
        let small = user.to_ascii_lowercase();
        let plain = small
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || ".-_".contains(*c));
        Self(format!("os-{}", plain.take(60).collect::<String>()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountName {
    type Error = AccountNameError;
    fn try_from(text: String) -> Result<Self, AccountNameError> {
        Self::parse(&text)
    }
}

impl From<AccountName> for String {
    fn from(name: AccountName) -> Self {
        name.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
