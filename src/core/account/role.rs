//! Roles, and the table of what each may do.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::Permission;
use crate::identifier::PartyCode;

/// What an account is there for. An account may have several roles of one side: the hub's, or a party's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Accounts, roles, parties; sees no bond.
    Administrator,
    /// Keeps the hub going.
    Operator,
    /// Reads everything, changes nothing (R4, R70).
    Auditor,
    /// A party's clerk.
    Clerk,
    /// Signs keys for an issuer.
    Signer,
    /// A named person of an owner who may be granted a look before the opening (R21).
    PrivilegedViewer,
}

/// Why an account cannot have these roles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// No role at all.
    #[error("an account needs a role")]
    None,
    /// A role of a party without a party.
    #[error("{0} is a role of a party; name the party")]
    NeedsParty(Role),
    /// A role of the hub for an account of a party.
    #[error("{0} is a role of the hub; an account of a party cannot have it")]
    ForbidsParty(Role),
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Administrator,
        Self::Operator,
        Self::Auditor,
        Self::Clerk,
        Self::Signer,
        Self::PrivilegedViewer,
    ];

    /// The role as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Clerk => "clerk",
            Self::Signer => "signer",
            Self::PrivilegedViewer => "privileged_viewer",
        }
    }

    /// Reads what [`Role::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == text)
    }

    /// Whether it is a role of a party, as against one of those who run the hub.
    pub fn is_of_a_party(self) -> bool {
        match self {
            Self::Administrator | Self::Operator | Self::Auditor => false,
            Self::Clerk | Self::Signer | Self::PrivilegedViewer => true,
        }
    }

    /// What the role may do: the whole table.
    pub fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Administrator => &[
                P::ManageAccounts,
                P::ManageParties,
                P::ManageGrants,
                P::ReadParties,
                P::ManageSelf,
            ],
            Self::Operator => &[
                P::ReadParties,
                P::ReadOperations,
                P::Operate,
                P::SendEvents,
                P::ReadBonds,
                P::ReadBalances,
                P::ManageSelf,
            ],
            Self::Auditor => &[
                P::ReadParties,
                P::ReadOperations,
                P::ReadAudit,
                P::ReadHistory,
                P::ReadBonds,
                P::ReadBalances,
                P::ManageSelf,
            ],
            Self::Clerk => &[P::ReadBonds, P::ReadBalances, P::ActForParty, P::ManageSelf],
            Self::Signer => &[P::ReadBonds, P::SignForParty, P::ManageSelf],
            Self::PrivilegedViewer => &[P::ReadBonds, P::LookEarly, P::ManageSelf],
        }
    }
}

/// Whether an account of this party (or of none) can have these roles.
pub fn check_roles(roles: &BTreeSet<Role>, party: Option<&PartyCode>) -> Result<(), RoleError> {
    if roles.is_empty() {
        return Err(RoleError::None);
    }
    for role in roles.iter().copied() {
        match (role.is_of_a_party(), party) {
            (true, None) => return Err(RoleError::NeedsParty(role)),
            (false, Some(_)) => return Err(RoleError::ForbidsParty(role)),
            (true, Some(_)) | (false, None) => {}
        }
    }
    Ok(())
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
