//! Accounts: the people and programs that sign in, what roles they have, and what a role may do.
//!
//! A key opens one bond for whoever holds it (R20); an account is somebody with a name. What an account may
//! do is the table [`Role::permissions`] and nothing else: pages, API and command line ask [`Viewer::may`].

mod name;
mod permission;
mod role;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{calendar::Timestamp, identifier::PartyCode, party::Language};

pub use name::{AccountName, AccountNameError};
pub use permission::Permission;
pub use role::{Role, RoleError, check_roles};

/// The zone dates are shown in where nobody chose another (R63).
pub const DEFAULT_ZONE: &str = "Asia/Tokyo";

/// A person, or a program, that signs in (R15, R60).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it signs in as.
    pub name: AccountName,
    /// The party it belongs to; none for those who run the hub.
    pub party: Option<PartyCode>,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// The language pages are shown in (R63).
    pub language: Language,
    /// The zone dates are shown in: a name of the IANA database.
    pub zone: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it cannot sign in; none while it can.
    pub disabled_at: Option<Timestamp>,
}

/// How somebody showed who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedInBy {
    /// A bearer token: a program.
    Token,
    /// Password and one-time password.
    Password,
    /// A passkey with its holder verified (biometrics or the device's own PIN).
    Passkey,
    /// The operating system's user at the command line.
    CommandLine,
    /// The installation's own token: several may have it, so that nobody can tell who it was.
    SharedToken,
}

impl SignedInBy {
    /// The way as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::CommandLine => "command_line",
            Self::SharedToken => "shared_token",
        }
    }

    /// Reads what [`SignedInBy::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Token,
            Self::Password,
            Self::Passkey,
            Self::CommandLine,
            Self::SharedToken,
        ]
        .into_iter()
        .find(|way| way.as_str() == text)
    }
}

/// Who is signed in, for as long as one request lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Its account.
    pub account: AccountName,
    /// The party it belongs to; none for those who run the hub.
    pub party: Option<PartyCode>,
    /// Its roles.
    pub roles: BTreeSet<Role>,
    /// The only permissions a token was given; none means: all that the roles give.
    pub scopes: Option<BTreeSet<Permission>>,
    /// The language it reads.
    pub language: Language,
    /// The zone its dates are in.
    pub zone: String,
    /// How it signed in.
    pub signed_in_by: SignedInBy,
}

impl Viewer {
    /// Somebody at the hub's own command line, by the operating system's name. Whoever may run commands there has the
    /// hub's keys and database anyway: the operating system's account is the authority.
    pub fn at_the_command_line(user: &str) -> Self {
        Self {
            account: AccountName::of_the_system(user),
            party: None,
            roles: [Role::Administrator, Role::Operator, Role::Auditor].into(),
            scopes: None,
            language: Language::En,
            zone: DEFAULT_ZONE.to_owned(),
            signed_in_by: SignedInBy::CommandLine,
        }
    }

    /// Somebody with this account, signed in this way.
    pub fn of(account: &Account, signed_in_by: SignedInBy) -> Self {
        Self {
            account: account.name.clone(),
            party: account.party.clone(),
            roles: account.roles.clone(),
            scopes: None,
            language: account.language,
            zone: account.zone.clone(),
            signed_in_by,
        }
    }

    /// Whether it may do this: a role allows it, and a token was given it.
    pub fn may(&self, permission: Permission) -> bool {
        let by_role = self
            .roles
            .iter()
            .any(|role| role.permissions().contains(&permission));
        let by_scope = self
            .scopes
            .as_ref()
            .is_none_or(|scopes| scopes.contains(&permission));
        by_role && by_scope
    }

    /// Whether it may do this for that party: by a role of the hub, or since it is its own party.
    pub fn may_for(&self, permission: Permission, party: &PartyCode) -> bool {
        let concerned = self.party.as_ref().is_none_or(|own| own == party);
        concerned && self.may(permission)
    }

    /// Whether it belongs to those who run the hub, not to a party.
    pub fn runs_the_hub(&self) -> bool {
        self.party.is_none()
    }
}

#[cfg(test)]
mod tests;
